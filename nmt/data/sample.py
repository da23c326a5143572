"""The part of a large text that a vocabulary is made from."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from typing import Literal, TypeVar

from nmt.data.corpus import Pairs, Text
from nmt.data.mixture import apportioned

T = TypeVar("T")


@dataclass(frozen=True)
class Sample:
    """So many pairs of each of some texts, evenly spread over it; they are read when they are asked for."""

    texts: Sequence[Text]
    sizes: Sequence[int]
    """Pairs of each text."""
    wanted: Sequence[int]
    """Of these."""

    @classmethod
    def of(cls, texts: Sequence[Text], most: int, weights: Sequence[float] | None) -> "Sample":
        """All of the texts if they have at most so many pairs, or else so many by weight, or by size without any."""
        sizes = [sum(1 for _ in text.pairs()) for text in texts]
        if sum(sizes) <= most:
            return cls(texts, sizes, sizes)
        wanted = apportioned(most, weights or sizes)
        return cls(texts, sizes, [min(size, some) for size, some in zip(sizes, wanted, strict=True)])

    def pairs(self) -> Pairs:
        """The pairs, text by text."""
        for text, size, some in zip(self.texts, self.sizes, self.wanted, strict=True):
            yield from spread(text.pairs(), size, some)

    def side(self, which: Literal[0, 1]) -> Iterator[str]:
        """One side of them."""
        return (pair[which] for pair in self.pairs())


def spread(items: Iterable[T], count: int, wanted: int) -> Iterator[T]:
    """So many of `count` items, at even distances; all of them where `wanted` is `count`."""
    return (item for place, item in enumerate(items) if (place + 1) * wanted // count > place * wanted // count)
