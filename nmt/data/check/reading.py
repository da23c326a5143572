"""The first reading of a text: what can be seen line by line, and the numbers that later judgements need."""

from dataclasses import dataclass, field

import numpy as np
from numpy.typing import NDArray

from nmt.data.check.kinds import BIT
from nmt.data.check.marks import marks
from nmt.data.check.pairs import pair_flags
from nmt.data.check.repeats import Hashes, HeldOut, hash_of
from nmt.data.check.scripts import Scripts
from nmt.data.check.suspicion import Suspicion
from nmt.data.check.text import Chunk, Text, Undecodable

NOTED = 100
"""Places of bytes that are not UTF-8 that are kept."""


@dataclass(frozen=True)
class Lines:
    """What is known of each line; 2 columns are the sides, and what has no partner is only in `lengths`."""

    flags: NDArray[np.uint32]
    """(2, pairs) bits of `kinds.BIT`."""
    hashes: tuple[Hashes, Hashes]
    """(pairs,) each."""
    lengths: tuple[NDArray[np.int64], NDArray[np.int64]]
    """Characters; 0 for a blank line."""
    scripts: NDArray[np.uint8]
    """(2, pairs) the number of a line's script."""
    foreign: tuple[list[int], list[int]]
    """Numbers of the scripts that do not belong to a side."""
    broken: list[Undecodable] = field(default_factory=list)

    @property
    def pairs(self) -> int:
        """Lines that have a partner."""
        return self.flags.shape[1]


def first_reading(text: Text, held_out: HeldOut, suspicion: Suspicion) -> Lines:
    """Reads the text once, and lets `suspicion` learn from it."""
    reader = _Reader(held_out)
    for chunk in text.chunks():
        reader.read(chunk)
        suspicion.learn(chunk)
    return reader.lines()


class _Reader:
    def __init__(self, held_out: HeldOut) -> None:
        self.held_out = held_out
        self.scripts = (Scripts(), Scripts())
        self.flags: list[NDArray[np.uint32]] = []
        self.written: list[NDArray[np.uint8]] = []
        self.hashes: tuple[list[Hashes], list[Hashes]] = ([], [])
        self.lengths: tuple[list[NDArray[np.int64]], list[NDArray[np.int64]]] = ([], [])
        self.broken: list[Undecodable] = []

    def read(self, chunk: Chunk) -> None:
        """Looks at every line and every pair of a chunk."""
        pairs = min(map(len, chunk.sides))
        flags, written = np.zeros((2, pairs), np.uint32), np.zeros((2, pairs), np.uint8)
        for side, lines in enumerate(chunk.sides):
            lengths = [0 if line.isspace() else len(line) for line in lines]
            self.lengths[side].append(np.array(lengths, np.int64))
            self.hashes[side].append(np.fromiter(map(hash_of, lines[:pairs]), np.uint64, pairs))
            for row, (line, length) in enumerate(zip(lines[:pairs], lengths, strict=False)):
                if length:
                    flags[side, row] = marks(line)
                    written[side, row] = min(self.scripts[side].add(line), 255)
                else:
                    flags[side, row] = BIT["empty"]
        for row, (source, target) in enumerate(zip(*chunk.sides, strict=False)):
            if not (flags[:, row] & BIT["empty"]).any():
                flags[:, row] |= np.uint32(pair_flags(source, target) | self._leak(source, target))
        for found in chunk.broken:
            if found.row - chunk.first < pairs:
                place = found.side, found.row - chunk.first
                flags[place] = flags[place] & ~np.uint32(BIT["broken"]) | BIT["undecodable"]
        self.broken += chunk.broken[: NOTED - len(self.broken)]
        self.flags.append(flags)
        self.written.append(written)

    def lines(self) -> Lines:
        """All that was read."""
        return Lines(
            np.concatenate([np.zeros((2, 0), np.uint32), *self.flags], 1),
            (_joined(self.hashes[0], np.uint64), _joined(self.hashes[1], np.uint64)),
            (_joined(self.lengths[0], np.int64), _joined(self.lengths[1], np.int64)),
            np.concatenate([np.zeros((2, 0), np.uint8), *self.written], 1),
            (self.scripts[0].foreign(), self.scripts[1].foreign()),
            self.broken,
        )

    def _leak(self, source: str, target: str) -> int:
        if not self.held_out:
            return 0
        in_source, in_target, both = self.held_out.holds(source, target)
        if both:
            return BIT["leak"]
        return in_source * BIT["leak-source"] | in_target * BIT["leak-target"]


def _joined(parts: list, kind: type) -> NDArray:
    return np.concatenate([np.zeros(0, kind), *parts])
