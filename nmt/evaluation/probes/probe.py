"""What every probe gives: numbers, tables of them, and one figure."""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

import nmt
from nmt.errors import UsageError
from nmt.evaluation.figure import Figure
from nmt.evaluation.table import Table
from nmt.files import write_whole
from nmt.json_text import dumps


@dataclass(frozen=True)
class Probe:
    """One measurement of several systems; the tables' title is the section of its figure."""

    name: str
    numbers: dict[str, Any]
    """What NAME.json holds, beside the probe's name and the version; each module says its shape."""
    tables: list[Table]
    figure: Figure

    def as_dict(self) -> dict[str, Any]:
        """The whole of NAME.json."""
        return {"probe": self.name, "nmt": nmt.__version__, **self.numbers}

    def text(self) -> str:
        """The tables, for a terminal."""
        return "\n\n".join(table.text() for table in self.tables)

    def write(self, folder: Path) -> list[Path]:
        """NAME.json, NAME.svg and NAME.png in a folder, made if need be; raises UsageError where it cannot be."""
        path = folder / f"{self.name}.json"
        try:
            folder.mkdir(parents=True, exist_ok=True)
            write_whole(path, (dumps(self.as_dict(), indent=2, ensure_ascii=False) + "\n").encode())
            return [path, *self.figure.save(folder)]
        except OSError as error:
            raise UsageError(f"{folder} cannot be written: {error.strerror}; name another folder with -o") from None
