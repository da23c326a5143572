"""`nmt average`."""

from pathlib import Path
from typing import Annotated

import typer


def average(
    run: Annotated[Path, typer.Argument(help="A folder written by `nmt train`.")],
    last: Annotated[int, typer.Option(min=2, help="How many of the newest validations.")] = 5,
) -> None:
    """Averages the weights of the last validations into a file, which it prints.

    Training does so too at its end, and keeps the mean as its best where dev says so.

    Example:

      nmt translate -m $(nmt average runs/mine --last 3) < test.de
    """
    from nmt import runs

    typer.echo(str(runs.average(runs.Run.existing(run), last)))
