"""What a run folder says of the training that made it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from statistics import median
from typing import Any

from nmt.errors import RunError, UsageError
from nmt.evaluation.history import LANDMARKS, Landmark
from nmt.recipe import Recipe, RecurrentConfig
from nmt.runs import Run


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
    updates: int
    seconds: float
    """Of training, validations counted."""
    tokens_per_second: float | None
    """Target tokens of training, the median over its reports."""
    flops: float | None
    """Of the matrix products of the whole training; None for a table that is counted, or where the run does not say."""
    curve: tuple[Point, ...]

    @property
    def landmark(self) -> Landmark:
        """The step of the history it stands for."""
        model = self.recipe.model
        if isinstance(model, RecurrentConfig) and model.score == "none":
            return LANDMARKS["rnn" if model.context == "every" else "rnn-initial"]
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
    facts, metrics = run.manifest(), run.metrics()
    per_update = facts.get("flops_per_token", 0) * facts.get("tokens_per_update", 0.0)
    speeds = [line["tokens_per_second"] for line in metrics if line["kind"] == "train"]
    updates = max((line["step"] for line in metrics), default=0)
    return System(
        name,
        tuple(folders),
        run.recipe(),
        facts["train_pairs"],
        sum(facts["parameters"].values()),
        updates,
        max((line["seconds"] for line in metrics), default=0.0),
        median(speeds) if speeds else None,
        per_update * updates or None,
        tuple(_point(line, per_update) for line in metrics if line["kind"] == "dev" and "averaged" not in line),
    )


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


def _check_finished(folder: Path) -> None:
    run = Run.existing(folder)
    if not run.finished:
        done = max((line["step"] for line in run.metrics()), default=0)
        raise RunError(f"{folder} is half trained (to update {done:,}); the command that began it finishes it")


def _point(line: dict[str, Any], per_update: float) -> Point:
    flops = per_update * line["step"] or None
    return Point(line["step"], line["seconds"], flops, line["loss"], line["bleu"], line["chrf"])
