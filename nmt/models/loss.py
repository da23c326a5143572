"""Label-smoothed cross-entropy, as a sum to be divided by the tokens of a whole update."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

CHUNK_NUMBERS = 2**22
"""Logits to a chunk (16 MB in fp32): small enough to stay near the processor, large enough for its matrix product."""


def cross_entropy_sum(
    logits: Callable[[Tensor], Tensor], features: Tensor, targets: Tensor, label_smoothing: float = 0.0
) -> Tensor:
    """(M, D), (M,) -> scalar: sum over M tokens of (1 - e) * -log p(target) + e * mean over V of -log p.

    Szegedy et al. 2016 (arXiv:1512.00567), section 7. Logits are made chunk by chunk, and each chunk's memory
    is used again for its gradient: on a CPU the 131 MB of 4,096 x 8,000 logits, their softmax and their gradient
    cost more in page faults than in arithmetic.
    """
    if len(features) == 0:
        return logits(features).sum()  # 0, and a gradient of 0 for every weight, as others that train wait for one
    types = logits(features[:1].detach()).size(-1)
    rows = max(1, CHUNK_NUMBERS // types)
    total = features.new_zeros((), dtype=torch.float64 if features.dtype == torch.float64 else torch.float32)
    for part, wanted in zip(features.split(rows), targets.split(rows), strict=True):
        total = total + _CrossEntropy.apply(logits(part), wanted, label_smoothing)
    return total


@dataclass(frozen=True)
class Guidance:
    """Where the steps of a batch should look, and which of a model's maps is to learn it."""

    links: Tensor
    """(B, T, S), rows that sum to 1, or to 0 where nobody says."""
    taught: int
    """The place of the map among all A."""
    weight: float

    def loss(self, maps: Tensor | None) -> Tensor:
        """(B, A, T, S) -> scalar: weight * sum over steps of the cross-entropy of their links.

        Chen et al. 2016 (arXiv:1607.01628), for one head as in Garg et al. 2019 (arXiv:1909.02074). Raises ValueError
        for a model that never looks.
        """
        if maps is None:
            raise ValueError("a model without attention cannot be guided")
        shares = maps[:, self.taught]
        shares = shares if shares.dtype in (torch.float32, torch.float64) else shares.float()
        log_shares = shares.clamp_min(torch.finfo(shares.dtype).tiny).log()  # padding has a share of 0, and no link
        return -self.weight * (self.links.to(shares.dtype) * log_shares).sum()


class _CrossEntropy(torch.autograd.Function):
    """The loss of one chunk; its logits become its gradient, softmax(x) - (1 - e) * one-hot - e / V."""

    @staticmethod
    def forward(ctx: Any, logits: Tensor, targets: Tensor, label_smoothing: float) -> Tensor:
        scores = logits if logits.dtype in (torch.float32, torch.float64) else logits.float()
        types = scores.size(-1)
        wanted = targets[:, None]
        picked = scores.gather(1, wanted)
        mean = scores.mean(1, keepdim=True) if label_smoothing else picked
        top = scores.amax(1, keepdim=True)
        shifted = scores.sub_(top) if ctx.needs_input_grad[0] else scores - top
        shares = shifted.exp_()
        sums = shares.sum(1, keepdim=True)
        log_sums = sums.log() + top
        loss = (log_sums - (1 - label_smoothing) * picked - label_smoothing * mean).sum()
        if ctx.needs_input_grad[0]:
            shares.div_(sums)
            if label_smoothing:
                shares.sub_(label_smoothing / types)
            shares.scatter_add_(1, wanted, torch.full_like(picked, label_smoothing - 1))
            ctx.gradient = shares if shares.dtype == logits.dtype else shares.to(logits.dtype)
        return loss

    @staticmethod
    def backward(ctx: Any, *outer: Tensor) -> tuple[Tensor, None, None]:
        gradient: Tensor = ctx.gradient
        return gradient.mul_(outer[0]), None, None
