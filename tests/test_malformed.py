"""Malformed input ends in one line and the exit code of its kind, never in a traceback, and counts lines right."""

import shutil
import subprocess
import sys
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from malformed import KINDS, Bench, Case, all_cases
from malformed.case import faults, in_a_process, in_this_process, mistakes_of

CASES = all_cases()
LIGHT = [case for case in CASES if not case.torch]
HEAVY = [case for case in CASES if case.torch]
AS_PROCESSES = [LIGHT[len(LIGHT) * i // 37] for i in range(37)] + [HEAVY[len(HEAVY) * i // 4] for i in (1, 2, 3)]
"""Spread over the kinds; a process that imports torch takes seconds, and so most of these do not."""


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("bench"))


def test_there_are_enough_of_every_kind() -> None:
    assert len(CASES) >= 300
    assert all(len(list(make())) >= 40 for make in KINDS.values())
    assert len(AS_PROCESSES) == 40
    assert {case.name.partition(":")[0] for case in AS_PROCESSES} == KINDS.keys()


@pytest.mark.parametrize("case", CASES, ids=lambda case: case.name)
def test_malformed_input_is_one_line(case: Case, bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    arguments = bench.lay_out(case, tmp_path)
    assert faults(case, in_this_process(arguments, case.stdin)) == []
    assert not (tmp_path / "harmed").exists()


@pytest.mark.parametrize("case", AS_PROCESSES, ids=lambda case: case.name)
def test_and_so_it_is_in_a_process_of_its_own(case: Case, bench: Bench, tmp_path: Path) -> None:
    arguments = bench.lay_out(case, tmp_path)
    assert faults(case, in_a_process(arguments, case.stdin, tmp_path)) == []
    assert not (tmp_path / "harmed").exists()


def test_a_mistake_in_a_pipe_that_stays_open_ends_with_its_line(bench: Bench) -> None:
    command = [sys.executable, "-m", "nmt", "tokenizer", "decode", "-m", str(bench.folder / "bpe.json")]
    with subprocess.Popen(command, stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stderr is not None
        process.stdin.write(b"-1\n")
        process.stdin.flush()
        said = process.stderr.read()
        assert process.wait() == 3
    assert said.startswith(b"nmt: standard input:1: ")
    assert said.count(b"\n") == 1


FILES = ("recipe.toml", "tokenizer.json", "manifest.json", "metrics.jsonl", "best.safetensors")


@given(
    name=st.sampled_from(FILES),
    place=st.floats(0, 1),
    put=st.binary(max_size=4),
    cut=st.integers(0, 4),
    sums=st.booleans(),
)
@settings(max_examples=60)
def test_a_run_with_other_bytes_in_any_place_works_or_is_refused(
    bench: Bench, name: str, place: float, put: bytes, cut: int, sums: bool
) -> None:
    run = bench.folder / "drawn"
    shutil.rmtree(run, ignore_errors=True)
    shutil.copytree(bench.folder / "run", run)
    if not sums:  # which would find out before anything is read
        (run / "manifest.json").write_text("{}")
    content = (run / name).read_bytes()
    start = int(place * len(content))
    (run / name).write_bytes(content[:start] + put + content[start + cut :])
    ended = in_this_process(["translate", "-m", str(run), "--device", "cpu", "--beam", "1"], b"A dog\n\nTwo\n")
    assert (ended.code, ended.out.count(b"\n")) in ((0, 3), (1, 0), (2, 0))
    assert len(mistakes_of(ended)) == (ended.code != 0)


@given(text=st.binary(max_size=60))
@settings(max_examples=40)
def test_a_translation_has_a_line_for_each_line_until_one_is_not_utf_8(bench: Bench, text: bytes) -> None:
    ended = in_this_process(["translate", "-m", str(bench.folder / "run"), "--device", "cpu", "--beam", "1"], text)
    lines = text.removesuffix(b"\n").split(b"\n") if text else []
    good = next((number for number, line in enumerate(lines) if "\ufffd" in _read(line)), len(lines))
    assert (ended.code, ended.out.count(b"\n")) == (0 if good == len(lines) else 3, good)


def _read(line: bytes) -> str:
    """The line with U+FFFD for whatever is not UTF-8, and without such as it has itself."""
    return line.replace("\ufffd".encode(), b"x").decode("utf-8", "replace")
