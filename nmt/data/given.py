"""Tokens as somebody gave them, the text a model reads for them, and which piece belongs to which token.

Links are between the tokens of a line: what stands between white space. A tokenized corpus ("do not go , Mr. X 's") has
tokens that no model has seen with spaces around them; `joined` puts such a line together as text is written and keeps
for every character the token it came from.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

Span = tuple[int, int]
"""Where a piece begins in a text, and where it ends."""

_NO_SPACE_BEFORE = {",", ".", ";", ":", "?", "!", ")", "]", "}", "»", "”", "…", "...", "'", "’"}
_NO_SPACE_AFTER = {"(", "[", "{", "«", "“", "¿", "¡"}
_CURRENCIES = {"$", "£", "€"}
_CLITIC = re.compile(r"['’](?:s|re|ve|ll|d|m|t)|n['’]t", re.IGNORECASE)
_ELIDED = re.compile(r"(?:le|la|je|me|te|se|ce|de|ne|que|jusque|lorsque|puisque|quoique)", re.IGNORECASE)
_VOWEL = re.compile(r"[aeiouàâæéèêëîïôœùûü]|y(?![aeiouéè])|h", re.IGNORECASE)
_SPOKEN = re.compile(  # words before which nothing is elided, most with an aspirated h
    r"onz|oui$|h(?:a(?:[iïuy]|ch|ll|lt|mac|meau|nch|nd|ng|nt|rc|rd|reng|ric|rn|rp|sard)|âte|ér(?:os$|iss)|eurt|id|iér|iss"
    r"|o(?:ch|ckey|ll|mard|ng|nt|rs|ul|us)|uit|url)",
    re.IGNORECASE,
)
_CONTRACTED = {("de", "le"): "du", ("de", "les"): "des", ("à", "le"): "au", ("à", "les"): "aux"}
_INFINITIVE = re.compile(r"\w+(?:er|ir|re)")


@dataclass(frozen=True)
class Given:
    """A line of given tokens, and the text that a model reads for them."""

    tokens: tuple[str, ...]
    text: str
    owners: tuple[int | None, ...]
    """The number of the token that each character of the text came from; None for a space between tokens."""

    def membership(self, spans: Sequence[Span]) -> NDArray[np.float64]:
        """(tokens, pieces), 1 where a piece, given by its place in the text, has a character of a token.

        A piece that is a space alone is of the token right behind it, as the space of "▁token" is.
        """
        matrix = np.zeros((len(self.tokens), len(spans)))
        for piece, (start, end) in enumerate(spans):
            alone = self.text[start:end].isspace()
            for owner in self.owners[end : end + 1] if alone else self.owners[start:end]:
                if owner is not None:
                    matrix[owner, piece] = 1.0
        return matrix


def as_it_is(line: str) -> Given:
    """The line itself, its tokens what stands between white space."""
    tokens = line.split()
    owners: list[int | None] = []
    for number, token in enumerate(tokens):
        start = line.index(token, len(owners))
        owners += [None] * (start - len(owners)) + [number] * len(token)
    return Given(tuple(tokens), line, tuple(owners + [None] * (len(line) - len(owners))))


def joined(lines: Sequence[str], language: str) -> list[Given]:
    """Tokenized lines put together as text is written.

    No space before a mark that closes or after one that opens, none around a hyphen between words, none before 's
    and the like. French also gets back its elisions ("le heure" is l'heure) and its contractions ("de les" is des),
    whose piece belongs to both tokens. Where a text has capitals inside its lines, those that its beginnings lost are
    put back. Which of two readings a token had cannot always be known: "de le" is du even where le was a pronoun.
    """
    cased = any(character.isupper() for line in lines for word in line.split()[1:] for character in word)
    return [_Joiner(tuple(line.split()), language).run(capital=cased) for line in lines]


class _Joiner:
    """One line, token by token."""

    def __init__(self, tokens: tuple[str, ...], language: str) -> None:
        self.tokens, self.french, self.english = tokens, language == "fr", language == "en"
        self.text: list[str] = []
        self.owners: list[int | None] = []
        self.glued = True  # nothing stands before the first token
        self.quoted = False

    def run(self, capital: bool) -> Given:
        number = 0
        while number < len(self.tokens):
            number += self._take(number)
        first = next((place for place, character in enumerate(self.text) if character.isalnum()), None)
        if capital and first is not None and len(upper := self.text[first].upper()) == 1:
            self.text[first] = upper
        return Given(self.tokens, "".join(self.text), tuple(self.owners))

    def _take(self, number: int) -> int:
        """Writes the token of this number, with the next one where both have become one word -> how many."""
        token = self.tokens[number]
        before, after, later = (self._at(number + step) for step in (-1, 1, 2))
        if self.french and (whole := _contraction(token, after, later)):
            self._write(whole[0], number)
            self.glued = True
            self._write(whole[1:], number + 1)
            return 2
        if token == '"':
            self._write(token, number, glued=self.quoted)
            self.quoted = not self.quoted
            self.glued = self.quoted
        elif token == "-" and before[-1:].isalnum() and after[:1].isalnum():
            self._write(token, number, glued=True)
            self.glued = True
        elif self.french and before != "-" and _elides(token, after):
            self._write(token[:-1] + "'", number)
            self.glued = True
        else:
            clitic = self.english and _CLITIC.fullmatch(token) is not None
            self._write(token, number, glued=token in _NO_SPACE_BEFORE or clitic or (token == "%" and self.english))
            self.glued = token in _NO_SPACE_AFTER or (token in _CURRENCIES and after[:1].isdigit() and self.english)
            self.glued |= self.french and len(token) > 1 and token[-1] in "'’"
        return 1

    def _at(self, number: int) -> str:
        return self.tokens[number] if 0 <= number < len(self.tokens) else ""

    def _write(self, text: str, number: int, glued: bool = False) -> None:
        if not (glued or self.glued):
            self.text.append(" ")
            self.owners.append(None)
        self.text += text
        self.owners += [number] * len(text)
        self.glued = False


def _elides(token: str, after: str) -> bool:
    """Whether a French word loses its last letter before the next one."""
    if token.lower() == "si":
        return after.lower() in ("il", "ils")
    if not _ELIDED.fullmatch(token) and not (token.lower() == "quelque" and after.lower() in ("un", "une")):
        return False
    return bool(_VOWEL.match(after)) and not _SPOKEN.match(after)


def _contraction(token: str, after: str, later: str) -> str | None:
    """What a French preposition and article are together; les before an infinitive is a pronoun and no article."""
    whole = _CONTRACTED.get((token.lower(), after))
    if whole is None or _elides(after, later) or (after == "les" and _INFINITIVE.fullmatch(later)):
        return None
    return whole if token[0].islower() else whole.capitalize()
