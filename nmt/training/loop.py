"""The training loop: step, report, validate, save, stop. It knows no file, no flag and no text."""

import math
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field, replace
from itertools import islice

import torch
from torch import Tensor

from nmt.data.batches import Batch, BatchStream, Place
from nmt.errors import DivergedError
from nmt.models.loss import Guidance
from nmt.recipe import TrainingConfig
from nmt.training.accumulate import accumulate
from nmt.training.parallel import Alone, draws
from nmt.training.precision import Precision
from nmt.training.schedule import learning_rate

REPORT_EVERY = 25
"""Updates summed up in one report."""


@dataclass(frozen=True)
class State:
    """Where a training stands, besides its weights and its optimizer."""

    step: int = 0
    """Updates made."""
    place: Place = field(default_factory=Place)
    seconds: float = 0.0
    """Spent in training and validation, over all resumes."""
    best: float = -math.inf
    """The best dev score, higher is better (a loss with its sign turned)."""
    stale: int = 0
    """Validations since the best one."""
    halvings: int = 0
    """How often plateau has halved the rate."""
    skipped: int = 0
    """Updates skipped because a loss or a gradient was not finite."""
    skipped_in_a_row: int = 0
    split: int = 0
    """How often a batch was split because memory did not suffice."""
    measured: int = 0
    """The update after which dev was last measured."""
    averaged_at: int = 0
    """The update at whose end the mean of the last weights was tried."""
    scaler: dict[str, float] = field(default_factory=dict)
    """Of fp16: the scale of the loss, and since when it has held."""
    unreported: dict[str, float] = field(default_factory=dict)
    """Sums over the updates since the last report, where there are any."""


@dataclass(frozen=True)
class Job:
    """What `fit` works with; the functions are the caller's, and know the files."""

    parallel: Alone
    """The model, and whoever else trains it."""
    optimizer: torch.optim.Optimizer
    stream: BatchStream
    config: TrainingConfig
    device: torch.device
    dim: int
    """Width of the model, for noam."""
    validate_every: int
    save_every: int
    """Updates."""
    validate: Callable[[State], float]
    """Measures and records the model as it is -> its dev score, higher is better; may be interrupted, and is then done
    again by a resume."""
    keep_best: Callable[[State], None]
    save: Callable[[State], None]
    report: Callable[[dict[str, float]], None]
    guide: Callable[[Batch], Guidance | None] = lambda batch: None
    """What the links of a batch teach, where it has any."""
    stop: Callable[[], bool] = lambda: False
    """Asked before every update: whether to save and return."""

    def stopped(self) -> bool:
        """Whether any process is to stop: all of them decide alike."""
        return any(stop for (stop,) in self.parallel.world.numbers([self.stop()]))

    def latest(self, seconds: float) -> float:
        """The most seconds of any process."""
        return max(each for (each,) in self.parallel.world.numbers([seconds]))


def fit(job: Job, state: State) -> State:
    """Trains from `state`, which is saved, until steps, minutes or patience run out, or `job.stop` says so.

    Gives the last state, which is saved as well. Raises DivergedError after too many updates in a row without a finite
    gradient.
    """
    clock = _Clock(state.seconds)
    model = job.parallel.trained
    batches = job.stream.batches(state.place)
    precision = Precision(job.config.precision, job.device)
    if state.scaler:
        precision.scaler.load_state_dict(state.scaler)
    window = _Window(state.unreported)
    saved = state

    def save() -> State:
        now = replace(state, scaler=precision.scaler.state_dict(), unreported=window.sums())
        if now != saved:
            job.save(now)
        return now

    model.train()
    while not job.stopped():
        # Saved before it is measured: a fault in decoding costs no update, and the best weights are those of a state.
        # On a GPU, where no two trainings are alike, one that goes on from earlier would not come to them again.
        if _save_is_due(job, state, saved):
            saved = save()
            continue  # somebody may have asked for the end meanwhile
        if _measuring_is_due(job, state):
            try:
                state = _validated(job, state)
                state = replace(state, seconds=job.latest(clock.seconds()))
            except KeyboardInterrupt:
                if not job.stop():
                    raise
                break
            window.restart()
        if _over(job.config, state):
            break
        state = _updated(job, state, batches, precision, window, clock)
    return save()


def _save_is_due(job: Job, state: State, saved: State) -> bool:
    if state.step == saved.step:
        return False
    late = state.seconds - saved.seconds >= 60 * job.config.save_minutes
    return late or state.step % job.save_every == 0 or _measuring_is_due(job, state)


def _measuring_is_due(job: Job, state: State) -> bool:
    return state.measured < state.step and (state.step % job.validate_every == 0 or _over(job.config, state))


def _updated(
    job: Job,
    state: State,
    batches: Iterator[tuple[Batch, Place]],
    precision: "Precision",
    window: "_Window",
    clock: "_Clock",
) -> State:
    """The state after one update, which is reported if it is its turn; raises DivergedError after too many in vain."""
    rate = learning_rate(job.config, state.step + 1, job.dim, state.halvings)
    for group in job.optimizer.param_groups:
        group["lr"] = rate
    parts = list(islice(batches, job.config.accumulate))
    if job.parallel.world.rank:
        torch.manual_seed(draws(job.config.seed, job.parallel.world.rank, state.step))
    done = _update(job, [batch for batch, _ in parts], precision, clock)
    state = replace(
        state,
        step=state.step + 1,
        place=parts[-1][1],
        seconds=done.seconds,
        skipped=state.skipped + (not done.finite),
        skipped_in_a_row=0 if done.finite else state.skipped_in_a_row + 1,
        split=state.split + done.splits,
    )
    if state.skipped_in_a_row > job.config.max_skipped:
        raise DivergedError(
            f"{state.skipped_in_a_row} updates in a row had no finite loss and gradient, up to update {state.step:,} "
            f"at learning rate {rate:.2g}; lower training.learning_rate, lengthen training.warmup, or set "
            "training.precision to fp32"
        )
    if done.finite:
        window.add(done.loss, done.tokens)
    if state.step % REPORT_EVERY == 0 or _over(job.config, state):
        counts = {"step": state.step, "skipped": state.skipped, "split": state.split}
        job.report({**window.close(), **counts, "seconds": state.seconds, "learning_rate": rate, "norm": done.norm})
    return state


@dataclass(frozen=True)
class _Done:
    """One update, by all processes."""

    loss: float
    """Sum over its target tokens."""
    tokens: int
    norm: float
    """Of the gradient, before it was clipped."""
    finite: bool
    """Whether it was made: otherwise neither weights nor optimizer have changed."""
    splits: int
    seconds: float


def _update(job: Job, batches: Sequence[Batch], precision: "Precision", clock: "_Clock") -> _Done:
    """One update over several batches, or this process's part of each."""
    tokens = sum(batch.all_tokens for batch in batches)
    parallel = job.parallel

    def backward(batch: Batch, last: bool) -> Tensor:
        batch = batch.to(job.device)
        with parallel.sharing(last):
            with precision.autocast():
                sides = batch.src, batch.src_mask, batch.tgt_in, batch.tgt_out
                loss, _count = parallel.trained(*sides, job.config.label_smoothing, job.guide(batch))
            # Divided by the tokens of the whole update: or else a batch of few long sentences would weigh as
            # much as one of many short ones.
            precision.scaler.scale(loss / (tokens / parallel.world.size)).backward()
        return loss.detach()

    own, splits = accumulate(batches, backward, job.optimizer.zero_grad, alone=parallel.world.size == 1)
    precision.scaler.unscale_(job.optimizer)
    parameters = parallel.named_parameters().values()
    norm = float(parallel.full(torch.nn.utils.clip_grad_norm_(parameters, job.config.clip_norm)))
    every = parallel.world.numbers([float(own), clock.seconds()])
    total, seconds = sum(loss for loss, _ in every), max(seconds for _, seconds in every)
    finite = math.isfinite(norm) and math.isfinite(total)
    if finite:
        precision.scaler.step(job.optimizer)
    precision.scaler.update()
    job.optimizer.zero_grad(set_to_none=True)
    return _Done(total, tokens, norm, finite, splits, seconds)


def _validated(job: Job, state: State) -> State:
    """The state after a validation: a new best, or one more without."""
    job.parallel.trained.eval()
    score = job.validate(state)
    job.parallel.trained.train()
    state = replace(state, measured=state.step)
    if score > state.best:
        state = replace(state, best=score, stale=0)
        job.keep_best(state)
        return state
    state = replace(state, stale=state.stale + 1)
    patience = job.config.patience
    if job.config.schedule == "plateau" and patience and state.stale % patience == 0:
        state = replace(state, halvings=state.halvings + 1)
    return state


PLATEAU_HALVINGS = 5
"""Halvings of the rate after which plateau ends a training."""


def _over(config: TrainingConfig, state: State) -> bool:
    """Whether steps, minutes or patience have run out."""
    if state.step >= config.steps or (config.minutes is not None and state.seconds >= 60 * config.minutes):
        return True
    if config.schedule == "plateau":
        return state.halvings >= PLATEAU_HALVINGS
    return config.patience is not None and state.stale >= config.patience


class _Clock:
    """Seconds since it was made, and those before."""

    def __init__(self, before: float) -> None:
        self.start = time.monotonic() - before

    def seconds(self) -> float:
        return time.monotonic() - self.start


class _Window:
    """Sums over the updates of one report."""

    def __init__(self, sums: Mapping[str, float]) -> None:
        self.restart(sums)

    def restart(self, sums: Mapping[str, float] | None = None) -> None:
        sums = sums or {}
        self.loss, self.tokens = sums.get("loss", 0.0), int(sums.get("tokens", 0))
        self.timed, self.start = 0, time.monotonic()  # the speed is of this session alone

    def add(self, loss: float, tokens: int) -> None:
        self.loss += loss
        self.tokens += tokens
        self.timed += tokens

    def sums(self) -> dict[str, float]:
        """For a resume, whose next report is then of the same updates."""
        return {"loss": self.loss, "tokens": self.tokens} if self.tokens else {}

    def close(self) -> dict[str, float]:
        loss = self.loss / self.tokens if self.tokens else math.nan
        numbers = {
            "loss": loss,
            "ppl": math.exp(min(loss, 100.0)),
            "tokens_per_second": self.timed / max(time.monotonic() - self.start, 1e-9),
        }
        self.restart()
        return numbers
