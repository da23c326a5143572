"""Files that are either the old ones or all of the new ones, whenever the machine stops."""

import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path


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


def link(existing: Path, name: Path) -> None:
    """Gives a file a second name; where the file system has no hard links, a copy."""
    with replacing(name) as beside:
        try:
            os.link(existing, beside)
        except OSError:
            shutil.copyfile(existing, beside)
