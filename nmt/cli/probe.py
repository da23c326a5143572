"""`nmt probe`."""

from pathlib import Path
from typing import TYPE_CHECKING, Annotated

import typer

from nmt.cli.options import BatchSize, Device

if TYPE_CHECKING:
    from nmt.evaluation.probes.probe import Probe

app = typer.Typer(help="Measures why a system does better than another: a table, a figure, JSON.", no_args_is_help=True)

Models = Annotated[
    list[Path], typer.Option("--model", "-m", help="A folder written by `nmt train`; several are compared.")
]
Output = Annotated[Path, typer.Option("--output", "-o", help="A folder for NAME.json, NAME.svg and NAME.png.")]
Test = Annotated[
    str | None, typer.Option(help="A test set of the first run's recipe, a prefix, or grammar; the first without it.")
]


@app.command()
def gradient(
    model: Models,
    output: Output,
    test: Test = None,
    untrained: Annotated[
        bool, typer.Option("--untrained", help="Of the weights before the first update, into gradient-untrained.*.")
    ] = False,
    device: Device = "auto",
) -> None:
    """How far an output moves with a source word, against the distance between them: what a recurrence forgets.

    Example:

      nmt probe gradient -m runs/rnn -m runs/attention -m runs/transformer -o probes
    """
    from nmt.evaluation.probes import command

    _show(command.gradient(model, output, test, trained=not untrained, device=device), output)


@app.command()
def distance(
    model: Models, output: Output, test: Test = None, batch_size: BatchSize = 64, device: Device = "auto"
) -> None:
    """Accuracy of agreement and of pronouns against distance in words; for a test set with labels.

    Example:

      nmt probe distance -m runs/rnn -m runs/transformer --test grammar -o probes
    """
    from nmt.evaluation.probes import command

    _show(command.distance(model, output, test, batch_size=batch_size, device=device), output)


@app.command()
def cost(
    model: Models,
    output: Output,
    longest: Annotated[int, typer.Option(min=32, help="Lengths go from 8 up to this, doubled each time.")] = 512,
    device: Device = "auto",
) -> None:
    """Time and memory of training and decoding against sentence length, with fitted exponents.

    Example:

      nmt probe cost -m runs/rnn -m runs/attention -m runs/transformer -o probes
    """
    from nmt.evaluation.probes import command

    _show(command.cost(model, output, longest=longest, device=device), output)


@app.command()
def extrapolation(
    model: Models, output: Output, test: Test = None, batch_size: BatchSize = 64, device: Device = "auto"
) -> None:
    """BLEU by source length, up to the longest training sentence and beyond it.

    Example:

      nmt probe extrapolation -m runs/sinusoidal -m runs/rotary --test grammar -o probes
    """
    from nmt.evaluation.probes import command

    _show(command.extrapolation(model, output, test, batch_size=batch_size, device=device), output)


def _show(found: "Probe", output: Path) -> None:
    typer.echo(found.text())
    for path in found.write(output):
        typer.echo(path, err=True)
