"""What Transformers are stacked of: a residual sum around each sublayer, feed-forward layers, layers of an encoder."""

from collections.abc import Callable

import torch.nn.functional as F
from torch import Tensor, nn

from nmt.models.attention import self_attention
from nmt.models.dropout import Dropout
from nmt.models.formula import Formula
from nmt.models.norms import NORMS
from nmt.recipe import SelfAttentiveConfig


class Sublayer(nn.Module):
    """x + f(norm(x)), or norm(x + f(x)) as in the paper of 2017; dropout on what f gives.

    Without the residual sum (He et al. 2016, arXiv:1512.03385) f(norm(x)), or norm(f(x)).
    """

    def __init__(self, config: SelfAttentiveConfig) -> None:
        super().__init__()
        self.norm = NORMS[config.norm](config.dim)
        self.before, self.residual = config.norm_place == "pre", config.residual
        self.dropout = Dropout(config.dropout)

    def enter(self, x: Tensor) -> Tensor:
        """(N, T, D) -> (N, T, D): what f is given."""
        return self.norm(x) if self.before else x

    def forward(self, x: Tensor, function: Callable[[Tensor], Tensor]) -> Tensor:
        """(N, T, D) -> (N, T, D)."""
        y = self.dropout(function(self.enter(x)))
        y = x + y if self.residual else y
        return y if self.before else self.norm(y)


class FeedForward(nn.Module):
    """W2 relu(W1 x + b1) + b2 at each position (Vaswani et al. 2017, equation 2)."""

    share = 1.0
    """Where the recipe names no width inside, it is this share of 4 x D."""

    def __init__(self, config: SelfAttentiveConfig) -> None:
        super().__init__()
        inside = self.width(config)
        self.inner = nn.Linear(config.dim, inside)
        self.outer = nn.Linear(inside, config.dim)
        self.dropout = Dropout(config.dropout)
        for layer in (self.inner, self.outer):
            nn.init.xavier_uniform_(layer.weight)
            nn.init.zeros_(layer.bias)

    @classmethod
    def width(cls, config: SelfAttentiveConfig) -> int:
        """Inside."""
        return config.feed_forward_dim or round(cls.share * 4 * config.dim)

    @staticmethod
    def parameter_formula(dim: Formula, inside: Formula) -> Formula:
        """W1 and W2, b1 and b2."""
        return 2 * dim * inside + inside + dim

    def inside(self, x: Tensor) -> Tensor:
        """(N, T, D) -> (N, T, width inside)."""
        return self.inner(x).relu()

    def forward(self, x: Tensor) -> Tensor:
        """(N, T, D) -> (N, T, D)."""
        return self.outer(self.dropout(self.inside(x)))


class GELUFeedForward(FeedForward):
    """W2 gelu(W1 x + b1) + b2, gelu(y) = y * P(normal < y) (Hendrycks and Gimpel 2016, arXiv:1606.08415)."""

    def inside(self, x: Tensor) -> Tensor:
        """(N, T, D) -> (N, T, width inside)."""
        return F.gelu(self.inner(x))


class GatedFeedForward(FeedForward):
    """W2 (silu(G x + g) * (W1 x + b1)) + b2, called SwiGLU.

    Shazeer 2020 (arXiv:2002.05202), equation 6, which has no biases.
    """

    share = 2 / 3

    def __init__(self, config: SelfAttentiveConfig) -> None:
        super().__init__(config)
        self.gate = nn.Linear(config.dim, self.inner.out_features)
        nn.init.xavier_uniform_(self.gate.weight)
        nn.init.zeros_(self.gate.bias)

    @staticmethod
    def parameter_formula(dim: Formula, inside: Formula) -> Formula:
        """G, W1 and W2, and their biases."""
        return 3 * dim * inside + 2 * inside + dim

    def inside(self, x: Tensor) -> Tensor:
        """(N, T, D) -> (N, T, width inside)."""
        return F.silu(self.gate(x)) * self.inner(x)


FEED_FORWARDS: dict[str, type[FeedForward]] = {"relu": FeedForward, "gelu": GELUFeedForward, "gated": GatedFeedForward}


class Unchanged(nn.Module):
    """In the place of a sublayer that is left out."""

    def forward(self, x: Tensor, function: Callable[[Tensor], Tensor]) -> Tensor:
        """(N, T, D) -> the same."""
        return x


def feed_forward(config: SelfAttentiveConfig) -> tuple[nn.Module, nn.Module]:
    """The feed-forward layers that a recipe names, and the sublayer around them."""
    if config.feed_forward == "none":
        return nn.Identity(), Unchanged()
    return FEED_FORWARDS[config.feed_forward](config), Sublayer(config)


class EncoderLayer(nn.Module):
    """Self-attention, then feed-forward."""

    def __init__(self, config: SelfAttentiveConfig) -> None:
        super().__init__()
        self.attention = self_attention(config)
        self.attended = Sublayer(config)
        self.feed_forward, self.fed = feed_forward(config)

    def forward(self, x: Tensor, mask: Tensor) -> Tensor:
        """(B, S, D), mask (B, 1, 1, S) -> (B, S, D)."""
        x = self.attended(x, lambda y: self.attention(y, mask)[0])
        return self.fed(x, self.feed_forward)
