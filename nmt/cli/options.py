"""Flags that several commands share, and those of the search and of the metrics."""

from pathlib import Path
from typing import Annotated

import typer

Models = Annotated[
    list[Path],
    typer.Option(
        "--model", "-m", help="A folder written by `nmt train`, or a file of weights in one; several are an ensemble."
    ),
]
Device = Annotated[str, typer.Option(help="auto, cpu, cuda, cuda:1 or mps.")]
BatchSize = Annotated[int, typer.Option(min=1, help="Sentences at once; changes speed and memory alone.")]
Beam = Annotated[
    int | None, typer.Option(min=1, help="Hypotheses kept for a sentence; 1 is greedy; without it, the recipe's (5).")
]
LengthPenalty = Annotated[
    float | None,
    typer.Option(help="Rank by log-probability / length ** this; 0 is none; without it, the recipe's (1)."),
]
Settings = Annotated[
    list[str] | None, typer.Option("--set", help="section.option=value over the recipe; may be repeated.")
]
Temperature = Annotated[float | None, typer.Option(help="With --sample: below 1 is bolder in the likely.")]
TopK = Annotated[int | None, typer.Option(min=1, help="With --sample: draw from the k likeliest tokens.")]
TopP = Annotated[float | None, typer.Option(help="With --sample: draw from the likeliest tokens that sum to this.")]
Seed = Annotated[int | None, typer.Option(help="With --sample: the same seed gives the same draws.")]
NoRepeat = Annotated[int | None, typer.Option(min=1, help="Let no n tokens in a row occur twice.")]
Tokenize = Annotated[str | None, typer.Option(help="sacrebleu's tokenizer for BLEU, e.g. zh or char; 13a without it.")]
Metrics = Annotated[str, typer.Option(help="Of bleu, chrf and ter; ter is slow on long bad output.")]
