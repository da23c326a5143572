"""`nmt info`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from nmt.json_text import dumps


def info(
    model: Annotated[
        Path, typer.Option("--model", "-m", help="A folder written by `nmt train`, or a file of weights in one.")
    ],
    text: Annotated[
        str | None, typer.Option(help="A sentence to follow; without it, a short one of the run's test or dev text.")
    ] = None,
    target: Annotated[
        str | None, typer.Option(help="Its translation, for the decoder to read; without it, what the search finds.")
    ] = None,
    format: Annotated[Literal["text", "json"], typer.Option(help="A page to read, or one object.")] = "text",
) -> None:
    """Shows what a model is made of: its parameters by formula, its work, its tokens, and a sentence's way through it.

    Example:

      nmt info -m runs/attention --text "Der Hund schläft."
    """
    from nmt.evaluation import info_json, info_page
    from nmt.evaluation.info import inspect

    found = inspect(model, text, target)
    typer.echo(dumps(info_json.as_json(found), indent=2) if format == "json" else info_page.page(found))
