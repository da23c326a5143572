"""The table of tokens: counts, unknown tokens and unseen words, against a second way to find each."""

import json
import re
import shutil
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import replace
from itertools import groupby, pairwise
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from sacrebleu import corpus_bleu

from nmt import recipe as recipes
from nmt.data import grammar
from nmt.data.corpus import Corpus
from nmt.data.lines import read_lines
from nmt.data.tokenizer import Tokenizer, TokenizerPair
from nmt.evaluation import report, tables, tokens
from nmt.evaluation.compare import FEWEST, Comparison, compare
from nmt.training import run as training

SYSTEMS = {
    "lexical": ("lexical", "train", []),
    "pieces": ("rnn", "train", ["tokenizer.vocab_size=320", "tokenizer.dropout=0.2"]),
    "words": ("rnn", "half", ["tokenizer.level=word", "tokenizer.vocab_size=150", "tokenizer.joint=false"]),
    "letters": ("rnn", "train", ["tokenizer.level=char", "tokenizer.vocab_size=300"]),
}
TRIED = 90
"""Lines of the test set: 25 of each half of train, and 40 of the embedded corpus's own test part."""


@pytest.fixture(scope="module")
def texts(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files train, half (of train), dev and test."""
    folder = tmp_path_factory.mktemp("texts")
    examples = grammar.sample("test", 40)
    for side in ("de", "en"):
        lines = read_lines(corpus / f"train.{side}")
        held = {"train": lines, "half": lines[:100], "dev": lines[:2]}
        held["test"] = [*lines[:25], *lines[100:125], *(getattr(example, side) for example in examples)]
        for name, text in held.items():
            (folder / f"{name}.{side}").write_text("".join(f"{line}\n" for line in text), encoding="utf-8")
    return folder


@pytest.fixture(scope="module")
def folders(texts: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, list[Path]]:
    """A run for each of SYSTEMS."""
    found = tmp_path_factory.mktemp("runs")
    for name, (arch, text, more) in SYSTEMS.items():
        small = ["training.steps=2", "training.validate_every=2", "decoding.beam=1", "decoding.max_extra=1"]
        small += [] if arch == "lexical" else ["model.dim=8"]
        data = {"train": str(texts / text), "dev": str(texts / "dev")}
        training.train(recipes.load(None, arch, [*small, *more], {"data": data}), found / name, "cpu")
    return {name: [found / name] for name in SYSTEMS}


def compared(folders: dict[str, list[Path]], texts: Path) -> tuple[Comparison, list[str]]:
    said: list[str] = []
    return compare(folders, {"mine": str(texts / "test")}, device="cpu", say=said.append), said


@pytest.fixture(scope="module")
def comparison(folders: dict[str, list[Path]], texts: Path) -> Comparison:
    return compared(folders, texts)[0]


def runs_of(line: str) -> Iterator[tuple[bool, str]]:
    """Runs of letters, of digits and of others, "'t" and "'s" each as one; and whether a space is before."""
    for chunk in line.split(" "):
        kinds = groupby(
            chunk, lambda char: {"L": "letter", "M": "letter", "N": "digit"}.get(unicodedata.category(char)[0])
        )
        text = "|".join("".join(run) for _, run in kinds)
        for place, run in enumerate(re.sub(r"'\|(?=[st]\b)", "'", text).split("|")):
            yield place == 0, run


def oracle_words(line: str) -> list[str]:
    return [run for _, run in runs_of(line) if any(unicodedata.category(char)[0] in "LN" for char in run)]


def byte_letters() -> list[str]:
    """What stands for each byte in a vocabulary: itself where it can be printed, or else the next from U+0100 on."""
    seen = {*range(33, 127), *range(161, 256)} - {173}
    others = iter(range(256, 512))
    return [chr(byte if byte in seen else next(others)) for byte in range(256)]


def oracle_tokens(model: dict[str, Any], level: str, line: str) -> list[str | None]:
    """A line's tokens by the file of the tokenizer alone, merged one pair at a time; None is <unk>."""
    if level == "char":
        return [part for char in line for part in ([char] if char in model["vocab"] else char.encode())]  # type: ignore[misc]
    found: list[str | None] = []
    for spaced, run in runs_of(line):
        symbols = [byte_letters()[byte] for byte in (" " * spaced + run).encode()]
        if level == "word":
            word = "".join(symbols)
            found.append(word if word in model["vocab"] else None)
            continue
        ranks = {tuple(pair): rank for rank, pair in enumerate(model["merges"])}
        while pairs := [pair for pair in pairwise(symbols) if pair in ranks]:
            best = min(pairs, key=ranks.__getitem__)
            place = next(i for i in range(len(symbols)) if tuple(symbols[i : i + 2]) == best)
            symbols[place : place + 2] = ["".join(best)]
        found += symbols
    return found


@pytest.mark.parametrize("name", SYSTEMS)
def test_tokens_and_unknown_ones_are_those_that_the_file_of_the_tokenizer_gives(
    comparison: Comparison, folders: dict[str, list[Path]], name: str
) -> None:
    counted = comparison.results["mine"][name].tokens
    assert counted is not None
    saved = json.loads((folders[name][0] / "tokenizer.json").read_text("utf-8"))
    corpus = comparison.tests[0].corpus
    for side, found, lines in (("source", counted.source, corpus.src), ("target", counted.target, corpus.tgt)):
        model = (saved[side] or saved["source"])["model"]
        expected = [token for line in lines for token in oracle_tokens(model, counted.level, line)]
        assert (found.tokens, found.unknown) == (len(expected), expected.count(None))
        assert (found.vocabulary, found.sentences) == (len(model["vocab"]), TRIED)
        assert found.words == sum(len(oracle_words(line)) for line in lines)
    assert (counted.source.unknown > 0) == (counted.level == "word")


@pytest.mark.parametrize("name", SYSTEMS)
def test_lines_with_unseen_words_are_told_from_the_text_that_the_system_learned_from(
    comparison: Comparison, texts: Path, name: str
) -> None:
    result, corpus = comparison.results["mine"][name], comparison.tests[0].corpus
    known = {word for line in read_lines(texts / f"{SYSTEMS[name][1]}.de") for word in oracle_words(line)}
    new = [not known.issuperset(oracle_words(line)) for line in corpus.src]
    assert result.tokens is not None
    for part, kind in ((result.tokens.unseen, True), (result.tokens.others, False)):
        lines = [i for i, each in enumerate(new) if each == kind]
        assert part is not None
        assert len(lines) >= FEWEST
        bleu = corpus_bleu([result.outputs[i] for i in lines], [[corpus.tgt[i] for i in lines]]).score
        assert (part.lines, part.bleu) == (len(lines), pytest.approx(bleu))


def test_the_table_has_a_row_for_each_system_and_says_how_many_lines_a_score_is_of(comparison: Comparison) -> None:
    table = tables.tokens(comparison, "mine")
    assert table in tables.tables(comparison)
    assert table.title == "Tokens on mine"
    assert [row[:2] for row in table.rows] == [
        ["lexical", "word"],
        ["pieces", "bpe, dropout 0.2"],
        ["words", "word"],
        ["letters", "char"],
    ]
    pieces, words = table.rows[1], table.rows[2]
    assert (pieces[2], words[2]) == ("320", "150 / 150")
    assert table.head[-2:] == ["unseen words", "others"]  # of several training texts
    assert all(re.fullmatch(r"\d+\.\d \(\d+\)", cell) for row in table.rows for cell in row[-2:])
    same = replace(comparison, results={"mine": {n: r for n, r in comparison.results["mine"].items() if n != "words"}})
    same = replace(same, systems=[system for system in comparison.systems if system.name != "words"])
    unseen, others = tables.tokens(same, "mine").head[-2:]
    assert (unseen, others) == (f"unseen words ({pieces[-2].split('(')[1]}", f"others ({pieces[-1].split('(')[1]}")


def test_the_numbers_are_in_the_json_of_the_report(comparison: Comparison) -> None:
    held = report.as_dict(comparison)["systems"][2]["tests"]["mine"]["tokens"]
    table = tables.tokens(comparison, "mine").rows[2]
    source, target = held["source"], held["target"]
    assert table[3] == f"{source['tokens_per_sentence']:.1f} / {target['tokens_per_sentence']:.1f}"
    assert table[4] == f"{source['tokens'] / source['words']:.2f} / {target['tokens'] / target['words']:.2f}"
    assert table[5] == f"{100 * source['unknown_share']:.1f} / {100 * target['unknown_share']:.1f}"
    assert table[7] == f"{held['unseen']['bleu']:.1f} ({held['unseen']['lines']})"
    assert (held["level"], held["dropout"], held["joint"]) == ("word", 0.0, False)
    json.dumps(held)


def test_there_is_no_table_where_all_that_is_trained_by_gradient_has_one_tokenizer(
    folders: dict[str, list[Path]], texts: Path
) -> None:
    found, _ = compared({"lexical": folders["lexical"], "pieces": folders["pieces"]}, texts)
    assert not any("Tokens" in table.title for table in tables.tables(found))
    assert all("tokens" not in system["tests"]["mine"] for system in report.as_dict(found)["systems"])


def test_without_the_training_text_the_columns_of_unseen_words_are_left_out_and_the_note_says_why(
    folders: dict[str, list[Path]], texts: Path, tmp_path: Path
) -> None:
    moved: dict[str, list[Path]] = {}
    for name in ("words", "letters"):
        shutil.copytree(folders[name][0], tmp_path / name)
        recipe = tmp_path / name / "recipe.toml"
        where = f'train = "{tmp_path / "elsewhere" / "all"}"'
        recipe.write_text(re.sub(r'(?m)^train = ".*"$', where, recipe.read_text("utf-8")), "utf-8")
        moved[name] = [tmp_path / name]
    found, said = compared(moved, texts)
    table = tables.tokens(found, "mine")
    assert table.head[-1] == "BLEU"
    assert table.note.endswith("\nNo BLEU by unseen words: the training text all cannot be read.")
    assert any("elsewhere/all.de nor" in line for line in said)
    assert sum("elsewhere" in line for line in said) == 2  # one try for both
    mixed, _ = compared({"words": moved["words"], "letters": folders["letters"]}, texts)
    table = tables.tokens(mixed, "mine")
    assert table.rows[0][-1] == tables.MISSING
    assert "No BLEU by unseen words for words: the training text all cannot be read." in table.note


@pytest.mark.parametrize(("new", "measured"), [(14, False), (15, True), (25, True), (26, False)])
def test_a_score_of_too_few_lines_is_left_out(comparison: Comparison, new: int, measured: bool) -> None:
    lines = ["Neues."] * new + ["alt."] * (40 - new)
    pair = TokenizerPair(Tokenizer.train(lines, level="word", vocab_size=9))
    counted = tokens.measure(pair, 0.0, Corpus("c", lines, lines), lines, {"alt", "neues"}, FEWEST)
    assert counted.unseen is not None
    assert counted.others is not None
    assert (counted.unseen.lines, counted.others.lines) == (new, 40 - new)
    assert (counted.unseen.bleu is not None, counted.others.bleu is not None) == (measured, measured)
    result = replace(comparison.results["mine"]["letters"], tokens=counted)
    alone = replace(comparison, systems=comparison.systems[3:], results={"mine": {"letters": result}})
    note = f"No BLEU by unseen words: {new} of 40 lines have one, too few of them or of the others."
    assert (note in tables.tokens(alone, "mine").note) != measured


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("Der Hund, der „schläft“ – 3,5 km!", ["Der", "Hund", "der", "schläft", "3", "5", "km"]),
        ("didn't, Anton's", ["didn", "'t", "Anton", "'s"]),
        ("... ?!", []),
        ("", []),
        ("Haus haus", ["Haus", "haus"]),
        ("कहाँ है", ["कहाँ", "है"]),
    ],
)
def test_words_are_what_stands_between_white_space_and_punctuation(text: str, expected: Sequence[str]) -> None:
    assert tokens.words(text) == expected


@given(st.lists(st.text(st.characters(categories=["L", "M", "N", "P", "S"]), min_size=1, max_size=6), max_size=6))
def test_no_word_reaches_across_white_space_and_none_has_punctuation_but_an_apostrophe(chunks: list[str]) -> None:
    found = tokens.words("\t ".join(chunks))
    assert found == [word for chunk in chunks for word in tokens.words(chunk)]
    assert all(unicodedata.category(char)[0] in "LMN" for word in found for char in word.removeprefix("'"))
