"""The tables of a comparison."""

from collections.abc import Mapping, Sequence
from pathlib import Path

from nmt.evaluation.compare import Comparison, Result
from nmt.evaluation.significance import Interval
from nmt.evaluation.systems import System, by_size
from nmt.evaluation.table import MISSING, Table
from nmt.evaluation.tokens import Part, Tokens

LENGTHS = "BLEU by source length on {}"
"""A section of the report, which has figures beside its table; so are the three below. All name a test set."""
SIZES = "BLEU by training pairs on {}"
PHENOMENA = "Accuracy by phenomenon on {}"
DISTANCES = "Accuracy by distance on {}: {}"
"""And a family of phenomena."""


def tables(comparison: Comparison) -> list[Table]:
    """All tables that the comparison has numbers for."""
    found = [trainings(comparison)]
    for test in comparison.tests:
        found += [scores(comparison, test.name), lengths(comparison, test.name)]
        results = list(comparison.results[test.name].values())
        if by_size(comparison.systems):
            found.append(sizes(comparison, test.name))
        if any(result.tokens for result in results):
            found.append(tokens(comparison, test.name))
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
    notes = [
        "Minutes count all validations but the last; tokens/s are target tokens, the median of training; TFLOP are the "
        "matrix products of the whole training, reckoned from pairs of median length."
    ]
    if fixed := [
        f"{system.name}: and {system.fixed:,} that are fixed" for system in comparison.systems if system.fixed
    ]:
        notes.append(f"Parameters are those that are trained. {'; '.join(fixed)}.")
    if any(system.failed for system in comparison.systems):
        head += ["diverged", "never learned"]
        for row, system in zip(rows, comparison.systems, strict=True):
            of_all = f"of {len(system.folders)}"
            row += (
                [f"{system.divergences} {of_all}", f"{system.unlearned} {of_all}"]
                if not system.counted
                else [MISSING] * 2
            )
        notes.append(
            "diverged: trainings that broke off, or whose last loss lies half a nat a token or more above the lowest; "
            "never learned: whose losses never came half a nat below that of guessing tokens by their frequency."
        )
    note = "\n".join([*notes, _set_up(comparison)])
    return Table(f"Training, {comparison.source}-{comparison.target}", head, rows, note, 2)


def _set_up(comparison: Comparison) -> str:
    """What the systems were trained on and how they were searched; where they differ, the last of them."""
    said = [_trained_and_searched(system) for system in comparison.systems]
    return f"Each: {said[0]}" if len(set(said)) == 1 else f"{comparison.systems[-1].name}: {said[-1]}"


def _trained_and_searched(system: System) -> str:
    recipe = system.recipe
    return (
        f"{system.pairs:,} pairs of {Path(recipe.data.title).name}, {recipe.tokenizer.level} vocabulary of at "
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
    return Table(f"Scores on {test}", head, rows, note)


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
    return Table(LENGTHS.format(test), head, rows)


def sizes(comparison: Comparison, test: str) -> Table:
    """BLEU by the size of the training text, of systems that differ in nothing else."""
    groups = by_size(comparison.systems)
    found: dict[int, dict[str, str]] = {}
    for name, group in groups.items():
        for system in group:
            found.setdefault(system.pairs, {})[name] = _scored(comparison.results[test][system.name], "bleu")[0]
    rows = [[f"{pairs:,}", *(scores.get(name, MISSING) for name in groups)] for pairs, scores in sorted(found.items())]
    return Table(SIZES.format(test), ["training pairs", *groups], rows)


def tokens(comparison: Comparison, test: str) -> Table:
    """What each system's tokenizer makes of the test set, and BLEU with and without words that training lacked."""
    results = comparison.results[test]
    held = {name: result.tokens for name, result in results.items() if result.tokens}
    head = ["system", "level", "vocabulary", "per sentence", "per word", "unknown %", "BLEU"]
    rows = [
        [
            name,
            f"{each.level}, dropout {each.dropout:g}" if each.dropout else each.level,
            f"{each.source.vocabulary:,}" + ("" if each.joint else f" / {each.target.vocabulary:,}"),
            f"{each.source.tokens_per_sentence:.1f} / {each.target.tokens_per_sentence:.1f}",
            f"{_ratio(each.source.tokens_per_word)} / {_ratio(each.target.tokens_per_word)}",
            f"{100 * each.source.unknown_share:.1f} / {100 * each.target.unknown_share:.1f}",
            f"{results[name].scores['bleu'].score:.1f}",
        ]
        for name, each in held.items()
    ]
    columns = [
        _bleu_of_parts("unseen words", [each.unseen for each in held.values()]),
        _bleu_of_parts("others", [each.others for each in held.values()]),
    ]
    for column in columns:
        for row, cell in zip([head, *rows], column, strict=False):
            row.append(cell)
    notes = [
        "Tokens per sentence and per word, and % of them that are <unk>: source / reference. Ends of sentences are not "
        "counted; punctuation is no word, though it has tokens."
    ]
    if any(len(system.folders) > 1 for system in comparison.systems):
        notes.append("BLEU is that of the first seed.")
    if any(columns):
        notes.append("unseen words (lines): BLEU where the source has a word that the training text never has.")
    notes += _without_parts(comparison.systems, held)
    return Table(f"Tokens on {test}", head, rows, "\n".join(notes), 2)


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
    return Table(PHENOMENA.format(test), ["phenomenon", "contrasts", "chance", *results], rows, note)


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
    return Table(DISTANCES.format(test, family), head, rows, note)


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
    return Table(f"BLEU of the lines with a label on {test}", ["label", "lines", *results], rows)


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


def _ratio(number: float | None) -> str:
    return MISSING if number is None else f"{number:.2f}"


def _bleu_of_parts(what: str, parts: Sequence[Part | None]) -> list[str]:
    """A column with its head, or nothing where no system has a score; one number of lines for all is in the head."""
    lines = {part.lines for part in parts if part and part.bleu is not None}
    if not lines:
        return []
    same = len(lines) == 1
    head = f"{what} ({max(lines):,})" if same else what
    return [
        head,
        *(
            MISSING
            if part is None or part.bleu is None
            else f"{part.bleu:.1f}" + ("" if same else f" ({part.lines:,})")
            for part in parts
        ),
    ]


def _without_parts(systems: Sequence[System], held: Mapping[str, Tokens]) -> list[str]:
    """Why some systems have no BLEU by unseen words: a sentence for each reason."""
    reasons: dict[str, list[str]] = {}
    for system in systems:
        unseen = held[system.name].unseen
        if unseen is None:
            why = f"the training text {Path(system.recipe.data.title).name} cannot be read"
        elif unseen.bleu is None:
            lines = held[system.name].source.sentences
            why = f"{unseen.lines:,} of {lines:,} lines have one, too few of them or of the others"
        else:
            continue
        reasons.setdefault(why, []).append(system.name)
    return [
        f"No BLEU by unseen words{'' if len(names) == len(held) else ' for ' + ', '.join(names)}: {why}."
        for why, names in reasons.items()
    ]
