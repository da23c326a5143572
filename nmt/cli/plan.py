"""`nmt plan`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from nmt.cli.options import Settings
from nmt.cli.train import Arch
from nmt.errors import UsageError
from nmt.json_text import dumps


def plan(
    recipe: Annotated[Path, typer.Argument(help="A TOML file.")],
    gpus: Annotated[str, typer.Option(help="How many devices; several numbers, as 1,8,64, are a row each.")] = "1",
    arch: Annotated[Arch | None, typer.Option(help="The backbone; without it, the recipe's, or transformer.")] = None,
    system: Annotated[str | None, typer.Option(help="One of the recipe's [systems], by name.")] = None,
    pairs: Annotated[
        float | None, typer.Option(help="Sentence pairs, e.g. 36e6; without it, the recipe's own text is read.")
    ] = None,
    tokens_per_pair: Annotated[
        float | None,
        typer.Option(help="With --pairs: tokens on either side of a pair, its end counted; 30 without."),
    ] = None,
    device: Annotated[
        str | None,
        typer.Option(help="p100, v100-16, v100-32, a100-40, a100-80, h100, h200, l4 or rtx4090; a100-80 without it."),
    ] = None,
    flops: Annotated[
        float | None, typer.Option(help="Of one's own machine: operations a second at most, e.g. 0.11e12.")
    ] = None,
    memory: Annotated[float | None, typer.Option(help="Of one's own machine: GiB.")] = None,
    utilisation: Annotated[float, typer.Option(help="Share of the peak that is made use of.")] = 0.3,
    network: Annotated[float, typer.Option(help="GB/s between nodes of 8, and on one's own machine.")] = 25.0,
    fsdp: Annotated[bool, typer.Option("--fsdp", help="Weights, gradients and moments shared out.")] = False,
    settings: Settings = None,
    format: Annotated[Literal["text", "json"], typer.Option(help="A page to read, or one object.")] = "text",
) -> None:
    """Says on paper what a training would need: memory by part, disk, updates, operations, hours.

    Examples:

      nmt plan recipes/multi30k.toml --arch attention --flops 0.11e12 --memory 24 --utilisation 0.7

      nmt plan recipes/wmt14-en-de.toml --system base --pairs 36e6 --gpus 1,8,64 --device a100-80
    """
    from nmt import recipe as recipes
    from nmt.planning import devices, page, text
    from nmt.planning.plan import Means, counts
    from nmt.planning.plan import plan as on_paper

    if tokens_per_pair is not None and pairs is None:
        raise UsageError("--tokens-per-pair says how long the pairs of --pairs are; name both")
    resolved = recipes.load(recipe, arch, settings or (), system=system)
    chosen = devices.device_of(device, flops, memory, network * 1e9)
    means = Means(chosen, utilisation, network * 1e9, fsdp)
    numbers = counts(gpus)
    reading = text.measured(resolved) if pairs is None else text.assumed(resolved, pairs, tokens_per_pair or 30.0)
    found = on_paper(resolved, reading, means, numbers)
    typer.echo(dumps(page.as_json(found), indent=2) if format == "json" else page.page(found))
