"""The processes that do one work together, as torchrun starts them; one alone where it did not.

What they say here goes through the main memory, by gloo; gradients go their own way (training.parallel).
"""

import os
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import timedelta
from typing import TYPE_CHECKING, Any, TypeVar

from nmt.errors import PeerError, out_of_memory

if TYPE_CHECKING:
    from torch import Tensor

T = TypeVar("T")
LONGEST_WAIT = timedelta(days=2)
"""For a process that has a large text to encode; one that has ended is noticed at once."""


def launched() -> bool:
    """Whether torchrun started this process."""
    return {"RANK", "WORLD_SIZE", "MASTER_ADDR"} <= os.environ.keys()


def rank() -> int:
    """This process's number among all, from 0, before they have met too."""
    return int(os.environ["RANK"]) if launched() else 0


def local_rank() -> int:
    """Its number among those of its machine, and so that of its GPU."""
    return int(os.environ.get("LOCAL_RANK", "0")) if launched() else 0


def local_size() -> int:
    """How many processes torchrun started on this machine."""
    return int(os.environ.get("LOCAL_WORLD_SIZE", local_rank() + 1)) if launched() else 1


def size() -> int:
    """How many processes there are."""
    return int(os.environ["WORLD_SIZE"]) if launched() else 1


@dataclass(frozen=True)
class World:
    """All of them, from where one of them stands. Each method is called by all at the same point of their work.

    All raise PeerError where another process has ended.
    """

    rank: int = 0
    size: int = 1
    group: Any = None
    """Through which they talk; None for one alone."""

    @property
    def first(self) -> bool:
        """Whether this is the one that reads and writes the run folder, and speaks."""
        return self.rank == 0

    def numbers(self, own: Sequence[float]) -> list[list[float]]:
        """As many numbers of each process -> those of all, by rank."""
        if self.size == 1:
            return [list(own)]
        import torch
        import torch.distributed as dist

        given = torch.tensor(own, dtype=torch.float64)
        found = [torch.empty_like(given) for _ in range(self.size)]
        with peers():
            dist.all_gather(found, given, group=self.group)
        return [each.tolist() for each in found]

    def values(self, own: T) -> list[T]:
        """Anything that can be pickled, of each process -> that of all, by rank."""
        if self.size == 1:
            return [own]
        import torch.distributed as dist

        found: list[Any] = [None] * self.size
        with peers():
            dist.all_gather_object(found, own, group=self.group)
        return found

    def of_first(self, own: T) -> T:
        """The first process's value."""
        if self.size == 1:
            return own
        import torch.distributed as dist

        values = [own]
        with peers():
            dist.broadcast_object_list(values, src=0, group=self.group)
        return values[0]

    def tensors_of_first(self, own: "Mapping[str, Tensor]") -> "dict[str, Tensor]":
        """The first process's tensors by name, in the main memory; what the others give is not looked at."""
        if self.size == 1:
            return dict(own)
        import torch
        import torch.distributed as dist

        kinds = self.of_first({name: (tuple(tensor.shape), tensor.dtype) for name, tensor in own.items()})
        found = {}
        for name, (shape, dtype) in kinds.items():
            tensor = own[name].cpu().contiguous() if self.first else torch.empty(shape, dtype=dtype)
            with peers():
                dist.broadcast(tensor.reshape(-1).view(torch.uint8), src=0, group=self.group)
            found[name] = tensor
        return found


@contextmanager
def joined() -> Iterator[World]:
    """The processes that torchrun started, once all have met; or this one."""
    if size() == 1:
        yield World()
        return
    import torch
    import torch.distributed as dist

    backend = "cpu:gloo,cuda:nccl" if torch.cuda.is_available() and dist.is_nccl_available() else "gloo"
    with peers():
        dist.init_process_group(backend)
        group = dist.new_group(backend="gloo", timeout=LONGEST_WAIT)
        yield World(rank(), size(), group)
    dist.destroy_process_group()  # after a failure the end of the process does it, and waits for nobody


@contextmanager
def peers() -> Iterator[None]:
    """Raises PeerError for what the libraries raise when another process has ended."""
    try:
        yield
    except RuntimeError as error:
        said = str(error)
        ours = not any(word in said for word in ("gloo", "NCCL", "onnection", "TCPStore"))
        if size() == 1 or ours or out_of_memory(error):
            raise
        first = next(iter(said.strip().splitlines()), "")[:200]  # of NCCL, nobody else may have said what is wrong
        raise PeerError(
            f"process {rank()} ends because another one has, or cannot be reached ({first}); what that one said is "
            "the reason"
        ) from None
