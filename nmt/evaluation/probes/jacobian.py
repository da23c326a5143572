"""How much of a source word is left at an output, by the distance between them.

The measure is the Frobenius norm of the Jacobian of the decoder's feature at target step t (what the output layer
reads) with respect to the embedding of source token s, the reference's words before t being given: how far the output
moves if the word moves a little in any direction. Of a recurrence this norm is a product of as many matrices as there
are steps between the two, and vanishes or explodes with their number (Bengio et al. 1994; Hochreiter et al. 2001;
Pascanu et al. 2013, arXiv:1211.5063). The feature and not the probability of a token, whose gradient is small
wherever the model is sure, however far the word. All else held fixed, a token's other ways to the output (through the
words that were written before) are not counted.

Two distances. One is the same for every system, S - s + t for source tokens s = 0 .. S - 1, the end the last, and
target steps t = 0 .. T - 1: the steps from the word to the output if both sides are read as one sequence, and those
of a recurrence through a plain encoder-decoder. The other is of recurrent systems without attention alone: the fewest
steps of their own recurrence, for they may read the source from its end or from both, and may be given the one vector
anew at every step.
"""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor

from nmt.data.batches import Batch, collate
from nmt.data.corpus import Corpus
from nmt.models.base import Seq2Seq
from nmt.recipe import RecurrentConfig
from nmt.tokens import PAD

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

SENTENCES = 96
"""Pairs of a test set that are looked at, spread evenly over the lengths of their sources."""
STEPS = 3
"""Target steps of each of them, drawn by chance."""
VECTORS = 4
"""Random directions of the feature that stand for all D of them."""
BATCH_TOKENS = 1_024
"""Rows x longest source of a batch: a score of attention holds as many vectors for each target step."""
EDGES = (4, 8, 12, 16, 24, 32, 48, 64, 96, 128, 192, 256, 384, 512)
"""Upper ends of the bins of distance; the last is open."""
FEWEST = 10
"""Sentences of a bin; one of fewer is left out: the words of one sentence are not far from each other."""
TENTH = 0.1


@dataclass(frozen=True)
class Norms:
    """A number for every pair of a target step that was drawn and a source token of the same sentence."""

    sentence: Ints
    """(M,) number of the sentence."""
    tokens: Ints
    """(M,) source tokens of the sentence, S, the end counted."""
    place: Ints
    """(M,) s; the end, which is no word, is left out."""
    step: Ints
    """(M,) t."""
    norm: Floats
    """(M,)"""

    @property
    def between(self) -> Ints:
        """(M,) S - s + t."""
        return self.tokens - self.place + self.step

    @property
    def finite(self) -> bool:
        """False after a training that diverged."""
        return bool(np.isfinite(self.norm).all())


@dataclass(frozen=True)
class Bin:
    """The norms at some distances."""

    edge: int
    """Number of the bin, the same for all systems."""
    shortest: int
    longest: int
    distance: float
    """Their mean."""
    pairs: int
    """Of a source word and an output."""
    sentences: int
    """They are from."""
    norm: float
    """The geometric mean: a few outputs on the brink between two words would be most of an arithmetic one."""


def choose(corpus: Corpus, model: Seq2Seq[Any, Any], pairs: Sequence[tuple[list[int], list[int]]]) -> list[int]:
    """SENTENCES lines of a test set, spread over its lengths in words; of the pairs that the model has places for."""
    places = model.trained_places
    fitting = [
        line
        for line, (src, tgt) in enumerate(pairs)
        if src and len(src) < model.max_length and places.hold(len(src) + 1, len(tgt) + 1)
    ]
    order = sorted(fitting, key=lambda line: (len(corpus.src[line].split()), line))
    spread = np.linspace(0, len(order) - 1, min(SENTENCES, len(order))).round().astype(int)
    return [order[place] for place in spread]


def norms(
    model: Seq2Seq[Any, Any],
    pairs: Sequence[tuple[Sequence[int], Sequence[int]]],
    *,
    steps: int = STEPS,
    vectors: int = VECTORS,
    seed: int = 1,
) -> Norms:
    """Ids of both sides -> the norms at up to `steps` target steps of each pair.

    E |v J|^2 D / R over R = `vectors` orthonormal v is the squared Frobenius norm of J; with D or more of them it is
    that norm itself. The mean of a norm's logarithm is low by 0.14 at most (R = 4, and J of rank one), and so a
    geometric mean by an eighth. Needs `embedding.source` in the model, as all that are trained by gradient have.
    """
    draw = torch.Generator().manual_seed(seed)
    was_training = model.training
    model.eval()
    parts: list[Floats] = []
    ordered = sorted(pairs, key=lambda pair: len(pair[0]))
    while ordered:
        rows = max(1, BATCH_TOKENS // (len(ordered[-1][0]) + 1))
        batch = collate(*zip(*ordered[-rows:], strict=True)).to(next(model.parameters()).device)
        del ordered[-rows:]
        parts.append(_of_batch(model, batch, steps, vectors, draw))
        parts[-1][0] += len(ordered)  # what was a row of the batch
    model.train(was_training)
    found = np.concatenate(parts, axis=1)
    sentence, tokens, place, step = found[:4].astype(np.int64)
    return Norms(sentence, tokens, place, step, found[4])


def recurrent_steps(config: Any, found: Norms) -> Ints | None:
    """(M,) fewest steps of the system's own recurrence; None for one that attends, where it is none at all.

    A source is read to its last token, or back to its first; the decoder has taken t + 1 steps, unless it is given
    the one vector at each of them.
    """
    if not isinstance(config, RecurrentConfig) or config.score != "none":
        return None
    forward, backward = found.tokens - 1 - found.place, found.place
    read = backward if config.reverse_source else np.minimum(forward, backward) if config.bidirectional else forward
    return read if config.context == "every" else read + found.step + 1


def binned(distance: Ints, found: Norms) -> list[Bin]:
    """(M,) distances, their norms -> the bins that hold enough, nearest first."""
    bins = []
    places = np.searchsorted(EDGES, distance)
    least = float(np.finfo(np.float32).tiny)  # a gradient that is 0 has no logarithm
    for place in np.unique(places):
        held = places == place
        sentences = len(np.unique(found.sentence[held]))
        if sentences >= FEWEST:
            mean = math.exp(float(np.log(np.maximum(found.norm[held], least)).mean()))
            near, far = int(distance[held].min()), int(distance[held].max())
            bins.append(Bin(int(place), near, far, float(distance[held].mean()), int(held.sum()), sentences, mean))
    return bins


def relative(bins: Sequence[Bin]) -> list[float]:
    """The norms as shares of the system's largest, which scales of weights and features have no part in."""
    most = max((each.norm for each in bins), default=1.0)
    return [each.norm / most for each in bins]


def lost_from(bins: Sequence[Bin]) -> int | None:
    """The distance from which on all is under a tenth of the largest; None where the farthest is not."""
    shares = relative(bins)
    kept = max((place for place, share in enumerate(shares) if share >= TENTH), default=-1)
    return bins[kept + 1].shortest if kept + 1 < len(bins) else None


def _of_batch(model: Seq2Seq[Any, Any], batch: Batch, steps: int, vectors: int, draw: torch.Generator) -> Floats:
    """(5, M): row, tokens, place, step, norm."""
    embedded, features = _forward(model, batch)
    rows, _, dim = features.shape
    mask = batch.src_mask.cpu()
    lengths = mask.sum(1)
    orders = [torch.randperm(int(count), generator=draw) for count in (batch.tgt_out != PAD).sum(1)]
    found = []
    for turn in range(min(steps, max(map(len, orders)))):
        live = torch.tensor([row for row in range(rows) if turn < len(orders[row])])
        at = torch.stack([orders[row][turn] for row in live.tolist()])
        outputs = features[live.to(features.device), at.to(features.device)]  # (live rows, D)
        squares = torch.zeros(len(live), embedded.size(1), dtype=torch.float64)
        directions = _orthonormal(min(vectors, dim), dim, draw).to(features.dtype).to(features.device)
        for direction in directions:
            (gradient,) = torch.autograd.grad((outputs @ direction).sum(), embedded, retain_graph=True)
            squares += gradient.cpu()[live].double().square().sum(-1)  # Apple's MPS has no float64
        norm = (squares * (dim / len(directions))).sqrt()
        words = mask[live]
        words[torch.arange(len(live)), lengths[live] - 1] = False
        row, place = words.nonzero(as_tuple=True)
        found.append(torch.stack([live[row], lengths[live][row], place, at[row], norm[row, place]]).numpy())
    return np.concatenate(found, axis=1)


def _forward(model: Seq2Seq[Any, Any], batch: Batch) -> tuple[Tensor, Tensor]:
    """Embeddings of the source (B, S, E), on which depend features (B, T, D)."""
    leaves: list[Tensor] = []

    def hold(module: Any, read: Any, made: Tensor) -> Tensor:
        leaves.append(made.detach().requires_grad_())
        return leaves[-1]

    hook = model.get_submodule("embedding.source").register_forward_hook(hold)
    try:
        memory = model.encode(batch.src, batch.src_mask)
    finally:
        hook.remove()  # or else it would see the target too, where both have one embedding
    features = model.decode(batch.tgt_in, model.initial_state(memory, len(batch.src)), memory).features
    return leaves[0], features


def _orthonormal(count: int, dim: int, draw: torch.Generator) -> Tensor:
    """(R, D), R orthonormal vectors in directions drawn evenly."""
    normal = torch.randn(dim, count, dtype=torch.float64, generator=draw)
    return torch.linalg.qr(normal).Q.T
