"""A comparison as text, Markdown, JSON, and one self-contained HTML page."""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass, field
from html import escape
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import nmt
from nmt.errors import UsageError
from nmt.evaluation.compare import Comparison, Result
from nmt.evaluation.figure import INK, Figure
from nmt.evaluation.plots import figures
from nmt.evaluation.probes.probe import Probe
from nmt.evaluation.systems import System
from nmt.evaluation.table import Table
from nmt.evaluation.tables import tables
from nmt.evaluation.tokens import Tokens
from nmt.files import write_whole
from nmt.json_text import dumps

TEMPLATE = Path(__file__).with_name("report.html.jinja")


NEEDED = ("matplotlib", "jinja2")


def check() -> None:
    """Raises UsageError where a report could not be written for want of a package."""
    if missing := [name for name in NEEDED if find_spec(name) is None]:
        raise UsageError(f"a report needs {' and '.join(missing)}; pip install 'nmt-toolkit[report]'")


@dataclass
class Section:
    """What stands under one title."""

    title: str
    figures: list[Figure] = field(default_factory=list)
    tables: list[Table] = field(default_factory=list)


def write(comparison: Comparison, folder: Path, probes: Sequence[Probe] = ()) -> list[Path]:
    """report.html, report.md, report.json and figures/ in a folder -> what was written.

    What probes measured of the same systems stands behind the comparison.

    Raises UsageError where the folder cannot be written, or matplotlib or jinja2 is missing.
    """
    shown = sections(comparison, probes)
    drawn = [figure for section in shown for figure in section.figures]
    before = _drawn_before(folder)
    try:
        (folder / "figures").mkdir(parents=True, exist_ok=True)
        paths = [path for figure in drawn for path in figure.save(folder / "figures")]
        texts = {
            "report.html": html(comparison, shown),
            "report.md": markdown(comparison, shown),
            "report.json": dumps(
                as_dict(comparison, probes) | {"figures": [path.name for path in paths]}, indent=2, ensure_ascii=False
            )
            + "\n",
        }
        for name, text in texts.items():
            write_whole(folder / name, text.encode())
        for name in before - {path.name for path in paths}:
            (folder / "figures" / name).unlink(missing_ok=True)
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}; name another folder with -o") from None
    return [*(folder / name for name in texts), *paths]


def _drawn_before(folder: Path) -> set[str]:
    """The figures of the report that is to be written over: those that it does not draw again would belong to none."""
    try:
        names = json.loads((folder / "report.json").read_text("utf-8")).get("figures", [])
    except (OSError, ValueError, AttributeError):
        return set()
    return {name for name in names if Path(name).name == name and Path(name).suffix in (".png", ".svg")}


def sections(comparison: Comparison, probes: Sequence[Probe] = ()) -> list[Section]:
    """Tables in their order, each with its figures; then figures without a table, but for the probes'."""
    found: dict[str, Section] = {}
    for table in [*tables(comparison), *(table for probe in probes for table in probe.tables)]:
        found.setdefault(table.title, Section(table.title)).tables.append(table)
    for figure in [*figures(comparison), *(probe.figure for probe in probes)]:
        found.setdefault(figure.section, Section(figure.section)).figures.append(figure)
    return list(found.values())


def text(comparison: Comparison) -> str:
    """The tables, for a terminal."""
    return "\n\n".join(table.text() for table in tables(comparison))


def markdown(comparison: Comparison, shown: Sequence[Section]) -> str:
    """Tables, figures and examples."""
    parts = [f"# {_title(comparison)}", "\n".join(f"- {line}." for line in _intro(comparison))]
    for section in shown:
        parts.append(f"## {section.title}")
        parts += [f"![{each.caption}](figures/{each.name}.png)\n\n{each.caption}" for each in section.figures]
        parts += [table.markdown() for table in section.tables]
    parts.append("## Translations")
    for example in comparison.examples:
        rows = [("source", example.source), ("reference", example.reference), *example.outputs.items()]
        cells = "\n".join(f"| {name} | {_cell(said)} |" for name, said in rows)
        parts.append(f"### Line {example.line:,}: {example.why}\n\n| | |\n|---|---|\n{cells}")
    return "\n\n".join(parts) + "\n"


def _cell(text: str) -> str:
    """Text that Markdown takes as it is."""
    return escape(text, quote=False).replace("|", "\\|")


def html(comparison: Comparison, shown: Sequence[Section]) -> str:
    """One page that needs nothing else: no network, no script."""
    check()
    from jinja2 import Environment

    template = Environment(autoescape=True, trim_blocks=True, lstrip_blocks=True).from_string(
        TEMPLATE.read_text("utf-8")
    )
    return template.render(
        title=_title(comparison),
        intro=_intro(comparison),
        sections=shown,
        inline=lambda figure: figure.svg().replace(INK, "currentColor"),
        examples=comparison.examples,
        version=nmt.__version__,
    )


def as_dict(comparison: Comparison, probes: Sequence[Probe] = ()) -> dict[str, Any]:
    """What report.json holds: `systems[]`, each with `tests.{name}.{bleu,chrf}.{score,low,high}`; `probes.{name}`."""
    return {
        "nmt": nmt.__version__,
        "source": comparison.source,
        "target": comparison.target,
        "tests": [{"name": test.name, "lines": len(test.corpus)} for test in comparison.tests],
        "systems": [_system(comparison, system) for system in comparison.systems],
        "examples": [asdict(example) for example in comparison.examples],
        "probes": {probe.name: probe.as_dict() for probe in probes},
    }


def _system(comparison: Comparison, system: System) -> dict[str, Any]:
    return {
        "name": system.name,
        "arch": system.recipe.arch,
        "year": system.landmark.year,
        "paper": system.landmark.paper,
        "parameters": system.parameters,
        "fixed": system.fixed,
        "updates": system.updates,
        "seconds": system.seconds,
        "tokens_per_second": system.tokens_per_second,
        "flops": system.flops,
        "trainings": len(system.folders),
        "divergences": system.divergences,
        "unlearned": system.unlearned,
        "curve": [asdict(point) for point in system.curve],
        "tests": {test: _result(results[system.name]) for test, results in comparison.results.items()},
    }


def _result(result: Result) -> dict[str, Any]:
    scores = {}
    for metric, interval in result.scores.items():
        scores[metric] = asdict(interval) | {"seeds": result.seeds[metric]}
        if spread := result.spread(metric):
            scores[metric] |= {"mean": spread[0], "standard_deviation": spread[1]}
    return {
        **scores,
        "seconds": result.seconds,
        "sentences_per_second": result.sentences_per_second,
        "by_length": [
            {
                "shortest": bucket.shortest,
                "longest": bucket.longest,
                "lines": bucket.lines,
                **{name: score.score for name, score in bucket.scores.items()},
            }
            for bucket in result.lengths
        ],
        "phenomena": {name: asdict(count) for name, count in result.phenomena.items()},
        "distances": {
            family: {distance: asdict(count) for distance, count in counts.items()}
            for family, counts in result.distances.items()
        },
        "by_label": result.by_label,
        **({"tokens": _tokens(result.tokens)} if result.tokens else {}),
    }


def _tokens(tokens: Tokens) -> dict[str, Any]:
    sides = {
        name: asdict(side)
        | {"tokens_per_sentence": side.tokens_per_sentence, "tokens_per_word": side.tokens_per_word}
        | {"unknown_share": side.unknown_share}
        for name, side in (("source", tokens.source), ("target", tokens.target))
    }
    return asdict(tokens) | sides


def _title(comparison: Comparison) -> str:
    return f"{comparison.source}-{comparison.target}: " + ", ".join(system.name for system in comparison.systems)


def _intro(comparison: Comparison) -> list[str]:
    """What each architecture changed, said once."""
    landmarks = dict.fromkeys(system.landmark for system in comparison.systems)
    return [f"{landmark.year}, {landmark.paper}: {landmark.change}" for landmark in landmarks]
