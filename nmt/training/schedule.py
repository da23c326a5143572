"""Optimizers, and learning rates as plain functions of the step; table SCHEDULES."""

from collections.abc import Callable, Iterable

import torch
from torch import nn

from nmt.recipe import TrainingConfig


def warm(step: int, warmup: int) -> float:
    """Share of the highest rate during the linear warm-up; 1 after it. The first step is 1."""
    return min(1.0, step / warmup) if warmup else 1.0


def inverse_sqrt(step: int, warmup: int, dim: int, steps: int) -> float:
    """Linear warm-up to 1, then sqrt(warmup / step)."""
    return warm(step, warmup) * min(1.0, (max(warmup, 1) / step) ** 0.5)


def noam(step: int, warmup: int, dim: int, steps: int) -> float:
    """dim ** -0.5 * min(step ** -0.5, step * warmup ** -1.5) (Vaswani et al. 2017, equation 3)."""
    return dim**-0.5 * min(step**-0.5, step * max(warmup, 1) ** -1.5)


def linear(step: int, warmup: int, dim: int, steps: int) -> float:
    """Linear warm-up to 1, then straight down to 0 behind the last of `steps`."""
    return min(warm(step, warmup), (steps + 1 - step) / max(steps + 1 - warmup, 1))


def constant(step: int, warmup: int, dim: int, steps: int) -> float:
    """Linear warm-up to 1, then 1. Plateau too: its halvings are counted elsewhere."""
    return warm(step, warmup)


SCHEDULES: dict[str, Callable[[int, int, int, int], float]] = {
    "inverse_sqrt": inverse_sqrt,
    "noam": noam,
    "linear": linear,
    "plateau": constant,
    "constant": constant,
}


def learning_rate(config: TrainingConfig, step: int, dim: int, halvings: int = 0) -> float:
    """The rate of update `step`, counted from 1; `halvings` is what plateau has come to."""
    return config.learning_rate * SCHEDULES[config.schedule](step, config.warmup, dim, config.steps) * 0.5**halvings


def make_optimizer(config: TrainingConfig, parameters: Iterable[nn.Parameter]) -> torch.optim.Adam:
    """Adam, or AdamW; its rate is set before every step."""
    kind = torch.optim.AdamW if config.optimizer == "adamw" else torch.optim.Adam
    return kind(
        list(parameters),
        lr=config.learning_rate,
        betas=(config.beta1, config.beta2),
        eps=1e-9,
        weight_decay=config.weight_decay,
        fused=True,
    )
