"""The gradient of several batches, of which one that memory does not suffice for is split by rows."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from nmt.data.batches import Batch
from nmt.errors import RunError, out_of_memory


def accumulate(
    batches: Sequence[Batch], backward: Callable[[Batch], Tensor], clear: Callable[[], None]
) -> tuple[Tensor, int]:
    """Adds up the gradient of the batches -> sum of what `backward` gives, and how many splits that took.

    A backward pass that breaks off leaves some of its gradient, so after `clear` all batches are done again, the one
    that did not fit in two halves. The sum is the same to rounding; dropout is drawn anew. Raises RunError where one
    pair alone does not fit.
    """
    splits = 0
    while True:
        losses: list[Tensor] = []
        try:
            for batch in batches:
                losses.append(backward(batch))
        except (MemoryError, RuntimeError) as error:
            if not out_of_memory(error):
                raise
        else:
            return torch.stack(losses).sum(), splits
        clear()
        splits += 1
        place = len(losses)
        batches = [*batches[:place], *_halves(batches[place]), *batches[place + 1 :]]


def _halves(batch: Batch) -> tuple[Batch, Batch]:
    if len(batch) < 2:
        raise RunError(
            f"out of memory with one pair of {batch.src.size(1):,} and {batch.tgt_in.size(1):,} tokens alone; lower "
            "data.max_tokens, or the sizes in [model]"
        )
    return batch[: len(batch) // 2], batch[len(batch) // 2 :]
