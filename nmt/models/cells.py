"""Recurrent cells, each written as its equations; table CELLS.

A cell splits its work: `project` does what depends on the input alone, for all steps in one matrix product;
`step` does what depends on the state. A state is (N, parts, D): the hidden vector first, and an LSTM's cell
state second.
"""

import math

import torch
from torch import Tensor, nn

from nmt.models.formula import Formula
from nmt.recipe import RecurrentConfig, ReservoirConfig


class Cell(nn.Module):
    """W x + b for `gates` gates at once, and U likewise; weights uniform in +-1 / sqrt(D)."""

    gates: int
    parts: int = 1

    def __init__(self, input_dim: int, dim: int) -> None:
        super().__init__()
        self.dim = dim
        self.input = nn.Linear(input_dim, self.gates * dim)
        self.hidden = nn.Linear(dim, self.gates * dim)
        for parameter in self.parameters():
            nn.init.uniform_(parameter, -1 / math.sqrt(dim), 1 / math.sqrt(dim))

    @classmethod
    def parameter_formula(cls, input_dim: Formula, dim: Formula) -> Formula:
        """For each gate a W and a U, and a bias for either."""
        return cls.gates * dim * (input_dim + dim) + 2 * cls.gates * dim

    def project(self, x: Tensor) -> Tensor:
        """(.., input width) -> (.., gates D): the part of every gate that the input decides."""
        return self.input(x)

    def step(self, projected: Tensor, state: Tensor) -> Tensor:
        """(N, gates D), state (N, parts, D) -> state (N, parts, D)."""
        raise NotImplementedError


class Tanh(Cell):
    """h' = tanh(W x + U h + b) (Elman 1990)."""

    gates = 1

    def step(self, projected: Tensor, state: Tensor) -> Tensor:
        """(N, D), state (N, 1, D) -> state (N, 1, D)."""
        return torch.tanh(projected + self.hidden(state[:, 0])).unsqueeze(1)


class LSTM(Cell):
    """Input, forget and output gate around a cell state (Hochreiter and Schmidhuber 1997; forget gate Gers 2000).

    c' = f * c + i * tanh(g), h' = o * tanh(c'). The forget gate's bias begins at 1, so that a new network
    remembers (Jozefowicz et al. 2015).
    """

    gates = 4
    parts = 2

    def __init__(self, input_dim: int, dim: int) -> None:
        super().__init__(input_dim, dim)
        nn.init.ones_(self.input.bias[dim : 2 * dim])
        nn.init.zeros_(self.hidden.bias[dim : 2 * dim])

    def step(self, projected: Tensor, state: Tensor) -> Tensor:
        """(N, 4 D) in the order i, f, g, o; state (N, 2, D) -> state (N, 2, D)."""
        i, f, g, o = (projected + self.hidden(state[:, 0])).chunk(4, dim=-1)
        memory = f.sigmoid() * state[:, 1] + i.sigmoid() * g.tanh()
        return torch.stack([o.sigmoid() * memory.tanh(), memory], dim=1)


class GRU(Cell):
    """Reset gate r, update gate z (Cho et al. 2014, arXiv:1406.1078, in the form whose reset follows the product).

    n = tanh(W x + r * (U h)), h' = (1 - z) * n + z * h: three quarters of an LSTM's weights.
    """

    gates = 3

    def step(self, projected: Tensor, state: Tensor) -> Tensor:
        """(N, 3 D) in the order r, z, n; state (N, 1, D) -> state (N, 1, D)."""
        h = state[:, 0]
        r, z, n = projected.chunk(3, dim=-1)
        r_h, z_h, n_h = self.hidden(h).chunk(3, dim=-1)
        new = torch.tanh(n + (r + r_h).sigmoid() * n_h)
        keep = (z + z_h).sigmoid()
        return torch.lerp(new, h.to(new.dtype), keep.to(new.dtype)).unsqueeze(1)


class Reservoir(Tanh):
    """h' = (1 - a) h + a tanh(W x + U h + b), and nothing of it is ever trained (Jaeger 2001, GMD report 148).

    U is sparse and scaled to the spectral radius, so that the states are an echo of the past that fades; a is the
    leak of Jaeger et al. 2007. A ring of weights is always there: without a cycle every eigenvalue of U
    would be 0, and no scale could mend that.
    """

    def __init__(self, input_dim: int, dim: int, config: ReservoirConfig | None = None) -> None:
        super().__init__(input_dim, dim)
        config = config or ReservoirConfig()
        self.leak = config.leak
        kept = torch.rand(dim, dim) >= config.sparsity
        ring = torch.eye(dim, dtype=torch.bool).roll(1, 0)
        with torch.no_grad():
            self.input.weight.mul_(config.input_scale)
            weight = torch.empty(dim, dim).uniform_(-1.0, 1.0) * (kept | ring)
            radius = torch.linalg.eigvals(weight).abs().max()
            self.hidden.weight.copy_(weight * (config.spectral_radius / radius))
            self.hidden.bias.zero_()
        for parameter in self.parameters():
            parameter.requires_grad_(False)

    def step(self, projected: Tensor, state: Tensor) -> Tensor:
        """(N, D), state (N, 1, D) -> state (N, 1, D)."""
        return torch.lerp(state, super().step(projected, state).to(state.dtype), self.leak)


CELLS: dict[str, type[Cell]] = {"tanh": Tanh, "lstm": LSTM, "gru": GRU, "reservoir": Reservoir}


def encoder_cell(config: RecurrentConfig, input_dim: int, dim: int) -> Cell:
    """The cell that reads the source."""
    if config.cell == "reservoir":
        return Reservoir(input_dim, dim, config.reservoir)
    return CELLS[config.cell](input_dim, dim)


def decoder_cell(config: RecurrentConfig, input_dim: int, dim: int) -> Cell:
    """The cell that writes the target: the same, but that a reservoir, which cannot learn to write, has a GRU."""
    return CELLS["gru" if config.cell == "reservoir" else config.cell](input_dim, dim)


def run(cell: Cell, x: Tensor, mask: Tensor | None, state: Tensor, backward: bool = False) -> tuple[Tensor, Tensor]:
    """(N, T, input), (N, T) or None, (N, parts, D) -> outputs (N, T, D), last state (N, parts, D).

    Without a mask every token is real. A step on padding leaves the state as it was, so the last state is that
    after the last real token, from whichever end the sentence is read.
    """
    steps = cell.project(x).unbind(1)
    keeps = mask[:, :, None, None].unbind(1) if mask is not None else None  # T of (N, 1, 1)
    outputs: list[Tensor] = []
    order = range(len(steps) - 1, -1, -1) if backward else range(len(steps))
    for t in order:
        new = cell.step(steps[t], state)
        state = new if keeps is None else torch.where(keeps[t], new, state)
        outputs.append(state[:, 0])
    return torch.stack(outputs[::-1] if backward else outputs, dim=1), state
