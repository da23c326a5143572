"""Translations beside their references: read from files, or made by runs."""

import difflib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from nmt import console, recipe
from nmt.data.corpus import Corpus, load, read_parallel
from nmt.errors import DataError, UsageError
from nmt.evaluation.metrics import METRICS, Metric


@dataclass(frozen=True)
class Outputs:
    """What a system wrote for a test set; lines of one number belong together."""

    hypotheses: list[str]
    references: list[str]
    sources: list[str] | None

    @property
    def lengths(self) -> list[int]:
        """Words of each source, or of each reference where there are no sources."""
        return [len(line.split()) for line in (self.sources or self.references)]


def read(hyp: Path, ref: Path, src: Path | None = None) -> Outputs:
    """Files of as many lines; raises DataError that names the first line without a partner."""
    scored = pair(hyp, ref)
    return Outputs(scored.src, scored.tgt, pair(src, ref).src if src else None)


def test_set(model: Path, test: str) -> Corpus:
    """The test set of that name in the run's recipe, or else the corpus there, in the run's languages."""
    from nmt import runs  # scores of given translations need no torch

    settings = runs.recipe_of(model)
    near = difflib.get_close_matches(test, list(settings.data.test), 1)
    made = test.partition(":")[0] == "grammar"
    if near and not made and test not in settings.data.test and not any(Path(test).parent.glob(f"{Path(test).name}*")):
        raise UsageError(f"{model} has no test set {test!r}; did you mean {near[0]}?")
    return load(settings.data.test.get(test, test), settings.source, settings.target, "test")


def pair(src: Path, ref: Path) -> Corpus:
    """Two files of as many lines; raises DataError that names the first line without a partner."""
    corpus = read_parallel(src, ref)
    if not len(corpus):
        raise DataError(f"{ref} is empty; there is nothing to score")
    return corpus


def translate(
    models: Sequence[Path], test: Corpus, search: Mapping[str, Any], *, batch_size: int = 64, device: str = "auto"
) -> Outputs:
    """What runs (several are an ensemble) make of the source; `search` is what differs from the recipe's own."""
    from nmt import runs

    config = recipe.search_config(runs.recipe_of(models[0]).decoding, search)
    translator = runs.load(models, device, console.warn)
    found = [t.text for t in translator.translate(test.src, config, batch_size=batch_size)]
    return Outputs(found, test.tgt, test.src)


def parse_metrics(text: str) -> list[Metric]:
    """Metrics of a list with commas; raises UsageError for an unknown one."""
    names = [name.strip().lower() for name in text.split(",") if name.strip()]
    unknown = [name for name in names if name not in METRICS]
    if unknown or not names:
        raise UsageError(f"--metrics {text!r} must be a list of {', '.join(METRICS)}, as in bleu,chrf")
    return [metric for metric in METRICS if metric in names]
