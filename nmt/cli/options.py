"""Flags that several commands share."""

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
