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

Weights are safetensors under the names of the bare model; nothing that is loaded can run code.
"""

import json
import os
import re
import shutil
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import Any

import torch
from safetensors import SafetensorError, safe_open
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from nmt import recipe as recipes
from nmt.data.tokenizer import TokenizerPair
from nmt.errors import NmtError, RunError, UsageError
from nmt.models import build
from nmt.models.base import Seq2Seq
from nmt.models.ensemble import Ensemble
from nmt.recipe import Recipe
from nmt.translator import Translator

RECIPE, MANIFEST, TOKENIZER, METRICS = "recipe.toml", "manifest.json", "tokenizer.json", "metrics.jsonl"
BEST, LAST, AVERAGED = "best.safetensors", "last.safetensors", "averaged.safetensors"
CHECKPOINTS, STATE = "checkpoints", "last.state"
EXTENDABLE = ("steps", "minutes", "patience")
"""Settings of [training] in which a resumed run may differ from what it was: it only ends at another time."""


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
        if (folder / RECIPE).exists():
            theirs, ours = run.recipe().model_dump(), recipe.model_dump()
            for setting in EXTENDABLE:
                theirs["training"][setting] = ours["training"][setting]
            if theirs != ours:
                raise UsageError(
                    f"{folder} holds a run by another recipe ({'; '.join(_differences(theirs, ours))}); "
                    "choose another folder with -o, or delete this one"
                )
        elif folder.exists() and (not folder.is_dir() or any(folder.iterdir())):
            raise UsageError(f"{folder} exists and is no run of nmt; choose another folder with -o")
        try:
            folder.mkdir(parents=True, exist_ok=True)
            _write(folder / RECIPE, recipes.dump(recipe).encode())
        except OSError as error:
            raise RunError(f"{folder} cannot be written: {error.strerror}; choose another folder with -o") from None
        return run

    def recipe(self) -> Recipe:
        """The resolved recipe."""
        return recipes.load(self.folder / RECIPE)

    def tokenizer(self) -> TokenizerPair | None:
        """The saved tokenizers, if there are any yet."""
        path = self.folder / TOKENIZER
        return TokenizerPair.load(path) if path.exists() else None

    def save_tokenizer(self, tokenizer: TokenizerPair) -> None:
        """Written before the first update, so that whatever fails later can be decoded."""
        tokenizer.save(self.folder / TOKENIZER)

    def save_manifest(self, facts: dict[str, Any]) -> None:
        """Facts about the run that its recipe does not say."""
        _write(self.folder / MANIFEST, (json.dumps(facts, indent=2) + "\n").encode())

    def manifest(self) -> dict[str, Any]:
        """What `save_manifest` wrote; empty before."""
        path = self.folder / MANIFEST
        return json.loads(path.read_text("utf-8")) if path.exists() else {}

    def log(self, numbers: dict[str, Any]) -> None:
        """Adds a line to the metrics."""
        with (self.folder / METRICS).open("ab") as file:
            file.write((json.dumps(numbers) + "\n").encode())

    def metrics(self) -> list[dict[str, Any]]:
        """All lines of the metrics."""
        path = self.folder / METRICS
        return [json.loads(line) for line in path.read_text("utf-8").splitlines()] if path.exists() else []

    def save_best(self, model: nn.Module) -> None:
        """The weights that `load` takes."""
        save_weights(model, self.folder / BEST)

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
        save_file({name: t.contiguous() for name, t in tensors.items()}, new / "tensors.safetensors")
        size = (self.folder / METRICS).stat().st_size if (self.folder / METRICS).exists() else 0
        _write(new / "numbers.json", json.dumps({**numbers, "metrics_bytes": size}).encode())
        if final.exists():
            shutil.rmtree(old, ignore_errors=True)
            final.rename(old)
        new.rename(final)
        shutil.rmtree(old, ignore_errors=True)
        _link(final / "model.safetensors", self.folder / LAST)

    def load_state(self, model: nn.Module) -> tuple[dict[str, Tensor], dict[str, Any]] | None:
        """Puts the newest weights into the model -> the tensors and numbers saved with them, or None.

        The metrics lose what was written after that state, so that a resume repeats no line.
        """
        folder = next((f for f in (self.folder / STATE, self.folder / f"{STATE}.old") if f.is_dir()), None)
        if folder is None:
            return None
        try:
            load_weights(model, folder / "model.safetensors")
            tensors = load_file(folder / "tensors.safetensors")
            numbers = json.loads((folder / "numbers.json").read_text("utf-8"))
        except (OSError, ValueError, SafetensorError) as error:
            raise RunError(f"{folder} cannot be resumed from ({error}); delete it to train from the start") from None
        if (self.folder / METRICS).exists():
            os.truncate(self.folder / METRICS, numbers["metrics_bytes"])
        return tensors, numbers


def save_weights(model: nn.Module, path: Path) -> None:
    """The trained parameters, each once, written beside and renamed."""
    _save_tensors({name: p.detach().cpu().contiguous() for name, p in model.named_parameters()}, path)


def load_weights(model: nn.Module, path: Path) -> None:
    """Puts the weights of a file into the model; raises RunError where names or shapes differ."""
    try:
        found = load_file(path)
    except (OSError, SafetensorError) as error:
        raise RunError(f"{path} holds no weights ({error}); train again or copy the run folder anew") from None
    ours = dict(model.named_parameters())
    wrong = sorted(set(ours) ^ set(found)) or [n for n in ours if ours[n].shape != found[n].shape]
    if wrong:
        raise RunError(f"{path} does not fit the run's recipe: {wrong[0]} differs; were files of two runs mixed?")
    set_weights(model, found)


def set_weights(model: nn.Module, weights: Mapping[str, Tensor]) -> None:
    """Copies each tensor into the parameter of its name."""
    with torch.no_grad():
        for name, parameter in model.named_parameters():
            parameter.copy_(weights[name])


def average(run: Run, last: int) -> Path:
    """The mean of the weights of the last so many validations, in the run folder; raises RunError if there are fewer."""
    paths = run.checkpoints()
    if len(paths) < last:
        raise RunError(
            f"{run.folder} keeps the weights of {len(paths)} validations, not {last}; "
            "a larger training.average keeps more"
        )
    _save_tensors(mean_weights(paths[-last:]), run.folder / AVERAGED)
    return run.folder / AVERAGED


def mean_weights(paths: Sequence[Path]) -> dict[str, Tensor]:
    """The mean of several files of weights, summed in float64."""
    total: dict[str, Tensor] = {}
    for path in paths:
        with safe_open(path, "pt") as file:
            for name in file.keys():  # noqa: SIM118 - no mapping
                total[name] = total.get(name, 0) + file.get_tensor(name).double()
    return {name: (tensor / len(paths)).float() for name, tensor in total.items()}


def load(paths: Sequence[Path], device: str = "auto", warn: Callable[[str], None] = lambda message: None) -> Translator:
    """A translator of one run, or of several as an ensemble.

    A path is a run folder, whose best weights are taken, or a file of weights in one. Raises RunError for a folder
    that is no run or has no weights yet, UsageError for runs that cannot be one ensemble.
    """
    where = choose_device(device)
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


def _member(path: Path) -> tuple[Seq2Seq[Any, Any], TokenizerPair, Recipe]:
    folder, weights = (path, path / BEST) if path.is_dir() else (path.parent, path)
    if not (folder / RECIPE).exists():
        what = "is no run of nmt" if folder.exists() else "does not exist"
        raise RunError(f"{folder} {what}; name a folder that `nmt train` wrote")
    run = Run(folder)
    if not weights.exists():
        raise RunError(f"{weights} does not exist: the run has not been validated yet; let `nmt train` go on")
    try:
        recipe = run.recipe()
        tokenizer = run.tokenizer()
    except NmtError as error:
        raise RunError(f"{folder} cannot be used: {error}") from None
    if tokenizer is None:
        raise RunError(f"{folder / TOKENIZER} does not exist; copy the run folder anew")
    model = build(recipe.model, len(tokenizer.source), len(tokenizer.target), tokenizer.joint)
    load_weights(model, weights)
    return model, tokenizer, recipe


def choose_device(name: str = "auto") -> torch.device:
    """The device of that name; "auto" is cuda where there is one, then mps, then cpu. Raises UsageError."""
    if name == "auto":
        if torch.cuda.is_available():
            return torch.device("cuda")
        return torch.device("mps" if torch.backends.mps.is_available() else "cpu")
    try:
        device = torch.device(name)
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError):
        raise UsageError(f"there is no device {name!r} here; use auto, cpu, cuda, cuda:1 or mps") from None
    return device


def _differences(theirs: dict[str, Any], ours: dict[str, Any], prefix: str = "") -> list[str]:
    found = []
    for key in sorted(set(theirs) | set(ours)):
        a, b = theirs.get(key), ours.get(key)
        if isinstance(a, dict) and isinstance(b, dict):
            found += _differences(a, b, f"{prefix}{key}.")
        elif a != b:
            found.append(f"{prefix}{key} is {a!r} there and {b!r} here")
    return found


def _write(path: Path, content: bytes) -> None:
    beside = path.with_name(path.name + ".part")
    beside.write_bytes(content)
    beside.replace(path)


def _save_tensors(tensors: dict[str, Tensor], path: Path) -> None:
    beside = path.with_name(path.name + ".part")
    save_file(tensors, beside)
    beside.replace(path)


def _link(existing: Path, name: Path) -> None:
    beside = name.with_name(name.name + ".part")
    beside.unlink(missing_ok=True)
    try:
        os.link(existing, beside)
    except OSError:  # a file system without hard links
        shutil.copyfile(existing, beside)
    beside.replace(name)
