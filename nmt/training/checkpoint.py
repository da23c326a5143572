"""All that a resume needs, into a run folder and back."""

import math
from collections.abc import Callable, Iterator
from dataclasses import asdict
from typing import Any

import torch
from torch import Tensor

from nmt.data.batches import Place
from nmt.errors import RunError, out_of_memory
from nmt.json_text import is_number
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
    try:
        loaded = run.load_state(model, warn)
        return None if loaded is None else _put_back(model, optimizer, *loaded)
    except (KeyError, TypeError, ValueError, RuntimeError) as error:
        if out_of_memory(error):
            raise
        raise RunError(
            f"{run.folder} has a state that no training of this version saved ({type(error).__name__}: {error}); "
            "choose another folder with -o"
        ) from None


def _put_back(
    model: Seq2Seq[Any, Any],
    optimizer: torch.optim.Optimizer | None,
    tensors: dict[str, Tensor],
    numbers: dict[str, Any],
) -> State:
    """Raises any kind of exception for what `save` did not save."""
    for name, parameter in model.named_parameters():
        prefix = f"optimizer.{name}."
        own = {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}
        if odd := next((key for key, value in own.items() if value.shape not in ((), parameter.shape)), None):
            raise ValueError(f"{prefix}{odd} has another shape than {name}")
        if own and optimizer:
            optimizer.state[parameter] = {key: value.to(parameter.device) for key, value in own.items()}
    for name, _, write in _generators(model):
        if name in tensors:
            write(tensors[name])
    numbers.setdefault("measured", numbers["step"])  # once, what was saved had been measured
    best = -math.inf if numbers["best"] is None else numbers["best"]  # JSON has no infinity
    state = State(**{**numbers, "place": Place(**numbers["place"]), "best": best})
    counts = (state.step, state.place.epoch, state.place.index)
    if not all(type(count) is int and count >= 0 for count in counts):
        raise ValueError(f"its place is {counts}")
    others = [state.seconds, state.best, *state.scaler.values(), *state.unreported.values()]
    if not all(map(is_number, others)):
        raise ValueError("it has no numbers where there must be some")
    return state


def _generators(model: Seq2Seq[Any, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Name, reader and writer of each random generator that a training on the model's device draws from."""
    yield "random.cpu", torch.get_rng_state, torch.set_rng_state
    device = next(model.parameters()).device
    if device.type == "cuda":
        yield "random.cuda", lambda: torch.cuda.get_rng_state(device), lambda s: torch.cuda.set_rng_state(s, device)
    elif device.type == "mps":
        yield "random.mps", torch.mps.get_rng_state, torch.mps.set_rng_state
