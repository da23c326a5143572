"""Estimation of IBM Model 1 by expectation-maximisation (Brown et al. 1993, section 4.2), vectorised.

A sentence pair is a table of all its (source word, target word) pairs, NULL among the source words; the text is
those tables end to end, and the probabilities are kept for pairs that occur together alone.
"""

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nmt.data.encoded import Encoded
from nmt.models.lexical import NULL

CHUNK = 4_000_000
"""Pairs of words looked at together, some 100 MB of indices."""

Ints = NDArray[np.int64]


@dataclass(frozen=True)
class Table:
    """t(target word | source word) for all pairs of words that occur together."""

    source: Ints
    """(P,) sorted."""
    target: Ints
    """(P,)."""
    probability: NDArray[np.float64]
    """(P,) of each source word summing to 1."""


@dataclass(frozen=True)
class Pass:
    """One pass over the text."""

    table: Table
    """After it."""
    log_likelihood: float
    """Of the text under the table before it, in nats."""


def estimate(text: Encoded, target_size: int, iterations: int) -> Iterator[Pass]:
    """The passes, from equal probabilities on."""
    codes = np.unique(np.concatenate([np.unique(chunk.codes(target_size)) for chunk in _chunks(text)]))
    source, target = codes // target_size, codes % target_size
    probability = 1.0 / np.bincount(source)[source]
    for _ in range(iterations):
        counts = np.zeros(len(codes))
        log_likelihood = 0.0
        for chunk in _chunks(text):
            pairs = np.searchsorted(codes, chunk.codes(target_size))
            shares = probability[pairs]
            totals = np.bincount(chunk.token, shares)  # over the source words that a target word may come from
            log_likelihood += float(np.log(totals / chunk.choices).sum())
            counts += np.bincount(pairs, shares / totals[chunk.token], minlength=len(codes))
        probability = counts / np.bincount(source, counts)[source]
        yield Pass(Table(source, target, probability), log_likelihood)


@dataclass(frozen=True)
class _Chunk:
    """All pairs of words of some sentence pairs."""

    source: Ints
    target: Ints
    token: Ints
    """Which target token of the chunk a pair belongs to, from 0."""
    choices: Ints
    """For each target token how many source words it may come from."""

    def codes(self, target_size: int) -> Ints:
        return self.source * target_size + self.target


def _chunks(text: Encoded) -> Iterator[_Chunk]:
    sizes = (text.src.lengths + 1) * text.tgt.lengths
    start, held = 0, 0
    for row, size in enumerate(sizes.tolist()):
        if held and held + size > CHUNK:
            yield _chunk(text, start, row)
            start, held = row, 0
        held += size
    yield _chunk(text, start, len(text))


def _chunk(text: Encoded, start: int, end: int) -> _Chunk:
    sources, targets, choices = [], [], []
    for row in range(start, end):
        src = np.append(text.src[row], NULL).astype(np.int64)
        tgt = text.tgt[row].astype(np.int64)
        sources.append(np.tile(src, len(tgt)))
        targets.append(np.repeat(tgt, len(src)))
        choices.append(np.full(len(tgt), len(src)))
    each = np.concatenate(choices)
    return _Chunk(np.concatenate(sources), np.concatenate(targets), np.repeat(np.arange(len(each)), each), each)
