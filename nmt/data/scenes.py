"""The kinds of clauses that the rules of the grammar ask for by name."""

from collections.abc import Callable

from nmt.data import lexicon
from nmt.data.clauses import Clause
from nmt.data.nominals import Phrase, human
from nmt.data.phrases import ACTIONS, BE, BESIDE, ES, HAVE, SPEECH, STARTS, VERBS, WEATHER, fits, nouns, words
from nmt.data.writer import Clauses

DEEDS = tuple(verb for verb in ACTIONS if "person" in verb.subject)
MOVED = tuple(verb for verb in ACTIONS if words(lexicon.WHY, (verb.prefix + verb.infinitive,)))
DUTIES = tuple(verb for verb in DEEDS if verb.manner == "work" or verb.direction)
ERRANDS = tuple(verb for verb in DEEDS if verb.places and verb.infinitive not in ("schlafen", "warten", "kommen"))
IDLE = ("warten", "denken", "träumen", "lachen", "bewundern")
DESCRIBED = (
    "person",
    "animal",
    *("flat", "upright") * 2,
    "clothes",
    "tale",
    "lesson",
    "event",
    "furniture",
    *["part"] * 3,
)
LETS = tuple(
    verb for verb in DEEDS if (verb.slots or verb.places) and verb.manner != "hour" and verb.infinitive not in IDLE
)


class Scenes(Clauses):
    """Draws clauses by name; a clause may depend on those before it in its sentence."""

    def __init__(self, seed: int, unseen: bool = False) -> None:
        super().__init__(seed, unseen)
        self.clauses: dict[str, Callable[[str, list[Clause]], Clause]] = {
            "statement": self.plain, "action": self.action, "bare": self.bare, "question": self.question,
            "command": self.command,
            "letting": self.letting, "description": self.description, "narrative": self.narrative,
            "explained": self.explained, "reason": self.reason, "mood": self.mood, "doubt": self.doubt,
            "fault": self.fault, "condition": self.condition, "usual": self.usual, "cause": self.cause, "so": self.so,
            "meanwhile": self.meanwhile,
            "speech": self.speech, "embedded": self.embedded, "start": self.start, "going": self.going,
            "infinitive": self.infinitive,
        }  # fmt: skip

    def plain(self, time: str, earlier: list[Clause]) -> Clause:
        """Any statement."""
        clause = self.statement(time)
        if self.chance(0.2) and clause.front == "subject":
            self.attach(clause, time)
        return clause

    def action(self, time: str, earlier: list[Clause]) -> Clause:
        """Something that is done, whatever there is against it."""
        return self.statement(time, self.pick(ACTIONS), affirmed=True)

    def embedded(self, time: str, earlier: list[Clause]) -> Clause:
        """What is said or known."""
        if earlier[0].verb.infinitive == "hoffen":
            return self.statement("future", plain=True)
        clause = self.statement(time, plain=True)
        if time == "past":
            clause.tense, clause.progressive, clause.time = "past", not clause.verb.state, None
        return clause

    def bare(self, time: str, earlier: list[Clause]) -> Clause:
        """A statement without much beside it."""
        clause = self.statement(time, self.pick(ACTIONS), plain=True)
        clause.time = clause.often = None
        return clause

    def meanwhile(self, time: str, earlier: list[Clause]) -> Clause:
        """What somebody else is doing, or was doing."""
        clause = self.bare(time, earlier)
        if clause.verb.manner == "hour":
            clause = self.clause(time, self.pick(ERRANDS))
        clause.tense, clause.progressive = "past" if time == "past" else "present", True
        return clause

    def question(self, time: str, earlier: list[Clause]) -> Clause:
        """What is asked, of you or of somebody known."""
        clause = self.statement(time)
        clause.front = "subject"
        if clause.subject.pronouns[0] or (clause.subject.name[0] and self.chance(0.3)):
            clause.subject = Phrase("2s", pronouns=("2s", "2s"))
            own = ("1s", "1p", "3m", "3f", "3p")
            for _, phrase in clause.objects:
                phrase.determiner = "2s" if phrase.determiner in own else phrase.determiner
        if clause.often and clause.often.german in ("nie", "selten"):
            clause.often = self.pick(words(lexicon.TIMES, ("often",))[:3])
        return clause

    def command(self, time: str, earlier: list[Clause]) -> Clause:
        """What you are to help me do."""
        return self.infinitive(time, [self.clause(time, BE, Phrase("1s", pronouns=("1s", "1s")))])

    def letting(self, time: str, earlier: list[Clause]) -> Clause:
        """Somebody lets somebody else do something."""
        subject = self.subject(("adult", "kin"))
        if subject.person == "1p":
            subject = self.phrase(("kin",), {"def": 1})
        clause = self.clause(time, self.pick(LETS), subject)
        clause.causee = self.phrase(("young",), {"def": 1}, without=tuple(phrase.noun for phrase in clause.phrases()))
        self.adverbials(clause, time)
        clause.modal, clause.tense, clause.progressive = (
            "lassen",
            "past" if time == "past" else "present",
            time == "now",
        )
        return clause

    def description(self, time: str, earlier: list[Clause]) -> Clause:
        """Something is so, and what stands between the subject and the verb may be of another number."""
        kinds = (self.pick(DESCRIBED),)
        subject = self.phrase(kinds, {"def": 60, "dies": 10, "1s": 14, "owner": 10})
        clause = self.state(
            time,
            subject,
            subject.noun.kinds if subject.noun else "person",
            lexicon.STATES,
            self.draw({"": 6, "sehr": 3}),
        )
        subject.adjective = subject.adjective if human(subject) else None
        if fits(subject.noun.kinds if subject.noun else (), BESIDE.kinds) and not subject.owner and self.chance(0.8):
            beside = self.phrase(BESIDE.kinds, {"def": 1}, without=(subject.noun,))
            if beside.plural == subject.plural and beside.noun and beside.noun.plural:
                beside.person = "3s" if subject.plural else "3p"
            subject.attribute = (BESIDE, beside)
        clause.negative = self.chance(0.2) and not clause.state[0] if clause.state else False
        return clause

    def state(self, time: str, subject: Phrase, kind: str | tuple[str, ...], table: str, degree: str) -> Clause:
        """Somebody or something is tired, or too expensive."""
        state = self.pick(words(table, (kind,) if isinstance(kind, str) else kind))
        return Clause(
            BE,
            subject,
            tense="past" if time == "past" else "present",
            state=("" if state.german in ("kaputt", "allein", "zufrieden") else degree, state),
        )

    def narrative(self, time: str, earlier: list[Clause]) -> Clause:
        """The cat that sat on the mat that lay beside the dog jumped, or was just jumping."""
        verb = self.verb(time)
        clause = self.clause(time, verb, self.phrase(verb.subject, {"def": 4, "indef": 1}, without=nouns(("kin",))))
        for _ in range(2):  # or else most would not be nested
            clause.subject.relative = self.relative(clause.subject, time, verb, depth=2)
            if any(phrase.relative and phrase is not clause.subject for phrase in clause.subject.relative.phrases()):
                break
        clause.tense = "past"
        if not verb.state and self.chance(0.5):  # without "gerade", nothing in German would tell
            clause.progressive, clause.often = True, words(lexicon.TIMES, ("just",))[0]
        return clause

    def mood(self, time: str, earlier: list[Clause]) -> Clause:
        """Somebody is tired, or has no time; it rains."""
        if earlier:
            lack = self.lack(time, earlier[0].subject, "resource") if self.chance(0.25) else None
            return lack or self.feeling(time, earlier[0].subject, lexicon.STATES, "obstacle")
        if self.chance(0.15):
            return self.weather(time)
        subject = self.known(self.subject(("person",)), ("person",))
        return self.state(time, subject, "person", lexicon.STATES, self.draw({"": 4, "sehr": 2}))

    def feeling(self, time: str, about: Phrase, table: str, kind: str) -> Clause:
        """How someone spoken of feels; the weather, of whom that cannot be said."""
        subject = self.pronoun(about)
        animal = about.noun is not None and "animal" in about.noun.kinds
        if subject is None or not (animal or human(about)) or self.chance(0.15):
            return self.weather(time)
        kinds = (kind, kind + "_person") if human(about) else (kind,)
        return self.state(time, subject, kinds, table, self.draw({"": 4, "sehr": 2}))

    def lack(self, time: str, about: Phrase, kind: str) -> Clause | None:
        """That someone spoken of has no time or no money; None of whom that cannot be said."""
        subject = self.pronoun(about)
        if subject is None or not human(about):
            return None
        clause = self.clause(time, HAVE, subject, negative=True)
        clause.objects = ((HAVE.slots[0], Phrase("3s", self.pick(nouns((kind,))), determiner="kein")),)
        return clause

    def weather(self, time: str) -> Clause:
        """It rains."""
        return Clause(
            self.pick(WEATHER), ES, tense="past" if time == "past" else "present", progressive=time != "habit"
        )

    def explained(self, time: str, earlier: list[Clause]) -> Clause:
        """A statement there can be a reason for."""
        clause = self.statement(time, self.pick(MOVED if self.chance(0.5) else ACTIONS))
        clause.modal = "wollen" if clause.modal and human(clause.subject) else clause.modal
        return clause

    def reason(self, time: str, earlier: list[Clause]) -> Clause:
        """A feeling that fits, or what one has to do or wants to do, or lacks."""
        main = earlier[0]
        name = main.verb.prefix + main.verb.infinitive
        if main.negative and self.chance(0.5):
            money = name in ("kaufen", "bezahlen", "bestellen")
            return self.lack(time, main.subject, "money" if money else "resource") or self.weather(time)
        if main.negative or words(lexicon.WHY, (name,)):
            return self.feeling(time, main.subject, lexicon.WHY, "not" if main.negative else name)
        subject = self.pronoun(main.subject)
        if subject is None or not human(main.subject) or self.chance(0.1):
            return self.weather(time)
        clause = self.clause(time, self.pick(DUTIES), subject)
        clause.modal, clause.progressive = self.pick(("müssen", "wollen")), False
        clause.tense = "past" if time == "past" else "present"
        return clause

    def cause(self, time: str, earlier: list[Clause]) -> Clause:
        """A feeling that makes somebody do something."""
        if self.chance(0.1):
            return self.weather(time)
        subject = self.known(self.subject(("adult", "kin")), ("adult",))
        why = self.pick([verb.prefix + verb.infinitive for verb in MOVED if "person" in verb.subject])
        return self.state(time, subject, why, lexicon.WHY, self.draw({"": 4, "sehr": 2}))

    def so(self, time: str, earlier: list[Clause]) -> Clause:
        """What somebody does then."""
        subject, state = self.pronoun(earlier[0].subject), earlier[0].state
        if subject is None or state is None:
            return self.bare(time, earlier)
        fitting = [verb for verb in MOVED if state[1] in words(lexicon.WHY, (verb.prefix + verb.infinitive,))]
        return self.clause(time, self.pick([verb for verb in fitting if "person" in verb.subject]), subject)

    def doubt(self, time: str, earlier: list[Clause]) -> Clause:
        """Somebody does not do something with a thing, for a fault it has."""
        clause = self.clause(time, self.pick([verb for verb in VERBS if verb.doubtful]), self.subject(("person",)))
        place, thing = clause.objects[0][0], self.phrase(clause.verb.slots[0].kinds, {"def": 8, "dies": 2})
        thing.adjective = None
        clause.objects = ((place, thing),)
        clause.subject, clause.negative = self.known(clause.subject, ("person",)), True
        return clause

    def fault(self, time: str, earlier: list[Clause]) -> Clause:
        """It is too expensive."""
        thing = earlier[0].objects[0][1]
        bought = earlier[0].verb.infinitive == "kaufen"
        kinds = ("goods",) if bought or not thing.noun else thing.noun.kinds
        clause = self.state(time, thing, kinds, lexicon.FAULTS, "zu")
        clause.subject = self.pronoun(thing) or thing
        return clause

    def condition(self, time: str, earlier: list[Clause]) -> Clause:
        """When it rains, or when somebody does something."""
        if self.chance(0.3):
            return self.weather(time)
        subject = self.known(self.subject(("person",)), ("person",))
        if self.chance(0.5):
            return self.state(time, subject, "obstacle", lexicon.STATES, "")
        return self.clause(time, self.pick(DEEDS), subject)

    def usual(self, time: str, earlier: list[Clause]) -> Clause:
        """What somebody does then."""
        clause = self.bare(time, earlier)
        if self.chance(0.5):
            clause.often = self.frequency(clause.subject)
        return clause

    def speech(self, time: str, earlier: list[Clause]) -> Clause:
        """Somebody says, knows, hopes."""
        odd = "hoffen" if time == "past" else "vergessen"
        clause = self.clause(time, self.pick([verb for verb in SPEECH if verb.infinitive != odd]))
        clause.progressive = False
        if clause.tense == "perfect":
            clause.tense = "past"
        return clause

    def start(self, time: str, earlier: list[Clause]) -> Clause:
        """Somebody tries, plans, forgets."""
        return self.clause(time, self.pick([verb for verb in STARTS if time == "past" or verb.past != "forgot"]))

    def going(self, time: str, earlier: list[Clause]) -> Clause:
        """Somebody goes somewhere."""
        goal = self.goal(self.pick(ERRANDS).places)
        inside = goal[1].noun is not None and "room" in goal[1].noun.kinds
        ways = [verb for verb in VERBS if verb.direction and not (inside and verb.infinitive == "fahren")]
        clause = self.clause(time, self.pick(ways))
        clause.objects = (goal,)
        return clause

    def infinitive(self, time: str, earlier: list[Clause]) -> Clause:
        """What the subject of another clause is to do."""
        usable = [verb for verb in DEEDS if verb.slots and verb.infinitive not in IDLE]
        if earlier[0].verb.direction:
            goal = earlier[0].objects[0][1].noun
            usable = [verb for verb in ERRANDS if goal and fits(verb.places, goal.kinds)]
        return self.clause("habit", self.pick(usable), earlier[0].subject)
