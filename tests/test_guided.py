"""`training.guided_alignment`: links of words that teach an attention map."""

import random
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from nmt import recipe
from nmt.data.batches import BatchStream, Place, collate
from nmt.data.corpus import Corpus
from nmt.data.encoded import encode_corpus
from nmt.data.guides import piece_links
from nmt.data.links import Gold, read_links
from nmt.data.tokenizer import Tokenizer, TokenizerPair
from nmt.errors import DataError, UsageError
from nmt.evaluation import aligner
from nmt.evaluation.alignment import agreement
from nmt.models.loss import Guidance
from nmt.recipe import Recipe
from nmt.tokens import PAD
from nmt.training import guidance
from nmt.training.run import train
from tests.conftest import TRAINED, Sentences, tiny

LOOKING = [kind for kind in TRAINED if not kind.startswith("rnn")]


def random_links(sentences: Sentences) -> torch.Tensor:
    """(B, T, S): some rows share 1 among real places, some say nothing."""
    generator = torch.Generator().manual_seed(2)
    shape = (*sentences.tgt_in.shape, sentences.src.size(1))
    drawn = (torch.rand(shape, generator=generator) < 0.4) & sentences.mask[:, None]
    links = drawn.double()
    return links / links.sum(-1, keepdim=True).clamp_min(1)


@pytest.mark.parametrize("kind", LOOKING)
def test_the_loss_has_the_cross_entropy_of_the_taught_map_added(kind: str, sentences: Sentences) -> None:
    model, links = tiny(kind), random_links(sentences)
    sides = sentences.src, sentences.mask, sentences.tgt_in, sentences.tgt_out
    bare, count = model(*sides)
    maps = model.alignment(*sides)
    taught = maps.size(1) - 1
    found, same = model(*sides, 0.0, Guidance(links, taught, 0.3))
    expected = 0.0
    for b, t, s in links.nonzero().tolist():
        expected -= 0.3 * float(links[b, t, s]) * float(maps[b, taught, t, s].detach().log())
    assert float((found - bare).detach()) == pytest.approx(expected, rel=1e-6)
    assert int(count) == int(same)
    assert torch.equal(model(*sides, 0.0, None)[0], bare)


@pytest.mark.parametrize("kind", LOOKING)
def test_a_batch_has_the_losses_of_its_pairs_alone(kind: str, sentences: Sentences) -> None:
    model, links = tiny(kind), random_links(sentences)
    sides = sentences.src, sentences.mask, sentences.tgt_in, sentences.tgt_out
    links = links * (sentences.tgt_out != PAD)[:, :, None]
    together, _ = model(*sides, 0.1, Guidance(links, 0, 0.3))
    alone = torch.zeros(())
    for row, (src, tgt) in enumerate(zip(sentences.src_lists, sentences.tgt_lists, strict=True)):
        own = collate([src], [tgt])
        said = links[row : row + 1, : len(tgt) + 1, : len(src) + 1]
        alone = alone + model(own.src, own.src_mask, own.tgt_in, own.tgt_out, 0.1, Guidance(said, 0, 0.3))[0]
    torch.testing.assert_close(together, alone)


@pytest.mark.parametrize("kind", LOOKING)
def test_its_gradient_is_the_slope_of_the_loss(kind: str, sentences: Sentences) -> None:
    model, links = tiny(kind), random_links(sentences)
    sides = sentences.src, sentences.mask, sentences.tgt_in, sentences.tgt_out

    def loss() -> torch.Tensor:
        return Guidance(links, 0, 1.0).loss(model.alignment(*sides))

    weights = [weight for weight in model.parameters() if weight.requires_grad]
    gradients = torch.autograd.grad(loss(), weights, allow_unused=True)
    torch.manual_seed(0)
    way = [torch.randn_like(weight) for weight in weights]
    slope = sum(float((g * d).sum()) for g, d in zip(gradients, way, strict=True) if g is not None)
    with torch.no_grad():
        ends = []
        for step in (1e-6, -2e-6):
            for weight, d in zip(weights, way, strict=True):
                weight += step * d
            ends.append(float(loss()))
    assert slope == pytest.approx((ends[0] - ends[1]) / 2e-6, rel=1e-3, abs=1e-4)


def test_a_model_that_never_looks_cannot_be_guided(sentences: Sentences) -> None:
    with pytest.raises(ValueError, match="a model without attention cannot be guided"):
        tiny("rnn-gru")(
            sentences.src, sentences.mask, sentences.tgt_in, sentences.tgt_out, 0.0, Guidance(torch.zeros(1), 0, 1.0)
        )


def test_links_of_words_become_links_of_pieces_letters_to_letters_and_marks_to_marks() -> None:
    corpus = Corpus("c", ["ab, c d%", "x"], ["ef gh. i", "y"])
    tokenizer = TokenizerPair(Tokenizer.train(["a"], level="char", vocab_size=290))
    links = [frozenset({(0, 0), (0, 1), (1, 2), (2, 2)}), frozenset({(0, 0)})]
    # "ab, c d%" is a0 b1 ,2 _3 c4 _5 d6 %7 and "ef gh. i" is e0 f1 _2 g3 h4 .5 _6 i7
    expected = [[t, s] for t in (0, 1, 3, 4) for s in (0, 1)] + [[5, 2], [7, 4], [7, 6]]
    for shift in (False, True):
        guides = piece_links(links, corpus, np.array([1, 0]), tokenizer, shift)
        assert guides[0].tolist() == [[0 + shift, 0]]
        assert guides[1].tolist() == [[t + shift, s] for t, s in expected]


def test_a_mark_without_its_like_is_linked_only_where_its_word_is_nothing_else() -> None:
    tokenizer = TokenizerPair(Tokenizer.train(["a"], level="char", vocab_size=290))
    percent, end = (Corpus("c", ["ab"], [tgt]) for tgt in ("%", "c."))
    links = [frozenset({(0, 0)})]
    assert piece_links(links, percent, np.array([0]), tokenizer, False)[0].tolist() == [[0, 0], [0, 1]]
    assert piece_links(links, end, np.array([0]), tokenizer, False)[0].tolist() == [[0, 0], [0, 1]]


def test_a_steps_links_share_one_in_a_batch_and_stay_with_their_pair() -> None:
    guides = [np.array([[0, 1], [0, 2], [2, 0]], np.int32), np.zeros((0, 2), np.int32)]
    batch = collate([[5, 6, 7], [5]], [[8, 9], [8]], guides)
    assert batch.links is not None
    assert batch.links[0].tolist() == [[0, 0.5, 0.5, 0], [0, 0, 0, 0], [1, 0, 0, 0]]
    assert not batch.links[1].any()
    assert collate([[5]], [[8]]).links is None
    assert batch.to(torch.device("cpu")).links is not None


Make = Callable[..., Recipe]


@pytest.fixture(scope="module")
def make(tmp_path_factory: pytest.TempPathFactory) -> Make:
    """Recipes over a text whose target is the source backwards in capitals, with its links in a file."""
    folder, rng = tmp_path_factory.mktemp("reversed"), random.Random(1)
    words = [f"w{chr(97 + number)}" for number in range(8)]
    for split, size in (("train", 300), ("dev", 20)):
        src = [rng.choices(words, k=rng.randint(3, 5)) for _ in range(size)]
        links = [" ".join(f"{len(line) - 1 - j}-{j}" for j in range(len(line))) for line in src]
        sides = {"de": src, "en": [[word.upper() for word in reversed(line)] for line in src]}
        for suffix, lines in {**{k: [" ".join(line) for line in v] for k, v in sides.items()}, "links": links}.items():
            (folder / f"{split}.{suffix}").write_text("\n".join(lines) + "\n", encoding="utf-8")

    def made(arch: str, steps: int, *settings: str, guided: bool = True) -> Recipe:
        data = {"train": str(folder / "train"), "dev": str(folder / "dev")}
        fixed = ["model.dim=32", "model.dropout=0.0", "tokenizer.level=word", "tokenizer.vocab_size=40"]
        fixed += [f"training.{key}" for key in ("batch_tokens=256", "learning_rate=1e-2", "warmup=20", "dev_lines=2")]
        fixed += [f"training.steps={steps}", f"training.validate_every={steps}", "training.average=1"]
        if arch != "attention":
            fixed += ["model.layers=2", "model.heads=2", "align.layer=2", "align.head=1"]
        if guided:
            file = folder / "train.links"
            fixed += [f"training.guided_alignment.file={file}", "training.guided_alignment.weight=2.0"]
        return recipe.load(None, arch, [*fixed, *settings], {"data": data})

    return made


@pytest.mark.parametrize("arch", ["attention", "transformer"])
def test_guided_attention_finds_the_links_and_unguided_attention_need_not(
    arch: str, make: Make, tmp_path: Path
) -> None:
    rates = {}
    for guided in (True, False):
        made, folder = make(arch, 60, guided=guided), tmp_path / str(guided)
        train(made, folder, "cpu")
        dev = Path(str(made.data.dev))
        pairs = aligner.read_pairs(dev.with_suffix(".de"), dev.with_suffix(".en"), made, pretokenized=False)
        gold = [Gold(each, each) for each in read_links(dev.with_suffix(".links"), pairs.sizes)]
        found = list(aligner.align(aligner.load([folder], [], "cpu"), pairs, 64))
        rates[guided] = agreement(found, gold).error_rate
    assert rates[True] < 0.1
    assert rates[False] > 2 * rates[True]


def test_a_guided_training_resumed_ends_with_the_weights_of_one_never_stopped(make: Make, tmp_path: Path) -> None:
    for folder, steps in (("whole", (9,)), ("parts", (4, 9))):
        for last in steps:
            made = make("transformer", 9, f"training.steps={last}", "training.save_every=2", "align.shift=true")
            train(made, tmp_path / folder, "cpu")
    whole, parts = (load_file(tmp_path / name / "last.safetensors") for name in ("whole", "parts"))
    assert all(torch.equal(parts[name], tensor) for name, tensor in whole.items())


def test_links_stay_with_their_pairs_in_every_batch(make: Make) -> None:
    made = make("transformer", 1)
    corpus = Corpus("c", ["a b c", "", "b c", "c a"], ["x y z", "x", "z y", "x z"])
    tokenizer = TokenizerPair.train(corpus.src, corpus.tgt, level="word", vocab_size=20, joint=True)
    encoded, _ = encode_corpus(corpus, tokenizer)
    links = [frozenset({(2, 0), (0, 2)}), frozenset(), frozenset({(1, 1)}), frozenset({(0, 1)})]
    text = guidance.guided(encoded, links, corpus, tokenizer, made)  # type: ignore[arg-type]
    stream = BatchStream(text, batch_tokens=8, seed=1).batches(Place())
    seen: dict[Any, Any] = {}
    for batch, _ in (next(stream) for _ in range(6)):
        assert batch.links is not None
        for src, found in zip(batch.src, batch.links, strict=True):
            seen[tokenizer.source.decode(src.tolist())] = {(s, t) for t, s in found.nonzero().tolist()}
    assert seen == {"a b c": {(2, 0), (0, 2)}, "b c": {(1, 1)}, "c a": {(0, 1)}}


@pytest.mark.parametrize(
    ("lines", "message"),
    [
        (["0-0"] * 299, r"links has 299 lines and .*train has 300; line 300 is the first without a partner"),
        ([*["0-0"] * 299, "0-9"], r"links:300: a link of source token 0 and target token 9 in a pair of"),
        ([*["0-0"] * 299, "0_0"], r"links:300: '0_0' is no link"),
    ],
)
def test_links_that_do_not_fit_the_text_are_refused_by_line(
    lines: list[str], message: str, make: Make, tmp_path: Path
) -> None:
    (tmp_path / "links").write_text("\n".join(lines) + "\n")
    with pytest.raises(DataError, match=message):
        train(make("attention", 1, f"training.guided_alignment.file={tmp_path / 'links'}"), tmp_path / "run", "cpu")
    assert not (tmp_path / "run" / "recipe.toml").exists()


def test_links_that_do_not_exist_cost_no_training(make: Make, tmp_path: Path) -> None:
    with pytest.raises(DataError, match="none does not exist"):
        guidance.check(make("attention", 1, f"training.guided_alignment.file={tmp_path / 'none'}"))


@pytest.mark.parametrize(
    ("arch", "setting", "message"),
    [
        ("rnn", "align.null=true", "teaches attention, and this model has none; use another --arch"),
        ("lexical", "align.null=true", "teaches attention, and this model has none"),
        (
            "attention",
            "tokenizer.dropout=0.1",
            "the same pieces in every epoch, and tokenizer.dropout changes them",
        ),
        ("transformer", "align.layer=1", "teaches one head; say which, as in align.head = 1"),
        (
            "attention",
            "training.guided_alignment.weight=0.0",
            "weight must be more than 0",
        ),
    ],
)
def test_guidance_that_makes_no_sense_is_refused(arch: str, setting: str, message: str) -> None:
    with pytest.raises(UsageError, match=message):
        recipe.load(None, arch, ["training.guided_alignment.file=links", setting])
    with pytest.raises(UsageError, match=r"weight has nothing to weigh; name links with guided_alignment.file"):
        recipe.load(None, arch, ["training.guided_alignment.weight=0.5"])


def test_a_recipes_links_are_beside_it(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text('training.guided_alignment.file = "a.links"\n')
    assert recipe.load(path, "attention").training.guided_alignment.file == str((tmp_path / "a.links").resolve())
