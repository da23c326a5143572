"""Attention of runs on a sentence of one's own, into a file."""

from collections.abc import Sequence
from pathlib import Path

from nmt import console, runs
from nmt.errors import UsageError
from nmt.evaluation import maps, plots
from nmt.evaluation.compare import Drawing
from nmt.evaluation.maps import WordMaps

KINDS = (".png", ".svg", ".pdf")


def attention(folders: Sequence[Path], text: str, output: Path, heads: bool, device: str, grey: bool) -> list[str]:
    """Translates, draws and saves -> the translations. Raises UsageError where there is nothing to draw."""
    if output.suffix.lower() not in KINDS or not output.parent.is_dir():
        raise UsageError(f"{output} must be a file {', '.join(KINDS)} in a folder that exists; name one with -o")
    if not text.strip():
        raise UsageError("--text is empty; give a sentence")
    text = " ".join(text.split())
    pairs = {(recipe.source, recipe.target) for recipe in map(runs.recipe_of, folders)}
    if len(pairs) > 1:
        raise UsageError(f"these runs translate {', '.join('-'.join(pair) for pair in sorted(pairs))}; draw one pair")
    drawn: dict[str, WordMaps] = {}
    said = []
    for folder in folders:
        recipe = runs.recipe_of(folder)
        translator = runs.load(folder, device, console.warn)
        found = next(translator.translate([text], recipe.decoding)).candidates[0]
        said.append(found.text)
        shown = maps.attention(translator, text, found.tokens, copy_unknown=recipe.decoding.copy_unknown)
        if shown is None:
            raise UsageError(f"{folder} has no attention (model.score is none); there is nothing to draw")
        name = folder.name if folder.name not in drawn else str(folder)
        drawn[name] = shown
        across = getattr(recipe.model, "heads", 1)
    if heads:
        figure = plots.heads(name, drawn[name], across, grey=grey)
    else:
        figure = plots.attention(Drawing(text, drawn), grey=grey)
    try:
        figure.save_as(output)
    except OSError as error:
        raise UsageError(f"{output} cannot be written: {error.strerror}; name another file with -o") from None
    return said
