"""Where the results of a command go."""

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import IO

from nmt.errors import UsageError


@contextmanager
def results(where: str, *inputs: str | Path | None) -> Iterator[Callable[[str], None]]:
    """A function that writes a line to a file, or to standard output for "-".

    The file is opened with the first line, so that a command that fails before it leaves an old file alone. Raises
    UsageError where it is one of the inputs, or cannot be written.
    """
    path = Path(where)
    if where != "-":
        check_place(path)
    for name in inputs:
        if where != "-" and name is not None and path.exists() and Path(name).exists() and path.samefile(name):
            raise UsageError(f"{where} is read and would be written; name another file with -o")
    file: IO[bytes] | None = sys.stdout.buffer if where == "-" else None

    def write(line: str) -> None:
        nonlocal file
        file = file or _open(path)
        file.write(line.encode() + b"\n")
        file.flush()  # somebody may be waiting at the other end of a pipe

    try:
        yield write
        if where != "-":
            file = file or _open(path)  # nothing in, an empty file out
    finally:
        if file is not None and where != "-":
            file.close()


def check_place(path: Path) -> None:
    """Raises UsageError for a file that cannot be written where it is named."""
    if path.is_dir() or not path.parent.is_dir():
        raise UsageError(f"{path} cannot be written: its folder is missing, or it is one; name another file with -o")


def _open(path: Path) -> IO[bytes]:
    try:
        return path.open("wb")
    except OSError as error:
        raise UsageError(f"{path} cannot be written: {error.strerror}; name another file with -o") from None
