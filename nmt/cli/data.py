"""`nmt data`: corpora as files, and what is wrong with them."""

import json
from pathlib import Path
from typing import Annotated, Literal

import typer

from nmt.errors import DataError, UsageError

CORPORA = ("grammar",)

app = typer.Typer(
    help="Checks corpora, and makes those that come with the program.", no_args_is_help=True, rich_markup_mode=None
)


@app.callback()
def _group() -> None:
    """Checks corpora, and makes those that come with the program."""


@app.command()
def check(
    recipe: Annotated[
        Path | None, typer.Argument(help="A TOML file: its training text is checked, beside its dev and test sets.")
    ] = None,
    src: Annotated[Path | None, typer.Option("--src", help="Source text, one sentence a line.")] = None,
    tgt: Annotated[Path | None, typer.Option("--tgt", help="Its translations, as many lines.")] = None,
    data: Annotated[
        str | None, typer.Option(help="Instead: a prefix, a .tsv or .jsonl file, hub:NAME, or grammar.")
    ] = None,
    test_src: Annotated[list[Path] | None, typer.Option(help="Held-out source text; may be repeated.")] = None,
    test_tgt: Annotated[list[Path] | None, typer.Option(help="Its translations; as often.")] = None,
    test: Annotated[list[str] | None, typer.Option(help="Held-out text like --data; may be repeated.")] = None,
    source: Annotated[str | None, typer.Option(help="Source language, as in the files' names, e.g. en.")] = None,
    target: Annotated[str | None, typer.Option(help="Target language, e.g. de.")] = None,
    fix: Annotated[Path | None, typer.Option(help="Write the cleaned text and log.jsonl into this folder.")] = None,
    keep: Annotated[
        list[str] | None, typer.Option(help="A finding, e.g. duplicate, that --fix leaves as it is; may be repeated.")
    ] = None,
    examples: Annotated[int, typer.Option(min=0, help="Of each finding, the worst.")] = 3,
    format: Annotated[Literal["text", "json"], typer.Option(help="A table and examples, or one object.")] = "text",
) -> None:
    """Says what is wrong with parallel text: lines without a partner, encodings, repetitions, languages, leaks.

    Exit code 0, also with findings; 3 where `nmt train` would refuse the text: lines without a partner, bytes that
    are not UTF-8, no text. Test sets are only compared with the text; training never opens them.

    Examples:

      nmt data check --src train.en --tgt train.de --test-src test.en --test-tgt test.de

      nmt data check --data data/train --source en --target de --fix data/clean

      nmt data check recipes/multi30k.toml --format json
    """
    from nmt.data.check import clean, plan, survey
    from nmt.data.check.report import HEAD
    from nmt.evaluation.table import Table

    flags = plan.Flags(
        recipe, src, tgt, data, source, target, tuple(test or ()), tuple(test_src or ()), tuple(test_tgt or ())
    )
    if keep and not fix:
        raise UsageError("--keep says what --fix leaves as it is; name a folder with --fix")
    clean.check_keep(keep or ())
    text, held_out = plan.texts(flags)
    if fix:
        clean.places(fix, text, held_out)
    report = survey.survey(text, held_out, examples)
    if format == "json":
        typer.echo(json.dumps(report.as_json(), indent=2, ensure_ascii=False))
    else:
        title = f"{report.pairs:,} pairs: {', '.join(report.names)}"
        if held_out:
            title += f"; beside {', '.join(name for each in held_out for name in each.names)}"
        typer.echo(Table(title, HEAD, report.rows()).text() if report.findings else f"{title}\n\nnothing found")
        if examples and report.findings:
            typer.echo(f"\n{report.shown()}")
    if fix:
        done = clean.clean(text, report, fix, keep or ())
        typer.echo(
            f"nmt: {done.kept:,} pairs kept, {done.changed:,} of them changed, {done.removed:,} removed: "
            + ", ".join(map(str, done.paths)),
            err=True,
        )
    elif report.refused:
        raise DataError(f"training would refuse this text: {'; '.join(report.refused)}")


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

    if folder and not folder.is_dir():
        raise UsageError(f"{folder} is no folder; name a cache's, or leave --folder out")
    found = caches.Cache(caches.folder(str(folder) if folder else None))
    if clear:
        removed, left = found.clear() / 2**20, len(found.entries())
        stay = f"; {left} that a process is making stay" if left else ""
        return typer.echo(f"removed {removed:,.1f} MiB from {found.folder}{stay}")
    for entry in found.entries():
        told = entry.facts.get("text", "unfinished or damaged")
        size = f"{entry.bytes / 2**20:,.1f} MiB"
        pairs = f", {entry.facts['pairs']:,} pairs" if "pairs" in entry.facts else ""
        typer.echo(f"{size:>14}  {entry.path.name[:24]}  {told}{pairs}")
    total = sum(entry.bytes for entry in found.entries())
    typer.echo(f"{found.folder} {f'has {total / 2**20:,.1f} MiB' if total or found.entries() else 'is empty'}")
