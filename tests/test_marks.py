"""Characters that do not belong in a line are found and mended, and numbers that differ are found."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.data.check import marks, mojibake
from nmt.data.check.kinds import BIT, bits
from nmt.data.check.pairs import numbers


@given(st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\n")))
def test_mending_leaves_nothing_to_mend(line):
    mended = marks.repaired(line, bits("repaired"))
    assert marks.marks(mended) & bits("repaired") == 0
    assert "\n" not in mended


@given(st.text("Ã¢â‚¬Â…\x85\x80\xa8\u00ad\u200b\ufeff e\u0301"))
def test_mending_what_looks_like_mojibake_leaves_nothing_to_mend(line):
    assert marks.marks(marks.repaired(line, bits("repaired"))) & bits("repaired") == 0


def test_mending_reads_again_as_often_as_it_was_misread():
    line = "Größe – “Öl”"
    wrong = line
    for _ in range(4):
        wrong = wrong.encode().decode("latin-1")
        assert mojibake.mended(wrong) == line


def test_a_lost_character_is_found_however_it_was_read():
    assert marks.marks("Gr\ufffdße") == marks.marks("Grï¿½e") == BIT["broken"]


@pytest.mark.parametrize(
    ("src", "tgt", "differ"),
    [
        ("im Jahr 1998", "in the year 1989", True),
        ("Nummer 36 und 12", "numbers 12 and 26", True),
        ("vor 50 Jahren", "fifty years ago", False),
        ("um 20.05 Uhr", "at 8.05 p.m.", False),
        ("1996/97 und 3.500", "1996-1997 and 3500", False),
        ("die 60er", "the 1960s", False),
        ("A4-0278/97", "A4-278/97", False),
    ],
)
def test_numbers_differ_where_each_side_has_one_that_the_other_lacks(src, tgt, differ):
    assert numbers(src, tgt) == differ


@pytest.mark.parametrize(
    "line", ["Ça va? «CAFÉ», „MENÜ“", "naïve œuvre à côté", "Ärger — über “Öl”", "Größe: 5 µm ± 1 °C", "ÂGE D’OR"]
)
def test_good_text_is_no_mojibake(line):
    assert mojibake.mended(line) == line
    for encoding in ("cp1252", "latin-1"):
        try:
            wrong = line.encode().decode(encoding)
        except UnicodeDecodeError:
            continue
        assert mojibake.mended(wrong) == line


@pytest.mark.parametrize("line", ["Привет, мир", "Καλημέρα κόσμε", "שלום עולם", "日本語の文章です", "한국어 문장"])
def test_other_alphabets_are_read_again_too(line):
    assert mojibake.mended(line.encode().decode("latin-1")) == line
    assert mojibake.mended(line) == line
