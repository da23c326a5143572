"""Contrasts are words that are there with variants that are wrong; what is left to test is nowhere else."""

import re
from collections import Counter, defaultdict

import pytest

from nmt.data import lexicon, reserved
from nmt.data.clauses import Clause
from nmt.data.contrasts import Contrasting
from nmt.data.grammar import SIZES, Example, Meaning, Scribe, sample
from nmt.data.inflection import Slot
from nmt.data.labels import Contrast
from nmt.data.nominals import Phrase
from nmt.data.phrases import NOUNS, VERBS
from nmt.data.rules import RULES, spell

NOUN = {(noun.german, noun.english): noun for noun in NOUNS}
VERB = {verb.prefix + verb.infinitive: verb for verb in VERBS}

# Written by hand, not taken from the lexicon.
MASCULINE = (
    "Hund Kater Brief Roman Hut Mantel Schal Fluss Kanal Bach Platz Weg Koffer Korb Ball Apfel Kuchen Pilz Tisch "
    "Pullover Rock Schlitten Schrank Ring Stift Teller Topf Löffel Text Satz"
)
FEMININE = (
    "Katze Kuh Maus Ente Zeitung Vase Lampe Jacke Straße Brücke Tasche Uhr Torte Birne Tulpe Giraffe Taube "
    "Kamera Gabel Münze Geschichte Frage Aufgabe Suppe Bluse Mütze Kirsche Kartoffel Tomate Banane Pizza"
)
NEUTER = (
    "Pferd Kaninchen Schaf Buch Gedicht Hemd Auto Fahrrad Feld Radio Bild Brötchen Heft Rätsel Kamel Handy "
    "Problem Märchen Wort Boot Kleid Messer Sandwich Glas Ei Geschenk Brot T-Shirt Würstchen"
)
ONE = "Mann Frau Kind Junge Student Ärztin Hund Katze Bruder Schwester Köchin Bauer Gast Sohn Pilotin Kuh"
SEVERAL = "Männer Frauen Kinder Brüder Schwestern Ärztinnen Hunde Katzen Köchinnen Gäste Söhne Pilotinnen Kühe"
SINGULAR = "war hatte konnte musste wollte durfte hat ist ließ sprang schlief lachte ging wird kann muss will darf"
PLURAL = (
    "waren hatten konnten mussten wollten durften haben sind ließen sprangen schliefen lachten gingen werden können"
)
SENSES = {
    "of the elephant": "Rüssel", "of the tree": "Stamm", "of the river": "Ufer", "of the lake": "Ufer",
    " press": "Taste", "in the report": "Tabelle", "withdr": "Bank", " lit ": "Streichholz", "broke": "Siegel",
}  # fmt: skip
MEANINGS = (
    "bank/bench bulb/pear tap/rooster queue/snake ostrich/bouquet castle/lock blanket/ceiling dish/court carr/wear "
    "Ufer/Bank Rüssel/Stamm Taste/Schlüssel Streichholz/Spiel Kranich/Kran Fledermaus/Schläger Robbe/Siegel "
    "Tabelle/Tisch isst/frisst wusste/kannte vermisst/verpasst rettet/speichert"
)
PHENOMENA = {
    "de": "agreement; agreement, attractor; agreement, relative; agreement, nested; case; gender; adjective; pronoun; "
    "relative pronoun; separable; bracket; auxiliary; verb-final; infinitive; negation; ambiguity",
    "en": "agreement; agreement, attractor; agreement, relative; agreement, nested; pronoun; relative pronoun; "
    "possessive; infinitive; negation; ambiguity",
}


@pytest.fixture(scope="module")
def splits() -> dict[str, list[Example]]:
    return {"train": sample("train", 20_500), "dev": sample("dev"), "test": sample("test")}


@pytest.fixture(scope="module")
def contrasts(splits) -> list[tuple[Example, Contrast]]:
    return [(example, contrast) for example in splits["test"] for contrast in example.contrasts]


def text(example: Example, contrast: Contrast) -> str:
    return example.de if contrast.side == "de" else example.en


def test_every_word_is_at_its_place_and_every_variant_makes_another_sentence_of_the_same_words(contrasts):
    for example, contrast in contrasts:
        words = text(example, contrast).split(" ")
        assert re.fullmatch(re.escape(contrast.word) + "[.,;?]?", words[contrast.index])
        assert len(set(contrast.variants)) == len(contrast.variants) > 0
        for variant in contrast.variants:
            changed = contrast.replaced(text(example, contrast), variant).split(" ")
            assert [i for i, pair in enumerate(zip(words, changed, strict=True)) if pair[0] != pair[1]] == [
                contrast.index
            ]
            assert changed[contrast.index] == words[contrast.index].replace(contrast.word, variant)
            assert variant[0].isupper() == contrast.word[0].isupper()
        assert contrast.distance is None or 0 < contrast.distance < len(words)


def test_a_variant_is_nowhere_a_translation_of_the_same_sentence(splits, contrasts):
    translations = defaultdict(set)
    for examples in splits.values():
        for example in examples:
            translations["de", example.en].add(example.de)
            translations["en", example.de].add(example.en)
    for example, contrast in contrasts:
        source = example.en if contrast.side == "de" else example.de
        wrong = {contrast.replaced(text(example, contrast), variant) for variant in contrast.variants}
        assert wrong.isdisjoint(translations[contrast.side, source])


def test_every_phenomenon_has_sixty_contrasts_on_its_side_and_at_most_two_in_a_sentence(splits, contrasts):
    counts = Counter((contrast.side, contrast.phenomenon) for _, contrast in contrasts)
    assert set(counts) == {(side, name) for side, names in PHENOMENA.items() for name in names.split("; ")}
    assert min(counts.values()) >= 60
    for example in splits["test"]:
        sides = [contrast.side for contrast in example.contrasts]
        assert max(sides.count("de"), sides.count("en")) <= 2


def test_distances_are_spread(contrasts):
    far = {name: Counter[int]() for name in ("agreement", "pronoun")}
    for _, contrast in contrasts:
        kind = contrast.phenomenon.partition(",")[0]
        if contrast.side == "de" and kind in far:
            far[kind][contrast.distance] += 1
    for name, first in (("agreement", 1), ("pronoun", 3)):
        assert all(far[name][distance] for distance in range(first, 13)), far


def test_a_german_pronoun_has_the_gender_of_the_noun_at_its_distance(contrasts):
    pronouns = dict.fromkeys(MASCULINE.split(), "er ihn ihm") | dict.fromkeys(FEMININE.split(), "sie ihr")
    pronouns |= dict.fromkeys(NEUTER.split(), "es ihm")
    checked = 0
    for example, contrast in contrasts:
        if (contrast.side, contrast.phenomenon) == ("de", "pronoun"):
            noun = example.de.split(" ")[contrast.index - contrast.distance].rstrip(",.;")
            checked += noun in pronouns
            assert contrast.word in pronouns.get(noun, contrast.word).split(), example
    assert checked > 60


def could_be_subject(word: str) -> bool:
    return word[0].isupper() or word in ("ich", "er", "sie", "es", "wir")


def test_a_german_verb_has_the_number_of_the_noun_at_its_distance(contrasts):
    checked = Counter()
    for example, contrast in contrasts:
        if contrast.side != "de" or not contrast.phenomenon.startswith("agreement"):
            continue
        words = [word.rstrip(",.;?") for word in example.de.split(" ")]
        before, after = contrast.index - contrast.distance, contrast.index + contrast.distance
        nouns = {words[place] for place in {before, after} & set(range(len(words))) if could_be_subject(words[place])}
        if len(nouns) > 1:
            continue
        number = (bool(nouns & set(ONE.split())), bool(nouns & set(SEVERAL.split())))
        verb = contrast.word.lower()
        form = (verb in SINGULAR.split() or verb.endswith("te"), verb in PLURAL.split() or verb.endswith("ten"))
        if sum(number) == sum(form) == 1:
            checked[contrast.phenomenon] += 1
            assert number == form, example
    assert len(checked) == 4
    assert checked.total() > 60


def test_the_context_decides_between_two_meanings(contrasts):
    checked = Counter()
    for example, contrast in contrasts:
        if (contrast.side, contrast.phenomenon) == ("de", "ambiguity") and contrast.word[0].isupper():
            for context, noun in SENSES.items():
                if context in example.en and noun in (contrast.word, *contrast.variants):
                    checked[noun] += 1
                    assert contrast.word == noun
    assert len(checked) >= 5


@pytest.mark.parametrize(("one", "other"), [pair.split("/") for pair in MEANINGS.split()])
def test_both_meanings_of_a_word_are_in_train(splits, one, other):
    for meaning in (one, other):
        form = re.compile(rf"\b{meaning}")
        assert sum(bool(form.search(example.de) or form.search(example.en)) for example in splits["train"]) >= 10


def test_what_is_reserved_is_in_test_and_nowhere_in_train_or_dev(splits):
    names = " ".join(reserved.NAMES.values()).split()
    counts, years = map(str, reserved.COUNTS), map(str, reserved.YEARS)
    for words in (names, [*counts, *years], sorted(reserved.UNSEEN_COMPOUNDS)):
        form = re.compile(rf"\b({'|'.join(words)})(s|e|en|n)?\b")
        found = {
            split: sum(bool(form.search(example.de)) for example in examples) for split, examples in splits.items()
        }
        assert (found["train"], found["dev"]) == (0, 0)
        assert found["test"] >= 50


def test_the_parts_of_a_compound_left_to_test_are_in_other_compounds_of_train(splits):
    german = " ".join(example.de for example in splits["train"])
    for first in reserved.FIRST_PARTS.split():
        assert re.search(rf"\b{first.split('=')[0]}({reserved.SECOND_PARTS.lower().replace(' ', '|')})", german)
    for second in reserved.SECOND_PARTS.lower().split():
        assert re.search(rf"\b(Garten|Küchen|Büro|Hotel|Schul|Keller){second}", german)


NEGATED = r"(ge)?schr[ie]+ben|reparier(t|en)|besuch(t|en)|zu(ge)?mach(t|en)|ein(ge)?laden|(ge)?h[eo]lfen|(ge)?wasch\w+"


@pytest.mark.parametrize(
    ("structure", "pattern"),
    [
        ("dative", r"\b(\w+em|im|am|beim|zum|vom) ([a-zäöüß]+en )?(Nachbarn|Bäcker|Kaninchen|Pony)\b"),
        ("plural", r"\b(Sängerinnen|Kamele|Kamelen|Romane|Romanen|Vasen)\b"),
        ("perfect", r"\b(hat|habe|hast|haben) [^,;]* (gekocht|geholt|gefragt|umarmt|eingepackt)\b"),
        ("last", r"\b(weil|obwohl|wenn|während|dass) [^,;]* (putzte?|fütterte|malte?|abholte|trank|trinkt)[,.;]"),
        ("negated", rf"\b(nicht|kein\w*) ((?! und )[^,;])*({NEGATED})[,.;]"),
        ("modal", r"\b(kann|k[öo]nn|m[uü]ss|will|woll|d[uü]rf)\w* ((?! und )[^,;])* (suchen|backen|zeichnen)[,.;]"),
    ],
)  # fmt: skip
def test_a_held_out_combination_is_in_test_and_nowhere_in_train_or_dev(splits, structure, pattern):
    found = {split: [e for e in examples if re.search(pattern, e.de)] for split, examples in splits.items()}
    assert found["train"] == found["dev"] == []
    assert len(found["test"]) >= 3
    assert all("held out" in example.labels for example in found["test"])


def test_every_word_held_out_of_a_structure_is_known_and_common_in_train(splits):
    known = {noun.german for noun in NOUNS} | set(VERB)
    german = " ".join(example.de for example in splits["train"])
    for structure, words in reserved.HELD_OUT.items():
        for word in words.split():
            assert word in known
            if structure in ("dative", "plural"):
                assert len(re.findall(rf"\b{word}\b", german)) > 20


def test_test_has_sentences_of_every_length_and_long_ones_are_rare_in_train(splits):
    def buckets(split: str) -> Counter[int]:
        words = [max(len(e.de.split()), len(e.en.split())) for e in splits[split]]
        return Counter(min((count - 1) // 10, 4) for count in words)

    assert min(buckets("test")[bucket] for bucket in range(5)) >= 60
    assert max(max(len(e.de.split()), len(e.en.split())) for e in splits["test"]) <= 60
    assert 0.01 < buckets("train")[3] / 20_500 < 0.05
    assert buckets("train")[4] == 0


@pytest.mark.parametrize(
    ("clause", "order", "expected"),
    [
        (
            Clause(VERB["helfen"], Phrase("3s", NOUN["Katze", "cat"], determiner="def"), tense="past"),
            "second",
            {("case", "Die", "Der"), ("gender", "Die", "Der Das"), ("agreement", "half", "halfen")},
        ),
        (
            Clause(
                VERB["aufmachen"], Phrase("3p", pronouns=("3p", "3p")),
                ((Slot("acc", ()), Phrase("3s", NOUN["Tür", "door"], determiner="kein")),), tense="past", negative=True,
            ),
            "second",
            {("case", "keine", "keiner"), ("gender", "keine", "keinen kein"), ("negation", "keine", "eine"),
             ("agreement", "machten", "machte"), ("separable", "auf", "weg zurück an")},
        ),
        (
            Clause(VERB["essen"], Phrase("3s", name=("Anna", "Anna")), modal="wollen", tense="past"),
            "last",
            {("agreement", "wollte", "wollten"), ("bracket", "essen", "gegessen isst"),
             ("ambiguity", "essen", "fressen")},
        ),
    ],
)  # fmt: skip
def test_a_clause_has_these_contrasts(clause, order, expected):
    notes = Contrasting("de")
    made = notes.resolve(spell(clause.read(order, notes)))
    assert {(one.phenomenon, one.word, " ".join(one.variants)) for one in made} >= expected


def test_a_pronoun_is_not_contrasted_with_one_that_could_stand_for_another_noun():
    cat, mouse = (Phrase("3s", NOUN[name], determiner="def") for name in (("Hund", "dog"), ("Maus", "mouse")))
    hungry = Scribe(1).state("past", Scribe(1).pronoun(cat), "animal", lexicon.STATES, "")
    chase = Clause(VERB["jagen"], cat, ((Slot("acc", ()), mouse),), tense="past")
    rule = next(rule for rule in RULES if rule.clauses == "explained reason")
    made = Meaning([(("", ""), rule, [chase, hungry])]).contrasts("de")
    assert [(one.word, one.variants, one.distance) for one in made if one.phenomenon == "pronoun"] == [
        ("er", ("es",), 5)
    ]


def test_train_has_no_contrasts_and_dev_has(splits):
    assert not any(example.contrasts for example in splits["train"])
    assert sum(bool(example.contrasts) for example in splits["dev"]) > 0.9 * SIZES["dev"]
