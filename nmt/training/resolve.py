"""The recipe that a command line means."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nmt import recipe as recipes
from nmt.data import corpus
from nmt.recipe import Recipe


def resolve(
    path: Path | None, arch: str | None, settings: Sequence[str], overrides: Mapping[str, Any]
) -> tuple[Recipe, str | None]:
    """The recipe; without a file its sizes follow the corpus, and the reason comes with it."""
    recipe = recipes.load(path, arch, settings, overrides)
    if path is not None:
        return recipe, None
    pairs = corpus.count(recipe.data.train, recipe.source, recipe.target)
    sized = recipes.load(None, arch, settings, overrides, recipes.sizes_for(pairs, recipe.arch))
    return sized, recipes.reason(pairs, sized)
