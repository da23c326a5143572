"""What a plan has to know of a text: how many pairs, and how long."""

import math
from dataclasses import dataclass

from nmt.data.tokenizer import TokenizerPair
from nmt.errors import DataError, NmtError, UsageError
from nmt.evaluation.anatomy import Vocabularies
from nmt.recipe import Recipe
from nmt.training.material import gather
from nmt.training.parts import load_dev, make_stream

FILL = 0.9
"""Real target tokens to each that `training.batch_tokens` allows, where no text says it: the longer side and the
padding take the rest. Multi30k has 0.95, the embedded corpus 0.94 in pieces and 0.89 in characters."""
MAPPED_BYTES = 66
"""In memory for each pair of a text that is mapped from the cache, while an epoch is planned."""
HELD_BYTES = 40
"""In memory for each pair of a text in memory, besides its ids: lengths, ends and line."""
ID = 4
"""Bytes of an id in memory."""


@dataclass(frozen=True)
class Reading:
    """A text, as batches see it."""

    pairs: float
    source: float
    """Mean tokens of a source sentence, its end counted."""
    target: float
    """Of a target sentence."""
    longest: int
    """Of either side, the end counted."""
    fill: float
    """Real target tokens of a batch, for each of `training.batch_tokens`."""
    vocabularies: Vocabularies
    mapped: bool
    origin: str
    """Where the numbers come from."""

    @property
    def tokens(self) -> float:
        """Target tokens of an epoch."""
        return self.pairs * self.target

    @property
    def held(self) -> float:
        """Bytes of it in the memory of each process."""
        if self.mapped:
            return MAPPED_BYTES * self.pairs
        return (HELD_BYTES + ID * (self.source + self.target)) * self.pairs

    @property
    def disk(self) -> float:
        """Bytes of it in the cache."""
        size = 2 if max(self.vocabularies.source, self.vocabularies.target) <= 2**16 else 4
        return (size * (self.source + self.target) + 2 * 4) * self.pairs if self.mapped else 0.0


def assumed(recipe: Recipe, pairs: float, tokens: float) -> Reading:
    """So many pairs of so many tokens on each side, by the flags; the vocabulary is as large as the recipe allows."""
    if not 1 <= pairs < math.inf or not 1 <= tokens < math.inf:
        raise UsageError(f"--pairs {pairs:g} and --tokens-per-pair {tokens:g} must be 1 or more")
    longest = recipe.data.max_tokens + 1
    if tokens > longest:
        raise UsageError(
            f"--tokens-per-pair {tokens:g} is more than data.max_tokens = {recipe.data.max_tokens} and an end"
        )
    size, joint = recipe.tokenizer.vocab_size, recipe.tokenizer.joint
    mapped = recipe.data.cache != "never"
    origin = f"--pairs and --tokens-per-pair; {FILL:.0%} of a batch is assumed to be target tokens"
    return Reading(pairs, tokens, tokens, longest, FILL, Vocabularies(size, size, joint), mapped, origin)


def measured(recipe: Recipe, known: TokenizerPair | None = None) -> Reading:
    """The recipe's own text, in pieces of a known vocabulary or of a new one; raises DataError where there is none."""
    try:
        material = gather(recipe, known, load_dev(recipe))
    except NmtError as error:
        raise DataError(f"{error}; or plan without the text, by --pairs and --tokens-per-pair") from None
    stream, text, tokenizer = make_stream(recipe, material), material.encoded, material.tokenizer
    pairs, batches = len(text), len(stream.plan(0))
    longest = 1 + int(max(text.src.lengths.max(), text.tgt.lengths.max()))
    return Reading(
        pairs,
        1 + float(text.src.lengths.mean()),
        1 + float(text.tgt.lengths.mean()),
        longest,
        stream.tokens(0) / batches / recipe.training.batch_tokens,
        Vocabularies(len(tokenizer.source), len(tokenizer.target), tokenizer.joint),
        material.corpus is None,
        f"measured on {recipe.data.title}",
    )
