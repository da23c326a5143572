"""The embedded corpus: a synchronous German-English grammar, its phenomena labelled, the same on every machine.

A rule of `RULES` is a pair of patterns over clauses: "{0:second} , weil {1:last}" and "{0:plain} because {1:plain}".
The names behind the colons are orders of words, in `nmt.data.clauses`. The second column says what the clauses have
to be, so that the sentence makes sense; the methods of `Scribe` of these names write them.
"""

import re
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from functools import cache
from typing import Literal

from nmt.data import lexicon
from nmt.data.clauses import Clause, Phrase, human
from nmt.data.writer import ACTIONS, BE, ES, HAVE, SPEECH, STARTS, VERBS, WEATHER, Writer, fits, nouns, words

Split = Literal["train", "dev", "test"]
SIZES: dict[Split, int] = {"train": 20_000, "dev": 1_000, "test": 2_000}
SEEDS: dict[Split, int] = {"train": 2014, "dev": 2015, "test": 2017}
LONGEST_TRAINED = 40  # words on either side; test has a few beyond


@dataclass(frozen=True, slots=True)
class Example:
    """A sentence pair and the phenomena in it."""

    de: str
    en: str
    labels: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Rule:
    """How often a rule is taken, what its clauses are, when they can happen, both patterns, and the labels."""

    weight: int
    clauses: str
    times: str
    german: str
    english: str
    labels: str = ""


RULES = (
    Rule(36, "statement", "past now future habit", "{0:second}", "{0:plain}"),
    Rule(10, "question", "past now future habit", "{0:first} ?", "{0:question} ?", "question"),
    Rule(
        3, "command", "now", "kannst du mir helfen , {0:zu} ?", "can you help me {0:to} ?", "question modal infinitive"
    ),
    Rule(4, "letting", "past now habit", "{0:second}", "{0:plain}", "infinitive"),
    Rule(5, "description", "past now", "{0:second}", "{0:plain}"),
    Rule(8, "narrative", "past", "{0:second}", "{0:plain}"),
    Rule(6, "action reason", "past now", "{0:second} , weil {1:last} ,", "{0:plain} because {1:plain}", "subordinate"),
    Rule(5, "doubt fault", "past now", "{0:second} , weil {1:last} ,", "{0:plain} because {1:plain}", "subordinate"),
    Rule(4, "action mood", "past now", "{0:second} , obwohl {1:last} ,", "{0:plain} although {1:plain}", "subordinate"),
    Rule(3, "condition statement", "habit", "wenn {0:last} , {1:first}", "when {0:plain} , {1:plain}", "subordinate"),
    Rule(2, "statement condition", "habit", "{0:second} , wenn {1:last} ,", "{0:plain} when {1:plain}", "subordinate"),
    Rule(4, "bare bare", "now past", "{0:second} , während {1:last} ,", "{0:plain} while {1:plain}", "subordinate"),
    Rule(7, "speech embedded", "past now", "{0:second} , dass {1:last} ,", "{0:plain} that {1:plain}", "subordinate"),
    Rule(4, "start infinitive", "past now habit", "{0:second} , {1:zu} ,", "{0:plain} {1:to}", "infinitive"),
    Rule(4, "going infinitive", "past now", "{0:second} , um {1:zu} ,", "{0:plain} in order {1:to}", "infinitive"),
    Rule(4, "mood so", "now past", "{0:second} , deshalb {1:first}", "{0:plain} , so {1:plain}"),
)
JOINS = ((" und ", " , and "), (" , aber ", " , but "), (" ; ", " ; "))
DEEDS = tuple(verb for verb in ACTIONS if "person" in verb.subject)
DUTIES = tuple(verb for verb in DEEDS if verb.manner == "work" or verb.direction)
ERRANDS = tuple(verb for verb in DEEDS if verb.places and verb.infinitive not in ("schlafen", "warten"))
PARTS = {1: 80, 2: 15, 3: 4, 4: 1}
LONG_PARTS = {4: 60, 5: 30, 6: 10}


def generate(count: int, seed: int) -> Iterator[Example]:
    """`count` examples, no German sentence twice."""
    writer, seen = Scribe(seed), set[str]()
    while len(seen) < count:
        example = writer.sentence(PARTS)
        if example.de not in seen:
            seen.add(example.de)
            yield example


def sample(split: Split, size: int | None = None) -> list[Example]:
    """A split of the corpus, at its default size or another; no two splits share a sentence of either language.

    dev and test do not depend on the size of train, and a smaller sample is the beginning of a larger one. Raises
    ValueError for a dev or test larger than the default, which train would not know to avoid.
    """
    size = SIZES[split] if size is None else size
    if split != "train" and size > SIZES[split]:
        raise ValueError(f"{split} has {SIZES[split]:,} sentences, not {size:,}; draw more with generate()")
    taken = [
        example
        for other in (("dev", "test") if split == "train" else ("test",) if split == "dev" else ())
        for example in drawn(other)
    ]
    return fresh(split, size, taken)


@cache
def drawn(split: Split) -> tuple[Example, ...]:
    """A split at its default size."""
    return tuple(sample(split))


def fresh(split: Split, size: int, taken: Sequence[Example]) -> list[Example]:
    """Examples that share no side with those taken, nor with each other their German side."""
    writer, german, english = Scribe(SEEDS[split]), {example.de for example in taken}, {example.en for example in taken}
    examples: list[Example] = []
    while len(examples) < size:
        long = split == "test" and len(examples) % 16 == 15
        example = writer.sentence(LONG_PARTS if long else PARTS)
        words = max(len(example.de.split()), len(example.en.split()))
        fits = LONGEST_TRAINED < words <= 64 if long else words <= LONGEST_TRAINED
        if fits and example.de not in german and example.en not in english:
            german.add(example.de)
            examples.append(example)
    return examples


class Scribe(Writer):
    """Writes whole sentences by the rules."""

    def __init__(self, seed: int) -> None:
        super().__init__(seed)
        self.clauses: dict[str, Callable[[str, list[Clause]], Clause]] = {
            "statement": self.plain, "action": self.action, "bare": self.bare, "question": self.question, "command": self.command,
            "letting": self.letting, "description": self.description, "narrative": self.narrative, "reason": self.reason,
            "mood": self.mood, "doubt": self.doubt, "fault": self.fault, "condition": self.condition, "so": self.so,
            "speech": self.speech, "embedded": self.embedded, "start": self.start, "going": self.going, "infinitive": self.infinitive,
        }  # fmt: skip

    def sentence(self, parts: dict[int, int]) -> Example:
        """One sentence of so many parts, all of them at one time."""
        number = self.draw(parts)
        time = self.draw({"past": 45, "now": 33, "future": 9, "habit": 13})
        german, english, labels = "", "", list[str]()
        for part in range(number):
            rule = self.rule(time, single=number == 1)
            clauses: list[Clause] = []
            for name in rule.clauses.split():
                clauses.append(self.clauses[name](time, clauses))
            joins = JOINS[int(self.random() * (3 if number > 2 else 2))] if part else ("", "")
            joins = JOINS[0] if " , aber " in german and joins == JOINS[1] else joins
            german += joins[0] + rule.german.format(*clauses)
            english += joins[1] + rule.english.format(*clauses)
            labels += [*rule.labels.split(), *(label for clause in clauses for label in phenomena(clause))]
            labels += ["coordination"] if part else []
        return Example(spell(german), spell(english), tuple(sorted(dict.fromkeys(labels))))

    def rule(self, time: str, single: bool) -> Rule:
        """A rule for that time; a question is a sentence of its own."""
        return self.draw({rule: rule.weight for rule in rules(time, single)})

    def plain(self, time: str, earlier: list[Clause]) -> Clause:
        """Any statement."""
        clause = self.statement(time)
        if self.chance(0.12) and clause.front == "subject":
            self.attach(clause, time)
        return clause

    def action(self, time: str, earlier: list[Clause]) -> Clause:
        """A statement there can be a reason for."""
        return self.statement(time, self.pick(ACTIONS))

    def embedded(self, time: str, earlier: list[Clause]) -> Clause:
        """What is said or known."""
        clause = self.statement(time, plain=True)
        clause.tense = "past" if time == "past" else clause.tense
        return clause

    def bare(self, time: str, earlier: list[Clause]) -> Clause:
        """A statement without much beside it."""
        clause = self.statement(time, plain=True)
        clause.time = clause.often = None
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
        return clause

    def command(self, time: str, earlier: list[Clause]) -> Clause:
        """What you are to help me do."""
        return self.infinitive(time, [self.clause(time, BE, Phrase("1s", pronouns=("1s", "1s")))])

    def letting(self, time: str, earlier: list[Clause]) -> Clause:
        """Somebody lets somebody else do something."""
        clause = self.clause(
            time, self.pick([verb for verb in DEEDS if not verb.placing and verb.infinitive != "fahren"])
        )
        while clause.subject.noun and "young" in clause.subject.noun.kinds:
            clause.subject = self.subject(("person",))
        clause.causee = self.phrase(("young",), {"def": 1})
        while clause.subject.pronouns[0] and clause.subject.plural:
            clause.subject = self.subject(("kin",))
        clause.modal, clause.tense, clause.progressive = "lassen", "past" if time == "past" else "present", False
        self.adverbials(clause, time)
        return clause

    def description(self, time: str, earlier: list[Clause]) -> Clause:
        """Something is so, and what stands between the subject and the verb may be of another number."""
        kinds = (self.pick(("person", "animal", "flat", "upright", "clothes", "tale", "lesson", "event", "furniture")),)
        subject = self.phrase(kinds, {"def": 60, "dies": 10, "1s": 14, "owner": 10})
        clause = self.state(time, subject, subject.noun.kinds if subject.noun else "person", lexicon.STATES, self.draw({"": 6, "sehr": 3}))
        clause.negative = self.chance(0.2) and not clause.state[0] if clause.state else False
        return clause

    def state(self, time: str, subject: Phrase, kind: str | tuple[str, ...], table: str, degree: str) -> Clause:
        """Somebody or something is tired, or too expensive."""
        state = self.pick(words(table, (kind,) if isinstance(kind, str) else kind))
        return Clause(BE, subject, tense="past" if time == "past" else "present", state=(degree, state))

    def narrative(self, time: str, earlier: list[Clause]) -> Clause:
        """The cat that sat on the mat that lay beside the dog jumped."""
        clause = self.clause(time)
        clause.subject = self.phrase(clause.verb.subject, {"def": 4, "indef": 1})
        clause.subject.relative = self.relative(clause.subject, time, depth=2)
        clause.tense = "past"
        return clause

    def mood(self, time: str, earlier: list[Clause]) -> Clause:
        """Somebody is tired, or has no time; it rains."""
        if earlier:
            return self.feeling(time, earlier[0].subject, "obstacle", lacking=0.25)
        if self.chance(0.15):
            return self.weather(time)
        subject = self.known(self.subject(("person",)), ("person",))
        return self.state(time, subject, "person", lexicon.STATES, self.draw({"": 4, "sehr": 2}))

    def feeling(self, time: str, about: Phrase, kind: str, lacking: float) -> Clause:
        """How someone spoken of feels, or what they lack; the weather, of whom neither can be said."""
        subject = self.pronoun(about)
        animal = about.noun is not None and "animal" in about.noun.kinds
        if subject is None or not (animal or human(about)) or self.chance(0.15):
            return self.weather(time)
        if human(about) and self.chance(lacking):
            clause = self.clause(time, HAVE, subject, negative=True)
            clause.objects = ((HAVE.slots[0], Phrase("3s", self.pick(nouns(("resource",))), determiner="kein")),)
            return clause
        return self.state(time, subject, "animal" if animal else kind, lexicon.STATES, self.draw({"": 4, "sehr": 2}))

    def weather(self, time: str) -> Clause:
        """It rains."""
        return Clause(self.pick(WEATHER), ES, tense="past" if time == "past" else "present", progressive=time == "now")

    def reason(self, time: str, earlier: list[Clause]) -> Clause:
        """A feeling, or what one has to do or wants to do."""
        subject = self.pronoun(earlier[0].subject)
        if subject is None or not human(earlier[0].subject) or self.chance(0.6):
            return self.feeling(time, earlier[0].subject, "person", lacking=0.6 if earlier[0].negative else 0)
        clause = self.clause(time, self.pick(DUTIES), subject)
        clause.modal, clause.progressive = self.pick(("müssen", "wollen")), False
        clause.tense = "past" if time == "past" else "present"
        return clause

    def so(self, time: str, earlier: list[Clause]) -> Clause:
        """What somebody does then."""
        subject = self.pronoun(earlier[0].subject) if earlier[0].subject is not ES else None
        if subject is None or not human(earlier[0].subject):
            return self.bare(time, earlier)
        return self.clause(time, self.pick(DEEDS), subject)

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
        if not earlier and self.chance(0.3):
            return self.weather(time)
        clause = self.clause(time)
        clause.subject = self.known(clause.subject, clause.verb.subject)
        return clause

    def speech(self, time: str, earlier: list[Clause]) -> Clause:
        """Somebody says, knows, hopes."""
        clause = self.clause(time, self.pick(SPEECH))
        clause.progressive = False
        if clause.tense == "perfect":
            clause.tense = "past"
        return clause

    def start(self, time: str, earlier: list[Clause]) -> Clause:
        """Somebody tries, plans, forgets."""
        return self.clause(time, self.pick(STARTS))

    def going(self, time: str, earlier: list[Clause]) -> Clause:
        """Somebody goes somewhere."""
        clause = self.clause(time, self.pick([verb for verb in VERBS if verb.direction]))
        clause.objects = (self.goal(self.pick(ERRANDS).places),)
        return clause

    def infinitive(self, time: str, earlier: list[Clause]) -> Clause:
        """What the subject of another clause is to do."""
        usable = [verb for verb in DEEDS if verb.slots]
        if earlier[0].verb.direction:
            goal = earlier[0].objects[0][1].noun
            usable = [verb for verb in ERRANDS if goal and fits(verb.places, goal.kinds)]
        return self.clause("habit", self.pick(usable), earlier[0].subject)


@cache
def rules(time: str, single: bool) -> tuple[Rule, ...]:
    """The rules for a time; those of questions only where they stand alone."""
    return tuple(rule for rule in RULES if time in rule.times.split() and (single or "?" not in rule.german))


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
        if phrase.pronouns[0].startswith("3") and phrase is not ES:
            yield "pronoun"
        if phrase.relative and phrase is not clause.gap:
            yield "nested" if depth else "relative"
            yield from phenomena(phrase.relative, depth + 1)


def spell(text: str) -> str:
    """The words as a sentence: commas at their words and never two, a capital, a full stop."""
    text = re.sub(r"[, ]*( [,;?])", r"\1", text)
    text = re.sub(r" ([,;?])", r"\1", text.rstrip(" ,"))
    return text[0].upper() + text[1:] + ("" if text.endswith("?") else ".")
