"""Text to ids on all cores: processes that each have the tokenizers, fed with chunks of pairs.

Processes, since the `tokenizers` library's own threads hand their ids over one list at a time: that took a sixth of the
time of one core (Europarl, 16,000 pieces), so more than six cores would wait. The processes are started and not forked:
the library's threads do not survive a fork.
"""

import os
import signal
from collections import deque
from collections.abc import Iterable, Iterator
from concurrent.futures import Future, ProcessPoolExecutor
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from itertools import chain, islice
from multiprocessing import connection, get_context, parent_process
from threading import Thread

import numpy as np
from numpy.typing import NDArray

from nmt.data.encoded import encode_pairs
from nmt.data.tokenizer import TokenizerPair
from nmt.errors import RunError

CHUNK = 2_048
"""Pairs that a process encodes at once."""
Pairs = Iterable[tuple[str, str]]


@dataclass(frozen=True)
class Piece:
    """One side of some lines: the tokens of each, and their ids end to end."""

    lengths: NDArray[np.int32]
    ids: NDArray[np.integer]


def cores() -> int:
    """How many this process may use."""
    return len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1


def id_type(tokenizer: TokenizerPair) -> type[np.integer]:
    """The smallest type that holds every id."""
    return np.uint16 if max(len(tokenizer.source), len(tokenizer.target)) <= 2**16 else np.int32


def encoded_chunks(pairs: Pairs, tokenizer: TokenizerPair, processes: int) -> Iterator[tuple[Piece, Piece]]:
    """Both sides of every `CHUNK` pairs, in their order; a pair with a blank side has no ids."""
    lines = iter(pairs)
    chunks = iter(lambda: list(islice(lines, CHUNK)), [])
    if processes == 1:
        yield from (_encode(chunk, tokenizer) for chunk in chunks)
        return
    with ProcessPoolExecutor(processes, get_context("spawn"), _begin, (tokenizer.to_json(),)) as pool:
        waiting: deque[Future[tuple[Piece, Piece]]] = deque()
        try:
            for chunk in chunks:
                waiting.append(pool.submit(_work, chunk))
                if len(waiting) > 2 * processes:
                    yield waiting.popleft().result()
            while waiting:
                yield waiting.popleft().result()
        except BrokenProcessPool:
            raise RunError(
                "a process that encoded text ended before its work; if memory ran out, give the training more; a "
                'script that trains must do so under `if __name__ == "__main__":`, since each process reads it again'
            ) from None
        finally:
            pool.shutdown(wait=True, cancel_futures=True)


def _encode(pairs: list[tuple[str, str]], tokenizer: TokenizerPair) -> tuple[Piece, Piece]:
    src, tgt = encode_pairs([src for src, _ in pairs], [tgt for _, tgt in pairs], tokenizer)
    kind = id_type(tokenizer)
    return _piece(src, kind), _piece(tgt, kind)


def _piece(sequences: list[list[int]], kind: type[np.integer]) -> Piece:
    lengths = np.fromiter(map(len, sequences), np.int32, len(sequences))
    return Piece(lengths, np.fromiter(chain.from_iterable(sequences), kind, int(lengths.sum())))


_own: TokenizerPair


def _begin(tokenizer: str) -> None:
    """In a new process: its tokenizers; it ignores Ctrl-C, which its parent hears, and ends when its parent does."""
    global _own
    os.environ["TOKENIZERS_PARALLELISM"] = "false"
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    Thread(target=_end_with_parent, daemon=True).start()
    _own = TokenizerPair.from_json(tokenizer)


def _end_with_parent() -> None:
    parent = parent_process()
    assert parent is not None
    connection.wait([parent.sentinel])
    os._exit(1)


def _work(pairs: list[tuple[str, str]]) -> tuple[Piece, Piece]:
    return _encode(pairs, _own)
