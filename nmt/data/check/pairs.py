"""What can be seen in a single pair, each side of which has text."""

import re
from collections.abc import Callable

from nmt.data.check.kinds import BIT

_LETTER = re.compile(r"[^\W\d_]")
_NUMBER = re.compile(r"\d\d+")


def identical(src: str, tgt: str) -> bool:
    """The same text on both sides, with a letter in it: numbers are the same in every language."""
    return src.strip() == tgt.strip() and _LETTER.search(src) is not None


def wordless(src: str, tgt: str) -> bool:
    """Letters on one side alone."""
    return (_LETTER.search(src) is None) != (_LETTER.search(tgt) is None)


def numbers(src: str, tgt: str) -> bool:
    """A number on each side that the other lacks, leaving out single digits and whatever stands between thousands.

    Where one side alone has a number more, the other has as a rule written it in words; 60 may stand for 1960, 98 for
    1998 and 500 for 3500.
    """
    there, here = set(_NUMBER.findall(src)), set(_NUMBER.findall(tgt))
    return there != here and _lacks(there - here, here) and _lacks(here - there, there)


def _lacks(numbers: set[str], others: set[str]) -> bool:
    """Whether one of the numbers neither ends one of the others nor ends with one."""
    return any(not any(one.endswith(other) or other.endswith(one) for other in others) for one in numbers)


PAIRS: dict[str, Callable[[str, str], bool]] = {"identical": identical, "wordless": wordless, "numbers": numbers}
"""By the name of their kind."""


def pair_flags(src: str, tgt: str) -> int:
    """The bits of the kinds of findings in a pair."""
    return sum(BIT[kind] for kind, found in PAIRS.items() if found(src, tgt))
