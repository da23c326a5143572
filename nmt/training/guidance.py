"""The links that teach attention, where a recipe names some: `[training.guided_alignment]`."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from nmt import recipe as recipes
from nmt.data.batches import Batch
from nmt.data.corpus import Corpus
from nmt.data.encoded import Encoded
from nmt.data.guides import piece_links
from nmt.data.lines import file_lines
from nmt.data.links import Links, Sizes, read_links
from nmt.data.tokenizer import TokenizerPair
from nmt.models.loss import Guidance
from nmt.recipe import Recipe


def check(recipe: Recipe) -> None:
    """Raises DataError where the recipe's file of links cannot be read."""
    if recipe.training.guided_alignment.file:
        next(file_lines(Path(recipe.training.guided_alignment.file)), None)


def read(recipe: Recipe, train: Corpus) -> list[Links] | None:
    """The links of the training text; raises DataError for a file that does not fit it, None where there is none."""
    file = recipe.training.guided_alignment.file
    if file is None:
        return None
    tokens = [(len(src.split()), len(tgt.split())) for src, tgt in zip(train.src, train.tgt, strict=True)]
    return read_links(Path(file), Sizes(train.name, tokens))


def guided(encoded: Encoded, links: list[Links], train: Corpus, tokenizer: TokenizerPair, recipe: Recipe) -> Encoded:
    """The text with the links of its pieces."""
    guides = piece_links(links, train, encoded.lines, tokenizer, recipe.align.shift)
    return replace(encoded, guides=guides)


def guide(recipe: Recipe) -> Callable[[Batch], Guidance | None]:
    """What a batch's links teach, by the recipe; None for a batch without any."""
    weight = recipe.training.guided_alignment.weight
    taught = recipes.look_of(recipe.align, recipe.model).maps[0]

    def of_batch(batch: Batch) -> Guidance | None:
        return None if batch.links is None else Guidance(batch.links, taught, weight)

    return of_batch
