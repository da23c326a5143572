"""What the C library does with freed memory."""

import ctypes
import sys

_TRIM_THRESHOLD, _MMAP_MAX, _ARENA_MAX = -1, -4, -8


def keep_freed_memory() -> bool:
    """Asks glibc to keep freed blocks for the next allocation -> whether it will.

    By default it returns each large block to the kernel, and the next training step pays a page fault for every
    4 KB of every large tensor. Elsewhere than on Linux with glibc, nothing happens.
    """
    if not sys.platform.startswith("linux"):
        return False
    try:
        mallopt = ctypes.CDLL("libc.so.6").mallopt
    except (OSError, AttributeError):
        return False
    return all([mallopt(_MMAP_MAX, 0), mallopt(_TRIM_THRESHOLD, 2**31 - 1), mallopt(_ARENA_MAX, 1)])
