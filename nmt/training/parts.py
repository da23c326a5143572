"""What a training is made of, by its recipe: text, tokenizers, a new model, batches."""

import os
from dataclasses import dataclass
from typing import Any

import torch

from nmt import models
from nmt.data import corpus as corpora
from nmt.data.batches import BatchStream, dropout_resampler
from nmt.data.corpus import Corpus
from nmt.data.encoded import Encoded
from nmt.data.plan import Share
from nmt.data.tokenizer import TokenizerPair
from nmt.errors import DataError, UsageError
from nmt.models.base import Seq2Seq
from nmt.models.footprint import least_parameters
from nmt.recipe import Recipe
from nmt.runs import Run
from nmt.training import embeddings
from nmt.training.material import Material, gather


@dataclass(frozen=True)
class Parts:
    """All that a recipe and a run folder decide before the first update."""

    tokenizer: TokenizerPair
    encoded: Encoded
    stream: BatchStream
    dev: Corpus
    model: Seq2Seq[Any, Any]


def prepare(recipe: Recipe, run: Run | None = None, share: Share | None = None) -> Parts:
    """Corpus, tokenizers and a new model; the tokenizers of `run` where it has them, or else new ones."""
    dev = load_dev(recipe)
    known = run.tokenizer() if run else None
    material = gather(recipe, known, dev)
    tokenizer = material.tokenizer
    check_memory(recipe, tokenizer)
    torch.manual_seed(recipe.training.seed)
    model = models.build(recipe.model, len(tokenizer.source), len(tokenizer.target), tokenizer.joint)
    embeddings.fill(model, recipe, tokenizer)
    if run and known is None:
        run.begin(recipe, tokenizer)  # last, so that a mistake leaves the folder free
    return Parts(tokenizer, material.encoded, make_stream(recipe, material, share), dev, model)


def check_memory(recipe: Recipe, tokenizer: TokenizerPair) -> None:
    """Raises UsageError for a model whose weights alone, in fp32, are more than this machine's memory."""
    least = least_parameters(recipe.model, len(tokenizer.source), len(tokenizer.target))
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if 4 * least > memory:
        raise UsageError(
            f"a model of over {least:,} parameters needs {4 * least / 2**30:,.0f} GiB and this machine has "
            f"{memory / 2**30:,.0f}; lower model.dim, model.layers or tokenizer.vocab_size"
        )


def load_dev(recipe: Recipe) -> Corpus:
    """Development text; raises DataError where a corpus of one's own comes without any."""
    data = recipe.data
    where = data.dev
    if where is None and data.embedded:
        where = "grammar"
    if where is None:
        raise DataError(
            f"{data.title} has no development text to choose the best weights by; name some held-out pairs with "
            "--dev or data.dev"
        )
    return corpora.load(where, recipe.source, recipe.target, "dev")


def make_stream(recipe: Recipe, material: Material, share: Share | None = None) -> BatchStream:
    """The training batches of a recipe, or one process's share of them."""
    seed, dropout = recipe.training.seed, recipe.tokenizer.dropout
    resample = None
    if dropout:
        resample = dropout_resampler(material.corpus, material.tokenizer, material.encoded, dropout, seed)
    return BatchStream(
        material.encoded,
        batch_tokens=recipe.training.batch_tokens,
        seed=seed,
        resample=resample,
        draw=material.draw,
        shards=material.shards,
        share=share,
    )


def updates(duration: int | str, per_epoch: int) -> int:
    """A duration in updates: 500 and "500u" are 500, "2e" is two epochs."""
    if isinstance(duration, int):
        return duration
    return int(duration[:-1]) * (per_epoch if duration.endswith("e") else 1)
