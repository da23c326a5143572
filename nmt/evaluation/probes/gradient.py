"""`nmt probe gradient`: the norms of `jacobian`, against distance, of trained systems or of their first weights.

gradient.json: `test` {name, lines}, `sentences` and `steps` of each (no more than these are looked at), `vectors`,
`trained`, and `systems[]`, each with `name`, `between[]`, the bins of the distance that is the same for all, and
`recurrent[]`, those of the system's own recurrence, or null where it attends. A bin has `edge` (its number),
`shortest`, `longest`, `distance` (the mean), `pairs`, `sentences`, `norm` and `relative`. `left_out` {name: why}.
"""

from collections.abc import Callable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

import torch

from nmt import models, runs
from nmt.errors import UsageError
from nmt.evaluation.compare import TestSet
from nmt.evaluation.figure import PANELS, Figure, clean, legend, logarithmic, sheet, style
from nmt.evaluation.probes.jacobian import (
    FEWEST,
    SENTENCES,
    STEPS,
    VECTORS,
    Bin,
    binned,
    choose,
    lost_from,
    norms,
    recurrent_steps,
    relative,
)
from nmt.evaluation.probes.probe import Probe
from nmt.evaluation.systems import System
from nmt.evaluation.table import MISSING, Table
from nmt.models.base import Seq2Seq
from nmt.translator import Translator

BETWEEN = "tokens from the word to the output, as one sequence"
RECURRENT = "steps of its own recurrence between them"


def probe(
    systems: Sequence[System],
    test: TestSet,
    *,
    trained: bool = True,
    device: str = "auto",
    say: Callable[[str], None] = lambda message: None,
) -> Probe:
    """The norms of every system that has a gradient; with `trained` false those before the first update.

    Raises UsageError where there is none.
    """
    found: dict[str, tuple[list[Bin], list[Bin] | None]] = {}
    left_out: dict[str, str] = {}
    for system in systems:
        if system.counted:
            left_out[system.name] = "it is counted, and has no gradient"
            continue
        say(f"{system.name}: gradients")
        bins = _measure(system, test, trained, device)
        if bins is None:
            left_out[system.name] = "its gradients are not finite"
        elif not bins[0]:
            left_out[system.name] = f"no distance has {FEWEST} sentences"
        else:
            found[system.name] = bins
    if not found:
        why = "; ".join(f"{name}: {reason}" for name, reason in left_out.items())
        raise UsageError(
            f"there is no gradient to measure ({why}); name a run that is trained by "
            "gradient with -m, or a longer test set with --test"
        )
    name = "gradient" if trained else "gradient-untrained"
    title = f"Gradient against distance on {test.name}" + ("" if trained else ", before the first update")
    numbers = {
        "test": {"name": test.name, "lines": len(test.corpus)},
        **{"sentences": SENTENCES, "steps": STEPS, "vectors": VECTORS, "trained": trained},
        "systems": [
            {"name": each, "between": _numbers(shared), "recurrent": None if own is None else _numbers(own)}
            for each, (shared, own) in found.items()
        ],
        "left_out": left_out,
    }
    return Probe(name, numbers, _tables(title, found, left_out), _figure(name, title, systems, found, trained))


def _measure(system: System, test: TestSet, trained: bool, device: str) -> tuple[list[Bin], list[Bin] | None] | None:
    translator = runs.load(system.folders[0], device)
    model, tokenizer, corpus = translator.model, translator.tokenizer, test.corpus
    pairs = list(zip(tokenizer.source.encode(corpus.src), tokenizer.target.encode(corpus.tgt), strict=True))
    chosen = choose(corpus, model, pairs)  # by the places that training met, before which there are none
    if not trained:
        model = _first(system, translator)
    if not chosen:
        return [], None
    measured = norms(model, [pairs[line] for line in chosen])
    if not measured.finite:
        return None
    own = recurrent_steps(system.recipe.model, measured)
    return binned(measured.between, measured), None if own is None else binned(own, measured)


def _first(system: System, translator: Translator) -> Seq2Seq[Any, Any]:
    """The system's model before its first update, without embeddings from elsewhere."""
    tokenizer = translator.tokenizer
    with torch.random.fork_rng():
        torch.manual_seed(system.recipe.training.seed)  # as a training begins
        model = models.build(system.recipe.model, len(tokenizer.source), len(tokenizer.target), tokenizer.joint)
    return model.to(translator.device)


def _numbers(bins: Sequence[Bin]) -> list[dict[str, Any]]:
    return [asdict(each) | {"relative": share} for each, share in zip(bins, relative(bins), strict=True)]


def _tables(
    title: str, found: Mapping[str, tuple[list[Bin], list[Bin] | None]], left_out: Mapping[str, str]
) -> list[Table]:
    notes = [
        "Norm of the Jacobian of the decoder's feature with respect to a source word's embedding, geometric mean over "
        "the pairs of a distance, as a share of the system's largest; "
        f"{MISSING} where they are of fewer than {FEWEST} sentences. "
        f"At most {SENTENCES} pairs of the test set, spread over its lengths; at most {STEPS} target steps of each; "
        f"{VECTORS} random directions of the feature.",
        "Tokens are each system's own. tenth: the distance from which on all is under a tenth of the largest.",
        *(f"{name} is left out: {why}." for name, why in left_out.items()),
    ]
    tables = [_table(title, BETWEEN, {name: shared for name, (shared, _) in found.items()}, "\n".join(notes))]
    if recurrent := {name: own for name, (_, own) in found.items() if own}:
        note = (
            "The same norms by the fewest steps of each system's own recurrence. A system that attends has "
            "none between a word and an output."
        )
        tables.append(_table(title, RECURRENT, recurrent, note))
    return tables


def _table(title: str, what: str, found: Mapping[str, Sequence[Bin]], note: str) -> Table:
    """A row for every bin that one of the systems has."""
    cells: dict[int, dict[str, str]] = {}
    spans: dict[int, tuple[int, int]] = {}
    for name, bins in found.items():
        for each, share in zip(bins, relative(bins), strict=True):
            near, far = spans.get(each.edge, (each.shortest, each.longest))
            spans[each.edge] = min(near, each.shortest), max(far, each.longest)
            cells.setdefault(each.edge, {})[name] = f"{share:.2f}" if share >= 0.1 else f"{share:.1g}"
    rows = [
        [f"{spans[edge][0]}–{spans[edge][1]}", *(held.get(name, MISSING) for name in found)]
        for edge, held in sorted(cells.items())
    ]
    lost = [lost_from(bins) for bins in found.values()]
    rows.append(["tenth", *(MISSING if far is None else str(far) for far in lost)])
    return Table(title, [what, *found], rows, note)


def _figure(
    name: str,
    title: str,
    systems: Sequence[System],
    found: Mapping[str, tuple[list[Bin], list[Bin] | None]],
    trained: bool,
) -> Figure:
    """Beside each other what is the same distance for all, and what is each recurrence's own, if there is one."""
    both = any(own for _, own in found.values())
    drawn = sheet(PANELS)
    axes = drawn.subplots(1, 2 if both else 1, sharey=True, squeeze=False)[0]
    for place, system in enumerate(systems):
        if system.name in found:
            for axis, bins in zip(axes, found[system.name], strict=False):
                if bins:
                    at = [each.distance for each in bins]
                    axis.plot(at, relative(bins), **style(place, system.name))
    for axis, label in zip(axes, (BETWEEN, RECURRENT), strict=False):
        logarithmic(axis, "y")
        axis.set_xlim(left=0)
        axis.locator_params(axis="x", integer=True)
        axis.set_xlabel(label)
        clean(axis)
    axes[0].set_ylabel("norm of the gradient, relative to the largest")
    legend(drawn, axes[0])
    which = "of trained systems" if trained else "before the first update"
    caption = f"Gradient of the decoder's features with respect to source words, {which}, against distance." + (
        " Left: one distance for all, from whichever end they read. Right: the fewest steps of the recurrence, for "
        "systems that have one vector and no attention."
        if both
        else ""
    )
    return Figure(name, title, caption, drawn)
