"""Tiny models of every kind, in float64, and a batch of sentences of unequal length."""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

os.environ.setdefault("OMP_NUM_THREADS", "1")  # before torch reads it: as many test processes as cores run side by side

import hypothesis
import numpy as np
import pytest
import torch
from torch import Tensor, nn

from nmt import models, recipe
from nmt.data import grammar
from nmt.data.batches import collate
from nmt.training import run as training

hypothesis.settings.register_profile("no timing", deadline=None)
hypothesis.settings.load_profile("no timing")
VOCAB = 23
KINDS: dict[str, tuple[str, list[str]]] = {
    "rnn-gru": ("rnn", []),
    "rnn-tanh-every": ("rnn", ["cell=tanh", "context=every"]),
    "rnn-lstm-reversed": ("rnn", ["cell=lstm", "bidirectional=false", "reverse_source=true", "layers=2"]),
    "attention-gru": ("attention", []),
    "attention-lstm-deep": ("attention", ["cell=lstm", "layers=2", "embedding_dim=6"]),
    "attention-tanh-unfed": ("attention", ["cell=tanh", "input_feeding=false", "tie_embeddings=false"]),
    "attention-before": ("attention", ["attend=before", "input_feeding=false", "layers=2", "cell=lstm"]),
    "attention-dot": ("attention", ["score=dot", "input_feeding=false"]),
    "attention-scaled": ("attention", ["score=scaled_dot"]),
    "attention-general-before": ("attention", ["score=general", "attend=before", "input_feeding=false"]),
    "attention-cosine": ("attention", ["score=cosine", "input_feeding=false"]),
    "attention-location": ("attention", ["score=location", "max_length=300"]),
    "rnn-reservoir": ("rnn", ["cell=reservoir", "context=every"]),
    "attention-reservoir": ("attention", ["cell=reservoir", "reservoir.leak=0.5", "bidirectional=false"]),
    "attention-reservoir-wide": (
        "attention",
        ["cell=reservoir", "reservoir.dim=20", "attend=before", "input_feeding=false"],
    ),
    "rnn-reservoir-wide": ("rnn", ["cell=reservoir", "reservoir.dim=20", "context=every", "layers=2"]),
    "transformer-pre": ("transformer", ["layers=2", "heads=2"]),
    "transformer-post-learned": ("transformer", ["layers=2", "heads=2", "norm_place=post", "positions=learned"]),
    "transformer-rms-untied": ("transformer", ["layers=1", "heads=4", "norm=rms", "tie_embeddings=false"]),
    "transformer-simple-tanh": ("transformer", ["layers=2", "heads=1", "attention=simple", "norm=tanh"]),
    "transformer-single-rotary": ("transformer", ["layers=2", "heads=2", "attention=single", "positions=rotary"]),
    "transformer-bare": ("transformer", ["layers=1", "heads=2", "feed_forward=none", "norm=none", "positions=none"]),
    "transformer-gated": ("transformer", ["layers=1", "heads=2", "feed_forward=gated"]),
    "transformer-no-residual": ("transformer", ["layers=1", "heads=2", "residual=false"]),
    "transformer-unscaled-gelu": ("transformer", ["layers=1", "feed_forward=gelu", "scale_attention=false"]),
    "decoder": ("decoder", ["layers=2", "heads=2"]),
    "decoder-rotary": ("decoder", ["layers=2", "heads=2", "positions=rotary", "norm=rms", "feed_forward=gated"]),
    "decoder-post-learned": ("decoder", ["layers=2", "heads=4", "norm_place=post", "positions=learned"]),
    "decoder-simple": ("decoder", ["layers=2", "heads=1", "attention=simple", "tie_embeddings=false"]),
    "lexical": ("lexical", ["candidates=5", "floor=0.01"]),
}
TRAINED = [kind for kind in KINDS if kind != "lexical"]
"""Those whose weights are found by gradient."""


@pytest.fixture(scope="session", autouse=True)
def unsynced() -> Iterator[None]:
    """No test pulls the plug: what waits for the disk does not, and thousands of small saves take seconds less."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(os, "fsync", lambda descriptor: None)
        yield


@pytest.fixture
def double() -> Iterator[None]:
    """Everything that a test makes is float64, and the same each time."""
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(5)
    yield
    torch.set_default_dtype(torch.float32)


def mask_of(*lengths: int) -> Tensor:
    """Sentences of these lengths, padded."""
    return torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]


def shuffled(module: Any) -> Any:
    """The module with no weight at 0 or 1, as biases and gains begin."""
    for parameter in module.parameters():
        nn.init.normal_(parameter, std=0.5)
    return module


def take(ours: nn.Module, **theirs: Tensor) -> None:
    """Copies weights into ours by name, with "__" for the dot."""
    ours.load_state_dict({name.replace("__", "."): value for name, value in theirs.items()})


def model_config(arch: str, *settings: str) -> Any:
    """The [model] of an architecture without dropout."""
    return recipe.load(None, arch, [f"model.{s}" for s in ("dropout=0.0", *settings)]).model


def tiny(kind: str, *more: str, seed: int = 0) -> Any:
    """A small model of a kind in float64, dropout off, its weights spread enough to tell tokens apart."""
    arch, settings = KINDS[kind]
    small = [] if kind == "lexical" else ["dim=8", "dropout=0.0"]
    config = recipe.load(None, arch, [f"model.{s}" for s in (*small, *settings, *more)]).model
    torch.manual_seed(seed)
    model: Any = models.build(config, VOCAB, VOCAB, True).double().eval()
    if kind == "lexical":
        probability = torch.randn(VOCAB, VOCAB).softmax(-1).flatten().double().numpy()
        words = np.arange(VOCAB)
        model.fill(words.repeat(VOCAB), np.tile(words, VOCAB), probability)
        return model
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.3 * torch.randn_like(parameter)
    return model


@dataclass(frozen=True)
class Sentences:
    src: Tensor
    mask: Tensor
    tgt_in: Tensor
    tgt_out: Tensor
    src_lists: list[list[int]]
    tgt_lists: list[list[int]]


@pytest.fixture
def sentences() -> Sentences:
    """Four pairs whose lengths all differ."""
    generator = torch.Generator().manual_seed(7)

    def draw(length: int) -> list[int]:
        return torch.randint(4, VOCAB, (length,), generator=generator).tolist()

    src, tgt = [draw(n) for n in (5, 2, 7, 1)], [draw(n) for n in (4, 6, 1, 3)]
    batch = collate(src, tgt)
    return Sentences(batch.src, batch.src_mask, batch.tgt_in, batch.tgt_out, src, tgt)


@pytest.fixture(params=TRAINED)
def trained_model(request: pytest.FixtureRequest) -> Any:
    return tiny(request.param)


@pytest.fixture(params=list(KINDS))
def model(request: pytest.FixtureRequest) -> Any:
    return tiny(request.param)


@pytest.fixture(scope="session")
def corpus(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Files train, dev and test, each .de and .en: the first pairs of the embedded corpus."""
    return write_corpus(tmp_path_factory.mktemp("corpus"))


def write_corpus(folder: Path) -> Path:
    """These files, into a folder."""
    for split, size in (("train", 200), ("dev", 12), ("test", 12)):
        examples = grammar.sample(split, size)
        for language in ("de", "en"):
            text = "".join(f"{getattr(example, language)}\n" for example in examples)
            (folder / f"{split}.{language}").write_bytes(text.encode())
    return folder


@pytest.fixture(scope="session")
def probed(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> dict[str, Path]:
    """Run folders of a table, and of models without attention, with it (at its first weights), and of it alone."""
    folder = tmp_path_factory.mktemp("probed")
    data = {"train": str(corpus / "train"), "dev": str(corpus / "dev"), "test": {"small": "grammar:30"}}
    few = ["training.steps=2", "training.validate_every=2", "training.dev_lines=2", "decoding.beam=1"]
    few += ["tokenizer.vocab_size=1000", "decoding.max_extra=1", "decoding.max_ratio=1"]
    for arch, settings in {
        "lexical": [],
        "rnn": ["model.dim=8"],
        "attention": ["model.dim=8", "model.input_feeding=false", "training.learning_rate=1e-30"],
        "transformer": ["model.dim=8", "model.layers=1", "model.max_length=20", "data.max_tokens=19"],
    }.items():
        training.train(recipe.load(None, arch, [*few, *settings], {"data": data}), folder / arch, "cpu")
    return {path.name: path for path in folder.iterdir()}
