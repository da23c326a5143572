"""The words of the embedded corpus by kind, and phrases drawn from them that make sense."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache
from random import Random
from typing import TypeVar

from nmt.data import lexicon, reserved, senses, verbs
from nmt.data.inflection import Noun, Slot, Verb, Word, entries, noun, slot, verb, word
from nmt.data.nominals import Phrase, human

Choice = TypeVar("Choice")
SUBJECTS = {
    "def": 50,
    "indef": 10,
    "dies": 7,
    "1s": 9,
    "1p": 4,
    "jed": 3,
    "number": 5,
    "viel": 2,
    "owner": 4,
    "with": 3,
}
OBJECTS = {"def": 42, "indef": 34, "dies": 6, "own": 18, "1s": 3, "number": 6, "viel": 3, "owner": 2}
KNOWN = {"def": 60, "dies": 6, "own": 20, "1s": 8, "1p": 4, "owner": 4}
WORN = (("clothes",), ("worn",), ("headgear",))  # of which each has one
WITH, BESIDE = slot("mit+dat/with:hat"), slot("neben+dat/next_to:flat|upright")
ES = Phrase(pronouns=("3n", "3n"), gender="n")
NAMES = {
    "m": "Peter Paul Jonas Felix Emil Karl Anton Oskar David Simon Martin Georg Leon Jakob Robert Daniel Stefan Erik",
    "f": "Anna Maria Lena Clara Sophie Emma Julia Laura Nina Paula Eva Hanna Ida Marta Greta Lisa Sarah Katharina",
}
NUMBERS = "zwei=two drei=three vier=four fünf=five sechs=six sieben=seven acht=eight neun=nine zehn=ten zwölf=twelve"

COUNTS = tuple(count for count in range(13, 100) if count not in reserved.COUNTS)

NOUNS = tuple(noun(kinds, entry) for kinds, entry in entries(lexicon.NOUNS))
VERBS, SPEECH, STARTS, WEATHER = (
    tuple(verb(entry) for _, entry in entries(table))
    for table in (verbs.VERBS, verbs.SPEECH, verbs.STARTS, verbs.WEATHER)
)
BE = verb("sein ist war *gewesen = be was been ! : any")
ACTIONS = tuple(verb for verb in VERBS if not verb.state)
MOMENTS = ("vergessen", "verlieren", "verpassen", "finden", "fangen")
LASTING = tuple(verb for verb in VERBS if verb.infinitive not in MOMENTS)
STEADY = ("kennen", "lieben", "mögen", "vertrauen", "gehören", "schulden", "verstehen")
HABITS = tuple(verb for verb in VERBS if verb.infinitive not in (*STEADY, "bauen", "finden", "hören"))
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
def placings(name: str) -> tuple[Slot, ...]:
    """The prepositions of a posture, each with what it goes with."""
    return tuple(slot(entry) for heads, entry in entries(lexicon.PLACINGS) if name in heads)


@cache
def verbs_with(kinds: tuple[str, ...], main: str, past: bool) -> tuple[tuple[Verb, int | None], ...]:
    """Verbs other than `main` with a place for such a noun: as a subject (None) or as the slot of this number."""
    others = [verb for verb in (VERBS if past else LASTING) if verb.infinitive != main]
    subjects = [(verb, None) for verb in others if fits(verb.subject, kinds)]
    objects = [
        (verb, index)
        for verb in others
        for index, slot in enumerate(verb.slots)
        if fits(slot.kinds, kinds) and slot.case != "role"
    ]
    return (*subjects, *objects)


def fits(some: Sequence[str], others: Sequence[str]) -> bool:
    """Whether they have a kind in common."""
    # `any` takes twice the time, and this is asked more often than anything else.
    for kind in some:  # noqa: SIM110
        if kind in others:
            return True
    return False


class Phrases:
    """Draws phrases with numbers from `Random.random` alone, which Python promises never to change."""

    def __init__(self, seed: int, unseen: bool = False) -> None:
        self.random = Random(seed).random
        self.unseen = unseen  # whether to draw names, numbers and compounds that are left to test

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

    def phrase(
        self,
        kinds: tuple[str, ...],
        weights: dict[str, int],
        subject: Phrase | None = None,
        without: tuple[Noun | None, ...] = (),
        number: str = "",
    ) -> Phrase:
        """A noun phrase of some kind with another noun than those; `subject` is whose things they are ("his hat").

        A `number` of "s" or "p" is that of the phrase, where the noun has it.
        """
        noun = self.pick([noun for noun in nouns(kinds) if noun not in without] if without else nouns(kinds))
        noun, whole = self.compound(noun), senses.WHOLES.get(noun.kinds[0])
        determiner = "def" if whole else self.draw(weights)
        if "kin" in noun.kinds and determiner in ("def", "indef", "dies", "jed", "number", "viel"):
            determiner = self.pick(("1s", "own", "1p", "1s")) if self.chance(0.8) else "def"
        mine = fits(noun.kinds, ("own", "clothes", "kin", "pet", "toy", "text"))
        if determiner == "own" or (determiner in ("1s", "1p") and not mine):
            code = self.possessor(subject) if determiner == "own" and subject else ""
            determiner = code if mine and code else "def" if "kin" not in noun.kinds else "1s"
        single = (
            number == "s"
            or whole is not None
            or not noun.plural
            or "single" in noun.kinds
            or (determiner == "indef" and (weights is SUBJECTS or "place" in noun.kinds))
        )
        plural = not single and (number == "p" or determiner in ("number", "viel") or self.chance(0.22))
        plural = plural and determiner != "jed"
        if (not noun.plural and determiner in ("dies", "jed")) or (
            (single or number) and determiner in ("number", "viel")
        ):
            determiner = "def"
        adjectives = words(lexicon.ADJECTIVES, noun.kinds)
        phrase = Phrase("3p" if plural else "3s", noun, determiner=determiner)
        if adjectives and self.chance(0.22):
            phrase.adjective = self.pick(adjectives)
        self.determine(phrase, noun, determiner)
        if whole:
            phrase.attribute = (whole, self.phrase(whole.kinds, {"def": 1}, number="s"))
        return phrase

    def determine(self, phrase: Phrase, noun: Noun, determiner: str) -> None:
        """What a determiner brings with it: a number, an owner, a hat."""
        if determiner == "number":
            phrase.number, phrase.determiner = self.count(), ""
        elif determiner == "indef" and (phrase.plural or not noun.plural):
            phrase.determiner = "bare"
        elif determiner == "owner":
            phrase.determiner = "def"
            phrase.owner = self.owner() if fits(noun.kinds, ("own", "clothes", "pet", "kin")) else None
        elif determiner == "with":
            phrase.determiner = "def"
            if "person" in noun.kinds:
                phrase.attribute = (WITH, replace(self.phrase(WITH.kinds, {"def": 1}), person=phrase.person))

    def compound(self, noun: Noun) -> Noun:
        """The noun, or now and then a compound that ends in it."""
        choices = reserved.compounds(noun)
        if not choices or not self.chance(0.4 if self.unseen else 0.25):
            return noun
        return self.pick([compound for compound, unseen in choices if unseen == self.unseen])

    def count(self) -> tuple[str, str]:
        """How many: two to twelve as a word, more in figures."""
        if self.chance(0.6):
            german, english = self.pick(NUMBERS.split()).split("=")
            return german, english
        figure = str(self.pick(reserved.COUNTS if self.unseen else COUNTS))
        return figure, figure

    def owner(self) -> Phrase:
        """Whose: a name or a person."""
        return self.name() if self.chance(0.5) else self.phrase(("adult",), {"def": 1})

    def name(self) -> Phrase:
        """A person by name."""
        gender = self.pick("mf")
        name = self.pick((reserved.NAMES if self.unseen and self.chance(0.3) else NAMES)[gender].split())
        return Phrase("3s", name=(name, name), gender=gender)

    def subject(self, kinds: tuple[str, ...]) -> Phrase:
        """Someone or something for a subject."""
        if fits(kinds, ("person", "adult")) and self.chance(0.34):
            kind = self.draw({"name": 18, "pair": 3, "1s": 9, "1p": 5})
            if kind == "name":
                return self.name()
            if kind == "pair":
                one, other = self.name().name[0], self.name().name[0]
                return Phrase("3p", name=(f"{one} und {other}", f"{one} and {other}")) if one != other else self.name()
            return Phrase(kind, pronouns=(kind, kind))
        return self.phrase(kinds, SUBJECTS)

    def possessor(self, phrase: Phrase) -> str:
        """The key of "his", "her", "my" and so on for a phrase; empty where English and German differ."""
        if phrase.person != "3s":
            return phrase.person if phrase.noun is None else ""
        gender = phrase.noun.gender if phrase.noun else phrase.gender
        return "3" + gender if human(phrase) and gender in ("m", "f") else ""

    def pronoun(self, phrase: Phrase) -> Phrase | None:
        """The pronoun for a phrase; None for a child or a girl, where usage is divided."""
        if phrase.pronouns[0] and phrase is not ES:
            return phrase
        if phrase.plural:
            return Phrase("3p", pronouns=("3p", "3p"), antecedent=phrase)
        gender = phrase.noun.gender if phrase.noun else phrase.gender
        if human(phrase):
            return (
                Phrase(gender=gender, pronouns=("3" + gender, "3" + gender), antecedent=phrase)
                if gender != "n"
                else None
            )
        return Phrase(gender=gender, pronouns=("3" + gender, "3n"), antecedent=phrase)

    def known(self, phrase: Phrase, kinds: tuple[str, ...]) -> Phrase:
        """The phrase, or another if it is new: "not" goes badly with "a dog"."""
        new = phrase.noun and phrase.determiner in ("indef", "bare", "viel", "jed", "")
        return self.phrase(kinds, KNOWN) if new else phrase

    def object(self, slot: Slot, subject: Phrase, negative: bool = False) -> Phrase:
        """A phrase for a slot of a verb; in a negative clause definite, or else what "kein" negates."""
        if slot.case == "role":
            return Phrase("3s", self.pick(nouns(slot.kinds)))
        number = subject.person[1] if slot.kinds in WORN else ""
        if not negative:
            weights = KNOWN if slot.case == "dat" or "surface" in slot.kinds else OBJECTS
            return self.phrase(slot.kinds, weights, subject, (subject.noun,), number)
        none = slot.case == "acc" and not slot.german and not slot.english and self.chance(0.5)
        phrase = self.phrase(slot.kinds, {"indef": 1} if none else KNOWN, subject, (subject.noun,), number)
        if phrase.determiner in ("indef", "bare"):
            several = phrase.noun is not None and phrase.noun.plural and number != "s" and self.chance(0.7)
            phrase.determiner, phrase.person = "kein", "3p" if several else phrase.person
        return phrase

    def placing(self, name: str) -> tuple[Slot, Phrase]:
        """Where someone or something sits, lies or stands."""
        where = self.pick(placings(name))
        return where, self.phrase(where.kinds, {"def": 11, "dies": 1})

    def place(self, kinds: tuple[str, ...]) -> tuple[Slot, Phrase]:
        """In which room, at which station."""
        where = self.pick(nouns(kinds))
        german, english, _ = where.kinds[-1].split("/")
        phrase = Phrase("3s", where, determiner="def" if self.chance(0.88) or not where.plural else "indef")
        if self.chance(0.12):
            phrase.adjective = self.pick(words(lexicon.ADJECTIVES, ("place",)))
        return Slot("dat", (), german, english), phrase

    def goal(self, kinds: tuple[str, ...]) -> tuple[Slot, Phrase]:
        """To which room, to which station."""
        where = self.pick(nouns(kinds))
        german = where.kinds[-1].split("/")[-1]
        return Slot("dat" if german == "zu" else "acc", (), german, "to"), Phrase("3s", where, determiner="def")
