"""A folder of what is costly to make and can be made again: entries that are whole or not there, each made once.

An entry is a folder of files. It is written beside its place and renamed when all of it is on the disk, so that no
half of one is ever read; whenever it is asked for, its files must have the sums that they were written with. Who makes
one holds a lock that ends with its process, however that ends; the others wait. Where a file system has no locks, each
makes its own, and the first rename decides. Only folders and locks that are named as entries are looked at or removed.
"""

import hashlib
import json
import os
import re
import shutil
import socket
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nmt.errors import RunError, UsageError
from nmt.files import sha256, sync
from nmt.json_text import object_of
from nmt.locks import locked

VARIABLE = "NMT_CACHE"
"""The environment variable that names the folder, where a recipe does not."""
FACTS = "facts.json"
SIZES, SUMS = "bytes", "sha256"
"""Facts of every entry: of each of its files."""
_PART, _LOCK = ".part", ".lock"
_NAME = re.compile(rf"([a-z]+-[0-9a-f]{{40}})(?:\..*{_PART}|{_LOCK})?")

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
        RunError where the folder cannot be written. To read the files for their sums takes no longer than the
        kernel, which then has them at hand, needs to fetch them (SHA-256 is some 1 GB/s).
        """
        digest = hashlib.sha256(json.dumps([kind, key], sort_keys=True).encode()).hexdigest()
        place = self.folder / f"{kind}-{digest[:40]}"
        if _whole(place):
            return place
        try:
            self.folder.mkdir(parents=True, exist_ok=True)
            with self._locked(place.with_name(place.name + _LOCK)):
                if not _whole(place):
                    if place.exists():
                        self.say(f"{place} is damaged; it is made again")
                    self._make(place, make)
        except OSError as error:
            raise RunError(
                f"the cache {self.folder} cannot be written: {error.strerror or error}; make room, name another folder "
                f"by data.cache_folder or {VARIABLE}, or do without by data.cache = never"
            ) from None
        return place

    def entries(self) -> list[Entry]:
        """Every entry and every remainder of one, by name; locks are none."""
        return [Entry(path, _bytes(path), facts(path)) for _, path in self._named() if path.is_dir()]

    def clear(self) -> int:
        """Removes all but what a process is making now -> bytes; a training keeps the entries that it has open."""
        removed = 0
        for name in sorted({name for name, _ in self._named()}):
            with (self.folder / f"{name}{_LOCK}").open("ab") as lock:
                if not locked(lock.fileno(), wait=False):
                    continue
                for path in [path for owner, path in self._named() if owner == name and path.is_dir()]:
                    size = _bytes(path)
                    _discard(path)
                    removed += size * (not path.exists())
                Path(lock.name).unlink(missing_ok=True)
        return removed

    def _named(self) -> list[tuple[str, Path]]:
        """The name of an entry, and a path that is its own, its remainder's or its lock's; nothing else is ours."""
        paths = sorted(self.folder.iterdir()) if self.folder.is_dir() else []
        return [(found[1], path) for path in paths if (found := _NAME.fullmatch(path.name))]

    def _make(self, place: Path, make: Callable[[Path], dict[str, Any]]) -> None:
        mine = f"{place.name}.{socket.gethostname()}."
        for left in self.folder.glob(f"{mine}*{_PART}"):  # by one that was killed
            if not _alive(left.name.removeprefix(mine).removesuffix(_PART)):
                shutil.rmtree(left, ignore_errors=True)
        beside = self.folder / f"{mine}{os.getpid()}{_PART}"
        beside.mkdir()
        try:
            told = make(beside)
            files = list(beside.iterdir())
            sizes, sums = ({path.name: of(path) for path in files} for of in (_size, sha256))
            (beside / FACTS).write_text(json.dumps({**told, SIZES: sizes, SUMS: sums}), encoding="utf-8")
            for path in (*files, beside / FACTS, beside):
                sync(path)
            _install(beside, place)
            sync(self.folder)
        finally:
            shutil.rmtree(beside, ignore_errors=True)

    @contextmanager
    def _locked(self, path: Path) -> Iterator[None]:
        with path.open("ab") as file:
            if not locked(file.fileno(), wait=False):
                self.say(f"another process is making {path.with_suffix('').name} in {self.folder}; waiting for it")
                locked(file.fileno(), wait=True)
            yield


def folder(chosen: str | None = None) -> Path:
    """Where the cache is: where a recipe says, or else NMT_CACHE, or else in the system's own folder of caches.

    Raises UsageError where that is in the home of somebody who has none, as in a container.
    """
    try:
        if named := chosen or os.environ.get(VARIABLE):
            return Path(named).expanduser()
        return _of_system()
    except RuntimeError as error:
        raise UsageError(f"there is no place for a cache ({error}); name a folder by {VARIABLE}") from None


def _of_system() -> Path:
    if sys.platform == "darwin":
        return Path.home() / "Library" / "Caches" / "nmt"
    if sys.platform == "win32":
        return Path(os.environ.get("LOCALAPPDATA") or Path.home() / "AppData" / "Local") / "nmt" / "cache"
    return Path(os.environ.get("XDG_CACHE_HOME") or Path.home() / ".cache") / "nmt"


def facts(place: Path) -> dict[str, Any]:
    """What the maker of an entry said of it; nothing where its files are not as many or as large as they were."""
    try:
        told = object_of((place / FACTS).read_bytes())
        sizes = {path.name: _size(path) for path in place.iterdir() if path.name != FACTS}
    except (OSError, ValueError):
        return {}
    return told if told.get(SIZES) == sizes else {}


def _whole(place: Path) -> bool:
    """Whether an entry is as it was written; one that was cut or changed, or is being removed, is not."""
    told = facts(place)
    try:
        return bool(told) and told.get(SUMS) == {name: sha256(place / name) for name in told[SIZES]}
    except OSError:
        return False


def _size(path: Path) -> int:
    return path.stat().st_size


def _bytes(place: Path) -> int:
    """Of the files of a folder, in which somebody may be at work."""
    total = 0
    for path in place.rglob("*"):
        with suppress(OSError):
            total += _size(path) if path.is_file() else 0
    return total


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


def _alive(process: str) -> bool:
    """Whether a process of this host is there, by its number; where locks are, no living one can be at our entry."""
    try:
        os.kill(int(process), 0)
    except (ProcessLookupError, ValueError):
        return False
    except OSError:  # somebody else's
        return True
    return int(process) != os.getpid()
