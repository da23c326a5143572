"""The training loop over a toy model: what an update is, when it ends, what it refuses."""

import json
import math
from collections.abc import Callable
from dataclasses import asdict, replace
from typing import Any

import numpy as np
import pytest
import torch
from conftest import VOCAB, tiny

from nmt.data.batches import BatchStream, Place
from nmt.data.encoded import Encoded, Side
from nmt.errors import DivergedError
from nmt.json_text import dumps
from nmt.recipe import TrainingConfig
from nmt.training.checkpoint import _state
from nmt.training.flops import flops_per_token
from nmt.training.loop import REPORT_EVERY, Job, State, fit
from nmt.training.parallel import Alone
from nmt.training.schedule import make_optimizer

BASE = TrainingConfig(steps=4, batch_tokens=24, learning_rate=1e-2, warmup=0, schedule="constant")


def pairs() -> Encoded:
    draw = np.random.default_rng(3)
    sides = [
        Side([draw.integers(4, 23, size=n) for n in lengths]) for lengths in ((3, 5, 4, 6, 2, 7), (4, 4, 6, 5, 3, 6))
    ]
    return Encoded(sides[0], sides[1], np.arange(6))


def job(config: TrainingConfig, validate: Callable[[State], float] = lambda state: 0.0, **more: Any) -> Job:
    model = tiny("attention-gru")
    optimizer = make_optimizer(config, model.parameters())
    stream = BatchStream(pairs(), batch_tokens=config.batch_tokens, seed=1)
    fixed: dict[str, Any] = {"validate_every": 1, "save_every": 100, "keep_best": lambda state: None}
    silent: dict[str, Any] = {"save": lambda state: None, "report": lambda numbers: None}
    return Job(
        Alone(model),
        optimizer,
        stream,
        config,
        torch.device("cpu"),
        8,
        validate=validate,
        **{**fixed, **silent, **more},
    )


def weights(finished: Job) -> dict[str, torch.Tensor]:
    return {name: parameter.detach() for name, parameter in finished.parallel.model.named_parameters()}


def test_an_update_of_several_batches_is_one_of_all_their_tokens() -> None:
    whole = job(replace_config(steps=1, batch_tokens=1_000))
    parts = job(
        replace_config(steps=1, batch_tokens=16, accumulate=len(BatchStream(pairs(), batch_tokens=16, seed=1).plan(0)))
    )
    fit(whole, State())
    fit(parts, State())
    for name, tensor in weights(whole).items():
        torch.testing.assert_close(weights(parts)[name], tensor)


def replace_config(**changes: Any) -> TrainingConfig:
    return TrainingConfig.model_validate({**BASE.model_dump(), **changes})


def test_an_update_is_adam_on_the_clipped_mean_of_the_losses() -> None:
    config = replace_config(steps=1, batch_tokens=1_000, clip_norm=0.5, label_smoothing=0.0)
    ours = job(config)
    oracle = tiny("attention-gru")
    batch, _ = next(ours.stream.batches(Place()))
    fit(ours, State())
    optimizer = torch.optim.Adam(oracle.parameters(), lr=1e-2, betas=(0.9, 0.98), eps=1e-9)
    features = oracle.decode(
        batch.tgt_in, oracle.initial_state(memory := oracle.encode(batch.src, batch.src_mask), len(batch.src)), memory
    ).features
    logits = oracle.logits(features)
    torch.nn.functional.cross_entropy(logits.flatten(0, 1), batch.tgt_out.flatten(), ignore_index=0).backward()
    torch.nn.utils.clip_grad_norm_(oracle.parameters(), 0.5)
    optimizer.step()
    for name, parameter in oracle.named_parameters():
        torch.testing.assert_close(weights(ours)[name], parameter.detach())


def test_patience_ends_a_training_that_no_longer_improves() -> None:
    scores = iter([1.0, 2.0, 1.5, 1.9, 5.0])
    kept: list[int] = []
    state = fit(
        job(replace_config(steps=50, patience=2), lambda s: next(scores), keep_best=lambda s: kept.append(s.step)),
        State(),
    )
    assert (state.step, state.best, kept) == (4, 2.0, [1, 2])


def test_plateau_halves_the_rate_after_patience_and_ends_after_five() -> None:
    rates: list[float] = []
    config = replace_config(steps=500, schedule="plateau", patience=2)
    running = job(config, lambda state: rates.append(running.optimizer.param_groups[0]["lr"]) or 0.0)
    state = fit(running, State())
    assert state.halvings == 5
    assert rates[:6] == pytest.approx([1e-2, 1e-2, 1e-2, 5e-3, 5e-3, 2.5e-3])


def test_patience_and_halvings_count_on_over_resumes_from_what_is_written_down() -> None:
    config = replace_config(steps=99, schedule="plateau", patience=2)

    def trained(*stops: int) -> tuple[State, list[tuple[int, float]]]:
        rates: dict[int, float] = {}

        def validate(state: State) -> float:
            rates[state.step] = running.optimizer.param_groups[0]["lr"]
            return float(min(state.step, 7))

        running, state = job(config, validate, validate_every=2), State()
        for stop in (*stops, 99):
            made = [state.step]
            asked = {"stop": lambda stop=stop, made=made: made[0] >= stop}
            counted = {"guide": lambda batch, made=made: made.append(made.pop() + 1)}
            state = fit(replace(running, **asked, **counted), state)
            state = _state(json.loads(dumps(asdict(state))))
        return replace(state, seconds=0.0, unreported={}), sorted(rates.items())

    whole = trained()
    assert whole[0].halvings == 5
    assert trained(*range(1, whole[0].step)) == whole
    assert trained(5, 8, 9) == whole


def test_minutes_end_a_training_and_count_over_resumes() -> None:
    state = fit(job(replace_config(steps=50, minutes=1.0)), State(step=3, seconds=60.0))
    assert state.step == 3


def test_a_stop_is_saved_before_it_returns() -> None:
    saved: list[int] = []
    asked = iter([False, False, False, True])  # before an update, a save, a validation and an update, and then
    state = fit(job(replace_config(steps=50), stop=lambda: next(asked), save=lambda s: saved.append(s.step)), State())
    assert state.step == 2
    assert saved[-1] == 2


def test_a_gradient_that_is_not_finite_changes_no_weight() -> None:
    poisoned = job(replace_config(steps=3))
    before = {name: tensor.clone() for name, tensor in weights(poisoned).items()}
    handle = next(poisoned.parallel.model.parameters()).register_hook(lambda gradient: gradient * math.nan)
    state = fit(poisoned, State())
    handle.remove()
    assert state.skipped == 3
    assert all(torch.equal(tensor, before[name]) for name, tensor in weights(poisoned).items())


def test_a_training_without_finite_gradients_ends_with_a_remedy() -> None:
    poisoned = job(replace_config(steps=100, max_skipped=6))
    next(poisoned.parallel.model.parameters()).register_hook(lambda gradient: gradient * math.inf)
    said = r"7 updates in a row .* up to update 7 at learning rate 0.01; lower training.learning_rate"
    with pytest.raises(DivergedError, match=said):
        fit(poisoned, State())
    with pytest.raises(DivergedError, match="up to update 12 "):  # what was skipped before a resume counts on
        fit(poisoned, State(step=11, measured=11, skipped_in_a_row=6))


@pytest.mark.parametrize("poison", [math.nan, math.inf])
def test_what_is_not_finite_reaches_neither_weights_nor_moments_and_is_counted(poison: float) -> None:
    reports: list[dict[str, float]] = []
    running = job(replace_config(steps=REPORT_EVERY), report=reports.append)
    parameter = next(running.parallel.model.parameters())
    turns = iter([False, True, True, *[False] * REPORT_EVERY])
    parameter.register_hook(lambda gradient: gradient * poison if next(turns) else gradient)
    state = fit(running, State())
    assert (state.skipped, state.skipped_in_a_row, reports[-1]["skipped"]) == (2, 0, 2)
    assert math.isfinite(reports[-1]["loss"])
    assert all(tensor.isfinite().all() for tensor in weights(running).values())
    moments = [value for held in running.optimizer.state.values() for value in held.values()]
    assert all(value.isfinite().all() for value in moments)
    assert {int(held["step"]) for held in running.optimizer.state.values()} == {REPORT_EVERY - 2}


def test_a_loss_that_is_not_finite_is_skipped_though_its_gradient_is() -> None:
    running = job(replace_config(steps=2))
    before = {name: tensor.clone() for name, tensor in weights(running).items()}
    running.parallel.model.register_forward_hook(lambda module, given, made: (made[0] + math.inf, made[1]))
    assert fit(running, State()).skipped == 2
    assert all(torch.equal(tensor, before[name]) for name, tensor in weights(running).items())


@pytest.mark.parametrize("ends", [(8,), (3, 8), (4, 8)])
def test_fp16_leaves_out_an_update_of_which_one_batch_overflows_and_halves_its_scale(ends: tuple[int, ...]) -> None:
    config = replace_config(steps=8, precision="fp16", accumulate=2, batch_tokens=16)
    kept: list[State] = [State()]
    running = job(config, save=kept.append, validate_every=99)
    running.parallel.model.float()
    batch = iter(range(99))

    def overflow(module: Any, given: Any, made: Any) -> Any:
        return (made[0] * (math.inf if next(batch) == 7 else 1.0), made[1])  # the second batch of the fourth update

    running.parallel.model.register_forward_hook(overflow)
    for end in ends:
        fit(replace(running, config=config.model_copy(update={"steps": end})), kept[-1])
    state = kept[-1]
    assert (state.step, state.skipped, state.scaler["scale"]) == (8, 1, 2.0**15)
    assert kept_step(running) == 7
    assert all(tensor.isfinite().all() for tensor in weights(running).values())


def kept_step(running: Job) -> int:
    """Updates that the optimizer made."""
    return int(next(iter(running.optimizer.state.values()), {"step": 0})["step"])


def test_a_state_is_saved_when_its_updates_or_its_minutes_are_over() -> None:
    saved: list[tuple[int, int]] = []

    def save(state: State) -> None:
        saved.append((state.step, state.measured))

    fit(job(replace_config(steps=5), save_every=2, validate_every=4, save=save), State())
    assert saved == [(2, 0), (4, 0), (5, 4), (5, 5)]  # the fourth before it is measured, the last before and after it
    saved.clear()
    fit(job(replace_config(steps=3), save_every=9, validate_every=2, save=save), State())
    assert saved == [(2, 0), (3, 2), (3, 3)]  # what is measured has been saved
    saved.clear()
    fit(job(replace_config(steps=3, save_minutes=1e-9), validate_every=9, save=save), State())
    assert saved == [(1, 0), (2, 0), (3, 0), (3, 3)]


def test_a_validation_that_was_interrupted_is_done_again() -> None:
    measured: list[int] = []
    kept: list[State] = []
    stopped = [False]

    def validate(state: State) -> float:
        if state.step == 2 and not stopped[0]:
            stopped[0] = True
            raise KeyboardInterrupt
        measured.append(state.step)
        return 0.0

    config = replace_config(steps=4)
    first = job(config, validate, validate_every=2, stop=lambda: stopped[0], save=kept.append)
    fit(first, State())
    assert (kept[-1].step, kept[-1].measured, measured) == (2, 0, [])
    fit(replace(first, stop=lambda: False), kept[-1])
    assert measured == [2, 4]


def test_an_interrupt_that_nobody_noted_is_not_swallowed() -> None:
    def validate(state: State) -> float:
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        fit(job(replace_config(steps=2), validate), State())


def test_a_report_after_a_resume_is_of_the_same_updates() -> None:
    def losses(*ends: int) -> list[float]:
        reports: list[dict[str, float]] = []
        kept = [State()]
        running = job(replace_config(steps=1), validate_every=99, save=kept.append, report=reports.append)
        for end in ends:
            goal = replace_config(steps=2 * REPORT_EVERY)
            fit(replace(running, config=goal, stop=lambda end=end: kept_step(running) >= end), kept[-1])
        return [report["loss"] for report in reports]

    assert losses(7, 30, 2 * REPORT_EVERY) == losses(2 * REPORT_EVERY)


def test_the_place_after_an_update_leads_to_the_next_batches() -> None:
    whole = job(replace_config(steps=5))
    fit(whole, State())
    first = job(replace_config(steps=2))
    state = fit(first, State())
    second = replace(first, config=replace_config(steps=5))
    fit(second, state)
    for name, tensor in weights(whole).items():
        torch.testing.assert_close(weights(second)[name], tensor, rtol=0, atol=0)


def test_operations_of_a_transformer_are_those_of_the_closed_formula() -> None:
    model = tiny("transformer-post-learned").float()  # width 8
    src, tgt = 5, 7  # tokens, the end counted
    pairs = [([4] * (src - 1), [5] * (tgt - 1))] * 20
    text = Encoded(Side([s for s, _ in pairs]), Side([t for _, t in pairs]), np.arange(20))
    config, width = model.config, model.config.dim
    inside = config.feed_forward_dim or 4 * width
    encoder = src * (4 * width**2 + 2 * width * inside) + 2 * src * src * width
    decoder = tgt * (6 * width**2 + 2 * width * inside) + 2 * src * width**2 + 2 * tgt * (tgt + src) * width
    products = config.layers * (encoder + decoder) + tgt * width * VOCAB
    each = 3 * 2 * products / tgt  # backward is two forwards; a multiply-add is two
    assert flops_per_token(model, text) == pytest.approx(each, rel=1e-3)  # one row of logits tells their number


def test_a_table_has_no_operations_to_count() -> None:
    assert flops_per_token(tiny("lexical").float(), Encoded(Side([[4]]), Side([[5]]), np.arange(1))) == 0.0
