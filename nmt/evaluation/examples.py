"""Translations to look at, chosen by rule and not by taste."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from itertools import pairwise

from nmt.data.corpus import Corpus


@dataclass(frozen=True)
class Example:
    """One line of a test set and what each system made of it."""

    why: str
    """The rule that chose it."""
    line: int
    """Counted from 1."""
    source: str
    reference: str
    outputs: dict[str, str]
    """By the system's name."""


def choose(corpus: Corpus, outputs: Mapping[str, Sequence[str]]) -> list[Example]:
    """Three lines by length, and those that a step from one system to the next changed most.

    The shortest, the median and the longest source; for each step the line that gained most by sentence-level chrF,
    and for the last step the one that lost most.
    """
    lengths = [len(line.split()) for line in corpus.src]
    order = sorted(range(len(corpus)), key=lambda line: (lengths[line], line))
    chosen = {"shortest source": order[0], "median length": order[len(order) // 2], "longest source": order[-1]}
    names = list(outputs)
    quality = {name: [_chrf(*pair) for pair in zip(outputs[name], corpus.tgt, strict=True)] for name in names}
    for before, after in pairwise(names):
        gains = [new - old for old, new in zip(quality[before], quality[after], strict=True)]
        chosen[f"most gained from {before} to {after}"] = max(range(len(gains)), key=gains.__getitem__)
        if after == names[-1]:
            chosen[f"most lost from {before} to {after}"] = min(range(len(gains)), key=gains.__getitem__)
    return [
        Example(
            why,
            line + 1,
            corpus.src[line],
            corpus.tgt[line],
            {name: outputs[name][line] for name in names},
        )
        for why, line in chosen.items()
    ]


def _chrf(output: str, reference: str) -> float:
    from sacrebleu import sentence_chrf

    return sentence_chrf(output, [reference]).score
