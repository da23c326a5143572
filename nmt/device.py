"""Which device a model works on."""

import torch

from nmt.errors import UsageError
from nmt.world import local_rank, local_size, size


def choose_device(name: str = "auto") -> torch.device:
    """The device of that name; "auto" is cuda where there is one, then mps, then cpu. Raises UsageError.

    Of several processes on a machine each has a GPU of its own, the one of its number.
    """
    if size() > 1:
        return _own(name)
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError):
        raise UsageError(f"there is no device {name!r} here; use auto, cpu, cuda, cuda:1 or mps") from None
    return device


def _own(name: str) -> torch.device:
    """The device of one of several processes."""
    if name not in ("auto", "cpu", "cuda"):
        raise UsageError(f"--device {name} is one for all processes; under torchrun use auto, cpu or cuda")
    if name == "cpu" or (name == "auto" and not torch.cuda.is_available()):
        return torch.device("cpu")
    if local_size() > torch.cuda.device_count():  # all of them know it, and none waits for the others
        raise UsageError(
            f"there are {torch.cuda.device_count()} GPUs here and {local_size()} processes; lower --nproc-per-node"
        )
    torch.cuda.set_device(local_rank())
    return torch.device("cuda", local_rank())
