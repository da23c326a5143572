"""What is saved of a training, at any moment of the saving: after a kill, on a full disk, with a flipped byte."""

import errno
import json
import math
import os
import re
import shutil
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from torch import Tensor, nn

from nmt import recipe as recipes
from nmt import runs
from nmt.errors import RunError
from nmt.run_folder import Run
from nmt.training import run as training
from nmt.weights import DTYPES, fill, save_tensors


def toy(value: float) -> nn.Module:
    model = nn.Linear(2, 2)
    return nn.ParameterList([nn.Parameter(torch.full_like(model.weight, value))])


def save(run: Run, step: int, keep: int = 2) -> None:
    """All that one validation and one save write; the weights are the number of the update."""
    model = toy(step)
    run.log({"kind": "dev", "step": step})
    run.save_checkpoint(model, step, 2)
    run.save_best(model)
    run.save_state(model, {"moment": torch.full((3,), float(step))}, {"step": step}, keep)


def both(tensors: dict[str, Tensor], numbers: dict[str, Any]) -> tuple[dict[str, Tensor], dict[str, Any]]:
    return tensors, numbers


def load(folder: Path, warn: Callable[[str], None] = lambda message: None) -> tuple[int, list[dict[str, Any]]]:
    """The update that a resume goes on from, once all that is in the folder agrees with it; the metrics then."""
    run, model = Run(folder), toy(-1)
    loaded = run.load_state(model, both, warn)
    assert loaded is not None
    tensors, numbers = loaded
    assert next(model.parameters()).unique().tolist() == [numbers["step"]]
    assert tensors["moment"].unique().tolist() == [numbers["step"]]
    for path in [folder / "best.safetensors", folder / "last.safetensors", *run.checkpoints()]:
        run.check_weights(path)
        assert not path.exists() or load_file(path)
    return numbers["step"], run.metrics()


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run that was saved twice."""
    (tmp_path / "run").mkdir()
    saved = Run(tmp_path / "run")
    for step in (1, 2):
        save(saved, step)
    return saved


CALLS = ("fsync", "replace", "rename", "unlink", "rmdir", "link", "mkdir")
"""Of `os`: between any two of them a machine may stop."""


@pytest.fixture
def before_each(monkeypatch: pytest.MonkeyPatch) -> Callable[..., None]:
    """Sets what happens before each of CALLS, or of some of them."""

    def set_hook(hook: Callable[[], None], calls: Sequence[str] = CALLS) -> None:
        for name in calls:
            original = getattr(os, name)

            def hooked(*args: Any, original: Callable[..., Any] = original, **named: Any) -> Any:
                hook()
                return original(*args, **named)

            monkeypatch.setattr(os, name, hooked)

    return set_hook


def test_at_whatever_moment_a_machine_stops_the_folder_is_whole(
    run: Run, before_each: Callable[..., None], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    moments: list[Path] = []
    busy = [False]

    def snapshot() -> None:
        if not busy[0]:
            busy[0] = True
            moments.append(shutil.copytree(run.folder, tmp_path / f"moment-{len(moments)}"))
            busy[0] = False

    before_each(snapshot)
    for step in (3, 4):
        save(run, step)
    monkeypatch.undo()
    assert len(moments) > 60
    steps = []
    for moment in moments:
        step, lines = load(moment)
        assert [line["step"] for line in lines] == list(range(1, step + 1))
        steps.append(step)
    assert steps == sorted(steps)
    assert set(steps) == {2, 3, 4}
    with Run(moments[len(moments) // 2]).alone():
        assert not list(moments[len(moments) // 2].rglob("*.part"))


def fault_of(work: Callable[[], None]) -> str | None:
    try:
        work()
    except RunError as error:
        return str(error)
    return None


def test_at_whatever_moment_a_disk_is_full_what_was_saved_before_stands(
    run: Run, before_each: Callable[..., None], tmp_path: Path
) -> None:
    left = [0]

    def full() -> None:
        left[0] -= 1
        if left[0] == 0:
            raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    before = shutil.copytree(run.folder, tmp_path / "before")
    before_each(full, ("fsync", "replace", "rename", "link", "mkdir"))
    failed = 0
    for moment in range(1, 100):
        left[0] = 0  # a copy meets no fault
        folder = shutil.copytree(before, tmp_path / f"full-{moment}")
        left[0] = moment
        said = fault_of(lambda folder=folder: save(Run(folder), 3))
        if left[0] > 0:
            break
        failed += said is not None
        assert said is None or re.fullmatch(r".* cannot be written: No space left on device; what was saved .*", said)
        assert not list(folder.rglob("*.part"))
        assert load(folder)[0] in (2, 3)
    assert 15 < failed < moment


def test_the_newest_states_stay_and_the_others_go(run: Run) -> None:
    for step in range(3, 7):
        save(run, step, keep=3)
    numbers = [json.loads((path / "numbers.json").read_text())["step"] for path in sorted(run.folder.glob("states/*"))]
    assert numbers == [4, 5, 6]


@pytest.mark.parametrize("name", ["model.safetensors", "tensors.safetensors", "numbers.json", "SHA256SUMS"])
@pytest.mark.parametrize("fault", ["flipped", "truncated", "missing"])
def test_where_the_newest_state_is_damaged_the_one_before_it_is_taken(name: str, fault: str, run: Run) -> None:
    path = sorted(run.folder.glob("states/*"))[-1] / name
    content = path.read_bytes()
    middle = len(content) // 2
    path.unlink()
    if fault != "missing":
        changed = content[:middle] + bytes([content[middle] ^ 1]) + content[middle + 1 :]
        path.write_bytes(changed if fault == "flipped" else content[:middle])
    said: list[str] = []
    step, lines = load(run.folder, said.append)
    assert (step, [line["step"] for line in lines]) == (1, [1])
    assert len(said) == 1
    assert str(path.parent) in said[0]
    assert said[0].endswith(
        "; the training goes on from " + str(sorted(run.folder.glob("states/*"))[0]) + ", of update 1"
    )
    again = Run(run.folder)
    assert again.load_state(toy(0), both, lambda message: None)
    save(again, 2, keep=1)  # the damaged one goes, and not the good one in its stead
    assert [load(run.folder)[0]] == [2]


def test_a_state_that_is_gone_is_missed(run: Run) -> None:
    shutil.rmtree(sorted(run.folder.glob("states/*"))[-1])
    said: list[str] = []
    assert load(run.folder, said.append)[0] == 1
    assert said[0].startswith("the state of update 2 is missing; the training goes on from ")


def test_where_no_state_is_whole_nothing_is_begun_anew(run: Run) -> None:
    for path in run.folder.glob("states/*/model.safetensors"):
        path.write_bytes(b"")
    with pytest.raises(RunError, match=r"model.safetensors has another SHA-256 .* no older state is whole; delete"):
        load(run.folder)
    assert run.metrics()


def test_lost_metrics_are_said_and_cost_no_weights(run: Run) -> None:
    (run.folder / "metrics.jsonl").write_bytes(b"")
    said: list[str] = []
    assert load(run.folder, said.append) == (2, [])
    assert "metrics.jsonl is cut off" in said[0]


def test_a_run_of_the_older_layout_goes_on_and_becomes_one_of_the_new(run: Run) -> None:
    newest = sorted(run.folder.glob("states/*"))[-1]
    (newest / "SHA256SUMS").unlink()
    newest.rename(run.folder / "last.state")
    shutil.rmtree(run.folder / "states")
    (run.folder / "manifest.json").write_text('{"nmt": "0.1.0"}')
    again = Run(run.folder)
    assert load(run.folder)[0] == 2
    save(again, 3)
    assert (run.folder / "last.state").exists()
    save(again, 4)
    assert not (run.folder / "last.state").exists()
    assert load(run.folder)[0] == 4


def test_weights_are_as_the_package_reads_them(tmp_path: Path) -> None:
    tensors: dict[str, Tensor] = {str(kind): torch.arange(6).reshape(2, 3).to(kind) for kind in DTYPES}
    tensors |= {"scalar": torch.tensor(7.0), "none": torch.zeros(0, 4), "turned": torch.rand(3, 5).T}
    save_tensors(tensors, tmp_path / "a.safetensors")
    found = load_file(tmp_path / "a.safetensors")
    assert found.keys() == tensors.keys()
    assert all(found[name].dtype == each.dtype and torch.equal(found[name], each) for name, each in tensors.items())
    assert (tmp_path / "a.safetensors").stat().st_mode & 0o444 == 0o444 & ~umask()


def umask() -> int:
    os.umask(mask := os.umask(0))
    return mask


def test_metrics_are_strict_json_and_their_nulls_are_no_numbers(tmp_path: Path) -> None:
    run = Run(tmp_path)
    run.log({"loss": float("nan"), "best": [float("-inf"), 1.0], "step": 1})
    assert (tmp_path / "metrics.jsonl").read_text() == '{"loss": null, "best": [null, 1.0], "step": 1}\n'
    assert run.metrics()[0]["loss"] != run.metrics()[0]["loss"]


def test_a_model_that_is_counted_is_loaded_gone_on_from_and_begun_again(corpus: Path, tmp_path: Path) -> None:
    data = {"train": str(corpus / "train"), "dev": str(corpus / "dev")}
    counted = recipes.load(None, "lexical", ["tokenizer.vocab_size=300"], {"data": data})
    folder = tmp_path / "run"
    training.train(counted, folder, "cpu")
    assert next(runs.load(folder, "cpu").translate(["der"], counted.decoding)).text
    weights = (folder / "best.safetensors").read_bytes()
    training.train(counted, folder, "cpu")
    facts = json.loads((folder / "manifest.json").read_text("utf-8"))
    (folder / "manifest.json").write_text(json.dumps({k: facts[k] for k in facts.keys() - {"saved", "finished"}}))
    shutil.rmtree(folder / "states")  # as where it was killed between its best weights and its state
    training.train(counted, folder, "cpu")
    assert (folder / "best.safetensors").read_bytes() == weights
    state = next(folder.glob("states/*/model.safetensors"))
    model, found = runs.load(folder, "cpu").model, load_file(state)
    with pytest.raises(RunError, match=r"words has numbers of type torch\.float64"):
        fill(model, {name: tensor.double() for name, tensor in found.items()}, state)
    with pytest.raises(RunError, match="log_probs holds what is no number"):
        fill(model, {**found, "log_probs": found["log_probs"] * math.nan}, state)
