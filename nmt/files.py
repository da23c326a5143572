"""Files that are either the old ones or all of the new ones, whenever the machine stops."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from nmt.errors import UsageError


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to; it is renamed to `path` at the end, and not after an error."""
    beside = path.with_name(path.name + ".part")
    beside.unlink(missing_ok=True)
    yield beside
    beside.replace(path)


def write_whole(path: Path, content: bytes) -> None:
    """Replaces the file, if there is one, in one step."""
    with replacing(path) as beside:
        beside.write_bytes(content)


def check_folder(folder: Path) -> None:
    """Raises UsageError where nothing could be written into a folder of that name, made if need be.

    To be asked before the work whose results go there.
    """
    there = next(
        each for each in (folder, *folder.absolute().parents) if os.path.exists(each)
    )  # False too where nobody may look
    if not there.is_dir():
        raise UsageError(f"{there} is a file; name a folder with -o")
    if not os.access(there, os.W_OK | os.X_OK):
        raise UsageError(f"{there} cannot be written; name another folder with -o")


def link(existing: Path, name: Path) -> None:
    """Gives a file a second name; where the file system has no hard links, a copy."""
    with replacing(name) as beside:
        try:
            os.link(existing, beside)
        except OSError:
            shutil.copyfile(existing, beside)
