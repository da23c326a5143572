"""What is known of the test sentences: labels of the phenomena in them, and words with their wrong variants."""

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Literal, TypeGuard

from nmt.data.corpus import Split
from nmt.data.lines import read_lines
from nmt.errors import DataError

Side = Literal["de", "en"]


@dataclass(frozen=True, slots=True)
class Contrast:
    """A word of a sentence and the variants of it that are wrong there, whatever else may be right.

    `index` counts the words of the sentence between spaces; `word` is the one there without its punctuation.
    `distance` is how many words further on or back the word stands that decides, where it is one word.
    """

    phenomenon: str
    side: Side
    index: int
    word: str
    variants: tuple[str, ...]
    distance: int | None = None

    def fits(self, sentence: str) -> bool:
        """Whether the sentence has this word in its place."""
        words = sentence.split(" ")
        return self.index < len(words) and bare(words[self.index]) == self.word

    def replaced(self, sentence: str, variant: str) -> str:
        """The sentence with a variant for this word; all else stays, also the punctuation after it.

        Raises ValueError where the sentence has another word there.
        """
        if not self.fits(sentence):
            raise ValueError(f"word {self.index} of {sentence!r} is not {self.word!r}")
        words = sentence.split(" ")
        words[self.index] = variant + words[self.index][len(self.word) :]
        return " ".join(words)


@dataclass(frozen=True, slots=True)
class Labelled:
    """The phenomena in a sentence pair, and the contrasts on either side of it."""

    labels: tuple[str, ...]
    contrasts: tuple[Contrast, ...]


def bare(token: str) -> str:
    """A token without the punctuation after it."""
    return token.rstrip(".,;:?!")


def to_json(line: int, labelled: Labelled) -> str:
    """A line of a file of labels; `line` counts from one."""
    return json.dumps({"line": line} | asdict(labelled), ensure_ascii=False, separators=(",", ":"))


def load(where: str, split: Split) -> list[Labelled] | None:
    """Labels and contrasts of every line of a corpus; None where there are none.

    `where` is "grammar" (or "grammar:100": of the first so many), or a prefix: then they are in PREFIX.labels.jsonl,
    an object a line as `nmt data make grammar` writes them. Only dev and test of the grammar have contrasts. Raises
    DataError that names file and line for what is malformed.
    """
    kind, _, size = where.partition(":")
    if kind == "grammar":
        from nmt.data.grammar import sample

        if size and not (size.isascii() and size.isdigit() and int(size) > 0):
            raise DataError(f"{where}: what follows the colon must be a number of pairs, as in grammar:100")
        try:
            examples = sample(split, int(size) if size else None)
        except ValueError as error:
            raise DataError(f"{where}: {error}") from None
        return [Labelled(example.labels, example.contrasts) for example in examples]
    path = Path(f"{where}.labels.jsonl")
    if not path.exists():
        return None
    return [_labelled(f"{path}:{number}", number, line) for number, line in enumerate(read_lines(path), start=1)]


def _labelled(place: str, number: int, line: str) -> Labelled:
    try:
        row = json.loads(line)
    except (ValueError, RecursionError) as error:
        raise DataError(f"{place}: not JSON ({error}); a line is one object") from None
    if not isinstance(row, dict):
        raise DataError(f"{place}: not an object; a line has the keys line, labels and contrasts")
    if row.get("line") != number:
        raise DataError(f'{place}: "line" is {row.get("line")!r}, not {number}; there is one object for every sentence')
    labels = row.get("labels")
    if not _strings(labels):
        raise DataError(f'{place}: "labels" is {_short(labels)}, not a list of texts')
    contrasts = row.get("contrasts", [])
    if not isinstance(contrasts, list):
        raise DataError(f'{place}: "contrasts" is {_short(contrasts)}, not a list')
    return Labelled(tuple(labels), tuple(_contrast(place, contrast) for contrast in contrasts))


def _contrast(place: str, row: Any) -> Contrast:
    """One contrast of a file; every field has its type, and no variant is the word."""
    if not isinstance(row, dict):
        raise DataError(f"{place}: a contrast is {_short(row)}, not an object")
    checks: Mapping[str, bool] = {
        "phenomenon": isinstance(row.get("phenomenon"), str),
        "side": row.get("side") in ("de", "en"),
        "index": type(row.get("index")) is int and row["index"] >= 0,
        "word": isinstance(row.get("word"), str) and bool(row["word"]),
        "variants": _strings(row.get("variants")) and bool(row["variants"]) and row.get("word") not in row["variants"],
        "distance": row.get("distance") is None or (type(row["distance"]) is int and row["distance"] > 0),
    }
    for field, right in checks.items():
        if not right:
            raise DataError(f'{place}: "{field}" of a contrast is {_short(row.get(field))}; {FIELDS[field]}')
    return Contrast(**{field: row.get(field) for field in checks} | {"variants": tuple(row["variants"])})


FIELDS = {
    "phenomenon": "it must be a text",
    "side": 'it must be "de" or "en"',
    "index": "it must be a number of a word, from 0",
    "word": "it must be a text that is not empty",
    "variants": "it must be a list of texts, at least one and none of them the word itself",
    "distance": "it must be a number of words, from 1, or null",
}


def _strings(value: Any) -> TypeGuard[list[str]]:
    return isinstance(value, list) and all(isinstance(one, str) for one in value)


def _short(value: Any) -> str:
    text = json.dumps(value, ensure_ascii=False)
    return text if len(text) <= 40 else text[:37] + "..."
