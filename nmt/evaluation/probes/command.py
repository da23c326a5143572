"""The probes as commands: runs and a test set, read and checked, into one measurement each."""

from collections.abc import Sequence
from pathlib import Path

from nmt import console, runs
from nmt.evaluation import compare as comparing
from nmt.evaluation import figure, systems
from nmt.evaluation.compare import TestSet
from nmt.evaluation.probes import cost as costs
from nmt.evaluation.probes import distance as distances
from nmt.evaluation.probes import extrapolation as extrapolating
from nmt.evaluation.probes import gradient as gradients
from nmt.evaluation.probes.probe import Probe
from nmt.evaluation.systems import System
from nmt.files import check_folder


def gradient(folders: Sequence[Path], output: Path, test: str | None, *, trained: bool, device: str) -> Probe:
    """Raises NmtError as `_read` and `gradients.probe` do."""
    read = _read(folders, output)
    return gradients.probe(read, _test(read, test), trained=trained, device=device, say=console.note)


def distance(folders: Sequence[Path], output: Path, test: str | None, *, batch_size: int, device: str) -> Probe:
    """Raises NmtError as `_read` and `distances.probe` do."""
    read = _read(folders, output)
    return distances.probe(read, _test(read, test), device=device, batch_size=batch_size, say=console.note)


def extrapolation(folders: Sequence[Path], output: Path, test: str | None, *, batch_size: int, device: str) -> Probe:
    """Raises NmtError as `_read` and `extrapolating.probe` do."""
    read = _read(folders, output)
    held = _test(read, test)
    reaches = extrapolating.training_reaches(read, console.note)
    extrapolating.check(held, reaches)
    outputs = {}
    for system in read:
        console.note(f"{system.name}: translates {held.name}")
        found = runs.load(system.folders[0], device, console.warn).translate(
            held.corpus.src, system.recipe.decoding, batch_size=batch_size
        )
        outputs[system.name] = [each.text for each in found]
    return extrapolating.probe(held, reaches, outputs)


def cost(folders: Sequence[Path], output: Path, *, longest: int, device: str) -> Probe:
    """Raises NmtError as `_read` does."""
    return costs.probe(_read(folders, output), longest=longest, device=device, say=console.note)


def _read(folders: Sequence[Path], output: Path) -> list[System]:
    """The runs as systems; raises NmtError for one that is half trained, of another language pair, or named twice.

    And, before anything is measured, where the results could not be drawn or written.
    """
    figure.check()
    check_folder(output)
    read = [systems.read(name, paths) for name, paths in systems.names_of(folders).items()]
    systems.check_pair(read)
    return read


def _test(read: Sequence[System], name: str | None) -> TestSet:
    """The test set of that name in the first run's recipe, or there; the first of them without a name."""
    recipe = read[0].recipe
    known = systems.tests_of(recipe)
    name = name or next(iter(known))
    return comparing.load_test(name, known.get(name, name), recipe.source, recipe.target)
