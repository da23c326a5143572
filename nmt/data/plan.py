"""Which rows of a text meet in a batch, and whose of several processes each of them is: numbers alone, no tensor."""

from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

Ints = NDArray[np.integer]
Rows = NDArray[np.int64]


@dataclass(frozen=True, slots=True)
class Share:
    """Which part of every batch a process takes: that of `rank`, counted from 0, of so many `ranks`."""

    rank: int = 0
    ranks: int = 1

    def __post_init__(self) -> None:
        if not 0 <= self.rank < self.ranks:
            raise ValueError(f"there is no rank {self.rank} of {self.ranks}")

    def of(self, rows: Rows) -> Rows:
        """This rank's rows of a batch whose rows stand in the order of lengths; none where there are too few.

        Dealt like cards: no two ranks differ by more than a row, nor do the sums of their rows' longer sides by more
        than the longest of them, and each has long rows and short ones, and so the padding of the whole batch.
        """
        return rows[self.rank :: self.ranks]


def by_length(src: Ints, tgt: Ints, noise: NDArray[np.float64] | float = 0.0) -> Rows:
    """Rows by their longer side, and among equals by the difference, to and fro; `src` and `tgt` are lengths.

    The longer side is what the budget counts; to and fro, so that no batch has both ends of the differences.
    Padding on Multi30k and Europarl at 4,096 tokens is 4 %, sorted by target and then source 10 %.
    """
    longest = np.maximum(src, tgt)
    noise = np.broadcast_to(noise, longest.shape)
    # Lengths first, in as few bytes as hold them, since two are sorted in linear time; then each length by itself.
    order: Rows = np.argsort(longest.astype(np.min_scalar_type(longest.max(initial=0))), kind="stable")
    for begin, end in pairwise(_edges(longest[order])):
        rows = order[begin:end]
        difference = src[rows] - tgt[rows] + noise[rows]
        order[begin:end] = rows[np.argsort(difference if longest[rows[0]] % 2 else -difference, kind="stable")]
    return order


def _edges(longest: Ints) -> list[int]:
    """Where runs of the same number begin, and the end of the last."""
    return [*np.flatnonzero(np.diff(longest, prepend=-1)).tolist(), len(longest)]


def cuts(longest: Ints, budget: int) -> Rows:
    """Where batches begin but the first, so that in each, rows times longest stay within the budget.

    `longest` never falls. A batch takes as many rows as it can, and one at least. All rows of one length are cut at
    once: there are a few hundred lengths, and may be a hundred million rows.
    """
    found: list[Rows] = []
    start = 0
    for begin, end in pairwise(_edges(longest)):
        most = max(1, budget // int(longest[begin]))
        first = max(begin, start + most)  # the open batch may reach into these rows, or be full before them
        if first < end:
            found.append(np.arange(first, end, most))
            start = int(found[-1][-1])
    return np.concatenate([*found, np.zeros(0, np.int64)])
