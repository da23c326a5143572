"""Learning rates against the papers' formulas, and optimizers against updates done by hand."""

import math
from typing import Any

import pytest
import torch
from torch import nn

from nmt import recipe
from nmt.recipe import TrainingConfig
from nmt.training.schedule import SCHEDULES, learning_rate, make_optimizer

PEAK, WARMUP, DIM, LAST = 0.8, 100, 64, 2_000
STEPS = (1, 2, 50, 99, 100, 101, 400, 1_999, 2_000)


def training(**settings: Any) -> TrainingConfig:
    return TrainingConfig(**{"learning_rate": PEAK, "warmup": WARMUP, "steps": LAST, "patience": 3, **settings})


def by_hand(schedule: str, step: int) -> float:
    if schedule == "noam":
        return 0.8 * 64**-0.5 * min(1 / math.sqrt(step), step / 100**1.5)
    if step < 100:
        return 0.8 * step / 100
    after = {"inverse_sqrt": math.sqrt(100 / step), "linear": (2_001 - step) / 1_901, "plateau": 1.0, "constant": 1.0}
    return 0.8 * after[schedule]


@pytest.mark.parametrize("schedule", SCHEDULES)
@pytest.mark.parametrize("step", STEPS)
def test_a_rate_is_that_of_its_formula(schedule: str, step: int) -> None:
    assert learning_rate(training(schedule=schedule), step, DIM) == pytest.approx(by_hand(schedule, step))


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_rate_is_highest_where_the_warm_up_ends(schedule: str) -> None:
    rates = [learning_rate(training(schedule=schedule), step, DIM) for step in range(1, 301)]
    assert max(rates) == pytest.approx(rates[WARMUP - 1])
    assert rates[:WARMUP] == sorted(rates[:WARMUP])
    assert rates[WARMUP:] == sorted(rates[WARMUP:], reverse=True)
    assert all(rate > 0 for rate in rates)


@pytest.mark.parametrize("schedule", ["inverse_sqrt", "linear", "plateau", "constant"])
def test_without_a_warm_up_the_first_rate_is_the_highest(schedule: str) -> None:
    assert learning_rate(training(schedule=schedule, warmup=0), 1, DIM) == pytest.approx(PEAK, rel=1e-3)
    assert learning_rate(training(schedule=schedule, warmup=0), 9, DIM) <= PEAK


def test_noam_without_a_warm_up_falls_from_the_first_step() -> None:
    rates = [learning_rate(training(schedule="noam", warmup=0), step, DIM) for step in (1, 4, 9)]
    assert rates == pytest.approx([0.1, 0.05, 0.1 / 3])


def test_a_linear_schedule_that_ends_in_its_warm_up_only_rises() -> None:
    config = training(schedule="linear", steps=50)
    assert [learning_rate(config, step, DIM) for step in (1, 50)] == pytest.approx([PEAK / 100, PEAK / 2])


def test_noam_at_the_papers_settings_peaks_at_seven_ten_thousandths() -> None:
    config = training(schedule="noam", learning_rate=1.0, warmup=4_000)  # Vaswani et al. 2017, section 5.3
    assert learning_rate(config, 4_000, 512) == pytest.approx(6.9877e-4, rel=1e-4)


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_a_halving_halves_the_rate(schedule: str) -> None:
    rates = [learning_rate(training(schedule=schedule), 150, DIM, halvings) for halvings in range(4)]
    assert rates == pytest.approx([rates[0] / 2**n for n in range(4)])


def test_every_schedule_of_a_recipe_is_in_the_table() -> None:
    annotation = TrainingConfig.model_fields["schedule"].annotation
    assert set(getattr(annotation, "__args__", ())) == set(SCHEDULES)


@pytest.mark.parametrize(("name", "kind"), [("adam", torch.optim.Adam), ("adamw", torch.optim.AdamW)])
def test_an_optimizer_is_of_the_kind_and_with_the_numbers_of_the_recipe(name: str, kind: type) -> None:
    config = training(optimizer=name, beta1=0.8, beta2=0.95, weight_decay=0.02)
    optimizer = make_optimizer(config, nn.Linear(3, 2).parameters())
    assert type(optimizer) is kind
    (group,) = optimizer.param_groups
    assert group["betas"] == (0.8, 0.95)
    assert (group["weight_decay"], group["lr"], len(group["params"])) == (0.02, PEAK, 2)


@pytest.mark.parametrize("name", ["adam", "adamw"])
def test_updates_are_those_of_adam_by_hand(name: str) -> None:
    config, rate, decay = training(optimizer=name, weight_decay=0.1), 0.05, 0.1
    weight = nn.Parameter(torch.tensor([0.5], dtype=torch.float64))
    optimizer = make_optimizer(config, [weight])
    optimizer.param_groups[0]["lr"] = rate
    value, mean, square = 0.5, 0.0, 0.0
    for step, gradient in enumerate((1.0, -0.3, 0.2), start=1):
        weight.grad = torch.tensor([gradient], dtype=torch.float64)
        optimizer.step()
        value, pull = (value, decay * value) if name == "adam" else (value * (1 - rate * decay), 0.0)
        mean = config.beta1 * mean + (1 - config.beta1) * (gradient + pull)
        square = config.beta2 * square + (1 - config.beta2) * (gradient + pull) ** 2
        unbiased = math.sqrt(square / (1 - config.beta2**step))
        value -= rate * (mean / (1 - config.beta1**step)) / (unbiased + 1e-9)
        assert weight.item() == pytest.approx(value)


def test_the_default_recipe_warms_up_and_then_falls() -> None:
    config = recipe.load().training
    rates = [learning_rate(config, step, DIM) for step in (1, config.warmup, 4 * config.warmup)]
    assert rates == pytest.approx(
        [config.learning_rate / config.warmup, config.learning_rate, config.learning_rate / 2]
    )
