"""What every training looks at before it begins: the part of a check that costs next to nothing.

Only text that is not parallel, not UTF-8 or empty is refused, and reading it has done so already. Held-out text is
the development set alone: training never opens a test set, not even to compare it. `nmt data check` does.
"""

from array import array
from collections.abc import Iterable, Iterator

import numpy as np

from nmt.data.check import drift
from nmt.data.check.kinds import BIT, bits
from nmt.data.check.marks import marks
from nmt.data.check.pairs import identical

RATIO = 5
RATIO_FROM = 50
"""Characters of the longer side, from which it may be at most so many times longer beside the other than is usual: a
Chinese sentence has a fourth of the characters of its English translation."""
_TITLES = {
    "identical": "are the same on both sides",
    "ratio": f"have one side over {RATIO} times as long beside the other as is usual",
    "leak": "are in the development text too",
    "broken": "have lost characters (U+FFFD)",
    "mended": "have characters to mend (such as control characters, mojibake, or é in two signs)",
}
_MENDED = bits("repaired")


class Door:
    """What the pairs of a training that go through have about them; `dev` are the held-out ones.

    Keeps 8 bytes of a pair. Empty sides are not counted: encoding leaves them out and says so.
    """

    def __init__(self, dev: Iterable[tuple[str, str]]) -> None:
        self.held = {hash(pair) for pair in dev}
        self.counts = dict.fromkeys(_TITLES, 0)
        self.lengths = array("i"), array("i")

    @property
    def pairs(self) -> int:
        """How many have gone through."""
        return len(self.lengths[0])

    def through(self, pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        """The pairs, each looked at."""
        counts, (src_lengths, tgt_lengths) = self.counts, self.lengths
        for pair in pairs:
            src, tgt = pair
            src_lengths.append(len(src))
            tgt_lengths.append(len(tgt))
            counts["leak"] += hash(pair) in self.held
            counts["identical"] += src == tgt and identical(src, tgt)
            flags = marks(src) | marks(tgt)
            counts["broken"] += flags & BIT["broken"] != 0
            counts["mended"] += flags & _MENDED != 0
            yield pair

    def odd(self) -> str | None:
        """What is odd about them, in one sentence with counts, or None; a pair may have several oddities."""
        counts = {**self.counts, "ratio": self._out_of_proportion()}
        parts = [f"{counts[kind]:,} {title}" for kind, title in _TITLES.items() if counts[kind]]
        src, tgt = (np.array(side, np.int64) for side in self.lengths)
        if lost := [stretch for stretch in drift.stretches(src, tgt) if stretch.shift != 0]:
            pairs = sum(stretch.end - stretch.start for stretch in lost)
            parts.insert(0, f"{pairs:,} seem out of step, from about {lost[0].start + 1:,} on (a side has lost lines)")
        return "; ".join(parts) or None

    def _out_of_proportion(self) -> int:
        src, tgt = (np.array(side) for side in self.lengths)
        judged = (np.minimum(src, tgt) > 0) & (np.maximum(src, tgt) >= RATIO_FROM)
        ratios = np.log(tgt[judged] / src[judged])
        return int((np.abs(ratios - np.median(ratios)) > np.log(RATIO)).sum()) if len(ratios) else 0


def looked_over(pairs: Iterable[tuple[str, str]], dev: Iterable[tuple[str, str]]) -> str | None:
    """What is odd about pairs that are all there, as `Door.odd` says it."""
    door = Door(dev)
    for _ in door.through(pairs):
        pass
    return door.odd()
