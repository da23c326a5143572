"""The gradient of several batches, of which one that memory does not suffice for is split by rows."""

from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from nmt.data.batches import Batch
from nmt.errors import RunError, out_of_memory


def accumulate(
    batches: Sequence[Batch], backward: Callable[[Batch, bool], Tensor], clear: Callable[[], None], alone: bool = True
) -> tuple[Tensor, int]:
    """Adds up the gradient of the batches -> sum of what `backward` gives, and how many splits that took.

    `backward` takes a batch and whether it is the last.

    A backward pass that breaks off leaves some of its gradient, so after `clear` all batches are done again, the one
    that did not fit in two halves. The sum is the same to rounding; dropout is drawn anew. Raises RunError where one
    pair alone does not fit, and where other processes, with `alone` false, wait for the gradient of just these batches.
    """
    splits = 0
    while True:
        losses: list[Tensor] = []
        try:
            for place, batch in enumerate(batches, start=1):
                losses.append(backward(batch, place == len(batches)))
        except (MemoryError, RuntimeError) as error:
            if not out_of_memory(error):
                raise
            if not alone:
                raise RunError(
                    f"out of memory with {len(batches[len(losses)])} pairs at once, which several processes do not "
                    "split; lower training.batch_tokens and raise training.accumulate by as much"
                ) from None
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
