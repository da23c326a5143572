"""What every training looks at before it begins: the part of a check that costs next to nothing.

Only text that is not parallel, not UTF-8 or empty is refused, and reading it has done so already. Held-out text is
the development set alone: training never opens a test set, not even to compare it. `nmt data check` does.
"""

from collections.abc import Iterable, Iterator

from nmt.data.check.kinds import BIT, bits
from nmt.data.check.marks import marks
from nmt.data.check.pairs import identical

RATIO = 5
RATIO_FROM = 50
"""Characters of the longer side, from which it may be at most so many times longer than the other."""
_TITLES = {
    "identical": "are the same on both sides",
    "ratio": f"have one side over {RATIO} times as long as the other",
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
        self.pairs = 0

    def through(self, pairs: Iterable[tuple[str, str]]) -> Iterator[tuple[str, str]]:
        """The pairs, each looked at."""
        counts = self.counts
        for pair in pairs:
            src, tgt = pair
            short, long = sorted((len(src), len(tgt)))
            counts["ratio"] += long >= RATIO_FROM and long > RATIO * short > 0
            counts["leak"] += hash(pair) in self.held
            counts["identical"] += src == tgt and identical(src, tgt)
            flags = marks(src) | marks(tgt)
            counts["broken"] += flags & BIT["broken"] != 0
            counts["mended"] += flags & _MENDED != 0
            self.pairs += 1
            yield pair

    def odd(self) -> str | None:
        """What is odd about them, in one sentence with counts, or None; a pair may have several oddities."""
        parts = [f"{self.counts[kind]:,} {title}" for kind, title in _TITLES.items() if self.counts[kind]]
        if mended := self.counts["mended"]:
            parts.append(f"{mended:,} have characters that do not belong in text (such as control characters)")
        return "; ".join(parts) or None


def looked_over(pairs: Iterable[tuple[str, str]], dev: Iterable[tuple[str, str]]) -> str | None:
    """What is odd about pairs that are all there, as `Door.odd` says it."""
    door = Door(dev)
    for _ in door.through(pairs):
        pass
    return door.odd()
