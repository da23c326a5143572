"""Lines of a file or a pipe: UTF-8, plain or gzipped, ended by "\\n" and by nothing else.

U+2028, U+0085, form feeds and "\\r" inside a line are text; a "\\r" before the "\\n" is kept too, since only a
file's owner knows whether it belongs there.
"""

import difflib
import gzip
import sys
import zlib
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import IO

from nmt.errors import DataError

_GZIP = b"\x1f\x8b"


def read_lines(path: Path) -> list[str]:
    """All lines of a file; a last one without "\\n" counts. Raises DataError that names the file and the line."""
    try:
        with path.open("rb") as raw:
            return list(decode_lines(_plain(raw), str(path)))
    except FileNotFoundError:
        raise DataError(f"{path} does not exist{_nearest(path)}") from None
    except IsADirectoryError:
        raise DataError(f"{path} is a folder; name a file in it") from None
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise DataError(f"{path} is a damaged gzip file ({error}); obtain it again") from None
    except OSError as error:
        raise DataError(f"{path} cannot be read: {error.strerror or error}") from None


def stream_lines(where: str) -> Iterator[str]:
    """Lines of a file, or of standard input for "-", as they come."""
    if where == "-":
        yield from decode_lines(sys.stdin.buffer, "standard input")
    else:
        yield from read_lines(Path(where))


def decode_lines(raw: Iterable[bytes], name: str) -> Iterator[str]:
    """Text of each line of bytes, without its "\\n"; raises DataError "NAME:LINE: ..." where it is not UTF-8."""
    for number, line in enumerate(raw, start=1):
        try:
            yield line.removesuffix(b"\n").decode("utf-8")
        except UnicodeDecodeError as error:
            byte = line[error.start]
            raise DataError(
                f"{name}:{number}: not UTF-8 (byte 0x{byte:02x} at column {error.start + 1}); convert the file, "
                "for example with `iconv -f WINDOWS-1252 -t UTF-8`"
            ) from None


def _plain(raw: IO[bytes]) -> IO[bytes]:
    """The file, unpacked if its first bytes say that it is gzipped."""
    magic = raw.read(2)
    raw.seek(0)
    return gzip.GzipFile(fileobj=raw) if magic == _GZIP else raw  # type: ignore[return-value]


def _nearest(path: Path) -> str:
    names = [entry.name for entry in path.parent.iterdir()] if path.parent.is_dir() else []
    near = difflib.get_close_matches(path.name, names, 1)
    return f"; is it {path.parent / near[0]}?" if near else ""
