"""The run folder: the only module that spells a file name in it.

recipe.toml          the resolved recipe
manifest.json        versions, languages, hash of the tokenizer, parameters; the SHA-256 of each file of weights
tokenizer.json       both vocabularies
metrics.jsonl        a line of numbers for each report and each validation
best.safetensors     the weights that scored best on dev
last.safetensors     the newest weights
averaged.safetensors what `nmt average` wrote
checkpoints/         weights of the last validations, for averaging
states/              the last few of all that a resume needs: weights, optimizer, random generators, place in the data
.lock                held by the process that trains
"""

import re
import shutil
import uuid
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any, TypeVar

from torch import Tensor, nn

from nmt import recipe as recipes
from nmt.data.tokenizer import TokenizerPair
from nmt.errors import DataError, RunError, UsageError
from nmt.files import PART, saving, sweep, write_whole
from nmt.locks import held, one_at_a_time
from nmt.manifest import Manifest
from nmt.metrics_file import MetricsFile
from nmt.recipe import LexicalConfig, Recipe
from nmt.states import Saved, States
from nmt.weights import fill, save_tensors, weights_of_model

RECIPE, MANIFEST, TOKENIZER, METRICS = "recipe.toml", "manifest.json", "tokenizer.json", "metrics.jsonl"
BEST, LAST, AVERAGED = "best.safetensors", "last.safetensors", "averaged.safetensors"
FINISHED, DIVERGED, SAVED, NAME = "finished", "diverged", "saved", "run"
"""Keys of the manifest: the update at its end; whether it failed for good; the last update saved; a name of its own."""
CHECKPOINTS, STATES, BOARD, LOCK = "checkpoints", "states", "tensorboard", ".lock"
OLDER = ("last.state", "last.state.old")
"""Where states were before there were several."""
BYTES = "metrics_bytes"
"""Key of a state's numbers: the size of the metrics when it was saved."""
T = TypeVar("T")
Tensors = dict[str, Tensor]
Numbers = dict[str, Any]


class Run:
    """One run folder."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self._manifest = Manifest(folder / MANIFEST)
        self._metrics = MetricsFile(folder / METRICS)
        self._states = States(folder / STATES, [folder / name for name in OLDER])
        self._name: str | None = None

    @classmethod
    def open(cls, folder: Path, recipe: Recipe) -> "Run":
        """The folder, made if need be, for training by this recipe.

        Raises UsageError where it holds anything else: a run by another recipe, or files that are no run's.
        """
        run = cls(folder)
        run.check(recipe)
        try:
            folder.mkdir(parents=True, exist_ok=True)
        except OSError as error:
            raise UsageError(f"{folder} cannot be written: {error.strerror}; choose another folder with -o") from None
        return run

    def check(self, recipe: Recipe) -> None:
        """Raises UsageError or RunError where a training by this recipe cannot begin or go on here."""
        folder = self.folder
        if not (folder / RECIPE).exists():
            if folder.exists() and not (folder.is_dir() and all(_may_be_left(path) for path in folder.iterdir())):
                raise UsageError(f"{folder} exists and is no run of nmt; choose another folder with -o")
            return
        if found := recipes.differences(self.recipe(), recipe, resumed=True):
            raise UsageError(
                f"{folder} holds a run by another recipe ({'; '.join(found)}); "
                "choose another folder with -o, or delete this one"
            )
        facts, counted = self.manifest(), isinstance(recipe.model, LexicalConfig)
        done = self.saved_step or 0
        if done > recipe.training.steps and not counted:
            raise UsageError(
                f"{folder} is trained to update {done:,}, past training.steps = {recipe.training.steps:,}; "
                "choose another folder with -o, or more steps"
            )
        begun = self.saved or FINISHED in facts or SAVED in facts or (not facts and (folder / METRICS).exists())
        if not counted:  # which has its best weights before it has a state
            begun = begun or bool(self.checkpoints()) or any((folder / name).exists() for name in (BEST, LAST))
        missing = [TOKENIZER] * (not (folder / TOKENIZER).exists()) + [STATES] * (not self.saved)
        if begun and missing:
            raise RunError(
                f"{folder} was trained and has no {missing[0]}, without which no training goes on; copy it whole, or "
                "choose another folder with -o"
            )

    @contextmanager
    def alone(self) -> Iterator[None]:
        """For a training, which nobody else's may disturb; takes away what one that was killed left half written.

        Raises RunError where another process trains here.
        """
        with held(self.folder / LOCK, f"{self.folder} is being trained"):
            with one_at_a_time(self.folder):  # nobody's who is just writing here
                for folder in (self.folder, self.folder / CHECKPOINTS, self.folder / STATES):
                    sweep(folder)
            yield

    def adopt(self, recipe: Recipe) -> None:
        """Makes this recipe the own one of a run that is begun; is it another training, then it is unfinished."""
        if not (self.folder / RECIPE).exists():
            return
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
        return run_and_weights(folder)[0]

    def recipe(self) -> Recipe:
        """The resolved recipe; raises RunError where it is none any more."""
        try:
            return recipes.load(self.folder / RECIPE)
        except UsageError as error:
            raise RunError(f"{self.folder} cannot be used: {error}") from None

    def tokenizer(self) -> TokenizerPair | None:
        """The saved tokenizers, if there are any yet; raises RunError where they are not those of the training."""
        path = self.folder / TOKENIZER
        try:
            tokenizer = TokenizerPair.load(path) if path.exists() else None
        except DataError as error:
            raise RunError(f"{path} is damaged; copy the run folder anew ({error})") from None
        if tokenizer and self.manifest().get("tokenizer_sha256", tokenizer.sha256()) != tokenizer.sha256():
            raise RunError(f"{path} is not the one the run was trained with; copy the run folder anew")
        return tokenizer

    @property
    def board(self) -> Path:
        """Where TensorBoard's files go."""
        return self.folder / BOARD

    def save_manifest(self, facts: dict[str, Any]) -> None:
        """Facts about the run that its recipe does not say; the sums of files and what was saved last stay."""
        with saving(self.folder / MANIFEST):
            saved = {key: value for key, value in self.manifest().items() if key in (SAVED, NAME)}
            self._manifest.write({**saved, **facts})

    def manifest(self, *needed: str) -> dict[str, Any]:
        """What `save_manifest` wrote, and the sums of files; empty before. Raises RunError where a key is missing."""
        facts = self._manifest.read()
        if missing := [key for key in needed if key not in facts]:
            raise RunError(f"{self.folder / MANIFEST} does not say {missing[0]}; copy the run folder anew")
        return facts

    @property
    def saved(self) -> bool:
        """Whether there is anything that a training can go on from."""
        return bool(self._states.all())

    @property
    def saved_step(self) -> int | None:
        """The update that was saved last, as far as the manifest knows."""
        found = self.manifest().get(SAVED)
        return found if isinstance(found, int) else None  # who knows what a stranger wrote

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
        self._metrics.add(numbers)

    def metrics(self) -> list[dict[str, Any]]:
        """All lines of the metrics; what was no finite number is NaN."""
        return self._metrics.read()

    def save_best(self, model: nn.Module) -> None:
        """The weights that `load` takes."""
        self.save_weights(self.folder / BEST, weights_of_model(model))

    def save_weights(self, path: Path, weights: Mapping[str, Tensor]) -> None:
        """A file of weights, and its sum in the manifest; raises RunError where it cannot be written."""
        with saving(path), self._manifest.replacing(path) as beside:
            save_tensors(weights, beside)

    def save_diverged(self, model: nn.Module) -> None:
        """Notes that the training failed; its best weights, or else the last with finite gradients, can be loaded."""
        if not (self.folder / BEST).exists():
            self.save_best(model)
        self.save_manifest({**self.manifest(), DIVERGED: True})

    def save_checkpoint(self, model: nn.Module, step: int, keep: int) -> None:
        """Weights of one validation, the newest `keep` of which stay."""
        folder = self.folder / CHECKPOINTS
        with saving(folder):
            folder.mkdir(exist_ok=True)
            self.save_weights(folder / _checkpoint(step), weights_of_model(model))
            for old in self.checkpoints()[:-keep]:
                old.unlink(missing_ok=True)

    def checkpoints(self) -> list[Path]:
        """Saved weights of the last validations, oldest first."""
        return sorted(p for p in (self.folder / CHECKPOINTS).glob("step-*.safetensors") if re.search(r"-\d+\.", p.name))

    def save_state(self, model: nn.Module, tensors: Tensors, numbers: Numbers, keep: int) -> None:
        """All that a resume needs, of which the newest `keep` stay; the newest weights under a name of their own."""
        with saving(self.folder / STATES):
            self._name = self.manifest().get(NAME) or self._name or uuid.uuid4().hex
            numbers = {**numbers, BYTES: self._metrics.size(), NAME: self._name}
            weights = self._states.save(weights_of_model(model), tensors, numbers, keep)
            self._manifest.link(weights, self.folder / LAST, **{SAVED: numbers["step"], NAME: self._name})

    def load_state(
        self, model: nn.Module, understand: Callable[[Tensors, Numbers], T], warn: Callable[[str], None]
    ) -> T | None:
        """Puts the newest weights that are whole into the model -> what `understand` makes of what was saved with them.

        None without any state. One whose tensors and numbers it fails by is taken for damaged. Metrics and weights for
        averages lose what was written after that state, so that no line is repeated and no mean has weights that were
        not come to again; without a state, all of an earlier training. Warns where an older state is taken; raises
        RunError where none is whole.
        """
        name = self.manifest().get(NAME)

        def take(saved: Saved) -> tuple[Saved, T]:
            own = saved.numbers.pop(NAME, None)
            if name and own and own != name:
                raise RunError(f"{saved.folder} is of another run than {MANIFEST}; were files of two runs mixed?")
            try:
                size = int(saved.numbers.pop(BYTES))
                understood = understand(saved.tensors, saved.numbers)
            except (LookupError, TypeError, ValueError) as error:
                raise RunError(f"{saved.folder} is damaged, or of another version of nmt ({error})") from None
            fill(model, saved.weights, saved.folder)
            self._name, saved.numbers[BYTES] = own, size
            return saved, understood

        found = self._states.newest(take, self.saved_step or 0, warn)
        if found is None:
            self._metrics.delete()
            shutil.rmtree(self.folder / CHECKPOINTS, ignore_errors=True)
            return None
        saved, understood = found
        self._metrics.cut(saved.numbers[BYTES], warn)
        with saving(self.folder / LAST):  # which a training that was killed may not have come to
            self._manifest.link(saved.weights_file, self.folder / LAST, **{SAVED: saved.step})
        for path in self.checkpoints():
            if path.name > _checkpoint(saved.step):
                path.unlink(missing_ok=True)
        return understood

    def check_weights(self, path: Path) -> None:
        """Raises RunError where a file of weights is not as it was saved."""
        self._manifest.check(path)


def run_and_weights(path: Path) -> tuple[Run, Path]:
    """The run of a run folder or of a file of weights in one, and the weights."""
    folder, weights = (path, path / BEST) if path.is_dir() else (path.parent, path)
    if folder.name == CHECKPOINTS:
        folder = folder.parent
    if not (folder / RECIPE).exists():
        what = "is no run of nmt" if path.exists() else "does not exist"
        raise RunError(f"{path} {what}; name a folder that `nmt train` wrote")
    return Run(folder), weights


def _checkpoint(step: int) -> str:
    return f"step-{step:08d}.safetensors"


def _may_be_left(path: Path) -> bool:
    """Whether it is what a training that was killed before it had a recipe leaves."""
    return path.name == LOCK or path.name.endswith(PART)
