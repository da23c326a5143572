"""The probes as commands: runs and a test set, read and checked, into one measurement each."""

from collections.abc import Sequence
from pathlib import Path

from nmt import console
from nmt.errors import UsageError
from nmt.evaluation import compare as comparing
from nmt.evaluation import systems
from nmt.evaluation.compare import TestSet
from nmt.evaluation.probes import gradient as gradients
from nmt.evaluation.probes.probe import Probe
from nmt.evaluation.systems import System


def gradient(folders: Sequence[Path], output: Path, test: str | None, *, trained: bool, device: str) -> Probe:
    """Raises NmtError as `_read` and `gradients.probe` do."""
    read = _read(folders, output)
    return gradients.probe(read, _test(read, test), trained=trained, device=device, say=console.note)


def _read(folders: Sequence[Path], output: Path) -> list[System]:
    """The runs as systems; raises NmtError for one that is half trained, of another language pair, or named twice."""
    if output.exists() and not output.is_dir():
        raise UsageError(f"{output} is a file; name a folder with -o")
    read = [systems.read(name, paths) for name, paths in systems.names_of(folders).items()]
    systems.check_pair(read)
    return read


def _test(read: Sequence[System], name: str | None) -> TestSet:
    """The test set of that name in the first run's recipe, or there; the first of them without a name."""
    recipe = read[0].recipe
    known = systems.tests_of(recipe)
    name = name or next(iter(known))
    return comparing.load_test(name, known.get(name, name), recipe.source, recipe.target)
