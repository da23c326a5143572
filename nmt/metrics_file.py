"""The numbers of a training: a file to which a line of JSON is added for each report and each validation."""

import math
import os
from collections.abc import Callable, Mapping
from contextlib import suppress
from pathlib import Path
from typing import Any

from nmt.errors import RunError
from nmt.files import saving, sync, write_whole
from nmt.json_text import dumps, is_number, object_of

NUMBERS = {
    "train": ("seconds", "loss", "tokens_per_second"),
    "dev": ("seconds", "loss", "bleu", "chrf"),
}
"""What a line of each kind says of its step; null stands for what was no finite number."""


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
            found = [_line_of(line) for line in self._lines()]
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


def _line_of(text: bytes) -> dict[str, Any]:
    """One line, with null for what it lacks; raises ValueError for one that no training wrote."""
    line: dict[str, Any] = {"kind": "", **object_of(text)}
    if type(line.get("step")) is not int or not isinstance(line["kind"], str):
        raise ValueError(f"{text[:40]!r} is no line of a training's")
    line = {**dict.fromkeys(NUMBERS.get(line["kind"], ())), **line}
    if odd := [key for key in NUMBERS.get(line["kind"], ()) if line[key] is not None and not is_number(line[key])]:
        raise ValueError(f"{odd[0]} of update {line['step']} is no number")
    return line
