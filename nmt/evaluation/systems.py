"""What a run folder says of the training that made it."""

import json
import math
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from nmt.errors import RunError, UsageError
from nmt.evaluation.history import LANDMARKS, Landmark
from nmt.recipe import LexicalConfig, Recipe, RecurrentConfig
from nmt.runs import Run

SETBACK = 0.5
"""Nats a token by which the loss of a training that learns falls below that of guessing, and does not rise again."""


@dataclass(frozen=True)
class Point:
    """One validation on the way."""

    updates: int
    seconds: float
    flops: float | None
    loss: float
    bleu: float
    chrf: float


@dataclass(frozen=True)
class System:
    """A row of a comparison: one recipe, trained with one seed or several."""

    name: str
    folders: tuple[Path, ...]
    """One for each seed; the first is the one that is looked at closely."""
    recipe: Recipe
    pairs: int
    """Of training text."""
    parameters: int
    """Numbers that are trained."""
    fixed: int
    """Numbers that never are, such as a reservoir's."""
    updates: int
    seconds: float
    """Of training, validations counted."""
    tokens_per_second: float | None
    """Target tokens of training, the median over its reports."""
    flops: float | None
    """Of the matrix products of the whole training; None for a table that is counted, or where the run does not say."""
    curve: tuple[Point, ...]
    losses: tuple[tuple[int, float], ...]
    """Updates and training loss at each report, in nats a token, label smoothing counted; none for what is counted."""
    divergences: int
    """Of the folders, those whose training broke off for want of finite gradients or, by its losses, `has_diverged`."""
    unlearned: int
    """Of the others, those whose training `never_learned`."""

    @property
    def failed(self) -> bool:
        """Whether the training with any seed has."""
        return self.divergences + self.unlearned > 0

    @property
    def counted(self) -> bool:
        """Whether it is a table that is counted, and not trained by gradient."""
        return isinstance(self.recipe.model, LexicalConfig)

    @property
    def landmark(self) -> Landmark:
        """The step of the history it stands for."""
        model = self.recipe.model
        if isinstance(model, RecurrentConfig):
            if model.cell == "reservoir":
                return LANDMARKS["reservoir"]
            if model.score == "none":
                return LANDMARKS["rnn" if model.context == "every" else "rnn-initial"]
            if model.score != "additive" and model.attend == "after":
                return LANDMARKS["luong"]
        return LANDMARKS[self.recipe.arch]

    @property
    def heads(self) -> int:
        """Attention maps of a layer."""
        return getattr(self.recipe.model, "heads", 1)


def read(name: str, folders: Sequence[Path]) -> System:
    """A system from its run folders; raises RunError for a folder that is no run or is half trained."""
    for folder in folders:
        _check_finished(folder)
    run = Run.existing(folders[0])
    facts, metrics = run.manifest("parameters", "train_pairs"), run.metrics()
    per_update = facts.get("flops_per_token", 0) * facts.get("tokens_per_update", 0.0)
    speeds = [line["tokens_per_second"] for line in metrics if line["kind"] == "train"]
    updates = max((line["step"] for line in metrics), default=0)
    fixed = facts["parameters"].get("fixed", 0)
    ends = [_end(Run.existing(folder)) for folder in folders]
    return System(
        name,
        tuple(folders),
        run.recipe(),
        facts["train_pairs"],
        sum(facts["parameters"].values()) - fixed,
        fixed,
        updates,
        max((line["seconds"] for line in metrics), default=0.0),
        median(speeds) if speeds else None,
        per_update * updates or None,
        tuple(_point(line, per_update) for line in metrics if line["kind"] == "dev" and "averaged" not in line),
        _losses(run),
        ends.count("diverged"),
        ends.count("never learned"),
    )


def has_diverged(losses: Sequence[float]) -> bool:
    """Whether the last of a training's losses, in nats a token, lies half a nat or more above the lowest before it.

    A loss that is not finite has diverged if it is the last, and is passed over before.
    """
    if not losses or not math.isfinite(losses[-1]):
        return bool(losses)
    finite = [loss for loss in losses[:-1] if math.isfinite(loss)]
    return bool(finite) and losses[-1] >= min(finite) + SETBACK


def never_learned(losses: Sequence[float], guess_loss: float) -> bool:
    """Whether no loss of a training lies half a nat or more below that of guessing tokens by their frequency alone."""
    return bool(losses) and min(losses) > guess_loss - SETBACK


def by_size(systems: Sequence[System]) -> dict[str, list[System]]:
    """Systems whose recipes differ in their training text alone, smallest first, by the first's name without its size.

    Those of a single size are left out.
    """
    groups: dict[str, list[System]] = {}
    for system in systems:
        recipe = system.recipe.model_dump()
        del recipe["data"]["train"]
        groups.setdefault(json.dumps(recipe), []).append(system)
    held = [sorted(group, key=lambda system: system.pairs) for group in groups.values() if len(group) > 1]
    return {re.sub(r"[-_.+]?\d+$", "", group[0].name): group for group in held}


def check_pair(systems: Sequence[System]) -> tuple[str, str]:
    """The languages that all systems translate between; raises UsageError where they differ."""
    first = systems[0].recipe
    for system in systems[1:]:
        theirs = system.recipe
        if (theirs.source, theirs.target) != (first.source, first.target):
            raise UsageError(
                f"{system.folders[0]} translates {theirs.source}-{theirs.target} and {systems[0].folders[0]} "
                f"{first.source}-{first.target}; compare runs of one language pair"
            )
    return first.source, first.target


def names_of(folders: Sequence[Path]) -> dict[str, list[Path]]:
    """The folders by their names, or by their whole paths where two have one name."""
    paths = [folder.resolve() for folder in folders]
    if twice := [str(folder) for folder, path in zip(folders, paths, strict=True) if paths.count(path) > 1]:
        raise UsageError(f"{twice[0]} is named twice; name each run once")
    names = [path.name for path in paths]
    return {
        (name if names.count(name) == 1 else str(folder)): [folder] for name, folder in zip(names, folders, strict=True)
    }


def tests_of(recipe: Recipe) -> dict[str, str]:
    """The test sets a recipe names, or else the embedded corpus's own for those trained on it.

    Raises UsageError where there are none.
    """
    if recipe.data.test:
        return dict(recipe.data.test)
    if recipe.data.embedded:
        return {"grammar": "grammar"}
    raise UsageError("the recipe names no test set; add [data.test] with NAME = PREFIX, or name one with --test")


def _check_finished(folder: Path) -> None:
    run = Run.existing(folder)
    if not (run.finished or run.diverged):
        done = max((line["step"] for line in run.metrics()), default=0)
        raise RunError(f"{folder} is half trained (to update {done:,}); the command that began it finishes it")


def _losses(run: Run) -> tuple[tuple[int, float], ...]:
    if isinstance(run.recipe().model, LexicalConfig):
        return ()  # its passes are no updates
    return tuple((line["step"], line["loss"]) for line in run.metrics() if line["kind"] == "train")


def _end(run: Run) -> str:
    losses = [loss for _, loss in _losses(run)]
    if run.diverged or has_diverged(losses):
        return "diverged"
    return "never learned" if never_learned(losses, run.manifest().get("guess_loss", math.inf)) else "learned"


def _point(line: dict[str, Any], per_update: float) -> Point:
    flops = per_update * line["step"] or None
    return Point(line["step"], line["seconds"], flops, line["loss"], line["bleu"], line["chrf"])
