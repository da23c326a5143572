"""Costs, extrapolation and distance: laws recovered, boundaries where they belong, numbers found another way."""

import json
import math
import re
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from conftest import tiny
from hypothesis import given
from hypothesis import strategies as st
from sacrebleu import corpus_bleu
from test_cli import nmt

from nmt import runs
from nmt.data import corpus as corpora
from nmt.data.corpus import Corpus
from nmt.data.encoded import encode_corpus
from nmt.data.tokenizer import Tokenizer, TokenizerPair
from nmt.errors import DataError, UsageError
from nmt.evaluation import accuracy, report, systems
from nmt.evaluation import compare as comparing
from nmt.evaluation.accuracy import Count
from nmt.evaluation.compare import FEWEST, compare, load_test
from nmt.evaluation.probes import applying, command, cost, extrapolation
from nmt.translator import Translator


@given(st.floats(0.0, 3.0), st.floats(-20.0, 20.0), st.integers(3, 9))
def test_the_exponent_of_a_power_of_the_length_is_recovered(power: float, factor: float, count: int) -> None:
    lengths = [8 * 2**place for place in range(count)]
    points = [(n, math.exp(factor) * n**power) for n in lengths]
    assert cost.exponent(points) == pytest.approx(power, abs=1e-9)
    assert cost.exponent(points[:2]) is None


def test_a_fixed_cost_holds_the_exponent_down_and_less_so_in_the_upper_half() -> None:
    costs = [cost.Cost(n, 1.0 + 1e-3 * n**2, None, 1e-3 * n, 7) for n in (8, 16, 32, 64, 128, 256, 512)]
    found = cost.exponents(costs)
    whole, upper = found["train_seconds"]["all"], found["train_seconds"]["upper"]
    assert whole is not None
    assert upper is not None
    assert whole < upper < 2.0
    points = [(each.tokens, each.train_seconds) for each in costs[3:]]  # 64 to 512
    assert upper == pytest.approx(np.polyfit(*np.log(np.array(points)).T, 1)[0])
    fewer = cost.exponents(costs[:4])["train_seconds"]["upper"]
    assert fewer == pytest.approx(cost.exponent([(each.tokens, each.train_seconds or 0.0) for each in costs[1:4]]))
    assert found["train_bytes"] == {"all": None, "upper": None}
    assert found["decode_bytes"]["all"] == pytest.approx(0.0)


def test_lengths_that_a_model_has_no_places_for_are_left_out(probed: dict[str, Path]) -> None:
    found = {name: cost.measure(runs.load(path, "cpu"), 33, 1) for name, path in probed.items()}
    assert [each.tokens for each in found["transformer"]] == [8, 16]  # model.max_length is 20
    assert [each.tokens for each in found["rnn"]] == [8, 16, 32]
    assert all(each.train_seconds is None and each.train_bytes is None for each in found["lexical"])
    assert all(each.train_bytes and each.decode_bytes for each in found["attention"])
    tokenizer = runs.load(probed["rnn"], "cpu").tokenizer
    learned = tiny("transformer-post-learned")
    with torch.no_grad():
        learned.source_positions.weight[20:] = 0.0
    small = TokenizerPair(Tokenizer.train(["a b c d e"], level="word", vocab_size=9))
    assert len(tokenizer.source) > len(small.source)
    assert [each.tokens for each in cost.measure(Translator(learned, small), 512, 1)] == [8, 16]


SENTENCES = st.lists(st.integers(1, 12), min_size=1, max_size=60)


@given(SENTENCES, st.integers(1, 12), st.floats(1.0, 3.0), st.randoms(use_true_random=False))
def test_the_longest_that_was_trained_on_is_the_longest_that_training_keeps(
    lengths: list[int], most: int, ratio: float, draw: Any
) -> None:
    src = [" ".join(["a"] * n) for n in lengths]
    tgt = [" ".join(["b"] * draw.randint(1, 12)) for _ in lengths]
    text = Corpus("c", src, tgt)
    pair = TokenizerPair(Tokenizer.train(["a b"], level="word", vocab_size=9))
    kept = encode_corpus(text, pair, max_tokens=most, max_ratio=ratio)[0].lines
    longest = max((lengths[line] for line in kept), default=0)
    assert extrapolation.longest_kept(text, pair, max_tokens=most, max_ratio=ratio) == longest


@given(st.lists(st.integers(1, 90), min_size=1, max_size=300), st.sets(st.integers(1, 100), max_size=3))
def test_no_bucket_reaches_across_the_longest_training_sentence(lengths: list[int], marks: set[int]) -> None:
    ends = extrapolation.bounds(lengths, marks)
    assert ends == sorted(set(ends))
    assert ends[-1] == max(lengths)
    for low, high in zip([0, *ends], ends, strict=False):
        inside = [length for length in lengths if low < length <= high]
        assert inside
        assert not any(min(inside) <= mark < max(inside) for mark in marks)


def words(length: int, word: str = "w") -> str:
    return " ".join(f"{word}{place}" for place in range(length))


def said(lengths: Sequence[int]) -> tuple[Corpus, list[str]]:
    """Sentences of these lengths; what is written is right up to five words, and then ends."""
    text = [words(length) for length in lengths]
    return Corpus("c", text, text), [words(min(length, 5)) for length in lengths]


def test_parts_up_to_and_beyond_have_the_bleu_of_their_lines() -> None:
    corpus, outputs = said([4, 5] * 10 + [6, 8] * 9)
    found = extrapolation.reach(corpus, outputs, 5, [5])
    assert found.up_to is not None
    assert found.beyond is not None
    assert (found.up_to.lines, found.up_to.longest, found.up_to.written) == (20, 5, 1.0)
    assert (found.beyond.lines, found.beyond.shortest, found.beyond.written) == (18, 6, pytest.approx(5 / 7))
    beyond = corpus_bleu(outputs[20:], [corpus.tgt[20:]]).score
    assert found.beyond.bleu == pytest.approx(beyond)
    assert found.kept == pytest.approx(beyond / corpus_bleu(outputs[:20], [corpus.tgt[:20]]).score)
    assert [(part.shortest, part.longest) for part in found.by_length] == [(4, 5), (6, 8)]
    assert all(part.low <= part.bleu + 1.0 and part.bleu - 1.0 <= part.high for part in found.by_length)


@pytest.mark.parametrize(("beyond", "measured"), [(FEWEST - 1, False), (FEWEST, True)])
def test_too_few_lines_beyond_are_no_part_and_refused(beyond: int, measured: bool) -> None:
    corpus, outputs = said([4] * 20 + [9] * beyond)
    found = extrapolation.reach(corpus, outputs, 5, [5])
    assert (found.beyond is not None, found.kept is not None) == (measured, measured)
    test = comparing.TestSet("mine", corpus, None)
    assert extrapolation.applies(test, {"one": 5, "other": 9}) == measured
    if not measured:
        with pytest.raises(DataError, match="mine has fewer than 15 sources of more than 5 words, the"):
            extrapolation.check(test, {"one": 5, "other": 9})


def test_runs_are_marked_where_their_own_training_ended(probed: dict[str, Path]) -> None:
    read = [systems.read(name, [probed[name]]) for name in ("rnn", "transformer")]
    reaches = extrapolation.training_reaches(read)
    recipe = read[1].recipe
    text = corpora.load(recipe.data.train, "de", "en")
    tokenizer = runs.load(probed["transformer"], "cpu").tokenizer
    tokens = [
        max(map(len, pair))
        for pair in zip(tokenizer.source.encode(text.src), tokenizer.target.encode(text.tgt), strict=True)
    ]
    fitting = [len(src.split()) for src, count in zip(text.src, tokens, strict=True) if count <= 19]
    assert reaches == {"rnn": max(len(src.split()) for src in text.src), "transformer": max(fitting)}
    test = load_test("t", "grammar:60", "de", "en")
    probe = extrapolation.probe(test, reaches, dict.fromkeys(reaches, test.corpus.tgt))
    axis = probe.figure._drawn.axes[0]
    marks = sorted({line.get_xdata()[0] for line in axis.lines if line.get_linestyle() == ":"})
    assert marks == sorted(longest + 0.5 for longest in reaches.values())
    assert probe.tables[0].rows[0][1] == str(reaches["rnn"])


@given(st.integers(1, 400), st.data())
def test_the_interval_holds_the_shares_from_which_the_count_is_not_far(total: int, data: Any) -> None:
    """Wilson's ends are the p with |right / n - p| = 1.96 sqrt(p (1 - p) / n)."""
    right = data.draw(st.integers(0, total))
    low, high = Count(total, right, 0, 0.5).interval
    assert 0.0 <= low <= right / total + 1e-12 <= high + 2e-12 <= 1.0 + 2e-12
    for end in (low, high):
        if 1e-9 < end < 1.0 - 1e-9:
            assert abs(right / total - end) == pytest.approx(1.959964 * math.sqrt(end * (1 - end) / total), abs=1e-6)


def test_distances_are_those_of_a_comparison(probed: dict[str, Path], tmp_path: Path) -> None:
    probe = command.distance([probed["rnn"]], tmp_path, "grammar:300", batch_size=64, device="cpu")
    test = load_test("t", "grammar:300", "de", "en")
    assert test.labels is not None
    translator = runs.load(probed["rnn"], "cpu")
    outputs = [t.text for t in translator.translate(test.corpus.src, runs.recipe_of(probed["rnn"]).decoding)]
    judged = accuracy.judge(translator, test.corpus.src, test.corpus.tgt, test.labels, outputs, "en")
    found = probe.numbers["systems"][0]["families"]
    for family, counts in accuracy.by_distance(judged).items():
        for span, count in counts.items():
            mine = found[family][span]
            assert (mine["contrasts"], mine["right"], mine["said"]) == (count.contrasts, count.right, count.said)
            assert (mine["low"], mine["high"]) == count.interval
    assert len(probe.tables) == len(found) > 0


def test_a_report_has_the_probes_that_apply(
    probed: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(applying, "LONGEST", 16)
    compared = compare({"rnn": [probed["rnn"]]}, {"small": "grammar:20"}, device="cpu")
    heard: list[str] = []
    probes = applying.applying(compared, device="cpu", say=heard.append)
    report.write(compared, tmp_path, probes)
    held = json.loads((tmp_path / "report.json").read_text("utf-8"))
    assert list(held["probes"]) == [probe.name for probe in probes]
    assert {"gradient", "cost"} <= set(held["probes"])
    markdown = (tmp_path / "report.md").read_text("utf-8")
    for probe in probes:
        assert f"{probe.name}.png" in held["figures"]
        assert f"figures/{probe.name}.png" in markdown
        assert markdown.count(f"## {probe.tables[0].title}\n") == 1
        assert all(table.markdown() in markdown for table in probe.tables)
    assert "distance" not in held["probes"]


def test_a_probe_that_fails_is_left_out_of_the_report_with_a_word(
    probed: dict[str, Path], monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(error: Exception) -> Any:
        raise error

    monkeypatch.setattr(cost, "probe", lambda *_, **__: fail(torch.OutOfMemoryError("out of memory\nin detail")))
    monkeypatch.setattr(applying.gradient, "probe", lambda *_, **__: fail(UsageError("no gradient to measure")))
    compared = compare({"transformer": [probed["transformer"]]}, {"small": "grammar:20"}, device="cpu")
    heard: list[str] = []
    assert applying.applying(compared, device="cpu", say=heard.append) == []
    assert "no cost in the report: out of memory" in heard
    assert "no gradient in the report: no gradient to measure" in heard


def test_where_nothing_could_be_drawn_or_written_nothing_is_measured(
    probed: dict[str, Path], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "file").write_text("")
    monkeypatch.setattr(cost, "probe", None)
    for name in ("file", "file/deeper"):
        with pytest.raises(UsageError, match=r"/file is a file; name a folder with -o"):
            command.cost([probed["rnn"]], tmp_path / name, longest=32, device="cpu")
    monkeypatch.setattr("os.access", lambda path, mode: False)
    with pytest.raises(UsageError, match="cannot be written; name another folder with -o"):
        command.cost([probed["rnn"]], tmp_path / "new", longest=32, device="cpu")
    monkeypatch.setattr("nmt.evaluation.figure.find_spec", lambda name: None)
    with pytest.raises(UsageError, match="figures need matplotlib; pip install"):
        command.cost([probed["rnn"]], tmp_path, longest=32, device="cpu")


def test_the_title_names_the_longest_that_was_measured_and_no_places_are_refused(probed: dict[str, Path]) -> None:
    (system,) = [systems.read("transformer", [probed["transformer"]])]  # model.max_length is 20
    assert cost.probe([system], longest=100, repeats=1, device="cpu").tables[0].title.endswith("up to 16 tokens")
    with pytest.raises(UsageError, match=r"no run has places for 8 tokens; name one with a greater model\.max_length"):
        cost.probe([system], longest=7, repeats=1, device="cpu")


def test_probes_are_commands_that_print_a_table_and_write_files(probed: dict[str, Path], tmp_path: Path) -> None:
    done = nmt("probe", "cost", "-m", probed["rnn"], "--longest", "32", "-o", tmp_path / "out", "--device", "cpu")
    assert re.search(r"^rnn +-?\d\.\d\d \(", done.stdout.decode(), re.MULTILINE)
    assert sorted(path.name for path in (tmp_path / "out").iterdir()) == ["cost.json", "cost.png", "cost.svg"]
    failed = nmt("probe", "gradient", "-m", tmp_path, "-o", tmp_path / "new", check=1)
    assert re.fullmatch(r"nmt: [^\n]* is no run of nmt; name a folder that `nmt train` wrote\n", failed.stderr.decode())
    assert not (tmp_path / "new").exists()


def test_a_probe_that_cannot_be_made_says_why(probed: dict[str, Path], tmp_path: Path) -> None:
    rnn = probed["rnn"]
    plain = runs.recipe_of(rnn).data.dev
    with pytest.raises(DataError, match="has no labels with enough distances on its en side; name a labelled test set"):
        command.distance([rnn], tmp_path, plain, batch_size=9, device="cpu")
    with pytest.raises(DataError, match="name a test set of longer sentences with --test, or train with a lower"):
        command.extrapolation([rnn], tmp_path, "grammar:5", batch_size=9, device="cpu")
    with pytest.raises(UsageError, match="is named twice"):
        command.cost([rnn, rnn], tmp_path, longest=32, device="cpu")
