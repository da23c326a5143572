"""All that a resume needs, into a run folder and back."""

import math
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor

from nmt.data.batches import Place
from nmt.models.base import Seq2Seq
from nmt.runs import Run
from nmt.training.loop import State


def save(run: Run, model: Seq2Seq[Any, Any], optimizer: torch.optim.Optimizer | None, state: State, keep: int) -> None:
    """Weights, optimizer, random generators and state into the run folder, where the newest `keep` of them stay."""
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    tensors: dict[str, Tensor] = {name: read() for name, read, _ in _generators(model)}
    for parameter, values in optimizer.state.items() if optimizer else ():
        for key, value in values.items():
            tensors[f"optimizer.{names[id(parameter)]}.{key}"] = value.detach().cpu()
    run.save_state(model, tensors, asdict(state), keep)


def restore(
    run: Run, model: Seq2Seq[Any, Any], optimizer: torch.optim.Optimizer | None, warn: Callable[[str], None]
) -> State | None:
    """The newest that `save` saved and that is whole, back in its places; None in a run folder that has none."""
    moments: dict[str, dict[str, Tensor]] = {}

    def understand(tensors: dict[str, Tensor], numbers: dict[str, Any]) -> State:
        state = _state(numbers)
        moments.clear()
        moments.update(_moments(model, tensors))
        for name, _, write in _generators(model):
            if name in tensors:
                try:
                    write(tensors[name])
                except RuntimeError as error:
                    raise ValueError(f"{name}: {error}") from None
        return state

    state = run.load_state(model, understand, warn)
    if state and optimizer:
        for name, parameter in model.named_parameters():
            if name in moments:
                optimizer.state[parameter] = {key: value.to(parameter.device) for key, value in moments[name].items()}
    return state


def _state(numbers: dict[str, Any]) -> State:
    """Raises LookupError or TypeError for numbers that are no state's."""
    best = -math.inf if numbers["best"] is None else float(numbers["best"])  # JSON has no infinity
    measured = numbers.get("measured", numbers["step"])  # once, what was saved had been measured
    return State(**{**numbers, "place": Place(**numbers["place"]), "best": best, "measured": measured})


def _moments(model: Seq2Seq[Any, Any], tensors: dict[str, Tensor]) -> dict[str, dict[str, Tensor]]:
    """What the optimizer keeps of each parameter, by its name; raises ValueError for another parameter's."""
    found = {}
    for name, parameter in model.named_parameters():
        prefix = f"optimizer.{name}."
        own = {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}
        if odd := next((key for key, value in own.items() if value.ndim and value.shape != parameter.shape), None):
            raise ValueError(f"{prefix}{odd} has another shape than {name}")
        if own:
            found[name] = own
    return found


def _generators(model: Seq2Seq[Any, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Name, reader and writer of each random generator that a training on the model's device draws from."""
    yield "random.cpu", torch.get_rng_state, torch.set_rng_state
    device = next(model.parameters()).device
    if device.type == "cuda":
        yield "random.cuda", lambda: torch.cuda.get_rng_state(device), lambda s: torch.cuda.set_rng_state(s, device)
    elif device.type == "mps":
        yield "random.mps", torch.mps.get_rng_state, torch.mps.set_rng_state
