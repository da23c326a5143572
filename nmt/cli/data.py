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


@app.command()
def cache(
    folder: Annotated[
        Path | None,
        typer.Option(help="The folder, e.g. a recipe's data.cache_folder; without it, NMT_CACHE or the system's."),
    ] = None,
    clear: Annotated[bool, typer.Option("--clear", help="Remove all of it; what is needed is made again.")] = False,
) -> None:
    """Lists the encoded texts and vocabularies that trainings on large corpora have kept."""
    from nmt.data import cache as caches

    found = caches.Cache(caches.folder(str(folder) if folder else None))
    if clear:
        return typer.echo(f"removed {found.clear() / 2**20:,.1f} MiB from {found.folder}")
    for entry in found.entries():
        told = entry.facts.get("text", "unfinished or damaged")
        size = f"{entry.bytes / 2**20:,.1f} MiB"
        pairs = f", {entry.facts['pairs']:,} pairs" if "pairs" in entry.facts else ""
        typer.echo(f"{size:>14}  {entry.path.name[:24]}  {told}{pairs}")
    total = sum(entry.bytes for entry in found.entries())
    typer.echo(f"{found.folder} {f'has {total / 2**20:,.1f} MiB' if total or found.entries() else 'is empty'}")
