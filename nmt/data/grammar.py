"""The embedded corpus: a synchronous German-English grammar, its phenomena labelled, the same on every machine.

A rule of `RULES` is a pair of patterns over clauses: "{0:second} , weil {1:last}" and "{0:plain} because {1:plain}".
The names behind the colons are orders of words, in `nmt.data.clauses`. The second column says what the clauses have
to be, so that the sentence makes sense; the methods of `Writer` of these names write them.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cache
from random import Random
from typing import Literal, TypeVar

from nmt.data import lexicon
from nmt.data.clauses import Clause, Phrase
from nmt.data.inflection import Noun, Slot, Verb, Word, entries, noun, slot, verb, word

Choice = TypeVar("Choice")
Split = Literal["train", "dev", "test"]
SIZES: dict[Split, int] = {"train": 20_000, "dev": 1_000, "test": 2_000}
SEEDS: dict[Split, int] = {"train": 2014, "dev": 2015, "test": 2017}
LONGEST_TRAINED = 40  # words on either side; test has a few beyond


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence pair and the phenomena in it."""

    de: str
    en: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
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
    Rule(3, "command", "now", "kannst du mir helfen , {0:zu} ?", "can you help me {0:to} ?", "question modal infinitive"),
    Rule(4, "letting", "past now habit", "{0:second}", "{0:plain}", "infinitive"),
    Rule(5, "description", "past now", "{0:second}", "{0:plain}"),
    Rule(8, "narrative", "past", "{0:second}", "{0:plain}"),
    Rule(6, "statement reason", "past now", "{0:second} , weil {1:last} ,", "{0:plain} because {1:plain}", "subordinate"),
    Rule(5, "doubt fault", "past now", "{0:second} , weil {1:last} ,", "{0:plain} because {1:plain}", "subordinate"),
    Rule(4, "statement mood", "past now", "{0:second} , obwohl {1:last} ,", "{0:plain} although {1:plain}", "subordinate"),
    Rule(3, "condition statement", "habit", "wenn {0:last} , {1:first}", "when {0:plain} , {1:plain}", "subordinate"),
    Rule(2, "statement condition", "habit", "{0:second} , wenn {1:last} ,", "{0:plain} when {1:plain}", "subordinate"),
    Rule(4, "bare bare", "now past", "{0:second} , während {1:last} ,", "{0:plain} while {1:plain}", "subordinate"),
    Rule(7, "speech embedded", "past now", "{0:second} , dass {1:last} ,", "{0:plain} that {1:plain}", "subordinate"),
    Rule(4, "start infinitive", "past now habit", "{0:second} , {1:zu} ,", "{0:plain} {1:to}", "infinitive"),
    Rule(4, "going infinitive", "past now", "{0:second} , um {1:zu} ,", "{0:plain} in order {1:to}", "infinitive"),
    Rule(4, "mood so", "now past", "{0:second} , deshalb {1:first}", "{0:plain} , so {1:plain}"),
)
JOINS = ((" und ", " , and "), (" , aber ", " , but "), (" ; ", " ; "))
PARTS = {1: 80, 2: 15, 3: 4, 4: 1}
LONG_PARTS = {4: 60, 5: 30, 6: 10}
SUBJECT_DETERMINERS = {"def": 50, "indef": 10, "dies": 7, "1s": 9, "1p": 4, "jed": 3, "number": 4, "viel": 2, "owner": 4, "with": 3}
OBJECT_DETERMINERS = {"def": 42, "indef": 34, "dies": 6, "own": 18, "1s": 3, "number": 6, "viel": 3, "owner": 2}
MODALS = {
    "now": {"können": 4, "müssen": 4, "wollen": 3, "dürfen": 2, "sollen": 2, "möchten": 3},
    "habit": {"können": 2, "müssen": 3, "wollen": 2, "dürfen": 2},
    "past": {"können": 3, "müssen": 3, "wollen": 3, "dürfen": 2},
}


def generate(count: int, seed: int) -> Iterator[Example]:
    """`count` examples, no German sentence twice."""
    writer, seen = Writer(seed), set[str]()
    while len(seen) < count:
        example = writer.sentence(PARTS)
        if example.de not in seen:
            seen.add(example.de)
            yield example


def sample(split: Split, size: int | None = None) -> list[Example]:
    """A split of the corpus, at its default size or another; no two splits share a sentence of either language.

    dev and test do not depend on the size of train, and a smaller sample is the beginning of a larger one. Raises
    ValueError for a dev or test larger than the default, which train would not know to avoid.
    """
    size = SIZES[split] if size is None else size
    if split != "train" and size > SIZES[split]:
        raise ValueError(f"{split} has {SIZES[split]:,} sentences, not {size:,}; draw more with generate()")
    taken = [example for other in (("dev", "test") if split == "train" else ("test",) if split == "dev" else ()) for example in drawn(other)]
    return fresh(split, size, taken)


@cache
def drawn(split: Split) -> tuple[Example, ...]:
    """A split at its default size."""
    return tuple(sample(split))


def fresh(split: Split, size: int, taken: Sequence[Example]) -> list[Example]:
    """Examples that share no side with those taken, nor with each other their German side."""
    writer, german, english = Writer(SEEDS[split]), {example.de for example in taken}, {example.en for example in taken}
    examples: list[Example] = []
    while len(examples) < size:
        long = split == "test" and len(examples) % 16 == 15
        example = writer.sentence(LONG_PARTS if long else PARTS)
        words = max(len(example.de.split()), len(example.en.split()))
        fits = LONGEST_TRAINED < words <= 64 if long else words <= LONGEST_TRAINED
        if fits and example.de not in german and example.en not in english:
            german.add(example.de)
            examples.append(example)
    return examples
