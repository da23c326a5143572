"""Where two texts run out of step, by the lengths of their lines alone (after Gale and Church 1993).

The lengths of translations go together. Where a line is missing on one side, they do so no longer, but the lengths of
line i and line i + 1 do. Every window of lines has a cost for each shift, and for belonging together at no shift; the
cheapest path through the windows (Viterbi 1967), on which a change of shift has its price, says where lines were lost.
"""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

WINDOW = 20
"""Lines that are judged together."""
FARTHEST = 10
"""Lines by which one side may run ahead, and as many on either side of what the numbers of lines differ by."""
CHANGE_NATS = 20.0
"""Price of a change of shift."""
CAP = 1.0
"""A log ratio of lengths counts as this at most: a single pair that is no translation moves nothing."""
LEAST_LINES = 10 * WINDOW
INFORMATIVE = 0.8
"""Lengths tell something where lines in step differ by less than this share of what lines taken at random do."""
Costs = Callable[[int | None, int, int], NDArray[np.float32]]


@dataclass(frozen=True)
class Stretch:
    """Source lines from `start` to before `end`, from 0, and how far ahead of them their translations are."""

    start: int
    end: int
    shift: int | None
    """None where the lines belong together at no shift that was tried."""


def stretches(src: NDArray[np.int64], tgt: NDArray[np.int64]) -> list[Stretch]:
    """Two times the characters of each line -> the text as stretches of one shift each, in order.

    One stretch in step where lengths tell nothing: too few lines, or lengths that have nothing to do with each other.
    """
    whole = [Stretch(0, len(src), 0)]
    if min(len(src), len(tgt)) < LEAST_LINES:
        return whole
    costs = _costs(src, tgt)
    if costs is None:
        return whole
    beyond = len(tgt) - len(src)
    shifts: list[int | None] = [
        None,
        *sorted({near + centre for centre in (0, beyond) for near in range(-FARTHEST, FARTHEST + 1)}, key=abs),
    ]
    starts = np.arange(0, len(src), WINDOW)
    windows = np.stack([np.add.reduceat(costs(shift, 0, len(src)), starts) for shift in shifts], 1)
    path = _cheapest(windows)
    found: list[Stretch] = []
    begin = 0
    for window in map(int, np.flatnonzero(np.diff(path)) + 1):
        before, after = shifts[path[window - 1]], shifts[path[window]]
        low, high = max(begin, (window - 2) * WINDOW), min(len(src), (window + 2) * WINDOW)
        spent = np.cumsum(costs(before, low, high) - costs(after, low, high))
        place = int(low + 1 + np.argmin(spent)) if spent.min() < 0 else int(low)
        found.append(Stretch(begin, place, before))
        begin = place
    return [*found, Stretch(begin, len(src), shifts[path[-1]])]


def _costs(src: NDArray[np.int64], tgt: NDArray[np.int64]) -> Costs | None:
    """The cost in nats of lines from one to before another at a shift; None where lengths tell nothing."""
    logs = [np.log1p(side).astype(np.float32) for side in (src, tgt)]
    logs = [side - np.median(side) for side in logs]

    def differences(shift: int, low: int, high: int) -> NDArray[np.float32]:
        found = np.full(high - low, CAP, np.float32)
        first, last = max(low, -shift), min(high, len(tgt) - shift)
        if last > first:
            apart = np.abs(logs[0][first:last] - logs[1][first + shift : last + shift])
            found[first - low : last - low] = np.minimum(apart, CAP)
        return found

    length = min(len(src), len(tgt))
    blocks = np.arange(0, length - LEAST_LINES + 1, LEAST_LINES)
    near = [np.add.reduceat(differences(d, 0, length), blocks) for d in range(-FARTHEST, FARTHEST + 1)]
    sizes = np.diff(np.append(blocks, length))
    in_step = float(np.median(np.min(near, 0) / sizes))
    at_random = float(np.mean(np.minimum(np.abs(np.roll(logs[0][:length], length // 2) - logs[1][:length]), CAP)))
    in_step = max(in_step, 0.01)
    if in_step > INFORMATIVE * at_random:
        return None

    def costs(shift: int | None, low: int, high: int) -> NDArray[np.float32]:
        scale = at_random if shift is None else in_step
        return np.log(scale) + differences(shift or 0, low, high) / scale

    return costs


def _cheapest(windows: NDArray[np.float32]) -> NDArray[np.int64]:
    """(windows, shifts) costs -> (windows,) the column of each window on the cheapest path."""
    steps, columns = windows.shape
    came = np.empty((steps, columns), np.int16)
    stay, total = np.arange(columns), np.zeros(columns)
    for step, cost in enumerate(windows):
        best = int(np.argmin(total))
        change = total[best] + CHANGE_NATS < total
        came[step] = np.where(change, best, stay)
        total = np.where(change, total[best] + CHANGE_NATS, total) + cost
    path = np.empty(steps, np.int64)
    place = int(np.argmin(total))
    for step in range(steps - 1, -1, -1):
        path[step] = place
        place = int(came[step, place])
    return path
