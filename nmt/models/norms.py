"""Normalisation of a feature vector, and what does its work without; table NORMS."""

import torch
from torch import Tensor, nn

from nmt.models.formula import Formula


class Norm(nn.Module):
    """None: x as it is."""

    def __init__(self, dim: int) -> None:
        super().__init__()

    @staticmethod
    def parameter_formula(dim: Formula) -> Formula:
        """How many numbers it has."""
        return Formula()

    def forward(self, x: Tensor) -> Tensor:
        """(.., D) -> the same."""
        return x


class LayerNorm(Norm):
    """(x - mean) / standard deviation * g + b over the last axis (Ba et al. 2016, arXiv:1607.06450)."""

    def __init__(self, dim: int, eps: float = 1e-5) -> None:
        super().__init__(dim)
        self.dim, self.eps = dim, eps
        self.gain = nn.Parameter(torch.ones(dim))
        self.bias = nn.Parameter(torch.zeros(dim))

    @staticmethod
    def parameter_formula(dim: Formula) -> Formula:
        """g and b."""
        return 2 * dim

    def forward(self, x: Tensor) -> Tensor:
        """(.., D) -> (.., D)."""
        return nn.functional.layer_norm(x, (self.dim,), self.gain, self.bias, self.eps)


class RMSNorm(Norm):
    """x / root mean square * g over the last axis (Zhang and Sennrich 2019, arXiv:1910.07467)."""

    def __init__(self, dim: int, eps: float = 1e-6) -> None:
        super().__init__(dim)
        self.dim, self.eps = dim, eps
        self.gain = nn.Parameter(torch.ones(dim))

    @staticmethod
    def parameter_formula(dim: Formula) -> Formula:
        """g."""
        return dim

    def forward(self, x: Tensor) -> Tensor:
        """(.., D) -> (.., D)."""
        return nn.functional.rms_norm(x, (self.dim,), self.gain, self.eps)


class DynamicTanh(Norm):
    """tanh(a x) * g + b, one a for all numbers (Zhu et al. 2025, arXiv:2503.10622, section 4): nothing is averaged.

    a begins at 0.5, as there.
    """

    def __init__(self, dim: int) -> None:
        super().__init__(dim)
        self.slope = nn.Parameter(torch.tensor([0.5]))
        self.gain = nn.Parameter(torch.ones(dim))
        self.bias = nn.Parameter(torch.zeros(dim))

    @staticmethod
    def parameter_formula(dim: Formula) -> Formula:
        """g and b, and a."""
        return 2 * dim + 1

    def forward(self, x: Tensor) -> Tensor:
        """(.., D) -> (.., D)."""
        return torch.tanh(self.slope * x) * self.gain + self.bias


NORMS: dict[str, type[Norm]] = {
    "layer": LayerNorm,
    "rms": RMSNorm,
    "tanh": DynamicTanh,
    "none": Norm,
}
