"""An entry of the cache is made once, is whole or not there, and outlives whoever is killed over it."""

import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
from typer.testing import CliRunner

from nmt.cli import app
from nmt.data import cache as caches
from nmt.data.cache import Cache, facts
from nmt.errors import RunError, UsageError

MAKER = """
import sys
from pathlib import Path
from nmt.data.cache import Cache

def make(folder):
    (folder / "content").write_text("half")
    print("begun", flush=True)
    sys.stdin.readline()
    (folder / "content").write_text("whole")
    return {"text": "mine"}

entry = Cache(Path(sys.argv[1]), lambda message: print(message, flush=True)).entry("things", [1, "x"], make)
print((entry / "content").read_text(), flush=True)
"""


def maker(folder: Path) -> "subprocess.Popen[str]":
    """A process that wants the entry, and needs a line on standard input to finish it."""
    pipes: Any = {"stdin": subprocess.PIPE, "stdout": subprocess.PIPE, "text": True}
    return subprocess.Popen([sys.executable, "-c", MAKER, str(folder)], cwd=Path(__file__).parents[1], **pipes)


def said(process: "subprocess.Popen[str]") -> str:
    assert process.stdout is not None
    return process.stdout.readline().strip()


def quick(folder: Path) -> dict[str, Any]:
    (folder / "content").write_text("whole")
    return {"text": "mine"}


def test_of_two_processes_that_want_an_entry_at_once_one_makes_it_and_the_other_waits(tmp_path: Path) -> None:
    with maker(tmp_path) as first:
        assert said(first) == "begun"
        with maker(tmp_path) as second:
            assert "another process is making things-" in said(second)
            assert not [entry for entry in Cache(tmp_path).entries() if entry.facts]
            first.communicate("go on\n")
            assert second.communicate()[0] == "whole\n"  # and not "begun"
    assert [entry.facts["text"] for entry in Cache(tmp_path).entries()] == ["mine"]


def test_a_maker_that_was_killed_leaves_nothing_that_is_used_or_that_blocks(tmp_path: Path) -> None:
    with maker(tmp_path) as process:
        assert said(process) == "begun"
        (left,) = tmp_path.glob("*.part")
        assert (left / "content").read_text() == "half"
        process.send_signal(signal.SIGKILL)
    entry = Cache(tmp_path).entry("things", [1, "x"], quick)
    assert (entry / "content").read_text() == "whole"
    assert not left.exists()


def test_what_another_process_has_put_there_meanwhile_stays(tmp_path: Path) -> None:
    def slow(folder: Path) -> dict[str, Any]:  # as on a file system without locks
        if not (tmp_path / "done").exists():
            (tmp_path / "done").touch()
            other.rename(tmp_path / folder.name.split(".")[0])
        return quick(folder) | {"text": "late"}

    other = Cache(tmp_path / "elsewhere").entry("things", 1, quick)
    assert facts(Cache(tmp_path).entry("things", 1, slow))["text"] == "mine"


@pytest.mark.parametrize("damage", ["cut", "changed", "lost", "facts", "foreign"])
def test_a_damaged_entry_is_made_again(tmp_path: Path, damage: str) -> None:
    entry = Cache(tmp_path).entry("things", 1, quick)
    content = entry / "content"
    {
        "cut": lambda: content.write_text("who"),
        "changed": lambda: content.write_text("whale"),  # as long as it was
        "lost": content.unlink,
        "facts": (entry / "facts.json").unlink,
        "foreign": lambda: (entry / "facts.json").write_text('{"bytes": {"content": 5}, "sha256": 7}'),
    }[damage]()
    assert bool(facts(entry)) == (damage in ("changed", "foreign"))  # a list looks at sizes alone
    assert (Cache(tmp_path).entry("things", 1, quick) / "content").read_text() == "whole"
    assert facts(entry)["text"] == "mine"


def test_a_maker_that_fails_leaves_nothing(tmp_path: Path) -> None:
    def fails(folder: Path) -> dict[str, Any]:
        (folder / "content").write_text("half")
        raise ValueError("no")

    with pytest.raises(ValueError, match="no"):
        Cache(tmp_path).entry("things", 1, fails)
    assert Cache(tmp_path).entries() == []


def test_a_cache_that_cannot_be_written_is_one_line_with_the_remedy(tmp_path: Path) -> None:
    (tmp_path / "file").touch()
    with pytest.raises(
        RunError, match=r"file/x cannot be written: Not a directory; .*cache_folder or NMT_CACHE, or do"
    ):
        Cache(tmp_path / "file" / "x").entry("things", 1, quick)


def test_the_folder_is_the_recipes_or_else_the_variables_or_else_the_systems(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "platform", "linux")
    monkeypatch.setenv("XDG_CACHE_HOME", "/x")
    monkeypatch.delenv("NMT_CACHE", raising=False)
    assert caches.folder() == Path("/x/nmt")
    monkeypatch.delenv("XDG_CACHE_HOME")
    assert caches.folder() == Path.home() / ".cache" / "nmt"
    monkeypatch.setenv("NMT_CACHE", "/y")
    assert (caches.folder(), caches.folder("/z")) == (Path("/y"), Path("/z"))


def test_the_command_lists_what_is_there_and_clears_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NMT_CACHE", str(tmp_path))
    Cache(tmp_path).entry("things", 1, quick)
    (tmp_path / f"things-{'0' * 40}.host.1.part").mkdir()
    listed = CliRunner().invoke(app, ["data", "cache"]).output
    assert "mine" in listed
    assert "unfinished" in listed
    assert str(tmp_path) in listed
    assert "removed" in CliRunner().invoke(app, ["data", "cache", "--clear"]).output
    assert list(tmp_path.iterdir()) == []
    mistyped = CliRunner().invoke(app, ["data", "cache", "--clear", "--folder", str(tmp_path / "none")])
    assert "none is no folder; name a cache's, or leave --folder out" in str(mistyped.exception)
    assert "empty" in CliRunner().invoke(app, ["data", "cache"]).output


def test_nothing_that_is_not_an_entry_is_listed_or_cleared(tmp_path: Path) -> None:
    (tmp_path / "thesis").mkdir()
    (tmp_path / "thesis" / "chapter").write_text("years of work")
    (tmp_path / "uv.lock").touch()
    (tmp_path / "things-1.part").mkdir()
    Cache(tmp_path).entry("things", 1, quick)
    assert len(Cache(tmp_path).entries()) == 1
    assert Cache(tmp_path).clear() > 0
    assert sorted(path.name for path in tmp_path.iterdir()) == ["thesis", "things-1.part", "uv.lock"]
    assert (tmp_path / "thesis" / "chapter").exists()


def test_clearing_leaves_what_a_process_is_making(tmp_path: Path) -> None:
    Cache(tmp_path).entry("things", 1, quick)
    with maker(tmp_path) as process:
        assert said(process) == "begun"
        cleared = CliRunner().invoke(app, ["data", "cache", "--clear", "--folder", str(tmp_path)]).output
        assert "; 1 that a process is making stay" in cleared
        assert [entry.path.suffix for entry in Cache(tmp_path).entries()] == [".part"]
        assert process.communicate("go on\n")[0] == "whole\n"


def test_somebody_without_a_home_is_told_to_name_a_folder(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("NMT_CACHE", "~nobody-of-that-name/x")
    with pytest.raises(UsageError, match=r"there is no place for a cache \(.*\); name a folder by NMT_CACHE"):
        caches.folder()
