"""The embedded corpus: a synchronous German-English grammar, its phenomena labelled, the same on every machine.

`Scribe` draws what a sentence means: rules of `nmt.data.rules` and their clauses. German and English are read off it,
and for dev and test once more with `Contrasting` listening, which knows of every word what would be wrong there.
"""

import re
from collections import Counter
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field, replace
from functools import cache
from pathlib import Path
from typing import Literal

from nmt.data.clauses import Clause
from nmt.data.contrasts import Contrasting
from nmt.data.inflection import Word
from nmt.data.labels import Contrast, Labelled, Side, to_json
from nmt.data.notes import PLAIN, Notes
from nmt.data.phrases import ES
from nmt.data.places import balanced
from nmt.data.reserved import reserved_labels
from nmt.data.rules import JOINS, Rule, fill, gaps, rules, spell
from nmt.data.stories import Stories
from nmt.errors import UsageError

Split = Literal["train", "dev", "test"]
SIZES: dict[Split, int] = {"train": 20_000, "dev": 1_000, "test": 2_000}
SEEDS: dict[Split, int] = {"train": 2014, "dev": 2015, "test": 2017}
AVOIDED: dict[Split, tuple[Split, ...]] = {"train": ("dev", "test"), "dev": ("test",), "test": ()}
LONGEST_TRAINED = 40  # words on either side; test has a few beyond
RESERVED = {"unseen name", "unseen number", "unseen compound", "held out"}  # labels that only test has

PARTS = {1: 80, 2: 15, 3: 4, 4: 1}
# Of sixteen test sentences, three are made to have so many words: the last of them more than any in train.
LENGTHS = {
    5: (range(21, 31), {2: 50, 3: 50}),
    10: (range(31, 41), {3: 50, 4: 50}),
    15: (range(LONGEST_TRAINED + 1, 61), {4: 60, 5: 30, 6: 10}),
}


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence pair, the phenomena in it, and some of its words with their wrong variants (not in train)."""

    de: str
    en: str
    labels: tuple[str, ...]
    contrasts: tuple[Contrast, ...] = ()


def sample(split: Split, size: int | None = None) -> list[Example]:
    """A split of the corpus, at its default size or another; no two splits share a sentence of either language.

    dev and test do not depend on the size of train, and a smaller sample is the beginning of a larger one. Raises
    ValueError for a dev or test larger than the default, which train would not know to avoid.
    """
    size = SIZES[split] if size is None else size
    if split != "train" and size > SIZES[split]:
        raise ValueError(f"{split} has {SIZES[split]:,} sentences, not {size:,}; draw more of train")
    if split == "train" or (split == "test" and size < SIZES[split]):  # which need not wait for the rest of test
        return fresh(split, size)
    return list(drawn(split)[:size])


def write(folder: Path, size: int | None = None) -> dict[Path, int]:
    """Writes {train,dev,test}.{de,en} and {dev,test}.labels.jsonl into a folder; returns the lines of every file.

    `size` is that of train. Raises UsageError where the folder cannot be written.
    """
    lines: dict[Path, list[str]] = {}
    for split in SIZES:
        examples = sample(split, size if split == "train" else None)
        lines[folder / f"{split}.de"] = [example.de for example in examples]
        lines[folder / f"{split}.en"] = [example.en for example in examples]
        if split != "train":
            labels = [Labelled(example.labels, example.contrasts) for example in examples]
            lines[folder / f"{split}.labels.jsonl"] = [to_json(number, row) for number, row in enumerate(labels, 1)]
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
    german, english = {example.de for example in taken}, {example.en for example in taken}
    writer, tally = Scribe(SEEDS[split], unseen=split == "test"), Counter[tuple[object, ...]]()
    examples: list[Example] = []
    while len(examples) < size:
        lengths, parts = range(1, LONGEST_TRAINED + 1), PARTS
        if split == "test" and len(examples) % 16 in LENGTHS:
            lengths, parts = LENGTHS[len(examples) % 16]
        meaning = writer.meaning(parts)
        labels = meaning.labels()
        if split != "test" and not RESERVED.isdisjoint(labels):
            continue
        example = Example(meaning.text("de"), meaning.text("en"), labels)
        words = max(example.de.count(" "), example.en.count(" ")) + 1
        if words not in lengths or example.de in german or example.en in english or repetitive(example):
            continue
        german.add(example.de)
        if split != "train":
            found = [contrast for side in ("de", "en") for contrast in balanced(meaning.contrasts(side), tally)]
            example = replace(example, contrasts=tuple(found))
        examples.append(example)
    return examples


def repetitive(example: Example) -> bool:
    """Whether a noun or a name comes twice, or a verb in a row: "the man who fed the dog that I fed fed the cat"."""
    named = re.findall(r"\b[A-ZÄÖÜ]\w+", example.de)
    return len(set(named)) < len(named) or re.search(r"\b(\w+) \1\b", example.en) is not None


@dataclass(slots=True)
class Meaning:
    """What a sentence says: rules with their clauses, and the words that join them."""

    parts: list[tuple[tuple[str, str], Rule, list[Clause]]] = field(default_factory=list)

    def text(self, side: Side, notes: Notes = PLAIN) -> str:
        """The sentence in a language."""
        german = side == "de"
        filled = [
            join[not german] + fill(rule.german if german else rule.english, clauses, notes)
            for join, rule, clauses in self.parts
        ]
        return spell("".join(filled))

    def contrasts(self, side: Side) -> list[Contrast]:
        """Every word of a side that has wrong variants."""
        notes = Contrasting(side)
        return notes.resolve(self.text(side, notes))

    def labels(self) -> tuple[str, ...]:
        """The phenomena in it."""
        labels = ["coordination"] if len(self.parts) > 1 else []
        for _, rule, clauses in self.parts:
            labels += rule.labels.split()
            for (_, _, order), clause in zip(gaps(rule.german), clauses, strict=True):
                labels += [*phenomena(clause), *reserved_labels(clause, order)]
        return tuple(sorted(dict.fromkeys(labels)))


class Scribe(Stories):
    """Draws whole sentences by the rules."""

    def sentence(self, parts: dict[int, int]) -> Example:
        """One sentence of so many parts, all of them at one time."""
        meaning = self.meaning(parts)
        return Example(meaning.text("de"), meaning.text("en"), meaning.labels())

    def meaning(self, parts: dict[int, int]) -> Meaning:
        """What the sentence says."""
        number = self.draw(parts)
        time = self.draw({"past": 45, "now": 33, "future": 9, "habit": 13})
        meaning, times, but = Meaning(), set[Word](), False
        for part in range(number):
            rule = self.draw(rules(time, number == 1))
            clauses: list[Clause] = []
            for name in rule.clauses.split():
                clauses.append(self.clauses[name](time, clauses))
            if time != "habit":
                say_once(clauses, times)
            join = JOINS[int(self.random() * (3 if number > 2 else 2))] if part else ("", "")
            but = but or " aber " in rule.german
            join = JOINS[0] if but and join == JOINS[1] else join
            but = but or join == JOINS[1]
            meaning.parts.append((join, rule, clauses))
        return meaning


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
