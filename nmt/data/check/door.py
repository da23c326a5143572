"""What every training looks at before it begins: the part of a check that costs next to nothing.

Only text that is not parallel, not UTF-8 or empty is refused, and reading it has done so already. Held-out text is
the development set alone: training never opens a test set, not even to compare it. `nmt data check` does.
"""

import math
from bisect import bisect
from collections import Counter
from collections.abc import Iterable, Iterator
from itertools import accumulate

from nmt.data.check.kinds import BIT, bits
from nmt.data.check.marks import marks
from nmt.data.check.pairs import identical

RATIO = 5
RATIO_FROM = 50
"""Characters of the longer side, from which it may be at most so many times longer beside the other than is usual: a
Chinese sentence has a fourth of the characters of its English translation."""
RATIO_STEPS = 16
"""In which a doubling of the ratio is counted."""
_TITLES = {
    "identical": "are the same on both sides",
    "ratio": f"have one side over {RATIO} times as long beside the other as is usual",
    "leak": "are in the development text too",
    "broken": "have lost characters (U+FFFD)",
}
_MENDED = bits("repaired")


class Door:
    """What the pairs of one text that go through have about them; `dev` are the held-out ones.

    Empty sides are not counted: encoding leaves them out and says so.
    """

    def __init__(self, dev: Iterable[tuple[str, str]]) -> None:
        self.held = {hash(pair) for pair in dev}
        self.counts = dict.fromkeys([*_TITLES, "mended"], 0)
        self.ratios: Counter[int] = Counter()
        self.pairs = 0

    def through(self, pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        """The pairs, each looked at."""
        counts = self.counts
        for pair in pairs:
            src, tgt = pair
            short, long = sorted((len(src), len(tgt)))
            if short and long >= RATIO_FROM:
                self.ratios[round(RATIO_STEPS * math.log2(len(tgt) / len(src)))] += 1
            counts["leak"] += hash(pair) in self.held
            counts["identical"] += src == tgt and identical(src, tgt)
            flags = marks(src) | marks(tgt)
            counts["broken"] += flags & BIT["broken"] != 0
            counts["mended"] += flags & _MENDED != 0
            self.pairs += 1
            yield pair

    def odd(self) -> str | None:
        """What is odd about them, in one sentence with counts, or None; a pair may have several oddities."""
        counts = {**self.counts, "ratio": self._out_of_proportion()}
        parts = [f"{counts[kind]:,} {title}" for kind, title in _TITLES.items() if counts[kind]]
        if mended := counts["mended"]:
            parts.append(
                f"{mended:,} have characters to mend (such as control characters, mojibake, or é in two signs)"
            )
        return "; ".join(parts) or None

    def _out_of_proportion(self) -> int:
        steps = sorted(self.ratios)
        totals = list(accumulate(self.ratios[step] for step in steps))
        usual = steps[bisect(totals, totals[-1] // 2)] if steps else 0
        far = RATIO_STEPS * math.log2(RATIO)
        return sum(self.ratios[step] for step in steps if abs(step - usual) > far)


def looked_over(pairs: Iterable[tuple[str, str]], dev: Iterable[tuple[str, str]]) -> str | None:
    """What is odd about pairs that are all there, as `Door.odd` says it."""
    door = Door(dev)
    for _ in door.through(pairs):
        pass
    return door.odd()
