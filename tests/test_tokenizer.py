"""What is encoded comes back, nothing in a text is markup, and the same text gives the same vocabulary."""

import random
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nmt.data.tokenizer import Tokenizer, TokenizerPair
from nmt.errors import DataError, UsageError
from nmt.tokens import BOS, EOS, PAD, SPECIALS, UNK

EN = ["A man in a blue shirt.", "Two men play chess in the park.", "A woman, a dog and the man's hat.", ""] * 4
DE = ["Ein Mann in einem blauen Hemd.", "Zwei Männer spielen Schach im Park.", "Eine Frau läuft müde weg.", "ß"] * 4
ODD = [
    "", " ", "  a  b ", "\t", "a\tb\r", "\x00\x1b\x7f", "😀👨‍👩‍👧", "e\u0301a\u0308", "שלום עולם", "हिन्दी",
    "▁a▁", "<s>", "</s><unk><pad>", "⟨pad⟩ ⟨unk⟩", "a\u2028b\u0085c\x0cd", "<0x41>", "Ġa", "\ufffd", "\ufeffa",
    "\u00a0a\u3000",
]  # fmt: skip
TEXT = st.text(st.characters(exclude_categories=["Cs"]), max_size=40)
SEEN = st.lists(st.sampled_from([*" aeinmänM.,'", "man", "Mann", " the"]), max_size=12).map("".join)


@pytest.fixture(scope="module", params=["bpe", "char"])
def exact(request):
    return Tokenizer.train([*EN, *DE], level=request.param, vocab_size=320)


@pytest.fixture(scope="module")
def bpe():
    return Tokenizer.train([*EN, *DE], level="bpe", vocab_size=320)


@pytest.mark.parametrize("text", ODD)
def test_an_odd_line_comes_back_as_it_was(exact, text):
    (ids,) = exact.encode([text])
    assert exact.decode(ids) == text


@settings(max_examples=300)
@given(text=TEXT | SEEN)
def test_every_string_comes_back_and_holds_no_special_token(exact, text):
    (ids,) = exact.encode([text])
    assert exact.decode(ids) == text
    assert all(len(SPECIALS) <= index < len(exact) for index in ids)
    assert len(exact.pieces(ids)) == len(ids)


@pytest.mark.parametrize("level", ["bpe", "word", "char"])
def test_a_batch_is_encoded_as_its_lines_one_by_one(level):
    tokenizer = Tokenizer.train(EN, level=level, vocab_size=320)
    assert tokenizer.encode([*ODD, *EN]) == [tokenizer.encode([text])[0] for text in [*ODD, *EN]]
    assert tokenizer.encode([""]) == [[]]


def test_a_first_word_has_the_piece_of_the_same_word_inside(bpe):
    (ids,) = bpe.encode(["the man the"])
    assert ids[0] == ids[-1]
    assert all(piece.startswith("▁") for piece in bpe.pieces([ids[0]]))


@settings(max_examples=200)
@given(text=TEXT | SEEN)
def test_without_dropout_our_merges_are_those_of_the_library(bpe, text):
    assert bpe.encode_with_dropout(text, 0.0, random.Random(1)) == bpe.encode([text])[0]


@settings(max_examples=100)
@given(text=TEXT | SEEN, dropout=st.floats(0.01, 1.0), seed=st.integers(0, 9))
def test_dropout_changes_the_pieces_and_never_the_text(bpe, text, dropout, seed):
    ids = bpe.encode_with_dropout(text, dropout, random.Random(seed))
    assert bpe.decode(ids) == text
    assert ids == bpe.encode_with_dropout(text, dropout, random.Random(seed))


def test_dropout_of_everything_leaves_bytes(bpe):
    assert len(bpe.encode_with_dropout("Männer", 1.0, random.Random(1))) == len(" Männer".encode())


def test_a_merge_is_skipped_as_often_as_the_dropout_says():
    one_merge = Tokenizer.train(["ab ab ab"], level="bpe", vocab_size=261)  # "ab" is the only merge that fits
    rng, runs = random.Random(7), 4_000
    whole = sum(len(one_merge.encode_with_dropout("xab", 0.3, rng)) == 3 for _ in range(runs))
    assert abs(whole / runs - 0.7) < 0.03


@pytest.mark.parametrize("level", ["word", "char"])
def test_levels_without_merges_refuse_dropout(level):
    with pytest.raises(ValueError, match="merges"):
        Tokenizer.train(EN, level=level, vocab_size=300).encode_with_dropout("a", 0.1, random.Random(1))


def test_an_unknown_word_is_an_honest_unknown():
    tokenizer = Tokenizer.train(EN, level="word", vocab_size=100)
    (ids,) = tokenizer.encode(["A zebra in a shirt"])
    assert ids.count(UNK) == 1
    assert tokenizer.decode(ids) == "A <unk> in a shirt"


def test_words_are_numbered_by_frequency_then_alphabet():
    tokenizer = Tokenizer.train(["b a c", "c b c"], level="word", vocab_size=6)
    assert tokenizer.pieces(range(4, len(tokenizer))) == ["▁c", "▁b"]


def test_characters_beyond_the_vocabulary_fall_back_to_bytes():
    tokenizer = Tokenizer.train(["aaab"], level="char", vocab_size=4 + 256 + 1)
    assert tokenizer.pieces(tokenizer.encode(["abä"])[0]) == ["a", "<0x62>", "<0xC3>", "<0xA4>"]


def test_parts_of_a_character_are_shown_as_bytes(bpe):
    (ids,) = bpe.encode(["😀"])
    assert bpe.pieces(ids)[-4:] == ["<0xF0>", "<0x9F>", "<0x98>", "<0x80>"]


def test_decoding_leaves_out_all_special_tokens_but_the_unknown(exact):
    (ids,) = exact.encode(["a man"])
    assert exact.decode([BOS, *ids, EOS, PAD, PAD]) == "a man"
    assert "<unk>" in exact.decode([UNK])


@pytest.mark.parametrize(("level", "size"), [("bpe", 259), ("char", 259), ("word", 4)])
def test_a_vocabulary_without_room_for_its_base_is_a_usage_error(level, size):
    with pytest.raises(UsageError, match="too small for level"):
        Tokenizer.train(EN, level=level, vocab_size=size)


@pytest.mark.parametrize("joint", [True, False])
@pytest.mark.parametrize("level", ["bpe", "word", "char"])
def test_a_saved_pair_is_the_same_pair_and_the_same_bytes(tmp_path, level, joint):
    pair = TokenizerPair.train(EN, DE, level=level, vocab_size=300, joint=joint)
    again = TokenizerPair.train(EN, DE, level=level, vocab_size=300, joint=joint)
    pair.save(tmp_path / "a.json")
    again.save(tmp_path / "b.json")
    loaded = TokenizerPair.load(tmp_path / "a.json")
    assert (tmp_path / "a.json").read_bytes() == (tmp_path / "b.json").read_bytes()
    assert loaded.joint == pair.joint == joint
    assert loaded.sha256() == pair.sha256()
    texts = [*ODD, *EN, *DE]
    assert loaded.source.encode(texts) == pair.source.encode(texts)
    assert loaded.target.encode(texts) == pair.target.encode(texts)
    assert [path.name for path in sorted(tmp_path.iterdir())] == ["a.json", "b.json"]


@pytest.mark.parametrize("content", [b"", b"\xff", b"[]", b"{}", b'{"version": "1.0", "model": {}}', None])
def test_a_file_that_is_no_tokenizer_is_named_with_the_remedy(tmp_path, content):
    path = tmp_path / "tokenizer.json"
    if content is not None:
        path.write_bytes(content)
    with pytest.raises(DataError, match=r"tokenizer\.json .*`nmt tokenizer train`"):
        TokenizerPair.load(path)


PROGRAM = "import sys; from nmt.cli.tokenizer import app; app(sys.argv[1:])"


def command(*arguments: str | Path, stdin: bytes = b"") -> subprocess.CompletedProcess[bytes]:
    words = [sys.executable, "-X", "utf8=0", "-c", PROGRAM, *map(str, arguments)]
    folder = Path(__file__).parents[1]
    return subprocess.run(words, input=stdin, capture_output=True, cwd=folder, timeout=60, check=False)


@pytest.mark.parametrize("level", ["bpe", "char"])
def test_the_decode_command_restores_every_line_the_encode_command_wrote(tmp_path, level):
    (tmp_path / "text").write_text("\n".join(EN + DE), encoding="utf-8")
    model = tmp_path / "t.json"
    made = command("train", tmp_path / "text", "--vocab-size", "300", "--level", level, "-o", model)
    assert (made.returncode, made.stdout) == (0, b"")
    text = "".join(line + "\n" for line in ODD).encode()
    ids = command("encode", "-m", model, stdin=text).stdout
    assert ids.count(b"\n") == len(ODD)
    assert command("decode", "-m", model, stdin=ids).stdout == text


def test_the_commands_name_what_is_wrong(tmp_path):
    model = tmp_path / "t.json"
    TokenizerPair.train(EN, DE, level="bpe", vocab_size=300, joint=False).save(model)
    assert b"--side source" in command("encode", "-m", model).stderr
    assert b"standard input:2: not UTF-8" in command("encode", "-m", model, "--side", "target", stdin=b"a\n\xe7").stderr
    wrong = command("decode", "-m", model, "--side", "source", stdin=b"5 6\n5 three\n")
    assert b"standard input:2: 'three' is not an id" in wrong.stderr
