"""Links between words as links between pieces, for a training in which they teach an attention map."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray

from nmt.data.corpus import Corpus
from nmt.data.given import Given, Span, as_it_is
from nmt.data.links import Links
from nmt.data.tokenizer import TokenizerPair

Steps = NDArray[np.int32]
"""(M, 2): decoder step and source piece of each link of one pair."""


class Guides:
    """The links of many pairs end to end: `guides[row]` are those of one."""

    def __init__(self, rows: Sequence[Steps]) -> None:
        self.ends = np.cumsum([len(row) for row in rows])
        self.steps: Steps = np.concatenate([*rows, np.zeros((0, 2), np.int32)])

    def __getitem__(self, row: int) -> Steps:
        return self.steps[self.ends[row - 1] if row else 0 : self.ends[row]]


def piece_links(
    links: Sequence[Links], corpus: Corpus, lines: NDArray[np.int64], tokenizer: TokenizerPair, shift: bool
) -> Guides:
    """Guides of these lines of a corpus, by the links of all of them between its tokens.

    A piece of a linked word is linked to the pieces of its partner that are like it: letters to letters, punctuation
    to punctuation ("signed." and "signé," link sign and sign, and not the marks). A piece without its like is linked to
    all of them where its word has nothing else, or else to none; a space alone is linked to none. With `shift` a step
    is the one that reads the piece.
    """
    texts = [[side[line] for line in lines] for side in (corpus.src, corpus.tgt)]
    spans = [side.spans(text) for side, text in zip((tokenizer.source, tokenizer.target), texts, strict=True)]
    rows = []
    for line, src_text, tgt_text, of_src, of_tgt in zip(lines, *texts, *spans, strict=True):
        pairs = _of_pair(links[line], _pieces(as_it_is(src_text), of_src), _pieces(as_it_is(tgt_text), of_tgt))
        rows.append(np.array([(t + shift, s) for t, s in pairs], dtype=np.int32).reshape(-1, 2))
    return Guides(rows)


Word = tuple[list[int], list[int]]
"""Pieces of a word that have letters or digits, and pieces of punctuation alone."""


def _pieces(given: Given, spans: Sequence[Span]) -> list[Word]:
    words: list[Word] = [([], []) for _ in given.tokens]
    for piece, (start, end) in enumerate(spans):
        mark = not any(character.isalnum() for character in given.text[start:end])
        for owner in {owner for owner in given.owners[start:end] if owner is not None}:
            words[owner][mark].append(piece)
    return words


def _of_pair(links: Links, src: Sequence[Word], tgt: Sequence[Word]) -> list[tuple[int, int]]:
    """(target piece, source piece), sorted, for the links of one pair."""
    found = set()
    for i, j in links:
        both = [*src[i][0], *src[i][1]]
        for mark in (0, 1):
            alone = not tgt[j][1 - mark]
            like = src[i][mark] or (both if alone else [])
            found |= {(t, s) for t in tgt[j][mark] for s in like}
    return sorted(found)
