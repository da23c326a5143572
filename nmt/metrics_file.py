"""The numbers of a training: a file to which a line of JSON is added for each report and each validation."""

import math
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from nmt.errors import RunError
from nmt.files import saving, sync, write_whole
from nmt.json_text import dumps, object_of


class MetricsFile:
    """Such a file."""

    def __init__(self, path: Path) -> None:
        self.path = path

    def add(self, numbers: Mapping[str, Any]) -> None:
        """One line; raises RunError where it cannot be written."""
        with saving(self.path):
            before = self._bytes()
            try:
                with self.path.open("ab") as file:
                    file.write((dumps(numbers) + "\n").encode())
            except OSError:
                with suppress(OSError):  # what of it found room is no line
                    os.truncate(self.path, before)
                raise

    def read(self) -> list[dict[str, Any]]:
        """All lines, null as NaN; raises RunError for one that is no JSON."""
        try:
            found = [object_of(line) for line in self._lines()]
        except ValueError as error:
            raise RunError(f"{self.path} is cut off or changed ({error}); copy the run folder anew") from None
        return [{key: math.nan if value is None else value for key, value in line.items()} for line in found]

    def size(self) -> int:
        """Its bytes, all of them on the disk."""
        self.path.touch()
        sync(self.path)
        return self.path.stat().st_size

    def cut(self, size: int, warn: Callable[[str], None]) -> None:
        """Forgets what was added after it had that size, and what is no line; warns of that, and where it has less."""
        now = self._bytes()
        with saving(self.path):
            if now > size:
                os.truncate(self.path, size)
            lines = self._lines()
            whole = [line for line in lines if _is_whole(line)]
            if len(whole) < len(lines):  # nobody could read what is added behind it
                write_whole(self.path, b"".join(whole))
        if now < size or len(whole) < len(lines):
            warn(f"{self.path} is cut off or changed: the learning curves lack what it lost, and the weights nothing")

    def delete(self) -> None:
        """All lines."""
        self.path.unlink(missing_ok=True)

    def _bytes(self) -> int:
        return self.path.stat().st_size if self.path.exists() else 0

    def _lines(self) -> list[bytes]:
        return self.path.read_bytes().splitlines(keepends=True) if self.path.exists() else []


def _is_whole(line: bytes) -> bool:
    try:
        return line.endswith(b"\n") and bool(object_of(line))
    except ValueError:
        return False
