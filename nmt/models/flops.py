"""Floating-point operations of matrix products, counted where torch does them; a multiply-add is two."""

from collections.abc import Iterator
from contextlib import contextmanager

from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode


@contextmanager
def counting() -> Iterator[FlopCounterMode]:
    """What is computed inside is counted: `get_total_flops` says how much so far."""
    # The fused kernels of attention have no formula on every device; the plain one is made of products that have.
    with FlopCounterMode(display=False) as counter, sdpa_kernel(SDPBackend.MATH):
        yield counter
