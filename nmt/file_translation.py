"""A file, or standard input, translated; by several processes too, of which each takes its windows of lines."""

from collections.abc import Iterator
from itertools import islice
from pathlib import Path

from nmt.data.lines import file_lines, read_lines, windows
from nmt.errors import DataError, UsageError
from nmt.recipe import SearchConfig
from nmt.translation import Translation
from nmt.translator import WINDOW_LINES, Translator
from nmt.world import World


def translate_file(
    translator: Translator,
    where: str,
    config: SearchConfig,
    *,
    batch_size: int = 64,
    prefixes: Path | None = None,
    world: World = World(),  # noqa: B008 - it is frozen
) -> Iterator[Translation]:
    """A translation for every line of a file, or of standard input for "-", in order.

    `prefixes` is a file with as many lines, what translations must begin with; raises DataError at the first line that
    has none, or at the end if it has more. Of several processes, all of which call it, the first gets the
    translations and the others nothing.
    """
    if world.size == 1:
        yield from _own(translator, where, config, batch_size, prefixes, (WINDOW_LINES, world))
        return
    if where == "-":
        raise UsageError("each of the processes that torchrun starts reads the text; name a file with -i")
    lines = sum(1 for _ in file_lines(Path(where)))
    most = max(1, min(WINDOW_LINES, -(-lines // world.size)))
    own = _own(translator, where, config, batch_size, prefixes, (most, world))
    for _ in range(0, lines, most * world.size):
        for found in world.values(list(islice(own, most))):
            yield from found if world.first else ()
    list(own)  # nothing is left but what is wrong with the prefixes


def _own(
    translator: Translator,
    where: str,
    config: SearchConfig,
    batch_size: int,
    prefixes: Path | None,
    cut: tuple[int, World],
) -> Iterator[Translation]:
    """The translations of every window of so many lines that is this process's: of every N-th."""
    most, world = cut
    starts = read_lines(prefixes) if prefixes else None
    read = 0
    for number, (first, lines) in enumerate(windows(where, most)):
        forced = starts[first - 1 :][: len(lines)] if starts is not None else None
        read += len(lines)
        if number % world.size == world.rank:
            yield from translator.translate(
                lines if forced is None else lines[: len(forced)],
                config,
                batch_size=batch_size,
                prefixes=forced,
                first_line=first,
            )
        if forced is not None and len(forced) < len(lines):
            raise DataError(f"{prefixes} ends before line {first + len(forced):,}; it needs a line for every line")
    if starts is not None and len(starts) > read:
        name = "standard input" if where == "-" else where
        raise DataError(f"{prefixes} has {len(starts):,} lines and {name} has {read:,}; it needs as many")
