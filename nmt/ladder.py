"""`nmt reproduce`: trains each system that a recipe lists, then compares them."""

from collections.abc import Sequence
from pathlib import Path

from nmt import console
from nmt import recipe as recipes
from nmt.errors import DivergedError, UsageError
from nmt.evaluation import compare as comparing
from nmt.evaluation import report, systems
from nmt.evaluation.compare import Comparison
from nmt.files import check_folder
from nmt.recipe import LexicalConfig, Recipe
from nmt.runs import Run
from nmt.training import embeddings, guidance


def reproduce(
    path: Path,
    folder: Path,
    *,
    only: Sequence[str] | None = None,
    seeds: int = 1,
    settings: Sequence[str] = (),
    device: str = "auto",
) -> Comparison:
    """Runs DIR/NAME for each system of the recipe, and DIR/NAME-seed2 and on for more seeds; then the comparison.

    What is trained is left alone, and what was interrupted goes on. Every recipe, test set and folder is looked at
    before the first update, so that a mistake costs no training. Raises NmtError for any of them.
    """
    report.check()
    check_folder(folder)
    planned = plan(path, only, seeds, settings)
    first = planned[0][1]
    tests = systems.tests_of(first)
    for name, where in tests.items():
        comparing.load_test(name, where, first.source, first.target)
    places = [folder / (name if seed == 1 else f"{name}-seed{seed}") for name, _, seed in planned]
    for run, (_, recipe, _) in zip(places, planned, strict=True):
        if not Run(run).trained_by(recipe):
            Run(run).check(recipe)
            embeddings.check(recipe)
            guidance.check(recipe)
    folders: dict[str, list[Path]] = {}
    for number, (run, (name, recipe, _)) in enumerate(zip(places, planned, strict=True), start=1):
        folders.setdefault(name, []).append(run)
        if Run(run).trained_by(recipe):
            console.note(f"{number} of {len(planned)}: {run} is trained")
            Run(run).adopt(recipe)
            continue
        console.note(f"{number} of {len(planned)}: trains {name} ({recipe.arch}), seed {recipe.training.seed}")
        from nmt.training.run import train

        try:
            train(recipe, run, device, run.name)
        except DivergedError as error:  # which is a result too
            console.warn(f"{run}: {error}")
    return comparing.compare(folders, tests, device=device)


def plan(path: Path, only: Sequence[str] | None, seeds: int, settings: Sequence[str]) -> list[tuple[str, Recipe, int]]:
    """What is to be trained: name, recipe and number of the seed, from 1; all of one pair of languages.

    Raises UsageError for a name that the recipe does not list.
    """
    known = recipes.systems(path)
    unknown = [name for name in only or () if name not in known]
    if only is not None and not only:
        raise UsageError(f"--only names no system; {path} has {', '.join(known)}")
    if unknown:
        raise UsageError(f"{path} lists no system {', '.join(map(repr, unknown))}; it has {', '.join(known)}")
    planned = []
    for name in [name for name in known if only is None or name in only]:
        first = recipes.load(path, settings=settings, system=name)
        for seed in range(1, 1 + (1 if isinstance(first.model, LexicalConfig) else seeds)):  # counting has no chance
            seeded = [*settings, f"training.seed={first.training.seed + seed - 1}"]  # the last setting wins
            planned.append((name, recipes.load(path, settings=seeded, system=name), seed))
    pairs = {(recipe.source, recipe.target) for _, recipe, _ in planned}
    if len(pairs) > 1:
        shown = ", ".join("-".join(pair) for pair in sorted(pairs))
        raise UsageError(f"{path} has systems of several language pairs ({shown}); a comparison needs one")
    return planned
