"""The recipe that a command line means."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nmt import recipe as recipes
from nmt.data import corpus
from nmt.recipe import Recipe

CORPUS = ("data", "source", "target")
"""What of a recipe says where the corpus is."""


def resolve(
    path: Path | None, arch: str | None, settings: Sequence[str], overrides: Mapping[str, Any]
) -> tuple[Recipe, str | None]:
    """The recipe; without a file its sizes follow the corpus, and the reason comes with it."""
    if path is not None:
        return recipes.load(path, arch, settings, overrides), None
    # Settings of the model are judged with the sizes that it will have, and so not before the corpus is known.
    of_corpus = [each for each in settings if each.partition("=")[0].strip().split(".")[0] in CORPUS]
    first = recipes.load(None, arch, of_corpus, overrides)
    pairs = corpus.count(first)
    sized = recipes.load(None, arch, settings, overrides, recipes.sizes_for(pairs, first.arch))
    return sized, recipes.reason(pairs, sized)
