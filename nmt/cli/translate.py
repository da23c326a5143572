"""`nmt translate`."""

import os
from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nmt.cli.options import (
    BatchSize,
    Beam,
    Device,
    LengthPenalty,
    Models,
    NoRepeat,
    Seed,
    Temperature,
    TopK,
    TopP,
)
from nmt.cli.results import results
from nmt.errors import UsageError
from nmt.json_text import dumps

if TYPE_CHECKING:
    from nmt.translator import Translation

Format = Literal["text", "jsonl", "moses"]


def translate(
    model: Models,
    input: Annotated[
        str, typer.Option("--input", "-i", help="A text, one sentence a line; - is standard input.")
    ] = "-",
    output: Annotated[str, typer.Option("--output", "-o", help="Where to write; - is standard output.")] = "-",
    beam: Beam = None,
    length_penalty: LengthPenalty = None,
    nbest: Annotated[int | None, typer.Option(min=1, help="Translations of each line.")] = None,
    sample: Annotated[bool, typer.Option("--sample", help="Draw translations instead of searching the best.")] = False,
    temperature: Temperature = None,
    top_k: TopK = None,
    top_p: TopP = None,
    seed: Seed = None,
    prefix: Annotated[
        Path | None, typer.Option(help="A text with a line for each line: what its translation begins with.")
    ] = None,
    no_repeat_ngram: NoRepeat = None,
    format: Annotated[
        Format, typer.Option(help="text; jsonl, an object a line with log-probabilities; or moses, an n-best list.")
    ] = "text",
    batch_size: BatchSize = 64,
    device: Device = "auto",
) -> None:
    """Translates a text: n lines in, n lines out, in the same order; a blank line stays blank.

    With --nbest n, text has n lines for each line, blank ones where fewer were found.

    Examples:

      nmt translate -m runs/mine < test.de > test.en

      nmt translate -m runs/a -m runs/b -i test.de -o test.en --beam 8

      torchrun --nproc-per-node 4 -m nmt translate -m runs/mine -i large.de -o large.en

      echo "Guten Morgen!" | nmt translate -m runs/mine --sample --top-p 0.9 --nbest 5 --seed 7
    """
    from nmt import console, recipe, runs
    from nmt.file_translation import translate_file
    from nmt.world import joined

    draws = {"sample": sample or None, "temperature": temperature, "top_k": top_k, "top_p": top_p, "seed": seed}
    found = {"beam": beam, "length_penalty": length_penalty, "nbest": nbest, "no_repeat_ngram": no_repeat_ngram}
    config = recipe.search_config(runs.recipe_of(model[0]).decoding, draws | found)
    if seed is not None and not config.sample:
        raise UsageError("--seed begins draws, and a search draws nothing; add --sample, or leave --seed out")
    translator = runs.load(model, device, console.warn_of_own)
    with joined() as world, results(output if world.first else os.devnull, input, prefix) as write:
        for translation in translate_file(
            translator, input, config, batch_size=batch_size, prefixes=prefix, world=world
        ):
            write(LINES[format](translation, config.nbest))


def _text(translation: "Translation", nbest: int) -> str:
    texts = [candidate.text for candidate in translation.candidates]
    return "\n".join(texts + [""] * (nbest - len(texts)))


def _jsonl(translation: "Translation", nbest: int) -> str:
    return dumps(asdict(translation), ensure_ascii=False)


def _moses(translation: "Translation", nbest: int) -> str:
    """Moses' n-best list: number from 0, text, features, total."""
    return "\n".join(
        f"{translation.line - 1} ||| {c.text} ||| LogProb= {c.log_prob:.6f} ||| {c.score:.6f}"
        for c in translation.candidates
    )


LINES = {"text": _text, "jsonl": _jsonl, "moses": _moses}
