"""What becomes of a line, or of a pair of lines."""

import math
from dataclasses import dataclass


@dataclass(frozen=True)
class Candidate:
    """One of the translations found for a line."""

    text: str
    log_prob: float
    score: float
    """`log_prob` after the length penalty."""
    ended: bool
    """False if the search stopped it at the length limit."""
    tokens: tuple[int, ...] = ()
    """Of the target vocabulary, EOS left out."""


@dataclass(frozen=True)
class Translation:
    """What became of one line; a blank line has itself as its only candidate."""

    line: int
    """Counted from 1."""
    source: str
    candidates: tuple[Candidate, ...]

    @property
    def text(self) -> str:
        """The best candidate, always one line."""
        return self.candidates[0].text


@dataclass(frozen=True)
class PairScore:
    """Force decoding of one pair."""

    log_prob: float
    """Of the target given the source, EOS included."""
    tokens: int
    """EOS counted."""

    @property
    def perplexity(self) -> float:
        """exp of the mean negative log-probability of a token."""
        return math.exp(min(-self.log_prob / self.tokens, 700.0))
