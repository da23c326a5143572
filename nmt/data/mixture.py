"""Several corpora in one training: how many pairs of each an epoch has, and which."""

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from nmt.data.plan import Rows

_DRAWS = 1
"""Ends the seeds of these orders, so that they are none of those that batches are shuffled by."""


@dataclass(frozen=True)
class Mixture:
    """Corpora whose rows lie end to end, each with a share of every epoch.

    An epoch has as many pairs as all corpora together. A corpus is gone through in an order of its own, epoch after
    epoch from where the last one stopped, and anew in another order at its end: so none of its pairs is seen twice more
    often than another, and the rows of an epoch depend on the seed and the epoch alone.
    """

    sizes: tuple[int, ...]
    """Rows of each corpus."""
    weights: tuple[float, ...]
    """The share of each in the pairs of an epoch is its weight divided by the sum of them all."""
    seed: int

    def shares(self) -> list[int]:
        """Pairs of each corpus in an epoch; what rounding leaves goes to the largest remainders."""
        return apportioned(sum(self.sizes), self.weights)

    def rows(self, epoch: int) -> Rows:
        """The rows of an epoch, corpus by corpus."""
        starts = np.cumsum([0, *self.sizes])
        parts = [
            starts[corpus] + self._of_corpus(corpus, epoch * share, (epoch + 1) * share)
            for corpus, share in enumerate(self.shares())
        ]
        return np.concatenate(parts)

    def _of_corpus(self, corpus: int, begin: int, end: int) -> Rows:
        """What stands from one place to another of the corpus's endless sequence of orders."""
        size = self.sizes[corpus]
        if begin == end or not size:
            return np.zeros(0, np.int64)
        rounds = range(begin // size, -(-end // size))
        orders = [np.random.default_rng([self.seed, corpus, turn, _DRAWS]).permutation(size) for turn in rounds]
        first = rounds[0] * size
        return np.concatenate(orders)[begin - first : end - first]


def apportioned(whole: int, weights: Sequence[float]) -> list[int]:
    """The whole in parts by weight, by the method of the largest remainder; of equals the first."""
    shares = [weight / max(weights) for weight in weights]  # or else the sum of the largest floats is infinite
    exact = [whole * share / sum(shares) for share in shares]
    parts = [int(part) for part in exact]
    by_remainder = sorted(range(len(parts)), key=lambda i: (parts[i] - exact[i], i))
    for i in by_remainder[: whole - sum(parts)]:
        parts[i] += 1
    return parts
