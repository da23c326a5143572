"""Files that are either the old ones or all of the new ones, whenever the machine stops."""

import json
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nmt.errors import RunError


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


def json_object(text: bytes, path: Path) -> dict[str, Any]:
    """The JSON object that a file, or a line of it, holds; raises RunError for anything else."""
    try:
        found = json.loads(text)
        if not isinstance(found, dict):
            raise ValueError(f"{str(found)[:40]!r} is no object")
    except (ValueError, RecursionError) as error:
        raise RunError(f"{path} is cut off or changed ({error}); copy the run folder anew") from None
    return found
