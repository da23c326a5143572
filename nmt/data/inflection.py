"""How the words of the lexicon inflect: the paradigms of both languages as tables, the entries as classes."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache

GENDERS = "mfnp"

# One string a case, in the order masculine, feminine, neuter, plural.
ENDINGS = {
    "def": {"nom": "der die das die", "acc": "den die das die", "dat": "dem der dem den", "gen": "des der des der"},
    "dies": {"nom": "er e es e", "acc": "en e es e", "dat": "em er em en", "gen": "es er es er"},
    "ein": {"nom": "- e - e", "acc": "en e - e", "dat": "em er em en", "gen": "es er es er"},
    "weak": {"nom": "e e e en", "acc": "en e e en", "dat": "en en en en", "gen": "en en en en"},
    "mixed": {"nom": "er e es en", "acc": "en e es en", "dat": "en en en en", "gen": "en en en en"},
    "strong": {"nom": "er e es e", "acc": "en e es e", "dat": "em er em en", "gen": "en er en er"},
}
# name: German stem, its endings, the endings of an adjective after it, English singular and plural
DETERMINERS = {
    "def": ("", "def", "weak", "the", "the"),
    "indef": ("ein", "ein", "mixed", "a", ""),
    "kein": ("kein", "ein", "mixed", "a", "any"),
    "dies": ("dies", "dies", "weak", "this", "these"),
    "jed": ("jed", "dies", "weak", "every", ""),
    "viel": ("viel", "dies", "strong", "", "many"),
    "1s": ("mein", "ein", "mixed", "my", "my"),
    "2s": ("dein", "ein", "mixed", "your", "your"),
    "1p": ("unser", "ein", "mixed", "our", "our"),
    "3m": ("sein", "ein", "mixed", "his", "his"),
    "3f": ("ihr", "ein", "mixed", "her", "her"),
    "3p": ("ihr", "ein", "mixed", "their", "their"),
}
# person: German nominative, accusative, dative; English subject and object
PRONOUNS = {
    "1s": "ich mich mir I me", "2s": "du dich dir you you", "1p": "wir uns uns we us", "3p": "sie sie ihnen they them",
    "3m": "er ihn ihm he him", "3f": "sie sie ihr she her", "3n": "es es ihm it it",
}  # fmt: skip
RELATIVES = {"nom": "der die das die", "acc": "den die das die", "dat": "dem der dem denen"}
CONTRACTIONS = {"in dem": "im", "an dem": "am", "zu dem": "zum", "zu der": "zur", "von dem": "vom", "bei dem": "beim",
                "in das": "ins"}  # fmt: skip
# ich, du, er, wir of verbs that follow no rule
PRESENT = {
    "lassen": "lasse lässt lässt lassen",
    "sein": "bin bist ist sind", "haben": "habe hast hat haben", "werden": "werde wirst wird werden",
    "wissen": "weiß weißt weiß wissen",
    "mögen": "mag magst mag mögen", "können": "kann kannst kann können", "müssen": "muss musst muss müssen",
    "wollen": "will willst will wollen", "dürfen": "darf darfst darf dürfen",
    "sollen": "sollte solltest sollte sollten",
    "möchten": "möchte möchtest möchte möchten",
}  # fmt: skip
PRETERITES = {
    "sein": "war",
    "haben": "hatte",
    "lassen": "ließ",
    "können": "konnte",
    "müssen": "musste",
    "wollen": "wollte",
    "dürfen": "durfte",
}
# German infinitive: English present, past, what follows it, and whether it needs "do"
MODALS = {
    "können": ("can", "could", "", False), "konnten": ("be", "was", "able to", False),
    "müssen": ("have", "had", "to", True),
    "wollen": ("want", "wanted", "to", True),
    "lassen": ("let", "let", "", True),
    "dürfen": ("be", "was", "allowed to", False), "sollen": ("should", "", "", False),
    "möchten": ("would", "", "like to", False),
}  # fmt: skip

VOWEL_SOUND = re.compile(r"(?!(?:use|uni|eu|one))(?:[aeiou]|hour|honest)", re.IGNORECASE)
DOUBLED = re.compile(r"[^aeiou]*[aeiou][^aeiouwxy]|.*(?:[gb]in|get)")
WITHOUT_GE = ("be", "ver", "er", "ent", "emp", "über", "wieder", "umarm", "fotogra", "repar", "korri")


@dataclass(frozen=True, slots=True, eq=False)
class Noun:
    """A noun in both languages; `gender` is m, f or n, and a plural of "" marks a word that has none."""

    gender: str
    german: str
    plural: str
    english: str
    english_plural: str
    weak: bool
    kinds: tuple[str, ...]

    def forms(self, case: str, plural: bool) -> str:
        """The German form."""
        if plural:
            return self.plural + "n" if case == "dat" and self.plural[-1] not in "ns" else self.plural
        if self.weak and case != "nom":
            return self.plural
        if case == "gen" and self.gender != "f":
            short = re.fullmatch("[^aeiouäöüyé-]*[aeiouäöüy]+[^aeiouäöüyé-]+", self.german, re.IGNORECASE)
            doubled = "s" if self.plural == self.german + "se" else ""
            return self.german + doubled + ("es" if short or re.search("([sßzx]|sch)$", self.german) else "s")
        return self.german


@dataclass(frozen=True, slots=True)
class Slot:
    """What a verb asks for: a case, a preposition or none on each side, and the kinds of nouns that make sense."""

    case: str
    kinds: tuple[str, ...]
    german: str = ""
    english: str = ""


@dataclass(frozen=True, slots=True)
class Verb:
    """A verb in both languages with its frame; `prefix` is separable, `particle` its English counterpart."""

    prefix: str
    infinitive: str
    present: str
    preterite: str
    participle: str
    perfect: str  # the auxiliary: haben or sein
    english: str
    past: str
    english_participle: str
    particle: str
    state: bool  # no progressive: "she knows", not "she is knowing"
    doubtful: bool  # can be refused because the object is too expensive, too salty, ...
    subject: tuple[str, ...]
    slots: tuple[Slot, ...]
    places: tuple[str, ...]
    manner: str
    placing: str
    direction: bool


@dataclass(frozen=True, slots=True)
class Word:
    """An adjective or an adverbial: the German word, its stem before endings, and the English word."""

    german: str
    stem: str
    english: str


def entries(table: str, separator: str = "; ") -> Iterator[tuple[tuple[str, ...], str]]:
    """The kinds and the text of every entry of a table of the lexicon."""
    kinds: tuple[str, ...] = ()
    for line in filter(None, table.splitlines()):
        head, bracket, rest = line.rpartition("] ")
        if bracket:
            kinds = tuple(head[1:].split())
        yield from ((kinds, entry) for entry in rest.split(separator))


def noun(kinds: tuple[str, ...], entry: str) -> Noun:
    """Reads "der Junge*/Jungen boy": an asterisk marks the weak declension, a plural of 0 a word that has none."""
    article, forms, english = entry.split(" ", 2)
    singular, plural = forms.split("/")
    one, _, many = english.partition("/")
    gender = {"der": "m", "die": "f", "das": "n"}[article]
    weak = singular.endswith("*")
    return Noun(gender, singular.rstrip("*"), plural.replace("0", ""), one, many or pluralised(one), weak, kinds)


def pluralised(english: str) -> str:
    """The English plural of a noun that follows the rules."""
    return re.sub("([^aeiou])y$", r"\1ie", english) + ("es" if re.search("(s|x|ch|sh)$", english) else "s")


def verb(entry: str) -> Verb:
    """Reads "zu|hören = listen : person dat/to:person": forms of a regular verb are left out."""
    german, english, frame = re.split(" = | : ", entry)
    infinitive, *parts = german.split()
    prefix, _, infinitive = infinitive.rpartition("|")
    present, preterite, participle = parts or regular(infinitive)
    base, *past = english.replace(" !", "").split()
    base, _, particle = base.partition("+")
    past = past or [base + "d" if base.endswith("e") else re.sub("([^aeiou])y$", r"\1i", base) + "ed"] * 2
    subject, *rest = frame.split()
    marks = {mark: [word[1:] for word in rest if word[0] == mark] for mark in "@~=>?!"}
    slots = tuple(slot(word) for word in rest if word[0] not in marks)
    return Verb(
        prefix, infinitive, present, preterite, prefix + participle.lstrip("*"),
        "sein" if participle[0] == "*" else "haben",
        base, past[0], past[1], particle, "!" in english + frame, bool(marks["?"]), tuple(subject.split("|")), slots,
        tuple("".join(marks["@"]).split("|")) if marks["@"] else (),
        "".join(marks["~"]), "".join(marks["="]), bool(marks[">"]),
    )  # fmt: skip


def regular(infinitive: str) -> list[str]:
    """Present and preterite of "er" and the participle of a regular verb."""
    stem = infinitive[:-2] if infinitive.endswith("en") else infinitive[:-1]
    soft = stem + "e" if re.search("[td]$|ch[nm]$|[^aeiouhlr][nm]$", stem) else stem
    return [soft + "t", soft + "te", ("" if stem.startswith(WITHOUT_GE) else "ge") + soft + "t"]


def slot(text: str) -> Slot:
    """Reads "auf+acc/for:transport|person"."""
    head, kinds = text.split(":")
    head, _, english = head.partition("/")
    german, _, case = head.rpartition("+")
    return Slot(case, tuple(kinds.split("|")), german, english.replace("_", " "))


def word(entry: str) -> Word:
    """Reads "teuer/teur expensive" and "jeden Tag=every day"."""
    german, english = entry.split("=" if "=" in entry else " ", 1)
    german, _, stem = german.partition("/")
    return Word(german, stem or german.removesuffix("e"), english)


@cache
def present(infinitive: str, third: str, person: str) -> str:
    """The German present of a verb; `third` is the form of "er", `person` one of 1s 2s 3s 1p 3p."""
    if infinitive in PRESENT:
        return PRESENT[infinitive].split()[min("123".index(person[0]), 2) if person[1] == "s" else 3]
    if person[1] == "p":
        return infinitive
    if person == "1s":
        return (
            re.sub("e?ln$", "le", infinitive)
            if infinitive.endswith("eln")
            else infinitive.removesuffix("n").removesuffix("e") + "e"
        )
    if person == "2s":
        return third[:-1] + ("t" if third[-2] in "sßz" else "st")
    return third


def preterite(form: str, person: str) -> str:
    """The German preterite of a person, from the form of "er"."""
    if person[1] == "p":
        return form + ("n" if form.endswith("e") else "en")
    if person[0] == "2":
        return form + ("est" if form[-1] in "sßzdt" else "st")
    return form


@cache
def english_finite(base: str, past: str, person: str) -> str:
    """The English present, or the past where `past` is not empty; `person` as in `present`."""
    if base == "be":
        singular = {"1s": ("am", "was"), "3s": ("is", "was")}
        return singular.get(person, ("are", "were"))[bool(past)]
    if past or person != "3s":
        return past or base
    if base == "have":
        return "has"
    return re.sub("([^aeiou])y$", r"\1ie", base) + ("es" if re.search("(s|sh|ch|x|o)$", base) else "s")


@cache
def ing(base: str) -> str:
    """The English form in -ing."""
    if base.endswith("ie"):
        return base[:-2] + "ying"
    if base.endswith("e") and base not in ("be", "see"):
        return base[:-1] + "ing"
    return base + (base[-1] if DOUBLED.fullmatch(base) else "") + "ing"
