"""Which text is checked, and beside which held-out text, by the flags of `nmt data check`."""

from dataclasses import dataclass
from pathlib import Path

from nmt import recipe as recipes
from nmt.data.check.text import Text, of_corpus, of_files
from nmt.errors import UsageError


@dataclass(frozen=True)
class Flags:
    """As they were given."""

    recipe: Path | None = None
    src: Path | None = None
    tgt: Path | None = None
    data: str | None = None
    source: str | None = None
    target: str | None = None
    test: tuple[str, ...] = ()
    test_src: tuple[Path, ...] = ()
    test_tgt: tuple[Path, ...] = ()


def texts(flags: Flags) -> tuple[Text, list[Text]]:
    """The text to check and the held-out texts; raises UsageError where the flags do not name one text."""
    if (flags.src is None) != (flags.tgt is None):
        raise UsageError("--src and --tgt are two sides of a text; name both")
    if sum(given is not None for given in (flags.recipe, flags.src, flags.data)) != 1:
        raise UsageError("name one text: a recipe, or --src and --tgt, or --data")
    if len(flags.test_src) != len(flags.test_tgt):
        raise UsageError("--test-src and --test-tgt are two sides of a test set; name both, and as often")
    held = [of_files(src, tgt) for src, tgt in zip(flags.test_src, flags.test_tgt, strict=True)]
    if flags.recipe is not None:
        return _of_recipe(flags, flags.recipe, held)
    if (flags.data is not None or flags.test) and not (flags.source and flags.target):
        raise UsageError("--data and --test need the languages that their files are named by: --source and --target")
    source, target = flags.source or "", flags.target or ""
    held += [of_corpus(where, source, target, "test") for where in flags.test]
    if flags.data is not None:
        return of_corpus(flags.data, source, target), held
    assert flags.src is not None
    assert flags.tgt is not None
    return of_files(flags.src, flags.tgt), held


def _of_recipe(flags: Flags, path: Path, held: list[Text]) -> tuple[Text, list[Text]]:
    """Its training text, and its dev and test sets with those of the flags."""
    languages = {key: value for key, value in (("source", flags.source), ("target", flags.target)) if value}
    recipe = recipes.load(path, overrides=languages)
    if len(recipe.data.paths) > 1:
        raise UsageError(f"{path} trains on several texts ({recipe.data.title}); check each of them with --data")
    dev = recipe.data.dev or ("grammar" if recipe.data.embedded else None)
    if dev is not None:
        held.append(of_corpus(dev, recipe.source, recipe.target, "dev"))
    for where in (*recipe.data.test.values(), *flags.test):
        held.append(of_corpus(where, recipe.source, recipe.target, "test"))
    return of_corpus(recipe.data.paths[0], recipe.source, recipe.target), held
