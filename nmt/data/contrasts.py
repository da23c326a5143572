"""Remembers what `Phrase` and `Clause` tell of their words, and makes contrasts of it: words with their wrong variants.

While a sentence is put together, a word of which there is something to say has a sign of its own after it, a
character for private use. When all words have their places, the signs tell which is where.
"""

from collections.abc import Iterable
from dataclasses import replace
from functools import cache

from nmt.data import inflection, senses
from nmt.data.clauses import Clause
from nmt.data.inflection import ENDINGS, GENDERS, Noun, Verb
from nmt.data.labels import Contrast, Side
from nmt.data.nominals import Phrase, column
from nmt.data.notes import Notes, Verbs
from nmt.data.phrases import ES, NOUNS, SPEECH, VERBS
from nmt.data.places import FIRST_SIGN, Draft, Places, sort, unsigned
from nmt.data.predicates import english_verbs, german_verbs

# Of two genders, both right.
DIVIDED = ("Keks", "Sandwich", "Radio")
# What "it" can also be without being any thing: "weil es zu gefährlich war".
IMPERSONAL = "gefährlich kalt warm heiß nass laut schwierig kompliziert teuer langweilig schwer traurig lang"
PREFIXES = ("an", "aus", "ein", "auf", "zu", "ab", "vor", "weg", "zurück")
# Prefixes that give a word for the same thing, or nearly.
ALSO_RIGHT = {
    "abfahren": "weg an", "vorbereiten": "zu", "einschalten": "an", "ausschalten": "ab", "ausziehen": "ab weg",
    "weglaufen": "ab", "einpacken": "zu weg", "aufräumen": "weg aus ein", "zumachen": "ab", "zudrehen": "ab",
    "zurückkommen": "an", "einschlafen": "weg", "abholen": "zurück weg ein", "anziehen": "ein vor",
    "wegwerfen": "ab aus", "zurückgehen": "weg",
}  # fmt: skip
# Verbs with "sein" that have it wherever German is spoken, and verbs with "haben" that do not.
MOVING = "gehen zurückgehen ankommen zurückkommen abfahren weglaufen aufstehen aufwachen einschlafen springen"
EITHER = "stehen sitzen liegen tanzen ziehen spielen"
PRONOUN_CASES = ("nom", "acc", "dat", "subject", "object")  # the columns of `PRONOUNS`


class Contrasting(Notes):
    """Remembers what is told of one side of a sentence."""

    def __init__(self, side: Side) -> None:
        self.side: Side = side
        self.told: list[Draft | Phrase] = []
        self.impersonal: list[Phrase] = []

    def sign(self, word: str, note: Draft | Phrase) -> str:
        """The word with a sign that stands for the note."""
        self.told.append(note)
        return word + chr(FIRST_SIGN + len(self.told) - 1)

    def mark(self, word: str, phenomenon: str, variants: Iterable[str], controller: Phrase | None = None) -> str:
        """The word with a draft of a contrast, where any variant differs."""
        wrong = tuple(variant for variant in dict.fromkeys(variants) if variant and variant != unsigned(word))
        return self.sign(word, Draft(phenomenon, wrong, controller)) if wrong else word

    def differ(self, words: str, others: str, phenomenon: str, controller: Phrase | None = None) -> str:
        """The words, with a contrast at every word that is another in `others`."""
        pairs = zip(words.split(" "), others.split(" "), strict=False)
        return " ".join(self.mark(word, phenomenon, (other,), controller) for word, other in pairs)

    def head(self, word: str, phrase: Phrase) -> str:
        return self.sign(word, phrase)

    def noun(self, word: str, phrase: Phrase, case: str, near: tuple[str, ...]) -> str:
        assert phrase.noun
        if not senses.decided(phrase.noun, near):
            return word
        if case:
            others = [noun for noun in alike(phrase.noun) if noun.plural or not phrase.plural]
            return self.mark(word, "ambiguity", [noun.forms(case, phrase.plural) for noun in others])
        many = [noun.english_plural if phrase.plural else noun.english for noun in written_alike(phrase.noun)]
        return self.mark(word, "ambiguity", many)

    def article(self, word: str, phrase: Phrase, case: str, near: tuple[str, ...]) -> str:
        here = column(phrase)
        if phrase.determiner == "kein":
            several = phrase.noun is not None and not phrase.noun.plural
            word = self.mark(
                word, "negation", ("viel", "etwas") if several else ("viele", "alle") if phrase.plural else (word[1:],)
            )
        forms = [phrase.article(other, here) for other in ENDINGS["def"]]
        other_number = number_alone(phrase, case)
        either = {"acc": "fliegen", "dat": "speichern"}.get(case)  # one can also fly "über dem Wald"
        if either not in near:
            word = self.mark(word, "case", [form for form in forms if form != other_number])
        if phrase.plural or (phrase.noun and phrase.noun.german in DIVIDED):
            return word
        genders = [phrase.article(case, other) for other in range(3)]
        return self.mark(word, "gender", [form for form in genders if form != other_number])

    def contraction(self, word: str, noun: Noun) -> str:
        if word in ("zum", "zur"):
            return self.mark(word, "gender", ("zum", "zur"))
        return self.mark(word, "case", ("im", "ins")) if noun.gender == "n" and word in ("im", "ins") else word

    def adjective(self, word: str, phrase: Phrase, case: str) -> str:
        assert phrase.adjective
        return self.mark(word, "adjective", [phrase.adjective.stem + end for end in ("e", "en", "er", "es", "em")])

    def possessive(self, word: str, phrase: Phrase) -> str:
        return self.mark(word, "possessive", ("his", "her"))

    def pronoun(self, word: str, phrase: Phrase, case: str) -> str:
        about = phrase.antecedent
        if about is None or about.plural or phrase.pronouns[0][0] != "3":
            return word
        german = case in PRONOUN_CASES[:3]
        # A German "er" is a man where English has "he"; in English a dog can be "he" as well as "it".
        if (german and phrase.pronouns[1] != "3n") or (not german and sort(about) == "animal"):
            return word
        others = [inflection.PRONOUNS["3" + gender].split()[PRONOUN_CASES.index(case)] for gender in "mfn"]
        return self.sign(word, Draft("pronoun", tuple(others), about, phrase))

    def link(self, word: str, phrase: Phrase, case: str) -> str:
        if not case:
            return self.mark(word, "relative pronoun", ("which",), phrase)
        forms = inflection.RELATIVES[case].split()
        here = column(phrase)
        others = [form for other, form in enumerate(forms) if other != here]
        return self.mark(word, "relative pronoun", others, phrase)

    def finite(self, word: str, clause: Clause, prefix: str = "") -> str:
        finite, subject, verb = german_verbs(clause)[0], clause.subject, clause.verb
        if clause.tense == "perfect" and not clause.modal and only_auxiliary(verb):
            other = "sein" if verb.perfect == "haben" else "haben"
            word = self.mark(word, "auxiliary", (inflection.present(other, "", subject.person),))
        for rival in rivals(verb):
            word = self.mark(word, "ambiguity", (german_verbs(replace(clause, verb=rival))[0],))
        shown = english_verbs(clause, False, "3s") != english_verbs(clause, False, "3p")
        if shown or subject is ES or subject.person[0] == "2":
            return word
        forms = [prefix + german_verbs(clause, person)[0] for person in ("3s", "3p")]
        assert prefix + finite == unsigned(word)
        return self.mark(word, agreement(clause), forms, subject)

    def last(self, word: str, clause: Clause) -> str:
        verb = clause.verb
        ends = (verb.prefix + verb.infinitive, verb.participle)
        clash = unsigned(word) in ends or verb.infinitive == "sein"
        # "..., dass er sie umarmt" is another time and no wrong order.
        present = verb.prefix + inflection.present(verb.infinitive, verb.present, clause.subject.person)
        return word if clash else self.mark(word, "verb-final", [end for end in ends if end != present])

    def closing(self, word: str, clause: Clause) -> str:
        verb = clause.verb
        for rival in rivals(verb):
            word = self.mark(word, "ambiguity", (german_verbs(replace(clause, verb=rival))[1],))
        infinitive = verb.prefix + verb.infinitive
        if infinitive == verb.participle:
            return word
        third = verb.prefix + inflection.present(verb.infinitive, verb.present, "3s")
        others = (infinitive, verb.participle, third)
        return self.mark(word, "bracket", [other for other in others if other != unsigned(word)])

    def prefix(self, word: str, clause: Clause) -> str:
        verb = clause.verb
        right = (word, *ALSO_RIGHT.get(verb.prefix + verb.infinitive, "").split())
        others = [other for other in PREFIXES if other not in right]
        start = len(verb.infinitive) % len(others)  # not the same three for every verb
        return self.mark(word, "separable", (others * 2)[start : start + 3])

    def infinitive(self, word: str, clause: Clause) -> str:
        verb = clause.verb
        if self.side == "en":
            finite = inflection.english_finite(verb.english, "", "3s")
            return self.mark(word, "infinitive", (finite, verb.past))
        finite = verb.prefix + inflection.present(verb.infinitive, verb.present, "3s")
        return self.mark(word, "infinitive", (verb.prefix + verb.infinitive, verb.participle, finite))

    def state(self, word: str, clause: Clause) -> str:
        if word in IMPERSONAL.split():
            self.impersonal.append(clause.subject)
        return word

    def negation(self, word: str) -> str:
        return self.mark(word, "negation", ("auch", "wirklich"))

    def predicate(self, words: Verbs, clause: Clause, question: bool) -> Verbs:
        operator, auxiliary, verb = words
        subject = clause.subject
        if operator.endswith("n't"):
            affirmed = {"can't": "can", "won't": "will"}.get(operator, operator.removesuffix("n't"))
            operator = self.mark(operator, "negation", (affirmed,))
        if clause.verb.english == "carry":
            rival = next(one for one in VERBS if one.english == "wear")
            verb = self.differ(verb, english_verbs(replace(clause, verb=rival), question)[2], "ambiguity")
        if subject is ES or subject.person[0] == "2" or operator == "am not":
            return operator, auxiliary, verb
        marked = [operator, auxiliary, verb]
        for person in ("3s", "3p"):
            others = english_verbs(clause, question, person)
            if others != words:
                marked = [
                    self.differ(word, other, agreement(clause), subject) if unsigned(word) != other else word
                    for word, other in zip(marked, others, strict=True)
                ]
                break
        return marked[0], marked[1], marked[2]

    def resolve(self, text: str) -> list[Contrast]:
        """The contrasts of a sentence with signs."""
        return [
            contrast for contrast in Places(text, self.told, self.impersonal).contrasts(self.side) if contrast.variants
        ]


def number_alone(phrase: Phrase, case: str) -> str:
    """The article that makes one of several or several of one, "den Lehrer" of "die Lehrer"; mostly there is none."""
    noun = phrase.noun
    if noun is None or not noun.plural or noun.forms(case, True) != noun.forms(case, False):
        return ""
    return phrase.article(case, GENDERS.index(noun.gender) if phrase.plural else 3)


def only_auxiliary(verb: Verb) -> bool:
    """Whether the other auxiliary is wrong in the perfect."""
    name = verb.prefix + verb.infinitive
    return name in MOVING.split() if verb.perfect == "sein" else name not in EITHER.split()


def agreement(clause: Clause) -> str:
    """The name of the agreement of a verb with its subject, where the subject stands before it."""
    within = clause.subject.relative
    if within is None or clause.gap is clause.subject:
        return "agreement"
    nested = any(phrase.relative and phrase is not within.gap for phrase in within.phrases())
    return "agreement, nested" if nested else "agreement, relative"


@cache
def alike(noun: Noun) -> tuple[Noun, ...]:
    """Other nouns with the same English word."""
    return tuple(one for one in NOUNS if one.english == noun.english and one.german != noun.german)


@cache
def written_alike(noun: Noun) -> tuple[Noun, ...]:
    """Other nouns with the same German word."""
    return tuple(one for one in NOUNS if one.german == noun.german and one.english != noun.english)


@cache
def rivals(verb: Verb) -> tuple[Verb, ...]:
    """The German verbs that are right where the same English verb means something else."""
    pair = next((pair for pair in senses.VERBS_ALIKE if verb.infinitive in pair and not verb.prefix), ())
    others = [one for one in (*VERBS, *SPEECH) if one.infinitive in pair and one.infinitive != verb.infinitive]
    return tuple(others[:1])
