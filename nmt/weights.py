"""Weights as files: safetensors under the names of the bare model; nothing that is loaded can run code."""

from collections.abc import Mapping, Sequence
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from nmt.errors import RunError
from nmt.files import replacing

DTYPES = (torch.float32, torch.float64, torch.float16, torch.bfloat16)
"""What weights can be made of."""


def save_weights(model: nn.Module, path: Path) -> None:
    """The trained parameters, each once, written beside and renamed."""
    save_tensors({name: p.detach().cpu().contiguous() for name, p in model.named_parameters()}, path)


def load_weights(model: nn.Module, path: Path) -> None:
    """Puts the weights of a file into the model; raises RunError where names or shapes differ."""
    try:
        found = load_file(path)
    except (OSError, SafetensorError) as error:
        raise RunError(f"{path} holds no weights ({error}); train again or copy the run folder anew") from None
    ours = dict(model.named_parameters())
    wrong = sorted(set(ours) ^ set(found)) or [n for n in ours if ours[n].shape != found[n].shape]
    if wrong:
        raise RunError(f"{path} does not fit the run's recipe: {wrong[0]} differs; were files of two runs mixed?")
    if odd := next((name for name, tensor in found.items() if tensor.dtype not in DTYPES), None):
        raise RunError(f"{path} is damaged: {odd} has numbers of type {found[odd].dtype}; copy the run folder anew")
    if damaged := next((name for name, tensor in found.items() if not bool(tensor.isfinite().all())), None):
        raise RunError(f"{path} is damaged: {damaged} holds what is no number (nan); copy the run folder anew")
    set_weights(model, found)


def set_weights(model: nn.Module, weights: Mapping[str, Tensor]) -> None:
    """Copies each tensor into the parameter of its name."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(weights[name])


def mean_weights(paths: Sequence[Path]) -> dict[str, Tensor]:
    """The mean of several files of weights, summed in float64."""
    total: dict[str, Tensor] = {}
    for path in paths:
        with safe_open(path, "pt") as file:
            for name in file.keys():  # noqa: SIM118 - no mapping
                total[name] = total.get(name, 0) + file.get_tensor(name).double()
    return {name: (tensor / len(paths)).float() for name, tensor in total.items()}


def save_tensors(tensors: dict[str, Tensor], path: Path) -> None:
    """Named tensors as safetensors, all or nothing; raises RunError where they cannot be written."""
    try:
        with replacing(path) as beside:
            save_file(tensors, beside)
    except (OSError, SafetensorError) as error:
        raise RunError(f"{path} cannot be written ({error}); make room on the disk, then train on") from None
