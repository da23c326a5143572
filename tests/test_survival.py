"""Trainings that are interrupted, run folders that came to harm: what was saved before is used, or the fault said."""

import errno
import json
import os
import shutil
import signal
import sys
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace
from typing import Any, ClassVar

import pytest
from soak import differences

from nmt import recipe as recipes
from nmt import runs
from nmt.data.tokenizer import TokenizerPair
from nmt.errors import NmtError, RunError
from nmt.recipe import Recipe
from nmt.run_folder import Run
from nmt.training import em
from nmt.training import run as training
from nmt.training.stop import Stop
from nmt.training.validation import Validation


@pytest.fixture(scope="module")
def recipe(corpus: Path) -> Recipe:
    data = {"train": str(corpus / "train"), "dev": str(corpus / "dev")}
    small = ["model.dim=8", "tokenizer.vocab_size=300", "decoding.beam=1", "decoding.max_ratio=1.0"]
    short = ["steps=12", "validate_every=6", "save_every=4", "warmup=4", "batch_tokens=256", "dev_lines=4", "keep=3"]
    return recipes.load(None, "rnn", [*small, *(f"training.{s}" for s in short)], {"data": data})


@pytest.fixture(scope="module")
def trained(recipe: Recipe, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("survival") / "whole"
    training.train(recipe, folder, "cpu")
    return folder


@pytest.fixture
def copy(trained: Path, tmp_path: Path) -> Path:
    return shutil.copytree(trained, tmp_path / "copy")


def test_an_older_state_had_been_measured(copy: Path, trained: Path, recipe: Recipe) -> None:
    newest = sorted(copy.glob("states/*"))[-1]
    numbers = json.loads((newest / "numbers.json").read_text())
    for key in ("measured", "split", "skipped_in_a_row", "unreported"):
        del numbers[key]
    (newest / "numbers.json").write_text(json.dumps(numbers))
    newest.rename(copy / "last.state")
    shutil.rmtree(copy / "states")
    training.train(recipe, copy, "cpu")
    assert (copy / "metrics.jsonl").read_bytes() == (trained / "metrics.jsonl").read_bytes()


@pytest.mark.parametrize("name", ["best.safetensors", "last.safetensors", "checkpoints/step-00000012.safetensors"])
def test_a_flipped_byte_is_one_line_with_a_remedy(name: str, copy: Path) -> None:
    path = copy / name
    content = bytearray(path.read_bytes())
    content[-3] ^= 1  # of a number
    path.unlink()
    path.write_bytes(content)
    said = f"{path} is damaged: its SHA-256 is not the one in manifest.json; copy the run folder anew, or name another"
    with pytest.raises(RunError) as caught:
        runs.load(path)
    assert str(caught.value).startswith(said)
    assert "\n" not in str(caught.value)
    if name.startswith("best"):
        with pytest.raises(RunError, match="its SHA-256 is not the one"):
            runs.load([copy / "last.safetensors", copy])
    if name.startswith("checkpoints"):
        with pytest.raises(RunError, match="its SHA-256 is not the one"):
            runs.average(Run(copy), 2)


def test_a_folder_in_which_is_being_trained_is_refused(copy: Path, recipe: Recipe) -> None:
    with Run(copy).alone(), pytest.raises(RunError) as caught:
        training.train(recipe, copy, "cpu")
    said = f"{copy} is being trained by process {os.getpid()} on "
    assert str(caught.value).startswith(said)
    assert str(caught.value).endswith("; wait for its end, or choose another folder with -o")
    training.train(recipe, copy, "cpu")


@pytest.mark.parametrize(
    ("missing", "said"),
    [
        (("states",), "was trained and has no states, without which no training goes on; copy it whole, or"),
        (("states", "manifest.json"), "was trained and has no states"),
        (("states", "manifest.json", "metrics.jsonl"), "was trained and has no states"),
        (("tokenizer.json",), r"was trained and has no tokenizer.json"),
        (("recipe.toml",), "exists and is no run of nmt"),
    ],
)
def test_a_folder_that_was_half_copied_is_refused(
    missing: tuple[str, ...], said: str, copy: Path, recipe: Recipe
) -> None:
    for name in missing:
        shutil.rmtree(copy / name) if (copy / name).is_dir() else (copy / name).unlink()
    before = sorted(copy.rglob("*"))
    with pytest.raises(NmtError, match=said):
        training.train(recipe, copy, "cpu")
    assert sorted(copy.rglob("*")) == before


def test_a_line_that_was_not_written_to_its_end_stops_no_resume(copy: Path, trained: Path, recipe: Recipe) -> None:
    with (copy / "metrics.jsonl").open("ab") as file:
        file.write(b'{"kind": "train", "st')
    training.train(recipe, copy, "cpu")
    assert differences(trained, copy) == []


def interrupted(recipe: Recipe, folder: Path) -> None:
    with pytest.raises(KeyboardInterrupt):
        training.train(recipe, folder, "cpu")


@pytest.mark.parametrize(
    ("where", "number"),
    [("validation", signal.SIGTERM), ("averaging", signal.SIGINT), ("saving", signal.SIGTERM)],
)
def test_a_signal_saves_wherever_it_comes(
    where: str,
    number: signal.Signals,
    recipe: Recipe,
    trained: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    original: Any = Run.save_state if where == "saving" else Validation._loss
    calls = {"validation": 1, "averaging": 3, "saving": 2}[where]

    def hit(*args: Any, **named: Any) -> Any:
        nonlocal calls
        calls -= 1
        if calls == 0:
            signal.raise_signal(number)
        return original(*args, **named)

    owner: Any = Run if where == "saving" else Validation
    monkeypatch.setattr(owner, original.__name__, hit)
    interrupted(recipe, tmp_path / "run")
    step = {"validation": 6, "averaging": 12, "saving": 4}[where]
    assert f"stopped with update {step} saved; the same command goes on from there" in capsys.readouterr().err
    monkeypatch.undo()
    training.train(recipe, tmp_path / "run", "cpu")
    assert differences(trained, tmp_path / "run") == []


@pytest.mark.parametrize("ignored", [False, True])
def test_a_terminal_that_closes_is_a_signal_unless_it_is_ignored_and_a_lost_reader_is_none(ignored: bool) -> None:
    found = signal.SIG_IGN if ignored else signal.SIG_DFL
    before = signal.signal(signal.SIGHUP, found)
    try:
        with Stop() as stop, stop.noting():
            signal.raise_signal(signal.SIGPIPE)
            assert not stop.asked
            signal.raise_signal(signal.SIGHUP)
        assert stop.asked is not ignored
        assert signal.getsignal(signal.SIGHUP) == found
    finally:
        signal.signal(signal.SIGHUP, before)


def test_a_signal_before_the_first_update_ends_at_once(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def hit(*args: Any, **named: Any) -> Any:
        signal.raise_signal(signal.SIGTERM)

    monkeypatch.setattr(TokenizerPair, "train", hit)
    interrupted(recipe, tmp_path / "run")
    assert {path.name for path in (tmp_path / "run").iterdir()} == {".lock"}


def test_a_signal_between_two_passes_of_counting_ends_at_once(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    estimate = em.estimate

    def hit(*args: Any) -> Iterator[Any]:
        yield next(iter(estimate(*args)))
        signal.raise_signal(signal.SIGTERM)
        raise AssertionError("it went on")

    data = {"train": str(corpus / "train"), "dev": str(corpus / "dev")}
    monkeypatch.setattr(em, "estimate", hit)
    interrupted(recipes.load(None, "lexical", ["tokenizer.vocab_size=300"], {"data": data}), tmp_path / "run")
    assert "stopped before anything was saved; the same command begins again" in capsys.readouterr().err


def test_a_training_that_was_killed_as_it_began_begins_again(
    recipe: Recipe, trained: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    tokenizer = Run(trained).tokenizer()
    assert tokenizer is not None
    moments: list[Path] = []
    replace_ = os.replace

    def snapshot(*args: Any, **named: Any) -> Any:
        moments.append(shutil.copytree(tmp_path / "run", tmp_path / f"moment-{len(moments)}"))
        return replace_(*args, **named)

    run = Run.open(tmp_path / "run", recipe)
    monkeypatch.setattr(os, "replace", snapshot)
    with run.alone():
        run.begin(recipe, tokenizer)
        run.save_manifest({"seed": 1})
    monkeypatch.undo()
    assert [len(list(moment.glob("*.part"))) for moment in moments] == [1, 1, 1]
    for moment in moments:
        with Run.open(moment, recipe).alone():
            assert not list(moment.glob("*.part"))
    training.train(recipe, moments[0], "cpu")
    assert differences(trained, moments[0]) == []


def test_weights_for_the_mean_that_are_damaged_are_left_out_and_said(
    copy: Path, recipe: Recipe, capsys: pytest.CaptureFixture[str]
) -> None:
    newest = sorted(copy.glob("states/*"))[-1]
    numbers = json.loads((newest / "numbers.json").read_text())
    (newest / "numbers.json").write_text(json.dumps({**numbers, "averaged_at": 0}))
    newest.rename(copy / "last.state")
    shutil.rmtree(copy / "states")
    damaged = copy / "checkpoints" / "step-00000006.safetensors"
    damaged.write_bytes(damaged.read_bytes()[:-1])
    training.train(recipe, copy, "cpu")
    said = capsys.readouterr().err
    assert f"{damaged} is damaged: its SHA-256 is not the one in manifest.json" in said
    assert "it is left out of the mean" in said
    assert Run(copy).finished


class Board:
    """Stands for TensorBoard's writer."""

    told: ClassVar[list[Any]] = []

    def __init__(self, folder: str, purge_step: int) -> None:
        self.told.append(purge_step)

    def add_scalar(self, name: str, value: float, step: int) -> None:
        self.told.append((name, step))

    def flush(self) -> None:
        self.told.append("flush")

    close = flush


def test_tensorboard_is_told_each_number_once(
    recipe: Recipe, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(Board, "told", [])
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", SimpleNamespace(SummaryWriter=Board))
    shown = recipe.model_copy(update={"training": recipe.training.model_copy(update={"tensorboard": True})})
    once = Validation._loss
    with monkeypatch.context() as patch:
        patch.setattr(Validation, "_loss", lambda *args: signal.raise_signal(signal.SIGTERM))
        interrupted(shown, tmp_path / "run")
    assert Validation._loss is once
    assert Board.told == [1, "flush", "flush", "flush"]  # of updates 4 and 6, and the end; none of them is a report's
    Board.told.clear()
    training.train(shown, tmp_path / "run", "cpu")
    assert Board.told[0] == 7  # what a training that was killed told of update 7 and on is hidden
    assert [each for each in Board.told if "bleu" in str(each)] == [("dev/bleu", 6), ("dev/bleu", 12), ("dev/bleu", 12)]

    def full(*args: Any) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(Board, "add_scalar", full)
    with pytest.raises(RunError, match=r"tensorboard cannot be written: No space left on device; what was saved"):
        training.train(shown, tmp_path / "other", "cpu")


def test_how_often_is_saved_makes_no_other_training(copy: Path, recipe: Recipe) -> None:
    changes = {"save_every": 9, "save_minutes": 1.0, "keep": 5}
    other = recipe.model_copy(update={"training": recipe.training.model_copy(update=changes)})
    assert Run(copy).trained_by(other)


@pytest.mark.parametrize("left", [b"half", None])
def test_best_and_newest_weights_that_are_lost_are_made_again(
    left: bytes | None, copy: Path, trained: Path, recipe: Recipe, capsys: pytest.CaptureFixture[str]
) -> None:
    for name in ("best.safetensors", "last.safetensors"):
        (copy / name).unlink()  # or else it may be the same file as a state's
    if left is not None:
        (copy / "best.safetensors").write_bytes(left)
    training.train(recipe, copy, "cpu")
    assert "the next validation's weights take its place" in capsys.readouterr().err
    assert (copy / "last.safetensors").read_bytes() == (trained / "last.safetensors").read_bytes()
    assert runs.load(copy)
