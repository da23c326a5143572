"""Parallel text from wherever it lies: the embedded grammar, two files, TSV, JSONL, or a `datasets` hub id."""

import hashlib
import json
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import chain, zip_longest
from pathlib import Path
from typing import Any, Literal

from nmt.data.lines import file_lines, raw_lines
from nmt.errors import DataError, UsageError
from nmt.recipe import Recipe

MOST_GRAMMAR = 1_000_000
"""Pairs of the embedded corpus; a million take minutes to draw."""
Split = Literal["train", "dev", "test"]
Pairs = Iterator[tuple[str, str]]


@dataclass(frozen=True, slots=True)
class Corpus:
    """Sentence pairs: line i of `src` is translated by line i of `tgt`."""

    name: str
    """What the user called it, for messages."""
    src: list[str]
    tgt: list[str]

    def __len__(self) -> int:
        return len(self.src)


@dataclass(frozen=True, slots=True)
class Text:
    """Sentence pairs that are read when they are asked for, as often as they are, and never held."""

    name: str
    """What the user called it, for messages."""
    pairs: Callable[[], Pairs]
    files: tuple[Path, ...]
    """All that the pairs come from; none of the embedded corpus, which is written."""
    form: str
    """How the pairs stand in the files, languages included."""

    def corpus(self) -> Corpus:
        """All of it in memory."""
        corpus = Corpus(self.name, [], [])
        for src, tgt in self.pairs():
            corpus.src.append(src)
            corpus.tgt.append(tgt)
        if not len(corpus):
            raise DataError(f"{self.name} is empty; it must hold at least one sentence pair")
        return corpus

    def bytes(self) -> int:
        """Of the files, packed if they are; one that is missing has none."""
        return sum(path.stat().st_size for path in self.files if path.exists())

    def fingerprint(self) -> list[str]:
        """What decides the pairs: the form, and of each file the SHA-256 of its bytes."""
        digests = []
        for path in self.files:
            try:
                with path.open("rb") as file:
                    digests.append(hashlib.file_digest(file, "sha256").hexdigest())
            except OSError as error:
                raise DataError(f"{path} cannot be read: {error.strerror or error}") from None
        return [self.form, *digests]


def load(where: str, source: str, target: str, split: Split = "train") -> Corpus:
    """The parallel text at `where`, checked.

    `where` is "grammar" (or "grammar:6000": the first so many pairs), "hub:NAME" or "hub:NAME:CONFIG", a
    folder in the hub's layout, a .tsv or .jsonl file (source first, or as a first line of the two languages
    says; or keyed by language, also under "translation"), or a prefix to which "." and a language are added.
    Each file may be gzipped. A line break
    inside a JSON or hub text becomes a space, since a line is a sentence. Raises DataError for text that is
    missing, empty, not UTF-8 or not parallel.
    """
    return locate(where, source, target, split).corpus()


def locate(where: str, source: str, target: str, split: Split = "train") -> Text:
    """The same text unread; DataError for what is wrong inside comes when it is read."""
    kind, _, rest = where.partition(":")
    form = f"{source}-{target}"
    if kind == "grammar":
        return Text(where, lambda: _grammar(where, rest, source, target, split), (), f"grammar {form}")
    if kind == "hub" or (Path(where).is_dir() and not any(_paths(where, source))):
        return _hub(where, rest if kind == "hub" else where, source, target, split)
    plain = where.removesuffix(".gz")
    if plain.endswith(".tsv"):
        return Text(where, lambda: _tsv(where, source, target), (Path(where),), f"tsv {form}")
    if plain.endswith(".jsonl"):
        return Text(where, lambda: from_rows(_jsonl(where), source, target), (Path(where),), f"jsonl {form}")
    src, tgt = _suffixed(where, source), _suffixed(where, target)
    return Text(where, lambda: _parallel(src, tgt), (src, tgt), "prefix")


def training_texts(recipe: Recipe) -> list[Text]:
    """The texts of a recipe's [data.train], unread."""
    if recipe.data.stream:
        raise DataError(f"{recipe.data.title} was streamed, and is not read again as a whole")
    return [locate(path, recipe.source, recipe.target) for path in recipe.data.paths]


def joined(corpora: Sequence[Corpus]) -> Corpus:
    """Corpora end to end."""
    if len(corpora) == 1:
        return corpora[0]
    src, tgt = (list(chain.from_iterable(getattr(corpus, side) for corpus in corpora)) for side in ("src", "tgt"))
    return Corpus(" + ".join(corpus.name for corpus in corpora), src, tgt)


def count(recipe: Recipe) -> int:
    """How many pairs a recipe's training text has; the embedded corpus is not written for that, nor a stream read."""
    if recipe.data.stream:
        found, part = hub_part(recipe.data.paths[0], recipe.data.paths[0].removeprefix("hub:"), "train", streaming=True)
        known = (part.info.splits or {}).get(found)
        if known is None or not known.num_examples:
            raise UsageError(f"how many pairs {recipe.data.title} has is not known before it is read; name a recipe")
        return int(known.num_examples)
    return sum(_count(path, recipe.source, recipe.target) for path in recipe.data.paths)


def _count(where: str, source: str, target: str) -> int:
    kind, _, size = where.partition(":")
    if pair := files(where, source, target):
        return sum(1 for _ in raw_lines(pair[0]))  # an eighth of the time that reading the pairs takes
    if kind != "grammar":
        return sum(1 for _ in locate(where, source, target).pairs())
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
    corpus = Corpus(name or str(src_path), [], [])
    for src, tgt in _parallel(src_path, tgt_path):
        corpus.src.append(src)
        corpus.tgt.append(tgt)
    return corpus


def _parallel(src_path: Path, tgt_path: Path) -> Pairs:
    sides = file_lines(src_path), file_lines(tgt_path)
    for number, (src, tgt) in enumerate(zip_longest(*sides)):
        if src is None or tgt is None:
            longer = number + 1 + sum(1 for _ in sides[src is None])
            sizes = (number, longer) if src is None else (longer, number)
            raise DataError(
                f"{src_path} has {sizes[0]:,} lines and {tgt_path} has {sizes[1]:,}; "
                f"line {number + 1:,} is the first without a partner; `nmt data check` says where they run out of step"
            )
        yield src, tgt


def _grammar(where: str, size: str, source: str, target: str, split: Split) -> Pairs:
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
    for example in examples:
        yield (example.de, example.en) if source == "de" else (example.en, example.de)


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


def _tsv(where: str, source: str, target: str) -> Pairs:
    lines = file_lines(Path(where))
    first = next(lines, None)
    if first is None:
        return
    header = first.split("\t")
    named = sorted(header) == sorted((source, target))
    turned = named and header[0] == target
    for number, line in enumerate(lines if named else chain([first], lines), start=1 + named):
        columns = line.split("\t")
        if len(columns) != 2:
            raise DataError(f"{where}:{number}: {len(columns)} columns; a line is source, one tab, target")
        yield (columns[1], columns[0]) if turned else (columns[0], columns[1])


def _jsonl(where: str) -> Iterator[tuple[str, Any]]:
    for number, line in enumerate(file_lines(Path(where)), start=1):
        if not line.strip():
            continue
        try:
            row = json.loads(line)
        except (ValueError, RecursionError) as error:  # ValueError also for an integer of thousands of digits
            raise DataError(f"{where}:{number}: not JSON ({error}); a line is one object") from None
        yield f"{where}:{number}", row


def _hub(where: str, name: str, source: str, target: str, split: Split) -> Text:
    found, part = hub_part(where, name, split)
    files = tuple(Path(file["filename"]) for file in part.cache_files)

    def pairs() -> Pairs:
        rows = ((f"{where} {found}, row {number}", row) for number, row in enumerate(part, start=1))
        return from_rows(rows, source, target)

    return Text(where, pairs, files, f"hub {source}-{target}")


def hub_part(where: str, name: str, split: Split, streaming: bool = False) -> tuple[str, Any]:
    """Name and data set of the part of a hub's data set that serves as this split; raises DataError without it."""
    try:
        import datasets
    except ImportError:
        raise DataError(f"{where} needs the library `datasets`; pip install datasets") from None
    name, config = hub_name(where, name)
    wanted = {"train": ("train",), "dev": ("validation", "dev", "valid", "val"), "test": ("test",)}[split]
    try:
        parts = datasets.load_dataset(name, config or None, streaming=streaming)
    except Exception as error:  # a dozen classes of the library and of what it fetches with
        raise DataError(f"{where} cannot be loaded: {first_line(error)}") from None
    found = next((part for part in wanted if part in parts), None)
    if found is None:
        raise DataError(f"{where} has no {split} part, only {', '.join(sorted(map(str, parts)))}")
    return found, parts[found]


def hub_name(where: str, name: str) -> tuple[str, str]:
    """Name and configuration of a hub's data set; a folder's name may have a colon."""
    name, _, config = name.partition(":") if where.startswith("hub:") else (name, "", "")
    return name, config


def first_line(error: BaseException) -> str:
    """The first line of what an error says, or else its class."""
    said = str(error).strip()
    return said.splitlines()[0] if said else type(error).__name__


def from_rows(rows: Iterable[tuple[str, Any]], source: str, target: str) -> Pairs:
    """Pairs of rows that are keyed by language; with each comes its place, for messages."""
    for place, row in rows:
        texts = row.get("translation", row) if isinstance(row, dict) else None
        yield _side(place, texts, source), _side(place, texts, target)


def _side(place: str, texts: Any, language: str) -> str:
    text = texts.get(language) if isinstance(texts, dict) else None
    if not isinstance(text, str):
        has = ", ".join(_keys(texts)) or "nothing of the kind"
        raise DataError(f"{place}: no text under {language!r}; it has {has}")
    try:
        text.encode()
    except UnicodeEncodeError:  # JSON can escape half of a character, and no UTF-8 can hold it
        raise DataError(f"{place}: the text under {language!r} has half a surrogate pair; mend it") from None
    return text.replace("\n", " ")


def _keys(texts: Any) -> Sequence[str]:
    return [repr(str(key)) for key in texts] if isinstance(texts, dict) else []
