"""The recipe that a command line means."""

from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from nmt import console
from nmt import recipe as recipes
from nmt.data import corpus
from nmt.recipe import LexicalConfig, Recipe

CORPUS = ("data", "source", "target")
"""What of a recipe says where the corpus is."""
COUNTING = ("training.seed", "training.dev_lines", "training.stop_on", "training.batch_tokens", "training.tensorboard")
"""What of [training] also says how a model that is counted is measured."""


def resolve(
    path: Path | None, arch: str | None, settings: Sequence[str], overrides: Mapping[str, Any]
) -> tuple[Recipe, str | None]:
    """The recipe; without a file its sizes follow the corpus, and the reason comes with it."""
    if path is not None:
        found = recipes.load(path, arch, settings, overrides)
        _warn_of_the_unread(found, settings)
        return found, None
    # Settings of the model are judged with the sizes that it will have, and so not before the corpus is known.
    of_corpus = [each for each in settings if each.partition("=")[0].strip().split(".")[0] in CORPUS]
    first = recipes.load(None, arch, of_corpus, overrides)
    pairs = corpus.count(first)
    sized = recipes.load(None, arch, settings, overrides, recipes.sizes_for(pairs, first.arch))
    _warn_of_the_unread(sized, settings)
    return sized, recipes.reason(pairs, sized)


def _warn_of_the_unread(recipe: Recipe, settings: Sequence[str]) -> None:
    """Says which --set of [training] changes nothing; in a file, [training] is of all architectures."""
    if isinstance(recipe.model, LexicalConfig):
        names = [setting.partition("=")[0].strip() for setting in settings]
        unread = [name for name in names if name.startswith("training.") and name not in COUNTING]
        if unread:
            console.warn(f"{', '.join(unread)} changes nothing: --arch lexical counts, and makes no updates")
