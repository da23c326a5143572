"""BPE that skips merges at random (Provilkov et al. 2020, arXiv:1910.13267, algorithm 1).

The `tokenizers` library has BPE dropout too, but draws from a generator that cannot be seeded; a resumed
training has to see the same pieces as an undisturbed one.
"""

import random
from collections.abc import Mapping, Sequence


class Merges:
    """A merge table applied by us; without dropout it gives what the library gives."""

    def __init__(self, vocab: Mapping[str, int], merges: Sequence[Sequence[str] | str]) -> None:
        pairs = [tuple(merge.split(" ")) if isinstance(merge, str) else tuple(merge) for merge in merges]
        self._rank = {pair: rank for rank, pair in enumerate(pairs)}
        self._vocab = vocab

    def encode(self, word: str, dropout: float, rng: random.Random) -> list[int]:
        """Ids of one pre-token; at every step each possible merge is skipped with probability `dropout`."""
        pieces = list(word)
        while len(pieces) > 1:
            best, place = None, -1
            for i, pair in enumerate(zip(pieces, pieces[1:], strict=False)):
                rank = self._rank.get(pair)
                if rank is None or (best is not None and rank >= best):
                    continue
                if dropout and rng.random() < dropout:
                    continue
                best, place = rank, i
            if best is None:
                break
            pieces[place : place + 2] = [pieces[place] + pieces[place + 1]]
        return [self._vocab[piece] for piece in pieces]
