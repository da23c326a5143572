"""Vectors of words that were trained elsewhere, as text: the files of word2vec, GloVe and fastText (.vec).

A line is a word and its numbers, separated by single spaces. word2vec (Mikolov et al. 2013, arXiv:1301.3781) begins
with a line of two integers, how many words follow and how many numbers each has; GloVe (Pennington et al. 2014) does
not, and has some words with spaces in them: what comes before the last D fields is the word.
"""

import re
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from itertools import chain
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nmt.data.lines import file_lines
from nmt.errors import DataError

_HEADER = re.compile(r"([0-9]{1,18}) ([1-9][0-9]{0,8})")
_LARGEST = float(np.finfo(np.float32).max)

Vector = NDArray[np.float32]


@dataclass(frozen=True)
class Vectors:
    """What a file has of the words that it was asked for."""

    found: dict[str, Vector]
    """A vector (D,) for each word found, in the order in which they were asked for."""
    missing: list[str]
    """The others, in the same order."""


def dim_of(path: Path) -> int:
    """D, how many numbers a word has in this file, by its first line; raises DataError as `read_vectors` does."""
    return _begin(path)[0]


def read_vectors(path: Path, wanted: Iterable[str]) -> Vectors:
    """The vectors of the wanted words: a word's own spelling, or else its lower-cased one; of equals the first.

    Reads a plain file or a gzipped one line by line and keeps what is wanted alone, since files have gigabytes. For the
    same reason the numbers of other words are counted and not read. Raises DataError that names file and line where
    the file is missing, empty, cut short, no text, or has a line of another form.
    """
    words = list(dict.fromkeys(wanted))
    spellings = {spelling for word in words for spelling in (word, word.lower())}
    dim, promised, lines = _begin(path)
    read: dict[str, Vector] = {}
    count = 0
    for number, line in lines:
        count += 1
        if line.count(" ") == dim and line[: line.index(" ")] not in spellings:
            continue
        word, fields = _split(line, dim, f"{path}:{number}")
        if word in spellings and word not in read:
            read[word] = _vector(fields, f"{path}:{number}")
    if promised is not None and count != promised:
        raise DataError(
            f"{path} has {count:,} vectors and its first line promises {promised:,}; obtain the file again, or correct "
            "its first line"
        )
    if not count:
        raise DataError(_empty(path))
    if read and not any(vector.any() for vector in read.values()):
        raise DataError(f"{path} has nothing but zeros for the words that are needed; obtain the file again")
    best = ((word, read.get(word, read.get(word.lower()))) for word in words)
    found = {word: vector for word, vector in best if vector is not None}
    return Vectors(found, [word for word in words if word not in found])


def _begin(path: Path) -> tuple[int, int | None, Iterator[tuple[int, str]]]:
    """D, the number of words that a first line of word2vec's promises, and the lines of words with their numbers."""
    lines = _lines(path)
    start = next(lines, None)
    if start is None:
        raise DataError(_empty(path))
    if header := _HEADER.fullmatch(start[1]):
        promised, dim, rest = int(header[1]), int(header[2]), lines
    else:
        promised, dim, rest = None, _numbers_at_the_end(start[1]), chain([start], lines)
    if not dim:
        last = start[1].split(" ")[-1][:40]
        raise DataError(
            f"{path}:1: {last!r} is no number; a line must be a word and its numbers, separated by single spaces"
        )
    if promised is None:
        _split(start[1], dim, f"{path}:1")
    return dim, promised, rest


def _lines(path: Path) -> Iterator[tuple[int, str]]:
    """Number and text of each line; word2vec ends its lines with a space, which is no part of them."""
    try:
        for number, line in enumerate(file_lines(path), start=1):
            yield number, line.rstrip(" \r")
    except DataError as error:
        if isinstance(error.__context__, FileNotFoundError):
            raise DataError(f"{error}; the README says what makes such a file") from None
        raise DataError(f"{error}; vectors must be text, as word2vec writes with -binary 0") from None


def _empty(path: Path) -> str:
    return f"{path} is empty; it must have a word and its numbers on each line"


def _numbers_at_the_end(line: str) -> int:
    """How many fields are numbers, from the last one back to the first that is none; the first field is a word."""
    fields = line.split(" ")[1:]
    return next((i for i, field in enumerate(reversed(fields)) if _number(field) is None), len(fields))


def _split(line: str, dim: int, place: str) -> tuple[str, list[str]]:
    """The word of a line and its D fields; `place` is what an error names."""
    fields = line.split(" ")
    word, numbers = fields[:-dim], fields[-dim:]
    if not word or any(not part or _number(part) is not None for part in word[1:]):
        raise DataError(
            f"{place}: {len(fields) - 1:,} fields after the first; a line must be a word and {dim:,} numbers, "
            "separated by single spaces; mend or delete the line"
        )
    return " ".join(word), numbers


def _vector(fields: list[str], place: str) -> Vector:
    """D fields -> (D,)."""
    numbers = []
    for field in fields:
        number = _number(field)
        if number is None or not abs(number) <= _LARGEST:
            raise DataError(f"{place}: {field!r} is no finite number; mend or delete the line")
        numbers.append(number)
    return np.array(numbers, dtype=np.float32)


def _number(field: str) -> float | None:
    """What the field says, if that is a number; infinite and undefined ones are."""
    try:
        return float(field)
    except ValueError:
        return None
