"""The training loop: step, report, validate, save, stop. It knows no file, no flag and no text."""

import math
import time
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, nullcontext
from dataclasses import dataclass, field, replace
from itertools import islice
from typing import Any

import torch
from torch import Tensor

from nmt.data.batches import Batch, BatchStream, Place
from nmt.errors import DivergedError
from nmt.models.base import Seq2Seq
from nmt.models.loss import Guidance
from nmt.recipe import TrainingConfig
from nmt.training.schedule import learning_rate

REPORT_EVERY = 25
"""Updates summed up in one report."""
TOLERATED_SKIPS = 20
"""Updates in a row that may be skipped for a gradient that is not finite."""


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
    """Updates skipped because a gradient was not finite."""
    averaged_at: int = 0
    """The update at whose end the mean of the last weights was tried."""
    scaler: dict[str, float] = field(default_factory=dict)
    """Of fp16: the scale of the loss, and since when it has held."""


@dataclass(frozen=True)
class Job:
    """What `fit` works with; the functions are the caller's, and know the files."""

    model: Seq2Seq[Any, Any]
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
    """Measures and records the model as it is -> its dev score, higher is better."""
    keep_best: Callable[[State], None]
    save: Callable[[State], None]
    report: Callable[[dict[str, float]], None]
    guide: Callable[[Batch], Guidance | None] = lambda batch: None
    """What the links of a batch teach, where it has any."""
    stop: Callable[[], bool] = lambda: False
    """Asked before every update: whether to save and return."""


def fit(job: Job, state: State) -> State:
    """Trains from `state` on until steps, minutes or patience run out, or `job.stop` says so -> the last state.

    Raises DivergedError after too many updates in a row without a finite gradient.
    """
    clock = _Clock(state.seconds)
    batches = job.stream.batches(state.place)
    precision = _Precision(job.config.precision, job.device)
    if state.scaler:
        precision.scaler.load_state_dict(state.scaler)
    window = _Window()
    skips = 0
    job.model.train()
    while not _over(job.config, state) and not job.stop():
        rate = learning_rate(job.config, state.step + 1, job.dim, state.halvings)
        for group in job.optimizer.param_groups:
            group["lr"] = rate
        loss, tokens, norm, place = _update(job, batches, precision)
        finite = math.isfinite(norm)
        skips = 0 if finite else skips + 1
        state = replace(state, step=state.step + 1, place=place, skipped=state.skipped + (not finite))
        if skips > TOLERATED_SKIPS:
            raise DivergedError(
                f"{skips} updates in a row had no finite gradient, up to update {state.step:,} at learning rate "
                f"{rate:.2g}; lower training.learning_rate, lengthen training.warmup, or set training.precision to fp32"
            )
        state = replace(state, seconds=clock.seconds())
        window.add(loss, tokens)
        if state.step % REPORT_EVERY == 0 or _over(job.config, state):
            job.report(
                {**window.close(), "step": state.step, "seconds": state.seconds, "learning_rate": rate, "norm": norm}
            )
        if state.step % job.validate_every == 0 or _over(job.config, state):
            state = _validated(job, state)
            state = replace(state, seconds=clock.seconds())
            window.restart()
        if state.step % job.save_every == 0:
            job.save(replace(state, scaler=precision.scaler.state_dict()))
    state = replace(state, scaler=precision.scaler.state_dict())
    job.save(state)
    return state


def _update(
    job: Job, batches: Iterator[tuple[Batch, Place]], precision: "_Precision"
) -> tuple[Tensor, int, float, Place]:
    """One update over `accumulate` batches -> sum of losses, tokens, norm of the gradient, the place after."""
    parts = list(islice(batches, job.config.accumulate))
    tokens = sum(batch.tokens for batch, _ in parts)
    total = torch.zeros((), device=job.device)
    for batch, _ in parts:
        batch = batch.to(job.device)
        with precision.autocast():
            sides = batch.src, batch.src_mask, batch.tgt_in, batch.tgt_out
            loss, _count = job.model(*sides, job.config.label_smoothing, job.guide(batch))
        # Divided by the tokens of the whole update: or else a batch of few long sentences would weigh as
        # much as one of many short ones.
        precision.scaler.scale(loss / tokens).backward()
        total += loss.detach()
    precision.scaler.unscale_(job.optimizer)
    norm = torch.nn.utils.clip_grad_norm_(job.model.parameters(), job.config.clip_norm)
    value = float(norm)
    if math.isfinite(value):
        precision.scaler.step(job.optimizer)
    precision.scaler.update()
    job.optimizer.zero_grad(set_to_none=True)
    return total, tokens, value, parts[-1][1]


def _validated(job: Job, state: State) -> State:
    """The state after a validation: a new best, or one more without."""
    job.model.eval()
    score = job.validate(state)
    job.model.train()
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

    def __init__(self) -> None:
        self.restart()

    def restart(self) -> None:
        self.loss: Tensor | float = 0.0
        self.tokens, self.start = 0, time.monotonic()

    def add(self, loss: Tensor, tokens: int) -> None:
        self.loss = self.loss + loss
        self.tokens += tokens

    def close(self) -> dict[str, float]:
        loss = float(self.loss) / max(self.tokens, 1)
        numbers = {
            "loss": loss,
            "ppl": math.exp(min(loss, 100.0)),
            "tokens_per_second": self.tokens / max(time.monotonic() - self.start, 1e-9),
        }
        self.restart()
        return numbers


class _Precision:
    """Autocast, and the gradient scaler that fp16 needs."""

    def __init__(self, name: str, device: torch.device) -> None:
        if name == "auto":
            able = device.type == "cuda" and torch.cuda.is_bf16_supported(including_emulation=False)
            name = "bf16" if able else "fp32"
        self.dtype = {"fp32": None, "bf16": torch.bfloat16, "fp16": torch.float16}[name]
        self.device = device
        self.scaler = torch.amp.GradScaler(device.type, enabled=name == "fp16")

    def autocast(self) -> AbstractContextManager[Any]:
        if self.dtype is None:
            return nullcontext()
        return torch.autocast(self.device.type, self.dtype)
