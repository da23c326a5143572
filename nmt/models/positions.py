"""How a token knows where it stands; table POSITIONS.

Positions are either added to the embeddings (the call), or turn queries and keys (`turn`). They begin at `start`: a
number, or an (N,) tensor where each row has its own.
"""

import math
from collections.abc import Callable

import torch
from torch import Tensor, nn

from nmt.models.formula import Formula

Start = int | Tensor
Turn = Callable[[Tensor, Start], Tensor]


class Positions(nn.Module):
    """None at all: a sentence is a bag of words, but for what a causal mask lets through."""

    turn: Turn | None = None
    """(N, H, T, d), start -> (N, H, T, d): what is done to queries and keys, if anything."""

    def __init__(self, dim: int, max_length: int) -> None:
        super().__init__()

    @staticmethod
    def parameter_formula(dim: Formula, max_length: Formula) -> Formula:
        """How many numbers they have; none, unless they are learned."""
        return Formula()

    def forward(self, x: Tensor, start: Start) -> Tensor:
        """(N, T, D) of the positions from `start` on -> (N, T, D)."""
        return x

    @property
    def trained_length(self) -> int | None:
        """Places that training has met; None where nothing about a place is learned."""
        return None


class Sinusoidal(Positions):
    """Adds `sinusoids`; any length, nothing to learn."""

    def forward(self, x: Tensor, start: Start) -> Tensor:
        """(N, T, D) of the positions from `start` on -> (N, T, D)."""
        return x + sinusoids(places(start, x.size(1), x), x.size(-1)).to(x.dtype)


class Learned(Positions):
    """Adds a learned vector for each place (Gehring et al. 2017, arXiv:1705.03122, section 3.1).

    They begin at 0. A place that training never met keeps its 0, by which it is known: it takes the vector of the
    last one that was met.
    """

    def __init__(self, dim: int, max_length: int) -> None:
        super().__init__(dim, max_length)
        self.weight = nn.Parameter(torch.zeros(max_length, dim))

    @staticmethod
    def parameter_formula(dim: Formula, max_length: Formula) -> Formula:
        """A vector for each place."""
        return max_length * dim

    def forward(self, x: Tensor, start: Start) -> Tensor:
        """(N, T, D) of the positions from `start` on -> (N, T, D)."""
        return x + self.weight[trained_places(self.weight, places(start, x.size(1), x), self.training)]

    @property
    def trained_length(self) -> int | None:
        """Places that training has met."""
        return int(met(self.weight))


class Rotary(Positions):
    """Turns queries and keys by an angle that grows with their place (Su et al. 2021, arXiv:2104.09864, section 3.2).

    The product of a query and a key then depends on their places through the distance alone. Nothing is learned, and
    nothing added to the embeddings. Pairs are (x_i, x_(i + d/2)) and not neighbours as in the paper: the same up to an
    order of the weights' rows.
    """

    @staticmethod
    def turn(x: Tensor, start: Start) -> Tensor:
        """(N, H, T, d) of the positions from `start` on -> (N, H, T, d); turned in fp32 at least, whatever x is."""
        sine, cosine = sinusoids(places(start, x.size(2), x), x.size(-1)).chunk(2, dim=-1)
        if sine.dim() == 3:  # (N, T, d / 2), a start for each row
            sine, cosine = sine[:, None], cosine[:, None]
        a, b = x.chunk(2, dim=-1)
        return torch.cat([a * cosine - b * sine, a * sine + b * cosine], dim=-1).to(x.dtype)


POSITIONS: dict[str, type[Positions]] = {
    "none": Positions,
    "sinusoidal": Sinusoidal,
    "learned": Learned,
    "rotary": Rotary,
}


def places(start: Start, count: int, like: Tensor) -> Tensor:
    """(T,) or, with a start for each row, (N, T): the places from `start` on."""
    steps = torch.arange(count, device=like.device)
    return start[:, None] + steps if isinstance(start, Tensor) else start + steps


def sinusoids(place: Tensor, dim: int) -> Tensor:
    """(..) -> (.., D): sine and cosine of place / 10000 ** (2 i / D), i = 0 .. D/2 - 1 (Vaswani et al. 2017, 3.5).

    Sines first and cosines after them, not in turn: the same subspace, and one concatenation.
    """
    rate = torch.exp(torch.arange(0, dim, 2, dtype=torch.float32, device=place.device) * (-math.log(10_000.0) / dim))
    angle = place[..., None].float() * rate  # (.., D / 2)
    return torch.cat([angle.sin(), angle.cos()], dim=-1)


def trained_places(weight: Tensor, place: Tensor, training: bool) -> Tensor:
    """(L, D) weights, (..) places -> (..): none beyond the last or, outside of training, the last that is not 0."""
    if training:
        return place.clamp(max=len(weight) - 1)
    return torch.minimum(place, (met(weight) - 1).clamp(min=0))


def met(weight: Tensor) -> Tensor:
    """(L, D) weights of places, 0 to begin with -> a scalar: how many there are up to the last that is not 0."""
    return ((weight.detach() != 0).any(1) * torch.arange(1, len(weight) + 1, device=weight.device)).max()
