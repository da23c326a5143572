"""Kinds of clauses for what is hard over a distance: what "it" is, and which noun a verb agrees with."""

from functools import cache

from nmt.data import lexicon
from nmt.data.clauses import Clause
from nmt.data.inflection import Verb, slot
from nmt.data.nominals import Phrase, human
from nmt.data.phrases import VERBS, WITH, fits, verbs_with
from nmt.data.scenes import Scenes

NEXT = {"person": slot("neben+dat/next_to:person"), "animal": slot("hinter+dat/behind:animal")}

# What becomes of a thing after what was done with it.
LATER = {
    "kaufen": "verlieren verkaufen vergessen",
    "finden": "verlieren verkaufen brauchen",
    "suchen": "finden brauchen",
    "verlieren": "finden brauchen suchen",
    "vergessen": "holen brauchen finden",
    "holen": "verlieren vergessen brauchen",
    "reparieren": "verkaufen",
    "benutzen": "verkaufen",
    "putzen": "verkaufen",
    "zeichnen": "fotografieren bewundern",
    "fotografieren": "malen bewundern",
    "schreiben": "lesen übersetzen korrigieren",
}
HANDLED = tuple(
    verb for verb in VERBS if verb.infinitive in LATER and not verb.prefix and verb.slots and not verb.slots[0].german
)
KEPT = ("person", "pet", "animal", "drink", "ceiling", "lock")  # what nobody sells or loses
WORK = next(verb for verb in VERBS if verb.infinitive == "arbeiten")
# Nouns of two meanings that would be rare otherwise.
RARE = ("wader", "flyer", "snake", "swimmer", "rooster", "ostrich", "bouquet", "machine", "gear", "court", "counter")
CROSS = next(verb for verb in VERBS if verb.infinitive == "überqueren")


class Stories(Scenes):
    """Draws clauses by name, those with pronouns and with nouns between subject and verb too."""

    def __init__(self, seed: int, unseen: bool = False) -> None:
        super().__init__(seed, unseen)
        self.clauses |= {
            "handling": self.handling, "later": self.later, "crossing": self.crossing,
            "hindrance": self.hindrance, "beside": self.beside, "sense": self.sense,
        }  # fmt: skip

    def handling(self, time: str, earlier: list[Clause]) -> Clause:
        """Somebody does something with a thing."""
        clause = self.clause(time, self.pick(HANDLED), self.subject(("person",)))
        kinds = [kind for kind in clause.verb.slots[0].kinds if kind not in KEPT]
        weights = {"def": 5, "indef": 4, "dies": 1}
        thing = self.phrase(tuple(kinds), weights, clause.subject, (clause.subject.noun,), "s")
        clause.objects = ((clause.verb.slots[0], thing),)
        clause.subject = self.known(clause.subject, ("person",))
        self.adverbials(clause, time)
        clause.progressive &= time != "now"
        if self.chance(0.4):
            clause.time = clause.place = clause.manner = None
            self.relate(thing, time, clause.verb)
        return clause

    def later(self, time: str, earlier: list[Clause]) -> Clause:
        """What becomes of the thing."""
        main = earlier[0]
        thing = main.objects[0][1]
        subject = self.subject(("person",))
        known = self.pronoun(main.subject)
        if (
            known
            and self.chance(0.4)
            and main.verb.infinitive not in ("verlieren", "vergessen", "zeichnen", "fotografieren")
        ):
            subject = known
        elif self.chance(0.4):
            subject = self.phrase(("adult",), {"def": 1}, without=(main.subject.noun,))
            subject.attribute = (WITH, self.phrase(WITH.kinds, {"def": 1}, number=subject.person[1]))
        clause = self.clause(time, self.pick(afterwards(main.verb, thing)), subject)
        if subject is not known and self.chance(0.5):
            self.relate(subject, time, clause.verb)
        about = self.pronoun(thing) or thing
        clause.objects = ((clause.verb.slots[0], about),)
        return clause

    def crossing(self, time: str, earlier: list[Clause]) -> Clause:
        """Somebody, or an animal, does not cross a street."""
        kinds = ("person",) if self.chance(0.3) else ("animal",)
        subject = self.phrase(kinds, {"def": 5, "dies": 1}, number="p" if self.chance(0.1) else "s")
        way = self.phrase(CROSS.slots[0].kinds, {"def": 1}, number="s")
        clause = self.clause(time, CROSS, subject, negative=True)
        clause.objects, clause.front = ((CROSS.slots[0], way),), "subject"
        if self.chance(0.4):
            self.relate(self.pick((way, subject)), time, CROSS)
        return clause

    def hindrance(self, time: str, earlier: list[Clause]) -> Clause:
        """It was too tired, or it was too wide: only what is said of it tells what it is."""
        subject, way = earlier[0].subject, earlier[0].objects[0][1]
        if self.chance(0.5) and way.noun:
            clause = self.state(time, way, tuple(way.noun.kinds[-2:]), lexicon.FAULTS, "zu")
            clause.subject = self.pronoun(way) or way
            return clause
        kind = "not" if not human(subject) else "obstacle"
        return self.feeling(time, subject, lexicon.WHY if kind == "not" else lexicon.STATES, kind)

    def beside(self, time: str, earlier: list[Clause]) -> Clause:
        """A statement with somebody of another number between the subject and the verb."""
        kind = self.draw({"person": 13, "pet": 5, "animal": 2})
        subject = self.phrase((kind,), {"def": 5, "dies": 1})
        clause = self.clause(time, self.pick(verbs_of(kind)), subject)
        next_to = NEXT["person" if human(subject) else "animal"]
        taken = tuple(phrase.noun for phrase in clause.phrases())
        subject.attribute = (next_to, self.phrase(next_to.kinds, {"def": 1}, None, taken))
        other = subject.attribute[1]
        if other.noun and other.noun.plural and "single" not in other.noun.kinds:
            other.person = "3s" if subject.plural else "3p"
        if human(other) and other.attribute is None and not other.owner and self.chance(0.3):
            other.attribute = (WITH, self.phrase(WITH.kinds, {"def": 1}, number=other.person[1]))
        self.adverbials(clause, time)
        return clause

    def relate(self, phrase: Phrase, time: str, main: Verb) -> None:
        """A relative clause to a phrase, if there is a verb for it."""
        plain = phrase.determiner in ("def", "indef", "bare", "dies") and not phrase.attribute
        if phrase.noun and plain and verbs_with(phrase.noun.kinds, main.infinitive, time == "past"):
            phrase.relative = self.relative(phrase, time, main)

    def sense(self, time: str, earlier: list[Clause]) -> Clause:
        """A statement with a noun of two meanings and a verb that tells which."""
        kind = self.pick(RARE)
        if kind in ("court", "counter"):
            clause = self.clause(time, WORK)
            clause.place = self.place((kind,))
            return clause
        phrase = self.phrase((kind,), {"def": 6, "indef": 3, "dies": 1})
        assert phrase.noun
        verb, index = self.pick(verbs_with(phrase.noun.kinds, "", time == "past"))
        clause = self.clause(time, verb, phrase if index is None else None)
        if index is not None:
            objects = enumerate(clause.objects)
            clause.objects = tuple((slot, phrase if i == index else other) for i, (slot, other) in objects)
        self.adverbials(clause, time)
        return clause


@cache
def verbs_of(kind: str) -> list[Verb]:
    """The verbs that a noun of a kind can be the subject of."""
    return [verb for verb in VERBS if kind in verb.subject]


def afterwards(verb: Verb, thing: Phrase) -> list[Verb]:
    """Verbs for what can happen to a thing after something was done with it."""
    names = LATER[verb.infinitive].split()
    kinds = thing.noun.kinds if thing.noun else ()
    said = thing.relative.verb.infinitive if thing.relative else ""
    named = [one for one in VERBS if one.infinitive in names and one.slots and not one.slots[0].german]
    named = [one for one in named if one.infinitive != said] or named
    return [one for one in named if fits(one.slots[0].kinds, kinds)] or named[:1]
