"""Phrases and clauses that are no language yet, and how German and English read them.

A clause is read as fields (Drach 1937): its parts by name. `GERMAN` and `ENGLISH` are the orders of the fields, and
what differs between a main clause, a question and a subordinate clause is there and nowhere else.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from nmt.data import inflection
from nmt.data.inflection import DETERMINERS, ENDINGS, GENDERS, MODALS, PRONOUNS, Noun, Slot, Verb, Word

MIDDLE = "pronoun causee dative time accusative often not manner place object complement "
GERMAN = {
    "second": "front finite subject " + MIDDLE + "end after",
    "first": "finite subject " + MIDDLE + "end after",
    "last": "subject " + MIDDLE + "joined finite after",
    "zu": MIDDLE + "zu after",
}
OBJECTS = "causee verb particle recipient direct late_particle manner complement place "
ENGLISH = {
    "plain": "early subject operator often auxiliary " + OBJECTS + "time after",
    "question": "operator subject often auxiliary " + OBJECTS + "time after",
    "bare": "verb " + OBJECTS.replace("verb ", "") + "time after",
    "to": "to " + OBJECTS + "time after",
}
LINKED = {"german": GERMAN["last"].replace("subject ", "link subject "), "english": "link " + ENGLISH["plain"]}


@dataclass(slots=True)
class Phrase:
    """A noun phrase, a name or a pronoun; `person` is what a verb agrees with: 1s 2s 3s 1p 3p."""

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

    @property
    def plural(self) -> bool:
        """Whether there are several."""
        return self.person[1] == "p"

    def german(self, case: str) -> str:
        """The German phrase in a case, without its relative clause."""
        if self.pronouns[0]:
            return PRONOUNS[self.pronouns[0]].split()[("nom", "acc", "dat").index(case)]
        if self.noun is None:
            return self.name[0]
        column = 3 if self.plural else GENDERS.index(self.noun.gender)
        stem, paradigm, endings, *_ = DETERMINERS.get(self.determiner, ("", "", "strong"))
        after = ""
        if self.owner is not None:
            named = bool(self.owner.name[0])
            stem, paradigm, endings = (self.owner.name[0] + "s", "", "strong") if named else ("", "def", "weak")
            after = "" if named else self.owner.german("gen")
        article = stem + (ENDINGS[paradigm][case].split()[column].replace("-", "") if paradigm else "")
        adjective = self.adjective.stem + ENDINGS[endings][case].split()[column] if self.adjective else ""
        words = [article, self.number[0], adjective, self.noun.forms(case, self.plural), after]
        if self.attribute:
            words.append(prepositional(*self.attribute))
        return " ".join(filter(None, words))

    def english(self, subject: bool = False) -> str:
        """The English phrase, as a subject or elsewhere, without its relative clause."""
        if self.pronouns[1]:
            return PRONOUNS[self.pronouns[1]].split()[3 if subject else 4]
        if self.noun is None:
            return self.name[1]
        determiner = DETERMINERS[self.determiner][4 if self.plural else 3] if self.determiner in DETERMINERS else ""
        if self.owner is not None:
            determiner = possessive(self.owner.english())
        if not self.noun.plural and self.determiner in ("indef", "kein"):
            determiner = "any" if self.determiner == "kein" else ""
        word = self.noun.english_plural if self.plural else self.noun.english
        words = [self.number[1], self.adjective.english if self.adjective else "", word]
        text = " ".join(filter(None, words))
        if determiner == "a" and inflection.VOWEL_SOUND.match(text):
            determiner = "an"
        words = [determiner, text]
        if self.attribute:
            words += [self.attribute[0].english, self.attribute[1].english()]
        return " ".join(filter(None, words))


@dataclass(slots=True)
class Clause:
    """Who does what, when, where and how.

    `tense` is present, past, perfect or future; `gap` is the phrase that a relative clause is about.
    """

    verb: Verb
    subject: Phrase
    objects: tuple[tuple[Slot, Phrase], ...] = ()
    tense: str = "present"
    progressive: bool = False
    modal: str = ""
    negative: bool = False
    state: tuple[str, Word] | None = None  # degree and adjective: "zu", müde
    time: Word | None = None
    often: Word | None = None
    manner: Word | None = None
    place: tuple[Slot, Phrase] | None = None
    causee: Phrase | None = None
    front: str = "subject"
    gap: Phrase | None = None

    def __format__(self, order: str) -> str:
        """The clause in an order of `GERMAN` or `ENGLISH`."""
        return self.german(order) if order in GERMAN else self.english(order)

    def phrases(self) -> Iterator[Phrase]:
        """The phrases in it."""
        places = [self.place] if self.place else []
        yield from (self.subject, *(phrase for _, phrase in (*self.objects, *places)))

    def german(self, order: str) -> str:
        """The German clause; the relative clause of an object follows the bracket."""
        fields: dict[str, list[str]] = {}

        def put(name: str, *words: str) -> None:
            fields.setdefault(name, []).extend(filter(None, words))

        if self.subject is not self.gap:
            put("subject", self.subject.german("nom"), relative(self.subject, "german"))
        for slot, phrase in self.objects:
            text = (
                prepositional(slot, phrase)
                if slot.german
                else phrase.german("acc" if slot.case == "role" else slot.case)
            )
            if phrase is self.gap:
                put("link", slot.german, inflection.RELATIVES[slot.case].split()[column(phrase)])
            else:
                put(german_field(slot, phrase), text)
                put("after", relative(phrase, "german"))
        if self.gap is self.subject:
            put("link", inflection.RELATIVES["nom"].split()[column(self.subject)])
        if self.causee:
            put("causee", self.causee.german("acc"))
        if self.place:
            put("place", prepositional(*self.place))
        if self.state:
            put("complement", self.state[0], self.state[1].german)
        kein = any(phrase.determiner == "kein" for _, phrase in self.objects)
        put("not", "nicht" if self.negative and not kein else "")
        for name, word in (("time", self.time), ("often", self.often), ("manner", self.manner)):
            put(name, word.german if word else "")
        finite, end = german_verbs(self)
        alone = not end and not self.modal
        fields["end"], fields["joined"] = [end or self.verb.prefix], [end]
        fields["finite"] = [finite if order in ("second", "first") or not alone else self.verb.prefix + finite]
        fields["zu"] = [
            f"{self.verb.prefix}zu{self.verb.infinitive}" if self.verb.prefix else "zu " + self.verb.infinitive
        ]
        if order == "second":
            fields["front"] = fields.pop(self.front)
        return read(fields, LINKED["german"] if order == "linked" else GERMAN[order])

    def english(self, order: str) -> str:
        """The English clause."""
        fields: dict[str, list[str]] = {"to": ["to " + self.verb.english], "particle": [self.verb.particle]}
        if self.subject is not self.gap:
            fields["subject"] = [self.subject.english(subject=True), relative(self.subject, "english")]
        else:
            fields["link"] = ["who" if human(self.subject) else "that"]
        operator, auxiliary, verb = english_verbs(self, order == "question")
        fields |= {"operator": [operator], "auxiliary": [auxiliary], "verb": [verb] if order != "to" else []}
        if order == "bare":
            fields["verb"] = [self.verb.english]
        fields["to"] = ["to", self.verb.english]
        for slot, phrase in self.objects:
            if phrase is self.gap:
                fields["link"] = [slot.english, ("whom" if human(phrase) else "which" if slot.english else "that")]
                continue
            name = "complement" if slot.english else "recipient" if slot.case == "dat" else "direct"
            words = [slot.english, "the" if slot.case == "role" else "", phrase.english(), relative(phrase, "english")]
            fields.setdefault(name, []).extend(words)
            if phrase.pronouns[1] and name == "direct":
                fields["late_particle"] = fields.pop("particle", [])
        if self.causee:
            fields["causee"] = [self.causee.english()]
        if self.state:
            fields["complement"] = [{"zu": "too", "sehr": "very"}.get(self.state[0], ""), self.state[1].english]
        if self.place:
            fields["place"] = [self.place[0].english, self.place[1].english()]
        early = self.front == "time" and order == "plain"
        for name, word in (("early" if early else "time", self.time), ("often", self.often), ("manner", self.manner)):
            fields[name] = [word.english if word else ""]
        return read(fields, LINKED["english"] if order == "linked" else ENGLISH[order])


def read(fields: dict[str, list[str]], order: str) -> str:
    """The words of the fields in an order."""
    return " ".join(word for name in order.split() for word in fields.get(name, ()) if word)


def relative(phrase: Phrase, language: str) -> str:
    """The relative clause of a phrase, if it has one: between commas in German, without in English."""
    if phrase.relative is None:
        return ""
    return f", {phrase.relative.german('linked')} ," if language == "german" else phrase.relative.english("linked")


def human(phrase: Phrase) -> bool:
    """Whether a phrase is "who" and not "that"."""
    return phrase.noun is None or "person" in phrase.noun.kinds


def column(phrase: Phrase) -> int:
    """The place of a phrase in a paradigm."""
    return 3 if phrase.plural else GENDERS.index(phrase.noun.gender if phrase.noun else phrase.gender)


def german_field(slot: Slot, phrase: Phrase) -> str:
    """Where an object stands in German: what is known before what is new."""
    if slot.german or slot.case == "role":
        return "complement"
    if phrase.pronouns[0]:
        return "pronoun"
    known = phrase.determiner not in ("indef", "kein", "viel", "bare", "") or phrase.owner or phrase.noun is None
    return "dative" if slot.case == "dat" else "accusative" if known else "object"


def prepositional(slot: Slot, phrase: Phrase) -> str:
    """A German prepositional phrase: "im Garten", but "in dem Garten, der ..."."""
    text = f"{slot.german} {phrase.german(slot.case)}"
    first = " ".join(text.split(" ", 2)[:2])
    if phrase.determiner == "def" and not phrase.owner and not phrase.relative and first in inflection.CONTRACTIONS:
        return inflection.CONTRACTIONS[first] + text[len(first) :]
    return text


def possessive(text: str) -> str:
    """The English genitive of a phrase."""
    return text + ("'" if text.endswith("s") and not text.endswith("ss") else "'s")


def german_verbs(clause: Clause) -> tuple[str, str]:
    """The finite verb and what closes the bracket, without the prefix of a finite verb."""
    verb, person = clause.verb, clause.subject.person
    infinitive = verb.prefix + verb.infinitive
    if clause.modal:
        if clause.tense == "past":
            return inflection.preterite(inflection.PRETERITES[clause.modal], person), infinitive
        return inflection.present(clause.modal, "", person), infinitive
    if clause.tense == "future":
        return inflection.present("werden", "", person), infinitive
    if clause.tense == "perfect":
        return inflection.present(verb.perfect, "", person), verb.participle
    if clause.tense == "past":
        return inflection.preterite(verb.preterite, person), ""
    return inflection.present(verb.infinitive, verb.present, person), ""


def english_verbs(clause: Clause, question: bool) -> tuple[str, str, str]:
    """The operator (what "not" and a question need), other auxiliaries, and the verb."""
    base, person, past = clause.verb.english, clause.subject.person, clause.tense in ("past", "perfect")
    operator, auxiliary, verb, lexical = "", "", base, base
    if clause.modal and clause.progressive:
        operator, auxiliary = inflection.english_finite("be", "was" if past else "", person), "letting"
    elif clause.modal:
        able = clause.modal == "können" and past and not clause.negative  # "could water" is no single event
        lexical, past_form, rest, supported = MODALS["konnten" if able else clause.modal]
        form = (
            inflection.english_finite(lexical, past_form if past else "", person)
            if supported or lexical == "be"
            else ""
        )
        form = form or (past_form if past else lexical)
        operator, auxiliary = ("", f"{form} {rest}") if supported else (form, rest)
    elif clause.tense == "future":
        operator = "will"
    elif base == "be":
        operator, verb = inflection.english_finite("be", "was" if past else "", person), ""
    elif clause.progressive:
        operator, verb = inflection.english_finite("be", "was" if past else "", person), inflection.ing(base)
    else:
        verb = inflection.english_finite(base, clause.verb.past if past else "", person)
    if not operator and (question or clause.negative):
        operator = inflection.english_finite("do", "did" if past else "", person)
        auxiliary, verb = (f"{lexical} {MODALS[clause.modal][2]}", base) if clause.modal else ("", base)
    if clause.negative:
        operator = {"can": "can't", "will": "won't", "am": "am not"}.get(operator, operator + "n't")
    return operator, auxiliary.strip(), verb
