"""The tables of a comparison, as text and as Markdown."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from nmt.evaluation import titles
from nmt.evaluation.compare import Comparison, Result
from nmt.evaluation.significance import Interval

MISSING = "–"


@dataclass(frozen=True)
class Table:
    """Cells, ready to read."""

    title: str
    head: list[str]
    rows: list[list[str]]
    note: str = ""
    """What one must know to read it."""
    words: int = 1
    """Columns from the left that hold words; numbers stand at the right of theirs."""

    def text(self) -> str:
        """Columns of one width, for a terminal."""
        widths = [max(len(row[i]) for row in [self.head, *self.rows]) for i in range(len(self.head))]
        lines = [self._line(row, widths) for row in [self.head, *self.rows]]
        return "\n".join([self.title, "", *lines, *(["", self.note] if self.note else [])])

    def markdown(self) -> str:
        """A Markdown table and its note."""
        rule = ["---" if i < self.words else "---:" for i in range(len(self.head))]
        rows = [
            "| " + " | ".join(cell.replace("|", "\\|") for cell in row) + " |" for row in [self.head, rule, *self.rows]
        ]
        return "\n".join([*rows, *(["", self.note] if self.note else [])])

    def _line(self, row: Sequence[str], widths: Sequence[int]) -> str:
        cells = [
            cell.ljust(width) if i < self.words else cell.rjust(width)
            for i, (cell, width) in enumerate(zip(row, widths, strict=True))
        ]
        return "  ".join(cells).rstrip()


def tables(comparison: Comparison) -> list[Table]:
    """All tables that the comparison has numbers for."""
    found = [trainings(comparison)]
    for test in comparison.tests:
        found += [scores(comparison, test.name), lengths(comparison, test.name)]
        results = list(comparison.results[test.name].values())
        if any(result.phenomena for result in results):
            found.append(phenomena(comparison, test.name))
        for family in sorted({family for result in results for family in result.distances}):
            found.append(distances(comparison, test.name, family))
        if any(result.by_label for result in results):
            found.append(labels(comparison, test.name))
    return found


def trainings(comparison: Comparison) -> Table:
    """Year, paper, size and effort of each system."""
    head = ["system", "paper", "year", "parameters", "updates", "minutes", "tokens/s", "TFLOP"]
    rows = [
        [
            system.name,
            system.landmark.paper,
            str(system.landmark.year),
            f"{system.parameters:,}",
            f"{system.updates:,}",
            f"{system.seconds / 60:.1f}",
            f"{system.tokens_per_second:,.0f}" if system.tokens_per_second else MISSING,
            _teraflop(system.flops),
        ]
        for system in comparison.systems
    ]
    note = (
        "Minutes count all validations but the last; tokens/s are target tokens, the median of training; TFLOP are the "
        "matrix products of the whole training, reckoned from pairs of median length.\n" + _set_up(comparison)
    )
    return Table(titles.trainings(comparison.source, comparison.target), head, rows, note, 2)


def _set_up(comparison: Comparison) -> str:
    """What the systems were trained on and how they were searched, by the last of them."""
    system = comparison.systems[-1]
    recipe, pairs = system.recipe, system.pairs
    return (
        f"{system.name}: {pairs:,} pairs of {Path(recipe.data.train).name}, {recipe.tokenizer.level} vocabulary of at "
        f"most {recipe.tokenizer.vocab_size:,}, batches of {recipe.training.batch_tokens:,} tokens, "
        f"seed {recipe.training.seed}, beam {recipe.decoding.beam}."
    )


def scores(comparison: Comparison, test: str) -> Table:
    """BLEU and chrF with intervals, and the step from the system before."""
    results = comparison.results[test]
    head = ["system", "BLEU", "95 %", "p", "chrF", "95 %", "p", "sentences/s"]
    rows = []
    for name, result in results.items():
        cells = [cell for metric in ("bleu", "chrf") for cell in _scored(result, metric)]
        rows.append([name, *cells, f"{result.sentences_per_second:,.0f}"])
    first = next(iter(results.values()))
    lines = next(len(each.corpus) for each in comparison.tests if each.name == test)
    seeds = max(len(result.seeds.get("bleu", [])) for result in results.values())
    many = (
        f" Scores are the mean and standard deviation of {seeds} seeds; all else is the first's." if seeds > 1 else ""
    )
    note = (
        f"{lines:,} lines.{many} 95 %: bootstrap interval; p: paired bootstrap against the row above (Koehn 2004).\n"
        f"BLEU {first.scores['bleu'].signature}\nchrF {first.scores['chrf'].signature}"
    )
    return Table(titles.scores(test), head, rows, note)


def lengths(comparison: Comparison, test: str) -> Table:
    """BLEU by source length."""
    results = comparison.results[test]
    buckets = next(iter(results.values())).lengths
    head = ["source words", "lines", *results]
    rows = [
        [
            f"{bucket.shortest}–{bucket.longest}",
            f"{bucket.lines:,}",
            *(f"{result.lengths[place].scores['bleu'].score:.1f}" for result in results.values()),
        ]
        for place, bucket in enumerate(buckets)
    ]
    return Table(titles.lengths(test), head, rows)


def phenomena(comparison: Comparison, test: str) -> Table:
    """Accuracy by phenomenon, and how often the right word was said."""
    results = {name: r for name, r in comparison.results[test].items() if r.phenomena}
    first = next(iter(results.values())).phenomena
    rows = [
        [
            name,
            f"{count.contrasts:,}",
            f"{100 * count.chance:.0f}",
            *(
                f"{100 * result.phenomena[name].accuracy:.0f} / {100 * result.phenomena[name].recall:.0f}"
                for result in results.values()
            ),
        ]
        for name, count in first.items()
    ]
    note = (
        "% of contrasts in which the reference is likelier than every variant / % of translations that have the word. "
        "chance: what drawing among the reference and its variants would get right."
    )
    return Table(titles.phenomena(test), ["phenomenon", "contrasts", "chance", *results], rows, note)


def distances(comparison: Comparison, test: str, family: str) -> Table:
    """Accuracy by distance in words."""
    results = {name: r for name, r in comparison.results[test].items() if family in r.distances}
    first = next(iter(results.values())).distances[family]
    rows = [
        [
            distance.replace("-", "–"),
            f"{count.contrasts:,}",
            *(f"{100 * result.distances[family][distance].accuracy:.0f}" for result in results.values()),
        ]
        for distance, count in first.items()
    ]
    head, note = ["words", "contrasts", *results], f"% right, by distance in words; all kinds of {family} together."
    return Table(titles.distances(family, test), head, rows, note)


def labels(comparison: Comparison, test: str) -> Table:
    """BLEU of the lines that carry a label."""
    results = comparison.results[test]
    held = next(each.labels for each in comparison.tests if each.name == test) or []
    names = list(next(iter(results.values())).by_label)
    rows = [
        [
            name,
            f"{sum(name in each.labels for each in held):,}",
            *(f"{result.by_label[name]:.1f}" for result in results.values()),
        ]
        for name in names
    ]
    return Table(titles.labels(test), ["label", "lines", *results], rows)


def _teraflop(flops: float | None) -> str:
    if flops is None:
        return MISSING
    return f"{flops / 1e12:,.0f}" if flops >= 1e13 else f"{flops / 1e12:.2f}"


def _scored(result: Result, metric: str) -> list[str]:
    interval: Interval = result.scores[metric]
    spread = result.spread(metric)
    score = f"{spread[0]:.1f} ± {spread[1]:.1f}" if spread else f"{interval.score:.1f}"
    p = MISSING if interval.p is None else f"{interval.p:.3f}"
    return [score, f"{interval.low:.1f}–{interval.high:.1f}", p]
