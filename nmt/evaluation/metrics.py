"""BLEU, chrF and TER as sacrebleu computes them, each with its signature."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from nmt.errors import DataError

Metric = Literal["bleu", "chrf", "ter"]


@dataclass(frozen=True)
class Score:
    """One score of a set of translations."""

    name: str
    """As sacrebleu calls it: BLEU, chrF2, TER."""
    score: float
    signature: str
    """Everything that must be equal for two scores to be comparable (Post 2018, arXiv:1804.08771)."""
    text: str
    """As sacrebleu prints it."""


def evaluate(
    hypotheses: Sequence[str],
    references: Sequence[str],
    metrics: Sequence[Metric] = ("bleu", "chrf"),
    lowercase: bool = True,
) -> dict[str, Score]:
    """Scores by metric, and by metric + "_lc" without case if `lowercase`; raises DataError for unequal counts."""
    if len(hypotheses) != len(references):
        raise DataError(f"{len(hypotheses):,} translations and {len(references):,} references; there must be as many")
    if not hypotheses:
        raise DataError("there is nothing to score: no translations and no references")
    scores: dict[str, Score] = {}
    for metric in metrics:
        scores[metric] = _score(metric, hypotheses, references, lowercase=False)
        if lowercase:
            scores[f"{metric}_lc"] = _score(metric, hypotheses, references, lowercase=True)
    return scores


def _score(metric: Metric, hypotheses: Sequence[str], references: Sequence[str], lowercase: bool) -> Score:
    from sacrebleu.metrics import BLEU, CHRF, TER

    scorer: Any
    if metric == "bleu":
        scorer = BLEU(lowercase=lowercase)
    elif metric == "chrf":
        scorer = CHRF(lowercase=lowercase)
    else:
        scorer = TER(case_sensitive=not lowercase)
    result = scorer.corpus_score(list(hypotheses), [list(references)])
    signature = scorer.get_signature()
    return Score(result.name, float(result.score), str(signature), result.format(signature=str(signature)))
