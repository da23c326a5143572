"""Clauses that are no language yet, and how German and English read them.

A clause is read as fields (Drach 1937): its parts by name. `GERMAN` and `ENGLISH` are the orders of the fields, and
what differs between a main clause, a question and a subordinate clause is there and nowhere else.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from nmt.data import inflection
from nmt.data.inflection import Slot, Verb, Word
from nmt.data.nominals import Phrase, column, human, prepositional
from nmt.data.notes import PLAIN, Notes
from nmt.data.predicates import english_verbs, german_verbs

MIDDLE = "pronoun causee dative time often accusative not manner place object complement "
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


@dataclass(slots=True, eq=False)
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

    def phrases(self) -> Iterator[Phrase]:
        """The phrases in it."""
        places = [self.place] if self.place else []
        yield from (self.subject, *(phrase for _, phrase in (*self.objects, *places)))

    def verbs(self, phrase: Phrase) -> tuple[str, ...]:
        """The verbs that a phrase of this clause stands beside: this one and that of its relative clause."""
        near = (self.verb,) if phrase.relative is None else (self.verb, phrase.relative.verb)
        return tuple(verb.prefix + verb.infinitive for verb in near)

    def read(self, order: str, notes: Notes = PLAIN) -> str:
        """The clause in an order of `GERMAN` or `ENGLISH`."""
        return self.german(order, notes) if order in GERMAN else self.english(order, notes)

    def german(self, order: str, notes: Notes = PLAIN) -> str:
        """The German clause; the relative clause of an object follows the bracket."""
        fields: dict[str, list[str]] = {}

        def put(name: str, *words: str) -> None:
            fields.setdefault(name, []).extend(filter(None, words))

        if self.subject is not self.gap:
            put("subject", self.subject.german("nom", notes, self.verbs(self.subject)))
            put("subject", relative(self.subject, "german", notes))
        else:
            put("link", relative_pronoun("nom", self.subject, notes))
        for slot, phrase in self.objects:
            if phrase is self.gap:
                put("link", slot.german, relative_pronoun(slot.case, phrase, notes))
                continue
            case = "acc" if slot.case == "role" else slot.case
            if slot.german:
                text = prepositional(slot, phrase, notes, self.verbs(phrase))
            else:
                text = phrase.german(case, notes, self.verbs(phrase))
            put(german_field(slot, phrase), text)
            put("after", relative(phrase, "german", notes))
        if self.causee:
            put("causee", self.causee.german("acc", notes))
        if self.place:
            put("place", prepositional(*self.place, notes, self.verbs(self.place[1])))
        if self.state:
            put("complement", self.state[0], notes.state(self.state[1].german, self))
        kein = any(phrase.determiner == "kein" for _, phrase in self.objects)
        put("not", notes.negation("nicht") if self.negative and not kein else "")
        for name, word in (("time", self.time), ("often", self.often), ("manner", self.manner)):
            put(name, word.german if word else "")
        self.put_german_verbs(fields, order, notes)
        if order == "second":
            fields["front"] = fields.pop(self.front)
        return in_order(fields, LINKED["german"] if order == "linked" else GERMAN[order])

    def put_german_verbs(self, fields: dict[str, list[str]], order: str, notes: Notes) -> None:
        """Adds the verb: finite, at the end of the bracket, or with "zu"."""
        finite, end = german_verbs(self)
        prefix, infinitive = self.verb.prefix, self.verb.infinitive
        if order == "zu":
            zu = f"{prefix}zu{infinitive}" if prefix else infinitive
            fields["zu"] = ["" if prefix else "zu", notes.infinitive(zu, self)]
            return
        fields["joined"] = [end and notes.closing(end, self)]
        fields["end"] = fields["joined"] if end else [prefix and notes.prefix(prefix, self)]
        if order in ("second", "first") or end:
            fields["finite"] = [notes.finite(finite, self)]
        else:
            fields["finite"] = [notes.last(notes.finite(prefix + finite, self, prefix), self)]

    def english(self, order: str, notes: Notes = PLAIN) -> str:
        """The English clause."""
        fields: dict[str, list[str]] = {"particle": [self.verb.particle]}
        if self.subject is not self.gap:
            fields["subject"] = [self.subject.english(notes, self.verbs(self.subject), subject=True)]
            fields["subject"].append(relative(self.subject, "english", notes))
        else:
            fields["link"] = [notes.link("who", self.subject, "") if human(self.subject) else "that"]
        if order in ("bare", "to"):
            base = notes.infinitive(self.verb.english, self)
            fields |= {"verb": [base if order == "bare" else ""], "to": ["to", base]}
        else:
            question = order == "question"
            verbs = notes.predicate(english_verbs(self, question), self, question)
            fields |= {name: [word] for name, word in zip(("operator", "auxiliary", "verb"), verbs, strict=True)}
        # "explained to the guest the word that ...": at the end, "to" would belong to the relative clause.
        long = any(phrase.relative and slot.case == "acc" for slot, phrase in self.objects if phrase is not self.gap)
        for slot, phrase in self.objects:
            if phrase is self.gap:
                who = notes.link("whom", phrase, "") if human(phrase) else "which" if slot.english else "that"
                given = slot.case == "dat" and len(self.objects) > 1  # "to whom she gave it"
                fields["link"] = [slot.english or ("to" if given else ""), who]
                continue
            to_whom = slot.case == "dat" and slot.german == ""
            name = "recipient" if to_whom and (long or not slot.english) else "complement" if slot.english else "direct"
            words = [slot.english, "the" if slot.case == "role" else "", phrase.english(notes, self.verbs(phrase))]
            fields.setdefault(name, []).extend([*words, relative(phrase, "english", notes)])
            if phrase.pronouns[1] and name == "direct":
                fields["late_particle"] = fields.pop("particle", [])
        self.put_english_rest(fields, order, notes)
        return in_order(fields, LINKED["english"] if order == "linked" else ENGLISH[order])

    def put_english_rest(self, fields: dict[str, list[str]], order: str, notes: Notes) -> None:
        """Adds what is neither verb nor object."""
        if self.causee:
            fields["causee"] = [self.causee.english(notes)]
        if self.state:
            fields["complement"] = [{"zu": "too", "sehr": "very"}.get(self.state[0], ""), self.state[1].english]
        if self.place:
            fields["place"] = [self.place[0].english, self.place[1].english(notes, self.verbs(self.place[1]))]
        early = self.front == "time" and order == "plain"
        for name, word in (("early" if early else "time", self.time), ("often", self.often), ("manner", self.manner)):
            fields[name] = [word.english if word else ""]


def in_order(fields: dict[str, list[str]], order: str) -> str:
    """The words of the fields in an order."""
    return " ".join([word for name in order.split() for word in fields.get(name, ()) if word])


def relative(phrase: Phrase, language: str, notes: Notes) -> str:
    """The relative clause of a phrase, if it has one: between commas in German, without in English."""
    if phrase.relative is None:
        return ""
    if language == "german":
        return f", {phrase.relative.german('linked', notes)} ,"
    return phrase.relative.english("linked", notes)


def relative_pronoun(case: str, phrase: Phrase, notes: Notes) -> str:
    """The German relative pronoun for a phrase."""
    return notes.link(inflection.RELATIVES[case].split()[column(phrase)], phrase, case)


def german_field(slot: Slot, phrase: Phrase) -> str:
    """Where an object stands in German: what is known before what is new."""
    if slot.german or slot.case == "role":
        return "complement"
    if phrase.pronouns[0]:
        return "pronoun"
    known = phrase.determiner not in ("indef", "kein", "viel", "bare", "") or phrase.owner or phrase.noun is None
    return "dative" if slot.case == "dat" else "accusative" if known else "object"
