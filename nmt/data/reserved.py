"""What train and dev never have, and test has: names, numbers, compounds, and combinations of words and structure."""

from collections.abc import Iterator
from functools import cache

from nmt.data.clauses import Clause
from nmt.data.inflection import Noun
from nmt.data.nominals import Phrase

NAMES = {
    "m": "Waldemar Tobias Ruben Benedikt Konrad Valentin Hannes Moritz",
    "f": "Rosalie Friederike Carlotta Mathilda Isabella Viktoria Henrike Johanna",
}
COUNTS, YEARS = range(13, 100, 5), range(1953, 2020, 5)

# A compound is one of these before the noun: "Küchentisch", kitchen table.
FIRST_PARTS = "Garten=garden Küchen=kitchen Büro=office Hotel=hotel Schul=school Keller=cellar"
SECOND_PARTS = "Tisch Stuhl Tür Fenster Lampe Schrank Uhr Regal Sofa Radio Teppich Schlüssel"

# Every combination as a structure and the words that train and dev never have in it, though both are common there.
HELD_OUT = {
    "dative": "Nachbar Ärztin Bäcker Pilotin Kaninchen Pony",
    "plural": "Sängerin Gärtner Kamel Roman Vase",
    "perfect": "kochen holen fragen umarmen einpacken",
    "last": "putzen füttern malen abholen trinken",
    "negated": "schreiben reparieren besuchen zumachen einladen helfen grüßen waschen",
    "modal": "suchen backen zeichnen anrufen",
}


UNSEEN_NAMES = frozenset(" ".join(NAMES.values()).split())
UNSEEN_COUNTS = frozenset(map(str, COUNTS))
UNSEEN_YEARS = frozenset(f"in {year}" for year in YEARS)
COMBINATIONS = frozenset((structure, word) for structure, words in HELD_OUT.items() for word in words.split())


def unseen_compound(first: int, second: int) -> bool:
    """Whether a compound of these parts, by their numbers, is left to test; every part has others in train."""
    return (first + second) % 4 == 0


UNSEEN_COMPOUNDS = frozenset(
    first.split("=")[0] + second.lower()
    for number, first in enumerate(FIRST_PARTS.split())
    for other, second in enumerate(SECOND_PARTS.split())
    if unseen_compound(number, other)
)


@cache
def compounds(noun: Noun) -> tuple[tuple[Noun, bool], ...]:
    """The compounds that end in a noun, and whether each is left to test."""
    if noun.german not in SECOND_PARTS.split():
        return ()
    made = []
    for part in FIRST_PARTS.split():
        german, english = part.split("=")
        compound = Noun(
            noun.gender, german + noun.german.lower(), german + noun.plural.lower(), f"{english} {noun.english}",
            f"{english} {noun.english_plural}", noun.weak, tuple(kind for kind in noun.kinds if kind != "soft"),
        )  # fmt: skip
        made.append((compound, compound.german in UNSEEN_COMPOUNDS))
    return tuple(made)


def reserved_labels(clause: Clause, order: str) -> Iterator[str]:
    """The labels of what is left to test in a clause, in an order of words, and in the clauses inside it."""
    if any(combination in COMBINATIONS for combination in structures(clause, order)):
        yield "held out"
    if clause.time and clause.time.english in UNSEEN_YEARS:
        yield "unseen number"
    for phrase in every_phrase(clause):
        if phrase.number[0] in UNSEEN_COUNTS:
            yield "unseen number"
        if phrase.noun and phrase.noun.german in UNSEEN_COMPOUNDS:
            yield "unseen compound"
        if phrase.name[0] and not UNSEEN_NAMES.isdisjoint(phrase.name[0].split()):
            yield "unseen name"
        if phrase.relative and phrase is not clause.gap:
            yield from reserved_labels(phrase.relative, "last")


def structures(clause: Clause, order: str) -> Iterator[tuple[str, str]]:
    """Every structure of `HELD_OUT` in a clause with the word that is in it, whether it is held out or not."""
    verb = clause.verb.prefix + clause.verb.infinitive
    present = {
        "perfect": clause.tense == "perfect" and not clause.modal,
        "last": order in ("last", "linked"),
        "negated": clause.negative,
        "modal": bool(clause.modal),
    }
    yield from ((structure, verb) for structure, there in present.items() if there and order != "zu")
    places = [clause.place] if clause.place else []
    phrases = list(every_phrase(clause))
    pairs = [*clause.objects, *places, *(phrase.attribute for phrase in phrases if phrase.attribute)]
    yield from (("dative", phrase.noun.german) for slot, phrase in pairs if slot.case == "dat" and phrase.noun)
    yield from (("plural", phrase.noun.german) for phrase in phrases if phrase.plural and phrase.noun)


def every_phrase(clause: Clause) -> Iterator[Phrase]:
    """The phrases of a clause with their owners and attributes, but not those of its relative clauses."""
    rest = [*clause.phrases(), *([clause.causee] if clause.causee else [])]
    while rest:
        phrase = rest.pop()
        yield phrase
        rest += [phrase.owner] if phrase.owner else []
        rest += [phrase.attribute[1]] if phrase.attribute else []
