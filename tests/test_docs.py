"""Pages of docs/: their links lead somewhere, their commands are commands, their pictures come from these."""

import importlib.util
import re
import shlex
from pathlib import Path
from types import ModuleType

import click
import pytest
import typer

from nmt.cli import app

DOCS = Path(__file__).parent.parent / "docs"
PAGES = sorted(DOCS.glob("*.md"))
ANYWHERE = re.compile(r"\]\((?!https?:)(?P<path>[^)\s#]*)(?:#(?P<anchor>[^)\s]*))?[^)]*\)")


def _tool() -> ModuleType:
    spec = importlib.util.spec_from_file_location("pages", DOCS / "pages.py")
    assert spec is not None
    assert spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


pages = _tool()


def _nmt_commands(page: Path) -> list[list[str]]:
    lines = [line for block in pages.commands(page) for line in block.splitlines() if line.strip()]
    return [shlex.split(line.split("|")[-1], comments=True) for line in lines]


def _slug(heading: str) -> str:
    return re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-")


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_into_the_code_have_the_lines_of_what_they_name(page: Path) -> None:
    assert page.read_text("utf-8") == pages.with_lines(page), "python docs/pages.py lines writes them anew"


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_links_lead_to_files_and_headings_that_are_there(page: Path) -> None:
    for found in ANYWHERE.finditer(page.read_text("utf-8")):
        target = page.parent / found["path"] if found["path"] else page
        assert target.exists(), found[0]
        if found["anchor"] and target.suffix == ".md":
            headings = re.findall(r"^#+ (.*)$", target.read_text("utf-8"), re.MULTILINE)
            assert found["anchor"] in map(_slug, headings), found[0]


def test_a_page_is_there_whose_commands_are_run() -> None:
    assert any(map(_nmt_commands, PAGES))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_commands_have_flags_that_exist_and_recipes_that_are_there(page: Path) -> None:
    commands = _nmt_commands(page)
    for name, *words in commands:
        assert name == "nmt"
        command: click.Command = typer.main.get_command(app)
        while isinstance(command, click.Group):
            assert words[0] in command.commands, words
            command, words = command.commands[words[0]], words[1:]
        command.make_context("nmt", list(words))  # raises what it does not know
        assert all((DOCS.parent / word).exists() for word in words if word.endswith(".toml")), words


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_a_picture_is_there_and_lies_where_a_command_of_its_page_puts_it(page: Path) -> None:
    outputs = [words[words.index("-o") + 1] for words in _nmt_commands(page) if "-o" in words]
    for shown, made in pages.pictures(page).items():
        assert shown.exists(), shown
        relative = made.relative_to(DOCS.parent)
        assert any(relative == Path(output) or Path(output) in relative.parents for output in outputs), made


@pytest.mark.parametrize("page", PAGES, ids=lambda page: page.name)
def test_runs_that_a_command_reads_are_made_by_a_command_above_it(page: Path) -> None:
    made: list[Path] = []
    for words in _nmt_commands(page):
        read = [Path(words[i + 1]) for i, word in enumerate(words) if word == "-m"]
        assert all(any(run.is_relative_to(folder) for folder in made) for run in read), words
        made += [Path(words[words.index("-o") + 1])] if words[1] == "reproduce" else []
