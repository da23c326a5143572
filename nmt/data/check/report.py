"""What a check found, to read and as JSON."""

import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nmt.data.check.drift import Stretch
from nmt.data.check.kinds import BIT, Kind

SHOWN = 90
"""Characters of a line that an example shows."""
_DOES = {"refused": "cannot", "removed": "removes", "repaired": "repairs", "reported": "leaves"}


@dataclass(frozen=True)
class Example:
    """One pair that shows a finding."""

    line: int
    """From 1."""
    sides: tuple[bool, bool]
    """Which of the two have it."""
    source: str
    target: str


@dataclass(frozen=True)
class Finding:
    """One kind, where there is any of it."""

    kind: Kind
    pairs: int
    sides: tuple[int, int]
    """Lines of each side that have it."""
    examples: tuple[Example, ...] = ()
    """The worst, or the first."""
    note: str = ""
    """More of it in words."""


@dataclass(frozen=True)
class Report:
    """Everything that a check says."""

    names: tuple[str, str]
    lines: tuple[int, int]
    """Of each side."""
    findings: tuple[Finding, ...]
    flags: NDArray[np.uint32]
    """(2, pairs) bits of `kinds.BIT`."""
    stretches: tuple[Stretch, ...] = ()
    """One where the text does not run out of step."""

    @property
    def pairs(self) -> int:
        """Lines that have a partner."""
        return self.flags.shape[1]

    @property
    def refused(self) -> list[str]:
        """What `nmt train` would refuse the text for, in words."""
        return [f"{f.kind.title}: {f.note}" for f in self.findings if f.kind.fate == "refused"]

    def rows(self) -> list[list[str]]:
        """The table, `HEAD` its head."""
        return [self._row(finding) for finding in self.findings]

    def shown(self) -> str:
        """Every finding with what to do and its examples."""
        return "\n\n".join("\n".join(_lines_of(finding)) for finding in self.findings)

    def as_json(self) -> dict[str, Any]:
        """All of it, whole texts in the examples."""
        findings = [
            {
                "kind": finding.kind.name,
                "title": finding.kind.title,
                "pairs": finding.pairs,
                "share": finding.pairs / max(self.pairs, 1),
                "source_lines": finding.sides[0],
                "target_lines": finding.sides[1],
                "fate": finding.kind.fate,
                "advice": finding.kind.advice,
                "note": finding.note,
                "examples": [vars(example) for example in finding.examples],
            }
            for finding in self.findings
        ]
        sides = dict(zip(("source", "target"), zip(self.names, self.lines, strict=True), strict=True))
        named = {side: {"name": name, "lines": lines} for side, (name, lines) in sides.items()}
        return {**named, "pairs": self.pairs, "refused": bool(self.refused), "findings": findings}

    def _row(self, finding: Finding) -> list[str]:
        share = 100 * finding.pairs / max(self.pairs, 1)
        sides = [f"{n:,}" if finding.kind.sided else "" for n in finding.sides]
        counted = f"{share:.2f} %" if share >= 0.005 or not finding.pairs else "< 0.01 %"
        return [finding.kind.title, f"{finding.pairs:,}", counted, *sides, _DOES[finding.kind.fate]]


HEAD = ["finding", "pairs", "share", "source", "target", "--fix"]


def legible(line: str, limit: int = SHOWN) -> str:
    """A line to look at: what cannot be seen by its number; `limit` characters around the first such at most."""
    pieces = [char if _is_visible(char) else f"<U+{ord(char):04X}>" for char in line]
    odd = next((i for i, piece in enumerate(pieces) if len(piece) > 1 or piece == "\ufffd"), 0)
    first = max(0, min(odd - limit // 2, len(pieces) - limit))
    text = "".join(pieces[first : first + limit])
    return ("…" if first else "") + text + ("…" if first + limit < len(pieces) else "")


def _is_visible(char: str) -> bool:
    return char == " " or unicodedata.category(char) not in ("Cc", "Cf", "Zl", "Zp", "Zs", "Cn", "Co")


def _lines_of(finding: Finding) -> Iterator[str]:
    yield f"{finding.kind.title} ({finding.kind.name}): {finding.note or finding.kind.advice}"
    for example in finding.examples:
        for name, text, has in zip(("source", "target"), (example.source, example.target), example.sides, strict=True):
            place = f"line {example.line:,}" if name == "source" else ""
            mark = "*" if finding.kind.sided and has else " "
            yield f"  {place:<14}{name} {mark} {legible(text)}".rstrip()


def count(flags: NDArray[np.uint32], kind: Kind) -> tuple[int, tuple[int, int]]:
    """Pairs, and lines of each side, that a kind was found in."""
    having = (flags & np.uint32(BIT[kind.name])) != 0
    return int(having.any(0).sum()), (int(having[0].sum()), int(having[1].sum()))
