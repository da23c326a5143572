"""`nmt compare` and `nmt reproduce`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nmt.cli.options import BatchSize, Device, Settings
from nmt.files import check_folder

if TYPE_CHECKING:
    from nmt.evaluation.compare import Comparison

Output = Annotated[
    Path | None, typer.Option("--output", "-o", help="Write report.html, report.md, report.json and figures/ here.")
]


def compare(
    folders: Annotated[list[Path], typer.Argument(metavar="RUN...", help="Run folders, in the order of the table.")],
    test: Annotated[
        list[str] | None,
        typer.Option(
            help="A test set of the first run's recipe, a prefix, or grammar; may be repeated. All without it."
        ),
    ] = None,
    output: Output = None,
    batch_size: BatchSize = 64,
    device: Device = "auto",
) -> None:
    """Compares runs on the same test sets: scores with intervals and tests, length, phenomena, speed, attention.

    Examples:

      nmt compare runs/rnn runs/attention runs/transformer --test grammar

      nmt compare runs/rnn runs/transformer --test data/multi30k/test_2016_flickr -o runs/comparison
    """
    from nmt import runs
    from nmt.evaluation import report
    from nmt.evaluation.compare import compare as compared
    from nmt.evaluation.systems import names_of, tests_of

    if output:
        report.check()
        check_folder(output)
    recipe = runs.recipe_of(folders[0])
    tests = {name: recipe.data.test.get(name, name) for name in test} if test else tests_of(recipe)
    _show(compared(names_of(folders), tests, device=device, batch_size=batch_size), output, device)


def reproduce(
    recipe: Annotated[Path, typer.Argument(help="A TOML file that lists systems, such as recipes/grammar.toml.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="A folder for the runs and the report.")],
    only: Annotated[
        str | None, typer.Option(help="Of the recipe's systems these alone, with commas: rnn,attention.")
    ] = None,
    seeds: Annotated[int, typer.Option(min=1, help="Trainings of each system; more give mean and spread.")] = 1,
    settings: Settings = None,
    device: Device = "auto",
) -> None:
    """Trains every system that a recipe lists, and compares them; what is trained already is not trained again.

    Examples:

      nmt reproduce recipes/grammar.toml -o runs/grammar

      nmt reproduce recipes/multi30k.toml -o runs/multi30k --only rnn,attention --seeds 3
    """
    from nmt import ladder

    names = [name.strip() for name in only.split(",") if name.strip()] if only is not None else None
    compared = ladder.reproduce(recipe, output, only=names, seeds=seeds, settings=settings or (), device=device)
    _show(compared, output, device)


def _show(comparison: "Comparison", output: Path | None, device: str) -> None:
    from nmt.evaluation import report
    from nmt.evaluation.probes.applying import applying

    typer.echo(report.text(comparison))
    if output:
        paths = report.write(comparison, output, applying(comparison, device=device))
        typer.echo(f"\n{paths[0]}")
