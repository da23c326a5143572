"""BPE dropout (Provilkov et al. 2020, arXiv:1910.13267), drawn from a generator the caller owns.

The dropout of the `tokenizers` library draws from a source that takes no seed, and a resumed run would see
other pieces than one that was never stopped.
"""

import random
from collections.abc import Mapping, Sequence
from functools import lru_cache
from itertools import pairwise

CACHED_LENGTH = 24
"""Words of more symbols are seldom met twice on the same way to their pieces; to remember them costs memory alone."""
CACHED_WORDS = 2**17


class DroppedMerges:
    """Applies BPE merges to a word, each of them skipped with a given probability whenever it could be made."""

    def __init__(self, merges: Sequence[tuple[str, str]], ids: Mapping[str, int]) -> None:
        # Ranks and merged ids by pair of ids.
        self._merged = {(ids[a], ids[b]): (rank, ids[a + b]) for rank, (a, b) in enumerate(merges)}
        self._remembered = lru_cache(CACHED_WORDS)(self._candidates)

    def merge(self, symbols: tuple[int, ...], dropout: float, rng: random.Random) -> tuple[int, ...]:
        """The pieces of a word that starts as these symbols.

        The paper drops candidates independently at every step and makes the best one left. To ask for one after
        the other, the best first, and to stop at the first that is not dropped, has the same distribution and
        draws few numbers; so a step is mostly one look-up.
        """
        while True:
            known = len(symbols) <= CACHED_LENGTH
            for place in self._remembered(symbols) if known else self._candidates(symbols):
                if not dropout or rng.random() >= dropout:
                    merged = self._merged[symbols[place], symbols[place + 1]][1]
                    symbols = (*symbols[:place], merged, *symbols[place + 2 :])
                    break
            else:
                return symbols

    def _candidates(self, symbols: tuple[int, ...]) -> tuple[int, ...]:
        """Where two neighbours can be merged, best rank first, then leftmost."""
        ranked = []
        for place, pair in enumerate(pairwise(symbols)):
            if (merge := self._merged.get(pair)) is not None:
                ranked.append((merge[0], place))
        return tuple(place for _, place in sorted(ranked))
