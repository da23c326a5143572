"""The probes that a report has without being asked: those that are quick, and that apply to its systems."""

from collections.abc import Callable

from nmt import console
from nmt.errors import NmtError
from nmt.evaluation.compare import Comparison
from nmt.evaluation.probes import cost, extrapolation, gradient
from nmt.evaluation.probes.probe import Probe

LONGEST, REPEATS = 64, 3
"""Of `cost`, which takes most of its time for the longest sentences."""


def applying(comparison: Comparison, *, device: str = "auto", say: Callable[[str], None] = console.note) -> list[Probe]:
    """Gradients, costs up to LONGEST tokens, and where test sentences are longer than any of training extrapolation.

    Over the first test set. Accuracy by distance is in every comparison, and is not measured again; a probe that
    cannot be made, as when the training text is gone or memory is short, is left out with a message.
    """
    found: list[Probe] = []
    test, systems = comparison.tests[0], comparison.systems
    outputs = {name: result.outputs for name, result in comparison.results[test.name].items()}

    def stretched() -> Probe | None:
        reaches = extrapolation.training_reaches(systems)
        return extrapolation.probe(test, reaches, outputs) if extrapolation.applies(test, reaches) else None

    makers: dict[str, Callable[[], Probe | None]] = {
        "gradient": lambda: gradient.probe(systems, test, device=device),
        "extrapolation": stretched,
        "cost": lambda: cost.probe(systems, longest=LONGEST, repeats=REPEATS, device=device),
    }
    if all(system.counted for system in systems):
        del makers["gradient"]
    for name, make in makers.items():
        say(f"probes {name}")
        try:
            probe = make()
        except (NmtError, RuntimeError) as error:  # torch's, for want of memory: no reason to lose a report
            why, _, _ = str(error).partition("\n")
            say(f"no {name} in the report: {why}")
            continue
        if probe:
            found.append(probe)
    return found
