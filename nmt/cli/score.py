"""`nmt score`."""

import math
from pathlib import Path
from typing import Annotated, Literal

import typer

from nmt.cli.options import BatchSize, Device, Models
from nmt.cli.results import results
from nmt.errors import DataError
from nmt.json_text import dumps


def score(
    model: Models,
    src: Annotated[Path, typer.Option("--src", help="Source text, one sentence a line.")],
    tgt: Annotated[Path, typer.Option("--tgt", help="Its translations, as many lines.")],
    output: Annotated[str, typer.Option("--output", "-o", help="Where to write; - is standard output.")] = "-",
    format: Annotated[
        Literal["text", "jsonl"], typer.Option(help="text: log-probability, tab, perplexity; or an object a line.")
    ] = "text",
    batch_size: BatchSize = 64,
    device: Device = "auto",
) -> None:
    """Scores given translations: natural log-probability and perplexity of each, and of the whole text.

    A line's log-probability is that of its tokens and of its end; the perplexity is a token's. The line for the
    whole text goes to standard error.

    Example:

      nmt score -m runs/mine --src test.de --tgt test.en > test.scores
    """
    from nmt import console, runs
    from nmt.data.corpus import read_parallel

    pairs = read_parallel(src, tgt)
    if not len(pairs):
        raise DataError(f"{src} and {tgt} are empty; a score needs at least one pair")
    translator = runs.load(model, device, console.warn)
    total, tokens = 0.0, 0
    with results(output, src, tgt) as write:
        for pair in translator.score(pairs.src, pairs.tgt, batch_size=batch_size):
            total, tokens = total + pair.log_prob, tokens + pair.tokens
            numbers = {"log_prob": pair.log_prob, "tokens": pair.tokens, "perplexity": pair.perplexity}
            text = f"{pair.log_prob:.4f}\t{pair.perplexity:.4f}"
            write(dumps(numbers) if format == "jsonl" else text)
    perplexity = math.exp(-total / max(tokens, 1))
    console.note(f"{len(pairs):,} pairs, {tokens:,} tokens: log-probability {total:.2f}, perplexity {perplexity:.4f}")
