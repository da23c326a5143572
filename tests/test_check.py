"""`nmt data check` finds what was planted in real text, and nothing in text that is in order."""

import gzip
import json
import random
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from nmt.data import grammar
from nmt.data.check import clean, door, drift, plan, survey
from nmt.data.check.kinds import BIT, BY_NAME, KINDS, names
from nmt.data.check.repeats import HeldOut, normalised, repeated, several_partners
from nmt.data.check.report import Report, legible
from nmt.data.check.text import of_corpus, of_files
from nmt.errors import DataError, UsageError

SHARED = Path(__file__).parents[2] / "shared" / "data" / "multi30k"
SIZE = 1_200


@pytest.fixture(scope="session")
def pairs() -> list[tuple[str, str]]:
    """German and English: real captions where they are at hand, or else the embedded corpus."""
    if SHARED.exists():
        sides = [gzip.decompress((SHARED / f"train.{x}.gz").read_bytes()).decode().split("\n") for x in ("de", "en")]
        return list(zip(*(side[:SIZE] for side in sides), strict=True))
    return [(example.de, example.en) for example in grammar.sample("train", SIZE)]


def checked(folder: Path, pairs: list[tuple[str, str]], held: list[tuple[str, str]] | None = None) -> Report:
    """The report on pairs, written into files first."""
    texts = []
    for name, rows in (("text", pairs), ("held", held or [])):
        for language, side in zip(("de", "en"), zip(*rows, strict=True), strict=False):
            (folder / f"{name}.{language}").write_bytes("".join(f"{line}\n" for line in side).encode())
        texts += [of_files(folder / f"{name}.de", folder / f"{name}.en")] if rows else []
    return survey.survey(texts[0], texts[1:])


def found(report: Report) -> dict[str, list[int]]:
    """The rows that have each kind of finding."""
    return {
        kind.name: np.flatnonzero(((report.flags & BIT[kind.name]) != 0).any(0)).tolist()
        for kind in KINDS
        if (report.flags & BIT[kind.name]).any()
    }


PLANTED: dict[str, tuple[str, str]] = {
    "empty": ("", "A dog."),
    "identical": ("Das bleibt so stehen.", "Das bleibt so stehen."),
    "wordless": ("- 12 -", "A man sleeps."),
    "ratio": ("Ein Hund.", "A dog runs over the meadow " * 12),
    "long": ("Ein Hund läuft über die Wiese und " * 200, "A dog runs over the meadow and " * 200),
    "script": ("Собака бежит по зелёному лугу.", "A dog runs over a green meadow."),
    "other-language": ("Two men are standing in front of a shop.", "Two men stand in front of a store."),
    "strange": ("Žluťoučký kůň úpěl ďábelské ódy a přitom vůbec nic nevěděl.", "A horse is moaning in the street."),
    "broken": ("Ein Hund l\ufffduft.", "A dog runs."),
    "bom": ("\ufeffEin Hund läuft.", "A dog runs."),
    "carriage-return": ("Ein Hund läuft.\r", "A dog runs."),
    "line-separator": ("Ein Hund\u2028läuft.", "A dog runs."),
    "control": ("Ein Hund\x07 läuft.", "A dog runs."),
    "invisible": ("Ein Hu\u200bnd läuft.", "A dog runs."),
    "mojibake": ("Ein Hund lÃ¤uft.", "A dog runs."),
    "not-nfc": ("Ein Hund la\u0308uft.", "A dog runs."),
    "html": ("Ein <b>Hund</b> &amp; läuft.", "A dog runs."),
    "bidi": ("Ein Hund \u202eläuft.", "A dog runs."),
    "no-break-space": ("Ein\u00a0Hund läuft.", "A dog runs."),
    "numbers": ("Im Jahr 1998 lief ein Hund.", "In the year 1989 a dog ran."),
}


def test_every_kind_that_a_pair_can_have_is_found_where_it_was_planted(pairs, tmp_path):
    rows = dict(zip(PLANTED, range(50, SIZE, 50), strict=False))
    text = list(pairs)
    for kind, row in rows.items():
        text[row] = PLANTED[kind]
    text[1_100], text[1_101], text[1_102] = pairs[3], (pairs[4][0], "Something else."), ("Etwas anderes.", pairs[5][1])
    report = checked(tmp_path, text, [pairs[6], (pairs[7][0], "Not the same."), ("Nicht gleich.", pairs[8][1])])
    have = found(report)
    assert [kind for kind, row in rows.items() if row not in have.get(kind, [])] == []
    assert have["duplicate"] == [1_100]
    assert {4, 1_101} <= set(have["many-targets"])
    assert {5, 1_102} <= set(have["many-sources"])
    assert (have["leak"], have["leak-source"], have["leak-target"]) == ([6], [7], [8])
    assert {finding.kind.name for finding in report.findings} == set(have)
    for finding in report.findings:
        assert finding.pairs == len(have[finding.kind.name])
        assert all(example.line - 1 in have[finding.kind.name] for example in finding.examples)


def test_text_in_order_has_next_to_no_findings(pairs, tmp_path):
    removed = sum(BIT[kind.name] for kind in KINDS if kind.fate != "reported")
    assert ((checked(tmp_path, pairs).flags & removed) != 0).any(0).mean() < 0.01


def test_the_embedded_corpus_is_in_order():
    report = survey.survey(of_corpus("grammar:1500", "de", "en"), [of_corpus("grammar:300", "de", "en", "test")])
    assert set(found(report)) <= {"many-targets", "many-sources"}
    rows = [(example.de, example.en) for example in grammar.sample("train", 1_500)]
    assert door.looked_over(rows, [(example.de, example.en) for example in grammar.sample("dev")]) is None


@pytest.mark.skipif(not SHARED.exists(), reason="shared/data is not beside this checkout")
def test_planted_lines_of_other_languages_are_nearly_all_found_and_nearly_nothing_else(pairs, tmp_path):
    french = gzip.decompress((SHARED / "train.fr.gz").read_bytes()).decode().split("\n")
    rng = random.Random(1)
    rows = rng.sample(range(SIZE), 24)
    text = list(pairs)
    for number, row in enumerate(rows):
        text[row] = (text[row][1], text[row][1][:-1] + "!") if number < 12 else (french[row], text[row][1])
    have = found(checked(tmp_path, text))
    assert set(rows[:12]) <= set(have["other-language"])
    assert len(set(have["other-language"]) - set(rows[:12])) <= 1
    assert len(set(rows[12:]) & set(have["strange"])) >= 6
    assert len(set(have["strange"]) - set(rows[12:])) <= 6


@pytest.mark.parametrize("side", [0, 1])
def test_a_missing_line_is_found_within_ten_lines(pairs, side):
    rng = random.Random(side)
    lengths = [np.array([len(pair[i]) for pair in pairs]) for i in (0, 1)]
    for row in rng.sample(range(150, SIZE - 150), 5):
        cut = list(lengths)
        cut[side] = np.delete(cut[side], row)
        (before, after) = drift.stretches(*cut)
        assert (before.shift, after.shift) == (0, 1 if side == 0 else -1)
        assert abs(after.start - row) <= 10


def test_lines_that_are_lost_and_found_again_are_one_stretch(pairs, tmp_path):
    tgt = [pair[1] for pair in pairs]
    text = list(zip([pair[0] for pair in pairs], tgt[:300] + tgt[301:600] + ["A dog."] + tgt[600:], strict=True))
    rows = found(checked(tmp_path, text))["out-of-step"]
    assert abs(rows[0] - 300) <= 10
    assert abs(rows[-1] - 599) <= 10
    assert rows == list(range(rows[0], rows[-1] + 1))


def test_sides_of_unlike_length_are_refused_with_the_place_where_they_part(pairs, tmp_path):
    checked(tmp_path, pairs)
    lines = (tmp_path / "text.en").read_bytes().split(b"\n")
    (tmp_path / "text.en").write_bytes(b"\n".join(lines[:700] + lines[701:]))
    text = of_files(tmp_path / "text.de", tmp_path / "text.en")
    report = survey.survey(text)
    assert f"line {SIZE:,} is the first without a partner; by their lengths they run out of step" in report.refused[0]
    assert "from where the source has a line more" in report.refused[0]
    with pytest.raises(DataError, match="cannot know which line is missing"):
        clean.clean(text, report, tmp_path / "out")


def test_bytes_that_are_not_utf_8_are_named_by_line_and_column(tmp_path):
    (tmp_path / "a").write_bytes(b"eins\nzw\xe4i\n\xff\n")
    (tmp_path / "b").write_bytes(b"one\ntwo\nthree\n")
    report = survey.survey(of_files(tmp_path / "a", tmp_path / "b"))
    assert "a:2, byte 0xe4 at column 3" in report.refused[0]
    assert found(report)["undecodable"] == [1, 2]
    assert "broken" not in found(report)


def test_fix_removes_mends_and_logs_and_a_second_check_finds_it_done(pairs, tmp_path):
    text = list(pairs)
    for row, kind in enumerate(PLANTED, start=100):
        text[row] = PLANTED[kind]
    report = checked(tmp_path, text, [pairs[6]])
    source = of_files(tmp_path / "text.de", tmp_path / "text.en")
    before = (tmp_path / "text.de").read_bytes()
    done = clean.clean(source, report, tmp_path / "out")
    log = [json.loads(line) for line in (tmp_path / "out" / "log.jsonl").read_text("utf-8").split("\n")[:-1]]
    kept = [path.read_text("utf-8").split("\n")[:-1] for path in done.paths[:2]]
    assert (tmp_path / "text.de").read_bytes() == before
    assert len(kept[0]) == len(kept[1]) == done.kept == SIZE - done.removed
    assert done.changed == sum(entry["did"] == "changed" for entry in log)
    for entry in log:
        assert (entry["source"], entry["target"]) == text[entry["line"] - 1]
        assert all(
            name in names(int(report.flags[0, entry["line"] - 1] | report.flags[1, entry["line"] - 1]))
            for name in entry["why"]
        )
        if entry["did"] == "changed":
            assert kept[0][entry["now"] - 1] in ("Ein Hund läuft.", "Ein Hund läuft")
    again = survey.survey(of_files(*done.paths[:2]), [of_files(tmp_path / "held.de", tmp_path / "held.en")])
    left = {"strange", "ratio", "long", "duplicate", *(kind.name for kind in KINDS if kind.fate == "reported")}
    assert set(found(again)) <= left  # some are judged by what is usual, and mended lines may be alike


def test_fix_is_the_same_each_time_and_leaves_what_it_is_told_to(pairs, tmp_path):
    text = [*pairs[:300], ("", "A dog."), pairs[3]]
    report = checked(tmp_path, text)
    source = of_files(tmp_path / "text.de", tmp_path / "text.en")
    outs = [clean.clean(source, report, tmp_path / name, ["duplicate"]) for name in ("one", "two")]
    assert [path.read_bytes() for path in outs[0].paths] == [path.read_bytes() for path in outs[1].paths]
    assert outs[0].paths[0].read_text("utf-8").split("\n")[-2] == pairs[3][0]


def test_fix_never_writes_over_its_input(pairs, tmp_path):
    report = checked(tmp_path, pairs[:5])
    with pytest.raises(UsageError, match="is read and would be written"):
        clean.clean(of_files(tmp_path / "text.de", tmp_path / "text.en"), report, tmp_path)


@pytest.mark.parametrize("keep", ["duplicates", "unparallel", "html"])
def test_what_fix_does_not_touch_cannot_be_kept(keep):
    with pytest.raises(UsageError, match="nothing that --fix takes out or mends"):
        clean.check_keep([keep])


@given(st.lists(st.tuples(st.sampled_from("abc"), st.sampled_from("xyz")), max_size=12))
def test_repetitions_are_what_a_dictionary_says(rows):
    src, tgt = (np.array([ord(row[i]) for row in rows], np.uint64) for i in (0, 1))
    assert repeated(src).tolist() == [row[0] in [r[0] for r in rows[:i]] for i, row in enumerate(rows)]
    partners = {a: {y for x, y in rows if x == a} for a, _ in rows}
    assert several_partners(src, tgt).tolist() == [len(partners[a]) > 1 for a, _ in rows]


@given(st.text(min_size=1))
def test_a_sentence_is_held_out_whatever_its_case_and_punctuation(line):
    held = HeldOut()
    held.add([line], ["x"])
    assert held.holds(line, "y")[0] or not line.strip()
    assert normalised(f" {line}! ") == normalised(line) or not normalised(line).isalnum()


@given(st.text(max_size=300))
def test_what_is_shown_is_short_and_visible(line):
    shown = legible(line)
    assert "\n" not in shown
    assert "\r" not in shown
    assert all(char.isprintable() for char in shown)


def test_the_door_counts_what_it_warns_of(pairs):
    odd = [PLANTED[kind] for kind in ("identical", "ratio", "broken", "mojibake", "empty")]
    said = door.looked_over([*pairs, *odd, pairs[0]], pairs[:2]) or ""
    for part in (
        "1 are the same on both sides",
        "1 have one side over 5 times",
        "3 are in the development",
        "1 have lost",
    ):
        assert part in said
    assert "1 have characters" in said


def test_the_door_sees_lines_that_were_lost_on_one_side(pairs):
    tgt = [pair[1] for pair in pairs]
    shifted = list(zip([pair[0] for pair in pairs], [*tgt[:300], *tgt[301:], "A dog."], strict=True))
    said = door.looked_over(shifted, []) or ""
    number, _, first = said.partition(" seem out of step, from about ")
    assert abs(int(number) - (SIZE - 300)) <= 10
    assert abs(int(first.split(" ")[0]) - 300) <= 10


def test_the_door_takes_for_usual_what_most_pairs_have():
    assert door.looked_over([("语" * 10, "x" * 60)] * 20, []) is None
    said = door.looked_over([("语" * 10, "x" * 60)] * 20 + [("语" * 50, "x" * 50)], [])
    assert said == "1 have one side over 5 times as long beside the other as is usual"


def test_a_recipe_names_its_text_and_all_that_is_held_out(tmp_path, pairs):
    checked(tmp_path, pairs[:30], pairs[:3])
    (tmp_path / "r.toml").write_text(
        'source = "de"\ntarget = "en"\n[data]\ntrain = "text"\ndev = "held"\ntest = { a = "held" }\n'
    )
    text, held = plan.texts(plan.Flags(recipe=tmp_path / "r.toml"))
    assert text.names[0] == str(tmp_path / "text.de")
    assert len(held) == 2
    assert found(survey.survey(text, held))["leak"] == [0, 1, 2]


def test_every_kind_has_a_name_a_fate_and_advice():
    assert len(KINDS) <= 32
    assert all(kind.title and kind.advice for kind in KINDS)
    assert len(BY_NAME) == len(KINDS)
