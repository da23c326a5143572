"""Parallel text is read as it stands, and whatever is wrong with it is named by file and line."""

import gzip
import io
import json
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.data import corpus
from nmt.data.lines import decode_lines, read_lines
from nmt.errors import DataError

SHARED = Path(__file__).parents[2] / "shared" / "data"
EN = ["Two dogs play.", "", " a\tb\r", "x\u2028y\x0c\x85z"]
DE = ["Zwei Hunde spielen.", "", "ä", "ß😀"]


def lines_of(texts: list[str]) -> bytes:
    return "".join(text + "\n" for text in texts).encode()


@given(st.lists(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n"))))
def test_only_a_line_feed_ends_a_line(lines):
    read = list(decode_lines(io.BytesIO(lines_of(lines)), "x"))
    assert read == [line if i else line.removeprefix("\ufeff") for i, line in enumerate(lines)]


def test_a_byte_order_mark_is_no_text(tmp_path):
    (tmp_path / "text").write_bytes(b"\xef\xbb\xbfeins\n\xef\xbb\xbfzwei\n")
    assert read_lines(tmp_path / "text") == ["eins", "\ufeffzwei"]


@pytest.mark.parametrize("pack", [bytes, gzip.compress])
def test_gzip_is_known_by_its_first_bytes_and_a_last_line_without_line_feed_counts(tmp_path, pack):
    path = tmp_path / "text"
    path.write_bytes(pack(lines_of(EN) + b"last"))
    assert read_lines(path) == [*EN, "last"]


def test_text_that_is_not_utf_8_is_named_by_file_line_and_byte(tmp_path):
    path = tmp_path / "latin"
    path.write_bytes(b"fine\nfa\xe7ade\n")
    with pytest.raises(DataError, match=r"latin:2: not UTF-8 \(byte 0xe7.*iconv"):
        read_lines(path)


def test_a_missing_file_is_named_with_its_nearest_neighbour(tmp_path):
    (tmp_path / "train.en").touch()
    with pytest.raises(DataError, match=r"trian\.en does not exist; is it .*train\.en"):
        read_lines(tmp_path / "trian.en")


def test_a_gzip_file_cut_short_is_a_data_error(tmp_path):
    path = tmp_path / "cut.gz"
    path.write_bytes(gzip.compress(b"hello\n" * 1000)[:-12])
    with pytest.raises(DataError, match="damaged gzip"):
        read_lines(path)


def written(folder: Path, layout: str) -> str:
    """The same pairs in each layout."""
    rows = [{"en": en, "de": de} for en, de in zip(EN, DE, strict=True)]
    if layout == "prefix":
        (folder / "c.en").write_bytes(lines_of(EN))
        (folder / "c.de.gz").write_bytes(gzip.compress(lines_of(DE)))
        return str(folder / "c")
    path = folder / f"c.{layout}"
    nested = "".join(json.dumps({"id": 1, "translation": row}) + "\n" for row in rows)
    flat = "".join(json.dumps(row) + "\n" for row in rows)
    text = {"jsonl": flat, "nested.jsonl": nested, "jsonl.gz": flat}[layout].encode()
    path.write_bytes(gzip.compress(text) if layout.endswith("gz") else text)
    return str(path)


@pytest.mark.parametrize("layout", ["prefix", "jsonl", "nested.jsonl", "jsonl.gz"])
def test_every_layout_gives_the_same_pairs_in_either_direction(tmp_path, layout):
    where = written(tmp_path, layout)
    there, back = corpus.load(where, "en", "de"), corpus.load(where, "de", "en")
    assert (there.name, there.src, there.tgt) == (where, EN, DE)
    assert (back.src, back.tgt, len(back)) == (DE, EN, 4)


@pytest.mark.parametrize("name", ["c.tsv", "c.tsv.gz"])
def test_a_tsv_has_the_source_first(tmp_path, name):
    text = "a b\tä b\n\t\n".encode()
    (tmp_path / name).write_bytes(gzip.compress(text) if name.endswith("gz") else text)
    read = corpus.load(str(tmp_path / name), "en", "de")
    assert (read.src, read.tgt) == (["a b", ""], ["ä b", ""])


def test_a_tsv_may_name_its_columns(tmp_path):
    (tmp_path / "c.tsv").write_text("de\ten\nHund\tdog\n")
    for source, target, pair in (("de", "en", (["Hund"], ["dog"])), ("en", "de", (["dog"], ["Hund"]))):
        read = corpus.load(str(tmp_path / "c.tsv"), source, target)
        assert (read.src, read.tgt) == pair


def test_a_line_break_inside_json_text_becomes_a_space(tmp_path):
    path = tmp_path / "c.jsonl"
    path.write_text('{"en": "a\\nb", "de": "c"}\n')
    assert corpus.load(str(path), "en", "de").src == ["a b"]


@pytest.mark.parametrize(
    ("name", "text", "message"),
    [
        ("c.tsv", "a\tb\na\tb\tc\n", r"c\.tsv:2: 3 columns"),
        ("c.tsv", "a\tb\n\n", r"c\.tsv:2: 1 columns"),
        ("c.jsonl", '{"en": "a", "de": "b"}\n{"en": "a"\n', r"c\.jsonl:2: not JSON"),
        ("c.jsonl", '{"en": "a", "fr": "b"}\n', r"c\.jsonl:1: no text under 'de'; it has 'en', 'fr'"),
        ("c.jsonl", '{"en": "a", "de": 3}\n', r"c\.jsonl:1: no text under 'de'"),
        ("c.jsonl", "[1]\n", r"c\.jsonl:1: no text under 'en'"),
        ("c.jsonl", "[" * 100_000, r"c\.jsonl:1: not JSON"),
        ("c.jsonl", '{"en": "a", "de": "b", "n": ' + "9" * 5_000 + "}", r"c\.jsonl:1: not JSON"),
        ("c.jsonl", '{"en": "\\ud800", "de": "b"}', r"c\.jsonl:1: .*half a surrogate pair"),
        ("c.tsv", "", "is empty"),
    ],
)
def test_a_faulty_line_is_named(tmp_path, name, text, message):
    (tmp_path / name).write_text(text)
    with pytest.raises(DataError, match=message):
        corpus.load(str(tmp_path / name), "en", "de")


def test_files_of_unlike_length_are_named_with_the_first_line_without_a_partner(tmp_path):
    (tmp_path / "c.en").write_bytes(b"a\nb\nc\n")
    (tmp_path / "c.de").write_bytes(b"a\n")
    with pytest.raises(DataError, match=r"c\.en has 3 lines and .*c\.de has 1; line 2 is the first without a partner"):
        corpus.load(str(tmp_path / "c"), "en", "de")


def test_a_missing_prefix_names_both_files_it_looked_for(tmp_path):
    with pytest.raises(DataError, match=r"neither .*c\.en nor .*c\.en\.gz exists"):
        corpus.load(str(tmp_path / "c"), "en", "de")


def test_a_prefix_is_read_although_a_folder_has_its_name(tmp_path):
    where = written(tmp_path, "prefix")
    Path(where).mkdir()
    assert corpus.load(where, "en", "de").src == EN


def test_the_embedded_corpus_says_which_languages_it_has():
    pytest.importorskip("nmt.data.grammar")
    with pytest.raises(DataError, match="German and English; it has no en-fr"):
        corpus.load("grammar", "en", "fr")
    with pytest.raises(DataError, match="must be a number of pairs"):
        corpus.load("grammar:many", "en", "de")


@pytest.fixture
def hub(tmp_path, monkeypatch):
    """The library without a network and with a cache of its own, whether or not it was imported before."""
    monkeypatch.setenv("HF_HUB_OFFLINE", "1")
    datasets = pytest.importorskip("datasets")
    constants = pytest.importorskip("huggingface_hub").constants
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "cache")
    folder = tmp_path / "set"
    folder.mkdir()
    return folder


@pytest.mark.parametrize("nested", [True, False])
@pytest.mark.parametrize(("split", "file"), [("train", "train"), ("dev", "validation"), ("test", "test")])
def test_a_folder_in_the_layout_of_the_hub_gives_each_part(hub, split, file, nested):
    for name in ("train", "validation", "test"):
        row = {"en": f"{name}\n1", "de": "ä"}
        (hub / f"{name}.jsonl").write_text(json.dumps({"translation": row} if nested else row) + "\n")
    read = corpus.load(str(hub), "en", "de", split)
    assert (read.src, read.tgt) == ([f"{file} 1"], ["ä"])


def test_a_part_that_a_data_set_lacks_is_an_error_that_lists_those_it_has(hub):
    (hub / "train.jsonl").write_text('{"en": "a", "de": "b"}\n')
    with pytest.raises(DataError, match="no dev part, only train"):
        corpus.load(str(hub), "en", "de", "dev")


def test_a_hub_id_that_cannot_be_reached_is_an_error_of_one_line(hub):
    with pytest.raises(DataError, match=r"^hub:nobody/nothing cannot be loaded: ") as caught:
        corpus.load("hub:nobody/nothing", "en", "de")
    assert "\n" not in str(caught.value)


@pytest.mark.skipif(not SHARED.exists(), reason="shared/data is not beside this checkout")
def test_multi30k_is_read_whole():
    read = corpus.load(str(SHARED / "multi30k" / "train"), "en", "de")
    assert len(read) == 29_000
    assert read.src[0].startswith("Two young, White males")
