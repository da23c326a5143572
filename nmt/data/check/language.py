"""Which lines do not look like the language of their side, judged by the text itself and by nothing else.

A model of characters is counted over each side: the probability of a character after the three before it, mixed with
those after two, one and none, as n-grams are in language identification (Cavnar and Trenkle 1994; Dunning 1994).
A line that the other side's model likes better is in the other side's language. A line that its own side's model
finds far less likely than it finds lines of its length is like neither. A line does not count as evidence for itself:
its n-grams are counted once less; and for the second judgement the suspects of a first one are not counted either.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import pairwise
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nmt.data.check.lengths import MAD

ORDERS = 4
BITS = 18
"""N-grams share 2 ** BITS counters by a hash; Europarl has 100,000 different ones of a language."""
PRIOR = 5.0
"""An n-gram's own frequency counts as much as the shorter one's after so many occurrences."""
LEAST_LINES = 200
"""Of either side: a shorter text says too little about its language."""
OTHER_NATS = -10.0
"""The other side's model must be better by so much over the whole line ..."""
OTHER_NATS_EACH = -0.1
"""... and by so much a character; where lines usually differ less than that, the sides are one language."""
SUSPECT_DEVIATIONS = -2.0
AGAIN_DEVIATIONS = -1.5
STRANGE_DEVIATIONS = -7.0
"""Standard deviations from the median line: of a suspect, of what is judged again when suspects are not counted, and of
a line that is like neither side ..."""
STRANGE_NATS_EACH = -0.9
"""... if it is also so much less likely than the median line, a character. `OTHER_NATS` and the deviations were chosen
on Multi30k and this on Europarl, for few false alarms; docs/data.md has what they find and miss."""
WORST_NATS = -6.0
"""No character counts for less: one rare sign makes no line strange."""

_MIX = np.uint64(0x9E3779B97F4A7C15)
_NEWLINE, _DIGIT = 10, ord("0")


@dataclass(frozen=True)
class Grams:
    """Lines as hashed n-grams: one row of `hashes` for each order, a column for each character and each line's end."""

    hashes: NDArray[np.int64]
    lengths: NDArray[np.int64]
    """Columns of each line."""

    def sums(self, values: NDArray[np.float64]) -> NDArray[np.float64]:
        """(columns,) -> (lines,)."""
        return np.add.reduceat(values, np.cumsum(self.lengths) - self.lengths)


def grams(lines: Sequence[str]) -> Grams:
    """The n-grams of lines, at least one, without regard to case and to which digit stands where one does."""
    lowered = [line.lower() for line in lines]
    codes = np.frombuffer(("\n\n\n" + "\n".join(lowered) + "\n").encode("utf-32-le", "surrogatepass"), np.uint32)
    codes = np.where((codes >= _DIGIT) & (codes < _DIGIT + 10), _DIGIT, codes).astype(np.uint64)
    columns = len(codes) - (ORDERS - 1)
    hashes = np.empty((ORDERS, columns), np.int64)
    for order in range(1, ORDERS + 1):
        mixed = np.zeros(columns, np.uint64)
        for place in range(ORDERS - order, ORDERS):
            mixed = (mixed + codes[place : place + columns] + np.uint64(1)) * _MIX
        hashes[order - 1] = mixed >> np.uint64(64 - BITS)
    return Grams(hashes, np.fromiter((len(line) + 1 for line in lowered), np.int64, len(lowered)))


class Characters:
    """The model of one side."""

    def __init__(self) -> None:
        self.counts = np.zeros((ORDERS, 1 << BITS), np.float32)

    def learn(self, text: Grams, times: int = 1) -> None:
        """Counts the text; with `times` = -1 it is forgotten again."""
        for counts, hashes in zip(self.counts, text.hashes, strict=True):
            np.add(counts, times * np.bincount(hashes, minlength=1 << BITS), out=counts, casting="unsafe")

    def log_probs(self, text: Grams, counted: float | NDArray[np.float32] = 1.0) -> NDArray[np.float64]:
        """(lines,) log-probabilities in nats, `counted` (one number or one a column) of each n-gram not believed."""
        total = float(self.counts[0].sum())
        known = [
            np.maximum(counts[hashes] - counted, 0) for counts, hashes in zip(self.counts, text.hashes, strict=True)
        ]
        probability = (known[0] + 1) / (total + 1_000)
        for shorter, longer in pairwise(known):
            before = np.concatenate([shorter[:1], shorter[:-1]])
            # Hashes collide, so that a longer n-gram may seem more frequent than what it begins with.
            probability = (np.minimum(longer, before) + PRIOR * probability) / (before + PRIOR)
        return text.sums(np.maximum(np.log(probability), WORST_NATS))


@dataclass(frozen=True)
class Likeness:
    """How lines compare with what is usual: the median mean log-probability, and how it spreads at one character."""

    median: float
    spread: float

    @classmethod
    def usual(cls, log_probs: NDArray[Any], lengths: NDArray[Any]) -> "Likeness":
        """Of these lines, nearly all of which are as they should be."""
        mean = log_probs / lengths
        median = float(np.median(mean))
        spread = float(np.median(np.abs(mean - median) * np.sqrt(lengths))) * MAD
        return cls(median, max(spread, 1e-9))

    def nats_each(self, log_probs: NDArray[Any], lengths: NDArray[Any]) -> NDArray[Any]:
        """(lines,) a character's nats above the median."""
        return log_probs / lengths - self.median

    def deviations(self, log_probs: NDArray[Any], lengths: NDArray[Any]) -> NDArray[Any]:
        """(lines,) the same in standard deviations: the longer a line, the less its mean varies."""
        return self.nats_each(log_probs, lengths) * np.sqrt(lengths) / self.spread
