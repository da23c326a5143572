"""Pickers: which continuations of a sentence's hypotheses go on; (totals, log_probs) -> candidates.

`totals` (B, K) are the log-probabilities of the hypotheses, -inf for a place that holds none; `log_probs`
(B, K, V) those of their next tokens. A picker returns parents, tokens, totals, each (B, C): the hypothesis
continued, the token, the sum. The search lets the first K of C finish, and fills K places with the first
that have not ended.
"""

import math
from collections.abc import Callable, Sequence

import numpy as np
import torch
from torch import Tensor

from nmt.recipe import SearchConfig

Picker = Callable[[Tensor, Tensor, Tensor], tuple[Tensor, Tensor, Tensor]]
"""(totals, log_probs, sentences) -> parents, tokens, totals; `sentences` (B,) are indices into the batch."""


def best_of(totals: Tensor, log_probs: Tensor, sentences: Tensor) -> tuple[Tensor, Tensor, Tensor]:
    """The 2 K best continuations of each sentence: enough that K remain if K of them end."""
    beam, types = log_probs.shape[1:]
    sums = (totals[:, :, None] + log_probs).flatten(1)
    best, places = sums.topk(min(2 * beam, sums.size(1)), dim=1)
    return places // types, places % types, best


def sampler(config: SearchConfig, seeds: Sequence[int]) -> Picker:
    """A picker that draws one continuation for each hypothesis.

    Sentence b draws from a generator begun with (config.seed, seeds[b]), so its draws depend on no neighbour.
    Temperature, top-k and top-p shape what is drawn from; the totals stay the model's own log-probabilities.
    """
    draws = [np.random.default_rng([config.seed, seed]) for seed in seeds]

    def pick(totals: Tensor, log_probs: Tensor, sentences: Tensor) -> tuple[Tensor, Tensor, Tensor]:
        beam = totals.size(1)
        # In float64 on the CPU: the same draws on every device, and not every device has float64.
        shaped = _shape(log_probs.cpu().double() / config.temperature, config)
        sums = shaped.softmax(-1).cumsum(-1)  # (B, K, V)
        points = np.stack([draws[sentence].random(beam) for sentence in sentences.tolist()])
        at = torch.from_numpy(points)[:, :, None] * sums[:, :, -1:]
        tokens = torch.searchsorted(sums, at, right=True).clamp(max=sums.size(-1) - 1).to(log_probs.device)
        chosen = totals + log_probs.gather(-1, tokens)[:, :, 0]
        parents = torch.arange(beam, device=totals.device).expand_as(totals)
        return parents, tokens[:, :, 0], chosen

    return pick


def _shape(scores: Tensor, config: SearchConfig) -> Tensor:
    """(B, K, V) with all but the tokens that may be drawn at -inf."""
    if config.top_k:
        least = scores.topk(min(config.top_k, scores.size(-1)), dim=-1).values[..., -1:]
        scores = scores.masked_fill(scores < least, -math.inf)
    if config.top_p:
        ranked, order = scores.sort(dim=-1, descending=True)
        shares = ranked.softmax(-1)
        beyond = shares.cumsum(-1) - shares >= config.top_p  # what stands before it already suffices
        scores = scores.masked_fill(beyond.gather(-1, order.argsort(-1)), -math.inf)
    return scores
