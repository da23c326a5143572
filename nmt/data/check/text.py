"""Parallel text as the check reads it: again and again from its files, whatever is wrong with it."""

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from itertools import islice, zip_longest
from pathlib import Path

from nmt.data import corpus
from nmt.data.lines import raw_lines
from nmt.errors import DataError

CHUNK = 2_048
"""Pairs at once."""
Reader = Callable[[], Iterator[bytes]]


@dataclass(frozen=True)
class Undecodable:
    """A byte that no UTF-8 has where it stands."""

    row: int
    """Of its line, from 0."""
    side: int
    """0 for the source, 1 for the target."""
    column: int
    """In bytes, from 1."""
    byte: int


@dataclass(frozen=True)
class Chunk:
    """Lines one after the other; the last chunk may have more on one side."""

    first: int
    """Row of the first, from 0."""
    sides: tuple[list[str], list[str]]
    broken: list[Undecodable] = field(default_factory=list)
    """What is not UTF-8; those lines have U+FFFD there."""


@dataclass(frozen=True)
class Text:
    """Two sides that can be read any number of times."""

    names: tuple[str, str]
    """What messages call the sides."""
    readers: tuple[Reader, Reader]
    paths: tuple[Path, ...]
    """The files that it is read from; none for text that is not in files of its own."""
    stems: tuple[str, str]
    """File names for its cleaned sides."""

    def chunks(self) -> Iterator[Chunk]:
        """The text from its beginning."""
        rows = zip_longest(self.readers[0](), self.readers[1]())
        first = 0
        while taken := list(islice(rows, CHUNK)):
            broken: list[Undecodable] = []
            sides: list[list[str]] = []
            for side in (0, 1):
                lines = (pair[side] for pair in taken if pair[side] is not None)
                sides.append([_decoded(line, first + i, side, broken) for i, line in enumerate(lines)])
            yield Chunk(first, (sides[0], sides[1]), broken)
            first += len(taken)


def of_files(src: Path, tgt: Path) -> Text:
    """Text in two files, plain or gzipped; raises DataError for what can be read only once."""
    for path in (src, tgt):
        if path.exists() and not path.is_file() and not path.is_dir():
            raise DataError(f"{path} is a pipe, and a check reads its text several times; write it to a file first")
    names = [path.name.removesuffix(".gz") for path in (src, tgt)]
    if names[0] == names[1]:
        names = [f"{names[0]}.source", f"{names[1]}.target"]
    readers = (lambda: raw_lines(src)), (lambda: raw_lines(tgt))
    return Text((str(src), str(tgt)), readers, (src, tgt), (names[0], names[1]))


def of_corpus(where: str, source: str, target: str, split: corpus.Split = "train") -> Text:
    """Text in the notation of a recipe's [data]; all but a prefix is kept in memory."""
    if found := corpus.files(where, source, target):
        return of_files(*found)
    loaded = corpus.load(where, source, target, split)
    readers = (lambda: map(str.encode, loaded.src)), (lambda: map(str.encode, loaded.tgt))
    name = Path(where.partition(":")[2] if where.startswith("hub:") else where.partition(":")[0]).name
    for suffix in (".gz", ".tsv", ".jsonl"):
        name = name.removesuffix(suffix)
    path = Path(where)
    paths = (path,) if path.is_file() else ()
    return Text(
        (f"{where} ({source})", f"{where} ({target})"), readers, paths, (f"{name}.{source}", f"{name}.{target}")
    )


def _decoded(line: bytes, row: int, side: int, broken: list[Undecodable]) -> str:
    line = line.removesuffix(b"\n")
    try:
        return line.decode()
    except UnicodeDecodeError as error:
        broken.append(Undecodable(row, side, error.start + 1, line[error.start]))
        return line.decode(errors="replace")
