"""Time and memory of starting a training, against the size of its corpus:

python recipes/large.py PREFIX SOURCE TARGET FOLDER --pairs 20000 200000 --repeats 3

repeats the corpus PREFIX into FOLDER, and trains one update of a small model on it, with an empty cache and with a
warm one, and one validation of a line. Prints a line of JSON for each: seconds until the process has ended, which is a
while after the update; seconds that it and its own processes had of a core; and the most MiB that it had resident (by
Linux): in all (VmHWM), of memory of its own (RssAnon), and of files in maps (RssFile), which the kernel takes back when
others need it. Medians of the repeats; of the cold start there is one. The first line is a process that has imported
what a training needs, and does nothing; what a pair costs is the difference of two sizes divided by that of their
pairs.
"""

import argparse
import gzip
import json
import os
import shutil
import statistics
import subprocess
import sys
import time
from itertools import cycle, islice
from pathlib import Path

SETTINGS = ["training.steps=1", "training.dev_lines=1", "training.batch_tokens=1024", "training.average=1"]
SETTINGS += ["model.dim=256", "model.heads=4", "model.layers=3", "tokenizer.vocab_size=8000", "data.cache=always"]


MEMORY = ("VmHWM", "RssAnon", "RssFile")
IMPORTED = "import nmt.training.run, tokenizers, pyarrow, sys; sys.stdin.read()"


def repeated(prefix: str, language: str, pairs: int, folder: Path) -> None:
    """A file of so many lines."""
    path = folder / f"{pairs}.{language}"
    if path.exists():
        return
    packed = Path(f"{prefix}.{language}.gz")
    raw = gzip.decompress(packed.read_bytes()) if packed.exists() else Path(f"{prefix}.{language}").read_bytes()
    with path.with_suffix(".part").open("wb") as file:
        file.writelines(islice(cycle(raw.splitlines(keepends=True)), pairs))
    path.with_suffix(".part").rename(path)


def status(process: int) -> dict[str, float]:
    """MiB by the kernel's name for them."""
    lines = Path(f"/proc/{process}/status").read_text().splitlines()
    fields = (line.split() for line in lines)
    return {field[0].rstrip(":"): int(field[1]) / 1024 for field in fields if field[-1] == "kB"}


def started(where: str, folder: Path, arguments: argparse.Namespace) -> dict[str, float]:
    """One training of one update."""
    run = folder / "run"
    shutil.rmtree(run, ignore_errors=True)
    command = [sys.executable, "-m", "nmt", "train", "--arch", "transformer", "--train", where]
    command += ["--dev", str(folder / "dev"), "--source", arguments.source, "--target", arguments.target]
    command += ["--device", "cpu", "-o", str(run)]
    for setting in [*SETTINGS, f"data.cache_folder={folder / 'cache'}"]:
        command += ["--set", setting]
    begun, seen = time.monotonic(), dict.fromkeys(MEMORY, 0.0)
    with (folder / "log").open("ab") as log, subprocess.Popen(command, stderr=log, stdout=log) as process:
        while process.poll() is None:
            try:
                now = status(process.pid)
            except OSError:
                break
            seen = {name: max(value, now.get(name, 0.0)) for name, value in seen.items()}
            time.sleep(0.05)
    if process.returncode:
        sys.exit(f"failed; see {folder / 'log'}")
    times = os.times()
    return {"seconds": time.monotonic() - begun, "cpu": times.children_user + times.children_system, **seen}


def imported() -> dict[str, float]:
    """A process that has imported what a training needs."""
    with subprocess.Popen([sys.executable, "-c", IMPORTED], stdin=subprocess.PIPE) as process:
        begun, seen = time.monotonic(), -1.0
        while (now := status(process.pid)["VmHWM"]) != seen or time.monotonic() - begun < 5:  # it waits at the end
            seen = now
            time.sleep(1)
        return {name: round(status(process.pid)[name], 1) for name in MEMORY}


def main() -> None:
    parser = argparse.ArgumentParser()
    for name in ("prefix", "source", "target"):
        parser.add_argument(name)
    parser.add_argument("folder", type=Path)
    parser.add_argument("--pairs", type=int, nargs="+", default=[20_000, 200_000])
    parser.add_argument("--repeats", type=int, default=3)
    arguments = parser.parse_args()
    print(json.dumps({"pairs": 0, **imported()}), flush=True)
    for pairs in arguments.pairs:
        folder = arguments.folder / str(pairs)
        folder.mkdir(parents=True, exist_ok=True)
        for language in (arguments.source, arguments.target):
            repeated(arguments.prefix, language, pairs, folder)
            with (folder / f"{pairs}.{language}").open("rb") as file:
                (folder / f"dev.{language}").write_bytes(b"".join(islice(file, 5)))
        cpu = sum(os.times()[2:4])
        for cache in ("cold", *["warm"] * bool(arguments.repeats)):
            if cache == "cold":
                shutil.rmtree(folder / "cache", ignore_errors=True)
            found = []
            for _ in range(1 if cache == "cold" else arguments.repeats):
                found.append(started(str(folder / str(pairs)), folder, arguments))
                found[-1]["cpu"], cpu = found[-1]["cpu"] - cpu, found[-1]["cpu"]
            size = sum(path.stat().st_size for path in (folder / "cache").rglob("*") if path.is_file())
            print(
                json.dumps(
                    {
                        "pairs": pairs,
                        "cache": cache,
                        **{name: round(statistics.median(one[name] for one in found), 1) for name in found[0]},
                        "cache MiB": round(size / 2**20, 1),
                    }
                ),
                flush=True,
            )


if __name__ == "__main__":
    main()
