"""Draws clauses that make sense: a verb, what its frame asks for, and what may come with it."""

from functools import cache

from nmt.data import lexicon, reserved
from nmt.data.clauses import Clause, german_field
from nmt.data.inflection import Slot, Verb, Word
from nmt.data.nominals import Phrase, human
from nmt.data.phrases import ACTIONS, HABITS, LASTING, STEADY, VERBS, Phrases, fits, nouns, verbs_with, words

MODALS = {
    "now": {"können": 4, "müssen": 4, "wollen": 3, "dürfen": 2, "sollen": 2, "möchten": 3},
    "habit": {"können": 2, "müssen": 3, "wollen": 2, "dürfen": 2},
    "past": {"können": 3, "müssen": 3, "wollen": 3, "dürfen": 2},
}


YEARS = tuple(year for year in range(1950, 2020) if year not in reserved.YEARS)


class Clauses(Phrases):
    """Draws clauses."""

    def clause(
        self, time: str, verb: Verb | None = None, subject: Phrase | None = None, negative: bool = False
    ) -> Clause:
        """Subject, verb and objects; `time` is past, now, future or habit."""
        verb = verb or self.verb(time)
        subject = subject or self.subject(verb.subject)
        tense = {"past": "past" if verb.state else "perfect", "future": "future"}.get(time, "present")
        objects = tuple((slot, self.object(slot, subject, negative)) for slot in verb.slots)
        clause = Clause(verb, subject, objects, tense, time == "now" and not verb.state, negative=negative)
        if verb.placing:
            clause.objects += (self.placing(verb.placing),)
        if verb.direction:
            rooms = () if verb.infinitive == "fahren" else ("room",)
            clause.objects += (self.goal((*rooms, "hall", "station", "outdoor")),)
        return clause

    def verb(self, time: str) -> Verb:
        """A verb for a time: one doesn't plan to know, nor is losing, nor usually loves."""
        return self.pick({"future": ACTIONS, "now": LASTING, "habit": HABITS}.get(time, VERBS))

    def statement(self, time: str, verb: Verb | None = None, plain: bool = False, affirmed: bool = False) -> Clause:
        """A clause with what may come with it: a modal, a negation, adverbials, another order, a relative clause."""
        verb = verb or self.verb(time)
        negative = not (plain or affirmed) and time != "habit" and self.chance(0.25)
        subject = self.subject(verb.subject)
        clause = self.clause(time, verb, self.known(subject, verb.subject) if negative else subject, negative)
        if not plain:
            self.modal(clause, time)
        self.adverbials(clause, time)
        if not plain:
            self.front(clause)
        return clause

    def modal(self, clause: Clause, time: str) -> None:
        """Perhaps a modal verb."""
        if (
            time in MODALS
            and not clause.verb.state
            and clause.verb.participle != "angekommen"
            and fits(clause.verb.subject, ("person", "pet"))
            and self.chance(0.24)
        ):
            clause.modal, clause.progressive = self.draw(MODALS[time]), False
            if not human(clause.subject):
                clause.modal = self.pick(("können", "dürfen")) if time != "past" else "können"
            clause.tense = "past" if time == "past" else "present"

    def adverbials(self, clause: Clause, time: str) -> None:
        """When, how often, how and where."""
        verb = clause.verb
        often = 0.75 if time == "habit" and verb.manner == "hour" else 0.25
        if verb.manner and not clause.negative and (time, verb.manner) != ("now", "hour") and self.chance(often):
            clause.manner = self.pick(words(lexicon.TIMES, (verb.manner,)))
            clause.progressive &= verb.manner != "hour"
        if verb.places and self.chance(0.3):
            clause.place = self.place(verb.places)
        # "never greets the singer warmly" would have "nie" after the object.
        loose = not (clause.manner and clause.objects) and not clause.negative
        if time == "habit" and loose and self.chance(0.5):
            clause.often = self.frequency(clause.subject)
        elif (
            self.chance({"habit": 1.0, "future": 0.7}.get(time, 0.4))
            and not (time == "now" and (verb.state or clause.modal))
            and verb.infinitive not in STEADY
        ):
            clause.time = self.pick(words(lexicon.TIMES, moments(clause, time)))
            if time == "past" and "past_long" in moments(clause, time) and self.chance(0.4):
                clause.time = self.year()

    def frequency(self, subject: Phrase) -> Word:
        """How often; a dog that is new never never does anything."""
        often = words(lexicon.TIMES, ("often",))
        return self.pick(often[:-1] if subject.determiner in ("indef", "bare") else often)

    def year(self) -> Word:
        """In which year."""
        return in_year(self.pick(reserved.YEARS if self.unseen else YEARS))

    def front(self, clause: Clause) -> None:
        """What stands before the finite verb in German, if not the subject."""
        direct = [phrase for slot, phrase in clause.objects if german_field(slot, phrase) == "accusative"]
        if clause.time and self.chance(0.5):
            clause.front = "time"
        elif clause.place and self.chance(0.2):
            clause.front = "place"
        elif (
            len(direct) == 1
            and masculine(direct[0])
            and not clause.negative
            and human(clause.subject)
            and self.chance(0.25)
        ):
            clause.front = "accusative"

    def attach(self, clause: Clause, time: str, depth: int = 1) -> None:
        """A relative clause to the subject, or to an object that nothing follows."""
        phrases = [clause.subject] if depth == 1 else []
        if not (clause.place or clause.manner or clause.time or clause.often) and clause.objects:
            phrases = [*phrases, clause.objects[-1][1]]
        phrases = [
            phrase
            for phrase in phrases
            if phrase.noun
            and verbs_with(phrase.noun.kinds, clause.verb.infinitive, time == "past")
            and phrase is not clause.gap
            and not phrase.attribute
        ]
        phrases = [phrase for phrase in phrases if phrase.determiner in ("def", "indef", "bare")]
        if phrases:
            target = self.pick(phrases)
            target.relative = self.relative(target, time, clause.verb)

    def relative(self, phrase: Phrase, time: str, main: Verb, depth: int = 1) -> Clause:
        """A clause about a phrase of a clause with the verb `main`, in which it is the subject or an object."""
        assert phrase.noun
        verb, index = self.pick(verbs_with(phrase.noun.kinds, main.infinitive, time == "past"))
        time = "habit" if time == "future" else time
        if index is None:
            clause = self.clause(time, verb, phrase)
        else:
            clause = self.clause(time, verb)
            if open_to_both(clause.subject, phrase, verb.slots[index]):
                number = "s" if phrase.plural else "p"
                clause.subject = self.phrase(verb.subject, {"def": 1}, without=nouns(("single",)), number=number)
            clause.objects = tuple(
                (slot, phrase if i == index else other) for i, (slot, other) in enumerate(clause.objects)
            )
        if time == "past":
            clause.tense = "past"
        clause.gap = phrase
        if index is None and verb.places and self.chance(0.4):
            clause.place = self.place(verb.places)
        elif depth > 1:
            self.attach(clause, time, depth)
        return clause


@cache
def in_year(year: int) -> Word:
    """The same adverbial for the same year: "im Jahr 1987", in 1987."""
    return Word(f"im Jahr {year}", "", f"in {year}")


def open_to_both(subject: Phrase, gap: Phrase, slot: Slot) -> bool:
    """Whether either could be the subject: "die Frau, die die Katze sah", where no ending tells."""
    objects = (slot.case, slot.german) == ("acc", "") and subject.plural == gap.plural
    return objects and not (subject.pronouns[0] or shows_case(subject) or shows_case(gap))


def shows_case(phrase: Phrase) -> bool:
    """Whether nominative and accusative differ."""
    return phrase.noun is not None and phrase.noun.gender == "m" and not phrase.plural


def moments(clause: Clause, time: str) -> tuple[str, ...]:
    """The kinds of adverbials of time that go with a clause."""
    young = clause.subject.noun is not None and "young" in clause.subject.noun.kinds
    long = clause.verb.prefix + clause.verb.infinitive in lexicon.LONG.split()
    kinds = {
        time: True,
        f"{time}_affirmed": not clause.negative,
        f"{time}_long": long,
        f"{time}_season": fits(clause.verb.places, ("nature", "water", "hills")),
        f"{time}_young": human(clause.subject) and young,
        f"{time}_grown": human(clause.subject) and not young,
    }
    return tuple(kind for kind, fitting in kinds.items() if fitting)


def masculine(phrase: Phrase) -> bool:
    """Whether the accusative looks like one."""
    return phrase.noun is not None and phrase.noun.gender == "m" and not phrase.plural and phrase.determiner == "def"
