"""A training that is killed, as a process: the same command goes on, and ends where an unkilled one ends."""

import json
import re
import resource
import signal
import subprocess
from itertools import islice
from pathlib import Path

import pytest
from soak import TINY, Story, command, differences, moments, settings, survive

from nmt import recipe as recipes
from nmt.states import States
from nmt.training import run as training

KIND = "transformer"
KILLS = 5


@pytest.fixture(scope="module")
def whole(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("whole") / "run"
    go_on(folder, corpus)
    return folder


def go_on(folder: Path, corpus: Path) -> None:
    """The training of `command`, in this process."""
    training.train(recipes.load(TINY, KIND, settings(corpus, KIND)), folder, "cpu")


def test_a_training_that_was_killed_five_times_ends_as_if_it_never_was(
    whole: Path, corpus: Path, tmp_path: Path
) -> None:
    story = Story()
    survive(command(tmp_path / "run", corpus, KIND), tmp_path / "run", islice(moments(seed=6), KILLS), story, KILLS)
    assert differences(whole, tmp_path / "run") == []
    assert story.kills.total() == KILLS


@pytest.mark.parametrize(("number", "heard"), [(signal.SIGTERM, True), (signal.SIGINT, False)])
def test_a_training_that_is_asked_to_end_saves_and_says_so(
    number: signal.Signals, heard: bool, whole: Path, corpus: Path, tmp_path: Path
) -> None:
    folder = tmp_path / "run"
    with subprocess.Popen(
        command(folder, corpus, KIND), stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True
    ) as process:
        assert process.stderr is not None
        assert any("update 30: dev loss" in line for line in process.stderr)
        if not heard:  # as where Ctrl-C ends `nmt train 2>&1 | tee log`, and tee is the first to go
            process.stderr.close()
        process.send_signal(number)
        rest = process.stderr.read() if heard else ""
        assert process.wait() == 130
    assert not heard or re.search(r"stopped with update \d+ saved; the same command goes on from there\n", rest)
    assert max(json.loads(path.read_text("utf-8"))["step"] for path in folder.glob("states/*/numbers.json")) >= 30
    if heard:
        go_on(folder, corpus)
        assert differences(whole, folder) == []


def test_a_full_disk_is_one_line_and_costs_nothing_that_was_saved(whole: Path, corpus: Path, tmp_path: Path) -> None:
    # A limit on the size of a file, which any process may set itself, stands for the disk: the weights fit, and Adam's
    # two means of them, which the first state has not, do not.
    limit = 2 * (whole / "best.safetensors").stat().st_size
    folder = tmp_path / "run"
    done = subprocess.run(
        command(folder, corpus, KIND),
        capture_output=True,
        text=True,
        preexec_fn=lambda: resource.setrlimit(resource.RLIMIT_FSIZE, (limit, limit)),
    )
    assert done.returncode == 1
    assert re.fullmatch(
        r"nmt: .*states cannot be written: File too large; what was saved before it stands: make room, and give the "
        "same command again",
        done.stderr.splitlines()[-1],
    )
    assert not list(folder.rglob("*.part"))
    (saved,) = folder.glob("states/*")
    assert States(folder / "states").read(saved).step == 0
