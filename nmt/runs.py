"""The run folder: the only module that spells a file name in it.

recipe.toml          the resolved recipe
manifest.json        versions, languages, hash of the tokenizer, parameters
tokenizer.json       both vocabularies
metrics.jsonl        a line of numbers for each report and each validation
best.safetensors     the weights that scored best on dev
last.safetensors     the newest weights
averaged.safetensors what `nmt average` wrote
checkpoints/         weights of the last validations, for averaging
last.state/          all that a resume needs: weights, optimizer, random generators, place in the data
"""

import json
import os
import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor, nn

from nmt import recipe as recipes
from nmt.data.tokenizer import TokenizerPair
from nmt.device import choose_device
from nmt.errors import NmtError, RunError, UsageError
from nmt.files import json_object, link, write_whole
from nmt.models import build
from nmt.models.base import Seq2Seq
from nmt.models.ensemble import Ensemble
from nmt.models.footprint import least_parameters
from nmt.recipe import LexicalConfig, Recipe
from nmt.translator import Translator
from nmt.weights import load_weights, mean_weights, save_tensors, save_weights

RECIPE, MANIFEST, TOKENIZER, METRICS = "recipe.toml", "manifest.json", "tokenizer.json", "metrics.jsonl"
BEST, LAST, AVERAGED = "best.safetensors", "last.safetensors", "averaged.safetensors"
FINISHED, DIVERGED = "finished", "diverged"
"""Keys of the manifest: the update at which the training came to its end; whether it failed for good."""
CHECKPOINTS, STATE, BOARD = "checkpoints", "last.state", "tensorboard"


class Run:
    """One run folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder

    @classmethod
    def open(cls, folder: Path, recipe: Recipe) -> "Run":
        """The folder, made if need be, for training by this recipe.

        Raises UsageError where it holds anything else: a run by another recipe, or files that are no run's.
        """
        run = cls(folder)
        run.check(recipe)
        try:
            folder.mkdir(parents=True, exist_ok=True)
            if (folder / RECIPE).exists():
                run.adopt(recipe)
        except OSError as error:
            raise UsageError(f"{folder} cannot be written: {error.strerror}; choose another folder with -o") from None
        return run

    def check(self, recipe: Recipe) -> None:
        """Raises UsageError or RunError where a training by this recipe cannot begin or go on here."""
        folder = self.folder
        if not (folder / RECIPE).exists():
            if folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
                raise UsageError(f"{folder} exists and is no run of nmt; choose another folder with -o")
            return
        if found := recipes.differences(self.recipe(), recipe, resumed=True):
            raise UsageError(
                f"{folder} holds a run by another recipe ({'; '.join(found)}); "
                "choose another folder with -o, or delete this one"
            )
        done = max((line["step"] for line in self.metrics()), default=0)
        if done > recipe.training.steps and not isinstance(recipe.model, LexicalConfig):
            raise UsageError(
                f"{folder} is trained to update {done:,}, past training.steps = {recipe.training.steps:,}; "
                "choose another folder with -o, or more steps"
            )
        if self.finished and self.state is None:
            raise RunError(
                f"{folder} holds a trained run without its {STATE}, from which alone a training goes on; copy it "
                "whole, or choose another folder with -o"
            )

    def adopt(self, recipe: Recipe) -> None:
        """Makes this recipe the run's own; one that asks for another training is unfinished from now on."""
        if not self.trained_by(recipe) and self.finished:
            self.save_manifest({key: value for key, value in self.manifest().items() if key != FINISHED})
        write_whole(self.folder / RECIPE, recipes.dump(recipe).encode())

    def begin(self, recipe: Recipe, tokenizer: TokenizerPair) -> None:
        """Makes the folder a run's, once text and tokenizers are there: a mistake before that leaves nothing."""
        write_whole(self.folder / RECIPE, recipes.dump(recipe).encode())
        tokenizer.save(self.folder / TOKENIZER)

    @classmethod
    def existing(cls, folder: Path) -> "Run":
        """The run in a folder; raises RunError where there is none."""
        return _folder(folder)[0]

    def recipe(self) -> Recipe:
        """The resolved recipe; raises RunError where it is none any more."""
        try:
            return recipes.load(self.folder / RECIPE)
        except UsageError as error:
            raise RunError(f"{self.folder} cannot be used: {error}") from None

    def tokenizer(self) -> TokenizerPair | None:
        """The saved tokenizers, if there are any yet."""
        path = self.folder / TOKENIZER
        return TokenizerPair.load(path) if path.exists() else None

    @property
    def board(self) -> Path:
        """Where TensorBoard's files go."""
        return self.folder / BOARD

    def save_manifest(self, facts: dict[str, Any]) -> None:
        """Facts about the run that its recipe does not say."""
        write_whole(self.folder / MANIFEST, (json.dumps(facts, indent=2) + "\n").encode())

    def manifest(self) -> dict[str, Any]:
        """What `save_manifest` wrote; empty before."""
        path = self.folder / MANIFEST
        return json_object(path.read_bytes(), path) if path.exists() else {}

    @property
    def state(self) -> Path | None:
        """Where the last saved state is, if there is one."""
        return next((f for f in (self.folder / STATE, self.folder / f"{STATE}.old") if f.is_dir()), None)

    @property
    def finished(self) -> bool:
        """Whether its training came to an end, and not to an interrupt."""
        return FINISHED in self.manifest()

    @property
    def diverged(self) -> bool:
        """Whether its training failed for gradients that were not finite, and would fail again."""
        return DIVERGED in self.manifest()

    def trained_by(self, recipe: Recipe) -> bool:
        """Whether just this recipe was trained here to its end, good or bad, whatever test sets it names."""
        over = self.finished or self.diverged
        return (self.folder / RECIPE).exists() and over and not recipes.differences(self.recipe(), recipe)

    def log(self, numbers: dict[str, Any]) -> None:
        """Adds a line to the metrics."""
        with (self.folder / METRICS).open("ab") as file:
            file.write((json.dumps(numbers) + "\n").encode())

    def metrics(self) -> list[dict[str, Any]]:
        """All lines of the metrics."""
        path = self.folder / METRICS
        return [json_object(line, path) for line in path.read_bytes().splitlines()] if path.exists() else []

    def save_best(self, model: nn.Module) -> None:
        """The weights that `load` takes."""
        save_weights(model, self.folder / BEST)

    def save_diverged(self, model: nn.Module) -> None:
        """Notes that the training failed; its best weights, or else the last with finite gradients, can be loaded."""
        if not (self.folder / BEST).exists():
            self.save_best(model)
        self.save_manifest({**self.manifest(), DIVERGED: True})

    def save_checkpoint(self, model: nn.Module, step: int, keep: int) -> None:
        """Weights of one validation, the newest `keep` of which stay."""
        folder = self.folder / CHECKPOINTS
        folder.mkdir(exist_ok=True)
        save_weights(model, folder / f"step-{step:08d}.safetensors")
        for old in self.checkpoints()[:-keep]:
            old.unlink()

    def checkpoints(self) -> list[Path]:
        """Saved weights of the last validations, oldest first."""
        return sorted(p for p in (self.folder / CHECKPOINTS).glob("step-*.safetensors") if re.search(r"-\d+\.", p.name))

    def save_state(self, model: nn.Module, tensors: dict[str, Tensor], numbers: dict[str, Any]) -> None:
        """All that a resume needs, written beside and renamed; then the newest weights under their own name."""
        new, final, old = (self.folder / f"{STATE}{suffix}" for suffix in (".part", "", ".old"))
        shutil.rmtree(new, ignore_errors=True)
        new.mkdir()
        save_weights(model, new / "model.safetensors")
        save_tensors({name: t.contiguous() for name, t in tensors.items()}, new / "tensors.safetensors")
        size = (self.folder / METRICS).stat().st_size if (self.folder / METRICS).exists() else 0
        write_whole(new / "numbers.json", json.dumps({**numbers, "metrics_bytes": size}).encode())
        if final.exists():
            shutil.rmtree(old, ignore_errors=True)
            final.rename(old)
        new.rename(final)
        shutil.rmtree(old, ignore_errors=True)
        link(final / "model.safetensors", self.folder / LAST)

    def load_state(self, model: nn.Module) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
        """Puts the newest weights into the model -> the tensors and numbers saved with them, or None.

        The metrics lose what was written after that state, so that a resume repeats no line; without a state,
        all that an earlier training logged.
        """
        folder = self.state
        if folder is None:
            (self.folder / METRICS).unlink(missing_ok=True)
            shutil.rmtree(self.folder / CHECKPOINTS, ignore_errors=True)
            return None
        try:
            load_weights(model, folder / "model.safetensors")
            tensors = load_file(folder / "tensors.safetensors")
            numbers = json.loads((folder / "numbers.json").read_text("utf-8"))
            written = numbers.pop("metrics_bytes")
        except (OSError, ValueError, KeyError, SafetensorError) as error:
            raise RunError(f"{folder} cannot be resumed from ({error}); delete it to train from the start") from None
        path = self.folder / METRICS
        if path.exists() and path.stat().st_size > written:
            os.truncate(path, written)
        return tensors, numbers


def average(run: Run, last: int) -> Path:
    """The mean of the weights of the last so many validations, as a file; raises RunError if there are fewer."""
    paths = run.checkpoints()
    if len(paths) < last:
        remedy = f"ask for --last {len(paths)}" if len(paths) > 1 else "train on"
        raise RunError(f"{run.folder} keeps the weights of {len(paths)} validations, not {last}; {remedy}")
    save_tensors(mean_weights(paths[-last:]), run.folder / AVERAGED)
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
    return _folder(path)[1]


def _folder(path: Path) -> tuple[Run, Path]:
    """The run of a run folder or of a file of weights in one, and the weights."""
    folder, weights = (path, path / BEST) if path.is_dir() else (path.parent, path)
    if folder.name == CHECKPOINTS:
        folder = folder.parent
    if not (folder / RECIPE).exists():
        what = "is no run of nmt" if path.exists() else "does not exist"
        raise RunError(f"{path} {what}; name a folder that `nmt train` wrote")
    return Run(folder), weights


def _member(path: Path) -> tuple[Seq2Seq[Any, Any], TokenizerPair, Recipe]:
    run, weights = _folder(path)
    if not weights.exists():
        raise RunError(f"{weights} does not exist: the run has not been validated yet; let `nmt train` go on")
    recipe = run.recipe()
    try:
        tokenizer = run.tokenizer()
    except NmtError as error:
        raise RunError(f"{run.folder} cannot be used: {error}") from None
    if tokenizer is None:
        raise RunError(f"{run.folder / TOKENIZER} does not exist; copy the run folder anew")
    if run.manifest().get("tokenizer_sha256", tokenizer.sha256()) != tokenizer.sha256():
        raise RunError(f"{run.folder / TOKENIZER} is not the one the run was trained with; copy the run folder anew")
    if least_parameters(recipe.model, len(tokenizer.source), len(tokenizer.target)) > weights.stat().st_size:
        raise RunError(f"{weights} is far smaller than the model of {RECIPE} beside it; were files of two runs mixed?")
    model = build(recipe.model, len(tokenizer.source), len(tokenizer.target), tokenizer.joint)
    load_weights(model, weights)
    return model, tokenizer, recipe
