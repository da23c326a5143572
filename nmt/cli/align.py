"""`nmt align`, `nmt aer` and `nmt symmetrize`."""

from pathlib import Path
from typing import Annotated, Literal

import typer

from nmt.cli.options import BatchSize, Device
from nmt.cli.results import results
from nmt.errors import UsageError

Aligners = Annotated[
    list[Path],
    typer.Option("--model", "-m", help="A folder written by `nmt train`; of several, the mean of what they look at."),
]
Pretokenized = Annotated[
    bool, typer.Option("--pretokenized", help="The text is tokenized; models read it put together, links stay on it.")
]
AlignSettings = Annotated[
    list[str] | None, typer.Option("--set", help="align.option=value over the recipe; may be repeated.")
]
EveryLayer = Annotated[
    bool, typer.Option("--every-layer", help="With --gold, print the error rate of every layer and head.")
]
Base = Annotated[Literal["0", "1"], typer.Option("--gold-base", help="What the gold standard calls the first token.")]
Method = Literal["intersection", "union", "grow-diag-final-and"]


def align(
    model: Aligners,
    src: Annotated[Path, typer.Option("--src", help="Source text, one sentence a line.")],
    tgt: Annotated[Path, typer.Option("--tgt", help="Its translations, as many lines.")],
    pretokenized: Pretokenized = False,
    output: Annotated[
        str | None, typer.Option("--output", "-o", help="Where links go; standard output, but with --gold nowhere.")
    ] = None,
    gold: Annotated[
        Path | None, typer.Option(help="Print the error rate against these links: i-j sure, ipj possible.")
    ] = None,
    gold_base: Base = "1",
    every_layer: EveryLayer = False,
    settings: AlignSettings = None,
    batch_size: BatchSize = 64,
    device: Device = "auto",
) -> None:
    """Links the words of given translations to those of their sources: "0-0 2-1", source and target token from 0.

    Tokens are what stands between white space. A word of the target has the source word that the model looks at most
    there, or none. Attention, and the probabilities of --arch lexical, say where; [align] of the recipe says which.

    Examples:

      nmt align -m runs/attention --src test.en --tgt test.fr > test.links

      nmt align -m runs/mine --src dev.en --tgt dev.fr --pretokenized --gold dev.gold --every-layer

      nmt align -m runs/mine --src test.en --tgt test.fr --pretokenized --gold test.gold --set align.layer=2
    """
    if every_layer and (gold is None or len(model) > 1 or output):
        raise UsageError("--every-layer measures one model and writes no links; give it --gold, one -m and no -o")
    from nmt.data.links import read_gold, written
    from nmt.evaluation import aligner
    from nmt.evaluation.alignment import agreement

    aligners = aligner.load(model, settings or (), device)
    pairs = aligner.read_pairs(src, tgt, aligners[0].recipe, pretokenized)
    wanted = read_gold(gold, int(gold_base), pairs.sizes) if gold else None
    if every_layer and wanted is not None:
        return typer.echo(aligner.every_layer(aligners[0], pairs, wanted, batch_size).text())
    found = []
    with results(output or "-", src, tgt, gold) as write:
        for links in aligner.align(aligners, pairs, batch_size):
            found.append(links)
            if output or wanted is None:
                write(written(links))
    if wanted is not None:
        typer.echo(agreement(found, wanted).text)


def aer(
    links: Annotated[Path, typer.Argument(help="Links, a line for each pair, as `nmt align` writes them.")],
    gold: Annotated[Path, typer.Argument(help="The gold standard, as many lines: i-j sure, ipj possible.")],
    gold_base: Base = "1",
) -> None:
    """Measures links against a gold standard: alignment error rate (Och and Ney 2003), precision and recall.

    Precision is against all possible links, recall against the sure ones.

    Example:

      nmt aer test.links test.gold
    """
    from nmt.data.links import check_lines, read_gold, read_links
    from nmt.evaluation.alignment import agreement

    found, wanted = read_links(links), read_gold(gold, int(gold_base))
    check_lines(links, len(found), gold, len(wanted))
    typer.echo(agreement(found, wanted).text)


def symmetrize(
    forward: Annotated[Path, typer.Argument(help="Links of one direction, a line for each pair.")],
    backward: Annotated[
        Path, typer.Argument(help="Links of the same pairs by a model of the other direction, its own source first.")
    ],
    method: Annotated[Method, typer.Option(help="How the two are made one.")] = "grow-diag-final-and",
    output: Annotated[str, typer.Option("--output", "-o", help="Where to write; - is standard output.")] = "-",
) -> None:
    """Makes links of both directions of translation into one set, in the order of the first (Koehn et al. 2003).

    Example:

      nmt symmetrize en-fr.links fr-en.links -o both.links
    """
    from nmt.data.links import check_lines, read_links, written
    from nmt.evaluation.alignment import SYMMETRIZATIONS, turned

    one, other = read_links(forward), read_links(backward)
    check_lines(forward, len(one), backward, len(other))
    with results(output, forward, backward) as write:
        for there, back in zip(one, other, strict=True):
            write(written(SYMMETRIZATIONS[method](there, turned(back))))
