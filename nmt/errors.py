"""What can go wrong through no fault of the program, and the exit code of each kind.

0 is success, 1 a run that failed, 2 a mistake in a flag or a recipe, 3 a mistake in the data, 130 an interrupt.
"""


class NmtError(Exception):
    """A user can mend it: one sentence that says what is, where, what must be, and the remedy."""

    exit_code = 1


class RunError(NmtError):
    """A run failed, or its folder cannot be used."""


class DivergedError(RunError):
    """A training whose gradients are not finite any more."""


class PeerError(RunError):
    """Another of the processes that train together has ended."""


OUT_OF_MEMORY = ("out of memory", "can't allocate memory", "not enough memory", "_STATUS_ALLOC_FAILED")
"""Words of CUDA and MPS, of torch on a CPU (two), and of the libraries of CUDA."""


def out_of_memory(error: BaseException) -> bool:
    """Whether it says that memory did not suffice, as Python, torch on a CPU and torch on a GPU say it."""
    said = str(error)
    return isinstance(error, MemoryError) or (
        isinstance(error, RuntimeError) and any(words in said for words in OUT_OF_MEMORY)
    )


class UsageError(NmtError):
    """A flag or a recipe that makes no sense."""

    exit_code = 2


class DataError(NmtError):
    """A file that is missing, not parallel, not UTF-8, or empty."""

    exit_code = 3
