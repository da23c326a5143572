"""`survey`: all readings of a text, one after the other, and what they found."""

from collections.abc import Iterable, Sequence
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from nmt.data.check import drift
from nmt.data.check.drift import Stretch
from nmt.data.check.judging import judged
from nmt.data.check.kinds import BIT, BY_NAME, KINDS, Kind
from nmt.data.check.reading import Lines, first_reading
from nmt.data.check.repeats import HeldOut
from nmt.data.check.report import Example, Finding, Report, count
from nmt.data.check.suspicion import Suspicion
from nmt.data.check.text import Chunk, Text
from nmt.errors import DataError

EXAMPLES = 3
"""Shown for each kind."""


def survey(text: Text, held_out: Iterable[Text] = (), examples: int = EXAMPLES) -> Report:
    """What is wrong with a text, beside held-out texts that should not be in it.

    Reads it five times and takes up to 190 bytes for a pair, of its text none. Raises DataError where a file cannot be
    read, or a held-out text is empty, not UTF-8 or not parallel.
    """
    suspicion = Suspicion()
    lines = first_reading(text, _held(held_out), suspicion)
    flags, worst = lines.flags, {}
    for judgement in judged(text, lines, suspicion):
        for side, badness in enumerate(judgement.sides):
            flags[side] |= np.where(badness > 0, np.uint32(BIT[judgement.kind]), np.uint32(0))
        worst[judgement.kind] = _worst(np.maximum(*judgement.sides), examples)
    stretches = drift.stretches(*lines.lengths)
    found = [*_refusals(text, lines, stretches), *_findings(text, flags, worst, examples)]
    order = {kind.name: place for place, kind in enumerate(KINDS)}
    found.sort(key=lambda finding: order[finding.kind.name])
    lengths = len(lines.lengths[0]), len(lines.lengths[1])
    return Report(text.names, lengths, tuple(found), flags, tuple(stretches))


def _held(texts: Iterable[Text]) -> HeldOut:
    held = HeldOut()
    for text in texts:
        lines = 0
        for chunk in text.chunks():
            _check_held(text, chunk)
            held.add(*chunk.sides)
            lines += len(chunk.sides[0])
        if not lines:
            raise DataError(f"{text.names[0]} is held out and has no line; a test set has at least one pair")
    return held


def _check_held(text: Text, chunk: Chunk) -> None:
    src, tgt = (chunk.first + len(side) for side in chunk.sides)
    if src != tgt:
        longer, shorter = text.names if src > tgt else text.names[::-1]
        raise DataError(
            f"{longer} is held out and has more lines than {shorter}; line {min(src, tgt) + 1:,} is the first without "
            "a partner: mend the files, line i of one must translate line i"
        )
    if chunk.broken:
        first = chunk.broken[0]
        raise DataError(
            f"{text.names[first.side]}:{first.row + 1} is held out and not UTF-8 (byte 0x{first.byte:02x} at column "
            f"{first.column}); {BY_NAME['undecodable'].advice}"
        )


def _worst(badness: NDArray, most: int) -> list[int]:
    """The rows of the greatest badness, of equals the first."""
    bad = np.flatnonzero(badness)
    return [int(row) for row in bad[np.argsort(-badness[bad].astype(float), kind="stable")[:most]]]


def _refusals(text: Text, lines: Lines, stretches: Sequence[Stretch]) -> list[Finding]:
    """What no training can work with and no flag of a pair says."""
    src, tgt = map(len, lines.lengths)
    found = []
    if src != tgt:
        note = (
            f"{text.names[0]} has {src:,} lines and {text.names[1]} has {tgt:,}; line {min(src, tgt) + 1:,} is the "
            f"first without a partner{_where(stretches)}"
        )
        found.append(Finding(BY_NAME["unparallel"], abs(src - tgt), (max(src - tgt, 0), max(tgt - src, 0)), (), note))
    if not lines.pairs:
        found.append(Finding(BY_NAME["no-text"], 0, (0, 0), (), f"{text.names[0]} and {text.names[1]} have none"))
    elif bool((lines.flags & BIT["empty"]).any(0).all()):
        found.append(Finding(BY_NAME["no-text"], 0, (0, 0), (), "every pair has an empty side"))
    if lines.broken:
        first = lines.broken[0]
        note = (
            f"first {text.names[first.side]}:{first.row + 1}, byte 0x{first.byte:02x} at column {first.column}; "
            f"{BY_NAME['undecodable'].advice}"
        )
        pairs, sides = count(lines.flags, BY_NAME["undecodable"])
        found.append(Finding(BY_NAME["undecodable"], pairs, sides, (), note))
    return found


def _where(stretches: Sequence[Stretch]) -> str:
    """Where texts seem to run out of step, in words."""
    changes = [after for before, after in pairwise(stretches) if before.shift == 0]
    if not changes:
        return ""
    return f"; by their lengths they run out of step at about line {changes[0].start + 1:,}{_ahead(changes[0])}"


def _ahead(stretch: Stretch) -> str:
    if stretch.shift is None:
        return ", from where lines do not belong together"
    side = "source" if stretch.shift < 0 else "target"
    lines = "a line" if abs(stretch.shift) == 1 else f"{abs(stretch.shift)} lines"
    return f", from where the {side} has {lines} more"


def _findings(text: Text, flags: NDArray[np.uint32], worst: dict[str, list[int]], most: int) -> list[Finding]:
    chosen: list[tuple[Kind, list[int]]] = []
    for kind in KINDS:
        if kind.name not in ("unparallel", "no-text", "undecodable") and count(flags, kind)[0]:
            having = np.flatnonzero(((flags & np.uint32(BIT[kind.name])) != 0).any(0))
            chosen.append((kind, worst.get(kind.name) or [int(row) for row in having[:most]]))
    wanted = _texts(text, {row for _, rows in chosen for row in rows[:most]})
    found = []
    for kind, rows in chosen:
        examples = []
        for row in rows[:most]:
            has = flags[:, row] & np.uint32(BIT[kind.name]) != 0
            examples.append(Example(row + 1, (bool(has[0]), bool(has[1])), *wanted[row]))
        found.append(Finding(kind, *count(flags, kind), tuple(examples)))
    return found


def _texts(text: Text, rows: set[int]) -> dict[int, tuple[str, str]]:
    """The pairs of these rows."""
    found: dict[int, tuple[str, str]] = {}
    for chunk in text.chunks():
        inside = [row for row in range(chunk.first, chunk.first + len(chunk.sides[0])) if row in rows] if rows else []
        found.update((row, (chunk.sides[0][row - chunk.first], chunk.sides[1][row - chunk.first])) for row in inside)
        if len(found) == len(rows):
            break
    return found
