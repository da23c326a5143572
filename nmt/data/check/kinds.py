"""What can be the matter with parallel text: one row for each kind of finding, in the order of the table."""

from dataclasses import dataclass
from typing import Literal

Fate = Literal["refused", "removed", "repaired", "reported"]
"""What becomes of such a pair: `nmt train` refuses the text; --fix takes it out, mends it, or leaves it as it is."""


@dataclass(frozen=True)
class Kind:
    """One kind of finding."""

    name: str
    title: str
    fate: Fate
    advice: str
    """What to do about it."""
    sided: bool = True
    """Whether it is one side's, and not the pair's."""


KINDS: tuple[Kind, ...] = (
    Kind(
        "unparallel",
        "lines without a partner",
        "refused",
        "mend the files: line i of one must translate line i",
        sided=False,
    ),
    Kind(
        "undecodable",
        "not UTF-8",
        "refused",
        "convert the file, e.g. iconv -f WINDOWS-1252 (or UTF-16) -t UTF-8",
    ),
    Kind("no-text", "no sentence pair at all", "refused", "name files with text in them", sided=False),
    Kind("empty", "an empty side", "removed", "training leaves it out"),
    Kind(
        "out-of-step",
        "runs out of step",
        "removed",
        "lines were lost or added on one side: align the text anew",
        sided=False,
    ),
    Kind(
        "identical",
        "source and target identical",
        "removed",
        "it teaches copying: take untranslated lines out",
        sided=False,
    ),
    Kind("wordless", "letters on one side alone", "removed", "nothing to learn from: take it out", sided=False),
    Kind("long", "very long", "removed", "split it into sentences, or leave it to data.max_tokens"),
    Kind(
        "ratio",
        "lengths that do not fit",
        "removed",
        "a part is missing, or it is no translation: take it out",
        sided=False,
    ),
    Kind("script", "another script than its side's", "removed", "wrong language or wrong column: take it out"),
    Kind("other-language", "the other side's language", "removed", "untranslated or swapped: take it out"),
    Kind("strange", "like neither side's language", "removed", "look: a third language, or no language at all"),
    Kind("broken", "characters lost for good (U+FFFD)", "removed", "obtain the text anew with the right encoding"),
    Kind("duplicate", "the same pair again", "removed", "keep one, unless the repetition is meant", sided=False),
    Kind(
        "leak",
        "held-out pair in the text",
        "removed",
        "take it out, or scores on the test set say too much",
        sided=False,
    ),
    Kind(
        "leak-source",
        "held-out source sentence",
        "removed",
        "take it out, unless it is a phrase that all text has",
        sided=False,
    ),
    Kind(
        "leak-target",
        "held-out target sentence",
        "removed",
        "take it out, unless it is a phrase that all text has",
        sided=False,
    ),
    Kind("bom", "byte order mark", "repaired", "take it away"),
    Kind("carriage-return", "carriage return", "repaired", "use line feeds alone to end lines"),
    Kind("line-separator", "U+2028, U+2029 or U+0085", "repaired", "make it a space: some programs end lines there"),
    Kind("control", "control character", "repaired", "make it a space"),
    Kind("invisible", "invisible character", "repaired", "take it away: words with it are other words"),
    Kind("mojibake", "UTF-8 read as Windows-1252", "repaired", "mend the encoding where the text comes from"),
    Kind("not-nfc", "Unicode not in NFC", "repaired", "normalise: é written in two ways is two letters"),
    Kind(
        "many-targets", "source with several targets", "reported", "fine, unless it is often the same text", sided=False
    ),
    Kind(
        "many-sources", "target with several sources", "reported", "fine, unless it is often the same text", sided=False
    ),
    Kind("html", "HTML tag or entity", "reported", "unescape it where the text comes from"),
    Kind("bidi", "mark of writing direction", "reported", "needed in Arabic and Hebrew, not elsewhere"),
    Kind("no-break-space", "no-break space", "reported", "fine, if test text has it too"),
    Kind(
        "numbers", "numbers that differ", "reported", "look: numbers may be in words, or a part is missing", sided=False
    ),
)
BY_NAME = {kind.name: kind for kind in KINDS}
BIT = {kind.name: 1 << place for place, kind in enumerate(KINDS)}
"""Each kind's bit in the flags of a line."""


def bits(*fates: Fate) -> int:
    """The bits of all kinds with one of these fates."""
    return sum(BIT[kind.name] for kind in KINDS if kind.fate in fates)


def names(flags: int) -> list[str]:
    """The kinds whose bits are set, in the order of the table."""
    return [kind.name for kind in KINDS if flags & BIT[kind.name]]
