"""Malformed input ends in one line and the exit code of its kind, never in a traceback, and counts lines right."""

from pathlib import Path

import pytest
from malformed import KINDS, Bench, Case, all_cases
from malformed.case import faults, in_a_process, in_this_process

CASES = all_cases()
LIGHT = [case for case in CASES if not case.torch]
HEAVY = [case for case in CASES if case.torch]
AS_PROCESSES = [*LIGHT[:: len(LIGHT) // 37][:37], *HEAVY[:: len(HEAVY) // 3][1:4]]
"""Spread over the kinds; a process that imports torch takes seconds, and so most of these do not."""


@pytest.fixture(scope="session")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("bench"))


def test_there_are_enough_of_every_kind() -> None:
    assert len(CASES) >= 300
    assert all(len(list(make())) >= 40 for make in KINDS.values())
    assert len(AS_PROCESSES) == 40


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
