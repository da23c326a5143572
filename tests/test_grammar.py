"""The embedded corpus is the same on every machine, its splits are apart, and both of its languages inflect."""

import gzip
import hashlib
import re
import subprocess
import sys
from collections import Counter
from pathlib import Path

import pytest

from nmt.data import corpus, inflection, labels
from nmt.data.clauses import Clause
from nmt.data.grammar import LENGTHS, LONGEST_TRAINED, RESERVED, SIZES, Example, Scribe, sample
from nmt.data.inflection import Slot, word
from nmt.data.labels import Labelled
from nmt.data.nominals import Phrase, prepositional
from nmt.data.phrases import NOUNS, VERBS, fits, verbs_with

DATA = Path(__file__).parents[1] / "data"
README = (DATA / "README.md").read_text(encoding="utf-8")
NOUN = {noun.german: noun for noun in NOUNS}
VERB = {verb.prefix + verb.infinitive: verb for verb in VERBS}


@pytest.fixture(scope="module")
def splits() -> dict[str, list[Example]]:
    return {split: sample(split) for split in SIZES}


def text_of(path: Path) -> str:
    content = path.read_bytes()
    return (gzip.decompress(content) if path.suffix == ".gz" else content).decode()


def make(*arguments: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "nmt", "data", "make", *arguments]
    return subprocess.run(command, capture_output=True, text=True, timeout=60, check=False)


def test_a_seed_gives_the_same_sentences_always_and_another_seed_others():
    one, again, other = ([scribe.sentence({1: 1}) for _ in range(50)] for scribe in map(Scribe, (1, 1, 2)))
    assert one == again != other


def test_the_files_of_the_repository_are_what_the_generator_writes(splits):
    for split, examples in splits.items():
        end = ".gz" if split == "train" else ""
        assert text_of(DATA / f"grammar/{split}.de{end}").splitlines() == [example.de for example in examples]
        assert text_of(DATA / f"grammar/{split}.en{end}").splitlines() == [example.en for example in examples]
    for split in ("dev", "test"):
        rows = labels.load(str(DATA / "grammar" / split), split)
        assert rows == [Labelled(example.labels, example.contrasts) for example in splits[split]]


def test_the_readme_has_the_checksum_of_every_file():
    written = dict(re.findall(r"`([\w.]+)` \|.*\| `([0-9a-f]{64})`", README))
    assert written == {
        path.name: hashlib.sha256(text_of(path).encode()).hexdigest() for path in (DATA / "grammar").iterdir()
    }


def test_no_two_splits_share_a_sentence_of_either_language(splits):
    for side in ("de", "en"):
        seen = Counter(
            text for examples in splits.values() for text in {getattr(example, side) for example in examples}
        )
        assert seen.total() > 22_000
        assert set(seen.values()) == {1}


def test_a_smaller_sample_begins_a_larger_one(splits):
    assert sample("train", 300) == splits["train"][:300]
    assert sample("test", 100) == splits["test"][:100]
    with pytest.raises(ValueError, match="dev has 1,000 sentences, not 1,001"):
        sample("dev", 1_001)


def test_one_test_sentence_in_sixteen_is_longer_than_any_in_train(splits):
    def longest(examples: list[Example]) -> list[int]:
        return [max(len(example.de.split()), len(example.en.split())) for example in examples]

    assert max(longest(splits["train"])) <= LONGEST_TRAINED
    assert sum(words > LONGEST_TRAINED for words in longest(splits["test"])) == len(splits["test"]) // 16


def test_every_label_is_documented_and_occurs_in_test(splits):
    documented = set(re.findall(r"^\| `([a-z ]+)` \| [\d,]+ \|", README, re.MULTILINE))
    counts = Counter(label for example in splits["test"] for label in example.labels)
    assert set(counts) == documented
    assert min(counts.values()) >= 20
    assert {label for example in splits["train"] for label in example.labels} == documented - RESERVED


def test_sentences_begin_with_a_capital_end_with_a_stop_and_have_nothing_unresolved(splits):
    form = re.compile(r"[A-ZÄÖÜ\d](?!.*( [ ,.;?]|[,;.?][,;.?]|None))[\w ,;'-]+[.?]")
    long = Scribe(1)  # drawing long sentences of this seed once never came to an end
    examples = [*splits["train"], *splits["test"], *(long.sentence(LENGTHS[15][1]) for _ in range(2_000))]
    assert [text for example in examples for text in (example.de, example.en) if not form.fullmatch(text)] == []


def test_a_question_is_one_in_both_languages_and_has_the_label(splits):
    for example in splits["train"]:
        assert example.de.endswith("?") == example.en.endswith("?") == ("question" in example.labels)


@pytest.mark.parametrize("noun", NOUNS, ids=lambda noun: noun.german)
def test_every_noun_has_an_article_in_every_case_and_a_verb_beside_any_other(noun):
    articles = {
        "m": "der den dem des", "f": "die die der der", "n": "das das dem des", "p": "die die den der"
    }  # fmt: skip
    for person in ("3s", "3p") if noun.plural else ("3s",):
        phrase = Phrase(person, noun, determiner="def")
        found = [phrase.german(case).split()[0] for case in ("nom", "acc", "dat", "gen")]
        assert found == articles["p" if phrase.plural else noun.gender].split()
    mains = [verb.infinitive for verb in VERBS if fits(verb.subject, noun.kinds)]
    assert all(verbs_with(noun.kinds, main, past=True) for main in mains)


@pytest.mark.parametrize(
    ("noun", "person", "determiner", "german"),
    [
        ("Hund", "3s", "def", "der alte Hund, den alten Hund, dem alten Hund, des alten Hundes"),
        ("Hund", "3s", "indef", "ein alter Hund, einen alten Hund, einem alten Hund, eines alten Hundes"),
        ("Hund", "3p", "bare", "alte Hunde, alte Hunde, alten Hunden, alter Hunde"),
        ("Hund", "3p", "3f", "ihre alten Hunde, ihre alten Hunde, ihren alten Hunden, ihrer alten Hunde"),
        ("Katze", "3s", "kein", "keine alte Katze, keine alte Katze, keiner alten Katze, keiner alten Katze"),
        ("Haus", "3s", "indef", "ein altes Haus, ein altes Haus, einem alten Haus, eines alten Hauses"),
        ("Haus", "3p", "viel", "viele alte Häuser, viele alte Häuser, vielen alten Häusern, vieler alter Häuser"),
        ("Junge", "3s", "dies", "dieser alte Junge, diesen alten Jungen, diesem alten Jungen, dieses alten Jungen"),
        ("Kind", "3s", "1p", "unser altes Kind, unser altes Kind, unserem alten Kind, unseres alten Kindes"),
        ("Bus", "3s", "def", "der alte Bus, den alten Bus, dem alten Bus, des alten Busses"),
        ("See", "3s", "jed", "jeder alte See, jeden alten See, jedem alten See, jedes alten Sees"),
        ("Milch", "3s", "bare", "alte Milch, alte Milch, alter Milch, alter Milch"),
    ],
)
def test_articles_adjectives_and_nouns_agree(noun, person, determiner, german):
    phrase = Phrase(person, NOUN[noun], determiner=determiner, adjective=word("alt old"))
    assert ", ".join(phrase.german(case) for case in ("nom", "acc", "dat", "gen")) == german


@pytest.mark.parametrize(
    ("german", "forms"),
    [
        ("lesen", "lese liest liest lesen; las lasest; gelesen haben; reads reading read"),
        ("vergessen", "vergesse vergisst vergisst vergessen; vergaß vergaßest; vergessen haben; "
         "forgets forgetting forgot"),
        ("wegwerfen", "werfe wirfst wirft werfen; warf warfst; weggeworfen haben; throws throwing threw"),
        ("ankommen", "komme kommst kommt kommen; kam kamst; angekommen sein; arrives arriving arrived"),
        ("zeichnen", "zeichne zeichnest zeichnet zeichnen; zeichnete zeichnetest; gezeichnet haben; "
         "draws drawing drew"),
        ("fotografieren", "fotografiere fotografierst fotografiert fotografieren; fotografierte fotografiertest; "
         "fotografiert haben; photographs photographing photographed"),
        ("wandern", "wandere wanderst wandert wandern; wanderte wandertest; gewandert sein; hikes hiking hiked"),
        ("streicheln", "streichle streichelst streichelt streicheln; streichelte streicheltest; gestreichelt haben; "
         "strokes stroking stroked"),
        ("liegen", "liege liegst liegt liegen; lag lagst; gelegen haben; lies lying lay"),
        ("mögen", "mag magst mag mögen; mochte mochtest; gemocht haben; likes liking liked"),
        ("aufräumen", "räume räumst räumt räumen; räumte räumtest; aufgeräumt haben; tidies tidying tidied"),
    ],
)  # fmt: skip
def test_verbs_inflect(german, forms):
    verb = VERB[german]
    present = [inflection.present(verb.infinitive, verb.present, person) for person in ("1s", "2s", "3s", "3p")]
    past = [inflection.preterite(verb.preterite, person) for person in ("3s", "2s")]
    english = [inflection.english_finite(verb.english, "", "3s"), inflection.ing(verb.english), verb.past]
    assert "; ".join([*map(" ".join, (present, past)), f"{verb.participle} {verb.perfect}", " ".join(english)]) == forms


@pytest.mark.parametrize(
    ("settings", "orders", "german", "english"),
    [
        ({}, "second plain", "er macht die Tür auf", "he opens the door"),
        ({"tense": "perfect"}, "second plain", "er hat die Tür aufgemacht", "he opened the door"),
        ({"tense": "future"}, "last plain", "er die Tür aufmachen wird", "he will open the door"),
        ({"tense": "past", "progressive": True}, "last plain", "er die Tür aufmachte", "he was opening the door"),
        ({"negative": True}, "first question", "macht er die Tür nicht auf", "doesn't he open the door"),
        ({"modal": "müssen"}, "first question", "muss er die Tür aufmachen", "does he have to open the door"),
        ({"modal": "müssen", "negative": True, "tense": "past"}, "second plain",
         "er musste die Tür nicht aufmachen", "he didn't have to open the door"),
        ({"modal": "können", "tense": "past"}, "last plain",
         "er die Tür aufmachen konnte", "he was able to open the door"),
        ({"modal": "lassen", "progressive": True, "causee": Phrase(noun=NOUN["Junge"], determiner="def")},
         "second plain", "er lässt den Jungen die Tür aufmachen", "he is letting the boy open the door"),
        ({"time": word("heute=today"), "front": "time"}, "second plain", "heute macht er die Tür auf",
         "today he opens the door"),
        ({}, "zu to", "die Tür aufzumachen", "to open the door"),
    ],
)  # fmt: skip
def test_a_clause_reads_in_every_order(settings, orders, german, english):
    door = (Slot("acc", ()), Phrase("3s", NOUN["Tür"], determiner="def"))
    clause = Clause(VERB["aufmachen"], Phrase("3s", gender="m", pronouns=("3m", "3m")), (door,), **settings)
    there, here = orders.split()
    assert (clause.german(there), clause.english(here)) == (german, english)


def test_a_preposition_and_an_article_contract():
    room, station = (Phrase(noun=NOUN[name], determiner="def") for name in ("Garten", "Bushaltestelle"))
    assert prepositional(Slot("dat", (), "in"), room) == "im Garten"
    assert prepositional(Slot("acc", (), "in"), room) == "in den Garten"
    assert prepositional(Slot("dat", (), "zu"), station) == "zur Bushaltestelle"


@pytest.mark.parametrize("split", list(SIZES))
def test_the_loader_gives_the_corpus_in_both_directions(splits, split):
    there, back = corpus.load("grammar", "de", "en", split), corpus.load("grammar:30", "en", "de", split)
    assert (there.src, there.tgt) == tuple(
        [getattr(example, side) for example in splits[split]] for side in ("de", "en")
    )
    assert (back.src, back.tgt) == (there.tgt[:30], there.src[:30])


def test_the_command_writes_the_files_and_says_how_long_they_are(tmp_path):
    done = make("grammar", "-o", str(tmp_path / "new" / "folder"), "--size", "200")
    assert (done.returncode, done.stderr) == (0, "")
    lines = {path.name: len(path.read_text().splitlines()) for path in (tmp_path / "new" / "folder").iterdir()}
    sizes = {"train": 200, "dev": 1_000, "test": 2_000}
    assert lines == {f"{split}.{side}": size for split, size in sizes.items() for side in ("de", "en")} | {
        "dev.labels.jsonl": 1_000,
        "test.labels.jsonl": 2_000,
    }
    assert f"{tmp_path / 'new' / 'folder' / 'dev.en'}  1,000 lines\n" in done.stdout


def test_an_unknown_corpus_or_a_folder_that_is_a_file_is_an_error_of_one_line(tmp_path):
    (tmp_path / "file").touch()
    for name, said in (("gramar", "no embedded corpus 'gramar'; known: grammar"), ("grammar", "cannot be written")):
        done = make(name, "-o", str(tmp_path / "file"))
        assert (done.returncode, done.stdout) == (2, "")
        assert re.fullmatch(f"nmt: .*{said}.*\n", done.stderr)
