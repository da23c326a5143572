"""`nmt probe distance`: accuracy of agreement and of pronouns against distance in words, by `evaluation.accuracy`.

distance.json: `test` {name, lines}, and `systems[]`, each with `name` and `families`, {family: {"2": .., "3-4": ..}}:
for each span of distances `contrasts`, `right`, `said`, `chance`, `accuracy`, `recall`, and `low` and `high`, the ends
of the 95 % interval of the accuracy.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from nmt import runs
from nmt.errors import DataError
from nmt.evaluation import accuracy
from nmt.evaluation.accuracy import Count
from nmt.evaluation.compare import TestSet
from nmt.evaluation.figure import PANELS, Figure, clean, legend, sheet
from nmt.evaluation.plots import draw_distances
from nmt.evaluation.probes.probe import Probe
from nmt.evaluation.systems import System
from nmt.evaluation.table import Table
from nmt.evaluation.tables import DISTANCES

Families = Mapping[str, Mapping[str, Count]]
"""Family of phenomena -> span of distances -> counts."""


def probe(
    systems: Sequence[System],
    test: TestSet,
    *,
    device: str = "auto",
    batch_size: int = 64,
    say: Callable[[str], None] = lambda message: None,
) -> Probe:
    """Judges every contrast that has a distance; raises DataError for a test set that has too few of them."""
    found: dict[str, Families] = {}
    for system in systems:
        say(f"{system.name}: translates and judges {test.name}")
        families = found[system.name] = _judge(system, test, device, batch_size)
        if not families:
            raise DataError(
                f"{test.name} has no labels with enough distances on its {system.recipe.target} side; name a labelled "
                "test set with --test, such as grammar"
            )
    title = f"Accuracy by distance on {test.name}"
    numbers = {
        "test": {"name": test.name, "lines": len(test.corpus)},
        "systems": [{"name": name, "families": _numbers(families)} for name, families in found.items()],
    }
    names = list(next(iter(found.values())))
    tables = [_table(DISTANCES.format(test.name, name), name, found) for name in names]
    return Probe("distance", numbers, tables, _figure(title, test, names, found))


def _judge(system: System, test: TestSet, device: str, batch_size: int) -> Families:
    """Only lines that have a contrast with a distance are translated."""
    side = system.recipe.target
    lines = [
        line
        for line, label in enumerate(test.labels or ())
        if any(each.side == side and each.distance is not None for each in label.contrasts)
    ]
    if not lines or test.labels is None:
        return {}
    translator = runs.load(system.folders[0], device)
    src, tgt = ([text[line] for line in lines] for text in (test.corpus.src, test.corpus.tgt))
    outputs = [each.text for each in translator.translate(src, system.recipe.decoding, batch_size=batch_size)]
    labels = [test.labels[line] for line in lines]
    return accuracy.by_distance(accuracy.judge(translator, src, tgt, labels, outputs, side, batch_size=batch_size))


def _numbers(families: Families) -> dict[str, dict[str, Any]]:
    return {
        family: {
            span: asdict(count)
            | {"accuracy": count.accuracy, "recall": count.recall}
            | dict(zip(("low", "high"), count.interval, strict=True))
            for span, count in counts.items()
        }
        for family, counts in families.items()
    }


def _table(title: str, family: str, found: Mapping[str, Families]) -> Table:
    first = next(iter(found.values()))[family]
    rows = [
        [
            span.replace("-", "–"),
            f"{count.contrasts:,}",
            f"{100 * count.chance:.0f}",
            *(_cell(families[family][span]) for families in found.values()),
        ]
        for span, count in first.items()
    ]
    note = (
        f"% right (95 % interval) / % of translations that have the word, by distance in words; all kinds of {family} "
        "together. chance: what drawing among the reference and its variants would get right. Intervals by Wilson 1927."
    )
    return Table(title, ["words", "contrasts", "chance", *found], rows, note)


def _cell(count: Count) -> str:
    low, high = count.interval
    return f"{100 * count.accuracy:.0f} ({100 * low:.0f}–{100 * high:.0f}) / {100 * count.recall:.0f}"


def _figure(title: str, test: TestSet, names: Sequence[str], found: Mapping[str, Families]) -> Figure:
    """A family beside the other."""
    drawn = sheet(PANELS)
    axes = drawn.subplots(1, len(names), sharey=True, squeeze=False)[0]
    for axis, name in zip(axes, names, strict=True):
        draw_distances(axis, {system: families[name] for system, families in found.items()})
        axis.set_title(name, fontsize=9)
        axis.set_xlabel("distance in words")
        clean(axis)
    axes[0].set_ylabel("% right")
    legend(drawn, axes[0])
    caption = (
        f"Accuracy on {test.name} by distance in words (contrasts in brackets); 95 % intervals. "
        "The dotted line is chance."
    )
    return Figure("distance", title, caption, drawn)
