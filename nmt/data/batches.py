"""Batches of a given number of tokens, bucketed by length, in an order that a seed and a place decide."""

import random
from array import array
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from itertools import chain
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nmt.data.corpus import Corpus
from nmt.data.encoded import Encoded, Side
from nmt.data.guides import Steps
from nmt.data.plan import Rows, Share, by_length, cuts
from nmt.data.tokenizer import TokenizerPair
from nmt.tokens import BOS, EOS, PAD

Ids = Sequence[int] | NDArray[np.integer]
Resample = Callable[[int, int], tuple[Ids, Ids]]
"""(epoch, row) -> ids of both sides for that epoch."""
Draw = Callable[[int], Rows]
"""epoch -> the rows it has, as often as it has them."""

LENGTH_NOISE = 1.0
"""Tokens of noise on the difference of lengths, so that the same sentences do not meet in every epoch."""


@dataclass(frozen=True)
class Batch:
    """Sentence pairs as padded tensors. A rank's share that would be empty is a pair of which nothing is trained."""

    src: Tensor
    """(B, S) source ids, EOS after the last."""
    src_mask: Tensor
    """(B, S)."""
    tgt_in: Tensor
    """(B, T) BOS, then the target."""
    tgt_out: Tensor
    """(B, T) the target, then EOS."""
    tokens: int
    """Target tokens, EOS counted and padding not."""
    links: Tensor | None = None
    """(B, T, S) where each step should look, a row summing to 1, or to 0 where nobody says."""
    all_tokens: int = 0
    """`tokens` of all ranks together."""

    def to(self, device: torch.device) -> "Batch":
        """The same on a device."""
        return replace(self, **{name: value.to(device, non_blocking=True) for name, value in self._tensors()})

    def __len__(self) -> int:
        return len(self.src)

    def __getitem__(self, rows: slice) -> "Batch":
        """Some of its rows, as wide as it is."""
        tensors = {name: value[rows] for name, value in self._tensors()}
        return replace(self, **tensors, tokens=int((tensors["tgt_out"] != PAD).sum()))

    def _tensors(self) -> list[tuple[str, Any]]:
        return [(name, value) for name, value in vars(self).items() if isinstance(value, Tensor)]


@dataclass(frozen=True, slots=True)
class Place:
    """The next batch: which one of which epoch, both counted from 0."""

    epoch: int = 0
    index: int = 0


def collate_source(src: Sequence[Ids]) -> tuple[Tensor, Tensor]:
    """(B, S) ids with EOS, (B, S) mask."""
    return _source(_end_to_end(src))


def collate(src: Sequence[Ids], tgt: Sequence[Ids], guides: Sequence[Steps] | None = None) -> Batch:
    """A batch of pairs of sequences without BOS and EOS, with the links of their pieces if there are any."""
    return _collate(_end_to_end(src), _end_to_end(tgt), guides)


Flat = tuple[NDArray[np.integer], NDArray[np.integer]]
"""Lengths of some sequences, and their ids end to end."""


def _end_to_end(sequences: Sequence[Ids]) -> Flat:
    lengths = np.fromiter(map(len, sequences), np.int64, len(sequences))
    return lengths, np.fromiter(chain.from_iterable(sequences), np.int64, int(lengths.sum()))


def _collate(src: Flat, tgt: Flat, guides: Sequence[Steps] | None) -> Batch:
    ids, mask = _source(src)
    tgt_in, tgt_out = _pad(tgt, before=BOS), _pad(tgt, after=EOS)
    links = None if guides is None else _links(guides, tgt_in.size(1), ids.size(1))
    tokens = len(tgt[0]) + len(tgt[1])
    return Batch(ids, mask, tgt_in, tgt_out, tokens, links, tokens)


def _source(src: Flat) -> tuple[Tensor, Tensor]:
    ids = _pad(src, after=EOS)
    return ids, ids != PAD


def _pad(sequences: Flat, before: int | None = None, after: int | None = None) -> Tensor:
    """(B, longest) ids, PAD at the end, with one token before or after each sequence if given."""
    lengths, ids = sequences
    lead, width = int(before is not None), int(lengths.max(initial=0))
    padded = np.full((len(lengths), lead + width + int(after is not None)), PAD, dtype=np.int64)
    # All rows at once: with a loop over them a batch in memory took 2.1 times as long (4,096 tokens, 110 rows).
    padded[:, lead : lead + width][np.arange(width) < lengths[:, None]] = ids
    if before is not None:
        padded[:, 0] = before
    if after is not None:
        padded[np.arange(len(lengths)), lead + lengths] = after
    return torch.from_numpy(padded)


def _links(guides: Sequence[Steps], steps: int, places: int) -> Tensor:
    """(B, T, S): a step's links share 1."""
    links = np.zeros((len(guides), steps, places), dtype=np.float32)
    for row, guide in zip(links, guides, strict=True):
        row[guide[:, 0], guide[:, 1]] = 1.0
    return torch.from_numpy(links / np.maximum(links.sum(-1, keepdims=True), 1.0))


class BatchStream:
    """An endless stream of batches of an encoded corpus, or of one rank's share of each of them.

    A batch has at most `batch_tokens` = rows x longest side, EOS and padding counted, and at least one row. What is
    in it, and which comes when, is the same for any number of ranks.
    """

    def __init__(
        self,
        encoded: Encoded,
        *,
        batch_tokens: int,
        seed: int,
        resample: Resample | None = None,
        draw: Draw | None = None,
        shards: Callable[[int], Encoded] | None = None,
        share: Share | None = None,
    ) -> None:
        """`draw` chooses the rows of an epoch, each once without it; `shards` gives each epoch a text of its own."""
        self.encoded = encoded
        self.batch_tokens = batch_tokens
        self.seed = seed
        self.resample = resample
        self.draw = draw
        self.shards = shards
        self.share = share or Share()
        self._read: tuple[int, Encoded] | None = None
        self._planned: tuple[int, list[Rows]] | None = None

    def plan(self, epoch: int) -> list[Rows]:
        """The rows of each batch of an epoch, decided by the corpus, `batch_tokens`, the seed and the epoch alone."""
        if self._planned is None or self._planned[0] != epoch:
            rng = np.random.default_rng([self.seed, epoch])
            text = self._text(epoch)
            rows = np.arange(len(text)) if self.draw is None else self.draw(epoch)
            noise = rng.uniform(-LENGTH_NOISE, LENGTH_NOISE, size=len(rows))
            batches = self._cut(text, rows, noise)
            self._planned = epoch, [batches[i] for i in rng.permutation(len(batches))]
        return self._planned[1]

    def tokens(self, epoch: int) -> int:
        """Target tokens of an epoch, EOS counted."""
        lengths = self._text(epoch).tgt.lengths
        rows = np.arange(len(lengths)) if self.draw is None else self.draw(epoch)
        return int(lengths[rows].sum()) + len(rows)

    def batches(self, place: Place) -> Iterator[tuple[Batch, Place]]:
        """From that place on, each batch with the place after it; epoch follows epoch."""
        epoch, start = place.epoch, place.index
        while True:
            plan = self.plan(epoch)
            for index in range(start, len(plan)):
                last = index + 1 == len(plan)
                batch = _make(self._text(epoch), plan[index], self.share)
                yield batch, Place(epoch + 1, 0) if last else Place(epoch, index + 1)
            epoch, start = epoch + 1, 0

    def once(self) -> Iterator[Batch]:
        """One pass in the order of lengths, for a loss."""
        for rows in self._cut(self.encoded, np.arange(len(self.encoded)), 0.0):
            yield _make(self.encoded, rows, self.share)

    def _text(self, epoch: int) -> Encoded:
        """What an epoch reads: resampled as a whole, since only then are its lengths known and the budget kept.

        Batches planned by the lengths without BPE dropout were up to 2.2 times the budget (Multi30k, dropout 0.1).
        """
        if self.resample is None and self.shards is None:
            return self.encoded
        if self._read is None or self._read[0] != epoch:
            self._read = None  # or else two epochs are in memory at once
            text = self.shards(epoch) if self.shards else self.encoded
            self._read = epoch, text if self.resample is None else _resampled(text, self.resample, epoch)
        return self._read[1]

    def _cut(self, text: Encoded, rows: Rows, noise: NDArray[np.float64] | float) -> list[Rows]:
        """The rows in the order of lengths, in runs that stay within the budget."""
        src, tgt = text.src.lengths[rows], text.tgt.lengths[rows]
        order = by_length(src, tgt, noise)
        return np.split(rows[order], cuts(np.maximum(src, tgt)[order] + 1, self.batch_tokens))


def _resampled(text: Encoded, resample: Resample, epoch: int) -> Encoded:
    """The text in the pieces of an epoch; 4 bytes a token, since a list of ints takes nine times the memory."""
    flat, lengths = (array("i"), array("i")), (array("i"), array("i"))
    for row in range(len(text)):
        for ids, sizes, side in zip(flat, lengths, resample(epoch, row), strict=True):
            ids.extend(side)
            sizes.append(len(side))
    src, tgt = (
        Side.flat(np.array(n, np.int64), np.frombuffer(ids, np.int32)) for n, ids in zip(lengths, flat, strict=True)
    )
    return Encoded(src, tgt, text.lines)


def _make(text: Encoded, rows: Rows, share: Share) -> Batch:
    own = share.of(rows)
    shown = own if len(own) else rows[:1]
    guides = None if text.guides is None else [text.guides[i] for i in shown]
    src, tgt = ((side.lengths[shown], side.gathered(shown)) for side in (text.src, text.tgt))
    batch = _collate(src, tgt, guides)
    if not len(own):  # every process reads something, or the others would wait for its gradient
        nothing = None if batch.links is None else torch.zeros_like(batch.links)
        batch = replace(batch, tgt_out=torch.full_like(batch.tgt_out, PAD), tokens=0, links=nothing)
    return replace(batch, all_tokens=int(text.tgt.lengths[rows].sum()) + len(rows))


def dropout_resampler(
    corpus: Corpus | None, tokenizer: TokenizerPair, encoded: Encoded, dropout: float, seed: int
) -> Resample:
    """Pieces by BPE dropout, as a function of (seed, epoch, line): a resumed run sees the same ones.

    Without a corpus in memory its lines are made of the ids again, which are exact at this level.
    """

    def resample(epoch: int, row: int) -> tuple[Ids, Ids]:
        line = int(encoded.lines[row])
        rng = random.Random(f"{seed} {epoch} {line}")
        if corpus is None:
            src, tgt = (
                tokenizer.source.decode(encoded.src[row].tolist()),
                tokenizer.target.decode(encoded.tgt[row].tolist()),
            )
        else:
            src, tgt = corpus.src[line], corpus.tgt[line]
        pieces = tokenizer.source.encode_with_dropout(src, dropout, rng)
        return pieces, tokenizer.target.encode_with_dropout(tgt, dropout, rng)

    return resample
