"""Lines that occur twice and sentences of held-out text, by hashes: no text is kept."""

import re
import unicodedata
from collections.abc import Iterable
from hashlib import blake2b

import numpy as np
from numpy.typing import NDArray

Hashes = NDArray[np.uint64]
_NO_WORD = re.compile(r"[\W_]+")


def hash_of(text: str) -> int:
    """64 bits of a text, the same in every process; that two of 2 million share them is a chance of 1 in 10 million."""
    return int.from_bytes(blake2b(text.encode("utf-8", "surrogatepass"), digest_size=8).digest(), "little")


def normalised(line: str) -> str:
    """A line without case, punctuation and spaces, compatible characters made one; itself where that leaves nothing."""
    return _NO_WORD.sub("", unicodedata.normalize("NFKC", line).casefold()) or line


def pair_hashes(src: Hashes, tgt: Hashes) -> Hashes:
    """One hash for each pair of them; the order of the sides counts."""
    return (src * np.uint64(0x9E3779B97F4A7C15)) ^ (tgt * np.uint64(0xC2B2AE3D27D4EB4F) + np.uint64(1))


def repeated(hashes: Hashes) -> NDArray[np.bool_]:
    """Whether the same stood on an earlier line."""
    again = np.ones(len(hashes), bool)
    again[np.unique(hashes, return_index=True)[1]] = False
    return again


def several_partners(side: Hashes, other: Hashes) -> NDArray[np.bool_]:
    """Whether a line of one side has, anywhere in the text, another partner too."""
    first = ~repeated(pair_hashes(side, other))
    values, counts = np.unique(side[first], return_counts=True)
    return np.isin(side, values[counts > 1])


class HeldOut:
    """The sentences of test and development sets, as hashes of what `normalised` makes of them."""

    def __init__(self) -> None:
        self._sides: tuple[set[int], set[int]] = (set(), set())
        self._pairs: set[tuple[int, int]] = set()

    def __bool__(self) -> bool:
        return bool(self._pairs)

    def add(self, src: Iterable[str], tgt: Iterable[str]) -> None:
        """Pairs of a held-out set; a side without any text holds nothing."""
        for source, target in zip(src, tgt, strict=True):
            hashes = hash_of(normalised(source)), hash_of(normalised(target))
            for line, number, side in zip((source, target), hashes, self._sides, strict=True):
                if line.strip():
                    side.add(number)
            self._pairs.add(hashes)

    def holds(self, source: str, target: str) -> tuple[bool, bool, bool]:
        """Whether the source is a held-out sentence, whether the target is one, and whether both are of one pair."""
        hashes = hash_of(normalised(source)), hash_of(normalised(target))
        in_source, in_target = (number in side for number, side in zip(hashes, self._sides, strict=True))
        return in_source, in_target, in_source and in_target and hashes in self._pairs
