"""Which script a line is written in, by the names that Unicode gives its letters."""

import unicodedata
from collections import Counter
from functools import cache

SIDE_SHARE = 0.05
"""A script with this share of a side's letters belongs to it: Japanese has three."""
_WIDTHS = {"FULLWIDTH", "HALFWIDTH", "MODIFIER", "SUPERSCRIPT", "SUBSCRIPT", "MATHEMATICAL"}


@cache
def script_of(char: str) -> str:
    """LATIN, CYRILLIC, CJK, HIRAGANA and so on of a letter; nothing for any other character."""
    if not char.isalpha():
        return ""
    words = unicodedata.name(char, "").split(" ")
    return words[1] if words[0] in _WIDTHS and len(words) > 1 else words[0]


class Scripts:
    """The scripts of one side: the letters of each, and each line's own."""

    def __init__(self) -> None:
        self.letters: Counter[str] = Counter()
        self._numbers: dict[str, int] = {"": 0}

    def add(self, line: str) -> int:
        """Counts a line -> the number of the script of most of its letters, 0 where it has none."""
        if line.isascii() or max(line) < "\u02b0":  # Latin and nothing else, as most lines of most texts
            found = Counter(LATIN=len(line)) if any(map(str.isalpha, line)) else Counter()
        else:
            found = Counter(script for script in map(script_of, line) if script)
        self.letters.update(found)
        best = max(found, key=lambda script: (found[script], script), default="")
        return self._numbers.setdefault(best, len(self._numbers))

    def foreign(self) -> list[int]:
        """The numbers of scripts that do not belong to the side."""
        least = SIDE_SHARE * self.letters.total()
        return [number for script, number in self._numbers.items() if script and self.letters[script] < least]
