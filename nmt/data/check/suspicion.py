"""Lines in the other side's language, and lines in neither: two models, learned in one reading and asked in others."""

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from nmt.data.check import language
from nmt.data.check.language import Characters, Likeness, grams
from nmt.data.check.text import Chunk, Text

SAMPLE_EVERY = 16
"""One in so many of the others is judged again beside the suspects, to know what is usual by then."""
Floats = NDArray[np.float64]
Masks = list[NDArray[np.bool_]]
Sides = tuple[Floats, Floats]


class Suspicion:
    """What two sides' models of characters find odd."""

    def __init__(self) -> None:
        self.models = (Characters(), Characters())

    def learn(self, chunk: Chunk) -> None:
        """Counts a chunk of the text."""
        for model, lines in zip(self.models, chunk.sides, strict=True):
            if lines:
                model.learn(grams(lines))

    def judge(self, text: Text, pairs: int) -> tuple[Sides, Sides]:
        """The text, read three times more -> two times the pairs of each side, how odd a line is and 0 where it is not.

        First those in the other side's language, then those in neither.
        """
        other, strange = (np.zeros(pairs), np.zeros(pairs)), (np.zeros(pairs), np.zeros(pairs))
        if pairs < language.LEAST_LINES:
            return other, strange
        own, theirs, lengths = (np.zeros((2, pairs), np.float32) for _ in range(3))
        for first, side, lines in _sides(text, pairs):
            read = grams(lines)
            place = slice(first, first + len(lines))
            own[side, place] = self.models[side].log_probs(read)
            theirs[side, place] = self.models[1 - side].log_probs(read)
            lengths[side, place] = read.lengths
        first_look = [Likeness.usual(*both).deviations(*both) for both in zip(own, lengths, strict=True)]
        for side in (0, 1):
            gap = own[side] - theirs[side]
            if float(np.median(gap / lengths[side])) > -language.OTHER_NATS_EACH:
                found = (gap < language.OTHER_NATS) & (gap < language.OTHER_NATS_EACH * lengths[side])
                other[side][found] = -gap[found]
        suspects = [(z < language.SUSPECT_DEVIATIONS) | (odd > 0) for z, odd in zip(first_look, other, strict=True)]
        again = [z < language.AGAIN_DEVIATIONS for z in first_look]
        self._forget(text, pairs, suspects)
        for side, log_probs in enumerate(self._again(text, pairs, suspects, again)):
            asked = np.flatnonzero(~np.isnan(log_probs))
            seen = log_probs[asked], lengths[side][asked]
            sampled = asked % SAMPLE_EVERY == 0
            usual = Likeness.usual(seen[0][sampled], seen[1][sampled])
            far = usual.deviations(*seen)
            odd = (far < language.STRANGE_DEVIATIONS) & (usual.nats_each(*seen) < language.STRANGE_NATS_EACH)
            strange[side][asked] = np.where(odd & (other[side][asked] == 0), -far, 0)
        return other, strange

    def _forget(self, text: Text, pairs: int, suspects: Masks) -> None:
        for first, side, lines in _sides(text, pairs):
            chosen = [line for line, odd in zip(lines, suspects[side][first:], strict=False) if odd]
            if chosen:
                self.models[side].learn(grams(chosen), times=-1)

    def _again(self, text: Text, pairs: int, suspects: Masks, again: Masks) -> list[Floats]:
        """Log-probabilities of the lines that are judged again and of a sample of the others; nan for the rest."""
        found = [np.full(pairs, np.nan) for _ in suspects]
        for first, side, lines in _sides(text, pairs):
            place = np.arange(first, first + len(lines))
            asked = np.flatnonzero(again[side][place] | suspects[side][place] | (place % SAMPLE_EVERY == 0))
            if len(asked):
                read = grams([lines[i] for i in asked])
                counted = np.repeat(~suspects[side][place[asked]], read.lengths).astype(np.float32)
                found[side][place[asked]] = self.models[side].log_probs(read, counted)
        return found


def _sides(text: Text, pairs: int) -> Iterator[tuple[int, int, list[str]]]:
    """Row of the first line, side and lines of each chunk, without what has no partner."""
    for chunk in text.chunks():
        for side, lines in enumerate(chunk.sides):
            lines = lines[: max(pairs - chunk.first, 0)]
            if lines:
                yield chunk.first, side, lines
