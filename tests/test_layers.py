"""The arrows of CONTRIBUTING.md, and what no layer does: read out of the source with `ast`."""

import ast
import subprocess
import sys
from collections.abc import Iterator
from functools import cache
from pathlib import Path

import pytest

from nmt import run_folder as runs

ROOT = Path(__file__).parents[1]
PACKAGE = ROOT / "nmt"
MODULES = sorted(PACKAGE.rglob("*.py"))
FREE = {"errors", "tokens", "recipe", "files", "json_text", "world"}
ARROWS: dict[str, set[str]] = {
    "errors": set(),
    "world": set(),
    "tokens": set(),
    "files": set(),
    "recipe": set(),
    "console": set(),
    "device": set(),
    "json_text": set(),
    "halving": set(),
    "locks": set(),
    "weights": set(),
    "states": {"weights"},
    "manifest": {"locks"},
    "metrics_file": set(),
    "run_folder": {"data.tokenizer", "weights", "states", "manifest", "metrics_file", "locks"},
    "data": {"locks"},
    "models": set(),
    "decoding": {"models.base"},
    "translation": set(),
    "file_translation": {"translator", "translation", "data.lines"},
    "translator": {"translation", "halving", "decoding", "data", "models.base"},
    "runs": {"run_folder", "translator", "models", "data.tokenizer", "weights", "device"},
    "evaluation": {"runs", "translator", "models", "data", "console"},
    "training": {
        *("evaluation.metrics", "runs", "run_folder", "translator", "halving", "models", "data", "weights", "device"),
        "console",
    },
    "planning": {"training", "evaluation.anatomy", "evaluation.table", "models", "data.tokenizer"},
    "ladder": {"training", "evaluation", "runs", "console"},
    "cli": {"ladder", "planning", "training", "evaluation", "runs", "file_translation", "data", "console"},
    "": {"runs", "translator", "cli"},
}
"""Which others a unit may import, by the beginning of a module's name; what is in FREE is free for all."""
HEAVY = {"torch", "datasets", "pydantic", "tokenizers", "sacrebleu"}
FILE_NAMES = {runs.RECIPE, runs.MANIFEST, runs.TOKENIZER, runs.METRICS, runs.BEST, runs.LAST, runs.AVERAGED}
FILE_NAMES |= {runs.CHECKPOINTS, *runs.OLDER}
ARCHITECTURES = {"rnn", "attention", "transformer", "decoder", "recurrent", "lexical", "ensemble"}


def shown(path: Path) -> str:
    return str(path.relative_to(ROOT))


def dotted(path: Path) -> str:
    """The module's name without the package's: "models.base", "" for the package itself."""
    parts = path.relative_to(PACKAGE).with_suffix("").parts
    return ".".join(part for part in parts if part not in ("__init__", "__main__"))


KNOWN = {dotted(path) for path in MODULES}


@cache
def tree(path: Path) -> ast.Module:
    return ast.parse(path.read_text("utf-8"))


def for_types_alone(node: ast.AST) -> bool:
    return isinstance(node, ast.If) and "TYPE_CHECKING" in ast.dump(node.test)


def walk(node: ast.AST, *, inside_functions: bool = True) -> Iterator[ast.AST]:
    """The nodes that run, depth first; without those in bodies of functions, the nodes that run at import."""
    for child in ast.iter_child_nodes(node):
        function = isinstance(child, ast.FunctionDef | ast.AsyncFunctionDef | ast.Lambda)
        if not for_types_alone(child) and (inside_functions or not function):
            yield child
            yield from walk(child, inside_functions=inside_functions)


def imported(path: Path, *, inside_functions: bool = True) -> set[str]:
    """The whole names of what a module imports, of the modules rather than of the things taken from them."""
    names: set[str] = set()
    for node in walk(tree(path), inside_functions=inside_functions):
        if isinstance(node, ast.Import):
            names |= {alias.name for alias in node.names}
        elif isinstance(node, ast.ImportFrom):
            assert node.level == 0, f"{shown(path)}:{node.lineno} is a relative import"
            inner = {f"{node.module}.{alias.name}" for alias in node.names}
            modules = {name for name in inner if name.removeprefix("nmt.") in KNOWN}
            names |= modules | ({node.module or ""} if len(modules) < len(inner) else set())
    return names


def ours(path: Path) -> set[str]:
    return {name.partition(".")[2] for name in imported(path) if name.partition(".")[0] == "nmt"}


def texts(path: Path) -> Iterator[tuple[int, str]]:
    """Line and value of a module's string literals that are no docstrings and no strings under a field."""
    bare = {id(node.value) for node in ast.walk(tree(path)) if isinstance(node, ast.Expr)}
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Constant) and isinstance(node.value, str) and id(node) not in bare:
            yield node.lineno, node.value


def modules_of(*units: str) -> list[Path]:
    return [path for path in MODULES if dotted(path).partition(".")[0] in units]


def after(code: str) -> set[str]:
    """The top-level modules that are loaded once `code` has run in a new process."""
    code += "; import sys; print(*{name.partition('.')[0] for name in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True, cwd=ROOT)
    return set(done.stdout.split())


def test_every_module_belongs_to_a_unit_with_arrows() -> None:
    assert {name.partition(".")[0] for name in KNOWN} == set(ARROWS)


@pytest.mark.parametrize("path", MODULES, ids=shown)
def test_a_module_imports_only_what_the_arrows_allow(path: Path) -> None:
    unit = dotted(path).partition(".")[0]
    allowed = ARROWS[unit] | {unit} | FREE
    wrong = [
        name
        for name in ours(path)
        if name and not any(name == place or name.startswith(f"{place}.") for place in allowed if place)
    ]
    assert wrong == []


def test_the_arrows_are_read_out_of_the_source() -> None:
    assert {"decoding.search", "data.batches", "models.base", "recipe"} <= ours(PACKAGE / "translator.py")
    assert "runs" in ours(PACKAGE / "cli" / "average.py")
    assert "torch" in imported(PACKAGE / "models" / "cells.py", inside_functions=False)
    assert "datasets" in imported(PACKAGE / "data" / "corpus.py")
    assert "datasets" not in imported(PACKAGE / "data" / "corpus.py", inside_functions=False)


def test_the_arrows_have_no_circle() -> None:
    reached: set[str] = set()
    while True:
        ready = {
            unit for unit, below in ARROWS.items() if {place.partition(".")[0] for place in below} <= reached | FREE
        }
        if ready == reached:
            break
        reached = ready
    assert reached == set(ARROWS)


@pytest.mark.parametrize("path", modules_of("cli", "errors", "tokens", "console", ""), ids=shown)
def test_nothing_heavy_is_imported_by_modules_that_must_start_at_once(path: Path) -> None:
    assert not {name.partition(".")[0] for name in imported(path, inside_functions=False)} & HEAVY


def test_the_command_line_loads_nothing_heavy_before_it_knows_the_command() -> None:
    assert not after("import nmt.cli") & HEAVY


def test_a_recipe_is_read_without_torch() -> None:
    loaded = after("import nmt.recipe; nmt.recipe.load()")
    assert "pydantic" in loaded
    assert not loaded & {"torch", "datasets", "tokenizers", "sacrebleu", "typer"}


@pytest.mark.parametrize("path", [p for p in MODULES if p not in modules_of("cli", "console")], ids=shown)
def test_nothing_is_printed_outside_cli_and_console(path: Path) -> None:
    wrong = [
        f"line {node.lineno}"
        for node in ast.walk(tree(path))
        if (isinstance(node, ast.Name) and node.id in ("print", "stdout", "stderr"))
        or (isinstance(node, ast.Attribute) and node.attr in ("stdout", "stderr", "__stdout__", "__stderr__"))
    ]
    assert wrong == []
    assert not imported(path) & {"typer", "rich", "logging", "warnings"}


@pytest.mark.parametrize("path", [p for p in MODULES if p != PACKAGE / "run_folder.py"], ids=shown)
def test_the_files_of_a_run_are_named_in_run_folder_alone(path: Path) -> None:
    # A name within a sentence, as in the help of a flag, opens no file.
    wrong = [
        f"line {line}: {text}"
        for line, text in texts(path)
        if " " not in text and any(name in text for name in FILE_NAMES)
    ]
    assert wrong == []


@pytest.mark.parametrize("path", modules_of("decoding"), ids=shown)
def test_decoding_asks_no_model_what_it_is(path: Path) -> None:
    names = {node.id for node in ast.walk(tree(path)) if isinstance(node, ast.Name)}
    assert not names & {"isinstance", "issubclass", "type", "hasattr", "getattr"}
    assert not {text for _, text in texts(path)} & ARCHITECTURES


@pytest.mark.parametrize("path", modules_of("models", "decoding"), ids=shown)
def test_models_and_decoding_know_no_file_no_text_and_no_flag(path: Path) -> None:
    outside = {"pathlib", "os", "io", "sys", "json", "tokenizers", "typer", "safetensors", "sacrebleu"}
    assert not {name.partition(".")[0] for name in imported(path)} & outside
    assert not {node.id for node in ast.walk(tree(path)) if isinstance(node, ast.Name)} & {"open", "input"}


SIZED = [*MODULES, *sorted((ROOT / "tests").rglob("*.py"))]


@pytest.mark.parametrize("path", SIZED, ids=shown)
def test_a_module_has_at_most_300_lines(path: Path) -> None:
    assert len(path.read_text("utf-8").splitlines()) <= 300


@pytest.mark.parametrize("path", SIZED, ids=shown)
def test_functions_have_fewer_than_50_lines_and_at_most_8_parameters(path: Path) -> None:
    command = path in modules_of("cli")
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            every = [*node.args.posonlyargs, *node.args.args, *node.args.kwonlyargs, node.args.vararg, node.args.kwarg]
            count = len([arg for arg in every if arg is not None and arg.arg not in ("self", "cls")])
            first = node.body[0].lineno if command else node.lineno  # a command's parameters are its flags
            lines = (node.end_lineno or 0) - first + 1
            assert command or count <= 8, f"{node.name} has {count} parameters"
            assert lines < 50, f"{node.name} has {lines} lines"
