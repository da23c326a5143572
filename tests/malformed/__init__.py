"""Malformed input of every kind: for the suite, in one process, and for `tests/fuzz.py`, a process each."""

from itertools import chain

from malformed import files, flags, folders, lines, recipes, states, tokenizers
from malformed.case import Bench, Case

KINDS = {
    "lines": lines.cases,
    "files": files.cases,
    "recipes": recipes.cases,
    "flags": flags.cases,
    "run folders": lambda: chain(folders.cases(), states.cases()),
    "tokenizers": tokenizers.cases,
}


def all_cases() -> list[Case]:
    """Each case, its kind in its name."""
    found = [case.of(kind) for kind, make in KINDS.items() for case in make()]
    assert len({case.name for case in found}) == len(found)
    return found


__all__ = ["KINDS", "Bench", "Case", "all_cases"]
