"""The embedded corpus: a synchronous German-English grammar, its phenomena labelled, the same on every machine.

A rule of `RULES` is a pair of patterns over clauses: "{0:second} , weil {1:last}" and "{0:plain} because {1:plain}".
The names behind the colons are orders of words, in `nmt.data.clauses`. The second column says what the clauses have
to be, so that the sentence makes sense; the methods of `Scribe` of these names write them.
"""

import json
import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import Literal

from nmt.data.clauses import Clause
from nmt.data.inflection import Word
from nmt.data.notes import PLAIN, Notes
from nmt.data.phrases import ES
from nmt.data.scenes import Scenes
from nmt.errors import UsageError

Split = Literal["train", "dev", "test"]
SIZES: dict[Split, int] = {"train": 20_000, "dev": 1_000, "test": 2_000}
SEEDS: dict[Split, int] = {"train": 2014, "dev": 2015, "test": 2017}
AVOIDED: dict[Split, tuple[Split, ...]] = {"train": ("dev", "test"), "dev": ("test",), "test": ()}
LONGEST_TRAINED = 40  # words on either side; test has a few beyond


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence pair and the phenomena in it."""

    de: str
    en: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """How often a rule is taken, what its clauses are, when they can happen, both patterns, and the labels."""

    weight: int
    clauses: str
    times: str
    german: str
    english: str
    labels: str = ""


RULES = (
    Rule(36, "statement", "past now future habit", "{0:second}", "{0:plain}"),
    Rule(10, "question", "past now future habit", "{0:first} ?", "{0:question} ?", "question"),
    Rule(
        3,
        "command",
        "now",
        "kannst du mir helfen , {0:zu} ?",
        "can you help me {0:bare} ?",
        "question modal infinitive",
    ),
    Rule(4, "letting", "past now habit", "{0:second}", "{0:plain}", "infinitive"),
    Rule(7, "description", "past now", "{0:second}", "{0:plain}"),
    Rule(8, "narrative", "past", "{0:second}", "{0:plain}"),
    Rule(
        6, "explained reason", "past now", "{0:second} , weil {1:last} ,", "{0:plain} because {1:plain}", "subordinate"
    ),
    Rule(5, "doubt fault", "past now", "{0:second} , weil {1:last} ,", "{0:plain} because {1:plain}", "subordinate"),
    Rule(4, "action mood", "past now", "{0:second} , obwohl {1:last} ,", "{0:plain} although {1:plain}", "subordinate"),
    Rule(3, "condition usual", "habit", "wenn {0:last} , {1:first}", "when {0:plain} , {1:plain}", "subordinate"),
    Rule(2, "usual condition", "habit", "{0:second} , wenn {1:last} ,", "{0:plain} when {1:plain}", "subordinate"),
    Rule(
        4, "bare meanwhile", "now past", "{0:second} , während {1:last} ,", "{0:plain} while {1:plain}", "subordinate"
    ),
    Rule(7, "speech embedded", "past now", "{0:second} , dass {1:last} ,", "{0:plain} that {1:plain}", "subordinate"),
    Rule(4, "start infinitive", "past now", "{0:second} , {1:zu} ,", "{0:plain} {1:to}", "infinitive"),
    Rule(4, "going infinitive", "past now", "{0:second} , um {1:zu} ,", "{0:plain} in order {1:to}", "infinitive"),
    Rule(4, "cause so", "now past", "{0:second} , deshalb {1:first}", "{0:plain} , so {1:plain}"),
)
JOINS = ((" und ", " , and "), (" , aber ", " , but "), (" ; ", " ; "))
PARTS = {1: 80, 2: 15, 3: 4, 4: 1}
LONG_PARTS = {4: 60, 5: 30, 6: 10}


def sample(split: Split, size: int | None = None) -> list[Example]:
    """A split of the corpus, at its default size or another; no two splits share a sentence of either language.

    dev and test do not depend on the size of train, and a smaller sample is the beginning of a larger one. Raises
    ValueError for a dev or test larger than the default, which train would not know to avoid.
    """
    size = SIZES[split] if size is None else size
    if split == "train":
        return fresh(split, size)
    if size > SIZES[split]:
        raise ValueError(f"{split} has {SIZES[split]:,} sentences, not {size:,}; draw more of train")
    return list(drawn(split)[:size])


def write(folder: Path, size: int | None = None) -> dict[Path, int]:
    """Writes {train,dev,test}.{de,en} and test.labels.jsonl into a folder; returns the lines of every file.

    `size` is that of train. Raises UsageError where the folder cannot be written.
    """
    lines: dict[Path, list[str]] = {}
    for split in SIZES:
        examples = sample(split, size if split == "train" else None)
        lines[folder / f"{split}.de"] = [example.de for example in examples]
        lines[folder / f"{split}.en"] = [example.en for example in examples]
    labels = [json.dumps({"line": number, "labels": example.labels}) for number, example in enumerate(examples, 1)]
    lines[folder / "test.labels.jsonl"] = labels
    try:
        folder.mkdir(parents=True, exist_ok=True)
        for path, text in lines.items():
            path.write_text("".join(line + "\n" for line in text), encoding="utf-8", newline="\n")
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror}; name another folder with -o") from error
    return {path: len(text) for path, text in lines.items()}


@cache
def drawn(split: Split) -> tuple[Example, ...]:
    """A split at its default size."""
    return tuple(fresh(split, SIZES[split]))


def fresh(split: Split, size: int) -> list[Example]:
    """Examples that share no side with the splits drawn before, nor with each other their German side."""
    taken = [example for other in AVOIDED[split] for example in drawn(other)]
    writer, german, english = Scribe(SEEDS[split]), {example.de for example in taken}, {example.en for example in taken}
    examples: list[Example] = []
    while len(examples) < size:
        long = split == "test" and len(examples) % 16 == 15
        example = writer.sentence(LONG_PARTS if long else PARTS)
        words = max(len(example.de.split()), len(example.en.split()))
        fits = LONGEST_TRAINED < words <= 64 if long else words <= LONGEST_TRAINED
        new = example.de not in german and example.en not in english
        if fits and new and not repetitive(example):
            german.add(example.de)
            examples.append(example)
    return examples


def repetitive(example: Example) -> bool:
    """Whether a noun or a name comes twice, or a verb in a row: "the man who fed the dog that I fed fed the cat"."""
    named = re.findall(r"\b[A-ZÄÖÜ]\w+", example.de)
    return len(set(named)) < len(named) or re.search(r"\b(\w+) \1\b", example.en) is not None


class Scribe(Scenes):
    """Writes whole sentences by the rules."""

    def sentence(self, parts: dict[int, int]) -> Example:
        """One sentence of so many parts, all of them at one time."""
        number = self.draw(parts)
        time = self.draw({"past": 45, "now": 33, "future": 9, "habit": 13})
        german, english, labels, times = "", "", list[str](), set[Word]()
        for part in range(number):
            rule = self.rule(time, single=number == 1)
            clauses: list[Clause] = []
            for name in rule.clauses.split():
                clauses.append(self.clauses[name](time, clauses))
            if time != "habit":
                say_once(clauses, times)
            joins = JOINS[int(self.random() * (3 if number > 2 else 2))] if part else ("", "")
            joins = JOINS[0] if " , aber " in german and joins == JOINS[1] else joins
            german += joins[0] + fill(rule.german, clauses)
            english += joins[1] + fill(rule.english, clauses)
            labels += [*rule.labels.split(), *(label for clause in clauses for label in phenomena(clause))]
            labels += ["coordination"] if part else []
        return Example(spell(german), spell(english), tuple(sorted(dict.fromkeys(labels))))

    def rule(self, time: str, single: bool) -> Rule:
        """A rule for that time; a question is a sentence of its own."""
        return self.draw(rules(time, single))


def fill(pattern: str, clauses: Sequence[Clause], notes: Notes = PLAIN) -> str:
    """A pattern of a rule with its clauses."""
    return re.sub(r"\{(\d):(\w+)\}", lambda place: clauses[int(place[1])].read(place[2], notes), pattern)


@cache
def rules(time: str, single: bool) -> dict[Rule, int]:
    """The rules for a time and their weights; those of questions only where they stand alone."""
    fitting = [rule for rule in RULES if time in rule.times.split() and (single or "?" not in rule.german)]
    return {rule: rule.weight for rule in fitting}


def say_once(clauses: Sequence[Clause], times: set[Word]) -> None:
    """Leaves out of the clauses the times that were said before; adds theirs to `times`."""
    for clause in clauses:
        if clause.time in times:
            clause.time, clause.front = None, "subject" if clause.front == "time" else clause.front
        if clause.time:
            times.add(clause.time)


def phenomena(clause: Clause, depth: int = 0) -> Iterator[str]:
    """The labels of what is in a clause."""
    if clause.modal:
        yield "letting" if clause.modal == "lassen" else "modal"
    elif clause.tense in ("perfect", "future"):
        yield clause.tense
    if clause.verb.prefix:
        yield "separable"
    if clause.negative:
        yield "negation"
    if clause.front != "subject":
        yield "fronted"
    for phrase in clause.phrases():
        if phrase.attribute and phrase.attribute[1].plural != phrase.plural:
            yield "attractor"
        if phrase.pronouns[0].startswith("3") and phrase is not ES:
            yield "pronoun"
        if phrase.relative and phrase is not clause.gap:
            yield "nested" if depth else "relative"
            yield from phenomena(phrase.relative, depth + 1)


def spell(text: str) -> str:
    """The words as a sentence: commas at their words and never two, a capital, a full stop."""
    text = re.sub(r"[, ]*( [,;?])", r"\1", text)
    text = re.sub(r" ([,;?])", r"\1", text.rstrip(" ,"))
    return text[0].upper() + text[1:] + ("" if text.endswith("?") else ".")
