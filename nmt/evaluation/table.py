"""A table, as text and as Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass

MISSING = "–"
"""In a cell without a number."""


@dataclass(frozen=True)
class Table:
    """Cells, ready to read."""

    title: str
    head: list[str]
    rows: list[list[str]]
    note: str = ""
    """What one must know to read it."""
    words: int = 1
    """Columns from the left that hold words; numbers stand at the right of theirs."""

    def text(self) -> str:
        """Columns of one width, for a terminal."""
        widths = [max(len(row[i]) for row in [self.head, *self.rows]) for i in range(len(self.head))]
        lines = [self._line(row, widths) for row in [self.head, *self.rows]]
        return "\n".join([self.title, "", *lines, *(["", self.note] if self.note else [])])

    def markdown(self) -> str:
        """A Markdown table and its note."""
        rule = ["---" if i < self.words else "---:" for i in range(len(self.head))]
        rows = [
            "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in [self.head, rule, *self.rows]
        ]
        return "\n".join([*rows, *(["", self.note] if self.note else [])])

    def _line(self, row: Sequence[str], widths: Sequence[int]) -> str:
        cells = [
            cell.ljust(width) if i < self.words else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        return "  ".join(cells).rstrip()
