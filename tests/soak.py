"""Trainings as processes, killed with SIGKILL again and again: `make soak`.

A process is killed when it has written its n-th line to stderr, or when the n-th temporary file of a save appears,
and the same command started again, until it ends by itself. What it leaves must be what an undisturbed run leaves:
every file of weights byte for byte, and every line of the metrics but for what a clock measures.
"""

import argparse
import json
import os
import random
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Iterator
from concurrent.futures import ProcessPoolExecutor
from dataclasses import dataclass, field
from itertools import repeat
from pathlib import Path
from typing import Any

from conftest import write_corpus

TINY = Path(__file__).parent.parent / "recipes" / "tiny.toml"
KINDS: dict[str, tuple[str, ...]] = {
    "lexical": ("lexical",),
    "rnn, tanh": ("rnn", "model.cell=tanh"),
    "rnn, GRU": ("rnn", "model.cell=gru"),
    "rnn, LSTM": ("rnn", "model.cell=lstm"),
    "attention": ("attention", "model.cell=gru"),
    "transformer": ("transformer", "model.heads=2"),
    "decoder": ("decoder", "model.heads=2"),
}
SHORT = [f"training.{s}" for s in ("steps=60", "validate_every=6", "save_every=4", "batch_tokens=256", "dev_lines=4")]
SMALL = [*SHORT, "model.dim=16", "model.layers=1", "model.dropout=0.2", "decoding.beam=1"]
CLOCK = ("seconds", "tokens_per_second")
"""What of a line of metrics is not the same twice."""
Moment = tuple[str, int]
"""What is waited for, "line" or "save", and how many of them."""


@dataclass
class Story:
    """What became of the trainings of one kind."""

    kills: Counter[str] = field(default_factory=Counter)
    """By what was waited for."""
    starts: int = 0
    """Processes."""
    finished: int = 0
    """Trainings that came to their end."""
    unlike: list[str] = field(default_factory=list)
    """Where they ended otherwise than the undisturbed one."""


def settings(corpus: Path, kind: str) -> list[str]:
    """Those of a training of a few seconds, most of which are the start of Python, on the files of a folder."""
    small = ["training.dev_lines=4"] if KINDS[kind][0] == "lexical" else SMALL
    return [*small, *KINDS[kind][1:], f"data.train={corpus / 'train'}", f"data.dev={corpus / 'dev'}"]


def command(folder: Path, corpus: Path, kind: str) -> list[str]:
    """Such a training, into a folder."""
    arch, flags = KINDS[kind][0], [flag for setting in settings(corpus, kind) for flag in ("--set", setting)]
    return [
        sys.executable,
        "-m",
        "nmt",
        "train",
        str(TINY),
        "--arch",
        arch,
        "--device",
        "cpu",
        *flags,
        "-o",
        str(folder),
    ]


def moments(seed: int) -> Iterator[Moment]:
    """When to kill, as a seed decides."""
    draw = random.Random(seed)
    while True:
        yield ("line", draw.randint(1, 6)) if draw.random() < 0.5 else ("save", draw.randint(1, 12))


def until_killed(arguments: list[str], folder: Path, moment: Moment | None) -> bool:
    """Runs a command up to that moment and kills it -> whether it came to that; raises where it fails by itself."""
    what, count = moment or ("line", sys.maxsize)
    with tempfile.TemporaryFile() as heard:
        stderr = subprocess.PIPE if what == "line" else heard
        with subprocess.Popen(arguments, stdout=subprocess.DEVNULL, stderr=stderr) as process:
            came = _lines(process, count, heard) if what == "line" else _saves(process, count, folder)
            if came:
                process.kill()
        if process.returncode not in (0, -signal.SIGKILL):
            heard.seek(0)
            raise RuntimeError(f"exit {process.returncode}: {heard.read().decode()}")
    return process.returncode != 0


def _lines(process: "subprocess.Popen[bytes]", count: int, heard: Any) -> bool:
    assert process.stderr is not None
    for number, line in enumerate(process.stderr, start=1):
        heard.write(line)
        if number == count:
            return True
    process.wait()
    return False


def _saves(process: "subprocess.Popen[bytes]", count: int, folder: Path) -> bool:
    """Looks every half of a thousandth of a second: without a pause it would take a core from another training."""
    before, seen = _temporary(folder), 0
    while process.poll() is None:
        now = _temporary(folder)
        seen += len(now - before)
        if seen >= count:
            return True
        before = now
        time.sleep(5e-4)
    return False


def _temporary(folder: Path) -> set[str]:
    entries = (f"{at}/{name}" for at, folders, files in os.walk(folder) for name in (*folders, *files))
    return {entry for entry in entries if ".part" in entry}


def survive(arguments: list[str], folder: Path, when: Iterator[Moment], story: Story, kills: int) -> None:
    """Kills and restarts until the training ends by itself, or lets it end after so many kills in all."""
    killed = True
    while killed:
        moment = next(when) if story.kills.total() < kills else None
        killed = until_killed(arguments, folder, moment)
        story.starts += 1
        if moment and killed:
            story.kills[moment[0]] += 1
    story.finished += 1


def differences(whole: Path, other: Path) -> list[str]:
    """Where a run folder is not the other one's equal: weights, metrics, and what no finished run has."""
    found = [f"{path} was left" for path in _temporary(other)]
    weights, theirs = _weights(whole), _weights(other)
    if weights.keys() != theirs.keys():
        found.append(f"files {sorted(weights)} and {sorted(theirs)}")
    found += [name for name in weights.keys() & theirs.keys() if weights[name] != theirs[name]]
    ours, its = _metrics(whole), _metrics(other)
    if ours != its:
        found.append(
            next(
                (f"{a} and {b}" for a, b in zip(ours, its, strict=False) if a != b), f"{len(ours)} and {len(its)} lines"
            )
        )
    return found


def _weights(folder: Path) -> dict[str, bytes]:
    """Every file of tensors; of the states, which are numbered by how often was saved, the newest."""
    states = sorted((folder / "states").iterdir())
    files = {f"newest state, {path.name}": path for path in states[-1].glob("*.safetensors")}
    files |= {
        str(path.relative_to(folder)): path
        for path in folder.rglob("*.safetensors")
        if path.parents[1] != folder / "states"
    }
    return {name: path.read_bytes() for name, path in files.items()} | {"states": bytes([len(states)])}


def _metrics(folder: Path) -> list[dict[str, Any]]:
    lines = [json.loads(line) for line in (folder / "metrics.jsonl").read_text("utf-8").splitlines()]
    return [{key: value for key, value in line.items() if key not in CLOCK} for line in lines]


def soak(kind: str, kills: int, seed: int) -> Story:
    """Trainings of one kind, one after the other, until so many were killed."""
    with tempfile.TemporaryDirectory() as place:
        return _soak(kind, kills, seed, Path(place))


def _soak(kind: str, kills: int, seed: int, place: Path) -> Story:
    story, when = Story(), moments(seed)
    (corpus := place / "corpus").mkdir()
    write_corpus(corpus)
    whole = place / "whole"
    subprocess.run(command(whole, corpus, kind), check=True, capture_output=True)
    while story.kills.total() < kills:
        folder = place / f"killed-{story.finished}"
        survive(command(folder, corpus, kind), folder, when, story, kills)
        story.unlike += differences(whole, folder)
        shutil.rmtree(folder)
    return story


def main() -> None:
    """Prints a line of counts for each kind; exits with 1 where any ended otherwise."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--kills", type=int, default=50, help="of each kind")
    parser.add_argument("--only", choices=KINDS, action="append", help="a kind; all without it")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--workers", type=int, default=os.cpu_count(), help="kinds at once; all cores without it")
    flags = parser.parse_args()
    kinds = flags.only or list(KINDS)
    print("| backbone | trainings | killed at a line | killed at a temporary file | started again | bit-identical |")
    print("|---|---:|---:|---:|---:|---|", flush=True)
    failed = False
    pool = ProcessPoolExecutor(flags.workers)
    for kind, story in zip(kinds, pool.map(soak, kinds, repeat(flags.kills), repeat(flags.seed)), strict=True):
        lines, saves, alike = story.kills["line"], story.kills["save"], "no" if story.unlike else "yes"
        again = story.starts - story.finished
        print(f"| {kind} | {story.finished} | {lines} | {saves} | {again} | {alike} |", flush=True)
        for each in story.unlike:
            print(each, file=sys.stderr)
        failed = failed or bool(story.unlike)
    raise SystemExit(failed)


if __name__ == "__main__":
    main()
