"""Files of vectors: what is read of them, what is refused, which tokens are words, and the script that writes them."""

import gzip
import math
import re
import subprocess
import sys
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nmt.data.tokenizer import Tokenizer
from nmt.data.vectors import dim_of, read_vectors
from nmt.errors import DataError

ROOT = Path(__file__).parents[1]
GLOVE = "Hund 1 2.5 -3e-1\nhund 7 7 7\n. . 1 1 1\nkatze 4 5 6\nHund 9 9 9\nName@x y.z 2 2 2\n"


@pytest.fixture
def file(tmp_path: Path) -> Callable[[str | bytes], Path]:
    def write(content: str | bytes) -> Path:
        path = tmp_path / "x.vec"
        path.write_bytes(content.encode() if isinstance(content, str) else content)
        return path

    return write


FORMS = {
    "glove": GLOVE.encode(),
    "word2vec": b"6 3\n" + GLOVE.encode(),
    "word2vec's own program": b"6 3\n" + GLOVE.replace("\n", " \n").encode(),
    "windows": GLOVE.replace("\n", "\r\n").encode(),
    "no last line end": GLOVE.encode()[:-1],
    "gz": gzip.compress(b"6 3\n" + GLOVE.encode(), mtime=0),
}


@pytest.mark.parametrize("form", FORMS)
def test_each_form_of_file_gives_the_same_vectors(form: str, file: Any) -> None:
    path = file(FORMS[form])
    vectors = read_vectors(path, ["Katze", "nie", "Hund", "HUND", ".", "Hund", "Name@x"])
    assert dim_of(path) == 3
    assert {word: vector.tolist() for word, vector in vectors.found.items()} == {
        "Katze": [4, 5, 6],  # by its lower-cased spelling
        "Hund": [1, 2.5, pytest.approx(-0.3)],  # by its own, and the first of two
        "HUND": [7, 7, 7],
    }
    assert vectors.missing == ["nie", ".", "Name@x"]
    assert all(vector.dtype == np.float32 for vector in vectors.found.values())


def test_a_word_with_spaces_in_the_first_line_does_not_widen_the_vectors(file: Any) -> None:
    path = file(". . 1 2\na 3 4\n5 6 7\n")
    assert dim_of(path) == 2
    found = read_vectors(path, [".", "a", "5", ". ."]).found
    assert {word: vector.tolist() for word, vector in found.items()} == {"a": [3, 4], "5": [6, 7], ". .": [1, 2]}


@pytest.mark.parametrize(
    ("content", "said"),
    [
        (b"", "x.vec is empty; it must have a word and its numbers on each line"),
        (b"0 3\n", "x.vec is empty"),
        (b"a 1 2\nb 1\n", r"x.vec:2: 1 fields after the first; a line must be a word and 2 numbers, separated by sing"),
        (b"a 1 2\n\nb 1 2\n", "x.vec:2: 0 fields"),
        (b"2 2\na 1 2\nb 1 2 3\n", "x.vec:3: 3 fields after the first; a line must be a word and 2 numbers"),
        (b"a 1 2\nb  1 2\n", "x.vec:2: 3 fields after the first; .* mend or delete the line"),
        (b"a 1 2\nb\t1\t2\n", "x.vec:2: 0 fields after the first"),
        (b"a\t1\t2\n", r"x.vec:1: 'a\\t1\\t2' is no number; .* separated by single spaces"),
        (b"eine Zeile Text\n", "x.vec:1: 'Text' is no number; a line must be a word and its numbers"),
        (b"a 1 x 2\n", "x.vec:1: 3 fields after the first; a line must be a word and 1 numbers"),
        (b"a 1 2\nb 1 x\n", "x.vec:2: 'x' is no finite number; mend or delete the line"),
        (b"a 1 2\nb 1 nan\n", "x.vec:2: 'nan' is no finite number"),
        (b"a inf 2\nb 1 2\n", "x.vec:1: 'inf' is no finite number"),
        (b"a 1 2\nb 1e39 2\n", "x.vec:2: '1e39' is no finite number"),
        (b"a 1 2\n\xff 1 2\n", r"x.vec:2: not UTF-8 \(byte 0xff at column 1\); .*; vectors must be text, .* -binary 0"),
        (
            b"3 2\na 1 2\nb 1 2\n",
            "x.vec has 2 vectors and its first line promises 3; obtain the file again, or correct",
        ),
        (b"a 0 0\nb 0 0\n", "x.vec has nothing but zeros for the words that are needed"),
        (gzip.compress(GLOVE.encode(), mtime=0)[:-9], "x.vec is a damaged gzip file"),
    ],
)
def test_a_file_of_another_form_is_refused_by_name_and_line(content: bytes, said: str, file: Any) -> None:
    path = file(content)
    with pytest.raises(DataError, match=said) as caught:
        read_vectors(path, ["a", "b"])
    assert str(path) in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_that_is_not_there_or_is_a_folder_is_refused(tmp_path: Path) -> None:
    with pytest.raises(DataError, match=r"no.vec does not exist.*; the README says what makes such a file"):
        dim_of(tmp_path / "no.vec")
    with pytest.raises(DataError, match="is a folder; name a file in it; vectors must be text"):
        read_vectors(tmp_path, ["a"])
    with pytest.raises(DataError, match=r"cannot be read: .*; vectors must be text"):
        read_vectors(tmp_path / ("x" * 300), ["a"])


def test_a_token_is_a_word_where_it_is_a_whole_one() -> None:
    text = ['Der Hund, der "Hund" heißt, hat 12 Hunde.', "Der Hund\u0301 läuft \u3000 weg."] * 9
    word = Tokenizer.train(text, level="word", vocab_size=99)
    pieces = ["▁Der", "▁Hund", ",", "▁der", '▁"', "Hund", '"', "▁heißt", "▁hat", "▁12", "▁Hunde", "."]
    known = dict(zip(word.words(), word.pieces(list(word.words())), strict=True))
    assert sorted(known.values()) == sorted([*pieces, "▁Hund\u0301", "▁läuft", "▁weg"])
    assert word.words() == {index: piece.removeprefix("▁") for index, piece in known.items()}
    bpe = Tokenizer.train(text, level="bpe", vocab_size=320)
    whole = {i: piece[1:] for i, piece in enumerate(bpe.pieces(range(len(bpe)))) if re.match(r"▁[^\W_]", piece)}
    assert bpe.words() == whole
    assert {"Der", "Hund", "12"} <= set(bpe.words().values())
    assert Tokenizer.train(text, level="char", vocab_size=300).words() == {}


def test_the_script_factorises_the_pointwise_mutual_information_of_near_words(tmp_path: Path) -> None:
    text = ["Sie singt gut .", "Er singt schlecht .", "Er , sie", "Rar singt", ". gut gut"]
    (tmp_path / "text").write_text("\n".join(text), encoding="utf-8")
    command = [sys.executable, ROOT / "recipes/ablations/vectors.py", tmp_path / "text", "-o", tmp_path / "out/x.vec"]
    subprocess.run([*command, "--dim=4", "--window=2", "--min-count=2"], check=True, cwd=ROOT)
    names = ["gut", "singt", ".", "Er"]
    found = read_vectors(tmp_path / "out/x.vec", {word for line in text for word in line.split()}).found
    assert set(found) == set(names)
    lines = [line.split() for line in text]
    near = [(v, w) for line in lines for i, v in enumerate(line) for j, w in enumerate(line) if 0 < abs(i - j) <= 2]
    near = [(v, w) for v, w in near if v in names and w in names]
    each, both = Counter(v for v, _ in near), Counter(near)
    matrix = np.zeros((4, 4))
    for (v, w), count in both.items():
        matrix[names.index(v), names.index(w)] = max(0.0, math.log(count * len(near) / each[v] / each[w]))
    rows = np.stack([found[word] for word in names])
    square = rows @ rows.T  # U S U', so that its square is that of the symmetric matrix
    np.testing.assert_allclose(square @ square, matrix @ matrix, atol=1e-3)
