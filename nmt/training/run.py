"""`train`: a training from a recipe, in a run folder, or the rest of one that was begun there."""

import platform
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

import nmt
from nmt import console
from nmt.data.plan import Share
from nmt.device import choose_device
from nmt.errors import UsageError
from nmt.recipe import LexicalConfig, Recipe
from nmt.run_folder import FINISHED, Run
from nmt.training.alike import check_alike
from nmt.training.flops import flops_per_token
from nmt.training.loop import State
from nmt.training.memory import keep_freed_memory
from nmt.training.metrics_log import MetricsLog
from nmt.training.onlooker import Onlooker
from nmt.training.parts import Parts, prepare
from nmt.training.stop import Stop
from nmt.training.trainers import TRAINERS, Session, length
from nmt.training.validation import Validation
from nmt.world import World, joined, size


def train(recipe: Recipe, folder: Path, device: str = "auto", name: str | None = None) -> State:
    """Trains by the recipe in the folder, or goes on where an earlier training there stopped -> its last state.

    `name` is what its messages begin with, the architecture's without it.
    On SIGINT and SIGTERM it saves and raises KeyboardInterrupt. All processes that torchrun started call it.
    """
    where = choose_device(device)
    if size() > 1 and isinstance(recipe.model, LexicalConfig):
        raise UsageError("--arch lexical is counted by one process; call nmt train without torchrun")
    with joined() as world, Stop() as stop, ExitStack() as held:
        run, parts = _opened(recipe, folder, world, held)
        keep_freed_memory()  # not before: what a corpus and its vocabulary took is not for the training to keep
        check_alike(recipe, parts, world)
        parts.model.to(where)
        facts = _facts(recipe, parts) if world.first else {}
        run.save_manifest(facts)
        title = f"{name or recipe.arch} {recipe.source}-{recipe.target}"
        parameters = sum(parts.model.parameter_counts().values())
        on = where.type if world.size == 1 else f"{world.size} processes of {where.type}"
        console.note(f"{title}: {len(parts.encoded):,} pairs, {parameters:,} parameters, on {on}, into {folder}")
        minutes = recipe.training.minutes
        with console.Progress(title, length(recipe), minutes * 60 if minutes else None) as progress:
            state = _train(run, recipe, parts, stop, progress, where, world)
        run.save_manifest({**facts, FINISHED: state.step})
    return state


def _opened(recipe: Recipe, folder: Path, world: World, held: ExitStack) -> tuple[Run, Parts]:
    """The run folder, for as long as it is held, and what its recipe names; made ready by the first process."""
    share = Share(world.rank, world.size)
    if not world.first:
        run: Run = Onlooker(folder, world.of_first(""))
        return run, prepare(recipe, run, share)
    run = Run.open(folder, recipe)
    held.enter_context(run.alone())
    run.check(recipe)  # again, since another training may have ended here meanwhile
    run.adopt(recipe)
    parts = prepare(recipe, run, share)
    world.of_first(parts.tokenizer.to_json() if world.size > 1 else "")
    return run, parts


def _train(
    run: Run,
    recipe: Recipe,
    parts: Parts,
    stop: Stop,
    progress: console.Progress,
    device: torch.device,
    world: World,
) -> State:
    """The training itself, and in the last line what became of it."""
    validation = Validation(run, recipe, parts.dev, parts.tokenizer, device, world)
    try:
        with MetricsLog(run, progress, recipe) as log:
            state = TRAINERS[type(recipe.model)](Session(run, recipe, parts, device, validation, log, stop, world))
        if any(asked for (asked,) in world.numbers([stop.asked])):
            raise KeyboardInterrupt
    except KeyboardInterrupt:
        saved = run.saved_step
        told = "before anything was saved; the same command begins again"
        if saved is not None:
            told = f"with update {saved:,} saved; the same command goes on from there"
        progress.message(f"stopped {told}")
        raise
    score = abs(state.best)  # a loss counts downward, as the loop has it
    faults = [f"{state.skipped:,} updates skipped for a loss or gradient that was not finite"] * bool(state.skipped)
    faults += [f"{state.split:,} batches split for want of memory"] * bool(state.split)
    progress.message(
        f"done at update {state.step:,}; the best weights have dev {recipe.training.stop_on} {score:.2f}"
        + "".join(f"; {fault}" for fault in faults)
    )
    return state


def _facts(recipe: Recipe, parts: Parts) -> dict[str, Any]:
    batches, tokens = len(parts.stream.plan(0)), parts.stream.tokens(0)
    return {
        "nmt": nmt.__version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "arch": recipe.arch,
        "seed": recipe.training.seed,
        "tokenizer_sha256": parts.tokenizer.sha256(),
        "train_pairs": len(parts.encoded),
        "parameters": parts.model.parameter_counts(),
        "guess_loss": round(guess_loss(parts.encoded.tgt.frequencies(), len(parts.encoded)), 4),
        "tokens_per_update": round(tokens * recipe.training.accumulate / batches, 1),
        "flops_per_token": round(flops_per_token(parts.model, parts.encoded)),
    }


def guess_loss(frequencies: NDArray[np.int64], sentences: int) -> float:
    """Nats a token of guessing target tokens by their frequency alone, the sentences' ends counted: their entropy."""
    counts = np.append(frequencies, sentences)
    shares = counts[counts > 0] / counts.sum()
    return float(-(shares * np.log(shares)).sum())
