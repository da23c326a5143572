"""The training text of a recipe in ids: in memory, mapped from the cache, or streamed into it."""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import numpy as np
import tokenizers

from nmt import console
from nmt.data import cache as caches
from nmt.data import corpus as corpora
from nmt.data.batches import Draw
from nmt.data.cache import Cache
from nmt.data.check.door import looked_over
from nmt.data.corpus import Corpus, Text
from nmt.data.encoded import Dropped, Encoded, encode_corpus
from nmt.data.encoding import Pairs
from nmt.data.mapped import check_unchanged, encode_text, open_text, pairs_in
from nmt.data.mixture import Mixture
from nmt.data.sample import Sample
from nmt.data.shards import Shards, Stream
from nmt.data.tokenizer import TokenizerPair
from nmt.errors import DataError
from nmt.recipe import Recipe
from nmt.training import guidance

MAPPED_FROM = 16 * 2**20
"""Bytes of training text, packed where its files are, from which data.cache = auto means the cache."""
VOCABULARY = "pair.json"


@dataclass(frozen=True)
class Material:
    """What a training reads."""

    tokenizer: TokenizerPair
    encoded: Encoded
    corpus: Corpus | None = None
    """The text itself, where it is in memory."""
    draw: Draw | None = None
    """The rows of an epoch, where corpora have weights."""
    shards: Callable[[int], Encoded] | None = None
    """The text of an epoch, where it is streamed; `encoded` is that of the first."""


def gather(recipe: Recipe, known: TokenizerPair | None, dev: Corpus) -> Material:
    """The text, in the ids of a known tokenizer or of a new one; raises DataError where there is nothing to read.

    What is odd about it is said; of text in the cache it is what was seen when it was encoded.
    """
    held_out = list(zip(dev.src, dev.tgt, strict=True))
    if recipe.data.stream:
        return _streamed(recipe, known, held_out)
    texts = corpora.training_texts(recipe)
    return (_mapped if uses_cache(recipe, texts) else _in_memory)(recipe, texts, known, held_out)


def uses_cache(recipe: Recipe, texts: Sequence[Text]) -> bool:
    """Whether the text is mapped from the cache: files that are large, unless a setting or what is installed forbids.

    The embedded corpus is none of the files, and guided alignment needs the text in memory.
    """
    data = recipe.data
    if data.cache == "never" or recipe.training.guided_alignment.file or not all(text.files for text in texts):
        return False
    if data.cache == "auto" and sum(text.bytes() for text in texts) < MAPPED_FROM:
        return False
    if find_spec("datasets") is None:
        if data.cache == "always":
            raise DataError("data.cache = always needs the library `datasets`; pip install datasets")
        console.note(f"{data.title} is held in memory: the library `datasets` is not installed; pip install datasets")
        return False
    return True


def open_cache(recipe: Recipe) -> Cache:
    """The cache of a recipe, which tells people what it does."""
    return Cache(caches.folder(recipe.data.cache_folder), console.note)


def _in_memory(recipe: Recipe, texts: Sequence[Text], known: TokenizerPair | None, dev: Pairs) -> Material:
    parts = [text.corpus() for text in texts]
    train = corpora.joined(parts)
    if odd := looked_over(zip(train.src, train.tgt, strict=True), dev):
        console.warn(
            f"{recipe.data.title}: of {len(train):,} pairs {odd}; `nmt data check` shows them, and --fix takes them out"
        )
    links = guidance.read(recipe, train)
    if known is None:
        held = [Text(part.name, lambda part=part: zip(part.src, part.tgt, strict=True), (), "") for part in parts]  # type: ignore[misc]
        known = _train(recipe, Sample.of(held, recipe.tokenizer.sample, _weights(recipe)))
    limits = {"max_tokens": recipe.data.max_tokens, "max_ratio": recipe.data.max_ratio}
    encoded, dropped = encode_corpus(train, known, **limits)  # type: ignore[arg-type]
    draw = _checked(recipe, encoded, dropped, [len(part) for part in parts])
    if links is not None:
        encoded = guidance.guided(encoded, links, train, known, recipe)
    return Material(known, encoded, train, draw)


def _mapped(recipe: Recipe, texts: Sequence[Text], known: TokenizerPair | None, dev: Pairs) -> Material:
    cache = open_cache(recipe)
    prints = [text.fingerprint() for text in texts]
    if known is None:
        key = [*_of_vocabulary(recipe), recipe.tokenizer.sample, _weights(recipe), prints]

        def train() -> TokenizerPair:
            made = _train(recipe, Sample.of(texts, recipe.tokenizer.sample, _weights(recipe)))
            for text, each in zip(texts, prints, strict=True):
                check_unchanged(text, each)
            return made

        known = _cached_tokenizer(cache, key, train)
    entries = []
    for text, each in zip(texts, prints, strict=True):
        entry, odd = encode_text(text, each, known, cache, dev)
        entries.append(entry)
        if odd:
            console.warn(odd)
    encoded, dropped = open_text(entries, recipe.data.max_tokens, recipe.data.max_ratio)
    return Material(known, encoded, None, _checked(recipe, encoded, dropped, [pairs_in(entry) for entry in entries]))


def _streamed(recipe: Recipe, known: TokenizerPair | None, dev: Pairs) -> Material:
    stream, cache = Stream.open(recipe.data.paths[0], recipe.source, recipe.target), open_cache(recipe)
    if known is None:
        first = stream.first(recipe.tokenizer.sample)
        key = [*_of_vocabulary(recipe), recipe.tokenizer.sample, stream.fingerprint()]
        known = _cached_tokenizer(cache, key, lambda: _train(recipe, Sample([first], [1], [1])))
    shards = Shards(stream, known, cache, (recipe.data.max_tokens, recipe.data.max_ratio), dev, console.warn)
    return Material(known, shards(0), shards=shards)


def _checked(recipe: Recipe, encoded: Encoded, dropped: Dropped, pairs: Sequence[int]) -> Draw | None:
    """Says what was left out -> the rows of an epoch by the weights, if there are any; `pairs` are of each corpus."""
    if report := dropped.report():
        console.note(f"{recipe.data.title}: {report}")
    ends = np.searchsorted(encoded.lines, np.cumsum([0, *pairs]))
    sizes = np.diff(ends).tolist()
    for name, size in zip(recipe.data.corpora, sizes, strict=True):
        if not size:
            raise DataError(f"{name}: no pair is left to train on: it {dropped.report()}")
    weights = _weights(recipe)
    if weights is None:
        return None
    mixture = Mixture(tuple(sizes), weights, recipe.training.seed)
    for name, share in zip(recipe.data.corpora, mixture.shares(), strict=True):
        if not share:
            raise DataError(
                f"{name}: by its weight an epoch of {sum(sizes):,} pairs has none of it; "
                f"raise data.train.{name}.weight, or leave it out"
            )
    return mixture.rows


def _weights(recipe: Recipe) -> tuple[float, ...] | None:
    found = [corpus.weight for corpus in recipe.data.corpora.values()]
    given = tuple(weight for weight in found if weight is not None)
    return given or None


def _train(recipe: Recipe, sample: Sample) -> TokenizerPair:
    config = recipe.tokenizer
    sides: tuple[Iterable[str], Iterable[str]] = sample.side(0), sample.side(1)
    return TokenizerPair.train(*sides, level=config.level, vocab_size=config.vocab_size, joint=config.joint)


def _of_vocabulary(recipe: Recipe) -> list[Any]:
    """What decides a vocabulary besides the text."""
    config = recipe.tokenizer
    return [tokenizers.__version__, config.level, config.vocab_size, config.joint]


def _cached_tokenizer(cache: Cache, key: Any, train: Callable[[], TokenizerPair]) -> TokenizerPair:
    def make(folder: Path) -> dict[str, Any]:
        tokenizer = train()
        tokenizer.save(folder / VOCABULARY)
        return {"text": "a vocabulary", "types": len(tokenizer.source)}

    return TokenizerPair.load(cache.entry("vocabulary", key, make) / VOCABULARY)
