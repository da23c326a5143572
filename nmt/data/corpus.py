"""Parallel text from wherever it lies: the embedded grammar, two files, TSV, JSONL, or a `datasets` hub id."""

import json
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

from nmt.data.lines import read_lines
from nmt.errors import DataError

MOST_GRAMMAR = 1_000_000
"""Pairs of the embedded corpus; a million take minutes to draw."""
Split = Literal["train", "dev", "test"]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Sentence pairs: line i of `src` is translated by line i of `tgt`."""

    name: str
    """What the user called it, for messages."""
    src: list[str]
    tgt: list[str]

    def __len__(self) -> int:
        return len(self.src)


def load(where: str, source: str, target: str, split: Split = "train") -> Corpus:
    """The parallel text at `where`, checked.

    `where` is "grammar" (or "grammar:6000": the first so many pairs), "hub:NAME" or "hub:NAME:CONFIG", a
    folder in the hub's layout, a .tsv or .jsonl file (source first, or as a first line of the two languages
    says; or keyed by language, also under "translation"), or a prefix to which "." and a language are added.
    Each file may be gzipped. A line break
    inside a JSON or hub text becomes a space, since a line is a sentence. Raises DataError for text that is
    missing, empty, not UTF-8 or not parallel.
    """
    kind, _, rest = where.partition(":")
    if kind == "grammar":
        corpus = _grammar(where, rest, source, target, split)
    elif kind == "hub":
        corpus = _hub(where, rest, source, target, split)
    elif Path(where).is_dir() and not any(_paths(where, source)):
        corpus = _hub(where, where, source, target, split)
    else:
        plain = where.removesuffix(".gz")
        reader: Callable[[str, str, str], Corpus] = _prefix
        if plain.endswith(".tsv"):
            reader = _tsv
        elif plain.endswith(".jsonl"):
            reader = _jsonl
        corpus = reader(where, source, target)
    if not len(corpus):
        raise DataError(f"{where} is empty; it must hold at least one sentence pair")
    return corpus


def count(where: str, source: str, target: str) -> int:
    """How many training pairs `load` would give; the embedded corpus is not written for that."""
    kind, _, size = where.partition(":")
    if kind != "grammar":
        return len(load(where, source, target))
    from nmt.data.grammar import SIZES

    return int(size) if size.isdecimal() and len(size) <= len(str(MOST_GRAMMAR)) else SIZES["train"]


def files(where: str, source: str, target: str) -> tuple[Path, Path] | None:
    """The two files that `load` would read; None for text that is not in a file for each language."""
    kind = where.partition(":")[0]
    if kind in ("grammar", "hub") or where.removesuffix(".gz").endswith((".tsv", ".jsonl")):
        return None
    if Path(where).is_dir() and not _paths(where, source):
        return None
    return _suffixed(where, source), _suffixed(where, target)


def read_parallel(src_path: Path, tgt_path: Path, name: str | None = None) -> Corpus:
    """Two files of as many lines each; raises DataError that names the first line without a partner."""
    src, tgt = read_lines(src_path), read_lines(tgt_path)
    if len(src) != len(tgt):
        raise DataError(
            f"{src_path} has {len(src):,} lines and {tgt_path} has {len(tgt):,}; "
            f"line {min(len(src), len(tgt)) + 1:,} is the first without a partner"
        )
    return Corpus(name or str(src_path), src, tgt)


def _grammar(where: str, size: str, source: str, target: str, split: Split) -> Corpus:
    from nmt.data.grammar import sample

    if {source, target} != {"de", "en"}:
        raise DataError(f"the embedded corpus is German and English; it has no {source}-{target}")
    if size and not (size.isascii() and size.isdecimal() and size.strip("0")):
        raise DataError(f"{where}: what follows the colon must be a number of pairs, as in grammar:6000")
    if len(size) > len(str(MOST_GRAMMAR)) or int(size or 1) > MOST_GRAMMAR:
        raise DataError(f"{where[:40]}: the grammar is drawn anew each time; ask for at most {MOST_GRAMMAR:,} pairs")
    try:
        examples = sample(split, int(size) if size else None)
    except ValueError as error:
        raise DataError(f"{where}: {error}") from None
    sides = {"de": [example.de for example in examples], "en": [example.en for example in examples]}
    return Corpus(where, sides[source], sides[target])


def _prefix(prefix: str, source: str, target: str) -> Corpus:
    paths = [_suffixed(prefix, language) for language in (source, target)]
    return read_parallel(paths[0], paths[1], prefix)


def _suffixed(prefix: str, language: str) -> Path:
    if found := _paths(prefix, language):
        return found[0]
    plain, packed = Path(f"{prefix}.{language}"), Path(f"{prefix}.{language}.gz")
    raise DataError(
        f"neither {plain} nor {packed} exists; a corpus is a prefix with a file for each language, a .tsv or .jsonl "
        "file, hub:NAME or grammar (`sh data/multi30k.sh` fetches Multi30k, data/README.md names others)"
    )


def _paths(prefix: str, language: str) -> list[Path]:
    return [path for path in (Path(f"{prefix}.{language}"), Path(f"{prefix}.{language}.gz")) if path.exists()]


def _tsv(where: str, source: str, target: str) -> Corpus:
    src, tgt = [], []
    lines = read_lines(Path(where))
    header = lines[0].split("\t") if lines else []
    named = sorted(header) == sorted((source, target))
    for number, line in enumerate(lines[named:], start=1 + named):
        columns = line.split("\t")
        if len(columns) != 2:
            raise DataError(f"{where}:{number}: {len(columns)} columns; a line is source, one tab, target")
        src.append(columns[0])
        tgt.append(columns[1])
    return Corpus(where, tgt, src) if named and header[0] == target else Corpus(where, src, tgt)


def _jsonl(where: str, source: str, target: str) -> Corpus:
    rows = []
    for number, line in enumerate(read_lines(Path(where)), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:  # ValueError also for an integer of thousands of digits
            raise DataError(f"{where}:{number}: not JSON ({error}); a line is one object") from None
        rows.append((f"{where}:{number}", row))
    return _from_rows(where, rows, source, target)


def _hub(where: str, name: str, source: str, target: str, split: Split) -> Corpus:
    try:
        import datasets
    except ImportError:
        raise DataError(f"{where} needs the library `datasets`; pip install datasets") from None
    name, _, config = name.partition(":") if where.startswith("hub:") else (name, "", "")
    wanted = {"train": ("train",), "dev": ("validation", "dev", "valid", "val"), "test": ("test",)}[split]
    try:
        parts = datasets.load_dataset(name, config or None)
    except Exception as error:  # a dozen classes of the library and of what it fetches with
        first = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise DataError(f"{where} cannot be loaded: {first}") from None
    found = next((part for part in wanted if part in parts), None)
    if found is None:
        raise DataError(f"{where} has no {split} part, only {', '.join(sorted(map(str, parts)))}")
    rows = [(f"{where} {found}, row {number}", row) for number, row in enumerate(parts[found], start=1)]
    return _from_rows(where, rows, source, target)


def _from_rows(where: str, rows: Iterable[tuple[str, Any]], source: str, target: str) -> Corpus:
    sides: tuple[list[str], list[str]] = ([], [])
    for place, row in rows:
        texts = row.get("translation", row) if isinstance(row, dict) else None
        for side, language in zip(sides, (source, target), strict=True):
            text = texts.get(language) if isinstance(texts, dict) else None
            if not isinstance(text, str):
                has = ", ".join(_keys(texts)) or "nothing of the kind"
                raise DataError(f"{place}: no text under {language!r}; it has {has}")
            try:
                text.encode()
            except UnicodeEncodeError:  # JSON can escape half of a character, and no UTF-8 can hold it
                raise DataError(f"{place}: the text under {language!r} has half a surrogate pair; mend it") from None
            side.append(text.replace("\n", " "))
    return Corpus(where, *sides)


def _keys(texts: Any) -> Sequence[str]:
    return [repr(str(key)) for key in texts] if isinstance(texts, dict) else []
