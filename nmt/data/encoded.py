"""A parallel corpus as token ids, in two flat arrays; and what was left out on the way."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from nmt.data.corpus import Corpus
from nmt.data.guides import Guides
from nmt.data.tokenizer import TokenizerPair

RATIO_FROM = 10
"""The ratio of lengths is only asked of pairs whose longer side has more tokens than this."""


@dataclass(frozen=True)
class Dropped:
    """Pairs left out, by the first reason that held."""

    empty: int = 0
    too_long: int = 0
    unbalanced: int = 0

    def report(self) -> str | None:
        """The counts in words, or None if nothing was left out."""
        parts = [
            f"{count:,} {reason}"
            for count, reason in (
                (self.empty, "with an empty side"),
                (self.too_long, "longer than data.max_tokens"),
                (self.unbalanced, "beyond data.max_ratio"),
            )
            if count
        ]
        return f"left out {', '.join(parts)}" if parts else None


class Side:
    """Sequences of ids end to end: `side[i]` is the i-th, without BOS and EOS."""

    lengths: NDArray[np.integer]
    """(rows,) tokens of each."""

    def __init__(self, sequences: Sequence[Sequence[int] | NDArray[np.int32]]) -> None:
        self.lengths = np.fromiter((len(s) for s in sequences), dtype=np.int64, count=len(sequences))
        self.ends = np.cumsum(self.lengths)
        flat = (index for sequence in sequences for index in sequence)
        self.ids: NDArray[np.int32] = np.fromiter(flat, dtype=np.int32, count=int(self.lengths.sum()))

    @classmethod
    def flat(cls, lengths: NDArray[np.int64], ids: NDArray[np.int32]) -> "Side":
        """The same of what lies end to end already."""
        side = cls([])
        side.lengths, side.ends, side.ids = lengths, np.cumsum(lengths), ids
        return side

    def __len__(self) -> int:
        return len(self.lengths)

    def frequencies(self) -> NDArray[np.int64]:
        """How often each id occurs, up to the largest."""
        return np.bincount(self.ids)

    def __getitem__(self, row: int) -> NDArray[np.integer]:
        end = self.ends[row]
        return self.ids[end - self.lengths[row] : end]

    def gathered(self, rows: NDArray[np.int64]) -> NDArray[np.integer]:
        """The ids of these rows end to end."""
        return self.ids[ranges(self.ends[rows] - self.lengths[rows], self.lengths[rows])]


def ranges(begins: NDArray[np.integer], lengths: NDArray[np.integer]) -> NDArray[np.int64]:
    """begin, begin + 1 ... for so many numbers, of each range after the other: [5, 2], [2, 1] -> [5, 6, 2]."""
    ends = np.cumsum(lengths, dtype=np.int64)
    return np.repeat(begins - ends + lengths, lengths) + np.arange(ends[-1] if len(ends) else 0)


@dataclass(frozen=True)
class Encoded:
    """Both sides, and for each row the line of the corpus it came from (counted from 0)."""

    src: Side
    tgt: Side
    lines: NDArray[np.int64]
    guides: Guides | None = None
    """Links of the pieces, where they teach attention."""

    def __len__(self) -> int:
        return len(self.lines)


def encode_corpus(
    corpus: Corpus, tokenizer: TokenizerPair, *, max_tokens: int | None = None, max_ratio: float | None = None
) -> tuple[Encoded, Dropped]:
    """The corpus in ids, without pairs that have an empty side, are too long, or too unlike in length.

    Lengths count tokens without BOS and EOS; None is no limit.
    """
    src, tgt = encode_pairs(corpus.src, corpus.tgt, tokenizer)
    lengths = np.array([[len(s) for s in src], [len(t) for t in tgt]], dtype=np.int64).reshape(2, -1)
    kept, dropped = keep(lengths[0], lengths[1], max_tokens, max_ratio)
    return Encoded(Side([src[i] for i in kept]), Side([tgt[i] for i in kept]), kept), dropped


def encode_pairs(
    src: Sequence[str], tgt: Sequence[str], tokenizer: TokenizerPair
) -> tuple[list[list[int]], list[list[int]]]:
    """Ids of both sides of each pair; none of either where a side is blank."""
    sides = tokenizer.source.encode(src), tokenizer.target.encode(tgt)
    for line, pair in enumerate(zip(src, tgt, strict=True)):
        if not (pair[0].strip() and pair[1].strip()):
            sides[0][line], sides[1][line] = [], []
    return sides


def keep(
    src: NDArray[np.integer], tgt: NDArray[np.integer], max_tokens: int | None, max_ratio: float | None
) -> tuple[NDArray[np.int64], Dropped]:
    """Of lengths of pairs: which are kept, and how many are not; see `encode_corpus`."""
    short, long = np.minimum(src, tgt), np.maximum(src, tgt)
    empty = short == 0
    too_long = ~empty & (long > max_tokens) if max_tokens else np.zeros_like(empty)
    unbalanced = np.zeros_like(empty)
    if max_ratio:
        unbalanced = ~empty & ~too_long & (long > RATIO_FROM) & (long > max_ratio * short)
    kept = np.flatnonzero(~(empty | too_long | unbalanced))
    return kept, Dropped(int(empty.sum()), int(too_long.sum()), int(unbalanced.sum()))
