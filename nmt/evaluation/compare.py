"""Runs on the same test sets, side by side: scores, lengths, tokens, phenomena, speed, attention, examples."""

import statistics
import time
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from nmt import console, runs
from nmt.data import corpus as corpora
from nmt.data import labels as labelled
from nmt.data.corpus import Corpus
from nmt.data.labels import Labelled
from nmt.errors import DataError, NmtError
from nmt.evaluation import accuracy, systems, tokens
from nmt.evaluation.accuracy import Count
from nmt.evaluation.examples import Example, choose
from nmt.evaluation.maps import WordMaps, attention
from nmt.evaluation.metrics import Bucket, by_length, evaluate
from nmt.evaluation.significance import Interval, intervals
from nmt.evaluation.systems import System
from nmt.evaluation.tokens import Tokens
from nmt.translator import Candidate, Translator

LENGTHS = (5, 10, 15, 20, 25, 30, 40, 50)
"""Upper ends of the buckets of source length, in words; the last is open."""
FEWEST = 15
"""Lines of a bucket; shorter ones join their neighbour."""
DRAWN = 3
"""Sentences whose attention is drawn."""
DRAWN_WORDS = 16
"""Longer sentences are not drawn: nobody could read the words on the axes."""


@dataclass(frozen=True)
class TestSet:
    """One test set and what labels it has."""

    name: str
    corpus: Corpus
    labels: list[Labelled] | None


@dataclass
class Result:
    """What one system made of one test set."""

    outputs: list[str]
    seconds: float
    """Of translation, without loading the model."""
    scores: dict[str, Interval] = field(default_factory=dict)
    """bleu and chrf, cased."""
    seeds: dict[str, list[float]] = field(default_factory=dict)
    """The same scores for every seed, the first one's among them."""
    lengths: list[Bucket] = field(default_factory=list)
    phenomena: dict[str, Count] = field(default_factory=dict)
    distances: dict[str, dict[str, Count]] = field(default_factory=dict)
    by_label: dict[str, float] = field(default_factory=dict)
    """BLEU of the lines with each label."""
    tokens: Tokens | None = None
    """None where the systems of a comparison do not differ in their tokenizers."""

    @property
    def sentences_per_second(self) -> float:
        """Of the search, batched."""
        return len(self.outputs) / self.seconds

    def spread(self, metric: str) -> tuple[float, float] | None:
        """Mean and standard deviation over seeds; None for a single one."""
        found = self.seeds.get(metric, [])
        return (statistics.mean(found), statistics.stdev(found)) if len(found) > 1 else None


@dataclass(frozen=True)
class Drawing:
    """One sentence, and where each system that attends looked while it translated it."""

    source: str
    maps: dict[str, WordMaps]
    """By the system's name."""


@dataclass(frozen=True)
class Comparison:
    """All of it; `results[test][system]`."""

    source: str
    target: str
    systems: list[System]
    tests: list[TestSet]
    results: dict[str, dict[str, Result]]
    examples: list[Example]
    drawings: list[Drawing]


def compare(
    folders: Mapping[str, Sequence[Path]],
    tests: Mapping[str, str],
    *,
    device: str = "auto",
    batch_size: int = 64,
    say: Callable[[str], None] = console.note,
) -> Comparison:
    """Translates every test set with every system, and measures.

    `folders` has the runs of each system, one for each seed, in the order of the history; `tests` says where each
    test set is, in the notation of `data.train`. Raises NmtError for a run that is half trained or of another
    language pair, and for a test set that is not parallel.
    """
    read = [systems.read(name, paths) for name, paths in folders.items()]
    source, target = systems.check_pair(read)
    sets = [load_test(name, where, source, target) for name, where in tests.items()]
    results: dict[str, dict[str, Result]] = {test.name: {} for test in sets}
    drawn = _to_draw(sets[0].corpus)
    maps: dict[int, dict[str, WordMaps]] = {line: {} for line in drawn}
    for system in read:
        for seed, folder in enumerate(system.folders):
            translator = runs.load(folder, device, console.warn)
            for test in sets:
                say(f"{system.name}{f', seed {seed + 1}' if seed else ''}: translates {test.name}")
                found, seconds = _translate(translator, test.corpus.src, system, batch_size)
                outputs = [candidate.text for candidate in found]
                if seed == 0:
                    result = _measure(translator, system, test, outputs, batch_size)
                    result.seconds = seconds
                    results[test.name][system.name] = result
                    if test is sets[0]:
                        _draw(translator, system, test.corpus, found, maps)
                scores = evaluate(outputs, test.corpus.tgt, lowercase=False)
                for metric, score in scores.items():
                    results[test.name][system.name].seeds.setdefault(metric, []).append(score.score)
    for test in sets:
        say(f"{test.name}: bootstrap")
        held = list(results[test.name].values())
        for result, scores_of in zip(held, intervals([r.outputs for r in held], test.corpus.tgt), strict=True):
            result.scores = scores_of
    _count_tokens(read, sets, results, say)
    said = {name: result.outputs for name, result in results[sets[0].name].items()}
    drawings = [Drawing(sets[0].corpus.src[line], maps[line]) for line in drawn if maps[line]]
    return Comparison(source, target, read, sets, results, choose(sets[0].corpus, said), drawings)


def load_test(name: str, where: str, source: str, target: str) -> TestSet:
    """A test set with its labels, if it has any."""
    corpus = corpora.load(where, source, target, "test")
    labels = labelled.load(where, "test")
    if labels is not None and len(labels) != len(corpus):
        raise DataError(f"{where} has {len(corpus):,} lines and labels for {len(labels):,}; make its labels anew")
    for number, (src, tgt, row) in enumerate(zip(corpus.src, corpus.tgt, labels or (), strict=False), start=1):
        sides = {source: src, target: tgt}
        if not all(each.fits(sides[each.side]) for each in row.contrasts if each.side in sides):
            raise DataError(f"{where}, line {number:,}: its labels are of another text; make them anew, or remove them")
    return TestSet(name, corpus, labels)


def length_bounds(lengths: Sequence[int]) -> list[int]:
    """Upper ends of the buckets that hold enough lines; the last is the longest line."""
    bounds: list[int] = []
    below = 0
    for bound in (*LENGTHS, max(lengths)):
        held = sum(below < length <= bound for length in lengths)
        rest = sum(length > bound for length in lengths)
        if held >= FEWEST and (rest >= FEWEST or not rest):
            bounds.append(bound)
            below = bound
    return [*[bound for bound in bounds if bound < max(lengths)], max(lengths)]


def _translate(
    translator: Translator, src: Sequence[str], system: System, batch_size: int
) -> tuple[list[Candidate], float]:
    start = time.monotonic()
    found = [t.candidates[0] for t in translator.translate(src, system.recipe.decoding, batch_size=batch_size)]
    return found, time.monotonic() - start


def _measure(translator: Translator, system: System, test: TestSet, outputs: list[str], batch_size: int) -> Result:
    corpus = test.corpus
    result = Result(outputs, 0.0)
    lengths = [len(line.split()) for line in corpus.src]
    result.lengths = by_length(lengths, outputs, corpus.tgt, bounds=length_bounds(lengths))
    if test.labels is not None:
        side = system.recipe.target
        judged = accuracy.judge(translator, corpus.src, corpus.tgt, test.labels, outputs, side, batch_size=batch_size)
        result.phenomena, result.distances = accuracy.by_phenomenon(judged), accuracy.by_distance(judged)
        for label in sorted({label for each in test.labels for label in each.labels}):
            lines = [i for i, each in enumerate(test.labels) if label in each.labels]
            if len(lines) >= FEWEST:
                scores = evaluate([outputs[i] for i in lines], [corpus.tgt[i] for i in lines], ("bleu",), False)
                result.by_label[label] = scores["bleu"].score
    return result


def _count_tokens(
    read: Sequence[System],
    sets: Sequence[TestSet],
    results: Mapping[str, Mapping[str, Result]],
    say: Callable[[str], None],
) -> None:
    """Adds what each system's tokenizer makes of the test sets, unless those trained by gradient all share one."""
    tokenizers = tokens.tokenizers(read)
    if not tokens.differ(read, tokenizers):
        return
    known: dict[tuple[str, ...], set[str] | None] = {}
    for system in read:
        where, dropout = system.recipe.data.paths, system.recipe.tokenizer.dropout
        if where not in known:
            say(f"reads the words of {system.recipe.data.title}")
            try:
                known[where] = tokens.training_words(system.recipe)
            except NmtError as error:
                say(f"no BLEU by unseen words for {system.name}: {error}")
                known[where] = None
        for test in sets:
            result = results[test.name][system.name]
            tokenizer = tokenizers[system.name]
            result.tokens = tokens.measure(tokenizer, dropout, test.corpus, result.outputs, known[where], fewest=FEWEST)


def _to_draw(corpus: Corpus) -> list[int]:
    """Sentences whose attention is drawn: the longest that can be read, and others spread below it by length."""
    fitting = [line for line, text in enumerate(corpus.src) if 4 <= len(text.split()) <= DRAWN_WORDS]
    by_words = sorted(fitting, key=lambda line: (len(corpus.src[line].split()), line))
    chosen = [by_words[max(0, len(by_words) * part // DRAWN - 1)] for part in range(1, DRAWN + 1)] if by_words else []
    return list(dict.fromkeys(chosen))


def _draw(
    translator: Translator,
    system: System,
    corpus: Corpus,
    found: Sequence[Candidate],
    maps: dict[int, dict[str, WordMaps]],
) -> None:
    for line, drawn in maps.items():
        copies = system.recipe.decoding.copy_unknown
        shown = attention(translator, corpus.src[line], found[line].tokens, copy_unknown=copies)
        if shown is not None:
            drawn[system.name] = shown
