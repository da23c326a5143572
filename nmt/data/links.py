"""Word alignments as files: Pharaoh's links, and gold standards with sure and possible ones.

A line belongs to a sentence pair; its links are i-j, source token and target token, in any order. Pharaoh's links, and
ours, count from 0. A gold standard (Och and Ney 2003) has i-j for a sure link and ipj for a possible one, and those of
the shared task of 2003 (Mihalcea and Pedersen) count from 1.
"""

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from nmt.data.lines import read_lines
from nmt.errors import DataError

Links = frozenset[tuple[int, int]]
"""(source token, target token), both from 0."""

_LINK = re.compile(r"([0-9]{1,9})([-p])([0-9]{1,9})")


@dataclass(frozen=True)
class Sizes:
    """How many tokens each pair of a text has."""

    name: str
    """The text's, for messages."""
    tokens: Sequence[tuple[int, int]]
    """Of source and target."""


@dataclass(frozen=True)
class Gold:
    """What people say of one sentence pair."""

    sure: Links
    possible: Links
    """The sure ones among them."""


def written(links: Iterable[tuple[int, int]]) -> str:
    """A line of Pharaoh's format, by target token."""
    return " ".join(f"{i}-{j}" for i, j in sorted(links, key=lambda link: (link[1], link[0])))


def read_links(path: Path, sizes: Sizes | None = None) -> list[Links]:
    """The links of each line; raises DataError where one is none, or they are not those of the pairs of `sizes`."""
    form = "a link is i-j, source and target token from 0"
    read = []
    for number, line in enumerate(read_lines(path), start=1):
        links = _links(line, f"{path}:{number}", form)
        if links.possible != links.sure:
            raise DataError(f"{path}:{number}: possible links (ipj) are a gold standard's; {form}")
        read.append(links.sure)
    _check_places(path, read, sizes, 0, "links count from 0")
    return read


def read_gold(path: Path, base: int, sizes: Sizes | None = None) -> list[Gold]:
    """The gold links of each line, of a file that counts from `base`, 0 or 1.

    Raises DataError where one is none, where they are not those of the pairs of `sizes`, or where the file must count
    from the other number: a 0 in one that should count from 1, no 0 in all of one that should count from 0.
    """
    gold = [
        _links(line, f"{path}:{number}", "a gold link is i-j (sure) or ipj (possible)")
        for number, line in enumerate(read_lines(path), start=1)
    ]
    least = min((number for each in gold for link in each.possible for number in link), default=None)
    if least is None:
        raise DataError(f"{path} has no link; there is nothing to measure against")
    if base == 1 and least == 0:
        line = 1 + next(place for place, each in enumerate(gold) if any(0 in link for link in each.possible))
        raise DataError(f"{path}:{line}: a link to token 0, so the file counts from 0; say so with --gold-base 0")
    if base == 0 and least > 0:
        raise DataError(f"{path} has no link to a token 0, so it counts from 1; say so with --gold-base 1")
    gold = [Gold(_from_zero(each.sure, base), _from_zero(each.possible, base)) for each in gold]
    possible = [each.possible for each in gold]
    _check_places(path, possible, sizes, base, f"the file was read as counting from {base} (--gold-base)")
    return gold


def check_lines(one: Path, lines: int, other: Path | str, others: int) -> None:
    """Raises DataError where two files that belong together differ in their number of lines."""
    if lines != others:
        raise DataError(
            f"{one} has {lines:,} lines and {other} has {others:,}; line {min(lines, others) + 1:,} is the first "
            "without a partner"
        )


def _links(line: str, place: str, form: str) -> Gold:
    sure, possible = set(), set()
    for word in line.split():
        found = _LINK.fullmatch(word)
        if found is None:
            raise DataError(f"{place}: {word[:40]!r} is no link; {form}")
        link = int(found[1]), int(found[3])
        possible.add(link)
        if found[2] == "-":
            sure.add(link)
    return Gold(frozenset(sure), frozenset(possible))


def _from_zero(links: Links, base: int) -> Links:
    return frozenset((i - base, j - base) for i, j in links)


def _check_places(path: Path, read: Sequence[Links], sizes: Sizes | None, base: int, counted: str) -> None:
    """Raises DataError where links, from 0, reach beyond their pairs; it names tokens from `base`, as the file does."""
    if sizes is None:
        return
    check_lines(path, len(read), sizes.name, len(sizes.tokens))
    for number, (links, (src, tgt)) in enumerate(zip(read, sizes.tokens, strict=True), start=1):
        for i, j in sorted(links):
            if i >= src or j >= tgt:
                raise DataError(
                    f"{path}:{number}: a link of source token {i + base} and target token {j + base} in a pair of "
                    f"{src} and {tgt} tokens; {counted}, and tokens are what stands between white space"
                )
