"""All that can be said of a run's model: what it is, its parts, its work, its tokens, a sentence's way through it."""

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

import torch
from pydantic import BaseModel

from nmt import console, runs
from nmt.data import corpus as corpora
from nmt.data.batches import collate
from nmt.data.corpus import Corpus
from nmt.errors import NmtError, UsageError
from nmt.evaluation import anatomy, tokens, walk
from nmt.evaluation.anatomy import CellSize, Legend, Row, Vocabularies
from nmt.evaluation.tokens import Side
from nmt.evaluation.walk import Stage, Word
from nmt.models.base import Seq2Seq
from nmt.models.flops import counting, product_weights
from nmt.recipe import Recipe
from nmt.runs import Run
from nmt.translator import Candidate, Translator

LINES = 300
"""Of a test set, those that are read."""
SHORT = range(5, 9)
"""Words of a sentence that is short, and not too short to show anything."""


@dataclass(frozen=True)
class Facts:
    """What the run is; None where its folder does not say."""

    folder: str
    weights: str
    bytes: int
    """Of the weights' file."""
    settings: dict[str, Any]
    """Of the model, those that are not the default, by their names in a recipe."""
    updates: int | None
    """Of the training; passes over the text of a model that counts."""
    end: Literal["finished", "diverged", "half trained"]
    pairs: int | None
    """Of training text."""
    fixed: int
    """Numbers that training leaves as they are: a reservoir's, and vectors from elsewhere that are frozen."""
    versions: dict[str, str]


@dataclass(frozen=True)
class Work:
    """Floating-point operations of matrix products on one sentence pair, a multiply-add as two."""

    encode: int
    decode: int
    logits: int
    both: int
    """Forward and backward."""
    source_tokens: int
    """With the sentence's end."""
    target_tokens: int
    weights: int
    """Numbers of the matrices that take part in products."""
    trained: int | None
    """Forward and backward for a target token of typical training pairs, as the run's folder has it."""

    @property
    def forward(self) -> int:
        """Forward alone."""
        return self.encode + self.decode + self.logits


@dataclass(frozen=True)
class Counts:
    """What the tokenizers make of a text."""

    text: str
    """Which one."""
    source: Side
    target: Side


@dataclass(frozen=True)
class Walk:
    """A sentence's way."""

    text: str
    given: str | None
    """The translation that was asked for; without, the target is what the search found."""
    source: list[Word]
    target: list[Word]
    source_length: int
    """S: tokens with the end."""
    target_length: int
    """T: tokens with the beginning."""
    beam: int
    stages: list[Stage]
    found: Candidate


@dataclass(frozen=True)
class Info:
    """Everything on the page."""

    recipe: Recipe
    facts: Facts
    rows: list[Row]
    cells: list[CellSize]
    vocabularies: Vocabularies
    work: Work | None
    """None for a model that is a table."""
    counts: Counts | str
    """Or why there are none."""
    walk: Walk

    @property
    def letters(self) -> Legend:
        """Of its tensors."""
        return anatomy.legend(self.recipe.model, self.vocabularies)


def inspect(folder: Path, text: str | None, target: str | None) -> Info:
    """Reads a run, and sends a sentence through it: `text`, or a short one of the run's own test or dev text.

    With `target` that translation is read by the decoder, or else what the search finds. Raises RunError for a folder
    that is no run, and UsageError where there is no sentence.
    """
    for flag, sentence in (("--text", text), ("--target", target)):
        if sentence is not None and not sentence.strip():
            raise UsageError(f"{flag} is empty; give a sentence")
    if target is not None and text is None:
        raise UsageError("--target is a translation of --text; give both")
    translator = runs.load(folder, "cpu", console.warn)
    recipe = runs.recipe_of(folder)
    vocabularies = Vocabularies(
        len(translator.tokenizer.source), len(translator.tokenizer.target), translator.tokenizer.joint
    )
    held = _text(recipe)
    if text is None:
        if isinstance(held, str):
            raise UsageError(f"there is no sentence of the run's own ({held}); give one with --text")
        text = _short(held.src)
    way = _walk(translator, recipe, vocabularies, " ".join(text.split()), target and " ".join(target.split()))
    return Info(
        recipe,
        _facts(folder, recipe),
        anatomy.rows(translator.model, recipe.model, vocabularies),
        anatomy.cells(recipe.model),
        vocabularies,
        _work(translator.model, way, Run.existing(folder).manifest().get("flops_per_token")),
        held if isinstance(held, str) else _counts(translator, held),
        way,
    )


def _facts(folder: Path, recipe: Recipe) -> Facts:
    run, weights = Run.existing(folder), runs.weights_of(folder)
    said = run.manifest()
    updates = max((line["step"] for line in run.metrics()), default=said.get(runs.FINISHED))
    return Facts(
        str(folder),
        weights.name,
        weights.stat().st_size,
        _settings(recipe.model, type(recipe.model)()),
        updates,
        "finished" if run.finished else "diverged" if run.diverged else "half trained",
        said.get("train_pairs"),
        said.get("parameters", {}).get("fixed", 0),
        {name: said[name] for name in ("nmt", "torch", "python") if name in said},
    )


def _settings(section: BaseModel, standard: BaseModel) -> dict[str, Any]:
    """The fields of a section that differ from another of its kind; "reservoir.leak" for one within one."""
    found: dict[str, Any] = {}
    for name, value in section:
        usual = getattr(standard, name)
        if isinstance(value, BaseModel):
            found |= {f"{name}.{inner}": each for inner, each in _settings(value, usual).items()}
        elif value != usual:
            found[name] = value
    return found


def _text(recipe: Recipe) -> Corpus | str:
    """The first lines of the run's first test set, or of its dev text; or why there are none."""
    data = recipe.data
    held = [*data.test.values(), *([data.dev] if data.dev else data.paths)]
    wanted = next((where for where in held if not where.startswith("hub:")), None)
    if wanted is None:
        return f"{held[0]} is not on this machine"
    kind, _, size = wanted.partition(":")
    short = f"grammar:{min(LINES, int(size)) if size.isdecimal() else LINES}"  # the rest need not be drawn
    try:
        text = corpora.load(short if kind == "grammar" else wanted, recipe.source, recipe.target, "test")
    except NmtError as error:
        return str(error)
    return Corpus(wanted, text.src[:LINES], text.tgt[:LINES])


def _short(lines: Sequence[str]) -> str:
    """The first of a few words, or else the shortest of all."""
    said = [line for line in lines if line.strip()]
    return next((line for line in said if len(line.split()) in SHORT), min(said, key=len, default=""))


def _counts(translator: Translator, text: Corpus) -> Counts:
    tokenizer = translator.tokenizer
    sides = tokens.side(tokenizer.source, text.src), tokens.side(tokenizer.target, text.tgt)
    return Counts(f"the first {len(text):,} lines of {text.name}", *sides)


def _walk(translator: Translator, recipe: Recipe, vocabularies: Vocabularies, text: str, target: str | None) -> Walk:
    tokenizer, model = translator.tokenizer, translator.model
    found = next(translator.translate([text], recipe.decoding)).candidates[0]
    source_ids = tokenizer.source.encode([text])[0][: model.max_length - 1]
    target_ids = list(found.tokens) if target is None else tokenizer.target.encode([target])[0]
    legend = anatomy.legend(recipe.model, vocabularies)
    return Walk(
        text,
        target,
        walk.words_of(tokenizer.source, source_ids, text),
        walk.words_of(tokenizer.target, target_ids, target),
        len(source_ids) + 1,
        len(target_ids) + 1,
        recipe.decoding.beam,
        walk.stages(model, source_ids, target_ids, recipe.decoding.beam, legend),
        found,
    )


def _ids(words: Sequence[Word]) -> list[int]:
    return [index for word in words for index in word.ids]


def _work(model: Seq2Seq[Any, Any], way: Walk, trained: int | None) -> Work | None:
    if not any(parameter.requires_grad for parameter in model.parameters()):
        return None
    batch = collate([_ids(way.source)], [_ids(way.target)])
    so_far = []
    with counting() as counter, torch.enable_grad():
        memory = model.encode(batch.src, batch.src_mask)
        so_far.append(counter.operations)
        features = model.decode(batch.tgt_in, model.initial_state(memory, 1), memory).features
        so_far.append(counter.operations)
        scores = model.logits(features)
        so_far.append(counter.operations)
        torch.nn.functional.cross_entropy(scores[0], batch.tgt_out[0]).backward()
        so_far.append(counter.operations)
    model.zero_grad(set_to_none=True)
    encode, decode, logits = (int(b - a) for a, b in zip([0, *so_far], so_far[:3], strict=False))
    weights = product_weights(model)
    return Work(encode, decode, logits, int(so_far[3]), way.source_length, way.target_length, weights, trained)
