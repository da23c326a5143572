"""`train`: a training from a recipe, in a run folder, or the rest of one that was begun there."""

import platform
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray

import nmt
from nmt import console
from nmt.device import choose_device
from nmt.recipe import Recipe
from nmt.run_folder import FINISHED, Run
from nmt.training.flops import flops_per_token
from nmt.training.loop import State
from nmt.training.memory import keep_freed_memory
from nmt.training.metrics_log import MetricsLog
from nmt.training.parts import Parts, prepare
from nmt.training.stop import Stop
from nmt.training.trainers import TRAINERS, Session, length
from nmt.training.validation import Validation


def train(recipe: Recipe, folder: Path, device: str = "auto", name: str | None = None) -> State:
    """Trains by the recipe in the folder, or goes on where an earlier training there stopped -> its last state.

    `name` is what its messages begin with, the architecture's without it.
    On SIGINT and SIGTERM it saves and raises KeyboardInterrupt.
    """
    where = choose_device(device)
    run = Run.open(folder, recipe)
    with run.alone(), Stop() as stop:
        run.check(recipe)  # again, since another training may have ended here meanwhile
        run.adopt(recipe)
        parts = prepare(recipe, run)
        keep_freed_memory()  # not before: what a corpus and its vocabulary took is not for the training to keep
        parts.model.to(where)
        facts = _facts(recipe, parts)
        run.save_manifest(facts)
        title = f"{name or recipe.arch} {recipe.source}-{recipe.target}"
        parameters = sum(parts.model.parameter_counts().values())
        console.note(
            f"{title}: {len(parts.encoded):,} pairs, {parameters:,} parameters, on {where.type}, into {folder}"
        )
        minutes = recipe.training.minutes
        with console.Progress(title, length(recipe), minutes * 60 if minutes else None) as progress:
            state = _train(run, recipe, parts, stop, progress, where)
        run.save_manifest({**facts, FINISHED: state.step})
    return state


def _train(
    run: Run, recipe: Recipe, parts: Parts, stop: Stop, progress: console.Progress, device: torch.device
) -> State:
    """The training itself, and in the last line what became of it."""
    validation = Validation(run, recipe, parts.dev, parts.tokenizer, device)
    try:
        with MetricsLog(run, progress, recipe) as log:
            state = TRAINERS[type(recipe.model)](Session(run, recipe, parts, device, validation, log, stop))
        if stop.asked:
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
