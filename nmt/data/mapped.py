"""A text in ids as an Arrow file that is mapped into memory, written once and kept in the cache.

An entry of the cache holds every pair of the text, those too long included: limits are applied when it is opened, and
other limits need no other entry. A pair with a blank side has no ids.
"""

import hashlib
import time
from collections.abc import Iterable, Iterator, Sequence
from itertools import chain, islice
from pathlib import Path
from typing import Any

import numpy as np
import tokenizers
from numpy.typing import NDArray

from nmt.data.cache import Cache, facts
from nmt.data.check.door import Door
from nmt.data.corpus import Text
from nmt.data.encoded import Dropped, Encoded, Side, keep
from nmt.data.encoding import Pairs, Piece, cores, encoded_chunks, id_type
from nmt.data.tokenizer import TokenizerPair
from nmt.errors import DataError

FORMAT = "nmt-tokens-1"
"""To be another whenever the same text by the same tokenizer would become other ids, or another file."""
FILE = "pairs.arrow"
ROWS = 2**16
"""Pairs in a block of the file, a chunk more or less ..."""
TOKENS = 2**26
"""... or tokens of a side, if there are as many before: their places are 32 bits."""
FEWEST_TO_SHARE = 20_000
"""Pairs for which it pays to start processes: each takes a second of a core to begin."""
EVERY_SECONDS = 10.0
"""Between two messages."""

Block = tuple[NDArray[np.integer], NDArray[np.integer]]
"""Where each of some lines begins and the last ends, and the ids."""


class MappedSide(Side):
    """Some lines of a file, in its order; the ids are read from the disk when they are asked for."""

    def __init__(self, blocks: Sequence[Block], rows: NDArray[np.int64]) -> None:
        self.blocks, self.rows = blocks, rows
        self.starts = np.cumsum([0, *(len(begins) - 1 for begins, _ in blocks)])
        self.lengths = _lengths(blocks)[rows]

    def __getitem__(self, row: int) -> NDArray[np.integer]:
        return self.gathered(np.array([row]))

    def gathered(self, rows: NDArray[np.int64]) -> NDArray[np.integer]:
        """The ids of these rows end to end."""
        lines = self.rows[rows]
        places = np.searchsorted(self.starts, lines, side="right") - 1
        found = [np.zeros(0, np.uint16)]
        for place, line in zip(places.tolist(), (lines - self.starts[places]).tolist(), strict=True):
            begins, ids = self.blocks[place]
            found.append(ids[begins[line] : begins[line + 1]])
        return np.concatenate(found)

    def frequencies(self) -> NDArray[np.int64]:
        """How often each id occurs, up to the largest."""
        kept = np.zeros(self.starts[-1], bool)
        kept[self.rows] = True
        counts = np.zeros(0, np.int64)
        for start, (begins, ids) in zip(self.starts, self.blocks, strict=False):
            own = np.repeat(kept[start : start + len(begins) - 1], np.diff(begins))
            found = np.bincount(ids[begins[0] : begins[-1]][own], minlength=len(counts))
            found[: len(counts)] += counts
            counts = found
        return counts


def encode_text(
    text: Text, fingerprint: Sequence[str], tokenizer: TokenizerPair, cache: Cache, dev: Pairs = ()
) -> tuple[Path, str | None]:
    """The entry of the cache with this text in ids, and what is odd about the text beside `dev`, in a sentence.

    The entry is made if need be, and how fast that was is said. `fingerprint` is the text's, which takes a moment to
    find. What is odd is remembered, but of pairs that are in `dev` too only what was seen beside this `dev`. Raises
    DataError where the text is another when it has been read.
    """
    key = [FORMAT, tokenizers.__version__, tokenizer.sha256(), *fingerprint]
    dev = list(dev)
    door, held_out = Door(dev), hashlib.sha256(repr(dev).encode("utf-8", "backslashreplace")).hexdigest()

    def make(folder: Path) -> dict[str, Any]:
        started = time.monotonic()
        pairs, processes = _shared(door.through(text.pairs()))
        count = _write(text.name, encoded_chunks(pairs, tokenizer, processes), tokenizer, folder / FILE, cache)
        check_unchanged(text, fingerprint)
        seconds = max(time.monotonic() - started, 1e-3)
        size = (folder / FILE).stat().st_size / 2**20
        cache.say(
            f"{text.name}: {count:,} pairs encoded in {seconds:.1f} s by {processes} process"
            f"{'es' * (processes > 1)}, {count / seconds:,.0f} pairs/s, {size:,.0f} MiB in {cache.folder}"
        )
        with_dev = door.odd()
        door.counts["leak"] = 0
        odd = {"odd": door.odd(), "odd_with_dev": with_dev, "dev": held_out}
        return {"text": text.name, "pairs": count, "made": time.strftime("%Y-%m-%d %H:%M:%S"), **odd}

    entry = cache.entry("tokens", key, make)
    told = facts(entry)
    if odd := told.get("odd_with_dev" if told.get("dev") == held_out else "odd"):
        odd = f"{text.name}: of {told['pairs']:,} pairs {odd}; `nmt data check` shows them, and --fix takes them out"
    return entry, odd


def check_unchanged(text: Text, fingerprint: Sequence[str]) -> None:
    """Raises DataError where the text is no longer what it was: what was made of it would have a wrong name."""
    if text.files and text.fingerprint() != list(fingerprint):
        raise DataError(f"{text.name} changed while it was read; begin again when nobody writes to it")


def open_text(entries: Sequence[Path], max_tokens: int | None, max_ratio: float | None) -> tuple[Encoded, Dropped]:
    """The texts of entries end to end, as `encode_corpus` gives them; their ids stay on the disk."""
    src: list[Block] = []
    tgt: list[Block] = []
    for entry in entries:
        for side, blocks in zip((src, tgt), _blocks(entry / FILE), strict=True):
            side += blocks
    kept, dropped = keep(_lengths(src), _lengths(tgt), max_tokens, max_ratio)
    return Encoded(MappedSide(src, kept), MappedSide(tgt, kept), kept), dropped


def pairs_in(entry: Path) -> int:
    """How many pairs a text has, blank ones included."""
    return int(facts(entry)["pairs"])


def _lengths(blocks: Sequence[Block]) -> NDArray[np.int32]:
    return np.concatenate([np.diff(begins) for begins, _ in blocks] + [np.zeros(0, np.int32)])


def _blocks(path: Path) -> tuple[list[Block], list[Block]]:
    import pyarrow as pa  # `datasets` reads the same, and takes 1.0 s and 73 MB more to import

    table = pa.ipc.open_stream(pa.memory_map(str(path))).read_all()
    src, tgt = (
        [(_mapped(chunk.offsets), _mapped(chunk.values)) for chunk in table.column(side).chunks]
        for side in ("src", "tgt")
    )
    return src, tgt


def _mapped(array: Any) -> NDArray[np.integer]:
    """Whole numbers of Arrow where they lie; the library's own way imports pandas."""
    kind = np.dtype(str(array.type))
    if not len(array):
        return np.zeros(0, kind)
    return np.frombuffer(array.buffers()[1], kind, len(array), array.offset * kind.itemsize)


def _write(name: str, chunks: Iterator[tuple[Piece, Piece]], tokenizer: TokenizerPair, path: Path, cache: Cache) -> int:
    """Writes the file -> its pairs."""
    import datasets
    import pyarrow as pa
    from datasets.arrow_writer import ArrowWriter

    kind = np.dtype(id_type(tokenizer)).name
    features = datasets.Features({side: datasets.Sequence(datasets.Value(kind)) for side in ("src", "tgt")})
    done, spoken = 0, time.monotonic()
    with ArrowWriter(features=features, path=str(path), writer_batch_size=2 * ROWS) as writer:
        for block in _gathered(chunks):
            arrays = [pa.ListArray.from_arrays(*_end_to_end(side)) for side in zip(*block, strict=True)]
            writer.write_table(pa.table(arrays, names=["src", "tgt"]))
            done += len(arrays[0])
            if time.monotonic() - spoken >= EVERY_SECONDS:
                spoken = time.monotonic()
                cache.say(f"{name}: {done:,} pairs encoded")
        if not done:
            raise DataError(f"{name} is empty; it must hold at least one sentence pair")
        writer.finalize()
    return done


def _shared(pairs: Iterable[tuple[str, str]]) -> tuple[Iterator[tuple[str, str]], int]:
    """The pairs, and how many processes shall encode them; the first are held, since to read them again may be dear."""
    rest = iter(pairs)
    first = list(islice(rest, FEWEST_TO_SHARE))
    return chain(first, rest), cores() if len(first) == FEWEST_TO_SHARE else 1


def _gathered(chunks: Iterator[tuple[Piece, Piece]]) -> Iterator[list[tuple[Piece, Piece]]]:
    """Chunks until they have `ROWS` lines or `TOKENS` tokens."""
    held: list[tuple[Piece, Piece]] = []
    lines = tokens = 0
    for chunk in chunks:
        held.append(chunk)
        lines += len(chunk[0].lengths)
        tokens += max(len(side.ids) for side in chunk)
        if lines >= ROWS or tokens >= TOKENS:
            yield held
            held, lines, tokens = [], 0, 0
    if held:
        yield held


def _end_to_end(pieces: Sequence[Piece]) -> Block:
    lengths = np.concatenate([piece.lengths for piece in pieces])
    begins = np.zeros(len(lengths) + 1, np.int32)
    np.cumsum(lengths, out=begins[1:])
    return begins, np.concatenate([piece.ids for piece in pieces])
