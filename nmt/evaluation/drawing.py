"""Attention of runs on a sentence of one's own, into a file."""

from collections.abc import Sequence
from pathlib import Path

from nmt import console, runs
from nmt.errors import UsageError
from nmt.evaluation import maps, plots
from nmt.evaluation.compare import Drawing
from nmt.evaluation.maps import WordMaps
from nmt.recipe import SearchConfig
from nmt.translator import Translator

KINDS = (".png", ".svg", ".pdf")


def attention(
    folders: Sequence[Path], text: str, output: Path, *, target: str | None, heads: bool, grey: bool, device: str
) -> list[str]:
    """Translates, draws and saves -> the translations, or the one that is given, for each run.

    Raises UsageError where there is nothing to draw.
    """
    if output.suffix.lower() not in KINDS or not output.parent.is_dir():
        raise UsageError(f"{output} must be a file {', '.join(KINDS)} in a folder that exists; name one with -o")
    for flag, said in (("--text", text), ("--target", target)):
        if said is not None and not said.strip():
            raise UsageError(f"{flag} is empty; give a sentence")
    text, target = " ".join(text.split()), target and " ".join(target.split())
    pairs = {(recipe.source, recipe.target) for recipe in map(runs.recipe_of, folders)}
    if len(pairs) > 1:
        raise UsageError(f"these runs translate {', '.join('-'.join(pair) for pair in sorted(pairs))}; draw one pair")
    drawn: dict[str, WordMaps] = {}
    written = []
    for folder in folders:
        recipe = runs.recipe_of(folder)
        if recipe.arch == "rnn":
            raise UsageError(f"{folder} has no attention (model.score is none); there is nothing to draw")
        name = folder.name if folder.name not in drawn else str(folder)
        said, drawn[name] = _look(runs.load(folder, device, console.warn), text, target, recipe.decoding)
        written.append(said)
        across = getattr(recipe.model, "heads", 1)
    if heads:
        figure = plots.heads(name, drawn[name], across, grey=grey)
    else:
        figure = plots.attention(Drawing(text, drawn), grey=grey)
    try:
        figure.save_as(output)
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror}; name another file with -o") from None
    return written


def _look(translator: Translator, text: str, target: str | None, search: SearchConfig) -> tuple[str, WordMaps]:
    """The translation, and where the model looks for it."""
    if target is not None:
        return target, maps.given(translator, text, target)
    found = next(translator.translate([text], search)).candidates[0]
    shown = maps.attention(translator, text, found.tokens, copy_unknown=search.copy_unknown)
    assert shown is not None
    return found.text, shown
