"""`nmt eval`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Any, Literal, cast

import typer

from nmt.cli.options import BatchSize, Beam, Device, LengthPenalty, Metrics, Tokenize
from nmt.cli.results import results
from nmt.errors import UsageError
from nmt.json_text import dumps

if TYPE_CHECKING:
    from nmt.evaluation.metrics import Bucket, Score

Runs = Annotated[
    list[Path] | None, typer.Option("--model", "-m", help="Instead of --hyp: a run that translates --src.")
]
Test = Annotated[
    str | None,
    typer.Option(help="With -m, instead of --src and --ref: a test set of its recipe, a prefix, or grammar."),
]
Source = Annotated[
    Path | None, typer.Option("--src", help="Source text; --by-length counts its words where it is given.")
]


def evaluate(
    ref: Annotated[Path | None, typer.Option("--ref", help="Reference translations, one sentence a line.")] = None,
    hyp: Annotated[Path | None, typer.Option("--hyp", help="Translations to score, as many lines.")] = None,
    model: Runs = None,
    test: Test = None,
    src: Source = None,
    output: Annotated[Path | None, typer.Option("--output", "-o", help="With -m: keep the translations here.")] = None,
    metrics: Metrics = "bleu,chrf",
    tokenize: Tokenize = None,
    by_length: Annotated[bool, typer.Option("--by-length", help="Scores by quarters of sentence length too.")] = False,
    width: Annotated[int, typer.Option("--width", "-w", min=0, max=12, help="Decimals of the scores.")] = 1,
    format: Annotated[Literal["text", "json"], typer.Option(help="Lines as sacrebleu's, or one object.")] = "text",
    beam: Beam = None,
    length_penalty: LengthPenalty = None,
    batch_size: BatchSize = 64,
    device: Device = "auto",
) -> None:
    """Scores translations with sacrebleu: BLEU and chrF, with case and without, each with its signature.

    Examples:

      nmt eval -m runs/mine --src test.de --ref test.en --by-length

      nmt eval -m runs/mine --test grammar

      nmt eval --hyp test.out.en --ref test.en --metrics bleu,chrf,ter --format json
    """
    _check(hyp, model, src, ref, test, output)
    from nmt.evaluation import outputs
    from nmt.evaluation.metrics import by_length as bucketed
    from nmt.evaluation.metrics import evaluate as scored

    wanted = outputs.parse_metrics(metrics)
    if model:
        texts = outputs.test_set(model[0], test) if test else outputs.pair(cast(Path, src), cast(Path, ref))
        with results(str(output or "-"), src, ref) as write:
            changes = {"beam": beam, "length_penalty": length_penalty}
            text = outputs.translate(model, texts, changes, batch_size=batch_size, device=device)
            for line in text.hypotheses if output else ():
                write(line)
    else:
        text = outputs.read(cast(Path, hyp), cast(Path, ref), src)
    scores = scored(text.hypotheses, text.references, wanted, tokenize=tokenize)
    buckets: list[Bucket] = []
    if by_length:
        buckets = bucketed(text.lengths, text.hypotheses, text.references, wanted, tokenize=tokenize)
    counted = "source" if text.sources else "ref"
    typer.echo(_json(scores, buckets) if format == "json" else _text(scores, buckets, counted, width))


def _check(
    hyp: Path | None,
    model: list[Path] | None,
    src: Path | None,
    ref: Path | None,
    test: str | None,
    output: Path | None,
) -> None:
    if (hyp is None) == (not model):
        raise UsageError("name either --hyp with --ref, or -m with --src and --ref, or -m with --test")
    if test and (hyp or src or ref):
        raise UsageError("--test is for -m, and has both sides; leave out --hyp, --src and --ref")
    if model and src is None and not test:
        raise UsageError("-m translates a source text; name it with --src, or a test set with --test")
    if ref is None and not test:
        raise UsageError("scores need reference translations; name them with --ref")
    if hyp and output:
        raise UsageError("-o keeps the translations of -m; --hyp has them already")


def _json(scores: "dict[str, Score]", buckets: "list[Bucket]") -> str:
    out: dict[str, Any] = {key: {"score": s.score, "signature": s.signature} for key, s in scores.items()}
    if buckets:
        out["by_length"] = [
            {
                "shortest": bucket.shortest,
                "longest": bucket.longest,
                "lines": bucket.lines,
                **{key: score.score for key, score in bucket.scores.items()},
            }
            for bucket in buckets
        ]
    return dumps(out, indent=2)


def _text(scores: "dict[str, Score]", buckets: "list[Bucket]", counted: str, width: int) -> str:
    lines = [score.text(width) for score in scores.values()]
    if buckets:
        names = [score.name for score in buckets[0].scores.values()]
        lines += ["", "".join(f"{cell:>12}" for cell in (f"{counted} words", "lines", *names))]
        for bucket in buckets:
            values = [f"{score.score:.{width}f}" for score in bucket.scores.values()]
            cells = [f"{bucket.shortest}-{bucket.longest}", f"{bucket.lines:,}", *values]
            lines.append("".join(f"{cell:>12}" for cell in cells))
    return "\n".join(lines)
