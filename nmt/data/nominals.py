"""Noun phrases that are no language yet, and how German and English read them."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from nmt.data import inflection
from nmt.data.inflection import DETERMINERS, ENDINGS, GENDERS, PRONOUNS, Noun, Slot, Word
from nmt.data.notes import PLAIN, Notes

if TYPE_CHECKING:
    from nmt.data.clauses import Clause


@dataclass(slots=True, eq=False)
class Phrase:
    """A noun phrase, a name or a pronoun; `person` is what a verb agrees with: 1s 2s 3s 1p 3p.

    `antecedent` is what a pronoun stands for.
    """

    person: str = "3s"
    noun: Noun | None = None
    name: tuple[str, str] = ("", "")
    gender: str = ""
    pronouns: tuple[str, str] = ("", "")
    determiner: str = ""
    number: tuple[str, str] = ("", "")
    adjective: Word | None = None
    owner: "Phrase | None" = None
    attribute: "tuple[Slot, Phrase] | None" = None
    relative: "Clause | None" = None
    antecedent: "Phrase | None" = None

    @property
    def plural(self) -> bool:
        """Whether there are several."""
        return self.person[1] == "p"

    def german(self, case: str, notes: Notes = PLAIN, near: tuple[str, ...] = ()) -> str:
        """The German phrase in a case, beside verbs, without its relative clause."""
        if self.pronouns[0]:
            word = PRONOUNS[self.pronouns[0]].split()[("nom", "acc", "dat").index(case)]
            return notes.head(notes.pronoun(word, self, case), self)
        if self.noun is None:
            return notes.head(self.name[0], self)
        paradigm, endings = self.declension()
        article = notes.article(self.article(case, column(self)), self, case, near) if paradigm else ""
        after, owned = "", self.owner
        if owned is not None and owned.name[0]:
            article = owned.name[0] + ("'" if owned.name[0][-1] in "sxz" else "s")
        elif owned is not None:
            after = owned.german("gen", notes)
        adjective = ""
        if self.adjective:
            adjective = self.adjective.stem + ENDINGS[endings][case].split()[column(self)]
            adjective = notes.adjective(adjective, self, case)
        noun = notes.head(notes.noun(self.noun.forms(case, self.plural), self, case, near), self)
        words = [article, self.number[0], adjective, noun, after]
        if self.attribute:
            words.append(prepositional(*self.attribute, notes))
        return " ".join(filter(None, words))

    def declension(self) -> tuple[str, str]:
        """The names of the endings of the German article and of the adjective after it."""
        if self.owner is not None:
            return ("", "strong") if self.owner.name[0] else ("def", "weak")
        _, paradigm, endings, *_ = DETERMINERS.get(self.determiner, ("", "", "strong"))
        return paradigm, endings

    def article(self, case: str, column: int) -> str:
        """The German article in a case and a column of the tables; empty where there is none."""
        paradigm, _ = self.declension()
        stem = "" if self.owner is not None else DETERMINERS.get(self.determiner, ("",))[0]
        return stem + ENDINGS[paradigm][case].split()[column].replace("-", "") if paradigm else ""

    def english(self, notes: Notes = PLAIN, near: tuple[str, ...] = (), subject: bool = False) -> str:
        """The English phrase, as a subject or elsewhere, beside verbs, without its relative clause."""
        if self.pronouns[1]:
            word = PRONOUNS[self.pronouns[1]].split()[3 if subject else 4]
            return notes.head(notes.pronoun(word, self, "subject" if subject else "object"), self)
        if self.noun is None:
            return notes.head(self.name[1], self)
        determiner = DETERMINERS[self.determiner][4 if self.plural else 3] if self.determiner in DETERMINERS else ""
        if self.owner is not None:
            determiner = possessive(self.owner.english())
        elif not self.noun.plural and self.determiner in ("indef", "kein"):
            determiner = "any" if self.determiner == "kein" else ""
        word = self.noun.english_plural if self.plural else self.noun.english
        word = notes.head(notes.noun(word, self, "", near), self)
        words = [self.number[1], self.adjective.english if self.adjective else "", word]
        text = " ".join(filter(None, words))
        if determiner == "a" and inflection.VOWEL_SOUND.match(text):
            determiner = "an"
        if determiner in ("his", "her"):
            determiner = notes.possessive(determiner, self)
        words = [determiner, text]
        if self.attribute:
            words += [self.attribute[0].english, self.attribute[1].english(notes)]
        return " ".join(filter(None, words))


def human(phrase: Phrase) -> bool:
    """Whether a phrase is "who" and not "that"."""
    return phrase.noun is None or "person" in phrase.noun.kinds


def column(phrase: Phrase) -> int:
    """The place of a phrase in a paradigm."""
    return 3 if phrase.plural else GENDERS.index(phrase.noun.gender if phrase.noun else phrase.gender)


def prepositional(slot: Slot, phrase: Phrase, notes: Notes = PLAIN, near: tuple[str, ...] = ()) -> str:
    """A German prepositional phrase: "im Garten", but "in dem Garten, der ..."; without a preposition a genitive."""
    contracted = ""
    if phrase.determiner == "def" and not phrase.owner and not phrase.relative and phrase.noun:
        contracted = inflection.CONTRACTIONS.get(f"{slot.german} {phrase.article(slot.case, column(phrase))}", "")
    text = phrase.german(slot.case, notes, near)
    if contracted and phrase.noun:
        return f"{notes.contraction(contracted, phrase.noun)} {text.split(' ', 1)[1]}"
    return f"{slot.german} {text}".strip()


def possessive(text: str) -> str:
    """The English genitive of a phrase."""
    return text + ("'" if text.endswith("s") and not text.endswith("ss") else "'s")
