"""Several processes train, and translate, what one would: on two of gloo, as torchrun starts them."""

import json
import os
import signal
import subprocess
import sys
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from nmt import recipe as recipes
from nmt.data import grammar
from nmt.data.batches import BatchStream, Place
from nmt.data.encoded import Encoded, Side
from nmt.data.plan import Share
from nmt.tokens import PAD
from nmt.training import run as training
from nmt.training.parallel import draws

HERE = Path(__file__).parent
TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
SMALL = [
    *("data.train=grammar:200", "data.dev=grammar:200", "model.dim=16", "tokenizer.vocab_size=400"),
    *("training.warmup=4", "training.batch_tokens=300", "training.dev_lines=3", "training.steps=8"),
    *("training.validate_every=8", "training.save_every=4", "decoding.beam=1", "decoding.max_ratio=0.5"),
]
PLAIN = [*SMALL, "model.dropout=0.0"]
CASES: dict[str, tuple[str, list[str]]] = {
    "rnn": ("rnn", [*PLAIN, "training.validate_every=4"]),
    "attention": ("attention", PLAIN),
    "transformer": ("transformer", PLAIN),
    "decoder": ("decoder", PLAIN),
    "several batches": ("rnn", [*PLAIN, "training.accumulate=3"]),
    "fewer rows than processes": ("attention", [*PLAIN, "training.batch_tokens=16"]),
    "weights shared, attention": ("attention", [*PLAIN, "training.parallel=fsdp"]),
    "weights shared, transformer": ("transformer", [*PLAIN, "training.parallel=fsdp", "training.accumulate=2"]),
}
"""Without dropout: what two processes train, one trains."""
DROPOUT = [*SMALL, "model.dropout=0.2"]
HALF = "training.steps=4"


def alone(arch: str, settings: list[str], folder: Path) -> Path:
    training.train(recipes.load(None, arch, settings), folder, "cpu")
    return folder


def together(cases: list[dict[str, Any]], folder: Path) -> subprocess.CompletedProcess[str]:
    path = folder / "cases.json"
    path.write_text(json.dumps(cases))
    return subprocess.run([*TORCHRUN, HERE / "ranks.py", path], capture_output=True, text=True, timeout=600)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Trainings of two processes, all by one torchrun: those of CASES; and some that go on with what others began."""
    place = tmp_path_factory.mktemp("torchrun")
    cases = [{"arch": arch, "settings": given, "folder": str(place / name)} for name, (arch, given) in CASES.items()]
    alone("attention", [*PLAIN, HALF], place / "one then two")
    more = [
        ("attention", PLAIN, "one then two"),
        ("attention", [*PLAIN, HALF], "two then one"),
        ("transformer", DROPOUT, "undisturbed"),
        ("transformer", [*DROPOUT, HALF], "disturbed"),
        ("transformer", DROPOUT, "disturbed"),
        ("attention", [*PLAIN, HALF, "training.parallel=fsdp"], "shared, then not"),
        ("attention", PLAIN, "shared, then not"),
    ]
    cases += [{"arch": arch, "settings": given, "folder": str(place / name)} for arch, given, name in more]
    done = together(cases, place)
    assert done.returncode == 0, done.stderr
    return place


def curve(folder: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text().splitlines()]
    return [{k: v for k, v in line.items() if k not in ("seconds", "tokens_per_second")} for line in lines]


def same_training(one: Path, other: Path) -> None:
    """The same lines of metrics and the same weights, to rounding."""
    for ours, its in zip(curve(one), curve(other), strict=True):
        assert ours.pop("kind") == its.pop("kind")
        assert ours == pytest.approx(its, rel=1e-4)
    same_weights(one, other)


def same_weights(one: Path, other: Path) -> None:
    theirs = load_file(other / "last.safetensors")
    for name, tensor in load_file(one / "last.safetensors").items():
        if not name.endswith("projection.bias"):  # of keys: a softmax does not see it, and Adam makes steps of rounding
            torch.testing.assert_close(tensor, theirs[name], rtol=1e-3, atol=2e-5)


@pytest.mark.parametrize("name", CASES)
def test_two_processes_train_what_one_does(name: str, folder: Path, tmp_path: Path) -> None:
    arch, settings = CASES[name]
    single = alone(arch, [s for s in settings if "parallel" not in s], tmp_path / "one")
    same_training(folder / name, single)


def test_a_training_goes_on_with_another_number_of_processes(folder: Path, tmp_path: Path) -> None:
    single = alone("attention", PLAIN, tmp_path / "one")
    alone("attention", PLAIN, folder / "two then one")
    for name in ("one then two", "two then one", "shared, then not"):
        same_weights(folder / name, single)


def test_two_processes_that_go_on_do_what_undisturbed_ones_do(folder: Path) -> None:
    one, other = (load_file(folder / name / "last.safetensors") for name in ("undisturbed", "disturbed"))
    assert all(torch.equal(tensor, other[name]) for name, tensor in one.items())


def test_processes_draw_dropout_of_their_own() -> None:
    drawn = {draws(seed, rank, step) for seed in (1, 2) for rank in (1, 2, 3) for step in range(4)}
    assert len(drawn) == 24


def test_the_shares_of_a_batch_are_its_rows_once_and_an_empty_one_trains_nothing() -> None:
    draw = np.random.default_rng(0)
    sides = [Side([draw.integers(4, 20, size=n) for n in draw.integers(1, 9, size=30)]) for _ in range(2)]
    text = Encoded(sides[0], sides[1], np.arange(30))
    streams = [BatchStream(text, batch_tokens=20, seed=1, share=Share(rank, 3)).batches(Place()) for rank in range(3)]
    whole = BatchStream(text, batch_tokens=20, seed=1).batches(Place())
    for _ in range(12):
        full, _place = next(whole)
        parts = [next(stream)[0] for stream in streams]
        assert {part.all_tokens for part in parts} == {full.tokens}
        assert sum(part.tokens for part in parts) == full.tokens
        rows = [row[row != PAD].tolist() for part in parts for row in part.tgt_out]
        assert sorted(row for row in rows if row) == sorted(row[row != PAD].tolist() for row in full.tgt_out)
        for part in parts:
            assert part.tokens == int((part.tgt_out != PAD).sum())


@pytest.mark.parametrize("how", ["error", "kill"])
def test_the_end_of_one_process_is_the_end_of_all_and_costs_nothing_saved(how: str, tmp_path: Path) -> None:
    case = {"arch": "rnn", "settings": [*PLAIN, "training.save_every=2"], "folder": str(tmp_path / "run")}
    done = together([{**case, "end": how}], tmp_path)
    assert done.returncode != 0
    if how == "error":
        assert "RunError: the disk of the second machine is on fire; buy another" in done.stderr
    same_training(alone("rnn", case["settings"], tmp_path / "run"), alone("rnn", case["settings"], tmp_path / "one"))


def test_a_signal_saves_what_was_trained_and_a_resume_goes_on_from_it(tmp_path: Path) -> None:
    settings = [f"--set={setting}" for setting in (*PLAIN, "training.steps=100000", "training.validate_every=10")]
    command = [*TORCHRUN, "-m", "nmt", "train", "--arch", "rnn", *settings, "--device", "cpu", "-o", "run"]
    with subprocess.Popen(command, stderr=subprocess.PIPE, text=True, cwd=tmp_path, env=environment()) as process:
        assert process.stderr is not None
        said = ""
        for line in process.stderr:
            said += line
            if "update 10:" in line:
                process.send_signal(signal.SIGTERM)
                break
        said += process.stderr.read()
        assert process.wait() != 0
    saved = json.loads((tmp_path / "run" / "manifest.json").read_text())["saved"]
    assert f"stopped with update {saved:,} saved; the same command goes on from there" in said
    assert saved >= 10


def environment() -> dict[str, str]:
    path = os.pathsep.join([str(HERE.parent), os.environ.get("PYTHONPATH", "")])
    return {**os.environ, "PYTHONPATH": path}


def test_a_file_is_translated_by_two_processes_as_by_one(folder: Path, tmp_path: Path) -> None:
    lines = [example.de for example in grammar.sample("dev", 31)]
    (tmp_path / "text").write_text("\n".join([*lines[:7], "", " ", *lines[7:]]) + "\n")
    command = ["-m", "nmt", "translate", "-m", str(folder / "transformer"), "-i", "text", "--format", "jsonl"]
    command += ["--device", "cpu"]
    shared = subprocess.run([*TORCHRUN, *command, "-o", "two"], cwd=tmp_path, env=environment(), capture_output=True)
    assert shared.returncode == 0, shared.stderr
    subprocess.run([sys.executable, *command, "-o", "one"], cwd=tmp_path, env=environment(), check=True)
    one, two = ([json.loads(line) for line in (tmp_path / name).read_text().splitlines()] for name in ("one", "two"))
    assert [row["line"] for row in two] == list(range(1, 34))
    assert [row["candidates"][0]["text"] for row in two] == [row["candidates"][0]["text"] for row in one]


@pytest.mark.parametrize(
    ("command", "said"),
    [
        (["eval", "-m", "x", "--src", "a", "--ref", "b"], "nmt eval is one process's work; call it without torchrun"),
        (["train", "--arch", "lexical", "-o", "x"], "--arch lexical is counted by one process"),
        (["train", "--device", "cuda:1", "-o", "x"], "--device cuda:1 is one for all processes; under torchrun use"),
    ],
)
def test_what_several_processes_cannot_do_is_refused_in_one_line(command: list[str], said: str, tmp_path: Path) -> None:
    launched = {"RANK": "0", "WORLD_SIZE": "2", "LOCAL_RANK": "0", "MASTER_ADDR": "localhost"}
    done = subprocess.run(
        [sys.executable, "-m", "nmt", *command],
        cwd=tmp_path,
        env={**environment(), **launched},
        capture_output=True,
        text=True,
    )
    assert done.returncode == 2
    assert said in done.stderr
    assert not list(tmp_path.iterdir())
