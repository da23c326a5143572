"""Which device a model works on."""

import torch

from nmt.errors import UsageError


def choose_device(name: str = "auto") -> torch.device:
    """The device of that name; "auto" is cuda where there is one, then mps, then cpu. Raises UsageError."""
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
