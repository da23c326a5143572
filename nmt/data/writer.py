"""Writes clauses that make sense: draws verbs, and for them what their frames ask for."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from random import Random
from typing import TypeVar

from nmt.data import lexicon
from nmt.data.clauses import Clause, Phrase
from nmt.data.inflection import Noun, Slot, Verb, Word, entries, noun, slot, verb, word

Choice = TypeVar("Choice")
SUBJECTS = {"def": 50, "indef": 10, "dies": 7, "1s": 9, "1p": 4, "jed": 3, "number": 5, "viel": 2, "owner": 4, "with": 3}
OBJECTS = {"def": 42, "indef": 34, "dies": 6, "own": 18, "1s": 3, "number": 6, "viel": 3, "owner": 2}
KNOWN = {"def": 60, "dies": 6, "own": 20, "1s": 8, "1p": 4, "owner": 4}
MODALS = {
    "now": {"können": 4, "müssen": 4, "wollen": 3, "dürfen": 2, "sollen": 2, "möchten": 3},
    "habit": {"können": 2, "müssen": 3, "wollen": 2, "dürfen": 2},
    "past": {"können": 3, "müssen": 3, "wollen": 3, "dürfen": 2},
}
ES = Phrase(pronouns=("3n", "3n"), gender="n")
NAMES = {
    "m": "Peter Paul Jonas Felix Emil Karl Anton Oskar David Simon Martin Georg Leon Jakob Robert Daniel Stefan Erik",
    "f": "Anna Maria Lena Clara Sophie Emma Julia Laura Nina Paula Eva Hanna Ida Marta Greta Lisa Sarah Katharina",
}
NUMBERS = "zwei=two drei=three vier=four fünf=five sechs=six sieben=seven acht=eight neun=nine zehn=ten zwölf=twelve"

NOUNS = tuple(noun(kinds, entry) for kinds, entry in entries(lexicon.NOUNS))
VERBS, SPEECH, STARTS = (
    tuple(verb(entry) for _, entry in entries(table)) for table in (lexicon.VERBS, lexicon.SPEECH, lexicon.STARTS)
)
BE = verb("sein ist war *gewesen = be was been ! : any")
HAVE = verb("haben hat hatte gehabt = have had had ! : person acc:resource")


@cache
def nouns(kinds: tuple[str, ...]) -> tuple[Noun, ...]:
    """The nouns of any of these kinds."""
    return tuple(noun for noun in NOUNS if fits(noun.kinds, kinds))


@cache
def words(table: str, kinds: tuple[str, ...]) -> tuple[Word, ...]:
    """The words of a table under any of these kinds."""
    return tuple(word(entry) for heads, entry in entries(table) if fits(heads, kinds))


@cache
def verbs_with(kinds: tuple[str, ...]) -> tuple[tuple[Verb, int | None], ...]:
    """Verbs with a place for a noun of these kinds: as a subject (None) or as the slot of this number."""
    subjects = [(verb, None) for verb in VERBS if fits(verb.subject, kinds) and not fits(("weather",), verb.subject)]
    objects = [
        (verb, index)
        for verb in VERBS
        for index, slot in enumerate(verb.slots)
        if fits(slot.kinds, kinds) and slot.case != "role"
    ]
    return (*subjects, *objects)


def fits(some: Sequence[str], others: Sequence[str]) -> bool:
    """Whether they have a kind in common."""
    return any(kind in others for kind in some)


class Writer:
    """Draws clauses with numbers from `Random.random` alone, which Python promises never to change."""

    def __init__(self, seed: int) -> None:
        self.random = Random(seed).random

    def chance(self, probability: float) -> bool:
        """True as often as that."""
        return self.random() < probability

    def pick(self, choices: Sequence[Choice]) -> Choice:
        """One of these."""
        return choices[int(self.random() * len(choices))]

    def draw(self, weights: dict[Choice, int]) -> Choice:
        """One of these, by weight."""
        rest = self.random() * sum(weights.values())
        for choice, weight in weights.items():
            rest -= weight
            if rest < 0:
                return choice
        return choice

    def phrase(self, kinds: tuple[str, ...], weights: dict[str, int], subject: Phrase | None = None) -> Phrase:
        """A noun phrase of some kind; `subject` is whose things they are ("his hat")."""
        noun = self.pick(nouns(kinds))
        determiner = self.draw(weights)
        if "kin" in noun.kinds and determiner in ("def", "indef", "dies", "jed", "number", "viel"):
            determiner = self.pick(("1s", "own", "1p", "1s")) if self.chance(0.8) else "def"
        mine = fits(noun.kinds, ("own", "clothes", "kin", "pet", "toy", "text"))
        if determiner == "own" or determiner in ("1s", "1p") and not mine:
            code = self.possessor(subject) if determiner == "own" and subject else ""
            determiner = code if mine and code else "def" if "kin" not in noun.kinds else "1s"
        plural = bool(noun.plural) and (determiner in ("number", "viel") or self.chance(0.22)) and determiner != "jed"
        if not noun.plural and determiner in ("dies", "jed", "number", "viel", "indef"):
            determiner = "def" if determiner != "indef" else "indef"
        adjectives = words(lexicon.ADJECTIVES, noun.kinds)
        phrase = Phrase("3p" if plural else "3s", noun, determiner=determiner)
        if adjectives and self.chance(0.22):
            phrase.adjective = self.pick(adjectives)
        if determiner == "number":
            german, english = self.pick(NUMBERS.split()).split("=")
            phrase.number, phrase.determiner = (german, english), ""
        elif determiner == "indef" and (plural or not noun.plural):
            phrase.determiner = "bare"
        elif determiner == "owner":
            phrase.determiner = "def"
            phrase.owner = self.owner() if fits(noun.kinds, ("own", "clothes", "pet", "kin")) else None
        elif determiner == "with":
            phrase.determiner = "def"
            if "person" in noun.kinds:
                phrase.attribute = (slot("mit+dat/with:hat"), self.phrase(("hat",), {"def": 1}))
        return phrase

    def owner(self) -> Phrase:
        """Whose: a name or a person."""
        return self.name() if self.chance(0.5) else self.phrase(("adult",), {"def": 1})

    def name(self) -> Phrase:
        """A person by name."""
        gender = self.pick("mf")
        name = self.pick(NAMES[gender].split())
        return Phrase("3s", name=(name, name), gender=gender)
