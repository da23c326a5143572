"""`nmt data`: corpora as files."""

from pathlib import Path
from typing import Annotated

import typer

from nmt.errors import UsageError

CORPORA = ("grammar",)

app = typer.Typer(help="Makes the corpora that come with the program.", no_args_is_help=True, rich_markup_mode=None)


@app.callback()
def _group() -> None:
    """Makes the corpora that come with the program."""


@app.command()
def make(
    name: Annotated[str, typer.Argument(help="The corpus, e.g. grammar.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The folder to write, e.g. -o data/grammar.")],
    size: Annotated[
        int | None, typer.Option(min=1, help="Training pairs, e.g. --size 100000; 20,000 without it.")
    ] = None,
) -> None:
    """Writes train, dev and test of an embedded corpus, one sentence a line, and the labels of dev and test."""
    if name not in CORPORA:
        raise UsageError(f"there is no embedded corpus {name!r}; known: {', '.join(CORPORA)}")
    from nmt.data import grammar

    for path, lines in grammar.write(output, size).items():
        typer.echo(f"{path}  {lines:,} lines")
