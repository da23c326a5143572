"""`nmt train`."""

from pathlib import Path
from typing import Annotated, Any, Literal

import typer

from nmt.cli.options import Device, Settings
from nmt.world import rank

Arch = Literal["lexical", "rnn", "attention", "transformer", "decoder"]


def train(
    recipe: Annotated[
        Path | None, typer.Argument(help="A TOML file; without one, defaults that fit the corpus.")
    ] = None,
    arch: Annotated[Arch | None, typer.Option(help="The backbone; without it, the recipe's, or transformer.")] = None,
    train: Annotated[
        str | None, typer.Option(help="Training text: a prefix, a .tsv or .jsonl file, hub:NAME, or grammar.")
    ] = None,
    dev: Annotated[str | None, typer.Option(help="Development text, in the same notation.")] = None,
    source: Annotated[str | None, typer.Option(help="Source language, as in the files' names, e.g. en.")] = None,
    target: Annotated[str | None, typer.Option(help="Target language, e.g. de.")] = None,
    output: Annotated[
        Path | None, typer.Option("--output", "-o", help="The run folder; runs/ARCH-SOURCE-TARGET without it.")
    ] = None,
    settings: Settings = None,
    device: Device = "auto",
    help_recipe: Annotated[
        bool, typer.Option("--help-recipe", help="Print every key of a recipe with its default and meaning, and exit.")
    ] = False,
    dry_run: Annotated[bool, typer.Option("--dry-run", help="Print what would be trained, and train nothing.")] = False,
) -> None:
    """Trains a model, or goes on with a training that was interrupted.

    Examples:

      nmt train --arch attention                       (on the embedded German-English corpus)

      nmt train --train data/train --dev data/dev --source en --target de -o runs/mine

      nmt train recipes/multi30k.toml --arch rnn --set model.cell=lstm --set training.steps=2000
    """
    if help_recipe:
        from nmt.recipe import document

        return typer.echo(document()) if rank() == 0 else None
    from nmt import console
    from nmt.training.resolve import resolve

    resolved, reason = resolve(recipe, arch, settings or (), _overrides(source, target, train, dev))
    if reason:
        console.note(reason)
    folder = output or Path("runs") / f"{resolved.arch}-{resolved.source}-{resolved.target}"
    if dry_run and rank() > 0:
        return None
    if dry_run:
        from nmt.training.summary import summary

        return typer.echo(summary(resolved, device))
    from nmt.training.run import train as run_training

    run_training(resolved, folder, device)
    if rank() == 0:
        typer.echo(str(folder))
    return None


def _overrides(source: str | None, target: str | None, train: str | None, dev: str | None) -> dict[str, Any]:
    """What the flags say of the recipe's keys, as a recipe has them."""
    given: dict[str, Any] = {"source": source, "target": target}
    text = {key: value for key, value in {"train": train, "dev": dev}.items() if value is not None}
    return {key: value for key, value in given.items() if value is not None} | ({"data": text} if text else {})
