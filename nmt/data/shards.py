"""A data set of the hub that is streamed: shard by shard into the cache, as training goes on.

A shard is what the `datasets` library reads as one, as a rule a file. Epoch e trains on shard e modulo their number, so
the place in the data is (epoch, index) as elsewhere: a training that is resumed opens the shard it was in, out of the
cache or else read again from its beginning, and goes on in it with the next batch.
"""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

from nmt.data.cache import Cache
from nmt.data.corpus import Text, first_line, from_rows, hub_name, hub_part
from nmt.data.encoded import Encoded
from nmt.data.encoding import Pairs
from nmt.data.mapped import encode_text, open_text
from nmt.data.tokenizer import TokenizerPair
from nmt.errors import DataError, NmtError


@dataclass(frozen=True)
class Stream:
    """The shards of a data set."""

    where: str
    part: Any
    """The library's."""
    found: str
    """What the library calls the part."""
    source: str
    target: str
    files: Sequence[str]
    """Names and versions of what the shards are read from: what a shard holds is not known before it is read."""

    @classmethod
    def open(cls, where: str, source: str, target: str) -> "Stream":
        """The training part of hub:NAME or of a folder in the hub's layout; raises DataError for anything else."""
        if not where.startswith("hub:") and not Path(where).is_dir():
            raise DataError(f"{where} cannot be streamed; data.stream takes hub:NAME, or a folder in the hub's layout")
        name = where.removeprefix("hub:")
        found, part = hub_part(where, name, "train", streaming=True)
        return cls(where, part, found, source, target, _files(where, name, found))

    def __len__(self) -> int:
        return int(self.part.num_shards)

    def shard(self, index: int) -> Text:
        """The pairs of one shard; they are fetched whenever they are read."""
        name = f"{self.where}, shard {index + 1} of {len(self)}"
        return Text(name, lambda: self._pairs(self.part.shard(len(self), index), name), (), "stream")

    def first(self, pairs: int) -> Text:
        """The first so many pairs, for a vocabulary."""
        return Text(self.where, lambda: islice(self._pairs(self.part, self.where), pairs), (), "stream")

    def fingerprint(self, index: int | None = None) -> list[str]:
        """What stands for the content of a shard, or of all of it."""
        return [f"stream {self.source}-{self.target} {self.found} {index} of {len(self)}", self.where, *self.files]

    def _pairs(self, rows: Any, name: str) -> Iterator[tuple[str, str]]:
        try:
            yield from from_rows(
                ((f"{name}, row {number}", row) for number, row in enumerate(rows, start=1)), self.source, self.target
            )
        except NmtError:
            raise
        except Exception as error:  # a dozen classes of the library and of what it fetches with
            raise DataError(
                f"{name} cannot be read: {first_line(error)}; the same command goes on from there"
            ) from None


class Shards:
    """The text of each epoch: a shard, encoded into the cache unless it is there."""

    def __init__(
        self,
        stream: Stream,
        tokenizer: TokenizerPair,
        cache: Cache,
        limits: tuple[int, float],
        dev: Pairs,
        warn: Callable[[str], None],
    ) -> None:
        """`dev` and `warn`: what no shard should have, and who is told what is odd about one."""
        self.stream, self.tokenizer, self.cache, self.limits = stream, tokenizer, cache, limits
        self.dev, self.warn = dev, warn

    def __call__(self, epoch: int) -> Encoded:
        """Raises DataError where limits leave nothing of a shard."""
        index = epoch % len(self.stream)
        text = self.stream.shard(index)
        entry, odd = encode_text(text, self.stream.fingerprint(index), self.tokenizer, self.cache, self.dev)
        if odd:
            self.warn(odd)
        encoded, dropped = open_text([entry], *self.limits)
        if report := dropped.report():
            self.cache.say(f"{text.name}: {report}")
        if not len(encoded):
            raise DataError(f"{text.name}: no pair is left to train on: it {dropped.report()}")
        return encoded


def _files(where: str, name: str, found: str) -> list[str]:
    """The files of a part of a data set, each with what the library knows of its version."""
    import datasets

    name, config = hub_name(where, name)
    files = datasets.load_dataset_builder(name, config or None).config.data_files
    if not files or found not in files:
        raise DataError(f"{where} is not made of files, and cannot be streamed; set data.stream to false")
    return [str(each) for each in (*files[found], *files[found].origin_metadata)]
