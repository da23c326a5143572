"""Dropout whose random numbers do not cost more than the layer they follow."""

from typing import Any

import torch
from torch import Tensor, nn

_STEPS = 2**16


class Dropout(nn.Module):
    """Sets each number to zero with probability `share` and scales the rest by 1 / (1 - share), in training alone.

    Srivastava et al. 2014. On a CPU, `torch.nn.Dropout` draws a number for each element one after the other, an
    eighth of a small Transformer's step; here one draw of 64 bits serves four elements, so a share is kept to a
    multiple of 2 ** -16.
    """

    def __init__(self, share: float) -> None:
        super().__init__()
        self.share = share
        self.threshold = min(round(share * _STEPS), _STEPS - 1)

    def forward(self, x: Tensor) -> Tensor:
        """(..) -> (..)."""
        if not self.training or self.threshold == 0:
            return x
        if x.device.type != "cpu":
            return nn.functional.dropout(x, self.share)
        result: Tensor = _Drop.apply(x, self.threshold)
        return result

    def extra_repr(self) -> str:
        return f"{self.share}"


class _Drop(torch.autograd.Function):
    @staticmethod
    def forward(ctx: Any, x: Tensor, threshold: int) -> Tensor:
        bits = torch.empty((x.numel() + 3) // 4, dtype=torch.int64).random_(-(2**63), None)
        kept = bits.view(torch.int16)[: x.numel()].view(x.shape) >= threshold - _STEPS // 2
        ctx.scale = _STEPS / (_STEPS - threshold)
        ctx.save_for_backward(kept)
        return (x * kept).mul_(ctx.scale)

    @staticmethod
    def backward(ctx: Any, *outer: Tensor) -> tuple[Tensor, None]:
        (kept,) = ctx.saved_tensors
        return (outer[0] * kept).mul_(ctx.scale), None
