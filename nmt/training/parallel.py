"""How the processes of one training share its gradients, or its weights too; table PARALLEL, by training.parallel.

Each process makes the gradient of its part of a batch. The libraries take the mean of the parts, and a loss is
multiplied by their number before, so that an update is made of the sum, however many there are.
"""

import copy
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager, nullcontext
from typing import Any

import numpy as np
from torch import Tensor, nn

from nmt import console
from nmt.models.base import Seq2Seq
from nmt.weights import set_weights
from nmt.world import World


class Alone:
    """One process, and what is common to all of them."""

    def __init__(self, model: Seq2Seq[Any, Any], world: World = World()) -> None:  # noqa: B008 - it is frozen
        self.model, self.world = model, world
        self.trained: nn.Module = model
        """What a batch is given to, so that its gradient is shared."""

    def named_parameters(self) -> dict[str, nn.Parameter]:
        """Those that this process trains, by the model's names; parts of the model's under FSDP."""
        return dict(self.model.named_parameters())

    def sharing(self, last: bool) -> AbstractContextManager[None]:
        """Within it a batch is read and its gradient made, which is shared after the last of an update."""
        return nullcontext()

    def whole(self) -> Seq2Seq[Any, Any]:
        """A model that has all weights as they are now, to be measured and saved; called by all processes."""
        return self.model

    def full(self, tensor: Tensor) -> Tensor:
        """All of what one of the optimizer's tensors is a part of; called by all processes."""
        return tensor

    def part(self, tensor: Tensor, like: Tensor) -> Tensor:
        """What `full` was made of, in this process, for a parameter."""
        return tensor.to(like.device)


class Replicas(Alone):
    """Every process has all weights (torch's DistributedDataParallel)."""

    def __init__(self, model: Seq2Seq[Any, Any], world: World) -> None:
        super().__init__(model, world)
        self.trained = nn.parallel.DistributedDataParallel(model, gradient_as_bucket_view=True)

    def sharing(self, last: bool) -> AbstractContextManager[None]:
        """As above."""
        return nullcontext() if last else self.trained.no_sync()  # type: ignore[operator]


class Parts(Alone):
    """Every process has its part of each weight, and gets the rest when it is needed (torch's fully_shard, FSDP2)."""

    def __init__(self, model: Seq2Seq[Any, Any], world: World) -> None:
        super().__init__(model, world)
        from torch.distributed.device_mesh import init_device_mesh
        from torch.distributed.fsdp import fully_shard, register_fsdp_forward_method

        # Keys and values are views, and nothing is done to them in place, of which each process would be warned.
        console.silence("FSDP2-wrapped module .* returned a view tensor")
        self.copy = copy.deepcopy(model)
        mesh = init_device_mesh(next(model.parameters()).device.type, (world.size,))
        for unit, methods in model.units():
            fully_shard(unit, mesh=mesh)
            for method in methods:
                register_fsdp_forward_method(unit, method)
        fully_shard(model, mesh=mesh)

    @contextmanager
    def sharing(self, last: bool) -> Iterator[None]:
        """As above."""
        self.model.set_requires_gradient_sync(last)  # type: ignore[operator]
        yield

    def whole(self) -> Seq2Seq[Any, Any]:
        """As above; one copy that is filled anew each time."""
        set_weights(self.copy, {name: self.full(each) for name, each in self.named_parameters().items()})
        return self.copy

    def full(self, tensor: Tensor) -> Tensor:
        """As above."""
        from torch.distributed.tensor import DTensor

        return tensor.full_tensor() if isinstance(tensor, DTensor) else tensor

    def part(self, tensor: Tensor, like: Tensor) -> Tensor:
        """As above."""
        from torch.distributed.tensor import DTensor, distribute_tensor

        if not isinstance(like, DTensor) or tensor.shape != like.shape:  # Adam counts its steps in a scalar
            return tensor.to(like.device)
        return distribute_tensor(tensor.to(like.device), like.device_mesh, like.placements)


PARALLEL: dict[str, type[Alone]] = {"ddp": Replicas, "fsdp": Parts}


def draws(seed: int, rank: int, step: int) -> int:
    """What the random generator of a process but the first begins an update with.

    The first one's goes on from update to update and is saved; so a resume may have any number of processes.
    """
    return int(np.random.SeedSequence([seed, rank, step]).generate_state(1, np.uint64)[0])
