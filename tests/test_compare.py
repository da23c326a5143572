"""Comparisons: numbers as sacrebleu's command has them, rules that choose, maps over words."""

import itertools
import re
import subprocess
import sys
from collections.abc import Iterator, Sequence
from pathlib import Path
from types import SimpleNamespace
from typing import Any

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nmt.data import grammar
from nmt.data.corpus import Corpus
from nmt.data.labels import Contrast, Labelled, to_json
from nmt.data.tokenizer import Tokenizer
from nmt.errors import DataError
from nmt.evaluation import accuracy, examples, figure, maps
from nmt.evaluation.compare import FEWEST, _to_draw, length_bounds, load_test
from nmt.evaluation.significance import intervals

REFERENCES = [example.en for example in grammar.sample("test", 60)]
BAD = [" ".join(reversed(text.split())) for text in REFERENCES]
GOOD = [text if i % 3 else text.replace("the", "a") for i, text in enumerate(REFERENCES)]


def test_intervals_and_p_are_those_of_the_command_sacrebleu(tmp_path: Path) -> None:
    for name, lines in (("ref", REFERENCES), ("bad", BAD), ("good", GOOD)):
        (tmp_path / name).write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    command = [
        "-m",
        "sacrebleu",
        "ref",
        "-i",
        "bad",
        "good",
        "--paired-bs",
        "-m",
        "bleu",
        "chrf",
        "-f",
        "text",
        "-w",
        "4",
    ]
    said = subprocess.run([sys.executable, *command], cwd=tmp_path, capture_output=True, text=True, check=True).stdout
    theirs = [tuple(map(float, found)) for found in re.findall(r"(\d+\.\d{4}) \((\d+\.\d{4}) ± (\d+\.\d{4})\)", said)]
    found = intervals([BAD, GOOD], REFERENCES)
    ours = [each[metric] for each in found for metric in ("bleu", "chrf")]
    assert len(theirs) == 4
    for one, (score, mean, half) in zip(ours, theirs, strict=True):
        assert (one.score, one.low, one.high) == pytest.approx((score, mean - half, mean + half), abs=2e-4)
        assert one.signature in said
    assert [one.p for one in ours[:2]] == [None, None]
    assert [one.p for one in ours[2:]] == pytest.approx(
        [float(p) for p in re.findall(r"p = (\d\.\d+)", said)], abs=1e-4
    )


def test_outputs_that_are_the_same_differ_by_chance_alone() -> None:
    assert [each["bleu"].p for each in intervals([BAD, BAD], REFERENCES)] == [None, 1.0]


def test_outputs_of_another_length_are_refused() -> None:
    with pytest.raises(ValueError, match="differ in length"):
        intervals([["one"]], ["one", "two"])


@given(st.lists(st.integers(1, 90), min_size=1, max_size=400))
def test_every_bucket_of_lengths_holds_enough_lines_but_that_of_a_short_text(lengths: list[int]) -> None:
    bounds = length_bounds(lengths)
    assert bounds == sorted(set(bounds))
    assert bounds[-1] == max(lengths)
    held = [sum(low < n <= high for n in lengths) for low, high in zip([0, *bounds], bounds, strict=False)]
    assert sum(held) == len(lengths)
    assert min(held) >= FEWEST or len(bounds) == 1


class Judge:
    """Stands for a translator: what it finds likely is a table."""

    def __init__(self, log_probs: dict[str, float]) -> None:
        self.log_probs = log_probs

    def score(self, src: Sequence[str], tgt: Sequence[str], *, batch_size: int) -> Iterator[Any]:
        assert len(src) == len(tgt)
        return iter([SimpleNamespace(log_prob=self.log_probs[text]) for text in tgt])


def contrast(phenomenon: str, word: str, *variants: str, distance: int | None = None, side: str = "de") -> Contrast:
    return Contrast(phenomenon, side, 1, word, variants, distance)


def test_a_contrast_is_right_where_the_reference_beats_every_variant() -> None:
    likely = {
        "er mag Eis.": -1.0,
        "er magst Eis.": -2.0,
        "er mögen Eis.": -0.5,
        "sie sind da.": -1.0,
        "sie ist da.": -3.0,
    }
    labels = [
        Labelled((), (contrast("agreement", "mag", "magst", "mögen", distance=1),)),
        Labelled((), (contrast("agreement, far", "sind", "ist", distance=9), contrast("x", "y", "z", side="en"))),
    ]
    judged = accuracy.judge(
        Judge(likely),
        ["he", "they"],
        ["er mag Eis.", "sie sind da."],
        labels,
        ["er mag es.", "Sind sie da?"],
        "de",  # type: ignore[arg-type]
    )
    counts = accuracy.by_phenomenon(judged)
    assert counts == {"agreement": accuracy.Count(1, 0, 1, 1 / 3), "agreement, far": accuracy.Count(1, 1, 1, 1 / 2)}
    assert accuracy.by_distance(judged) == {}  # two contrasts are one bucket


@given(st.lists(st.tuples(st.integers(1, 40), st.booleans()), min_size=1, max_size=200))
def test_every_bucket_of_distances_holds_enough_contrasts_and_all_are_counted(drawn: list[tuple[int, bool]]) -> None:
    judged = [accuracy.Judged(contrast("agreement", "a", "b", distance=far), right, False) for far, right in drawn]
    found = accuracy.by_distance(judged).get("agreement", {})
    assert len(found) != 1
    for span, count in found.items():
        low, _, high = span.partition("-")
        inside = [right for far, right in drawn if int(low) <= far <= int(high or low)]
        assert (count.contrasts, count.right) == (len(inside), sum(inside))
        assert count.contrasts >= accuracy.FEWEST
    assert sum(count.contrasts for count in found.values()) in (0, len(drawn))


def test_examples_are_chosen_by_length_and_by_gain() -> None:
    source, target = ["a b c", "a", "a b", "a b c d e"], ["one two", "one", "two", "three"]
    outputs = {"old": ["one two", "xx", "two", "three"], "new": ["zz", "one", "two", "thre"]}
    chosen = {example.why: example.line for example in examples.choose(Corpus("c", source, target), outputs)}
    assert chosen == {
        "shortest source": 2,
        "median length": 1,
        "longest source": 4,
        "most gained from old to new": 2,
        "most lost from old to new": 1,
    }


@pytest.mark.parametrize("level", ["bpe", "word", "char"])
def test_pieces_are_grouped_into_the_words_of_the_text(level: Any) -> None:
    text = "Der Hund, der schläft, träumt."
    tokenizer = Tokenizer.train([text] * 3, level=level, vocab_size=290)
    words, places = maps.grouped(tokenizer.pieces(tokenizer.encode([text])[0]))
    assert words == ["Der", "Hund", ",", "der", "schläft", ",", "träumt", ".", "</s>"]
    assert places == sorted(places)
    assert set(places) == set(range(len(words)))


def test_a_words_weights_are_the_sum_over_source_pieces_and_the_mean_over_target_pieces() -> None:
    tokenizer = Tokenizer.train(["ab cd", "ab", "cd"], level="char", vocab_size=290)
    tokens = tokenizer.encode(["ab c"])[0]
    weights = np.random.default_rng(0).dirichlet(np.ones(6), size=(2, 5))  # of "ab c" and its end, on "c ab " and its
    looks = SimpleNamespace(
        tokenizer=SimpleNamespace(source=tokenizer, target=tokenizer),
        attention=lambda source, tokens: torch.from_numpy(weights),
    )
    found = maps.attention(looks, "c abd", tokens)  # type: ignore[arg-type]
    assert found is not None
    assert (found.src, found.tgt) == (["c", "abd", "</s>"], ["ab", "c", "</s>"])
    for each in range(2):
        inside = [weights[each, row, 1:5].sum() for row in (0, 1)]  # " abd", by "a" and by "b"
        assert found.maps[each, 0, 1] == pytest.approx(sum(inside) / 2)
    np.testing.assert_allclose(found.maps.sum(-1), 1.0)


def test_a_word_of_many_bytes_is_shown_as_it_is_written() -> None:
    assert maps.grouped(["▁", "<0xE6>", "<0x97>", "<0xA5>", "s"]) == (["日s", "</s>"], [0, 0, 0, 0, 0, 1])
    # inside a word, behind a space that is in one piece with its first byte, and cut off
    pieces = ["▁na", "<0xC3>", "<0xAF>", "ve", "<0x20><0xE2><0x80>", "<0x94>", ".", "▁", "<0xC3>"]
    assert maps.grouped(pieces) == (
        ["naïve", "—.", "\N{REPLACEMENT CHARACTER}", "</s>"],
        [0, 0, 0, 0, 1, 1, 1, 2, 2, 3],
    )


def test_punctuation_between_letters_is_inside_a_word_and_any_other_is_not() -> None:
    pieces = ["▁hang", "-", "up", ",", "▁1", ",", "000", ".", "5", ".", "▁(", "e", ")."]
    assert maps.grouped(pieces)[0] == ["hang-up", ",", "1,000.5", ".", "(e", ").", "</s>"]


def test_labels_of_another_text_are_refused(tmp_path: Path) -> None:
    example = grammar.sample("test", 1)[0]
    label = Labelled(example.labels, example.contrasts)
    for side, text in (("de", example.de), ("en", example.en)):
        (tmp_path / f"t.{side}").write_text(text + "\n", encoding="utf-8")
    (tmp_path / "t.labels.jsonl").write_text(to_json(1, label) + "\n", encoding="utf-8")
    assert load_test("t", str(tmp_path / "t"), "de", "en").labels == [label]
    (tmp_path / "t.en").write_text("Something else.\n", encoding="utf-8")
    with pytest.raises(DataError, match=r"line 1: its labels are of another text; make them anew"):
        load_test("t", str(tmp_path / "t"), "de", "en")


def test_no_sentence_is_drawn_twice() -> None:
    assert _to_draw(Corpus("c", ["a b c d e", "a"], ["x", "y"])) == [0]


MACHADO = {
    "none": [[1, 0, 0], [0, 1, 0], [0, 0, 1]],
    "no long": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216], [-0.003882, -0.048116, 1.051998]],
    "no medium": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413], [-0.01182, 0.04294, 0.968881]],
    "no short": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602], [0.004733, 0.691367, 0.3039]],
}
"""What eyes without one kind of cones see of linear RGB (Machado et al. 2009, table 1)."""


def lab(color: str, missing: str) -> Any:
    """CIE L*a*b*, in which equal distances look about equal."""
    values = np.array([int(color[place : place + 2], 16) / 255 for place in (1, 3, 5)])
    linear = np.where(values <= 0.04045, values / 12.92, ((values + 0.055) / 1.055) ** 2.4)
    seen = np.clip(np.array(MACHADO[missing]) @ linear, 0, 1)
    to_xyz = np.array([[0.4124, 0.3576, 0.1805], [0.2126, 0.7152, 0.0722], [0.0193, 0.1192, 0.9505]])
    x, y, z = np.cbrt(to_xyz @ seen / to_xyz.sum(1))
    return np.array([116 * y - 16, 500 * (x - y), 200 * (y - z)])


@pytest.mark.parametrize("missing", MACHADO)
def test_ten_colours_are_as_far_apart_as_the_six_of_okabe_and_ito(missing: str) -> None:
    def nearest(colors: Sequence[str]) -> float:
        pairs = itertools.combinations([lab(color, missing) for color in colors], 2)
        return min(float(np.linalg.norm(one - other)) for one, other in pairs)

    assert len(figure.COLORS) == 10
    assert nearest(figure.COLORS) >= 0.99 * nearest(figure.COLORS[:6])


def test_no_two_of_forty_lines_look_the_same() -> None:
    looks = [figure.style(place, "a") for place in range(40)]
    assert len({(look["color"], look["marker"], look["linestyle"]) for look in looks}) == 40
    assert len({look["marker"] for look in looks[:10]}) == 10
