"""Locks that end with their process, however it ends: flock(2), where the system and its file system have it."""

import os
import socket
import sys
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from nmt.errors import RunError


@contextmanager
def held(path: Path, busy: str) -> Iterator[None]:
    """Holds the lock of a file, which is made if need be and says by whom it is held.

    Raises RunError, `busy` and by whom, where somebody else holds it.
    """
    with path.open(
        "a+b", buffering=0
    ) as file:  # or else closing it would try once more to write to a disk that is full
        if not locked(file.fileno(), wait=False):
            file.seek(0)
            who = file.read().decode("utf-8", "replace").strip() or "another process"
            raise RunError(f"{busy} by {who}; wait for its end, or choose another folder with -o")
        with suppress(OSError):  # a disk that is full tells nobody who holds it
            file.truncate(0)
            file.write(f"process {os.getpid()} on {socket.gethostname()}\n".encode())
        yield


@contextmanager
def one_at_a_time(folder: Path) -> Iterator[None]:
    """Waits until nobody else is within this for the same folder; for what takes a moment."""
    try:
        descriptor = os.open(folder, os.O_RDONLY)
    except OSError:  # a system that opens no folders
        yield
        return
    try:
        locked(descriptor, wait=True)
        yield
    finally:
        os.close(descriptor)


def locked(descriptor: int, *, wait: bool) -> bool:
    """Whether this process has it now, and nobody else; True as well where nobody can say. By an open file's number."""
    if sys.platform == "win32":
        return True
    import fcntl

    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True
