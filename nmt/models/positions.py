"""How a token knows where it stands; table POSITIONS."""

import math

import torch
from torch import Tensor, nn


def sinusoids(start: int, count: int, dim: int, like: Tensor) -> Tensor:
    """(T, D): sine and cosine of position / 10000 ** (2 i / D), i = 0 .. D/2 - 1 (Vaswani et al. 2017, section 3.5).

    Sines first and cosines after them, not in turn: the same subspace, and one concatenation.
    """
    place = torch.arange(start, start + count, dtype=torch.float32, device=like.device)
    rate = torch.exp(torch.arange(0, dim, 2, dtype=torch.float32, device=like.device) * (-math.log(10_000.0) / dim))
    angle = place[:, None] * rate  # (T, D / 2)
    return torch.cat([angle.sin(), angle.cos()], dim=1).to(like.dtype)


class Sinusoidal(nn.Module):
    """Adds `sinusoids`; any length, nothing to learn."""

    def __init__(self, dim: int, max_length: int) -> None:
        super().__init__()
        self.dim = dim

    def forward(self, x: Tensor, start: int) -> Tensor:
        """(N, T, D) of the positions from `start` on -> (N, T, D)."""
        return x + sinusoids(start, x.size(1), self.dim, x)


class Learned(nn.Module):
    """Adds a learned vector for each place; beyond `max_length` the last one serves (Gehring et al. 2017)."""

    def __init__(self, dim: int, max_length: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(max_length, dim).normal_(std=0.02))

    def forward(self, x: Tensor, start: int) -> Tensor:
        """(N, T, D) of the positions from `start` on -> (N, T, D)."""
        place = torch.arange(start, start + x.size(1), device=x.device).clamp(max=len(self.weight) - 1)
        return x + self.weight[place]


POSITIONS: dict[str, type[Sinusoidal] | type[Learned]] = {"sinusoidal": Sinusoidal, "learned": Learned}
