"""Runs that were trained, as translators: one alone, or several as an ensemble; and the mean of weights of one."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from nmt.data.tokenizer import TokenizerPair
from nmt.device import choose_device
from nmt.errors import NmtError, RunError, UsageError
from nmt.models import build
from nmt.models.base import Seq2Seq
from nmt.models.ensemble import Ensemble
from nmt.models.footprint import least_parameters
from nmt.recipe import Recipe
from nmt.run_folder import AVERAGED, BEST, DIVERGED, FINISHED, RECIPE, TOKENIZER, Run, run_and_weights
from nmt.translator import Translator
from nmt.weights import load_weights, mean_weights

__all__ = ["BEST", "DIVERGED", "FINISHED", "RECIPE", "Run", "average", "load", "recipe_of", "weights_of"]


def average(run: Run, last: int) -> Path:
    """The mean of the weights of the last so many validations, as a file; raises RunError if there are fewer."""
    paths = run.checkpoints()
    if len(paths) < last:
        remedy = f"ask for --last {len(paths)}" if len(paths) > 1 else "train on"
        raise RunError(f"{run.folder} keeps the weights of {len(paths)} validations, not {last}; {remedy}")
    for path in paths[-last:]:
        run.check_weights(path)
    run.save_weights(run.folder / AVERAGED, mean_weights(paths[-last:]))
    return run.folder / AVERAGED


def load(
    runs: str | Path | Sequence[str | Path], device: str = "auto", warn: Callable[[str], None] = lambda message: None
) -> Translator:
    """A translator of one run, or of several as an ensemble.

    Each is a run folder, whose best weights are taken, or a file of weights in one. Raises RunError for a folder
    that is no run or has no weights yet, UsageError for runs that cannot be one ensemble.
    """
    where = choose_device(device)
    paths = [Path(run) for run in ([runs] if isinstance(runs, str | Path) else runs)]
    members = [_member(path) for path in paths]
    model, tokenizer, recipe = members[0]
    for path, (_, other, theirs) in zip(paths, members, strict=True):
        if (theirs.source, theirs.target) != (recipe.source, recipe.target):
            raise UsageError(
                f"{path} translates {theirs.source}-{theirs.target} and {paths[0]} {recipe.source}-{recipe.target}; "
                "an ensemble needs one language pair"
            )
        if other.sha256() != tokenizer.sha256():
            raise UsageError(f"{path} and {paths[0]} have different tokenizers; an ensemble needs runs that share one")
    if len(members) > 1:
        model = Ensemble([member[0] for member in members])
    return Translator(model.to(where).eval(), tokenizer, warn=warn)


def recipe_of(path: Path) -> Recipe:
    """The resolved recipe of a run; raises RunError where there is no run."""
    return Run.existing(path).recipe()


def weights_of(path: Path) -> Path:
    """The file of weights that `load` takes of it."""
    return run_and_weights(path)[1]


def _member(path: Path) -> tuple[Seq2Seq[Any, Any], TokenizerPair, Recipe]:
    run, weights = run_and_weights(path)
    if not weights.exists():
        raise RunError(f"{weights} does not exist: the run has not been validated yet; let `nmt train` go on")
    recipe = run.recipe()
    try:
        tokenizer = run.tokenizer()
    except RunError:
        raise
    except NmtError as error:
        raise RunError(f"{run.folder} cannot be used: {error}") from None
    if tokenizer is None:
        raise RunError(f"{run.folder / TOKENIZER} does not exist; copy the run folder anew")
    run.check_weights(weights)
    if least_parameters(recipe.model, len(tokenizer.source), len(tokenizer.target)) > weights.stat().st_size:
        raise RunError(f"{weights} is far smaller than the model of {RECIPE} beside it; were files of two runs mixed?")
    model = build(recipe.model, len(tokenizer.source), len(tokenizer.target), tokenizer.joint)
    load_weights(model, weights)
    if fault := model.fault():
        raise RunError(f"{weights} is damaged: {fault}; copy the run folder anew")
    return model, tokenizer, recipe
