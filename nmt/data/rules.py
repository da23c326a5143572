"""The rules of the embedded corpus: what a sentence can be made of.

A rule is a pair of patterns over clauses: "{0:second} , weil {1:last}" and "{0:plain} because {1:plain}". The names
behind the colons are orders of words, in `nmt.data.clauses`. The second column says what the clauses have to be, so
that the sentence makes sense; the methods of `Scenes` and `Stories` of these names write them.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cache

from nmt.data.clauses import Clause
from nmt.data.notes import PLAIN, Notes


@dataclass(frozen=True, slots=True, eq=False)
class Rule:
    """How often a rule is taken, what its clauses are, when they can happen, both patterns, and the labels."""

    weight: int
    clauses: str
    times: str
    german: str
    english: str
    labels: str = ""


RULES = (
    Rule(34, "statement", "past now future habit", "{0:second}", "{0:plain}"),
    Rule(10, "question", "past now future habit", "{0:first} ?", "{0:question} ?", "question"),
    Rule(
        3,
        "command",
        "now",
        "kannst du mir helfen , {0:zu} ?",
        "can you help me {0:bare} ?",
        "question modal infinitive",
    ),
    Rule(4, "letting", "past now habit", "{0:second}", "{0:plain}", "infinitive"),
    Rule(8, "description", "past now", "{0:second}", "{0:plain}"),
    Rule(6, "sense", "past now future habit", "{0:second}", "{0:plain}"),
    Rule(28, "narrative", "past", "{0:second}", "{0:plain}"),
    Rule(7, "beside", "past now future", "{0:second}", "{0:plain}"),
    Rule(
        6, "explained reason", "past now", "{0:second} , weil {1:last} ,", "{0:plain} because {1:plain}", "subordinate"
    ),
    Rule(6, "doubt fault", "past now", "{0:second} , weil {1:last} ,", "{0:plain} because {1:plain}", "subordinate"),
    Rule(6, "crossing hindrance", "past", "{0:second} , weil {1:last} ,", "{0:plain} because {1:plain}", "subordinate"),
    Rule(9, "handling later", "past", "{0:second} , aber {1:second}", "{0:plain} , but {1:plain}", "coordination"),
    Rule(4, "action mood", "past now", "{0:second} , obwohl {1:last} ,", "{0:plain} although {1:plain}", "subordinate"),
    Rule(3, "condition usual", "habit", "wenn {0:last} , {1:first}", "when {0:plain} , {1:plain}", "subordinate"),
    Rule(2, "usual condition", "habit", "{0:second} , wenn {1:last} ,", "{0:plain} when {1:plain}", "subordinate"),
    Rule(
        4, "bare meanwhile", "now past", "{0:second} , während {1:last} ,", "{0:plain} while {1:plain}", "subordinate"
    ),
    Rule(7, "speech embedded", "past now", "{0:second} , dass {1:last} ,", "{0:plain} that {1:plain}", "subordinate"),
    Rule(4, "start infinitive", "past now", "{0:second} , {1:zu} ,", "{0:plain} {1:to}", "infinitive"),
    Rule(4, "going infinitive", "past now", "{0:second} , um {1:zu} ,", "{0:plain} in order {1:to}", "infinitive"),
    Rule(4, "cause so", "now past", "{0:second} , deshalb {1:first}", "{0:plain} , so {1:plain}"),
)
JOINS = ((" und ", " , and "), (" , aber ", " , but "), (" ; ", " ; "))


@cache
def rules(time: str, single: bool) -> dict[Rule, int]:
    """The rules for a time and their weights; those of questions only where they stand alone."""
    fitting = [rule for rule in RULES if time in rule.times.split() and (single or "?" not in rule.german)]
    return {rule: rule.weight for rule in fitting}


def fill(pattern: str, clauses: Sequence[Clause], notes: Notes = PLAIN) -> str:
    """A pattern of a rule with its clauses."""
    read = [f"{before}{clauses[number].read(order, notes)}" for before, number, order in gaps(pattern)]
    return "".join(read) + pattern[pattern.rindex("}") + 1 :]


@cache
def gaps(pattern: str) -> list[tuple[str, int, str]]:
    """What stands before every gap of a pattern, the number of its clause, and the order of words."""
    return [(before, int(number), order) for before, number, order in re.findall(r"([^{]*)\{(\d):(\w+)\}", pattern)]


def spell(text: str) -> str:
    """The words as a sentence: commas at their words and never two, a capital, a full stop."""
    text = re.sub(r"[, ]*( [,;?])", r"\1", text)
    text = re.sub(r" ([,;?])", r"\1", text.rstrip(" ,"))
    return text[0].upper() + text[1:] + ("" if text.endswith("?") else ".")
