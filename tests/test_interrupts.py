"""A training that is killed, as a process: the same command goes on, and ends where an unkilled one ends."""

import signal
import subprocess
import sys
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

NMT = Path(sys.executable).parent / "nmt"
TINY = Path(__file__).parent.parent / "recipes" / "tiny.toml"


def command(folder: Path) -> list[str]:
    short = [f"training.{s}" for s in ("steps=60", "validate_every=15", "save_every=15", "batch_tokens=256")]
    changes = [flag for s in (*short, "model.dim=16", "data.train=grammar:150") for flag in ("--set", s)]
    return [str(NMT), "train", str(TINY), "--arch", "transformer", "--device", "cpu", *changes, "-o", str(folder)]


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> dict[str, torch.Tensor]:
    folder = tmp_path_factory.mktemp("whole") / "run"
    subprocess.run(command(folder), check=True, capture_output=True)
    return load_file(folder / "last.safetensors")


@pytest.mark.parametrize(("number", "code"), [(signal.SIGTERM, 130), (signal.SIGINT, 130), (signal.SIGKILL, -9)])
def test_a_killed_training_goes_on_to_the_same_weights(
    number: signal.Signals, code: int, whole: dict[str, torch.Tensor], tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    with subprocess.Popen(command(folder), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as process:
        assert process.stderr is not None
        assert any("update 30: dev loss" in line for line in process.stderr)
        process.send_signal(number)
        process.stderr.read()
        assert process.wait() == code
    again = subprocess.run(command(folder), check=True, capture_output=True, text=True)
    assert "going on from update" in again.stderr
    resumed = load_file(folder / "last.safetensors")
    assert resumed.keys() == whole.keys()
    for name, tensor in whole.items():
        torch.testing.assert_close(resumed[name], tensor, rtol=0, atol=0)
