"""Run folders whose newest state somebody changed, with the sums that go with it, to a training that goes on."""

import hashlib
import json
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from malformed.case import Case
from malformed.folders import Change, Harm, put


def resummed(change: Change) -> Change:
    """A change of the newest state, given its folder, with the sums that go with it."""

    def whole(run: Path) -> None:
        state = max((run / "states").iterdir())
        change(state)
        names = ("model.safetensors", "tensors.safetensors", "numbers.json")
        sums = [f"{hashlib.sha256((state / name).read_bytes()).hexdigest()}  {name}\n" for name in names]
        (state / "SHA256SUMS").write_text("".join(sums))

    return whole


def numbers(**changed: Any) -> Change:
    """Other numbers in the newest state; `...` takes one away."""

    def change(state: Path) -> None:
        found = json.loads((state / "numbers.json").read_bytes()) | changed
        (state / "numbers.json").write_text(json.dumps({k: v for k, v in found.items() if v is not ...}))

    return resummed(change)


def moments(edit: Callable[[torch.Tensor], torch.Tensor], of: str) -> Change:
    """Other tensors in the newest state: those whose names begin with `of`."""

    def change(state: Path) -> None:
        found = load_file(state / "tensors.safetensors")
        save_file(
            {name: edit(t).contiguous() if name.startswith(of) else t for name, t in found.items()},
            state / "tensors.safetensors",
        )

    return resummed(change)


RESUME = ("train", "run/recipe.toml", "-o", "run", "--set", "training.steps=3", "--device", "cpu")
STATES: dict[str, tuple[Change, int]] = {
    "a state of bytes": (lambda run: put("numbers.json", b"\x00")(max((run / "states").iterdir())), 0),
    "a state that is a pickle": (resummed(put("numbers.json", pickle.dumps(Harm()))), 0),
    "tensors that are a pickle": (resummed(put("tensors.safetensors", pickle.dumps(Harm()))), 0),
    "a state of deep brackets": (resummed(put("numbers.json", b"[" * 100_000)), 0),
    "a state that is a list": (resummed(put("numbers.json", b"[]")), 0),
    "a state of no update": (numbers(step=...), 0),
    "a state of no place": (numbers(place=...), 0),
    "a place that is a word": (numbers(place="here"), 0),
    "a place before the first": (numbers(place={"epoch": -1, "index": 0}), 0),
    "a place between two": (numbers(place={"epoch": 0, "index": 0.5}), 0),
    "seconds that are a word": (numbers(seconds="9"), 0),
    "a key more": (numbers(magic=3), 0),
    "moments of another shape": (moments(lambda t: t.reshape(-1)[:1], "optimizer."), 0),
    "a random generator of fractions": (moments(lambda t: t.float(), "random."), 0),
}
"""The newest state, and how going on from it ends: an older one is taken where it cannot be read."""


def cases() -> Iterator[Case]:
    """All of them."""
    for title, (change, code) in STATES.items():
        yield Case(f"going on, {title}", RESUME, code, change=change, torch=True)
