"""States of a training: numbered folders, each with all that a resume needs, of which the newest whole one counts."""

import shutil
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from safetensors import SafetensorError
from safetensors.torch import load_file
from torch import Tensor

from nmt.errors import RunError
from nmt.files import PART, remove, sha256, sync
from nmt.json_text import dumps, object_of
from nmt.weights import save_tensors

T = TypeVar("T")
MODEL, TENSORS, NUMBERS, SUMS = "model.safetensors", "tensors.safetensors", "numbers.json", "SHA256SUMS"


@dataclass(frozen=True)
class Saved:
    """A state that was read."""

    folder: Path
    weights: dict[str, Tensor]
    tensors: dict[str, Tensor]
    numbers: dict[str, Any]

    @property
    def weights_file(self) -> Path:
        """Where the weights are."""
        return self.folder / MODEL

    @property
    def step(self) -> int:
        """The update that it is of."""
        return int(self.numbers["step"])


class States:
    """The states in one folder, and before them those of `older` layouts, which have no sums."""

    def __init__(self, folder: Path, older: Sequence[Path] = ()) -> None:
        self.folder, self.older = folder, older
        self._damaged: set[Path] = set()

    def all(self) -> list[Path]:
        """Every state that is there, newest first."""
        return [*reversed(self._numbered()), *(path for path in self.older if path.is_dir())]

    def save(
        self, weights: Mapping[str, Tensor], tensors: Mapping[str, Tensor], numbers: Mapping[str, Any], keep: int
    ) -> Path:
        """Writes a new state, and when it stands takes away all but the newest `keep` that are whole -> its weights.

        Raises OSError where it cannot be written, and leaves nothing of it.
        """
        final = self.folder / f"{1 + max((int(path.name) for path in self._numbered()), default=0):06d}"
        beside = final.with_name(final.name + PART)
        try:
            shutil.rmtree(beside, ignore_errors=True)
            beside.mkdir(parents=True)
            save_tensors(weights, beside / MODEL)
            save_tensors(tensors, beside / TENSORS)
            (beside / NUMBERS).write_text(dumps(numbers) + "\n", "utf-8")
            sums = [f"{sha256(beside / name)}  {name}\n" for name in (MODEL, TENSORS, NUMBERS)]
            (beside / SUMS).write_text("".join(sums), "utf-8")
            for name in (MODEL, TENSORS, NUMBERS, SUMS):
                sync(beside / name)
            sync(beside)
            beside.rename(final)
            sync(self.folder)
        except BaseException:
            shutil.rmtree(beside, ignore_errors=True)
            raise
        kept = [path for path in self.all() if path not in self._damaged][:keep]
        for path in self.all():
            if path not in kept:
                remove(path)
        return final / MODEL

    def newest(self, take: Callable[[Saved], T], last: int, warn: Callable[[str], None]) -> T | None:
        """What `take` makes of the newest state that is whole and that it takes; None where there is none at all.

        Warns where it is not the newest of all, or not of update `last`. Raises RunError where none is whole.
        """
        faults: list[str] = []
        for folder in self.all():
            try:
                taken = take(saved := self.read(folder))
            except RunError as error:
                self._damaged.add(folder)
                faults.append(str(error))
                continue
            step = saved.step
            if step < last:
                faults.append(f"the state of update {last:,} is missing")
            if faults:
                warn(f"{faults[0]}; the training goes on from {folder}, of update {step:,}")
            return taken
        if faults:
            raise RunError(f"{faults[0]}, and no older state is whole; delete the folder to train from the start")
        return None

    def read(self, folder: Path) -> Saved:
        """What a folder holds; raises RunError, which says what is wrong with it, where it is not as it was saved."""
        try:
            if folder not in self.older:
                _check(folder)
            numbers = object_of((folder / NUMBERS).read_bytes())
            if type(numbers.get("step")) is not int:
                raise ValueError(f"{NUMBERS} does not say which update it is of")
            return Saved(folder, load_file(folder / MODEL), load_file(folder / TENSORS), numbers)
        except FileNotFoundError as error:
            raise RunError(f"{folder} is not whole: {Path(error.filename or folder).name} is missing") from None
        except (OSError, ValueError, SafetensorError) as error:
            raise RunError(f"{folder} is damaged: {error}") from None

    def _numbered(self) -> list[Path]:
        """Oldest first."""
        found = [path for path in self.folder.glob("*") if path.name.isdecimal() and path.is_dir()]
        return sorted(found, key=lambda path: int(path.name))


def _check(folder: Path) -> None:
    """Raises RunError, or OSError, where a file is missing or has another sum than SHA256SUMS says."""
    lines = (folder / SUMS).read_text("utf-8").splitlines()
    known = {name: sum_ for sum_, _, name in (line.partition("  ") for line in lines)}
    for name in (MODEL, TENSORS, NUMBERS):
        if sha256(folder / name) != known.get(name):
            raise RunError(f"{folder} is damaged: {name} has another SHA-256 than {SUMS} says")
