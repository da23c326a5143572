"""Bootstrap intervals and paired bootstrap tests (Koehn 2004), as sacrebleu computes them."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

SAMPLES = 1_000
METRICS = ("bleu", "chrf")


@dataclass(frozen=True)
class Interval:
    """A score of one system on one test set."""

    score: float
    low: float
    high: float
    """Ends of the 95 % bootstrap interval."""
    signature: str
    p: float | None
    """That the difference to the system before is chance; None for the first."""


def intervals(outputs: Sequence[Sequence[str]], references: Sequence[str]) -> list[dict[str, Interval]]:
    """For the outputs of each system, in order: metric -> score, interval, and p against the system before.

    The samples are those of sacrebleu's seed 12345, the same for all systems. Raises ValueError for outputs of
    another length than the references.
    """
    if any(len(output) != len(references) for output in outputs):
        raise ValueError("outputs and references differ in length")
    found = []
    for place, output in enumerate(outputs):
        before = outputs[place - 1] if place else None
        found.append({metric: _interval(metric, before, output, references) for metric in METRICS})
    return found


def interval(metric: str, output: Sequence[str], references: Sequence[str]) -> Interval:
    """The score of one system by one of METRICS, alone."""
    return _interval(metric, None, output, references)


def _interval(metric: str, before: Sequence[str] | None, output: Sequence[str], references: Sequence[str]) -> Interval:
    from sacrebleu.metrics import BLEU, CHRF
    from sacrebleu.significance import PairedTest

    scorer: Any = (BLEU if metric == "bleu" else CHRF)(references=[list(references)])
    systems = [("before", list(before))] if before is not None else []
    test = PairedTest([*systems, ("this", list(output))], {metric: scorer}, None, test_type="bs", n_samples=SAMPLES)
    signatures, results = test()
    name = next(name for name in results if name != "System")
    result: Any = results[name][-1]
    signature = str(signatures[name])
    low, high = float(result.mean - result.ci), float(result.mean + result.ci)
    p = 1.0 if before is not None and list(before) == list(output) else result.p_value  # sacrebleu says 0.001
    return Interval(float(result.score), low, high, signature, p)
