"""Vectors in a model's embeddings: which rows they fill, what is said of the others, and which rows hold still."""

import random
import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from nmt import models
from nmt import recipe as recipes
from nmt.data.lines import read_lines
from nmt.data.tokenizer import Tokenizer
from nmt.errors import DataError, UsageError
from nmt.models.embedding import Embedding
from nmt.recipe import Recipe
from nmt.training import run as training
from nmt.training.parts import prepare
from nmt.training.summary import summary

DIM = 16
ARCHS = [a for a in recipes.ARCHITECTURES if a != "lexical" and type(recipes.load(None, a).model) in models.BACKBONES]


def test_rows_take_vectors_by_one_factor_and_frozen_ones_have_no_gradient() -> None:
    torch.manual_seed(2)
    table, vectors, rows = Embedding(9, 4), 50 * torch.randn(3, 4) + 20, torch.tensor([7, 2, 5])
    before = table.weight.detach().clone()
    table.take(rows, vectors, frozen=True)
    factor = (table.weight.detach()[rows] / vectors).flatten()
    torch.testing.assert_close(factor, factor[:1].expand(12))
    assert float(table.weight.detach()[rows].pow(2).mean()) == pytest.approx(1 / 4)
    table(torch.tensor([[7, 1, 5, 5, 3]])).sum().backward()
    assert table.weight.grad.abs().sum(1).nonzero().flatten().tolist() == [1, 3]
    assert torch.equal(table.weight.detach()[[0, 1, 3, 4, 6, 8]], before[[0, 1, 3, 4, 6, 8]])
    for wrong in (torch.zeros(3, 4), torch.ones(3, 5), torch.ones(2, 4)):
        with pytest.raises(ValueError, match="3 rows cannot take vectors of shape"):
            table.take(rows, wrong)


@pytest.fixture
def write(corpus: Path, tmp_path: Path) -> Callable[..., dict[str, list[float]]]:
    """A function that writes vectors of every other word of the training text, none of a word that has two cases."""

    def make(name: str, language: str, dim: int = DIM) -> dict[str, list[float]]:
        de, en = (re.findall(r"(?<![\w'])\w+", (corpus / f"train.{side}").read_text("utf-8")) for side in ("de", "en"))
        cases = Counter(word.lower() for word in {*de, *en})
        chosen = [word for word in dict.fromkeys(de if language == "de" else en) if cases[word.lower()] == 1][::2]
        draw = random.Random(name)
        vectors = {word: [draw.gauss(1.0, 3.0) for _ in range(dim)] for word in chosen}
        text = "".join(f"{word} {' '.join(map(repr, numbers))}\n" for word, numbers in vectors.items())
        (tmp_path / name).write_text(text, encoding="utf-8")
        return vectors

    return make


@pytest.fixture
def settings(corpus: Path, tmp_path: Path) -> Callable[..., Recipe]:
    def make(arch: str, *more: str) -> Recipe:
        data = {"train": str(corpus / "train"), "dev": str(corpus / "dev")}
        fixed = [f"model.dim={DIM}", "model.tie_embeddings=false", "tokenizer.level=word", "tokenizer.joint=false"]
        steps = ["training.steps=12", "training.validate_every=6", "training.save_every=4", "training.warmup=4"]
        small = ["training.batch_tokens=256", "training.dev_lines=4"]
        names = [s.replace("=HERE", f"={tmp_path}") for s in more]
        return recipes.load(None, arch, [*fixed, *steps, *small, *names], {"data": data})

    return make


BOTH = ("model.embeddings.source=HERE/de.vec", "model.embeddings.target=HERE/en.vec")


def row_of(tokenizer: Tokenizer, word: str) -> int:
    """The id that a word has in a text."""
    ((index,),) = tokenizer.encode([word])
    return index


@pytest.mark.parametrize("arch", ARCHS)
def test_every_word_of_the_files_is_in_its_row_and_nothing_else_differs(arch: str, write: Any, settings: Any) -> None:
    de, en = write("de.vec", "de"), write("en.vec", "en")
    bare, filled = prepare(settings(arch)), prepare(settings(arch, *BOTH))
    weights = {name: parameter.detach().clone() for name, parameter in bare.model.named_parameters()}
    for side, vectors in (("source", de), ("target", en)):
        rows = [row_of(getattr(filled.tokenizer, side), word) for word in vectors]
        numbers = torch.tensor(list(vectors.values()), dtype=torch.float64)
        root_mean_square = (sum(x * x for row in vectors.values() for x in row) / numbers.numel()) ** 0.5
        weights[f"embedding.{side}.weight"][rows] = (numbers / root_mean_square / DIM**0.5).float()
    for name, parameter in filled.model.named_parameters():
        torch.testing.assert_close(parameter.detach(), weights[name], rtol=1e-6, atol=1e-9)


@pytest.mark.parametrize("arch", ARCHS)
def test_frozen_rows_never_move_others_do_and_a_resumed_run_is_one_never_stopped(
    arch: str, write: Any, settings: Any, tmp_path: Path
) -> None:
    de, en = write("de.vec", "de"), write("en.vec", "en")
    more = [*BOTH, "model.embeddings.frozen=true"]
    start = prepare(settings(arch, *more))
    training.train(settings(arch, *more), tmp_path / "whole", "cpu")
    training.train(settings(arch, *more, "training.steps=7"), tmp_path / "parts", "cpu")
    training.train(settings(arch, *more), tmp_path / "parts", "cpu")
    whole, parts = (load_file(tmp_path / name / "last.safetensors") for name in ("whole", "parts"))
    assert all(torch.equal(parts[name], tensor) for name, tensor in whole.items())
    counts, bare = start.model.parameter_counts(), prepare(settings(arch)).model.parameter_counts()
    assert counts["fixed"] == DIM * (len(de) + len(en))
    assert "fixed" not in bare
    assert sum(counts.values()) == sum(bare.values())
    for side, vectors in (("source", de), ("target", en)):
        before = getattr(start.model.embedding, side).weight.detach()
        moved = (whole[f"embedding.{side}.weight"] != before).any(1)
        rows = [row_of(getattr(start.tokenizer, side), word) for word in vectors]
        assert not moved[rows].any()
        assert moved.sum() > 0.5 * (len(moved) - len(rows))


def test_vectors_that_are_not_frozen_are_trained(write: Any, settings: Any, tmp_path: Path) -> None:
    de = write("de.vec", "de")
    recipe = settings("attention", BOTH[0])
    start = prepare(recipe)
    training.train(recipe, tmp_path / "run", "cpu")
    rows = [row_of(start.tokenizer.source, word) for word in de]
    after = load_file(tmp_path / "run" / "last.safetensors")["embedding.source.weight"][rows]
    assert (after != start.model.embedding.source.weight[rows]).any(1).float().mean() > 0.5


def test_a_shared_table_has_the_source_file_first_and_the_target_file_where_it_had_nothing(
    write: Any, settings: Any, capsys: pytest.CaptureFixture[str]
) -> None:
    de, en = write("de.vec", "de"), write("en.vec", "en")
    joint = ("tokenizer.joint=true", "model.tie_embeddings=true")
    parts = prepare(settings("transformer", *BOTH, *joint))
    table = parts.model.embedding.source.weight.detach()
    assert parts.model.embedding.target.weight is parts.model.embedding.source.weight
    both, rest = set(de) & set(en), {word: vector for word, vector in en.items() if word not in de}
    assert both
    for vectors in (de, rest):
        rows = table[[row_of(parts.tokenizer.source, word) for word in vectors]]
        factor = rows / torch.tensor(list(vectors.values()))
        torch.testing.assert_close(factor, factor[:1, :1].expand_as(factor))
        assert float(rows.pow(2).mean()) == pytest.approx(1 / DIM)
    vocabulary = parts.tokenizer.source
    words = len({piece.removeprefix("▁") for piece in vocabulary.pieces(range(4, len(vocabulary)))})
    told = capsys.readouterr().err
    assert f"embeddings: {len(de)} of {words:,} words of de and en found in de.vec; missing: " in told
    assert f"embeddings: {len(rest)} of {words - len(de):,} remaining words of de and en found in en.vec" in told
    once, twice = (
        prepare(settings("transformer", *files, *joint)).model.embedding.source.weight
        for files in (BOTH[:1], (BOTH[0], BOTH[0].replace("source", "target")))
    )
    assert torch.equal(once, twice)


def test_the_message_names_the_most_frequent_missing_words(
    settings: Any, tmp_path: Path, corpus: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    counts: dict[str, int] = {}
    for line in read_lines(corpus / "train.de"):
        for word in line.replace(",", " ,").replace(".", " .").split():
            counts[word] = counts.get(word, 0) + 1
    first = sorted(counts, key=lambda word: -counts[word])[:2]
    (tmp_path / "de.vec").write_text(f"1 {DIM}\n{first[0]} {' '.join(['1'] * DIM)}\n", encoding="utf-8")
    recipe = settings("transformer", BOTH[0])
    text = summary(recipe, "cpu")
    told = capsys.readouterr().err
    size = len(prepare(recipe).tokenizer.source) - 4
    assert f"embeddings: 1 of {size:,} words of de found in de.vec; missing: {first[1]}, " in told
    assert told.strip().endswith(", ...")
    assert "frozen = false" in text


@pytest.mark.parametrize(
    ("arch", "more", "said"),
    [
        ("attention", [], "has vectors of 6 numbers and the model has embeddings of 16; set model.embedding_dim to 6,"),
        (
            "transformer",
            ["model.embeddings.frozen=true"],
            "embeddings of 16; set model.dim to 6, or name vectors of 16",
        ),
        ("rnn", ["tokenizer.level=char"], "model.embeddings has vectors of words, and tokenizer.level = char has no"),
        ("rnn", ["model.embeddings.frozen=true", "training.weight_decay=0.1"], "would pull frozen embeddings toward z"),
    ],
)
def test_what_cannot_be_filled_is_refused_in_one_line(
    arch: str, more: list[str], said: str, write: Any, settings: Any
) -> None:
    write("de.vec", "de", dim=6)
    with pytest.raises(UsageError) as caught:
        prepare(settings(arch, BOTH[0], *more))
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_file_of_another_language_is_refused_and_the_folder_stays_free(settings: Any, tmp_path: Path) -> None:
    (tmp_path / "de.vec").write_text("xyzzy " + " ".join(["1"] * DIM), encoding="utf-8")
    with pytest.raises(DataError, match=r"de.vec has none of the \d+ words of de; name vectors of that language"):
        training.train(settings("rnn", BOTH[0]), tmp_path / "run", "cpu")
    training.train(settings("rnn", "training.steps=1"), tmp_path / "run", "cpu")
    assert (tmp_path / "run" / "best.safetensors").exists()
