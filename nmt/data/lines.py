"""Lines of a file or a pipe: UTF-8, plain or gzipped, ended by "\\n" and by nothing else.

U+2028, U+0085, form feeds and "\\r" inside a line are text; a "\\r" before the "\\n" is kept too, since only a
file's owner knows whether it belongs there. A byte order mark before the first line is no text.
"""

import codecs
import difflib
import gzip
import os
import stat
import sys
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from queue import Queue
from threading import Thread
from typing import IO

from nmt.errors import DataError

_GZIP = b"\x1f\x8b"


def read_lines(path: Path) -> list[str]:
    """All lines of a file; a last one without "\\n" counts. Raises DataError that names the file and the line."""
    return list(file_lines(path))


def file_lines(path: Path) -> Iterator[str]:
    """The same one by one, for a file larger than the memory."""
    yield from decode_lines(raw_lines(path), str(path))


def raw_lines(path: Path) -> Iterator[bytes]:
    """The lines as they stand, each with its "\\n"; raises DataError where the file cannot be read."""
    try:
        with path.open("rb") as raw:
            yield from _plain(raw)
    except FileNotFoundError:
        raise DataError(f"{path} does not exist{_nearest(path)}") from None
    except IsADirectoryError:
        raise DataError(f"{path} is a folder; name a file in it") from None
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{path} is a damaged gzip file ({error}); obtain it again") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from None
    except ValueError:  # a NUL in the name
        raise DataError(f"{str(path)!r} cannot be the name of a file") from None


def stream_lines(where: str) -> Iterator[str]:
    """Lines of a file, or of standard input for "-", as they come."""
    if where == "-":
        yield from decode_lines(sys.stdin.buffer, "standard input")
    else:
        yield from read_lines(Path(where))


def windows(where: str, most: int) -> Iterator[tuple[int, list[str]]]:
    """Lines of a file, or of standard input for "-", in lists of at most so many, each with the number of its first.

    A file gives full windows, and so the same ones every time. A pipe or a terminal gives what has arrived, so
    that somebody who writes one line and waits is answered. Lines before one that is not UTF-8 come before its
    DataError.
    """
    number = 1
    for window in _full(stream_lines(where), most) if where != "-" or _is_file() else _arrived(most):
        if window:
            yield number, window
        number += len(window)


def decode_lines(raw: Iterable[bytes], name: str) -> Iterator[str]:
    """Text of each line of bytes, without its "\\n"; raises DataError "NAME:LINE: ..." where it is not UTF-8."""
    for number, line in enumerate(raw, start=1):
        if number == 1:
            line = line.removeprefix(codecs.BOM_UTF8)
        try:
            yield line.removesuffix(b"\n").decode("utf-8")
        except UnicodeDecodeError as error:
            byte = line[error.start]
            is_16 = number == 1 and line.startswith((codecs.BOM_UTF16_LE, codecs.BOM_UTF16_BE))
            raise DataError(
                f"{name}:{number}: not UTF-8 (byte 0x{byte:02x} at column {error.start + 1}); convert the file, "
                + ("with `iconv -f UTF-16 -t UTF-8`" if is_16 else "for example with `iconv -f WINDOWS-1252 -t UTF-8`")
            ) from None


def _is_file() -> bool:
    """Whether standard input is a file: `< FILE`."""
    try:
        return stat.S_ISREG(os.fstat(sys.stdin.fileno()).st_mode)
    except (OSError, ValueError):  # a stand-in without a descriptor
        return True


def _full(lines: Iterator[str], most: int) -> Iterator[list[str]]:
    """Windows of `most` lines; the lines before an error first, then the error."""
    window: list[str] = []
    try:
        for line in lines:
            window.append(line)
            if len(window) == most:
                yield window
                window = []
    except DataError:
        yield window
        raise
    yield window


def _arrived(most: int) -> Iterator[list[str]]:
    """Windows of what a thread has read of standard input by the time it is asked for, at least one line."""
    queue: Queue[str | BaseException | None] = Queue(2 * most)

    def read() -> None:
        # By a reader of its own: a process that ends while this thread waits in that of sys.stdin is aborted by Python,
        # which cannot take its lock to close it.
        try:
            with open(sys.stdin.fileno(), "rb", closefd=False) as raw:
                for line in decode_lines(raw, "standard input"):
                    queue.put(line)
            queue.put(None)
        except BaseException as error:  # for the other thread to raise
            queue.put(error)

    Thread(target=read, daemon=True).start()
    while True:
        items = [queue.get()]
        while len(items) < most and isinstance(items[-1], str) and not queue.empty():
            items.append(queue.get())
        last = items[-1]
        yield [item for item in items if isinstance(item, str)]
        if isinstance(last, BaseException):
            raise last
        if last is None:
            return


def _plain(raw: IO[bytes]) -> IO[bytes]:
    """The file, unpacked if its first bytes say that it is gzipped."""
    magic = raw.read(2)
    raw.seek(0)
    return gzip.GzipFile(fileobj=raw) if magic == _GZIP else raw  # type: ignore[return-value]


def _nearest(path: Path) -> str:
    names = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
    near = difflib.get_close_matches(path.name, names, 1)
    return f"; is it {path.parent / near[0]}?" if near else ""
