"""`nmt probe extrapolation`: BLEU up to the longest training sentence, and beyond it.

Longer sentences are harder for a system that was trained on such too; what is left of BLEU tells systems apart that
were trained on the same text, and is no number by itself.

extrapolation.json: `test` {name, lines}, and `systems[]`, each with `name`, `longest` (words of the longest training
source), `kept` (BLEU beyond it as a share of BLEU up to it), and as parts of the test set `up_to`, `beyond` and
`by_length[]`. A part has `shortest`, `longest`, `words` (the mean) of its sources, `lines`, `bleu`, `low` and `high` of
its 95 % bootstrap interval, and `written`, words written for each word of the references. `up_to`, `beyond` and `kept`
are null where lines are too few.
"""

from collections.abc import Callable, Collection, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from nmt.data import corpus as corpora
from nmt.data.corpus import Corpus
from nmt.data.encoded import encode_corpus
from nmt.data.tokenizer import TokenizerPair
from nmt.errors import DataError
from nmt.evaluation.compare import FEWEST, TestSet, length_bounds
from nmt.evaluation.figure import INK, SIZE, Figure, clean, legend, sheet, style
from nmt.evaluation.metrics import by_length
from nmt.evaluation.probes.probe import Probe
from nmt.evaluation.significance import interval
from nmt.evaluation.systems import System
from nmt.evaluation.table import MISSING, Table
from nmt.runs import Run

CHUNK = 500
"""Training lines that are turned into tokens at once, longest first, until one of them was trained on."""


@dataclass(frozen=True)
class Part:
    """Some lines of a test set, and what a system made of them."""

    shortest: int
    longest: int
    words: float
    """Of a source, the mean."""
    lines: int
    bleu: float
    low: float
    high: float
    written: float
    """Words written for each word of the references."""


@dataclass(frozen=True)
class Reach:
    """One system on the test set."""

    longest: int
    """Words of the longest source that it was trained on."""
    by_length: list[Part]
    up_to: Part | None
    """None where lines are too few, as in `beyond`."""
    beyond: Part | None

    @property
    def kept(self) -> float | None:
        """BLEU beyond as a share of BLEU up to."""
        return self.beyond.bleu / self.up_to.bleu if self.beyond and self.up_to and self.up_to.bleu else None


def training_reaches(systems: Sequence[System], say: Callable[[str], None] = lambda message: None) -> dict[str, int]:
    """Words of the longest source that each system was trained on, by its name; DataError where its text is gone."""
    found: dict[str, int] = {}
    known: dict[tuple[Any, ...], int] = {}
    texts: dict[tuple[str, ...], Corpus] = {}
    for system in systems:
        recipe, tokenizer = system.recipe, Run.existing(system.folders[0]).tokenizer()
        assert tokenizer is not None  # it has been trained
        data = recipe.data
        key = (data.paths, data.max_tokens, data.max_ratio, tokenizer.sha256())
        if key not in known:
            if data.paths not in texts:
                say(f"reads {data.title}")
                texts[data.paths] = corpora.joined([text.corpus() for text in corpora.training_texts(recipe)])
            known[key] = longest_kept(
                texts[data.paths], tokenizer, max_tokens=data.max_tokens, max_ratio=data.max_ratio
            )
        found[system.name] = known[key]
    return found


def longest_kept(text: Corpus, tokenizer: TokenizerPair, *, max_tokens: int, max_ratio: float) -> int:
    """Words of the longest source among the pairs that a training with these limits keeps; 0 where it keeps none."""
    lengths = [len(line.split()) for line in text.src]
    order = sorted(range(len(text)), key=lambda line: -lengths[line])
    for start in range(0, len(order), CHUNK):
        lines = order[start : start + CHUNK]
        part = Corpus(text.name, [text.src[line] for line in lines], [text.tgt[line] for line in lines])
        kept, _ = encode_corpus(part, tokenizer, max_tokens=max_tokens, max_ratio=max_ratio)
        if len(kept):
            return lengths[lines[int(kept.lines[0])]]
    return 0


def applies(test: TestSet, reaches: Mapping[str, int]) -> bool:
    """Whether enough lines are longer than the longest that a system was trained on."""
    return sum(len(line.split()) > min(reaches.values()) for line in test.corpus.src) >= FEWEST


def check(test: TestSet, reaches: Mapping[str, int]) -> None:
    """Raises DataError where no system has anything to extrapolate to."""
    if not applies(test, reaches):
        raise DataError(
            f"{test.name} has fewer than {FEWEST} sources of more than {min(reaches.values())} words, the longest that "
            "was trained on; name a test set of longer sentences with --test, or train with a lower data.max_tokens"
        )


def probe(test: TestSet, reaches: Mapping[str, int], outputs: Mapping[str, Sequence[str]]) -> Probe:
    """Words of the longest training source, and what was written for the test set, by the system's name."""
    found = {name: reach(test.corpus, outputs[name], longest, reaches.values()) for name, longest in reaches.items()}
    title = f"Beyond the longest training sentence on {test.name}"
    numbers = {
        "test": {"name": test.name, "lines": len(test.corpus)},
        "systems": [{"name": name, **asdict(each), "kept": each.kept} for name, each in found.items()],
    }
    return Probe(
        "extrapolation", numbers, [_table(title, found), _by_length(title, found)], _figure(title, test, found)
    )


def reach(corpus: Corpus, outputs: Sequence[str], longest: int, marks: Collection[int]) -> Reach:
    """One system; `marks` are the longest training sources of all, at which buckets end for all alike."""
    lengths = [len(line.split()) for line in corpus.src]

    def part(low: int, high: int) -> Part:
        rows = [row for row, length in enumerate(lengths) if low <= length <= high]
        said, wanted = [outputs[row] for row in rows], [corpus.tgt[row] for row in rows]
        score = interval("bleu", said, wanted)
        held = [lengths[row] for row in rows]
        written = sum(len(text.split()) for text in said) / max(1, sum(len(text.split()) for text in wanted))
        ends = min(held), max(held)
        return Part(*ends, sum(held) / len(held), len(held), score.score, score.low, score.high, written)

    buckets = by_length(lengths, outputs, corpus.tgt, ("bleu",), bounds=bounds(lengths, marks))
    inside = sum(length <= longest for length in lengths)
    return Reach(
        longest,
        [part(bucket.shortest, bucket.longest) for bucket in buckets],
        part(0, longest) if inside >= FEWEST else None,
        part(longest + 1, max(lengths)) if len(lengths) - inside >= FEWEST else None,
    )


def bounds(lengths: Sequence[int], marks: Collection[int]) -> list[int]:
    """Upper ends of buckets none of which reaches across a mark."""
    found: list[int] = []
    below = 0
    for mark in sorted({*marks, max(lengths)}):
        held = [length for length in lengths if below < length <= mark]
        found += length_bounds(held) if held else []
        below = max(below, mark)
    return found


def _table(title: str, found: Mapping[str, Reach]) -> Table:
    head = ["system", "longest in training", "up to it", "95 %", "written", "beyond", "95 %", "written", "kept"]
    rows = [
        [
            name,
            str(each.longest),
            *_cells(each.up_to),
            *_cells(each.beyond),
            MISSING if each.kept is None else f"{100 * each.kept:.0f} %",
        ]
        for name, each in found.items()
    ]
    note = (
        "BLEU of test sentences up to the longest training sentence (source words) and beyond it, lines in brackets, "
        "with 95 % bootstrap intervals; written: words written for each word of the references; kept: BLEU beyond as a "
        "share of BLEU up to it. Longer sentences are harder even where they were trained on: compare systems."
    )
    return Table(title, head, rows, note)


def _cells(part: Part | None) -> list[str]:
    if part is None:
        return [MISSING] * 3
    return [f"{part.bleu:.1f} ({part.lines:,})", f"{part.low:.1f}–{part.high:.1f}", f"{part.written:.2f}"]


def _by_length(title: str, found: Mapping[str, Reach]) -> Table:
    first = next(iter(found.values())).by_length
    rows = [
        [
            f"{part.shortest}–{part.longest}",
            f"{part.lines:,}",
            *(_cell(each.by_length[place]) for each in found.values()),
        ]
        for place, part in enumerate(first)
    ]
    return Table(title, ["source words", "lines", *found], rows, "BLEU (95 % bootstrap interval).")


def _cell(part: Part) -> str:
    return f"{part.bleu:.1f} ({part.low:.0f}–{part.high:.0f})"


def _figure(title: str, test: TestSet, found: Mapping[str, Reach]) -> Figure:
    drawn = sheet(SIZE)
    axis = drawn.subplots()
    for place, (name, each) in enumerate(found.items()):
        at = [part.words for part in each.by_length]
        look = style(place, name)
        axis.plot(at, [part.bleu for part in each.by_length], **look)
        low, high = [part.low for part in each.by_length], [part.high for part in each.by_length]
        axis.fill_between(at, low, high, color=look["color"], alpha=0.1, linewidth=0)
    for place, longest in enumerate(sorted({each.longest for each in found.values()})):
        axis.axvline(longest + 0.5, color=INK, linewidth=1, linestyle=":")
        said = f"longest in training: {longest} words"
        axis.text(longest + 1, 1 - 0.06 * place, said, transform=axis.get_xaxis_transform(), va="top", fontsize=8)
    axis.set_xlabel("source words")
    axis.set_ylabel("BLEU")
    axis.set_xlim(left=0)
    axis.set_ylim(bottom=0)
    clean(axis)
    legend(drawn, axis)
    caption = (
        f"BLEU on {test.name} by the length of the source, with 95 % bootstrap intervals; right of the dotted line are "
        "sentences longer than any of training."
    )
    return Figure("extrapolation", title, caption, drawn)
