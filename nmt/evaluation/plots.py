"""The figures of a comparison, drawn with matplotlib."""

import math
import statistics
from collections.abc import Mapping, Sequence
from typing import Any

import numpy as np

from nmt.evaluation import titles
from nmt.evaluation.accuracy import FEWEST, Count
from nmt.evaluation.compare import Comparison, Drawing
from nmt.evaluation.figure import COLORS, INK, PANELS, SIZE, Figure, chart, clean, legend, logarithmic, sheet, style
from nmt.evaluation.maps import WordMaps
from nmt.evaluation.systems import by_size

APART = 0.4
"""Of the space from one bucket to the next, what the systems' intervals are spread over."""
LONGEST = 24
"""Letters of a word beside a map; a model that repeats itself may write a word as wide as the page."""
FLOP_UNITS = (("E", 1e18), ("P", 1e15), ("T", 1e12), ("G", 1e9))


def figures(comparison: Comparison) -> list[Figure]:
    """All figures that the comparison has numbers for."""
    found = []
    for test in comparison.tests:
        found.append(_by_length(comparison, test.name))
        if by_size(comparison.systems):
            found.append(_by_size(comparison, test.name))
    for test in comparison.tests:
        results = comparison.results[test.name]
        if any(result.phenomena for result in results.values()):
            found.append(_phenomena(comparison, test.name))
        for family in sorted({family for result in results.values() for family in result.distances}):
            found.append(_distances(comparison, test.name, family))
    found += _curves(comparison)
    if any(system.losses for system in comparison.systems):
        found.append(_losses(comparison))
    found += [attention(drawing, number) for number, drawing in enumerate(comparison.drawings, start=1)]
    for system in comparison.systems:
        for drawing in comparison.drawings[:1]:
            if (each := drawing.maps.get(system.name)) is not None and len(each.maps) > 1:
                found.append(heads(system.name, each, system.heads))
    return found


def attention(drawing: Drawing, number: int = 1, *, grey: bool = False) -> Figure:
    """Where each system looked: source words from left to right, what was written from top to bottom.

    As many systems side by side as fit on a page; `grey` as Bahdanau et al. 2015 drew it, figure 3.
    """
    maps = drawing.maps
    width = max(2.8, 0.22 * max(len(each.src) for each in maps.values()) + 1.2)
    most = 2 * max(len(each.src) for each in maps.values())  # a system that repeats itself would be all of the picture
    height = 0.22 * min(most, max(len(each.tgt) for each in maps.values())) + 1.3
    across = min(len(maps), max(1, int(PANELS[0] / width)))
    down = -(-len(maps) // across)
    drawn = sheet((width * across, height * down))
    axes = list(drawn.subplots(down, across, squeeze=False).flat)
    for axis, (name, each) in zip(axes, maps.items(), strict=False):
        _map(axis, each.src, each.tgt[:most], each.mean[:most], 8, grey)
        axis.set_title(name if len(each.maps) == 1 else f"{name}, mean of {len(each.maps)} heads", fontsize=9)
    for axis in axes[len(maps) :]:
        axis.axis("off")
    caption = f"Attention on “{drawing.source}”: each row is a word that was written, and sums to 1 over the source."
    return Figure(f"attention-{number}", titles.ATTENTION, caption, drawn)


def heads(name: str, each: WordMaps, across: int, *, grey: bool = False) -> Figure:
    """Every attention map of one system on one sentence, `across` to a row: a Transformer's layers by its heads."""
    down = -(-len(each.maps) // across)
    size = ((0.22 * len(each.src) + 0.9) * across, (0.2 * len(each.tgt) + 0.9) * down)
    drawn = sheet(size)
    axes = drawn.subplots(down, across, squeeze=False)
    for place, axis in enumerate(axes.flat):
        if place >= len(each.maps):
            axis.axis("off")
            continue
        _map(
            axis, each.src if place < across else [], each.tgt if place % across == 0 else [], each.maps[place], 6, grey
        )
        axis.set_title(f"layer {place // across + 1}, head {place % across + 1}", fontsize=7)
    caption = f"Every head of {name} on the first of these sentences; a row of pictures is a layer of the decoder."
    return Figure(f"heads-{name}", titles.ATTENTION, caption, drawn)


def _by_length(comparison: Comparison, test: str) -> Figure:
    drawn, axis = chart("source words", "BLEU")
    for place, (name, result) in enumerate(comparison.results[test].items()):
        at = range(len(result.lengths))
        axis.plot(at, [bucket.scores["bleu"].score for bucket in result.lengths], **style(place, name))
        axis.set_xticks(at, [f"{b.shortest}–{b.longest}\n({b.lines:,})" for b in result.lengths])
    axis.set_ylim(bottom=0)
    legend(drawn, axis)
    caption = f"BLEU on {test} by the length of the source (lines in brackets), as in Figure 2 of Bahdanau et al. 2015."
    return Figure(f"length-{test}", titles.lengths(test), caption, drawn)


def _by_size(comparison: Comparison, test: str) -> Figure:
    drawn, axis = chart("training pairs", "BLEU")
    results = comparison.results[test]
    for place, (name, group) in enumerate(by_size(comparison.systems).items()):
        found = [statistics.mean(results[system.name].seeds["bleu"]) for system in group]
        axis.plot([system.pairs for system in group], found, **style(place, name))
    logarithmic(axis, "x")
    sizes = sorted({system.pairs for group in by_size(comparison.systems).values() for system in group})
    axis.set_xticks(sizes, [f"{pairs:,}" for pairs in sizes])
    axis.set_xticks([], minor=True)
    axis.set_ylim(bottom=0)
    legend(drawn, axis)
    caption = f"BLEU on {test} against the size of the training text, all else the same."
    return Figure(f"size-{test}", titles.sizes(test), caption, drawn)


def _phenomena(comparison: Comparison, test: str) -> Figure:
    results = comparison.results[test]
    first = next(iter(results.values())).phenomena
    names = [name for name, count in first.items() if count.contrasts >= FEWEST] or list(first)
    drawn = sheet((SIZE[0], 0.16 * len(names) * max(2, len(results)) + 1.2))
    axis = drawn.subplots()
    width = 0.8 / len(results)
    for place, (name, result) in enumerate(results.items()):
        at = np.arange(len(names)) + (place - (len(results) - 1) / 2) * width
        values = [100 * result.phenomena[each].accuracy for each in names]
        axis.barh(at, values, width, color=COLORS[place % len(COLORS)], label=name)
    axis.set_yticks(range(len(names)), names)
    axis.set_ylim(len(names) - 0.5, -0.5)
    for place, each in enumerate(names):
        axis.plot([100 * first[each].chance] * 2, [place - 0.45, place + 0.45], color=INK, linewidth=1, linestyle=":")
    axis.set_xlim(0, 100)
    axis.set_xlabel("% right against all wrong variants")
    clean(axis)
    legend(drawn, axis)
    caption = (
        f"Accuracy by phenomenon on {test}: the reference is likelier than each variant with one word wrong. "
        "The dotted line is chance."
    )
    return Figure(f"phenomena-{test}", titles.phenomena(test), caption, drawn)


def draw_distances(axis: Any, found: Mapping[str, Mapping[str, Count]]) -> None:
    """% right by distance in words for each system, with 95 % intervals beside each other, and chance."""
    for place, (name, counts) in enumerate(found.items()):
        at = np.arange(len(counts)) + APART * (place - (len(found) - 1) / 2) / len(found)
        values = np.array([100 * count.accuracy for count in counts.values()])
        ends = 100 * np.array([count.interval for count in counts.values()]).T
        look = style(place, name)
        axis.plot(at, values, **look)
        axis.vlines(at, *ends, color=look["color"], linewidth=1, alpha=0.5)
    first = next(iter(found.values()))
    axis.plot([100 * count.chance for count in first.values()], color=INK, linewidth=1, linestyle=":")
    labels = [f"{distance.replace('-', '–')}\n({count.contrasts:,})" for distance, count in first.items()]
    axis.set_xticks(range(len(first)), labels)
    axis.set_ylim(0, 102)


def _distances(comparison: Comparison, test: str, family: str) -> Figure:
    drawn, axis = chart("distance in words", "% right")
    results = comparison.results[test]
    draw_distances(axis, {name: r.distances[family] for name, r in results.items() if family in r.distances})
    legend(drawn, axis)
    caption = (
        f"Accuracy of {family} on {test} by distance in words (contrasts in brackets); 95 % intervals. "
        "The dotted line is chance."
    )
    return Figure(f"distance-{family}-{test}", titles.distances(family, test), caption, drawn)


def _curves(comparison: Comparison) -> list[Figure]:
    most = max((point.flops or 0.0 for system in comparison.systems for point in system.curve), default=0.0)
    prefix, unit = next((each for each in FLOP_UNITS if most >= each[1]), FLOP_UNITS[-1])
    sides = (("updates", "updates", 1.0), ("seconds", "minutes of training", 60.0), ("flops", f"{prefix}FLOP", unit))
    return [_curve(comparison, *side) for side in sides]


def _curve(comparison: Comparison, side: str, label: str, unit: float) -> Figure:
    drawn, axis = chart(label, "dev BLEU")
    for place, system in enumerate(comparison.systems):
        known = [point for point in system.curve if getattr(point, side) is not None]
        at = [getattr(point, side) / unit for point in known]
        if len(known) > 1:
            axis.plot(at, [point.bleu for point in known], **style(place, system.name))
        elif known:  # a table that is counted has one point, and is the same at every time
            axis.axhline(known[0].bleu, color=COLORS[place % len(COLORS)], linestyle=":", label=system.name)
    axis.set_xlim(left=0)
    axis.set_ylim(bottom=0)
    legend(drawn, axis)
    return Figure(f"curve-{side}", titles.LEARNING, f"Dev BLEU against {label}.", drawn)


def _losses(comparison: Comparison) -> Figure:
    """From just below the lowest loss up to where trainings begin: one that explodes leaves the picture."""
    drawn, axis = chart("updates", "training loss, nats a token")
    starts, lowest = [], []
    for place, system in enumerate(comparison.systems):
        finite = [(step, loss) for step, loss in system.losses if math.isfinite(loss)]
        if finite:
            at, values = zip(*finite, strict=True)
            axis.plot(at, values, **style(place, system.name), markevery=0.1)
            starts.append(values[0])
            lowest.append(min(values))
    # A first report of over twice another's has exploded itself.
    bottom, top = min(lowest, default=0.0), min(max(starts, default=0.0), 2 * min(starts, default=0.0))
    if bottom < top:
        room = 0.03 * (top - bottom)
        axis.set_ylim(bottom - room, top + room)
    axis.set_xlim(left=0)
    legend(drawn, axis)
    caption = "Training loss against updates, label smoothing counted"
    if any(result.tokens for results in comparison.results.values() for result in results.values()):
        caption += "; systems whose tokens differ cannot be compared by it"
    return Figure("loss", titles.LEARNING, f"{caption}.", drawn)


def _map(axis: Any, src: Sequence[str], tgt: Sequence[str], weights: Any, size: int, grey: bool) -> None:
    src, tgt = ([word if len(word) <= LONGEST else f"{word[: LONGEST - 1]}…" for word in side] for side in (src, tgt))
    axis.imshow(weights, cmap="gray" if grey else "Blues", vmin=0, vmax=1, aspect="auto")
    axis.set_xticks(range(len(src)), src, rotation=60, ha="left", rotation_mode="anchor", fontsize=size)
    axis.set_yticks(range(len(tgt)), tgt, fontsize=size)
    axis.tick_params(top=bool(src), labeltop=True, bottom=False, labelbottom=False, length=0)
