"""All that a resume needs, into a run folder and back."""

import math
from collections.abc import Callable, Iterator, Mapping
from dataclasses import asdict, replace
from typing import Any

import torch
from torch import Tensor

from nmt.data.batches import Place
from nmt.errors import RunError
from nmt.json_text import is_number
from nmt.models.base import Seq2Seq
from nmt.runs import BEST, Run
from nmt.training.loop import State
from nmt.training.parallel import Alone
from nmt.weights import set_weights, weights_of_model
from nmt.world import World


def save(run: Run, parallel: Alone, optimizer: torch.optim.Optimizer | None, state: State, keep: int) -> None:
    """Weights, optimizer, random generators and state into the run folder, where the newest `keep` of them stay.

    Called by all processes; the run of but one of them is an `Onlooker`.
    """
    names = {id(parameter): name for name, parameter in parallel.named_parameters().items()}
    tensors: dict[str, Tensor] = {name: read() for name, read, _ in _generators(parallel.model)}
    for parameter, values in optimizer.state.items() if optimizer else ():
        for key, value in values.items():
            whole = parallel.full(value.detach())
            if parallel.world.first:  # or else a machine's memory has all moments once for each of its processes
                tensors[f"optimizer.{names[id(parameter)]}.{key}"] = whole.cpu()
    run.save_state(parallel.whole(), tensors, asdict(state), keep)


def load(
    run: Run, model: Seq2Seq[Any, Any], warn: Callable[[str], None], world: World
) -> tuple[dict[str, Tensor], State] | None:
    """The newest that `save` saved and that is whole: its weights into the model of every process -> the rest of it.

    None in a run folder that has none; then the weights of the first process's new model are everybody's.
    """

    def understand(tensors: dict[str, Tensor], numbers: dict[str, Any]) -> tuple[dict[str, Tensor], State]:
        state = _state(numbers)
        _moments(model, tensors)
        _draw_on(model, tensors)
        return tensors, state

    loaded = run.load_state(model, understand, warn) if world.first else None
    if loaded and loaded[1].step:
        loaded = loaded[0], _best_again(run, loaded[1], warn)
    if world.size > 1:
        set_weights(model, world.tensors_of_first(weights_of_model(model) if world.first else {}))
    tensors = world.tensors_of_first(loaded[0] if loaded else {})
    state = world.of_first(loaded[1] if loaded else None)
    return None if state is None else (tensors, state)


def _best_again(run: Run, state: State, warn: Callable[[str], None]) -> State:
    """The state, or where the best weights are damaged one that holds none for the best, and is measured once more."""
    best = run.folder / BEST
    try:
        run.check_weights(best)
        if state.best > -math.inf and not best.exists():
            raise RunError(f"{best} is missing")
    except RunError as error:
        warn(f"{error}; the next validation's weights take its place")
        return replace(state, best=-math.inf, stale=0, measured=-1)
    return state


def resume(parallel: Alone, optimizer: torch.optim.Optimizer, tensors: Mapping[str, Tensor]) -> None:
    """Puts what `load` gave into the optimizer and the random generators."""
    moments = _moments(parallel.model, tensors)
    for name, parameter in parallel.named_parameters().items():
        if name in moments:
            own = moments[name].items()
            optimizer.state[parameter] = {key: parallel.part(value, parameter) for key, value in own}
    _draw_on(parallel.model, tensors)


def _state(numbers: dict[str, Any]) -> State:
    """Raises LookupError, TypeError or ValueError for numbers that are no state's."""
    best = -math.inf if numbers["best"] is None else float(numbers["best"])  # JSON has no infinity
    measured = numbers.get("measured", numbers["step"])  # once, what was saved had been measured
    state = State(**{**numbers, "place": Place(**numbers["place"]), "best": best, "measured": measured})
    counts = (state.step, state.place.epoch, state.place.index)
    if not all(type(count) is int and count >= 0 for count in counts):
        raise ValueError(f"its place is {counts}")
    others = [state.seconds, state.best, *state.scaler.values(), *state.unreported.values()]
    if not all(map(is_number, others)):
        raise ValueError("it has no numbers where there must be some")
    return state


def _moments(model: Seq2Seq[Any, Any], tensors: Mapping[str, Tensor]) -> dict[str, dict[str, Tensor]]:
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


def _draw_on(model: Seq2Seq[Any, Any], tensors: Mapping[str, Tensor]) -> None:
    """Sets the random generators to where they were; raises ValueError for what is no state of one."""
    for name, _, write in _generators(model):
        if name in tensors:
            try:
                write(tensors[name])
            except RuntimeError as error:
                raise ValueError(f"{name}: {error}") from None


def _generators(model: Seq2Seq[Any, Any]) -> Iterator[tuple[str, Any, Any]]:
    """Name, reader and writer of each random generator that a training on the model's device draws from."""
    yield "random.cpu", torch.get_rng_state, torch.set_rng_state
    device = next(model.parameters()).device
    if device.type == "cuda":
        yield "random.cuda", lambda: torch.cuda.get_rng_state(device), lambda s: torch.cuda.set_rng_state(s, device)
    elif device.type == "mps":
        yield "random.mps", torch.mps.get_rng_state, torch.mps.set_rng_state
