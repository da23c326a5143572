"""What a run folder is told by: locks, sums, metrics and states, in the hands of several processes or of a stranger."""

import errno
import json
import os
import resource
import shutil
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from test_states import both, load, save, toy

from nmt import locks, manifest
from nmt.errors import RunError
from nmt.locks import held
from nmt.manifest import Manifest
from nmt.metrics_file import MetricsFile
from nmt.models.base import Seq2Seq
from nmt.run_folder import Run
from nmt.training import checkpoint
from nmt.training.loop import State
from nmt.training.parallel import Alone
from nmt.weights import mean_weights
from nmt.world import World


@pytest.fixture
def run(tmp_path: Path) -> Run:
    """A run that was saved twice."""
    (tmp_path / "run").mkdir()
    saved = Run(tmp_path / "run")
    for step in (1, 2):
        save(saved, step)
    return saved


@contextmanager
def no_file_over(size: int) -> Iterator[None]:
    """A limit on the size of a file, which any process may set itself, stands for a disk that is full."""
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (size, hard))
    try:
        yield
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))


def test_a_full_disk_keeps_nobody_from_a_lock(tmp_path: Path) -> None:
    lock, refused = tmp_path / ".lock", pytest.raises(RunError, match="taken by another process")
    with no_file_over(0), held(lock, "taken"), refused, held(lock, "taken"):
        pass
    assert (tmp_path / ".lock").read_bytes() == b""


def test_nobody_writes_the_manifest_between_a_sum_and_its_file(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    free: list[bool] = []
    replace = os.replace

    def look(beside: Path, path: Path, **named: Any) -> None:
        descriptor = os.open(tmp_path, os.O_RDONLY)
        free.append(locks.locked(descriptor, wait=False))
        os.close(descriptor)
        replace(beside, path, **named)

    monkeypatch.setattr(os, "replace", look)
    with Manifest(tmp_path / "manifest.json").replacing(tmp_path / "weights") as beside:
        beside.write_bytes(b"new")
    assert free == [False, False]  # as the manifest gets its name, and the weights


def test_weights_that_a_training_replaces_as_they_are_read_are_not_damaged(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    trains, reads = Manifest(tmp_path / "manifest.json"), Manifest(tmp_path / "manifest.json")

    def replace(content: bytes) -> None:
        with trains.replacing(tmp_path / "weights") as beside:
            beside.write_bytes(content)

    replace(b"old")
    contents = iter([b"new", b"newer"])
    hashed = manifest.sha256

    def hashed_late(path: Path) -> str:
        if path.name == "weights":
            for content in contents:
                replace(content)
        return hashed(path)

    monkeypatch.setattr(manifest, "sha256", hashed_late)
    reads.check(tmp_path / "weights")
    assert next(contents, None) is None
    (tmp_path / "weights").write_bytes(b"changed")
    with pytest.raises(RunError, match="weights is damaged"):
        reads.check(tmp_path / "weights")


@pytest.mark.parametrize("sums", ['"x"', "[]", "null", '{"best.safetensors": "abc"}'])
def test_a_manifest_whose_sums_are_none_is_said(sums: str, run: Run) -> None:
    (run.folder / "manifest.json").write_text(f'{{"sha256": {sums}, "saved": "many"}}')
    with pytest.raises(RunError, match=r"manifest.json is cut off or changed \(sha256 is .*\)"):
        run.check_weights(run.folder / "best.safetensors")


def test_a_line_of_metrics_that_finds_no_room_leaves_no_part_of_itself(tmp_path: Path) -> None:
    file = MetricsFile(tmp_path / "metrics.jsonl")
    file.add({"step": 1})
    size = file.size()
    with no_file_over(size + 5), pytest.raises(RunError, match="cannot be written: File too large"):
        file.add({"step": 2})
    assert file.size() == size
    assert [line["step"] for line in file.read()] == [1]


ZEROS = b"\0" * 20
"""What a file may have where a machine lost its power, for what was written last."""


@pytest.mark.parametrize(
    ("behind", "said"), [(ZEROS, []), (ZEROS + b"\n", []), (b'{"ste', []), (b"\n", []), (b"no\n", [])]
)
def test_what_came_behind_the_state_is_not_even_read(behind: bytes, said: list[str], run: Run) -> None:
    with (run.folder / "metrics.jsonl").open("ab") as file:
        file.write(behind)
    heard: list[str] = []
    step, lines = load(run.folder, heard.append)
    assert (step, [line["step"] for line in lines], heard) == (2, [1, 2], said)


@pytest.mark.parametrize("change", [lambda content: content[:-3], lambda content: ZEROS + content[20:]])
def test_lines_that_are_none_go_and_what_is_added_behind_them_can_be_read(change: Any, run: Run) -> None:
    path = run.folder / "metrics.jsonl"
    path.write_bytes(change(path.read_bytes()))
    said: list[str] = []
    _, lines = load(run.folder, said.append)
    assert len(lines) == 1
    assert [": the learning curves lack what it lost, and the weights nothing" in each for each in said] == [True]
    run.log({"step": 3})
    assert run.metrics()[-1]["step"] == 3


def test_a_state_of_another_run_is_not_gone_on_from(run: Run, tmp_path: Path) -> None:
    (tmp_path / "other").mkdir()
    other = Run(tmp_path / "other")
    for step in (1, 2, 3):
        save(other, step, keep=3)
    theirs = sorted(other.folder.glob("states/*"))[-1]
    shutil.copytree(theirs, run.folder / "states" / theirs.name)
    said: list[str] = []
    assert load(run.folder, said.append)[0] == 2
    assert said[0].startswith(f"{run.folder / 'states' / theirs.name} is of another run than manifest.json; were files")
    (run.folder / "manifest.json").unlink()  # then nothing says so
    assert load(run.folder)[0] == 3


def test_a_run_keeps_its_name_over_its_sessions_and_over_a_manifest_that_is_lost(run: Run) -> None:
    def names() -> set[str]:
        return {json.loads(path.read_text())["run"] for path in run.folder.glob("states/*/numbers.json")}

    (first,) = names()
    (run.folder / "manifest.json").unlink()
    again = Run(run.folder)
    again.save_manifest({"seed": 1})
    again.load_state(toy(0), both, lambda message: None)
    save(again, 3)
    assert names() == {first} == {again.manifest()["run"]}


def test_weights_that_were_not_come_to_again_are_in_no_mean(run: Run) -> None:
    shutil.rmtree(sorted(run.folder.glob("states/*"))[-1])
    assert load(run.folder)[0] == 1
    assert [path.name for path in run.checkpoints()] == ["step-00000001.safetensors"]


@pytest.mark.parametrize("code", [errno.EINVAL, errno.ENOSYS, errno.ENOTSUP])
def test_a_file_system_that_syncs_nothing_can_be_trained_on(
    code: int, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    def fail(descriptor: int) -> None:
        raise OSError(code, os.strerror(code))

    monkeypatch.setattr(os, "fsync", fail)
    save(run, 3)
    assert load(run.folder)[0] == 3


def test_a_disk_that_fails_to_sync_is_said(run: Run, monkeypatch: pytest.MonkeyPatch) -> None:
    def fail(descriptor: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", fail)
    with pytest.raises(RunError, match="cannot be written: Input/output error"):
        save(run, 3)
    assert load(run.folder)[0] == 2


def test_a_mean_of_two_runs_weights_is_refused(tmp_path: Path) -> None:
    paths = [tmp_path / name for name in "ab"]
    for tensors in ({"a": torch.zeros(3)}, {"b": torch.zeros(2)}):
        save_file({"a": torch.zeros(2)}, paths[0])
        save_file(tensors, paths[1])
        with pytest.raises(RunError, match=r"b does not fit .*a; were files of two runs mixed\?"):
            mean_weights(paths)


class Toy(torch.nn.Linear):
    """Stands for a model."""


def strange(saved: Path, change: Any) -> None:
    """Changes a state as somebody would who writes new sums too: it is made one of the older layout, which has none."""
    change(saved)
    (saved / "SHA256SUMS").unlink()
    saved.rename(saved.parents[1] / "last.state")


def numbers(**changes: Any) -> Any:
    def change(saved: Path) -> None:
        found = json.loads((saved / "numbers.json").read_text()) | changes
        (saved / "numbers.json").write_text(json.dumps({k: v for k, v in found.items() if v != "gone"}))

    return change


def tensors(**changes: torch.Tensor) -> Any:
    def change(saved: Path) -> None:
        save_file({name.replace("__", "."): tensor for name, tensor in changes.items()}, saved / "tensors.safetensors")

    return change


def anything(content: str) -> Any:
    return lambda saved: (saved / "numbers.json").write_text(content)


@pytest.mark.parametrize(
    "change",
    [
        *(anything(content) for content in ("[]", "3", "{}", '{"step": "x"}', '{"step": 1}', "[" * 9_999)),
        *(numbers(**{key: "gone"}) for key in ("place", "best", "metrics_bytes")),
        numbers(place={"epoch": 1, "row": 2}),
        numbers(place=3),
        numbers(best="high"),
        numbers(metrics_bytes="many"),
        numbers(of_a_later_version=1),
        tensors(optimizer__weight__exp_avg=torch.zeros(5)),
        tensors(random__cpu=torch.zeros(5, dtype=torch.uint8)),
        tensors(random__cpu=torch.zeros(5)),
    ],
)
def test_a_state_that_is_not_understood_is_one_line_and_an_older_one_is_taken(change: Any, tmp_path: Path) -> None:
    run, said = Run(tmp_path), []
    model: Seq2Seq[Any, Any] = Toy(2, 2)  # type: ignore[assignment]
    optimizer = torch.optim.Adam(model.parameters())
    checkpoint.save(run, Alone(model), optimizer, State(step=1), 1)
    strange(next((tmp_path / "states").iterdir()), change)
    with pytest.raises(RunError, match=r"last.state is damaged.*, and no older state is whole") as caught:
        checkpoint.load(run, model, said.append, World())
    assert "\n" not in str(caught.value)
    shutil.copytree(tmp_path / "last.state", tmp_path / "kept")
    shutil.rmtree(tmp_path / "last.state")
    checkpoint.save(run, Alone(model), optimizer, State(step=1), 1)
    (tmp_path / "states").rename(tmp_path / "good")
    next((tmp_path / "good").iterdir()).rename(tmp_path / "last.state.old")
    (tmp_path / "kept").rename(tmp_path / "last.state")
    found = checkpoint.load(run, model, said.append, World())
    assert found is not None
    assert found[1] == State(step=1)
    assert len(said) == 1
