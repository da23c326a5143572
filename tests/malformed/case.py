"""One malformed input: how it is laid out, given to `nmt`, and what must come of it."""

import io
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from pathlib import Path

from nmt import cli, recipe
from nmt.data.tokenizer import Tokenizer, TokenizerPair

SECONDS = 600
"""What no case takes, on a machine however busy."""
SENTENCES = {
    "en": ["A dog runs.", "Two cats sleep.", "The man sees a bird.", "A woman reads."],
    "de": ["Ein Hund läuft.", "Zwei Katzen schlafen.", "Der Mann sieht einen Vogel.", "Eine Frau liest."],
}


@dataclass(frozen=True)
class Case:
    """What is given to `nmt`, and how it must end."""

    name: str
    arguments: tuple[str, ...]
    """`{bench}` in them is the folder of a `Bench`."""
    code: int
    files: dict[str, bytes] = field(default_factory=dict)
    """Written into the working directory first."""
    stdin: bytes = b""
    lines: int | None = None
    """Of standard output, where it ends well or has to be right up to the mistake."""
    change: Callable[[Path], object] | None = None
    """What is done to `run`, a copy of one of the bench's run folders."""
    original: str = "run"
    """Which of them: `run`, a Transformer, or `table`, words that were counted."""
    torch: bool = False
    """Whether it needs torch, which takes seconds to import."""
    says: str = ""
    """A part of its message."""

    def of(self, kind: str) -> "Case":
        """The same with its kind before its name."""
        return replace(self, name=f"{kind}: {self.name}")


@dataclass(frozen=True)
class Ended:
    """How a command ended."""

    code: int
    out: bytes
    err: bytes


class Bench:
    """A folder of what is in order: text (good.en, good.de), tokenizers (bpe.json, word.json), a small run, a table."""

    def __init__(self, folder: Path) -> None:
        from nmt.training import run as training

        self.folder = folder
        for language, sentences in SENTENCES.items():
            (folder / f"good.{language}").write_text("".join(f"{line}\n" for line in sentences * 8), "utf-8")
        for level in ("bpe", "word"):
            made = Tokenizer.train(SENTENCES["en"] + SENTENCES["de"], level=level, vocab_size=300)
            TokenizerPair(made).save(folder / f"{level}.json")
        data = {"train": str(folder / "good"), "dev": str(folder / "good")}
        few = ["training.steps=2", "training.validate_every=2", "training.save_every=2", "training.dev_lines=1"]
        few += ["source=en", "target=de", "decoding.beam=2"]
        small = ["tokenizer.vocab_size=300", "model.dim=8", "model.layers=1", "model.heads=2", "decoding.max_ratio=0.5"]
        for arch, name, more in (("transformer", "run", small), ("lexical", "table", [])):
            training.train(recipe.load(None, arch, [*few, *more], {"data": data}), folder / name, "cpu")

    def lay_out(self, case: Case, place: Path) -> list[str]:
        """Writes a case's files into a folder -> the arguments."""
        for name, content in case.files.items():
            path = place / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_bytes(content)
        if case.change is not None:
            shutil.copytree(self.folder / case.original, place / "run")
            case.change(place / "run")
        return [argument.replace("{bench}", str(self.folder)) for argument in case.arguments]


def in_this_process(arguments: list[str], stdin: bytes) -> Ended:
    """Runs the command here, as its process would; an exception that would be a traceback goes on."""
    streams = [io.TextIOWrapper(io.BytesIO(given)) for given in (stdin, b"", b"")]
    code: object = 0
    with _replaced(streams, arguments):
        try:
            cli.main()
        except SystemExit as ended:
            code = ended.code
        for stream in streams[1:]:
            stream.flush()
    out, err = (stream.buffer.getvalue() for stream in streams[1:])  # type: ignore[attr-defined]
    return Ended(int(str(code or 0)), out, err)


def in_a_process(arguments: list[str], stdin: bytes, place: Path) -> Ended:
    """Runs the command as a user does."""
    try:
        done = subprocess.run(
            [sys.executable, "-m", "nmt", *arguments],
            input=stdin,
            cwd=place,
            capture_output=True,
            check=False,
            timeout=SECONDS,
            env={**os.environ, "OMP_NUM_THREADS": "1"},
        )
    except subprocess.TimeoutExpired as error:
        return Ended(124, error.stdout or b"", b"it was not over after so many seconds: %d" % SECONDS)
    return Ended(done.returncode, done.stdout, done.stderr)


def faults(case: Case, ended: Ended) -> list[str]:
    """What is wrong with how a command ended: nothing, if all is well."""
    err = ended.err.decode("utf-8", "replace")
    found = []
    if "Traceback" in err:
        found.append("a traceback")
    if ended.code != case.code:
        found.append(f"exit code {ended.code}, not {case.code}")
    mistakes = mistakes_of(ended)
    last = err.removesuffix("\n").split("\n")[-1]
    if case.code and not (len(mistakes) == 1 and last == mistakes[0]):
        found.append(f"{len(mistakes)} lines `nmt: ...`, and at the end {last!r}")
    if case.lines is not None and ended.out.count(b"\n") != case.lines:
        found.append(f"{ended.out.count(bytes([10]))} lines out, not {case.lines}")
    if case.says not in err:
        found.append(f"it does not say {case.says!r}")
    return [f"{fault}; it said: {err[-400:]}" for fault in found]


def mistakes_of(ended: Ended) -> list[str]:
    """The lines that say why a command failed."""
    lines = ended.err.decode("utf-8", "replace").split("\n")
    return [line for line in lines if line.startswith("nmt: ") and not line.startswith("nmt: warning")]


@contextmanager
def _replaced(streams: list[io.TextIOWrapper], arguments: list[str]) -> Iterator[None]:
    kept = sys.stdin, sys.stdout, sys.stderr, sys.argv
    handlers = {number: signal.getsignal(number) for number in (signal.SIGINT, signal.SIGPIPE)}
    sys.stdin, sys.stdout, sys.stderr = streams
    sys.argv = ["nmt", *arguments]
    try:
        yield
    finally:
        sys.stdin, sys.stdout, sys.stderr, sys.argv = kept
        for number, handler in handlers.items():
            signal.signal(number, handler)
