"""`nmt info`: formulas against counted weights, letters against shapes, work against sums, and the page itself."""

import json
import re
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import KINDS, tiny
from torch import nn
from torch.nn.attention import SDPBackend, sdpa_kernel
from torch.utils.flop_counter import FlopCounterMode

from nmt import models, runs
from nmt import recipe as recipes
from nmt.data.tokenizer import Tokenizer
from nmt.errors import NmtError, RunError, UsageError
from nmt.evaluation import anatomy, info, info_json, info_page, walk
from nmt.evaluation.anatomy import Vocabularies
from nmt.models.flops import counting, product_weights
from nmt.models.formula import letter
from nmt.training import run as training

SOURCE, TARGET = [5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16], [4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16, 17, 18, 19]
S, T, K = 13, 17, 3
"""Of these sentences with their ends; no width of a tiny model is one of them."""


def together(*sizes: int) -> Vocabularies:
    return Vocabularies(sizes[0], sizes[-1], joint=len(sizes) == 1)


def built(kind: str, vocabularies: Vocabularies, *more: str) -> Any:
    """A model of a kind whose widths all differ where they may."""
    arch, settings = KINDS[kind]
    config = recipes.load(None, arch, [f"model.{s}" for s in (*settings, *more)]).model
    return models.build(config, vocabularies.source, vocabularies.target, vocabularies.joint)


def numbers(module: nn.Module) -> int:
    return sum(parameter.numel() for parameter in module.parameters())


@pytest.mark.parametrize("vocabularies", [together(23), together(23, 19)], ids=["joint", "apart"])
@pytest.mark.parametrize("kind", list(KINDS))
def test_every_part_has_the_numbers_that_its_formula_says_and_no_number_is_left_over(
    kind: str, vocabularies: Vocabularies
) -> None:
    wide = [] if kind == "lexical" else ["dim=12"]
    wide += ["embedding_dim=10"] if KINDS[kind][0] in ("rnn", "attention") else []
    model = built(kind, vocabularies, *wide)
    rows = anatomy.rows(model, model.config, vocabularies)
    assert [row.counted for row in rows] == [row.formula.value for row in rows]
    assert sum(row.counted for row in rows) == numbers(model)
    assert sum(row.counted for row in rows if row.fixed) == model.parameter_counts().get("fixed", 0)


def test_a_gru_has_three_quarters_of_an_lstm_and_a_tanh_cell_one() -> None:
    for kind in ("rnn-gru", "attention-before", "rnn-reservoir-wide"):
        tanh, gru, lstm = (size.formula.value for size in anatomy.cells(built(kind, together(23), "dim=12").config))
        assert 4 * gru == 3 * lstm == 12 * tanh
    assert anatomy.cells(built("decoder", together(23)).config) == []


def test_the_cell_that_a_decoder_has_is_marked() -> None:
    for kind, name in (("attention-before", "LSTM"), ("rnn-reservoir", "GRU"), ("rnn-tanh-every", "tanh cell")):
        assert [size.cell for size in anatomy.cells(built(kind, together(23)).config) if size.own] == [name]


@pytest.mark.parametrize("kind", ["attention-scaled", "transformer-gated", "decoder-rotary", "rnn-reservoir"])
def test_operations_are_those_that_torch_counts(kind: str, sentences: Any) -> None:
    model = tiny(kind)

    def work() -> None:
        model(sentences.src, sentences.mask, sentences.tgt_in, sentences.tgt_out)[0].backward()

    with counting() as ours:
        work()
    with FlopCounterMode(display=False) as theirs, sdpa_kernel(SDPBackend.MATH):
        work()
    assert ours.operations == theirs.get_total_flops() > 0


def test_operations_of_attention_by_the_additive_score_are_those_of_its_equations() -> None:
    model = tiny("attention-gru").float()  # D = W = E = 8, U = 4; what was seen is fed to the next step
    src, tgt = torch.tensor([[5, 6, 7, 8, 9]]), torch.tensor([[4, 5, 6]])
    encode = 5 * (2 * 3 * 4 * (8 + 4) + 8 * 8) + 8 * 8  # both ways; U h of the score; the bridge
    decode = 3 * (3 * 8 * (8 + 8 + 8) + 8 * 8 + 5 * 8 + 5 * 8 + 8 * (8 + 8))  # GRU; W q; v; the context; the join
    with counting() as counter:
        memory = model.encode(src, src > 0)
        assert counter.operations == 2 * encode
        features = model.decode(tgt, model.initial_state(memory, 1), memory).features
        assert counter.operations == 2 * (encode + decode)
        model.logits(features)
    assert counter.operations == 2 * (encode + decode + 3 * 8 * 23)


def test_without_attention_and_at_equal_lengths_the_rule_of_thumb_is_exact_but_for_the_bridge() -> None:
    model = tiny("rnn-gru")
    ids = torch.tensor([[5, 6, 7, 8]])
    with counting() as counter:
        memory = model.encode(ids, ids > 0)
        model.logits(model.decode(ids, model.initial_state(memory, 1), memory).features)
    bridge = model.bridge.weight.numel()
    assert counter.operations == 2 * 4 * (product_weights(model) - bridge) + 2 * bridge


@pytest.mark.parametrize("kind", list(KINDS))
def test_the_letters_of_a_shape_have_its_numbers(kind: str) -> None:
    model = tiny(kind).float()
    legend = anatomy.legend(model.config, together(23))
    stages = walk.stages(model, SOURCE, TARGET, K, legend)
    assert [act for act in walk.ACTS if act not in {stage.act for stage in stages}] == []
    values = {width.text: width.value for width in legend.widths} | {each.text: each.value for each in legend.between}
    for stage in stages:
        heads = getattr(model.config, "heads", 1) * getattr(model.config, "layers", 1)
        rows = {"B": 1, "N": K if stage.act == "step" else 1}
        read = 1 if stage.act == "step" else T
        known = {**values, **rows, "S": S, "T": read, "A": heads if hasattr(model.config, "heads") else 1}
        assert [known.get(name) or int(name) for name in stage.letters] == list(stage.shape)
        assert [name for name, size in zip(stage.letters, stage.shape, strict=True) if size in (S, T)] == [
            {S: "S", T: "T"}[size] for size in stage.shape if size in (S, T)
        ]


def test_recurrence_is_called_for_every_place_and_self_attention_once() -> None:
    seen = {}
    for kind in ("attention-gru", "transformer-pre"):
        model = tiny(kind).float()
        for stage in walk.stages(model, SOURCE, TARGET, K, anatomy.legend(model.config, together(23))):
            seen[kind, stage.act, stage.name] = stage
    hidden = seen["attention-gru", "encode", "encoder.layers.0.0.hidden"]
    assert (hidden.shape, hidden.times, hidden.times_letter) == ((1, 12), S, "S")
    hidden = seen["attention-gru", "decode", "decoder.0.hidden"]
    assert (hidden.shape, hidden.times, hidden.times_letter) == ((1, 24), T, "T")
    layers = seen["transformer-pre", "encode", "encoder.0-1.attention.projection"]
    assert (layers.shape, layers.letters, layers.times_letter) == ((1, S, 24), ("B", "S", "3 D"), "")


@pytest.mark.parametrize(
    ("kind", "name", "letters"),
    [
        ("attention-lstm-deep", "first", "B L parts D"),
        ("attention-lstm-deep", "values", "B S D"),
        ("attention-reservoir-wide", "values", "B S E"),
        ("rnn-gru", "values", "B 1 D"),
        ("transformer-pre", "layers", "B 2 H S d"),
        ("decoder-rotary", "state.layers", "N 2 H T d"),
        ("lexical", "state.place", "N"),
    ],
)
def test_memory_and_state_have_the_letters_of_their_docstrings(kind: str, name: str, letters: str) -> None:
    model = tiny(kind).float()
    stages = walk.stages(model, SOURCE, TARGET, K, anatomy.legend(model.config, together(23)))
    assert [" ".join(stage.letters) for stage in stages if stage.name == name and not stage.kind] == [letters]


@pytest.mark.parametrize("level", ["bpe", "word", "char"])
def test_words_have_all_pieces_and_ids_in_order(level: Any) -> None:
    text = "Der Hund, der nicht schläft."
    tokenizer = Tokenizer.train(["Der Hund schläft nicht."] * 3, level=level, vocab_size=300)
    (ids,) = tokenizer.encode([text])
    words = walk.words_of(tokenizer, ids, text)
    assert [word.text for word in words] == ["Der", "Hund", ",", "der", "nicht", "schläft", "."]
    assert [index for word in words for index in word.ids] == ids
    assert [piece for word in words for piece in word.pieces] == tokenizer.pieces(ids)


@pytest.fixture(scope="module")
def folders(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """A run of each family, trained for two updates."""
    found = {}
    for arch in ("lexical", "attention", "transformer", "decoder"):
        found[arch] = tmp_path_factory.mktemp("info") / arch
        small = ["training.steps=2", "training.validate_every=2", "decoding.max_extra=1", "tokenizer.vocab_size=300"]
        small += [] if arch == "lexical" else ["model.dim=16", "model.layers=2"]
        data = {"train": str(corpus / "train"), "dev": str(corpus / "dev")}
        training.train(recipes.load(None, arch, small, {"data": data}), found[arch], "cpu")
    return found


@pytest.fixture
def copy(folders: dict[str, Path], tmp_path: Path) -> Path:
    return Path(shutil.copytree(folders["attention"], tmp_path / "copy"))


@pytest.mark.parametrize("arch", ["lexical", "attention", "transformer", "decoder"])
def test_a_page_fits_on_100_columns_and_has_the_numbers_of_the_json(arch: str, folders: dict[str, Path]) -> None:
    found = info.inspect(folders[arch], None, None)
    page = info_page.page(found)
    assert max(map(len, page.splitlines())) <= info_page.WIDTH
    known = json.loads(json.dumps(info_json.as_json(found), allow_nan=False))
    total = sum(part["counted"] for part in known["parameters"])
    assert total == sum(runs.Run(folders[arch]).manifest()["parameters"].values())
    assert re.search(rf"\nsum +{total:,} +{total:,}\n", page)
    for stage in known["sentence"]["stages"]:
        assert f"({', '.join(map(str, stage['shape']))})  " in page
    assert "".join(known["sentence"]["found"]["text"].split()) in "".join(page.split())


def test_the_sentence_is_one_of_the_runs_own_text(folders: dict[str, Path], corpus: Path) -> None:
    found = info.inspect(folders["attention"], None, None)
    assert found.walk.text in (corpus / "dev.de").read_text("utf-8").split("\n")
    assert isinstance(found.counts, info.Counts)
    ids = runs.load(folders["attention"], "cpu").tokenizer.source.encode((corpus / "dev.de").read_text().splitlines())
    assert (found.counts.source.sentences, found.counts.source.tokens) == (12, sum(map(len, ids)))


def test_a_given_target_is_what_the_decoder_reads(folders: dict[str, Path]) -> None:
    found = info.inspect(folders["decoder"], "Der  Hund schläft. ", "The dog sleeps.").walk
    assert [word.text for word in found.target] == ["The", "dog", "sleeps", "."]
    (logits,) = [stage for stage in found.stages if (stage.act, stage.name) == ("decode", "logits")]
    assert logits.shape[1] == found.target_length == sum(len(word.ids) for word in found.target) + 1


def test_a_wide_table_has_its_numbers_below_its_formulas() -> None:
    formula = letter("D", 8)
    row = ["decoder" * 5, "formula " * 4, "in numbers " * 4, formula.text, "8"]
    text = info_page._fitting("Title", ["part", "formula", "in numbers", "value", "counted"], [row], "")
    lines = text.splitlines()
    assert max(map(len, lines)) <= info_page.WIDTH
    assert [lines[3].split("  ")[0], lines[4].strip()] == [row[0], row[2].strip()]


def test_a_sentence_that_is_cut_is_warned_of(copy: Path, capsys: pytest.CaptureFixture[str]) -> None:
    recipe = (copy / "recipe.toml").read_text()
    (copy / "recipe.toml").write_text(recipe.replace("max_length = 1024", "max_length = 9"))
    assert info.inspect(copy, "Hund " * 9, "dog").walk.source_length == 9
    assert "tokens and is cut to model.max_length = 9; split long lines" in capsys.readouterr().err


def test_a_run_whose_text_is_gone_says_so_and_takes_a_sentence(copy: Path, corpus: Path) -> None:
    recipe = (copy / "recipe.toml").read_text()
    (copy / "recipe.toml").write_text(recipe.replace(f'dev = "{corpus}', 'dev = "/nowhere'))
    with pytest.raises(UsageError, match=r"no sentence of the run's own \(.*/nowhere.* exists.*give one with --text"):
        info.inspect(copy, None, None)
    found = info.inspect(copy, "Der Hund schläft.", None)
    assert "No text at hand to count its tokens: neither /nowhere" in info_page.page(found)


def test_numbers_that_training_left_alone_are_said_apart(copy: Path) -> None:
    run = runs.Run(copy)
    run.save_manifest({**run.manifest(), "parameters": {"embedding": 4_000, "fixed": 1_234}})
    assert "Of all, 1,234 are fixed" in " ".join(info_page.page(info.inspect(copy, None, None)).split())


def test_a_folder_without_manifest_is_read_all_the_same(copy: Path) -> None:
    (copy / "manifest.json").unlink()
    page = info_page.page(info.inspect(copy, None, None))
    assert "training      not known: the folder lacks its manifest" in page
    assert "versions      not known" in page


@pytest.mark.parametrize("name", ["manifest.json", "metrics.jsonl", "tokenizer.json", "best.safetensors"])
def test_a_file_that_was_cut_off_is_named_in_one_line(name: str, copy: Path) -> None:
    content = (copy / name).read_bytes()
    (copy / name).write_bytes(content[: len(content) // 2 - 1])
    with pytest.raises(RunError, match=rf"{re.escape(str(copy / name))} .*copy the run folder anew|is no tokenizer"):
        info.inspect(copy, None, None)


@pytest.mark.parametrize(
    ("text", "target", "said"),
    [
        ("  ", None, "--text is empty; give a sentence"),
        ("Ja.", "", "--target is empty; give a sentence"),
        (None, "Yes.", "--target is a translation of --text; give both"),
    ],
)
def test_a_blank_sentence_is_refused(text: str | None, target: str | None, said: str, folders: dict[str, Path]) -> None:
    with pytest.raises(NmtError, match=f"^{re.escape(said)}$"):
        info.inspect(folders["attention"], text, target)


def test_a_folder_that_is_no_run_is_refused(tmp_path: Path) -> None:
    with pytest.raises(RunError, match="is no run of nmt; name a folder that `nmt train` wrote"):
        info.inspect(tmp_path, None, None)


def test_the_command_prints_one_object(folders: dict[str, Path]) -> None:
    flags = ["-m", str(folders["attention"]), "--text", "Der Hund schläft.", "--format", "json"]
    command = [str(Path(sys.executable).parent / "nmt"), "info", *flags]
    done = subprocess.run(command, capture_output=True, text=True, check=True)
    assert done.stderr == ""
    assert json.loads(done.stdout)["sentence"]["text"] == "Der Hund schläft."
