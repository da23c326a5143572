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

from nmt import cli
from nmt import recipe as recipes
from nmt.cli.translate import translate
from nmt.data import grammar
from nmt.data.batches import BatchStream, Place
from nmt.data.encoded import Encoded, Side
from nmt.data.plan import Share
from nmt.device import choose_device
from nmt.errors import DataError, PeerError, UsageError
from nmt.tokens import PAD
from nmt.training import run as training
from nmt.training.alike import check_alike
from nmt.training.parallel import draws
from nmt.training.parts import prepare
from nmt.world import World, peers

HERE = Path(__file__).parent
TORCHRUN = [sys.executable, "-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2"]
SMALL = [
    *("data.train=grammar:100", "data.dev=grammar:30", "model.dim=16", "tokenizer.vocab_size=280"),
    *("training.warmup=2", "training.batch_tokens=300", "training.dev_lines=3", "training.steps=4"),
    *("training.validate_every=4", "training.save_every=2", "decoding.beam=1", "decoding.max_ratio=0.5"),
]
PLAIN = [*SMALL, "model.dropout=0.0"]
FROZEN = ["tokenizer.level=word", "model.tie_embeddings=false", "model.embeddings.frozen=true"]
FROZEN += ["model.embeddings.source=VECTORS"]
CASES: dict[str, tuple[str, list[str]]] = {
    "rnn": ("rnn", [*PLAIN, "training.validate_every=2"]),
    "attention": ("attention", PLAIN),
    "transformer": ("transformer", PLAIN),
    "decoder": ("decoder", PLAIN),
    "several batches": ("rnn", [*PLAIN, "training.accumulate=3"]),
    "fewer rows than processes": ("attention", [*PLAIN, "training.batch_tokens=16"]),
    "weights shared, decoder": (
        "decoder",
        [*PLAIN, "training.parallel=fsdp", *FROZEN],
    ),
    "weights shared, transformer": ("transformer", [*PLAIN, "training.parallel=fsdp", "training.accumulate=2"]),
}
"""Without dropout: what two processes train, one trains."""
DROPOUT = [*SMALL, "model.dropout=0.2"]
HALF = "training.steps=2"
WORDS = ("der", "die", "das", "ein", "eine", "Mann", "Frau", "nicht")


def given(settings: list[str]) -> list[str]:
    """With the place of the vectors, which the fixture writes."""
    return [setting.replace("VECTORS", os.environ.get("NMT_TEST_VECTORS", "")) for setting in settings]


def alone(arch: str, settings: list[str], folder: Path) -> Path:
    training.train(recipes.load(None, arch, given(settings)), folder, "cpu")
    return folder


def together(cases: list[dict[str, Any]], folder: Path) -> subprocess.CompletedProcess[str]:
    path = folder / "cases.json"
    path.write_text(json.dumps(cases))
    return subprocess.run([*TORCHRUN, HERE / "ranks.py", path], capture_output=True, text=True, timeout=600)


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Work of two processes, all by one torchrun, which has to be imported: trainings of CASES; some that go on with
    what others began; one that diverges; a translation; and at last a training that fails in one process."""
    place = tmp_path_factory.mktemp("torchrun")
    numbers = np.random.default_rng(1).normal(size=(len(WORDS), 16))
    lines = [" ".join([word, *map(str, row)]) for word, row in zip(WORDS, numbers, strict=True)]
    (place / "vectors").write_text("\n".join(lines) + "\n")
    os.environ["NMT_TEST_VECTORS"] = str(place / "vectors")
    cases: list[dict[str, Any]] = [case(arch, settings, place / name) for name, (arch, settings) in CASES.items()]
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
    cases += [case(arch, settings, place / name) for arch, settings, name in more]
    diverging = [*PLAIN, "training.learning_rate=3e38", "training.schedule=constant", "training.max_skipped=0"]
    cases.append({**case("rnn", diverging, place / "diverged"), "diverges": True})
    cases.append({"translate": [str(place / name) for name in ("transformer", "text", "translation")]})
    cases.append({**case("rnn", PLAIN, place / "failed"), "end": "error"})
    text = [example.de for example in grammar.sample("dev", 31)]
    (place / "text").write_text("\n".join([*text[:7], "", " ", *text[7:]]) + "\n")
    done = together(cases, place)
    assert done.returncode != 0
    assert "RunError: the disk of the second machine is on fire; buy another" in done.stderr
    return place


def case(arch: str, settings: list[str], folder: Path) -> dict[str, Any]:
    return {"arch": arch, "settings": given(settings), "folder": str(folder)}


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
def test_the_end_of_one_process_is_the_end_of_all_and_costs_nothing_saved(
    how: str, folder: Path, tmp_path: Path
) -> None:
    run = folder / "failed"
    if how == "kill":
        run = tmp_path / "run"
        assert together([{**case("rnn", PLAIN, run), "end": how}], tmp_path).returncode != 0
    assert json.loads((run / "manifest.json").read_text())["saved"] == 2
    same_training(alone("rnn", PLAIN, run), alone("rnn", PLAIN, tmp_path / "one"))


def test_processes_that_diverge_together_all_let_the_first_write_it_down(folder: Path) -> None:
    assert json.loads((folder / "diverged" / "manifest.json").read_text())["diverged"] is True


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


def test_a_file_is_translated_by_two_processes_as_by_one(folder: Path) -> None:
    translate([folder / "transformer"], str(folder / "text"), str(folder / "one"), format="jsonl", device="cpu")
    names = ("one", "translation")
    one, two = ([json.loads(line) for line in (folder / name).read_text().splitlines()] for name in names)
    assert [row["line"] for row in two] == list(range(1, 34))
    assert [row["candidates"][0]["text"] for row in two] == [row["candidates"][0]["text"] for row in one]


LAUNCHED = {"RANK": "1", "WORLD_SIZE": "4", "LOCAL_RANK": "1", "LOCAL_WORLD_SIZE": "4", "MASTER_ADDR": "localhost"}


@pytest.fixture
def second(monkeypatch: pytest.MonkeyPatch) -> None:
    """As the second of four processes."""
    for name, value in LAUNCHED.items():
        monkeypatch.setenv(name, value)


@pytest.mark.usefixtures("second")
def test_a_process_waits_for_the_first_to_say_what_is_wrong(
    monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    waited: list[float] = []
    monkeypatch.setattr(cli.time, "sleep", waited.append)  # type: ignore[attr-defined]
    monkeypatch.setattr(cli.signal, "signal", lambda *_: None)  # type: ignore[attr-defined]
    with pytest.raises(SystemExit):
        cli._fail("nowhere.en does not exist", 3)
    assert waited == [cli.WAIT_SECONDS]
    assert capsys.readouterr().err == "nmt: process 1: nowhere.en does not exist\n"


@pytest.mark.usefixtures("second")
def test_more_processes_than_gpus_are_refused_by_all_of_them(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(torch.cuda, "is_available", lambda: True)
    monkeypatch.setattr(torch.cuda, "device_count", lambda: 2)
    with pytest.raises(UsageError, match="there are 2 GPUs here and 4 processes; lower --nproc-per-node"):
        choose_device("auto")


@pytest.mark.usefixtures("second")
def test_what_the_libraries_say_of_the_others_is_passed_on_but_no_want_of_memory() -> None:
    with pytest.raises(PeerError, match=r"cannot be reached \(NCCL error: unhandled system error\)"), peers():
        raise RuntimeError("NCCL error: unhandled system error\nLast error: no shared memory")
    with pytest.raises(RuntimeError, match="CUDA out of memory"), peers():
        raise RuntimeError("CUDA out of memory in NCCL")


@pytest.mark.parametrize("what", ["recipe", "training text", "development text"])
def test_a_process_that_read_something_else_is_named(what: str, tmp_path: Path) -> None:
    recipe = recipes.load(None, "rnn", PLAIN)

    class Odd(World):
        def values(self, own: Any) -> list[Any]:
            return [{**own, what: ""}, own, own]

    parts = prepare(recipe)
    check_alike(recipe, parts, World())
    with pytest.raises(DataError, match=f"process 1 has another {what} than process 0; copy the same files"):
        check_alike(recipe, parts, Odd(0, 3))


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
