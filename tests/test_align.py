"""`nmt align`: from maps of pieces to links of words, over all backbones, and the commands on files."""

from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from numpy.typing import NDArray

from nmt import models, recipe
from nmt.data.given import as_it_is
from nmt.data.links import Gold
from nmt.data.tokenizer import Level, Tokenizer, TokenizerPair
from nmt.errors import DataError, UsageError
from nmt.evaluation import aligner, maps, plots
from nmt.evaluation.compare import Drawing
from nmt.runs import Run
from nmt.tokens import BOS, EOS
from nmt.translator import Translator
from tests.conftest import KINDS, VOCAB, Sentences, shuffled, tiny
from tests.test_cli import nmt, text

WORDS = [f"{first}{second}" for first in "bdfg" for second in "aeiou"][: VOCAB - 4]
PAIRS = [("ba be bi", "da"), ("", "ba"), ("fa", ""), ("go", "ga ge gi fo"), ("ba du de fe fi", "be be ba")]


def translator(model: Any) -> Translator:
    return Translator(model, TokenizerPair(Tokenizer.train(WORDS, level="word", vocab_size=VOCAB)))


def make_run(folder: Path, arch: str, *settings: str) -> Path:
    """A run with the weights that it began with."""
    small = [] if arch == "lexical" else ["model.dim=8"]
    made = recipe.load(None, arch, [*small, *settings])
    tokenizer = TokenizerPair(Tokenizer.train(WORDS, level="word", vocab_size=VOCAB))
    folder.mkdir()
    Run(folder).begin(made, tokenizer)
    torch.manual_seed(1)
    Run(folder).save_best(models.build(made.model, VOCAB, VOCAB, True))
    return folder


@pytest.mark.parametrize("kind", [kind for kind in KINDS if not kind.startswith("rnn")])
def test_every_step_of_an_alignment_shares_one_among_real_places(kind: str, sentences: Sentences) -> None:
    model = tiny(kind)
    found = model.alignment(sentences.src, sentences.mask, sentences.tgt_in, sentences.tgt_out)
    assert found.shape[2:] == (sentences.tgt_in.size(1), sentences.src.size(1))
    np.testing.assert_allclose(found.detach().sum(-1), 1.0)
    assert not found.masked_select(~sentences.mask[:, None, None].expand_as(found)).any()


@pytest.mark.parametrize("kind", ["rnn-gru", "rnn-reservoir"])
def test_a_model_that_never_looks_has_no_alignment(kind: str, sentences: Sentences) -> None:
    model = tiny(kind)
    assert model.alignment(sentences.src, sentences.mask, sentences.tgt_in, sentences.tgt_out) is None
    with pytest.raises(ValueError, match="a model without attention has no alignments"):
        next(translator(model).alignments(["ba"], ["be"], lambda maps: maps))


@pytest.mark.parametrize("kind", [kind for kind in KINDS if not kind.startswith("rnn")])
def test_alignments_do_not_depend_on_the_batch(kind: str) -> None:
    looks = translator(tiny(kind))
    src, tgt = zip(*PAIRS, strict=True)
    together = list(looks.alignments(src, tgt, lambda maps: maps))
    for one, other, found in zip(src, tgt, together, strict=True):
        (alone,) = looks.alignments([one], [other], lambda maps: maps, batch_size=1)
        torch.testing.assert_close(found, alone)
        assert found.shape[1:] == (len(other.split()) + 1, len(one.split()) + 1)


def test_pieces_of_a_source_word_are_summed_and_of_a_target_word_averaged() -> None:
    src, tgt = as_it_is("ab c"), as_it_is("d ef")
    in_src, in_tgt = src.membership([(0, 1), (1, 2), (2, 4)]), tgt.membership([(0, 1), (1, 3), (3, 4)])
    rows = np.random.default_rng(0).dirichlet(np.ones(4), size=(2, 4))  # (A, T + 1, S + 1)

    def by_hand(each: NDArray[np.float64], steps: list[int]) -> list[float]:
        ab, c, none = (np.mean([each[t, places].sum() for t in steps]) for places in ([0, 1], [2], [3]))
        return [float(ab), float(c), float(none)]

    for shift in (False, True):
        found = aligner.on_tokens(rows, in_src, in_tgt, shift)
        steps = [[0 + shift], [1 + shift, 2 + shift]]
        expected = [[by_hand(each, of_word) for of_word in steps] for each in rows]
        np.testing.assert_allclose(found, expected)


@pytest.mark.parametrize(
    ("arch", "settings", "shifts"),
    [
        ("attention", [], (False, True)),
        ("attention", ["model.attend=before", "model.input_feeding=false"], (False,)),
        ("transformer", ["model.layers=3", "model.heads=2", "align.layer=1", "align.head=2"], (False, True)),
        ("decoder", ["model.layers=2", "model.heads=2", "align.head=1", "align.null=false"], (False, True)),
    ],
)
def test_links_of_words_in_pieces_are_those_found_by_decoding_token_by_token(
    arch: str, settings: list[str], shifts: tuple[bool, ...], double: None
) -> None:
    src, tgt = ["schlafen ließ er", "ein Igel", "der der Hund"], ["he was asleep", "hedgehogs sleep now", "x"]
    tokenizer = TokenizerPair(Tokenizer.train(["ein Igel er sleep"] * 3, level="bpe", vocab_size=275))
    made = recipe.load(None, arch, ["model.dim=8", *settings])
    torch.manual_seed(3)
    model = shuffled(models.build(made.model, len(tokenizer.source), len(tokenizer.source), True)).eval()
    which = {"attention": [0], "transformer": [1], "decoder": [0]}[arch]  # layer 1, head 2 of 2; or its first
    for shift in shifts:
        look = recipe.look(made, [f"align.shift={str(shift).lower()}"])
        found = aligner.Aligner(Translator(model, tokenizer), made, look)
        pairs = aligner.Pairs("", [as_it_is(line) for line in src], [as_it_is(line) for line in tgt])
        for links, one, other in zip(aligner.align([found], pairs, 2), src, tgt, strict=True):
            assert links == links_by_hand(model, tokenizer.source, one, other, which, shift, made.align.null)


def links_by_hand(
    model: Any, tokenizer: Tokenizer, src: str, tgt: str, which: list[int], shift: bool, null: bool
) -> set[tuple[int, int]]:
    """Links of a pair with single spaces, from as many short decodings as the target has pieces."""
    src_ids, tgt_ids = (tokenizer.encode([line])[0] for line in (src, tgt))

    def words(ids: list[int]) -> list[list[int]]:
        found: list[list[int]] = []
        for place, piece in enumerate(tokenizer.pieces(ids)):
            found += [[]] if piece[0] == "▁" else []
            found[-1].append(place)
        return found

    model.requires_grad_(False)
    memory = model.encode(torch.tensor([[*src_ids, EOS]]), torch.ones(1, len(src_ids) + 1, dtype=torch.bool))
    state, looks = model.initial_state(memory, 1), []
    for read in [BOS, *tgt_ids]:
        decoded = model.decode(torch.tensor([[read]]), state, memory, attention=True)
        state = decoded.state
        looks.append([sum(float(decoded.maps[0, a, 0, s]) for a in which) for s in range(len(src_ids) + 1)])
    links = set()
    for j, pieces in enumerate(words(tgt_ids)):
        mean = [sum(looks[t + shift][s] for t in pieces) for s in range(len(src_ids) + 1)]
        shares = [sum(mean[s] for s in word) for word in words(src_ids)]
        i = max(range(len(shares)), key=lambda i: shares[i])
        if shares[i] >= mean[-1] or not null:
            links.add((i, j))
    return links


def test_a_source_cut_short_and_pieces_of_no_token_are_nothing() -> None:
    rows = np.array([[[0.1, 0.6, 0.3], [0.2, 0.2, 0.6]]])  # the second of three source pieces is one space of two
    in_src = as_it_is("a  b").membership([(0, 1), (1, 2), (2, 4)])
    np.testing.assert_allclose(aligner.on_tokens(rows, in_src, np.ones((1, 1)), False), [[[0.1, 0.0, 0.9]]])


def test_a_word_is_linked_to_its_greatest_share_or_with_null_to_none() -> None:
    shares = np.array([[0.2, 0.3, 0.5], [0.4, 0.4, 0.2], [0.0, 0.0, 0.0]])
    assert aligner.links_of(shares, null=True) == {(0, 1)}
    assert aligner.links_of(shares, null=False) == {(1, 0), (0, 1)}
    assert aligner.links_of(np.ones((2, 1)), null=False) == frozenset()
    assert aligner.links_of(np.ones((0, 3)), null=True) == frozenset()


@pytest.mark.parametrize("level", ["bpe", "word", "char"])
def test_spans_say_where_each_id_stands_in_its_text(level: Level) -> None:
    lines = ["Der Hund, der schläft, träumt.", "", "日本 <unk>", "  x  "]
    tokenizer = Tokenizer.train(lines[:1] * 3, level=level, vocab_size=290)
    for line, ids, spans in zip(lines, tokenizer.encode(lines), tokenizer.spans(lines), strict=True):
        assert len(ids) == len(spans)
        assert {place for start, end in spans for place in range(start, end)} == set(range(len(line)))
        assert spans == sorted(spans)


def test_the_layer_that_is_read_is_the_last_but_one_or_what_align_says() -> None:
    model = ["model.layers=4", "model.heads=2", "model.dim=8"]
    made = recipe.load(None, "transformer", [*model, "align.head=2"])
    assert recipe.look(made).maps == (5,)
    assert recipe.look(made, ["align.layer=1"]).maps == (1,)
    assert recipe.look(recipe.load(None, "transformer", model)) == recipe.Look((4, 5), shift=False, null=True)
    assert recipe.look(recipe.load(None, "attention"), ["align.shift=true"]) == recipe.Look((0,), shift=True, null=True)
    with pytest.raises(UsageError, match=r"'training.steps=1' cannot change a trained run; here it reaches \[align\]"):
        recipe.look(made, ["training.steps=1"])


@pytest.mark.parametrize(
    ("arch", "setting", "message"),
    [
        ("transformer", "align.layer=4", "align.layer = 4 is none of 3; set it to 3 or less"),
        ("decoder", "align.head=5", "align.head = 5 is none of 4; set it to 4 or less"),
        ("attention", "align.layer=1", "align.layer chooses among the maps of a Transformer, and this model has one"),
        ("decoder", "align.head=0", r'align.head: must be a head from 1, or "mean", not 0$'),
        ("decoder", "align.head=all", r"align.head: must be a head from 1, or \"mean\", not 'all'$"),
        ("lexical", "align.shift=true", "--arch lexical has probabilities; leave it out"),
        ("attention", "align.null=1", "align.null must be true or false"),
    ],
)
def test_what_a_model_does_not_have_cannot_be_read(arch: str, setting: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        recipe.load(None, arch, [setting])


def test_a_step_that_looks_before_it_reads_cannot_be_shifted() -> None:
    before = ["model.attend=before", "model.input_feeding=false"]
    with pytest.raises(UsageError, match="looks when it has read a word, and attend = before looks first; leave it"):
        recipe.load(None, "attention", [*before, "align.shift=true"])
    assert recipe.align_choices(recipe.load(None, "attention", before).model) == [recipe.load(None, "attention").align]


def test_align_is_no_part_of_a_training_unless_it_is_guided() -> None:
    for more, count in (([], 0), (["training.guided_alignment.file=a"], 1)):
        one, other = (recipe.load(None, "transformer", [*more, f"align.head={n}"]) for n in (1, 2))
        assert len(recipe.differences(one, other)) == count


def test_n_pairs_in_are_n_lines_of_links_out_and_scores_go_to_stdout(tmp_path: Path) -> None:
    run = make_run(tmp_path / "run", "attention", "align.null=false", "model.max_length=4")
    src, tgt = (tmp_path / name for name in ("src", "tgt"))
    src.write_bytes(text([" ".join(WORDS[:9]), *(one for one, _ in PAIRS)]))
    tgt.write_bytes(text(["ba", *(other for _, other in PAIRS)]))
    done = nmt("align", "-m", run, "--src", src, "--tgt", tgt)
    lines = done.stdout.decode().splitlines()
    assert [len(line.split()) for line in lines] == [1, 1, 0, 0, 4, 3]
    assert [link.partition("-")[2] for link in lines[4].split()] == ["0", "1", "2", "3"]
    assert int(lines[0].partition("-")[0]) < 3
    assert b"line 1 has 9 tokens and is cut to model.max_length = 4" in done.stderr
    (tmp_path / "gold").write_bytes(done.stdout)
    out = tmp_path / "out"
    gold = ("--gold", tmp_path / "gold", "--gold-base", "0", "-o", out)
    scored = nmt("align", "-m", run, "--src", src, "--tgt", tgt, *gold)
    assert scored.stdout == b"AER 0.0  precision 100.0  recall 100.0  (6 pairs, 9 links, 9 sure and 9 possible)\n"
    assert out.read_bytes() == done.stdout
    assert nmt("aer", out, tmp_path / "gold", "--gold-base", "0").stdout == scored.stdout
    assert nmt("symmetrize", out, out, "--method", "union").stdout.count(b"\n") == 6


def test_runs_are_read_together_and_layers_apart(tmp_path: Path) -> None:
    two = make_run(tmp_path / "two", "transformer", "model.layers=2", "model.heads=2")
    table = make_run(tmp_path / "table", "lexical", "tokenizer.vocab_size=23")
    (tmp_path / "src").write_bytes(text([one for one, _ in PAIRS]))
    (tmp_path / "tgt").write_bytes(text([other for _, other in PAIRS]))
    both = aligner.load([two, table], [], "cpu")
    pairs = aligner.read_pairs(tmp_path / "src", tmp_path / "tgt", both[0].recipe, pretokenized=True)
    assert len(list(aligner.align(both, pairs, 2))) == len(PAIRS)
    gold = [Gold(each, each) for each in aligner.align(both[:1], pairs, 64)]
    rows = {tuple(row[:3]): row[3:] for row in aligner.every_layer(both[0], pairs, gold, 2).rows}
    assert len(rows) == 2 * 2 * 3
    assert rows["1", "mean", "no"] == ["0.0", "100.0", "100.0"]  # the last but one of two
    of_head = aligner.load([two], ["align.head=2"], "cpu")[0]
    lowest = aligner.every_layer(of_head, pairs, gold, 2).note.removeprefix("Lowest: --set ").split(" --set ")
    assert lowest == ["align.layer=1", "align.head=mean", "align.shift=false"]
    assert [*aligner.align(aligner.load([two], [*lowest], "cpu"), pairs, 2)] == [each.sure for each in gold]
    assert "--set" not in aligner.every_layer(both[1], pairs, gold, 64).text()
    with pytest.raises(UsageError, match=r"model.score is none\), and so no links; name another run"):
        aligner.load([make_run(tmp_path / "rnn", "rnn")], [], "cpu")
    with pytest.raises(UsageError, match="these runs translate de-en, de-fr; links need runs of one pair"):
        aligner.load([two, make_run(tmp_path / "fr", "attention", "target=fr")], [], "cpu")
    (tmp_path / "tgt").write_bytes(b"ba\n")
    with pytest.raises(DataError, match="line 2 is the first without a partner"):
        aligner.read_pairs(tmp_path / "src", tmp_path / "tgt", both[0].recipe, pretokenized=False)


def test_every_layer_needs_a_gold_standard_and_one_model(tmp_path: Path) -> None:
    done = nmt("align", "-m", tmp_path, "--src", "a", "--tgt", "b", "--every-layer", check=2)
    assert b"--every-layer measures one model and writes no links; give it --gold, one -m and no -o" in done.stderr


def test_an_elided_word_and_an_apostrophe_of_english_are_words_apart() -> None:
    pieces = ["▁L", "'", "acc", "ord", "▁Speaker", "'s", "."]
    assert maps.grouped(pieces)[0] == ["L'", "accord", "Speaker", "'s", ".", "</s>"]
    assert maps.grouped([]) == (["</s>"], [0])


@pytest.mark.parametrize(("grey", "colours"), [(True, "gray"), (False, "Blues")])
def test_a_map_is_drawn_in_grey_if_asked_for(grey: bool, colours: str) -> None:
    drawing = Drawing("a b", {"one": maps.WordMaps(["a", "b"], ["c"], np.array([[[0.2, 0.8]]]))})
    (axis,) = plots.attention(drawing, grey=grey)._drawn.axes
    assert axis.images[0].get_cmap().name == colours


def test_a_word_without_an_end_leaves_room_for_the_map() -> None:
    drawing = Drawing("a", {"one": maps.WordMaps(["a"], ["b" * 24, "b" * 99], np.ones((1, 2, 1)))})
    (axis,) = plots.attention(drawing)._drawn.axes
    assert [label.get_text() for label in axis.get_yticklabels()] == ["b" * 24, "b" * 23 + "…"]
