"""What every figure is made with: files, colours, markers, axes, a legend."""

import io
import re
from collections.abc import Mapping
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Literal

from nmt.errors import UsageError
from nmt.files import write_whole

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
RAISED = str.maketrans("-0123456789", "⁻⁰¹²³⁴⁵⁶⁷⁸⁹")
SIZE = (6.4, 3.8)
"""Inches."""
PANELS = (9.8, 3.8)
"""Inches of a row of pictures, as wide as the text of report.html."""


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
        kind = path.suffix[1:].lower()
        undated = {"metadata": {"Date": None}} if kind == "svg" else {}
        file = io.BytesIO()
        self._drawn.savefig(file, format=kind, facecolor="white", dpi=160, **undated)
        write_whole(path, file.getvalue())


def check() -> None:
    """Raises UsageError where nothing could be drawn, for want of matplotlib."""
    if find_spec("matplotlib") is None:
        raise UsageError("figures need matplotlib; pip install 'nmt-toolkit[report]'")


def style(place: int, name: str) -> Mapping[str, Any]:
    """How the line of the system in that place is drawn; no two of the first forty look the same."""
    return {
        "color": COLORS[place % len(COLORS)],
        "marker": MARKERS[place % len(MARKERS)],
        "markersize": 4.5,
        "linestyle": DASHES[place // len(COLORS) % len(DASHES)],
        "label": name,
    }


def legend(drawn: Any, axis: Any) -> None:
    """Below the picture, in as many columns as fit: inside, it would cover lines where there are many."""
    lines, names = axis.get_legend_handles_labels()
    if not names:
        return
    column = 0.62 + 0.07 * max(map(len, names))  # inches: the line beside a name, and its letters
    width, height = drawn.get_size_inches()
    across = max(1, min(len(names), int(width / column)))
    drawn.set_size_inches(width, height + 0.19 * -(-len(names) // across))
    drawn.legend(lines, names, frameon=False, loc="outside lower center", ncols=across)


def chart(x: str, y: str) -> tuple[Any, Any]:
    """A sheet with one pair of axes, and these axes."""
    drawn = sheet(SIZE)
    axis = drawn.subplots()
    axis.set_xlabel(x)
    axis.set_ylabel(y)
    clean(axis)
    return drawn, axis


def clean(axis: Any) -> None:
    """Axes with no more ink than they need."""
    axis.spines[["top", "right"]].set_visible(False)
    axis.grid(axis="both", alpha=0.25, linewidth=0.6)
    axis.set_axisbelow(True)


def logarithmic(axis: Any, side: Literal["x", "y"]) -> None:
    """One side of a chart that has its lines, on a logarithmic scale; by numbers, as formulas would stand as typed."""
    from matplotlib.ticker import AutoLocator, LogLocator

    axis.set(**{f"{side}scale": "log"})
    ticks = getattr(axis, f"{side}axis")
    low, high = getattr(axis, f"get_{side}lim")()
    if high < 100 * low:  # fewer than two powers of ten may lie in it
        ticks.set_major_locator(LogLocator(subs=(1.0, 2.0, 5.0)) if high > 5 * low else AutoLocator())
    ticks.set_major_formatter(lambda value, place: _number(value))
    ticks.set_minor_formatter(lambda value, place: "")


def _number(value: float) -> str:
    """ "10,000", "2.5", "0.01", and below that "10⁻³" or "5·10⁻³"."""
    if value >= 0.01:
        return f"{value:,.0f}" if value >= 100 else f"{value:g}"
    digits, _, power = f"{value:e}".partition("e")
    count = f"{float(digits):g}"
    return ("" if count == "1" else f"{count}·") + "10" + str(int(power)).translate(RAISED)


def sheet(size: tuple[float, float]) -> Any:
    """An empty figure of so many inches."""
    check()
    import matplotlib
    from matplotlib.figure import Figure as Sheet

    settings: dict[Any, Any] = {"svg.fonttype": "none", "svg.hashsalt": "nmt", "font.size": 9, "text.parse_math": False}
    for part in ("text.color", "axes.labelcolor", "axes.edgecolor", "xtick.color", "ytick.color"):
        settings[part] = INK
    matplotlib.rcParams.update(settings)
    return Sheet(figsize=size, layout="constrained")
