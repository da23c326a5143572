"""What a training is made of, by its recipe: text, tokenizers, a new model, batches."""

import os
from dataclasses import dataclass
from typing import Any

import torch

from nmt import console, models
from nmt.data import corpus as corpora
from nmt.data.batches import BatchStream, dropout_resampler
from nmt.data.check.door import looked_over
from nmt.data.corpus import Corpus
from nmt.data.encoded import Encoded, encode_corpus
from nmt.data.tokenizer import TokenizerPair
from nmt.errors import DataError, UsageError
from nmt.models.base import Seq2Seq
from nmt.models.footprint import least_parameters
from nmt.recipe import Recipe
from nmt.runs import Run
from nmt.training import embeddings, guidance


@dataclass(frozen=True)
class Parts:
    """All that a recipe and a run folder decide before the first update."""

    tokenizer: TokenizerPair
    train: Corpus
    encoded: Encoded
    dev: Corpus
    model: Seq2Seq[Any, Any]


def prepare(recipe: Recipe, run: Run | None = None) -> Parts:
    """Corpus, tokenizers and a new model; the tokenizers of `run` where it has them, or else new ones."""
    train, dev = load_corpora(recipe)
    if odd := looked_over(zip(train.src, train.tgt, strict=True), zip(dev.src, dev.tgt, strict=True)):
        console.warn(f"{train.name}: of {len(train):,} pairs {odd}; `nmt data check` shows them and takes them out")
    links = guidance.read(recipe, train)
    tokenizer = known = run.tokenizer() if run else None
    if tokenizer is None:
        config = recipe.tokenizer
        tokenizer = TokenizerPair.train(
            train.src, train.tgt, level=config.level, vocab_size=config.vocab_size, joint=config.joint
        )
    encoded, dropped = encode_corpus(
        train, tokenizer, max_tokens=recipe.data.max_tokens, max_ratio=recipe.data.max_ratio
    )
    if report := dropped.report():
        console.note(f"{train.name}: {report}")
    if not len(encoded):
        raise DataError(f"{train.name}: no pair is left to train on: it {dropped.report()}")
    if links is not None:
        encoded = guidance.guided(encoded, links, train, tokenizer, recipe)
    check_memory(recipe, tokenizer)
    torch.manual_seed(recipe.training.seed)
    model = models.build(recipe.model, len(tokenizer.source), len(tokenizer.target), tokenizer.joint)
    embeddings.fill(model, recipe, tokenizer)
    if run and known is None:
        run.begin(recipe, tokenizer)  # last, so that a mistake leaves the folder free
    return Parts(tokenizer, train, encoded, dev, model)


def check_memory(recipe: Recipe, tokenizer: TokenizerPair) -> None:
    """Raises UsageError for a model whose weights alone, in fp32, are more than this machine's memory."""
    least = least_parameters(recipe.model, len(tokenizer.source), len(tokenizer.target))
    memory = os.sysconf("SC_PHYS_PAGES") * os.sysconf("SC_PAGE_SIZE")
    if 4 * least > memory:
        raise UsageError(
            f"a model of over {least:,} parameters needs {4 * least / 2**30:,.0f} GiB and this machine has "
            f"{memory / 2**30:,.0f}; lower model.dim, model.layers or tokenizer.vocab_size"
        )


def load_corpora(recipe: Recipe) -> tuple[Corpus, Corpus]:
    """Training and development text; raises DataError where a corpus of one's own comes without the second."""
    data = recipe.data
    where = data.dev
    if where is None and data.train.partition(":")[0] == "grammar":
        where = "grammar"
    if where is None:
        raise DataError(
            f"{data.train} has no development text to choose the best weights by; name some held-out pairs with "
            "--dev or data.dev"
        )
    train = corpora.load(data.train, recipe.source, recipe.target, "train")
    return train, corpora.load(where, recipe.source, recipe.target, "dev")


def make_stream(recipe: Recipe, parts: Parts) -> BatchStream:
    """The training batches of a recipe."""
    seed, dropout = recipe.training.seed, recipe.tokenizer.dropout
    resample = None
    if dropout:
        resample = dropout_resampler(parts.train, parts.tokenizer, parts.encoded, dropout, seed)
    return BatchStream(parts.encoded, batch_tokens=recipe.training.batch_tokens, seed=seed, resample=resample)


def updates(duration: int | str, per_epoch: int) -> int:
    """A duration in updates: 500 and "500u" are 500, "2e" is two epochs."""
    if isinstance(duration, int):
        return duration
    return int(duration[:-1]) * (per_epoch if duration.endswith("e") else 1)
