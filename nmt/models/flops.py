"""Floating-point operations of matrix products, counted where torch does them; a multiply-add is two."""

from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from typing import Any

import torch
from torch import Tensor, nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils._python_dispatch import TorchDispatchMode
from torch.utils.flop_counter import flop_registry

from nmt.models.embedding import Embedding
from nmt.models.positions import Positions
from nmt.models.scores import Location


def _matrix_vector(matrix: Tensor, vector: Tensor, out_val: Tensor) -> int:
    """A matrix times a single vector, such as v of the additive score, for which torch has no formula.

    Going back, the gradient of the vector is another such product; that of the matrix has no sums, and is left out.
    """
    return 2 * matrix.numel()


FORMULAS = {**flop_registry, torch.ops.aten.mv: _matrix_vector}


class Counter(TorchDispatchMode):
    """Adds up what FORMULAS say of each operation inside.

    But for matrix times vector the same numbers as torch's `FlopCounterMode`, which loads the compiler for them and so
    takes two seconds to begin.
    """

    operations = 0

    @classmethod
    def _should_skip_dynamo(cls) -> bool:
        """Nothing here is compiled; True, torch's default, is what loads the compiler."""
        return False

    def __torch_dispatch__(
        self, func: Any, types: Sequence[type], args: Sequence[Any] = (), kwargs: Mapping[str, Any] | None = None
    ) -> Any:
        result = func(*args, **(kwargs or {}))
        if count := FORMULAS.get(func.overloadpacket):
            self.operations += count(*args, **(kwargs or {}), out_val=result)
        return result


@contextmanager
def counting() -> Iterator[Counter]:
    """What is computed inside is counted; the counter's `operations` say how much so far."""
    # The fused kernels of attention have no formula on every device; the plain one is made of products that have.
    with Counter() as counter, sdpa_kernel(SDPBackend.MATH):
        yield counter


def product_weights(model: nn.Module) -> int:
    """Numbers of the matrices that take part in a product for every token; a tied output's count here too.

    Vectors, and tables of which a token only picks a row (embeddings, places), have no part in one.
    """
    matrices = {
        id(parameter): parameter.numel()
        for module in model.modules()
        if not isinstance(module, Embedding | Positions | Location)
        for parameter in module.parameters(recurse=False)
        if parameter.dim() == 2
    }
    return sum(matrices.values())
