"""A training on paper: counts against built models, bytes and operations against torch, and a plan against itself."""

import json
import math
import subprocess
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import KINDS, TRAINED, VOCAB

from nmt import models, recipe
from nmt.data.batches import Batch, collate
from nmt.errors import DataError, UsageError
from nmt.evaluation.anatomy import Vocabularies
from nmt.models.flops import counting
from nmt.models.footprint import activations
from nmt.planning import memory, page, text
from nmt.planning.cost import Cost, Numbers, Shape
from nmt.planning.devices import DEVICES, device_of, exchange_seconds
from nmt.planning.memory import Setting
from nmt.planning.plan import Means, Plan, counts, plan
from nmt.recipe import Recipe

ROOT = Path(__file__).parent.parent
WMT = ROOT / "recipes" / "wmt14-en-de.toml"
ONE = Vocabularies(VOCAB, VOCAB, True)
BOUND = 0.03
"""Of what autograd stores and of what torch counts, how far the formulas may be off."""
SHAPE = Shape(6, 17, 13)


def model_and_batch(kind: str, dim: int, dropout: float) -> tuple[Any, Any, Batch]:
    arch, settings = KINDS[kind]
    config = recipe.load(None, arch, [f"model.{s}" for s in (f"dim={dim}", f"dropout={dropout}", *settings)]).model
    torch.manual_seed(1)
    model: Any = models.build(config, VOCAB, VOCAB, True)
    sources = [[5] * 16] * 5 + [[5] * 15]  # one is shorter: padding is what batches have
    return config, model, collate(sources, [[5] * 12] * 6)


def planned(*gpus: int, **changes: Any) -> Plan:
    means = Means(**{"device": DEVICES["a100-80"], **changes})
    loaded = recipe.load(WMT, system="base")
    return plan(loaded, text.assumed(loaded, 36e6, 30), means, list(gpus))


def with_training(loaded: Recipe, **changes: Any) -> Recipe:
    return loaded.model_copy(update={"training": loaded.training.model_copy(update=changes)})


@pytest.mark.parametrize("kind", TRAINED)
def test_formulas_have_the_parameters_that_a_built_model_has(kind: str) -> None:
    config, model, _ = model_and_batch(kind, 8, 0.1)
    known, counted = memory.parameters(config, ONE), model.parameter_counts()
    assert (known.total, known.fixed) == (sum(counted.values()), counted.get("fixed", 0))


@pytest.mark.parametrize("dropout", [0.0, 0.1])
@pytest.mark.parametrize("dim", [16, 48], ids=["tiny", "small"])
@pytest.mark.parametrize("kind", TRAINED)
def test_formulas_have_the_bytes_that_autograd_stores(kind: str, dim: int, dropout: float) -> None:
    config, model, batch = model_and_batch(kind, dim, dropout)
    stored = activations(model, batch.src, batch.src_mask, batch.tgt_in, batch.tgt_out)
    said = memory.activations(memory.costs(config, VOCAB, SHAPE, Numbers()))
    allowed = (
        BOUND if dim > 16 else 3 * BOUND
    )  # masks and lengths, which no formula has, are nothing beside a real width
    assert said == pytest.approx(stored, rel=allowed)


@pytest.mark.parametrize("kind", TRAINED)
def test_formulas_have_the_operations_that_torch_counts(kind: str) -> None:
    config, model, batch = model_and_batch(kind, 48, 0.0)
    with counting() as counter:
        model(batch.src, batch.src_mask, batch.tgt_in, batch.tgt_out)[0].backward()
    said = sum(memory.costs(config, VOCAB, SHAPE, Numbers()).values(), Cost()).operations
    assert said == pytest.approx(counter.operations, rel=BOUND)


@pytest.mark.parametrize("kind", TRAINED)
def test_more_rows_and_longer_ones_take_more_and_half_the_bytes_take_less(kind: str) -> None:
    config, _, _ = model_and_batch(kind, 16, 0.1)
    known = memory.parameters(config, ONE)

    def taken(shape: Shape, numbers: Numbers = Numbers()) -> float:  # noqa: B008
        return sum(memory.step(known, memory.costs(config, VOCAB, shape, numbers), Setting()).values())

    assert taken(Shape(40, 17, 13)) < taken(Shape(80, 17, 13)) < taken(Shape(80, 34, 26))
    assert memory.activations(memory.costs(config, VOCAB, SHAPE, Numbers(2))) < memory.activations(
        memory.costs(config, VOCAB, SHAPE, Numbers())
    )


def test_sharing_divides_weights_gradients_and_moments_by_the_devices() -> None:
    known = memory.parameters(recipe.load(WMT).model, ONE)
    parts = memory.costs(recipe.load(WMT).model, VOCAB, SHAPE, Numbers())
    whole = memory.step(known, parts, Setting(8, accumulated=True))
    shared = memory.step(known, parts, Setting(8, sharded=True, accumulated=True))
    for name in ("weights", "gradients", "optimizer moments"):
        assert shared[name] == whole[name] / 8
    untouched = {name for name in whole if name.startswith("activations")}
    assert untouched
    assert all(shared[name] == whole[name] for name in untouched)
    assert "DDP buckets" in whole
    assert "gathered part" in shared


def test_more_devices_are_faster_but_never_by_more_than_their_number() -> None:
    rows = planned(1, 2, 8, 16, 64).rows
    assert [row.computing for row in rows] == sorted((row.computing for row in rows), reverse=True)
    assert all(row.gpus * row.hours >= rows[0].hours for row in rows)
    assert rows[0].exchanging == 0.0
    assert all(row.bytes <= rows[1].bytes for row in rows[2:])


def test_a_ring_is_as_slow_as_its_slowest_link_and_sharing_sends_half_as_much_again() -> None:
    device = DEVICES["a100-80"]
    assert exchange_seconds(8e9, 1, device, 1e9, False) == 0.0
    assert exchange_seconds(8e9, 2, device, 1e9, False) == pytest.approx(8e9 / device.link)
    assert exchange_seconds(8e9, 16, device, 1e9, False) == pytest.approx(15.0)
    assert exchange_seconds(8e9, 16, device, 1e9, True) == pytest.approx(22.5)


def test_hours_are_operations_over_what_is_made_use_of_of_the_peak() -> None:
    found = planned(1, utilisation=0.5)
    assert found.rows[0].computing == pytest.approx(found.work.operations / (0.5 * 312e12) / 3600)
    assert found.work.operations == found.work.updates * found.work.tokens * found.work.operations_per_token
    assert found.work.epochs == pytest.approx(found.work.updates * found.work.tokens / (36e6 * 30))


def test_the_parts_of_a_table_add_up_and_json_has_the_same_numbers() -> None:
    found = page.as_json(planned(1, 8))
    for row in found["gpus"]:
        assert row["bytes"] == sum(row["memory"].values())
        assert row["hours"] == row["computing_hours"] + row["exchanging_hours"]
    assert sum(found["parameters"]["parts"].values()) == found["parameters"]["total"]


def test_a_remedy_fits_and_leaves_the_global_batch_as_it_is() -> None:
    loaded = recipe.load(WMT, system="big")
    reading, means = text.assumed(loaded, 36e6, 30), Means(DEVICES["v100-16"])
    row = plan(loaded, reading, means, [1]).rows[0]
    assert not row.fits
    smaller, several = (int(word) for word in row.remedy.replace(",", "").split() if word.isdecimal())
    assert smaller * several == pytest.approx(loaded.training.batch_tokens, rel=1e-3)
    changed = with_training(loaded, batch_tokens=smaller, accumulate=several)
    again = plan(changed, reading, means, [1])
    assert again.rows[0].fits
    assert again.work.tokens == pytest.approx(plan(loaded, reading, means, [1]).work.tokens, rel=1e-3)


def test_the_largest_batch_that_is_named_fits_and_a_much_larger_one_does_not() -> None:
    loaded = recipe.load(WMT, system="base")
    reading, means = text.assumed(loaded, 36e6, 30), Means(DEVICES["l4"])
    most = plan(loaded, reading, means, [1]).rows[0].most
    for tokens, fits in ((most, True), (int(1.25 * most), False)):
        assert plan(with_training(loaded, batch_tokens=tokens), reading, means, [1]).rows[0].fits is fits


def test_a_device_that_is_too_small_for_any_batch_says_what_to_lower() -> None:
    own = device_of(None, 1e12, 1.5, 1e9)
    row = planned(1, device=own).rows[0]
    assert (row.fits, row.most) == (False, 0)
    assert "--fsdp" in row.remedy
    assert "text" in row.memory


def test_base_and_big_are_those_of_the_paper() -> None:
    base, big = (recipe.load(WMT, system=name) for name in ("base", "big"))
    sizes = [memory.parameters(each.model, Vocabularies(37_000, 37_000, True)).total for each in (base, big)]
    assert sizes == [pytest.approx(65e6, rel=0.05), pytest.approx(213e6, rel=0.05)]
    assert [each.training.steps for each in (base, big)] == [100_000, 300_000]


def test_the_recipes_own_text_is_measured_where_it_is_there() -> None:
    small = recipe.load(ROOT / "recipes" / "tiny.toml", "rnn", ["data.train=grammar:200", "data.dev=grammar:20"])
    reading = text.measured(small)
    assert reading.pairs == 200
    assert 0.5 < reading.fill <= 1.0
    assert 1.0 < reading.target < reading.longest
    assert reading.origin == "measured on grammar:200"
    with pytest.raises(DataError, match="or plan without the text, by --pairs and --tokens-per-pair"):
        text.measured(recipe.load(WMT))


@pytest.mark.parametrize(
    ("wrong", "message"),
    [
        (lambda: counts("1,,8"), "must be numbers from 1 with commas between them"),
        (lambda: counts("0"), "must be numbers from 1"),
        (lambda: device_of("a100", None, None, 1e9), "unknown device 'a100'; did you mean"),
        (lambda: device_of(None, 1e12, None, 1e9), "give both"),
        (lambda: device_of(None, -1.0, 4.0, 1e9), "must be more than 0"),
        (lambda: device_of(None, None, None, 0.0), "--network 0 must be more than 0"),
        (lambda: device_of(None, None, None, math.inf), "--network inf must be more than 0"),
        (lambda: text.assumed(recipe.load(WMT), math.inf, 30), "must be 1 or more"),
        (lambda: DEVICES["p100"].precision("bf16"), "p100 has no bf16; set training.precision"),
        (lambda: planned(1, utilisation=1.5), "--utilisation 1.5 must be more than 0, and 1 at most"),
        (lambda: text.assumed(recipe.load(WMT), 0.0, 30), "must be 1 or more"),
        (lambda: text.assumed(recipe.load(WMT), 1e6, 900), "is more than data.max_tokens = 256"),
        (lambda: plan(recipe.load(None, "lexical"), replace(ASSUMED), MEANS, [1]), "--arch lexical counts words"),
    ],
)
def test_what_cannot_be_planned_is_said_in_a_sentence(wrong: Any, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        wrong()


ASSUMED, MEANS = text.assumed(recipe.load(WMT), 1e6, 30), Means(DEVICES["h100"])


def test_a_device_has_memory_and_peaks_and_says_where_they_are_published() -> None:
    for device in DEVICES.values():
        assert device.memory > 0 < device.link
        assert device.source
        assert device.peaks["fp32"] == min(device.peaks.values())


def test_the_command_prints_a_page_and_one_object() -> None:
    command = [sys.executable, "-m", "nmt", "plan", str(WMT), "--pairs", "36e6", "--gpus", "1,64", "--fsdp"]
    done = subprocess.run([*command, "--format", "json"], capture_output=True, text=True, check=True, cwd=ROOT)
    assert [row["gpus"] for row in json.loads(done.stdout)["gpus"]] == [1, 64]
    shown = page.page(planned(1, 64, sharded=True))
    assert "36,000,000 pairs" in shown
    assert "shared out (FSDP)" in shown
