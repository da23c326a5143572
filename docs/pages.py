"""Keeps the pages of this folder true.

    python docs/pages.py lines         writes the line numbers of links into the code anew
    python docs/pages.py run PAGE      runs a page's commands, says what each took, and takes the figures
    python docs/pages.py figures PAGE  takes the figures alone: from where the commands put them, into docs/figures

A link such as [GRU](../nmt/models/cells.py "GRU.step") names in its title what it points to; the title of a picture is
the file that a command of the page makes. Commands are the blocks of code marked as sh; they run in the folder above.
"""

import ast
import re
import shutil
import subprocess
import sys
import time
from pathlib import Path

HERE = Path(__file__).parent
LINK = re.compile(r'\]\((?P<path>[^)\s#]+\.py)(#L\d+-L\d+)? "(?P<name>[\w.]+)"\)')
PICTURE = re.compile(r'!\[[^\]]*\]\((?P<shown>figures/[^)\s]+) "(?P<made>[^"]+)"\)')
BLOCK = re.compile(r"^```sh\n(.*?)^```$", re.MULTILINE | re.DOTALL)


def main(arguments: list[str]) -> None:
    """One of the three; a name that is nowhere, or a command that fails, ends it with what is wrong."""
    match arguments:
        case ["lines"]:
            for page in sorted(HERE.glob("*.md")):
                page.write_text(with_lines(page), encoding="utf-8")
        case ["run", page]:
            run(Path(page))
            take_figures(Path(page))
        case ["figures", page]:
            take_figures(Path(page))
        case _:
            sys.exit(__doc__)


def with_lines(page: Path) -> str:
    """The page with the line numbers that its links' names have now."""

    def link(found: re.Match[str]) -> str:
        first, last = lines(page.parent / found["path"], found["name"])
        return f']({found["path"]}#L{first}-L{last} "{found["name"]}")'

    return LINK.sub(link, page.read_text("utf-8"))


def lines(path: Path, name: str) -> tuple[int, int]:
    """First and last line of a function or class; "Class.method" is one inside."""
    body: list[ast.stmt] = ast.parse(path.read_text("utf-8")).body
    for part in name.split("."):
        named = [node for node in body if isinstance(node, ast.FunctionDef | ast.ClassDef) and node.name == part]
        if not named:
            sys.exit(f"{path} has no {name}; mend the link's title")
        node = named[0]
        body = node.body
    return node.lineno, node.end_lineno or node.lineno


def commands(page: Path) -> list[str]:
    """A page's blocks of commands, broken lines made whole."""
    return [block.replace("\\\n", " ") for block in BLOCK.findall(page.read_text("utf-8"))]


def pictures(page: Path) -> dict[Path, Path]:
    """Where a page shows each picture from, and the file of it that a command makes."""
    return {
        page.parent / found["shown"]: HERE.parent / found["made"] for found in PICTURE.finditer(page.read_text("utf-8"))
    }


def run(page: Path) -> None:
    """Runs a page's commands one after the other; minutes of each on stderr, and of all."""
    begun = time.monotonic()
    for block in commands(page):
        for command in filter(None, map(str.strip, block.splitlines())):
            start = time.monotonic()
            if subprocess.run(["sh", "-c", command], cwd=HERE.parent).returncode:
                sys.exit(f"{page}: this failed: {command}")
            print(f"{(time.monotonic() - start) / 60:6.1f} minutes: {command}", file=sys.stderr, flush=True)
    print(f"{(time.monotonic() - begun) / 60:6.1f} minutes for all of {page}", file=sys.stderr)


def take_figures(page: Path) -> None:
    """Copies what the commands made to where the page shows it."""
    for shown, made in pictures(page).items():
        if not made.exists():
            sys.exit(
                f"{page} shows {made}, which is not there; run its commands first: python docs/pages.py run {page}"
            )
        shown.parent.mkdir(exist_ok=True)
        shutil.copyfile(made, shown)


if __name__ == "__main__":
    main(sys.argv[1:])
