"""Characters that do not belong in a line of text, found and, where that is safe, mended."""

import html
import re
import unicodedata
from collections.abc import Callable
from dataclasses import dataclass

from nmt.data.check.kinds import BIT
from nmt.data.check.mojibake import mended

_CONTROL = "\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x84\x86-\x9f"
_SEPARATORS = "\u2028\u2029\x85"
_INVISIBLE = "\u00ad\u200b\u2060\ufeff"
_BIDI = "\u200e\u200f\u061c\u202a-\u202e\u2066-\u2069"
_NO_BREAK = "\u00a0\u202f"
_ODD = re.compile(f"[{_CONTROL}\r{_SEPARATORS}{_INVISIBLE}{_BIDI}{_NO_BREAK}\ufffd&<]")
"""Any character that a mark below needs: most lines have none, and are done after one search."""
_ENTITY = re.compile(r"&(?:#\d{1,7}|#[xX][0-9a-fA-F]{1,6}|[A-Za-z][A-Za-z0-9]{1,30});")
_TAG = re.compile(r"</?[A-Za-z][A-Za-z0-9]*(?:\s[^<>]*)?/?>")


@dataclass(frozen=True)
class Mark:
    """One kind of character: whether a line has it, and the line without it where it can be mended."""

    kind: str
    found: Callable[[str], object]
    mend: Callable[[str], str] | None = None


def _any_of(characters: str) -> Callable[[str], object]:
    return re.compile(f"[{characters}]").search


def _spaced(characters: str) -> Callable[[str], str]:
    pattern = re.compile(f" ?[{characters}]+ ?")
    return lambda line: pattern.sub(" ", line).strip(" ")


def _without(characters: str) -> Callable[[str], str]:
    pattern = re.compile(f"[{characters}]")
    return lambda line: pattern.sub("", line)


def _has_html(line: str) -> bool:
    entity = any(html.unescape(found[0]) != found[0] for found in _ENTITY.finditer(line))
    return entity or _TAG.search(line) is not None


ODD: tuple[Mark, ...] = (
    Mark("bom", lambda line: line.startswith("\ufeff"), lambda line: line.removeprefix("\ufeff")),
    Mark("carriage-return", _any_of("\r"), _spaced("\r")),
    Mark("line-separator", _any_of(_SEPARATORS), _spaced(_SEPARATORS)),
    Mark("control", _any_of(_CONTROL), _spaced(_CONTROL)),
    Mark("invisible", lambda line: re.search(f"[{_INVISIBLE}]", line.removeprefix("\ufeff")), _without(_INVISIBLE)),
    Mark("broken", _any_of("\ufffd")),
    Mark("html", _has_html),
    Mark("bidi", _any_of(_BIDI)),
    Mark("no-break-space", _any_of(_NO_BREAK)),
)
"""Marks of which `_ODD` has a character. A tab is none of them: many texts have it, and it harms nothing."""
BEYOND_ASCII: tuple[Mark, ...] = (
    Mark("mojibake", lambda line: mended(line) != line, mended),
    Mark("broken", lambda line: "ï¿½" in line),  # U+FFFD itself, read as Windows-1252
    Mark(
        "not-nfc",
        lambda line: not unicodedata.is_normalized("NFC", line),
        lambda line: unicodedata.normalize("NFC", line),
    ),
)


def marks(line: str) -> int:
    """The bits of the kinds of characters that a line has."""
    found = 0
    if _ODD.search(line):
        found |= sum(BIT[mark.kind] for mark in ODD if mark.found(line))
    if not line.isascii():
        found |= sum(BIT[mark.kind] for mark in BEYOND_ASCII if mark.found(line))
    return found


def repaired(line: str, kinds: int) -> str:
    """The line without any mark whose bit is set and that can be mended.

    Mojibake first: the bytes it is made of look like control characters and separators. It may spell such ones too, and
    so the line is looked at until there is nothing left.
    """
    mending = [mark for mark in (*BEYOND_ASCII, *ODD) if mark.mend is not None and kinds & BIT[mark.kind]]
    while found := [mark.mend for mark in mending if mark.found(line)]:
        for mend in found:
            assert mend is not None
            line = mend(line)
    return line
