"""Label-smoothed cross-entropy, as a sum to be divided by the tokens of a whole update."""

from collections.abc import Callable

import torch.nn.functional as F
from torch import Tensor


def cross_entropy_sum(
    logits: Callable[[Tensor], Tensor], features: Tensor, targets: Tensor, label_smoothing: float = 0.0
) -> Tensor:
    """(M, D), (M,) -> scalar: sum over M tokens of (1 - e) * -log p(target) + e * mean over V of -log p.

    Szegedy et al. 2016 (arXiv:1512.00567), section 7.
    """
    scores = logits(features).float()  # (M, V); under autocast the sum over V wants more digits than bf16 has
    return F.cross_entropy(scores, targets, reduction="sum", label_smoothing=label_smoothing)
