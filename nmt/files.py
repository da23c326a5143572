"""Files that are either the old ones or all of the new ones, whenever the machine stops."""

import errno
import hashlib
import os
import shutil
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from pathlib import Path

from nmt.errors import RunError, UsageError

PART = ".part"
"""What the name of a file or a folder ends with until it is whole."""


@contextmanager
def replacing(path: Path) -> Iterator[Path]:
    """A path beside `path` to write to; in the end it is on the disk and has its name, after an error it is gone."""
    beside = path.with_name(path.name + PART)
    try:
        beside.unlink(missing_ok=True)
        yield beside
        sync(beside)
        beside.replace(path)
        sync(path.parent)
    except BaseException:
        with suppress(OSError):
            beside.unlink(missing_ok=True)
        raise


def write_whole(path: Path, content: bytes) -> None:
    """Replaces the file, if there is one, in one step."""
    with replacing(path) as beside:
        beside.write_bytes(content)


def check_folder(folder: Path) -> None:
    """Raises UsageError where nothing could be written into a folder of that name, made if need be.

    To be asked before the work whose results go there.
    """
    there = next(
        each for each in (folder, *folder.absolute().parents) if os.path.exists(each)
    )  # False too where nobody may look
    if not there.is_dir():
        raise UsageError(f"{there} is a file; name a folder with -o")
    if not os.access(there, os.W_OK | os.X_OK):
        raise UsageError(f"{there} cannot be written; name another folder with -o")


@contextmanager
def saving(what: Path) -> Iterator[None]:
    """Raises RunError in one line where the system will not write: a full disk, a quota, a file that is too large."""
    try:
        yield
    except OSError as error:
        raise RunError(
            f"{what} cannot be written: {error.strerror or error}; what was saved before it stands: make room, and "
            "give the same command again"
        ) from None


def link(existing: Path, name: Path) -> None:
    """Gives a file a second name; where the file system has no hard links, a copy."""
    try:
        os.link(existing, name)
    except OSError:
        shutil.copyfile(existing, name)


UNABLE = {errno.EINVAL, errno.ENOSYS, errno.ENOTSUP, errno.EBADF}
"""What fsync says on file systems that have none, for files or for folders; EIO and ENOSPC are a disk's, and faults."""


def sync(path: Path) -> None:
    """Returns when a file's content, or the names in a folder, are on the disk, as far as the system will say."""
    try:
        descriptor = os.open(path, os.O_RDONLY)
    except OSError:
        if path.is_dir():  # some systems open no folders
            return
        raise
    try:
        os.fsync(descriptor)
    except OSError as error:
        if error.errno not in UNABLE:
            raise
    finally:
        os.close(descriptor)


def sha256(path: Path) -> str:
    """Of the file's bytes, in hexadecimal, as `sha256sum` prints it."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def remove(path: Path) -> None:
    """A file or a folder, under the name of an unfinished one first, so that no half of it is ever taken for whole."""
    if path.is_dir():
        with suppress(OSError):
            unfinished = path.with_name(path.name + PART)
            shutil.rmtree(unfinished, ignore_errors=True)
            path = path.rename(unfinished)
        shutil.rmtree(path, ignore_errors=True)
    else:
        path.unlink(missing_ok=True)


def sweep(folder: Path) -> None:
    """Takes away what writers that were killed left in a folder."""
    for path in folder.glob(f"*{PART}"):
        shutil.rmtree(path, ignore_errors=True) if path.is_dir() else path.unlink(missing_ok=True)
