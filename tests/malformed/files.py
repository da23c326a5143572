"""Files and corpora that are not what a command needs."""

import gzip
import json
from collections.abc import Iterator

from malformed.case import SENTENCES, Case

EN, DE = ("".join(f"{line}\n" for line in SENTENCES[language]).encode() for language in ("en", "de"))
ROW = {"en": "A dog.", "de": "Ein Hund."}
TRAIN = ("train", "--source", "en", "--target", "de", "--dev", "{bench}/good", "--dry-run", "--device", "cpu")
CHECK = ("data", "check", "--source", "en", "--target", "de")
PAIRS: dict[str, dict[str, bytes]] = {
    "no file at all": {},
    "one side missing": {"c.en": EN},
    "both empty": {"c.en": b"", "c.de": b""},
    "a line too many": {"c.en": EN, "c.de": DE + b"Noch eine.\n"},
    "a line too few": {"c.en": EN + b"Another.\n" * 500, "c.de": DE},
    "one side empty": {"c.en": EN, "c.de": b""},
    "blank lines alone": {"c.en": b"\n\n\n", "c.de": b" \n\t\n\n"},
    "Latin-1": {"c.en": EN, "c.de": DE.decode().encode("latin-1")},
    "UTF-16": {"c.en": EN.decode().encode("utf-16"), "c.de": DE},
    "a stray byte in the last line": {"c.en": EN[:-1] + b"\xff", "c.de": DE},
    "gzip cut short": {"c.en.gz": gzip.compress(EN * 100)[:-9], "c.de": DE * 100},
    "gzip with garbage inside": {"c.en.gz": gzip.compress(EN * 100)[:40] + b"garbage" * 9, "c.de": DE * 100},
    "gzip by name alone": {"c.en.gz": b"\x1f\x8b", "c.de": DE},
    "weights for text": {"c.en": bytes(range(256)) * 20, "c.de": DE},
}
TABLES: dict[str, tuple[str, bytes]] = {
    "tsv with one column": ("c.tsv", b"A dog.\n"),
    "tsv with three columns": ("c.tsv", b"a\tb\nc\td\te\n"),
    "tsv with a blank line": ("c.tsv", b"a\tb\n\n"),
    "empty tsv": ("c.tsv", b""),
    "tsv of a head alone": ("c.tsv", b"en\tde\n"),
    "tsv that is not UTF-8": ("c.tsv", b"a\tb\n\xff\tb\n"),
    "empty jsonl": ("c.jsonl", b""),
    "jsonl of blank lines": ("c.jsonl", b"\n\n"),
    "jsonl cut off": ("c.jsonl", json.dumps(ROW).encode()[:-4]),
    "jsonl of one array": ("c.jsonl", json.dumps([ROW]).encode()),
    "jsonl of numbers": ("c.jsonl", b"1\n2\n"),
    "jsonl of null": ("c.jsonl", b"null\n"),
    "jsonl with a language missing": ("c.jsonl", b'{"en": "a"}\n'),
    "jsonl with a number for a text": ("c.jsonl", b'{"en": "a", "de": 3}\n'),
    "jsonl with a list for a translation": ("c.jsonl", b'{"translation": ["a", "b"]}\n'),
    "jsonl with half a surrogate": ("c.jsonl", b'{"en": "\\ud800", "de": "b"}\n'),
    "jsonl of deep brackets": ("c.jsonl", b"[" * 50_000),
    "jsonl with a number of 5,000 digits": ("c.jsonl", b'{"en": "a", "de": "b", "n": ' + b"9" * 5_000 + b"}"),
    "jsonl with NaN for a text": ("c.jsonl", b'{"en": NaN, "de": "b"}\n'),
    "jsonl.gz that is no gzip": ("c.jsonl.gz", b"\x00\x01\x02"),
}
HELD = {
    "no file at all": "does not exist",
    "both empty": "has no line",
    "a line too many": "line 5 is the first without a partner",
    "a line too few": "line 5 is the first without a partner",
    "one side empty": "line 1 is the first without a partner",
    "Latin-1": "t.de:1 is held out and not UTF-8 (byte 0xe4 at column 11)",
    "a stray byte in the last line": "t.en:4 is held out and not UTF-8",
}
"""What is said of these as test sets."""
NAMED = {
    "grammar:0": "must be a number of pairs",
    "grammar:many": "must be a number of pairs",
    "grammar:-5": "must be a number of pairs",
    "grammar:1.5": "must be a number of pairs",
    "grammar:99999999": "at most 1,000,000 pairs",
    "grammar:" + "9" * 5_000: "at most 1,000,000 pairs",
    "grammar:²": "must be a number of pairs",
    "nowhere/at/all": "neither",
    "": "",
    "c\nd": "neither",
}
PICKLE = b"cos\nsystem\n(S'touch pwned'\ntR."


def cases() -> Iterator[Case]:
    """All of them."""
    for title, files in PAIRS.items():
        blank = title == "blank lines alone"
        yield Case(f"train, {title}", (*TRAIN, "--train", "c"), 3, files, torch=blank)
        yield Case(f"data check, {title}", (*CHECK, "--data", "c"), 3, files)
        given = {name.removesuffix(".gz"): content for name, content in files.items()}
        two = ("--src", "c.en", "--tgt", "c.de")
        if not blank:
            yield Case(f"score, {title}", ("score", "-m", "{bench}/run", *two), 3, given, torch=True)
            yield Case(f"eval, {title}", ("eval", "--hyp", "c.de", "--ref", "c.en"), 3, given)
        if title not in ("a line too many", "a line too few"):
            yield Case(f"data check --fix, {title}", ("data", "check", *two, "--fix", "out"), _fixed(title), given)
    for title, (name, content) in TABLES.items():
        yield Case(f"train, {title}", (*TRAIN, "--train", name), 3, {name: content})
        yield Case(f"data check, {title}", (*CHECK, "--data", name), 3, {name: content})
    for where, says in NAMED.items():
        arguments = (*TRAIN, "--train", where)
        yield Case(f"train --train {where[:20]!r}", arguments, 3, says=says)
    yield from _vocabularies()
    yield from _held_out()


def _held_out() -> Iterator[Case]:
    """Test sets that cannot be compared with anything, and folders where --fix would do harm."""
    good = {"c.en": EN, "c.de": DE}
    check = ("data", "check", "--src", "c.en", "--tgt", "c.de")
    against = (*check, "--test-src", "t.en", "--test-tgt", "t.de")
    for title, says in HELD.items():
        files = {name.replace("c.", "t."): content for name, content in PAIRS[title].items()}
        yield Case(f"held out, {title}", against, 3, {**good, **files}, says=says)
    held = {"out/c.en": EN, "out/c.de": DE}
    over = (*check, "--test-src", "out/c.en", "--test-tgt", "out/c.de", "--fix", "out")
    yield Case("--fix over a test set", over, 2, {**good, **held}, says="is read and would be written")
    yield Case("--fix over other text", (*check, "--fix", "out"), 2, {**good, **held}, says="not written by --fix")
    named = ("data", "check", "--src", "log.jsonl", "--tgt", "c.de", "--fix", "out")
    yield Case("--fix of a log", named, 2, {"log.jsonl": EN, "c.de": DE}, says="give it another name")


def _fixed(title: str) -> int:
    """What a --fix can put right: bytes that are not UTF-8 on some lines of an otherwise parallel text."""
    return 0 if title in ("Latin-1", "a stray byte in the last line") else 3


def _vocabularies() -> Iterator[Case]:
    train = ("tokenizer", "train")
    sizes = ("--vocab-size", "300", "-o", "t.json")
    text = {"text": EN}
    yield Case("a vocabulary of nothing", (*train, "/dev/null", *sizes), 3, says="no text")
    yield Case("a vocabulary of blank lines", (*train, "text", *sizes), 3, {"text": b"\n \n"}, says="no text")
    yield Case("a vocabulary of a folder", (*train, ".", *sizes), 3)
    yield Case("a vocabulary of a pickle", (*train, "text", *sizes), 0, {"text": PICKLE})
    yield Case("a vocabulary of bytes", (*train, "text", *sizes), 3, {"text": b"\x80\x81"})
    yield Case("a vocabulary too small", (*train, "text", "--vocab-size", "5", "-o", "t.json"), 2, text)
    yield Case("a vocabulary of -1", (*train, "text", "--vocab-size", "-1", "-o", "t.json"), 2, text)
    yield Case("a vocabulary of 10**9", (*train, "text", "--vocab-size", "1000000000", "-o", "t.json"), 2, text)
    yield Case("a vocabulary into no folder", (*train, "text", "--vocab-size", "300", "-o", "no/t.json"), 2, text)
    yield Case("a vocabulary into a folder", (*train, "text", "--vocab-size", "300", "-o", "."), 2, text)
