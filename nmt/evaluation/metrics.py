"""BLEU, chrF and TER as sacrebleu computes them, each with its signature, over a text or by the length of its lines."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, Literal

from nmt.errors import UsageError

Metric = Literal["bleu", "chrf", "ter"]
METRICS: tuple[Metric, ...] = ("bleu", "chrf", "ter")


@dataclass(frozen=True)
class Score:
    """One score of a set of translations."""

    name: str
    """As sacrebleu calls it: BLEU, chrF2, TER."""
    score: float
    signature: str
    """Everything that must be equal for two scores to be comparable (Post 2018, arXiv:1804.08771)."""
    details: str
    """What sacrebleu prints behind the number: BLEU's precisions and lengths."""

    def text(self, decimals: int = 1) -> str:
        """The line that sacrebleu prints."""
        return f"{self.name}|{self.signature} = {self.score:.{decimals}f} {self.details}".rstrip()


@dataclass(frozen=True)
class Bucket:
    """The lines of some lengths, and their scores."""

    shortest: int
    longest: int
    """Words."""
    lines: int
    scores: dict[str, Score]


def evaluate(
    hypotheses: Sequence[str],
    references: Sequence[str],
    metrics: Sequence[Metric] = ("bleu", "chrf"),
    lowercase: bool = True,
    tokenize: str | None = None,
) -> dict[str, Score]:
    """Scores by metric, and BLEU and chrF without case under metric + "_lc" if `lowercase`.

    TER is without case, as sacrebleu has it unless told otherwise. `tokenize` is BLEU's tokenizer; without it,
    sacrebleu's own choice, 13a. Raises ValueError for unequal counts or none, UsageError for an unknown tokenizer.
    """
    if len(hypotheses) != len(references) or not hypotheses:
        raise ValueError(f"{len(hypotheses)} translations and {len(references)} references")
    scores: dict[str, Score] = {}
    for metric in metrics:
        scores[metric] = _score(metric, hypotheses, references, False, tokenize)
        if lowercase and metric != "ter":
            scores[f"{metric}_lc"] = _score(metric, hypotheses, references, True, tokenize)
    return scores


def by_length(
    lengths: Sequence[int],
    hypotheses: Sequence[str],
    references: Sequence[str],
    metrics: Sequence[Metric] = ("bleu", "chrf"),
    parts: int = 4,
    tokenize: str | None = None,
    bounds: Sequence[int] | None = None,
) -> list[Bucket]:
    """Scores of the shortest, the longer and the longest lines: `parts` buckets of about as many lines each.

    Lines of one length are in one bucket, so a short text may have fewer. `bounds` are upper ends of buckets to take
    instead, the last one the greatest length; each must hold a line.
    """
    if bounds is None:
        order = sorted(lengths)
        bounds = sorted({order[len(order) * part // parts - 1] for part in range(1, parts + 1) if len(order) >= parts})
        bounds = bounds or [order[-1]]
    buckets = []
    below = -1
    for bound in bounds:
        rows = [i for i, length in enumerate(lengths) if below < length <= bound]
        held = [lengths[i] for i in rows]
        scores = evaluate([hypotheses[i] for i in rows], [references[i] for i in rows], metrics, False, tokenize)
        buckets.append(Bucket(min(held), max(held), len(rows), scores))
        below = bound
    return buckets


def _score(
    metric: Metric, hypotheses: Sequence[str], references: Sequence[str], lowercase: bool, tokenize: str | None
) -> Score:
    from sacrebleu.metrics import BLEU, CHRF, TER

    scorer: Any
    if metric == "bleu":
        if tokenize is not None and tokenize not in BLEU.TOKENIZERS:
            raise UsageError(f"sacrebleu has no tokenizer {tokenize!r}; it has {', '.join(sorted(BLEU.TOKENIZERS))}")
        try:
            scorer = BLEU(lowercase=lowercase, tokenize=tokenize)
        except (ImportError, RuntimeError) as error:
            raise UsageError(f"the tokenizer {tokenize} of sacrebleu cannot be used: {error}") from None
    elif metric == "chrf":
        scorer = CHRF(lowercase=lowercase)
    else:
        scorer = TER()
    result = scorer.corpus_score(list(hypotheses), [list(references)])
    details = result.format().partition(f" = {result.score:.2f}")[2].strip()
    return Score(result.name, float(result.score), str(scorer.get_signature()), details)
