"""Normalisation of a feature vector; table NORMS."""

import torch
from torch import Tensor, nn


class LayerNorm(nn.Module):
    """(x - mean) / standard deviation * g + b over the last axis (Ba et al. 2016, arXiv:1607.06450)."""

    def __init__(self, dim: int, eps: float = 1e-5) -> None:
        super().__init__()
        self.dim, self.eps = dim, eps
        self.gain = nn.Parameter(torch.ones(dim))
        self.bias = nn.Parameter(torch.zeros(dim))

    def forward(self, x: Tensor) -> Tensor:
        """(.., D) -> (.., D)."""
        return nn.functional.layer_norm(x, (self.dim,), self.gain, self.bias, self.eps)


class RMSNorm(nn.Module):
    """x / root mean square * g over the last axis (Zhang and Sennrich 2019, arXiv:1910.07467)."""

    def __init__(self, dim: int, eps: float = 1e-6) -> None:
        super().__init__()
        self.dim, self.eps = dim, eps
        self.gain = nn.Parameter(torch.ones(dim))

    def forward(self, x: Tensor) -> Tensor:
        """(.., D) -> (.., D)."""
        return nn.functional.rms_norm(x, (self.dim,), self.gain, self.eps)


NORMS: dict[str, type[LayerNorm] | type[RMSNorm]] = {"layer": LayerNorm, "rms": RMSNorm}
