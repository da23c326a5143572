"""A folder of what is costly to make and can be made again: entries that are whole or not there, each made once.

An entry is a folder of files. It is written beside its place and renamed when all of it is on the disk, so that no
half of one is ever read. Who makes one holds a lock that ends with its process, however that ends; the others wait.
Where a file system has no locks, each makes its own, and the first rename decides.
"""

import hashlib
import json
import os
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import IO, Any

from nmt.errors import RunError

VARIABLE = "NMT_CACHE"
"""The environment variable that names the folder, where a recipe does not."""
FACTS = "facts.json"
_PART, _LOCK = ".part", ".lock"

Say = Callable[[str], None]


@dataclass(frozen=True)
class Entry:
    """One entry, for a list."""

    path: Path
    bytes: int
    facts: dict[str, Any]
    """What its maker said of it; none of one that was never finished."""


class Cache:
    """The entries in one folder."""

    def __init__(self, folder: Path, say: Say = lambda message: None) -> None:
        self.folder = folder
        self.say = say

    def entry(self, kind: str, key: Any, make: Callable[[Path], dict[str, Any]]) -> Path:
        """The folder of the entry of this kind and key, which `make` writes, in the folder it is given, if need be.

        The key is anything that JSON can hold; what `make` returns is kept beside its files, for `facts`. Raises
        RunError where the folder cannot be written.
        """
        digest = hashlib.sha256(json.dumps([kind, key], sort_keys=True).encode()).hexdigest()
        place = self.folder / f"{kind}-{digest[:40]}"
        if _whole(place):
            return place
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with self._locked(place.with_name(place.name + _LOCK)):
                if not _whole(place):
                    self._make(place, make)
        except OSError as error:
            raise RunError(
                f"the cache {self.folder} cannot be written: {error.strerror or error}; make room, name another folder "
                f"by data.cache_folder or {VARIABLE}, or do without by data.cache = never"
            ) from None
        return place

    def entries(self) -> list[Entry]:
        """Every entry and every remainder of one, by name; locks are none."""
        paths = sorted(self.folder.iterdir()) if self.folder.is_dir() else []
        return [
            Entry(path, sum(file.stat().st_size for file in path.rglob("*") if file.is_file()), facts(path))
            for path in paths
            if path.is_dir()
        ]

    def clear(self) -> int:
        """Removes all of it -> bytes; a training that has an entry open keeps what it has open."""
        found = self.entries()
        for entry in found:
            _discard(entry.path)
        for lock in self.folder.glob(f"*{_LOCK}"):
            lock.unlink(missing_ok=True)
        return sum(entry.bytes for entry in found)

    def _make(self, place: Path, make: Callable[[Path], dict[str, Any]]) -> None:
        mine = f"{place.name}.{socket.gethostname()}."
        for left in self.folder.glob(f"{mine}*{_PART}"):  # by one that was killed
            if not _alive(left.name.removeprefix(mine).removesuffix(_PART)):
                shutil.rmtree(left, ignore_errors=True)
        beside = self.folder / f"{mine}{os.getpid()}{_PART}"
        beside.mkdir()
        try:
            told = make(beside)
            sizes = {path.name: path.stat().st_size for path in beside.iterdir()}
            (beside / FACTS).write_text(json.dumps({"files": sizes, **told}), encoding="utf-8")
            for path in (*beside.iterdir(), beside):
                _sync(path)
            _install(beside, place)
            _sync(self.folder)
        finally:
            shutil.rmtree(beside, ignore_errors=True)

    @contextmanager
    def _locked(self, path: Path) -> Iterator[None]:
        with path.open("ab") as file:
            if not _lock(file, wait=False):
                self.say(f"another process is making {path.with_suffix('').name} in {self.folder}; waiting for it")
                _lock(file, wait=True)
            yield


def folder(chosen: str | None = None) -> Path:
    """Where the cache is: where a recipe says, or else NMT_CACHE, or else in the system's own folder of caches."""
    if named := chosen or os.environ.get(VARIABLE):
        return Path(named).expanduser()
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "nmt"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "nmt" / "cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "nmt"


def facts(place: Path) -> dict[str, Any]:
    """What the maker of an entry said of it; nothing of a folder that is no whole entry."""
    try:
        told = json.loads((place / FACTS).read_bytes())
        sizes = {path.name: path.stat().st_size for path in place.iterdir() if path.name != FACTS}
    except (OSError, ValueError):
        return {}
    return told if isinstance(told, dict) and told.get("files") == sizes else {}


def _whole(place: Path) -> bool:
    return bool(facts(place))


def _install(beside: Path, place: Path) -> None:
    """Gives a finished entry its name; one that another process has put there meanwhile stays."""
    try:
        beside.rename(place)
    except OSError:
        if _whole(place):
            return
        _discard(place)  # damaged since it was made
        beside.rename(place)


def _discard(place: Path) -> None:
    """Removes an entry; its facts first, so that it is never taken for a whole one."""
    (place / FACTS).unlink(missing_ok=True)
    shutil.rmtree(place, ignore_errors=True)


def _lock(file: IO[bytes], *, wait: bool) -> bool:
    """Whether the lock is ours; True as well where nobody can say."""
    if sys.platform == "win32":
        return True
    import fcntl

    try:
        fcntl.flock(file, fcntl.LOCK_EX | (0 if wait else fcntl.LOCK_NB))
    except BlockingIOError:
        return False
    except OSError:  # a file system without locks
        return True
    return True


def _alive(process: str) -> bool:
    """Whether a process of this host is there, by its number; where locks are, no living one can be at our entry."""
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, ValueError):
        return False
    except OSError:  # somebody else's
        return True
    return int(process) != os.getpid()


def _sync(path: Path) -> None:
    """Returns when a file's content, or the names in a folder, are on the disk."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:  # a system that opens no folders
        return
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
