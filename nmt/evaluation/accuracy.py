"""Accuracy by phenomenon: does a model find the right word likelier than the wrong ones in its place?

Contrastive pairs as in Sennrich 2017 (arXiv:1612.04629): the reference is right if its log-probability is higher than
that of every variant, in which one word alone is another.
"""

import math
from collections import defaultdict
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

from nmt.data.labels import Contrast, Labelled
from nmt.translator import Translator

DISTANCES = (1, 2, 4, 8, 16)
"""Upper ends of the buckets of distance, in words; the last is open."""
FEWEST = 15
"""Contrasts of a bucket; smaller ones join the one below, or the one above where there is none."""

NORMAL_95 = 1.959964
"""Standard deviations within which a normal variable lies in 95 % of cases."""


@dataclass(frozen=True)
class Count:
    """How often it was right."""

    contrasts: int
    right: int
    """The reference was likelier than every variant."""
    said: int
    """The right word occurs in the translation that the search found."""
    chance: float
    """Share of right ones if one of the words were drawn."""

    @property
    def accuracy(self) -> float:
        """Share of right ones."""
        return self.right / self.contrasts

    @property
    def interval(self) -> tuple[float, float]:
        """Ends of the 95 % interval of the accuracy (Wilson 1927), which stays between 0 and 1 and is never empty."""
        share, spread = self.accuracy, NORMAL_95**2 / self.contrasts
        middle = share + spread / 2
        half = NORMAL_95 * math.sqrt(share * (1 - share) / self.contrasts + spread / (4 * self.contrasts))
        return max(0.0, (middle - half) / (1 + spread)), min(1.0, (middle + half) / (1 + spread))

    @property
    def recall(self) -> float:
        """Share of right words that were said."""
        return self.said / self.contrasts


@dataclass(frozen=True)
class Judged:
    """One contrast and what a system made of it."""

    contrast: Contrast
    right: bool
    said: bool


def judge(
    translator: Translator,
    sources: Sequence[str],
    references: Sequence[str],
    labels: Sequence[Labelled],
    outputs: Sequence[str],
    side: str,
    *,
    batch_size: int = 64,
) -> list[Judged]:
    """All contrasts on the target side `side`, by force decoding and by looking into the outputs.

    A tie with a variant is wrong: the system does not know.
    """
    rows: list[tuple[int, Contrast]] = [
        (line, contrast) for line, label in enumerate(labels) for contrast in label.contrasts if contrast.side == side
    ]
    lines = sorted({line for line, _ in rows})
    src, tgt = [sources[line] for line in lines], [references[line] for line in lines]
    for line, contrast in rows:
        for variant in contrast.variants:
            src.append(sources[line])
            tgt.append(contrast.replaced(references[line], variant))
    scores = (pair.log_prob for pair in translator.score(src, tgt, batch_size=batch_size))
    right = {line: next(scores) for line in lines}
    judged = []
    for line, contrast in rows:
        wrong = [next(scores) for _ in contrast.variants]
        judged.append(Judged(contrast, right[line] > max(wrong), contrast.word.lower() in words(outputs[line])))
    return judged


def words(text: str) -> set[str]:
    """The words of a text without the punctuation around them; in small letters, for any may begin a sentence."""
    return {word.strip(".,;:?!").lower() for word in text.split()}


def by_phenomenon(judged: Iterable[Judged]) -> dict[str, Count]:
    """Counts for each phenomenon, in alphabetical order."""
    return dict(sorted(_counts(judged, lambda each: each.contrast.phenomenon).items()))


def by_distance(judged: Iterable[Judged]) -> dict[str, dict[str, Count]]:
    """For each family of phenomena with distances ("agreement", "pronoun") the counts by distance in words.

    A family that has but one bucket is left out.
    """
    families: dict[str, list[Judged]] = defaultdict(list)
    for each in judged:
        if each.contrast.distance is not None:
            families[each.contrast.phenomenon.partition(",")[0]].append(each)
    found = {}
    for name, held in sorted(families.items()):
        buckets = _buckets(sorted(held, key=_distance))
        if len(buckets) > 1:
            found[name] = {_span(*map(_distance, (bucket[0], bucket[-1]))): _count(bucket) for bucket in buckets}
    return found


def _buckets(ordered: Sequence[Judged]) -> list[list[Judged]]:
    """The contrasts, nearest first, in buckets of enough of them."""
    buckets: list[list[Judged]] = []
    low = 0.0
    for high in (*DISTANCES, math.inf):
        held = [each for each in ordered if low < _distance(each) <= high]
        low = high
        if buckets and (len(held) < FEWEST or len(buckets[-1]) < FEWEST):
            buckets[-1] += held
        elif held:
            buckets.append(held)
    return buckets


def _distance(each: Judged) -> int:
    return each.contrast.distance or 0


def _span(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}-{high}"


def _counts(judged: Iterable[Judged], key: Callable[[Judged], str]) -> dict[str, Count]:
    groups: dict[str, list[Judged]] = defaultdict(list)
    for each in judged:
        groups[key(each)].append(each)
    return {name: _count(held) for name, held in groups.items()}


def _count(held: Sequence[Judged]) -> Count:
    chance = sum(1 / (1 + len(each.contrast.variants)) for each in held) / len(held)
    return Count(len(held), sum(each.right for each in held), sum(each.said for each in held), chance)
