"""`nmt plot`."""

from pathlib import Path
from typing import Annotated

import typer

from nmt.cli.options import Device
from nmt.errors import UsageError

app = typer.Typer(help="Draws figures of runs.", no_args_is_help=True)


@app.command()
def attention(
    model: Annotated[
        list[Path],
        typer.Option("--model", "-m", help="A folder written by `nmt train`; several are drawn side by side."),
    ],
    text: Annotated[str, typer.Option(help="The sentence to translate.")],
    target: Annotated[
        str | None, typer.Option(help="A translation to be read, in place of what each model writes.")
    ] = None,
    output: Annotated[Path, typer.Option("--output", "-o", help="A .png, .svg or .pdf.")] = Path("attention.png"),
    heads: Annotated[bool, typer.Option("--heads", help="Every layer and head apart; for one model.")] = False,
    grey: Annotated[
        bool, typer.Option("--grey", help="In grey as Bahdanau et al. 2015 drew it: 0 is black, 1 is white.")
    ] = False,
    device: Device = "auto",
) -> None:
    """Draws where models look while they translate a sentence: a row for each word written, a column for each read.

    Example:

      nmt plot attention -m runs/attention -m runs/transformer --text "Der Hund schläft." -o attention.png
    """
    if heads and len(model) > 1:
        raise UsageError("--heads draws one model; name one with -m")
    from nmt.evaluation import drawing

    for line in drawing.attention(model, text, output, target=target, heads=heads, grey=grey, device=device):
        typer.echo(line)
