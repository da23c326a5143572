"""UTF-8 that some program took for Latin-1 or Windows-1252 and wrote again: "Ã©" for "é", "â€™" for "’"."""

import re
import unicodedata

_BYTE_OF = {chr(byte): byte for byte in range(256)}
for _byte in range(0x80, 0xA0):
    try:
        _BYTE_OF[bytes([_byte]).decode("cp1252")] = _byte
    except UnicodeDecodeError:  # five bytes that Windows-1252 leaves open, and programs take as Latin-1 does
        continue
_NEXT = "".join(re.escape(char) for char, byte in _BYTE_OF.items() if 0x80 <= byte <= 0xBF)
_POSSIBLE = re.compile(f"[\u00c2-\u00f4][{_NEXT}]")
_WESTERN = re.compile(f"[ÂÃ][{_NEXT}]|Å[“\x93¡½¾]|â[{_NEXT}]{{2}}")
_ANY = re.compile(f"[\u00c2-\u00df][{_NEXT}]|[\u00e0-\u00ef][{_NEXT}]{{2}}|[\u00f0-\u00f4][{_NEXT}]{{3}}")
_JAPANESE = {"CJK", "HIRAGANA", "KATAKANA"}
_ENOUGH = 3
"""Letters of one alphabet that a line spells in this way before it is believed: «CAFÉ» spells one by accident."""


def mended(line: str) -> str:
    """The line with such characters read rightly, however often it happened; any other line as it is.

    Western text gives itself away by Â, Ã, Å and â before characters that no word goes on with. Other alphabets do by
    several letters of one of them. Both are only taken for what they seem where the bytes are UTF-8.
    """
    while not line.isascii() and _POSSIBLE.search(line):
        read = (_ANY if _spells(line) else _WESTERN).sub(_read, line)
        if read == line:
            break
        line = read
    return line


def _read(found: re.Match[str]) -> str:
    try:
        return bytes(_BYTE_OF[char] for char in found[0]).decode("utf-8")
    except UnicodeDecodeError:
        return found[0]


def _spells(line: str) -> bool:
    """Whether the bytes of a line hold enough letters of one alphabet that Latin-1 lacks."""
    read = (_read(found) for found in _ANY.finditer(line))
    letters = [char for char in read if len(char) == 1 and char.isalpha() and char > "\u00ff"]
    scripts = {unicodedata.name(char, "").split(" ")[0] for char in letters}
    return len(letters) >= _ENOUGH and (len(scripts) == 1 or scripts <= _JAPANESE)
