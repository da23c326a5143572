"""How the weights of a model are found; table TRAINERS, by the type of its config."""

import time
from collections.abc import Callable
from contextlib import nullcontext
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import torch

from nmt import console
from nmt.errors import DivergedError, RunError
from nmt.models.base import Seq2Seq
from nmt.models.lexical import Lexical
from nmt.recipe import DecoderConfig, LexicalConfig, Recipe, RecurrentConfig, TransformerConfig
from nmt.runs import Run
from nmt.training import em, guidance
from nmt.training.checkpoint import load, resume, save
from nmt.training.loop import Job, State, fit
from nmt.training.metrics_log import MetricsLog
from nmt.training.parallel import PARALLEL, Alone
from nmt.training.parts import Parts, updates
from nmt.training.schedule import make_optimizer
from nmt.training.stop import Stop
from nmt.training.validation import Validation
from nmt.weights import fill, mean_weights, set_weights
from nmt.world import World


@dataclass(frozen=True)
class Session:
    """One training of one run, and where its numbers go."""

    run: Run
    recipe: Recipe
    parts: Parts
    device: torch.device
    validation: Validation
    log: MetricsLog
    stop: Stop
    """Whether a signal has come, and whether one interrupts."""
    world: World = World()  # noqa: RUF009 - it is frozen


def by_gradient(session: Session) -> State:
    """Updates of Adam, from the last saved state on, and the mean of the last weights in the end."""
    run, recipe, world = session.run, session.recipe, session.world
    assert not isinstance(recipe.model, LexicalConfig)
    found = load(run, session.parts.model, console.warn, world)
    parallel = (PARALLEL[recipe.training.parallel] if world.size > 1 else Alone)(session.parts.model, world)
    optimizer = make_optimizer(recipe.training, parallel.named_parameters().values())

    def keep(now: State) -> None:
        session.log.flush()
        save(run, parallel, optimizer, now, recipe.training.keep)

    tensors, state = found or ({}, State())
    resume(parallel, optimizer, tensors)
    if found is None:
        # Before the first update: a disk that is full is known at once, and a folder without a state is no whole one.
        keep(state)
    session.log.begin(state.step)
    if 0 < state.step < recipe.training.steps:
        session.log.progress.message(f"going on from update {state.step:,}")
    stream = session.parts.stream
    per_epoch = -(-len(stream.plan(0)) // recipe.training.accumulate)
    job = Job(
        parallel,
        optimizer,
        stream,
        recipe.training,
        session.device,
        recipe.model.dim,
        updates(recipe.training.validate_every, per_epoch),
        updates(recipe.training.save_every, per_epoch),
        validate=lambda now: _validate(session, parallel, now),
        keep_best=lambda now: run.save_best(parallel.whole()),
        save=keep,
        report=session.log.report,
        guide=guidance.guide(recipe),
        stop=session.stop,
    )
    try:
        with session.stop.noting():
            state = fit(job, state)
    except DivergedError:
        run.save_diverged(parallel.whole())
        world.of_first(None)  # or else torchrun, where another process ends meanwhile, ends the first in its writing
        raise
    if not job.stopped() and state.averaged_at != state.step:
        state = _try_average(session, parallel.whole(), state)
        keep(state)
    return state


def _validate(session: Session, parallel: Alone, state: State) -> float:
    """One validation, which a signal ends at once, before it is in the metrics; not where others would wait for it."""
    with session.stop.interrupting() if session.world.size == 1 else nullcontext():
        measured = session.validation.measure(parallel.whole(), state)
    return session.log.validation(state, measured)


def by_counting(session: Session) -> State:
    """Passes of expectation-maximisation; so quick that an interrupted one begins anew."""
    run, model, text = session.run, session.parts.model, session.parts.encoded
    assert isinstance(model, Lexical)
    found = load(run, model, console.warn, session.world)
    if found is not None:
        return found[1]
    session.log.begin(0)
    begun, tokens = time.monotonic(), int(text.tgt.lengths.sum())
    table = None
    for step, done in enumerate(em.estimate(text, model.types, model.config.iterations), start=1):
        seconds = time.monotonic() - begun
        session.log.counted(step, seconds, -done.log_likelihood / tokens, tokens * step / seconds)
        table = done.table
    assert table is not None
    model.fill(table.source, table.target, table.probability)
    state = State(model.config.iterations, seconds=time.monotonic() - begun)
    state = replace(state, best=session.log.validation(state, session.validation.measure(model, state, keep=False)))
    run.save_best(model)
    save(run, Alone(model), None, state, session.recipe.training.keep)
    return state


TRAINERS: dict[type, Callable[[Session], State]] = {
    LexicalConfig: by_counting,
    RecurrentConfig: by_gradient,
    TransformerConfig: by_gradient,
    DecoderConfig: by_gradient,
}


def length(recipe: Recipe) -> int:
    """Updates of a training, or passes of one that counts."""
    return recipe.model.iterations if isinstance(recipe.model, LexicalConfig) else recipe.training.steps


def _try_average(session: Session, model: Seq2Seq[Any, Any], state: State) -> State:
    """The mean of the last validations' weights becomes the best if dev says so -> the state that knows it."""
    state = replace(state, averaged_at=state.step)
    world = session.world
    paths = [path for path in session.run.checkpoints() if _whole(session.run, path)]
    count = world.of_first(len(paths))
    if count < 2:
        return state
    last = {name: parameter.detach().clone() for name, parameter in model.named_parameters()}
    fill(model, world.tensors_of_first(mean_weights(paths)), session.run.folder)
    measured = session.validation.measure(model, state, keep=False)
    score = session.log.validation(state, measured, averaged=count)
    if score > state.best:
        state = replace(state, best=score)
        session.run.save_best(model)
    set_weights(model, last)
    return state


def _whole(run: Run, path: Path) -> bool:
    """Whether a file of weights is as it was saved; warns where not."""
    try:
        run.check_weights(path)
    except RunError as error:
        console.warn(f"{error}; it is left out of the mean")
        return False
    return True
