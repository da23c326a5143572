"""Weights as files: safetensors under the names of the bare model; nothing that is loaded can run code."""

import json
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file
from torch import Tensor, nn

from nmt.errors import RunError

DTYPES = {
    torch.float64: "F64",
    torch.float32: "F32",
    torch.float16: "F16",
    torch.bfloat16: "BF16",
    torch.int64: "I64",
    torch.int32: "I32",
    torch.uint8: "U8",
}
"""As a header of safetensors names them."""


def weights_of_model(model: nn.Module) -> dict[str, Tensor]:
    """The trained parameters, each once, in the main memory."""
    return {name: parameter.detach().cpu() for name, parameter in model.named_parameters()}


def load_weights(model: nn.Module, path: Path) -> None:
    """Puts the weights of a file into the model; raises RunError where names or shapes differ."""
    with _reading(path):
        found = load_file(path)
    fill(model, found, path)


def fill(model: nn.Module, found: Mapping[str, Tensor], path: Path) -> None:
    """Puts the weights that `path` has into the model; raises RunError where names, shapes or numbers are wrong."""
    ours = dict(model.named_parameters())
    wrong = sorted(set(ours) ^ set(found)) or [n for n in ours if ours[n].shape != found[n].shape]
    if wrong:
        raise RunError(f"{path} does not fit the run's recipe: {wrong[0]} differs; were files of two runs mixed?")
    if odd := next((name for name, tensor in found.items() if not _may_be(ours[name].dtype, tensor.dtype)), None):
        raise RunError(f"{path} is damaged: {odd} has numbers of type {found[odd].dtype}; copy the run folder anew")
    if damaged := next((name for name, tensor in found.items() if not _are_numbers(ours[name], tensor)), None):
        raise RunError(f"{path} is damaged: {damaged} holds what is no number (nan); copy the run folder anew")
    set_weights(model, found)


def _may_be(own: torch.dtype, saved: torch.dtype) -> bool:
    """Whether numbers of a type can be read from those of another: fractions of any width, whole ones of their own."""
    return saved.is_floating_point if own.is_floating_point else saved == own


def _are_numbers(own: nn.Parameter, saved: Tensor) -> bool:
    """Whether all are finite; a table of log-probabilities, which no gradient trains, has the logarithm of 0 too."""
    return bool((saved.isfinite() if own.requires_grad else ~(saved.isnan() | saved.isposinf())).all())


def set_weights(model: nn.Module, weights: Mapping[str, Tensor]) -> None:
    """Copies each tensor into the parameter of its name."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(weights[name])


def mean_weights(paths: Sequence[Path]) -> dict[str, Tensor]:
    """The mean of several files of weights, summed in float64."""
    total: dict[str, Tensor] = {}
    for path in paths:
        with _reading(path), safe_open(path, "pt") as file:
            found = {name: file.get_tensor(name) for name in file.keys()}  # noqa: SIM118 - no mapping
        shapes = {name: tensor.shape for name, tensor in found.items()}
        if total and shapes != {name: tensor.shape for name, tensor in total.items()}:
            raise RunError(f"{path} does not fit {paths[0]}; were files of two runs mixed?")
        total = {name: total.get(name, 0) + tensor.double() for name, tensor in found.items()}
    return {name: (tensor / len(paths)).float() for name, tensor in total.items()}


@contextmanager
def _reading(path: Path) -> Iterator[None]:
    try:
        yield
    except (OSError, SafetensorError) as error:
        raise RunError(f"{path} holds no weights ({error}); train again or copy the run folder anew") from None


def save_tensors(tensors: Mapping[str, Tensor], path: Path) -> None:
    """Named tensors in the format of safetensors, from where they lie; raises OSError where they cannot be written.

    Eight bytes, the length of a header of JSON, and the numbers, those of wide types first so that each is aligned
    (https://github.com/huggingface/safetensors#format). The package's own writer leaves a file of a random name and
    the whole size when it is killed, and makes one that nobody else may read.
    """
    ordered = sorted(tensors.items(), key=lambda item: (-item[1].element_size(), item[0]))
    header, end = {}, 0
    for name, tensor in ordered:
        start, end = end, end + tensor.nbytes
        header[name] = {"dtype": DTYPES[tensor.dtype], "shape": list(tensor.shape), "data_offsets": [start, end]}
    text = json.dumps(header, separators=(",", ":")).encode()
    text += b" " * (-len(text) % 8)
    with path.open("wb") as file:
        file.write(len(text).to_bytes(8, "little") + text)
        for _, tensor in ordered:
            file.write(tensor.contiguous().reshape(-1).view(torch.uint8).numpy().data)
