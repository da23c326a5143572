"""What a comparison says of trainings: which diverged, what was never trained, how the loss fell."""

import dataclasses
import json
import math
from collections.abc import Sequence
from pathlib import Path

import numpy as np
import pytest

from nmt import recipe as recipes
from nmt import runs
from nmt.evaluation import plots, report, systems, tables
from nmt.evaluation.compare import Comparison
from nmt.evaluation.figure import COLORS
from nmt.training.run import guess_loss

NAN, INF = float("nan"), float("inf")


@pytest.mark.parametrize(
    ("losses", "failed"),
    [
        ([8.0, 4.0, 2.0, 2.4375], False),
        ([8.0, 4.0, 2.0, 2.5], True),  # half a nat above the lowest
        ([8.0, 2.0, 6.0, 2.25], False),  # a peak that is left behind
        ([8.0, 7.9], False),
        ([8.0, 9.0], True),
        ([8.0], False),
        ([], False),
        ([8.0, 2.0, NAN], True),
        ([8.0, 2.0, INF], True),
        ([8.0, NAN, 2.0], False),
        ([NAN, NAN, 2.0], False),
    ],
)
def test_a_training_has_diverged_by_what_it_lost_again(losses: list[float], failed: bool) -> None:
    assert systems.has_diverged(losses) == failed


def test_a_training_that_is_hardly_better_than_guessing_by_frequency_never_learned() -> None:
    assert systems.never_learned([7.0, 5.9, 5.6], 6.0)
    assert not systems.never_learned([7.0, 5.4, 5.6], 6.0)
    assert not systems.never_learned([], 6.0)
    # three tokens of one kind, one of another and two ends: 1/2, 1/6, 1/3
    entropy = -sum(share * math.log(share) for share in (1 / 2, 1 / 6, 1 / 3))
    assert guess_loss(np.bincount([5, 5, 7, 5]), 2) == pytest.approx(entropy)


def run(folder: Path, arch: str, losses: Sequence[float], fixed: int = 0, end: str = runs.FINISHED) -> Path:
    """A run folder without weights: what a training says of itself."""
    folder.mkdir()
    (folder / "recipe.toml").write_text(recipes.dump(recipes.load(None, arch)), encoding="utf-8")
    counts = {"embedding": 100, "decoder": 20, **({"fixed": fixed} if fixed else {})}
    facts = {"train_pairs": 9, "parameters": counts, "guess_loss": 6.0, end: 25 * len(losses)}
    (folder / "manifest.json").write_text(json.dumps(facts), encoding="utf-8")
    report = {"kind": "train", "tokens_per_second": 9.0, "seconds": 1.0}
    lines = [json.dumps({**report, "step": 25 * place, "loss": loss}) for place, loss in enumerate(losses, start=1)]
    (folder / "metrics.jsonl").write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return folder


def test_systems_of_several_sizes_stand_together(tmp_path: Path) -> None:
    def sized(name: str, *settings: str, pairs: int) -> systems.System:
        recipe = recipes.load(None, "rnn", [*settings, f"data.train=grammar:{pairs}"])
        made = systems.read(name, [run(tmp_path / name, "rnn", [8.0, 4.0])])
        return dataclasses.replace(made, recipe=recipe, pairs=pairs)

    rows = [sized("gru-40", pairs=40), sized("gru-9", pairs=9), sized("tanh-9", "model.cell=tanh", pairs=9)]
    assert systems.by_size(rows) == {"gru": [rows[1], rows[0]]}
    rows.append(sized("tanh-40", "model.cell=tanh", pairs=40))
    assert list(systems.by_size(rows)) == ["gru", "tanh"]


def of(*rows: systems.System) -> Comparison:
    return Comparison("de", "en", list(rows), [], {}, [], [])


def test_trainings_that_failed_are_counted_over_the_folders_of_all_seeds(tmp_path: Path) -> None:
    good, bad, flat = [8.0, 4.0, 2.0], [8.0, 4.0, 7.0], [8.0, 6.0, 5.75]
    seeds = [run(tmp_path / f"{place}", "rnn", losses) for place, losses in enumerate((good, bad, flat))]
    broken = [run(tmp_path / "broken", "rnn", good, end=runs.DIVERGED)]
    rows = of(
        systems.read("lexical", [run(tmp_path / "l", "lexical", [6.0, 6.0])]),  # passes that gain nothing
        systems.read("three", seeds),
        systems.read("one", [run(tmp_path / "one", "rnn", good)]),
        systems.read("broken", broken),
    )
    assert [system.failed for system in rows.systems] == [False, True, False, True]
    table = tables.trainings(rows)
    assert table.head[-2:] == ["diverged", "never learned"]
    none = [tables.MISSING] * 2
    assert [row[-2:] for row in table.rows] == [none, ["1 of 3"] * 2, ["0 of 1"] * 2, ["1 of 1", "0 of 1"]]
    said = report.as_dict(rows)["systems"]
    counts = [(system["divergences"], system["unlearned"], system["trainings"]) for system in said]
    assert counts == [(0, 0, 1), (1, 1, 3), (0, 0, 1), (1, 0, 1)]
    fine = tables.trainings(of(rows.systems[0], rows.systems[2]))
    assert "diverged" not in [*fine.head, fine.note]


def test_numbers_that_are_never_trained_are_told_apart(tmp_path: Path) -> None:
    rows = of(*(systems.read(f"r{n}", [run(tmp_path / f"{n}", "rnn", [8.0, 2.0], n)]) for n in (0, 4096)))
    assert [(system["parameters"], system["fixed"]) for system in report.as_dict(rows)["systems"]] == [
        (120, 0),
        (120, 4096),
    ]
    table = tables.trainings(rows)
    assert [row[3] for row in table.rows] == ["120", "120"]
    assert "\nParameters are those that are trained. r4096: and 4,096 that are fixed.\n" in table.note
    assert "fixed" not in tables.trainings(of(rows.systems[0])).note


@pytest.mark.parametrize(
    ("losses", "low", "high"),
    [
        ([[8.0, 3.0], [7.0, 2.0]], 2.0, 8.0),
        ([[8.0, 3.0], [7.0, 2.0, 900.0]], 2.0, 8.0),
        ([[8.0, 3.0], [7.0, NAN, 2.0]], 2.0, 8.0),
        ([[8.0, 3.0], [500.0, 900.0]], 3.0, 16.0),
    ],
)
def test_the_losses_are_drawn_from_the_lowest_to_where_trainings_begin(
    tmp_path: Path, losses: list[list[float]], low: float, high: float
) -> None:
    read = [systems.read(f"r{n}", [run(tmp_path / f"{n}", "rnn", each)]) for n, each in enumerate(losses)]
    counted = systems.read("lexical", [run(tmp_path / "l", "lexical", [0.5, 0.1])])
    drawn = next(figure for figure in plots.figures(of(counted, *read)) if figure.name == "loss")
    axis = drawn._drawn.axes[0]
    bottom, top = axis.get_ylim()
    assert low - 0.1 * (high - low) < bottom < low
    assert high < top < high + 0.1 * (high - low)
    assert [line.get_label() for line in axis.lines] == ["r0", "r1"]
    assert [value for line in axis.lines for value in line.get_ydata()] == [
        x for each in losses for x in each if x == x
    ]
    assert list(axis.lines[0].get_xdata()) == [25, 50]
    assert [line.get_color() for line in axis.lines] == list(COLORS[1:3])  # as in figures that show all systems
