"""Labels are read as they were written, and a file that is malformed is an error of one line with its place."""

import json

import pytest

from nmt.data import labels
from nmt.data.grammar import sample
from nmt.data.labels import Contrast, Labelled, to_json
from nmt.errors import DataError

GOOD = {"phenomenon": "case", "side": "de", "index": 1, "word": "dem", "variants": ["den", "der"], "distance": None}


def test_the_grammar_has_the_labels_of_its_sample():
    assert labels.load("grammar:5", "test") == [
        Labelled(example.labels, example.contrasts) for example in sample("test", 5)
    ]
    assert len(labels.load("grammar", "dev")) == 1_000


def test_a_prefix_without_a_file_of_labels_has_none(tmp_path):
    assert labels.load(str(tmp_path / "text"), "test") is None


def test_what_was_written_is_read(tmp_path):
    rows = [
        Labelled(("pronoun",), (Contrast("pronoun", "de", 4, "sie", ("er", "es"), 3),)),
        Labelled((), ()),
        Labelled(("held out", "unseen name"), (Contrast("case", "de", 0, "Dem", ("Den",)),)),
    ]
    text = "".join(to_json(number, row) + "\n" for number, row in enumerate(rows, 1))
    (tmp_path / "text.labels.jsonl").write_text(text, encoding="utf-8")
    assert labels.load(str(tmp_path / "text"), "test") == rows


def test_contrasts_may_be_missing(tmp_path):
    (tmp_path / "text.labels.jsonl").write_text('{"line": 1, "labels": ["modal"]}\n')
    assert labels.load(str(tmp_path / "text"), "test") == [Labelled(("modal",), ())]


@pytest.mark.parametrize(
    ("row", "said"),
    [
        ("{", "not JSON"),
        ("[" * 100_000, "not JSON"),
        ("[1]", "not an object; a line has the keys line, labels and contrasts"),
        ({"line": 3, "labels": []}, '"line" is 3, not 2'),
        ({"line": 2}, '"labels" is null, not a list of texts'),
        ({"line": 2, "labels": [1]}, r'"labels" is \[1\], not a list of texts'),
        ({"line": 2, "labels": [], "contrasts": "x" * 99}, r'"contrasts" is "x+\.\.\., not a list'),
        ({"line": 2, "labels": [], "contrasts": [3]}, "a contrast is 3, not an object"),
        (GOOD | {"phenomenon": None}, '"phenomenon" of a contrast is null; it must be a text'),
        (GOOD | {"side": "fr"}, '"side" of a contrast is "fr"; it must be "de" or "en"'),
        (GOOD | {"side": []}, '"side" of a contrast is'),
        (GOOD | {"index": -1}, '"index" of a contrast is -1; it must be a number of a word'),
        (GOOD | {"index": True}, '"index" of a contrast is true'),
        (GOOD | {"word": ""}, '"word" of a contrast is ""; it must be a text that is not empty'),
        (GOOD | {"variants": []}, r'"variants" of a contrast is \[\]; it must be a list of texts, at least one'),
        (GOOD | {"variants": ["dem"]}, '"variants" of a contrast is .*none of them the word itself'),
        (
            GOOD | {"distance": "far"},
            '"distance" of a contrast is "far"; it must be a number of words, from 1, or null',
        ),
    ],
)
def test_a_malformed_line_is_an_error_that_names_file_and_line(tmp_path, row, said):
    if isinstance(row, dict):
        row = json.dumps({"line": 2, "labels": [], "contrasts": [row]} if "word" in row else row)
    path = tmp_path / "text.labels.jsonl"
    path.write_text('{"line": 1, "labels": []}\n' + row + "\n")
    with pytest.raises(DataError, match=said) as error:
        labels.load(str(tmp_path / "text"), "test")
    assert str(error.value).startswith(f"{path}:2: ")
    assert "\n" not in str(error.value)


@pytest.mark.parametrize("where", ["grammar:many", "grammar:0", "grammar:5000"])
def test_a_size_that_is_none_is_an_error(where):
    with pytest.raises(DataError, match=where):
        labels.load(where, "test")


def test_a_variant_takes_the_place_of_the_word_alone():
    contrast = Contrast("case", "de", 2, "dem", ("den",))
    assert contrast.replaced("Er hilft dem Hund.", "den") == "Er hilft den Hund."
    last = Contrast("separable", "de", 4, "auf", ("zu",))
    assert last.replaced("Er macht die Tür auf, aber ...", "zu") == "Er macht die Tür zu, aber ..."


@pytest.mark.parametrize("text", ["Er hilft den Hund.", "Er hilft"])
def test_a_sentence_without_the_word_is_a_callers_mistake(text):
    with pytest.raises(ValueError, match="is not 'dem'"):
        Contrast("case", "de", 2, "dem", ("den",)).replaced(text, "den")
