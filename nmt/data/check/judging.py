"""What can only be said of a line beside all the others: one function for each such judgement, in the table WHOLE."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.typing import NDArray

from nmt.data.check import drift, lengths, repeats
from nmt.data.check.reading import Lines
from nmt.data.check.suspicion import Suspicion
from nmt.data.check.text import Text


@dataclass(frozen=True)
class Judgement:
    """How bad each line is, by the name of a kind; 0 is not at all."""

    kind: str
    sides: tuple[NDArray[Any], NDArray[Any]]
    """(pairs,) each; the same one twice where it is the pair that is judged."""


def _of_pairs(kind: str, badness: NDArray[Any]) -> Judgement:
    return Judgement(kind, (badness, badness))


def out_of_step(lines: Lines) -> Iterator[Judgement]:
    """Pairs whose partner is another line."""
    badness = np.zeros(lines.pairs)
    for stretch in drift.stretches(*lines.lengths):
        if stretch.shift != 0:
            badness[stretch.start : stretch.end] = 1
    yield _of_pairs("out-of-step", badness)


def of_length(lines: Lines) -> Iterator[Judgement]:
    """Lengths of a pair that do not fit, and lines that are very long."""
    src, tgt = (side[: lines.pairs] for side in lines.lengths)
    yield _of_pairs("ratio", lengths.ratio_outliers(src, tgt))
    yield Judgement("long", (lengths.long_lines(src), lengths.long_lines(tgt)))


def of_script(lines: Lines) -> Iterator[Judgement]:
    """Lines in a script that is not their side's."""
    src, tgt = (np.isin(scripts, foreign) for scripts, foreign in zip(lines.scripts, lines.foreign, strict=True))
    yield Judgement("script", (src, tgt))


def repetitions(lines: Lines) -> Iterator[Judgement]:
    """Pairs that were there before, and sides with several partners; empty ones are said to be empty already."""
    src, tgt = lines.hashes
    full = (lines.lengths[0][: lines.pairs] > 0) & (lines.lengths[1][: lines.pairs] > 0)
    yield _of_pairs("duplicate", repeats.repeated(repeats.pair_hashes(src, tgt)) & full)
    yield _of_pairs("many-targets", repeats.several_partners(src, tgt) & full)
    yield _of_pairs("many-sources", repeats.several_partners(tgt, src) & full)


WHOLE: tuple[Callable[[Lines], Iterator[Judgement]], ...] = (out_of_step, of_length, of_script, repetitions)


def judged(text: Text, lines: Lines, suspicion: Suspicion) -> Iterator[Judgement]:
    """Every judgement; that of languages reads the text again."""
    for judge in WHOLE:
        yield from judge(lines)
    other, strange = suspicion.judge(text, lines.pairs)
    yield Judgement("other-language", other)
    yield Judgement("strange", strange)
