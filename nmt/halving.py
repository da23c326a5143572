"""Work on many rows that memory does not suffice for, done in two halves, and those again if need be."""

from collections.abc import Callable, Iterator
from typing import Any, Protocol, TypeVar

from nmt.errors import RunError, out_of_memory


class Rows(Protocol):
    """Anything that has a length and can be cut: a list, a batch."""

    def __len__(self) -> int: ...

    def __getitem__(self, rows: slice, /) -> Any: ...


R = TypeVar("R", bound=Rows)
T = TypeVar("T")


def in_halves(rows: R, work: Callable[[R], T], remedy: str) -> Iterator[tuple[R, T]]:
    """Rows with what `work` makes of them: all at once, or where they do not fit into memory, in pieces in order.

    Raises RunError, which ends with the remedy, where one row alone does not fit.
    """
    try:
        done = work(rows)
    except (MemoryError, RuntimeError) as error:
        if not out_of_memory(error):
            raise
        if len(rows) < 2:
            raise RunError(f"out of memory with one sentence alone; {remedy}") from None
    else:
        yield rows, done
        return
    # Behind the handler: within it the error would hold on to what the work had allocated.
    yield from in_halves(rows[: len(rows) // 2], work, remedy)
    yield from in_halves(rows[len(rows) // 2 :], work, remedy)
