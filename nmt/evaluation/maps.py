"""Attention as a picture needs it: words on both axes."""

import re
import unicodedata
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from nmt.data.tokenizer import Tokenizer
from nmt.tokens import UNK
from nmt.translator import Translator

BYTES = re.compile("(<0x[0-9A-F]{2}>)+")
APOSTROPHES = ("'", "’")
END, UNKNOWN = "</s>", "<unk>"


@dataclass(frozen=True)
class WordMaps:
    """Where a system looked while it wrote a translation."""

    src: list[str]
    tgt: list[str]
    """Words, the sentence's end last."""
    maps: NDArray[np.float64]
    """(A, target words, source words): a word's pieces summed on the source side, averaged on the target side."""

    @property
    def mean(self) -> NDArray[np.float64]:
        """(target words, source words), over all maps."""
        mean: NDArray[np.float64] = self.maps.mean(0)
        return mean


def attention(
    translator: Translator, source: str, tokens: Sequence[int], *, copy_unknown: bool = False
) -> WordMaps | None:
    """The maps of a finished translation, from one force-decoding; None for a model that has no attention.

    With `copy_unknown`, an unknown word that was written shows as the source word it was copied from.
    """
    maps = translator.attention(source, tokens)
    return None if maps is None else _of_words(translator, source, tokens, maps, copy_unknown)


def given(translator: Translator, source: str, target: str) -> WordMaps:
    """The maps of a translation that somebody else made; of Model 1 where it thinks each word comes from.

    Raises ValueError for a model that has no attention.
    """
    tokens = translator.tokenizer.target.encode([target])[0]
    maps = next(translator.alignments([source], [target], lambda every: every))
    return _of_words(translator, source, tokens, maps, copy_unknown=False)


def _of_words(translator: Translator, source: str, tokens: Sequence[int], maps: Tensor, copy_unknown: bool) -> WordMaps:
    """Of maps (A, T + 1, S + 1) of pieces."""
    weights = maps.double().cpu().numpy()
    of_source = _source_pieces(translator.tokenizer.source, source)[: maps.size(-1) - 1]
    of_target = translator.tokenizer.target.pieces(tokens)
    if copy_unknown:
        looked = weights.mean(0)[:, :-1].argmax(-1)
        of_target = [
            of_source[looked[place]] if token == UNK else piece
            for place, (token, piece) in enumerate(zip(tokens, of_target, strict=True))
        ]
    src, src_words = grouped(of_source)
    tgt, tgt_words = grouped(of_target)
    in_src, in_tgt = _membership(src_words), _membership(tgt_words)
    averaged = (in_tgt / in_tgt.sum(1, keepdims=True)) @ weights
    return WordMaps(src, tgt, averaged @ in_src.T)


def grouped(pieces: Sequence[str]) -> tuple[list[str], list[int]]:
    """The words of these pieces and the sentence's end, and for each piece the number of its word.

    A word begins at a space, and at punctuation after a word; punctuation between letters stays inside: hang-up, 1,000.
    Behind an apostrophe a word begins, and the word before keeps the apostrophe: l' and accord.
    """
    words: list[str] = []
    places: list[int] = []
    shown = [*_shown(pieces), ("", 0)]
    for (text, count), (following, _) in pairwise(shown):
        last = words[-1] if words else ""
        after_word = last == UNKNOWN or _is_letter(last[-1:])
        after_elided = last.endswith(APOSTROPHES) and _is_letter(last[-2:-1])
        inside = _is_letter(following[:1]) and not any(map(_is_letter, text))
        begins = after_elided if _is_letter(text[0]) else after_word and not inside
        if not words or text.startswith(("▁", UNKNOWN)) or begins:
            words.append("")
        words[-1] += text.replace("▁", "")
        places += [len(words) - 1] * count
    return [*words, END], [*places, len(words)]


def _shown(pieces: Sequence[str]) -> Iterator[tuple[str, int]]:
    """What can be read of the pieces, and of how many: the bytes of a character are one, U+FFFD if it is invisible."""
    runs: list[list[str]] = []
    for piece in pieces:
        if runs and not piece.startswith("<0x20>") and all(map(BYTES.fullmatch, (runs[-1][-1], piece))):
            runs[-1].append(piece)
        else:
            runs.append([piece])
    for run in runs:
        text = BYTES.sub(
            lambda found: bytes.fromhex(found[0].replace("<0x", "").replace(">", "")).decode(errors="replace"),
            "".join(run),
        ).replace(" ", "▁")
        yield "".join(letter if letter.isprintable() else "\N{REPLACEMENT CHARACTER}" for letter in text), len(run)


def _is_letter(character: str) -> bool:
    """Or a mark on one, or a digit."""
    return bool(character) and unicodedata.category(character)[0] in "LMN"


def _source_pieces(tokenizer: Tokenizer, source: str) -> list[str]:
    """A whole word that no vocabulary knows is still there to be read."""
    if tokenizer.level == "word":
        return [surface.replace(" ", "▁") for surface in tokenizer.surfaces(source)]
    return tokenizer.pieces(tokenizer.encode([source])[0])


def _membership(places: Sequence[int]) -> NDArray[np.float64]:
    """(words, pieces), 1 where a piece belongs to a word."""
    matrix = np.zeros((places[-1] + 1, len(places)))
    matrix[places, np.arange(len(places))] = 1.0
    return matrix
