"""The figures of a comparison, drawn with matplotlib."""

import io
import math
import re
import statistics
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np

from nmt.errors import UsageError
from nmt.evaluation import titles
from nmt.evaluation.accuracy import FEWEST
from nmt.evaluation.compare import Comparison, Drawing
from nmt.evaluation.maps import WordMaps
from nmt.evaluation.systems import by_size

COLORS = (
    *("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9"),
    *("#7A4520", "#A05CF0", "#5A5A62", "#99BB66"),
)
"""Told apart by colour-blind eyes too, on white and on black: six of Okabe and Ito (2008), then four that are no nearer
to them or to each other than these are, by the simulation of Machado et al. (2009)."""
MARKERS = "osD^vP*X<>"
DASHES = ("-", "--", "-.", ":")
"""One for each time that the colours are gone through."""
INK = "#1b1f24"
"""Lines and letters; a page may put its own colour in its place."""
SIZE = (6.4, 3.8)
"""Inches."""
PAGE = 9.8
"""Inches of a row of pictures, as wide as the text of report.html."""
FLOP_UNITS = (("E", 1e18), ("P", 1e15), ("T", 1e12), ("G", 1e9))


class Figure:
    """One figure: a name for its files, the section of the report it belongs to, and a caption for people."""

    def __init__(self, name: str, section: str, caption: str, drawn: Any) -> None:
        self.name = re.sub(r"[^\w.-]+", "-", name)  # a test set may be named by its path
        self.section, self.caption, self._drawn = section, caption, drawn

    def svg(self) -> str:
        """The picture, its background transparent."""
        file = io.StringIO()
        self._drawn.savefig(file, format="svg", transparent=True, metadata={"Date": None})
        text = file.getvalue()
        return text[text.index("<svg") :]

    def save(self, folder: Path) -> list[Path]:
        """NAME.svg and NAME.png in a folder."""
        paths = [folder / f"{self.name}.{kind}" for kind in ("svg", "png")]
        for path in paths:
            self.save_as(path)
        return paths

    def save_as(self, path: Path) -> None:
        """One file, of the kind its name says."""
        undated = {"metadata": {"Date": None}} if path.suffix == ".svg" else {}
        self._drawn.savefig(path, facecolor="white", dpi=160, **undated)


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
    across = min(len(maps), max(1, int(PAGE / width)))
    down = -(-len(maps) // across)
    drawn = _sheet((width * across, height * down))
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
    drawn = _sheet(size)
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
    drawn, axis = _axes("source words", "BLEU")
    for place, (name, result) in enumerate(comparison.results[test].items()):
        at = range(len(result.lengths))
        axis.plot(at, [bucket.scores["bleu"].score for bucket in result.lengths], **_style(place, name))
        axis.set_xticks(at, [f"{b.shortest}–{b.longest}\n({b.lines:,})" for b in result.lengths])
    axis.set_ylim(bottom=0)
    _legend(drawn, axis)
    caption = f"BLEU on {test} by the length of the source (lines in brackets), as in Figure 2 of Bahdanau et al. 2015."
    return Figure(f"length-{test}", titles.lengths(test), caption, drawn)


def _by_size(comparison: Comparison, test: str) -> Figure:
    drawn, axis = _axes("training pairs", "BLEU")
    results = comparison.results[test]
    for place, (name, group) in enumerate(by_size(comparison.systems).items()):
        found = [statistics.mean(results[system.name].seeds["bleu"]) for system in group]
        axis.plot([system.pairs for system in group], found, **_style(place, name))
    axis.set_xscale("log")
    axis.set_ylim(bottom=0)
    _legend(drawn, axis)
    caption = f"BLEU on {test} against the size of the training text, all else the same."
    return Figure(f"size-{test}", titles.sizes(test), caption, drawn)


def _phenomena(comparison: Comparison, test: str) -> Figure:
    results = comparison.results[test]
    first = next(iter(results.values())).phenomena
    names = [name for name, count in first.items() if count.contrasts >= FEWEST] or list(first)
    drawn = _sheet((SIZE[0], 0.16 * len(names) * max(2, len(results)) + 1.2))
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
    _clean(axis)
    _legend(drawn, axis)
    caption = (
        f"Accuracy by phenomenon on {test}: the reference is likelier than each variant with one word wrong. "
        "The dotted line is chance."
    )
    return Figure(f"phenomena-{test}", titles.phenomena(test), caption, drawn)


def _distances(comparison: Comparison, test: str, family: str) -> Figure:
    drawn, axis = _axes("distance in words", "% right")
    for place, (name, result) in enumerate(comparison.results[test].items()):
        counts = result.distances.get(family, {})
        at = range(len(counts))
        axis.plot(at, [100 * count.accuracy for count in counts.values()], **_style(place, name))
        axis.set_xticks(
            at, [f"{distance.replace('-', '–')}\n({count.contrasts:,})" for distance, count in counts.items()]
        )
    axis.set_ylim(0, 102)
    _legend(drawn, axis)
    caption = f"Accuracy of {family} on {test} by distance in words (contrasts in brackets)."
    return Figure(f"distance-{family}-{test}", titles.distances(family, test), caption, drawn)


def _curves(comparison: Comparison) -> list[Figure]:
    most = max((point.flops or 0.0 for system in comparison.systems for point in system.curve), default=0.0)
    prefix, unit = next((each for each in FLOP_UNITS if most >= each[1]), FLOP_UNITS[-1])
    sides = (("updates", "updates", 1.0), ("seconds", "minutes of training", 60.0), ("flops", f"{prefix}FLOP", unit))
    return [_curve(comparison, *side) for side in sides]


def _curve(comparison: Comparison, side: str, label: str, unit: float) -> Figure:
    drawn, axis = _axes(label, "dev BLEU")
    for place, system in enumerate(comparison.systems):
        known = [point for point in system.curve if getattr(point, side) is not None]
        at = [getattr(point, side) / unit for point in known]
        if len(known) > 1:
            axis.plot(at, [point.bleu for point in known], **_style(place, system.name))
        elif known:  # a table that is counted has one point, and is the same at every time
            axis.axhline(known[0].bleu, color=COLORS[place % len(COLORS)], linestyle=":", label=system.name)
    axis.set_xlim(left=0)
    axis.set_ylim(bottom=0)
    _legend(drawn, axis)
    return Figure(f"curve-{side}", titles.LEARNING, f"Dev BLEU against {label}.", drawn)


def _losses(comparison: Comparison) -> Figure:
    """From just below the lowest loss up to where trainings begin: one that explodes leaves the picture."""
    drawn, axis = _axes("updates", "training loss, nats a token")
    starts, lowest = [], []
    for place, system in enumerate(comparison.systems):
        finite = [(step, loss) for step, loss in system.losses if math.isfinite(loss)]
        if finite:
            at, values = zip(*finite, strict=True)
            axis.plot(at, values, **_style(place, system.name), markevery=0.1)
            starts.append(values[0])
            lowest.append(min(values))
    # A first report of over twice another's has exploded itself.
    bottom, top = min(lowest, default=0.0), min(max(starts, default=0.0), 2 * min(starts, default=0.0))
    if bottom < top:
        room = 0.03 * (top - bottom)
        axis.set_ylim(bottom - room, top + room)
    axis.set_xlim(left=0)
    _legend(drawn, axis)
    caption = "Training loss against updates, label smoothing counted"
    if any(result.tokens for results in comparison.results.values() for result in results.values()):
        caption += "; systems whose tokens differ cannot be compared by it"
    return Figure("loss", titles.LEARNING, f"{caption}.", drawn)


def _map(axis: Any, src: Sequence[str], tgt: Sequence[str], weights: Any, size: int, grey: bool) -> None:
    axis.imshow(weights, cmap="gray" if grey else "Blues", vmin=0, vmax=1, aspect="auto")
    axis.set_xticks(range(len(src)), src, rotation=60, ha="left", rotation_mode="anchor", fontsize=size)
    axis.set_yticks(range(len(tgt)), tgt, fontsize=size)
    axis.tick_params(top=bool(src), labeltop=True, bottom=False, labelbottom=False, length=0)


def _style(place: int, name: str) -> Mapping[str, Any]:
    return {
        "color": COLORS[place % len(COLORS)],
        "marker": MARKERS[place % len(MARKERS)],
        "markersize": 4.5,
        "linestyle": DASHES[place // len(COLORS) % len(DASHES)],
        "label": name,
    }


def _legend(drawn: Any, axis: Any) -> None:
    """Below the picture, in as many columns as fit: inside, it would cover lines where there are many."""
    names = axis.get_legend_handles_labels()[1]
    if not names:
        return
    column = 0.62 + 0.07 * max(map(len, names))  # inches: the line beside a name, and its letters
    across = max(1, min(len(names), int(SIZE[0] / column)))
    width, height = drawn.get_size_inches()
    drawn.set_size_inches(width, height + 0.19 * -(-len(names) // across))
    drawn.legend(frameon=False, loc="outside lower center", ncols=across)


def _axes(x: str, y: str) -> tuple[Any, Any]:
    drawn = _sheet(SIZE)
    axis = drawn.subplots()
    axis.set_xlabel(x)
    axis.set_ylabel(y)
    _clean(axis)
    return drawn, axis


def _clean(axis: Any) -> None:
    axis.spines[["top", "right"]].set_visible(False)
    axis.grid(axis="both", alpha=0.25, linewidth=0.6)
    axis.set_axisbelow(True)


def _sheet(size: tuple[float, float]) -> Any:
    """An empty figure of so many inches."""
    try:
        import matplotlib
        from matplotlib.figure import Figure as Sheet
    except ImportError:
        raise UsageError("figures need matplotlib; pip install 'nmt-toolkit[report]'") from None
    settings: dict[Any, Any] = {"svg.fonttype": "none", "svg.hashsalt": "nmt", "font.size": 9, "text.parse_math": False}
    for part in ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"):
        settings[part] = INK
    matplotlib.rcParams.update(settings)
    return Sheet(figsize=size, layout="constrained")
