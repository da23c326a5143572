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
    """Not the same digits, leaving out single ones, which are often words, and whatever stands between thousands."""
    there, here = _NUMBER.findall(src), _NUMBER.findall(tgt)
    return there != here and sorted(there) != sorted(here)


PAIRS: dict[str, Callable[[str, str], bool]] = {"identical": identical, "wordless": wordless, "numbers": numbers}
"""By the name of their kind."""


def pair_flags(src: str, tgt: str) -> int:
    """The bits of the kinds of findings in a pair."""
    return sum(BIT[kind] for kind, found in PAIRS.items() if found(src, tgt))
