"""How a sentence goes through a model: the shapes of everything on the way, as they are.

The model works on the sentence under forward hooks; memory and state are read field by field. Which axis is S and which
T is found out by making the source, and then the target, one token longer: the axes that grow are theirs.
"""

import re
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, fields, replace
from functools import partial
from typing import Any

import torch
from torch import Tensor, nn

from nmt.data.batches import collate
from nmt.data.tokenizer import Tokenizer
from nmt.evaluation.anatomy import Legend
from nmt.evaluation.maps import grouped
from nmt.models.base import Rows, Seq2Seq
from nmt.models.dropout import Dropout
from nmt.tokens import BOS

ACTS = ("encode", "memory", "decode", "step")
"""The source is read; what is kept of it; the whole target is read, as in training; one step of a search."""
MAPS = "maps"
LAYER = re.compile(r"(?<=\.)\d+")


@dataclass(frozen=True)
class Stage:
    """Tensors of one shape, made at one place."""

    act: str
    """One of ACTS."""
    name: str
    """A module as the model names it, or a field."""
    kind: str
    """The module's class; nothing for a field."""
    shape: tuple[int, ...]
    letters: tuple[str, ...] = ()
    """The letter of each axis, by the legend of `nmt.models.base`; a number where it has none."""
    times: int = 1
    """How often the module is called, or how many such tensors there are."""
    times_letter: str = ""
    """S or T, where there are as many."""


@dataclass(frozen=True)
class Word:
    """A word of a text with its tokens."""

    text: str
    pieces: list[str]
    ids: list[int]


def words_of(tokenizer: Tokenizer, ids: Sequence[int], text: str | None = None) -> list[Word]:
    """The words that ids without the sentence's end stand for, with their pieces.

    With the text that they come from, a word that no vocabulary knows is there to be read.
    """
    pieces = tokenizer.pieces(ids)
    if tokenizer.level == "word":
        surfaces = pieces if text is None else tokenizer.surfaces(text)
        return [Word(s.strip(" ▁"), [p], [i]) for s, p, i in zip(surfaces, pieces, ids, strict=False)]
    names, places = grouped(pieces)
    found = [Word(name, [], []) for name in names[:-1]]
    for place, piece, index in zip(places[:-1], pieces, ids, strict=True):
        found[place].pieces.append(piece)
        found[place].ids.append(index)
    return found


def stages(
    model: Seq2Seq[Any, Any], source: Sequence[int], target: Sequence[int], beam: int, legend: Legend
) -> list[Stage]:
    """Every shape on the way of a sentence and its translation, as ids without BOS and EOS.

    Modules that leave a shape as it is are left out, but for whole layers; layers that are alike are one stage.
    """
    seen = _observe(model, source, target, beam, 1)
    with_source = _observe(model, [*source, source[-1]] if source else [BOS], target, beam, 1)
    with_target = _observe(model, source, [*target, BOS], beam, 2)
    named = [
        _lettered(stage, longer_source, longer_target, legend)
        for stage, longer_source, longer_target in zip(seen, with_source, with_target, strict=True)
    ]
    layers = {f"{name}.{i}" for name, m in model.named_modules() if isinstance(m, nn.ModuleList) for i in range(len(m))}
    return _merged(_changing(named, layers))


@torch.inference_mode()
def _observe(
    model: Seq2Seq[Any, Any], source: Sequence[int], target: Sequence[int], beam: int, read: int
) -> list[Stage]:
    """The stages as they come; the step of the search reads `read` tokens."""
    batch = collate([source], [target])
    found = [Stage("encode", "src", "", tuple(batch.src.shape))]
    with _watched(model, "encode", found):
        memory = model.encode(batch.src, batch.src_mask)
    found += _fields("memory", memory)
    found.append(Stage("decode", "tgt", "", tuple(batch.tgt_in.shape)))
    with _watched(model, "decode", found):
        decoded = model.decode(batch.tgt_in, model.initial_state(memory, 1), memory, attention=True)
    found.append(Stage("decode", "features", "", tuple(decoded.features.shape)))
    found.append(Stage("decode", "logits", "", tuple(model.logits(decoded.features).shape)))
    if decoded.maps is not None:
        found.append(Stage("decode", MAPS, "", tuple(decoded.maps.shape)))
    last = torch.full((beam, read), BOS)
    step = model.decode(last, model.initial_state(memory, beam), memory)
    found.append(Stage("step", "tgt", "", tuple(last.shape)))
    found += _fields("step", step.state, "state.")
    found.append(Stage("step", "features", "", tuple(step.features.shape)))
    found.append(Stage("step", "logits", "", tuple(model.logits(step.features[:, -1]).shape)))
    return found


@contextmanager
def _watched(model: nn.Module, act: str, found: list[Stage]) -> Iterator[None]:
    """Adds a stage for each module that is called inside, in the order of the first calls."""
    calls: dict[str, Stage] = {}

    def note(name: str, module: nn.Module, inputs: Any, output: Any) -> None:
        tensor = output[0] if isinstance(output, tuple) else output
        first = calls.get(name, Stage(act, name, type(module).__name__, tuple(tensor.shape), times=0))
        calls[name] = replace(first, times=first.times + 1)

    named: dict[nn.Module, str] = {}
    for name, module in model.named_modules(remove_duplicate=False):
        if name and not isinstance(module, nn.Identity | Dropout):  # they stand in the model to do nothing now
            shared = named.get(module)  # as one embedding by both sides
            named[module] = f"{shared}, {name.rpartition('.')[2]}" if shared else name
    handles = [module.register_forward_hook(partial(note, name)) for module, name in named.items()]
    try:
        yield
    finally:
        for handle in handles:
            handle.remove()
        found += calls.values()


def _fields(act: str, rows: Rows, prefix: str = "") -> Iterator[Stage]:
    """The tensors of a memory or a state; those of a tuple, one for each layer, are alike."""
    for field in fields(rows):
        value = getattr(rows, field.name)
        if isinstance(value, tuple) and value:
            yield Stage(act, prefix + field.name, "", tuple(value[0].shape), times=len(value))
        elif isinstance(value, Tensor):
            yield Stage(act, prefix + field.name, "", tuple(value.shape))


def _lettered(stage: Stage, longer_source: Stage, longer_target: Stage, legend: Legend) -> Stage:
    """The stage with its letters, by what became of it when source and target grew."""
    names = ["B" if stage.act in ("encode", "memory") else "N"]
    for size, source, target in list(zip(stage.shape, longer_source.shape, longer_target.shape, strict=True))[1:]:
        names.append("S" if source == size + 1 else "T" if target == size + 1 else "")
    if len(names) > 1 and not names[-1]:
        names[-1] = next(
            (width.text for width in legend.widths if width.value == stage.shape[-1]), str(stage.shape[-1])
        )
    if stage.name == MAPS:
        names[1] = "A"
    between = [axis for axis, name in enumerate(names) if not name]
    if len(between) == len(legend.between):
        for axis, told in zip(between, legend.between, strict=True):
            names[axis] = told.text if told.value == stage.shape[axis] else ""
    called = "S" if longer_source.times > stage.times else "T" if longer_target.times > stage.times else ""
    letters = tuple(name or str(size) for name, size in zip(names, stage.shape, strict=True))
    return replace(stage, letters=letters, times_letter=called)


def _changing(found: list[Stage], layers: Collection[str]) -> list[Stage]:
    """Fields, whole layers, and those modules whose shape is not that of the stage before, or of their like there."""
    before = [None, *found[:-1]]
    return [
        stage
        for stage, last in zip(found, before, strict=True)
        if not (stage.kind and last and stage.shape == last.shape and _place(stage) != _place(last))
        or stage.name in layers
    ]


def _place(stage: Stage) -> str:
    """Its name without the number of the layer."""
    return LAYER.sub("*", stage.name, count=1)


def _merged(found: list[Stage]) -> list[Stage]:
    """Modules that differ in the number of their layer alone, as one: `encoder.0-2.feed_forward.inner`."""
    groups: dict[Stage, list[Stage]] = {}
    for stage in found:
        groups.setdefault(replace(stage, name=_place(stage)), []).append(stage)
    merged = []
    for same, alike in groups.items():
        numbers = [LAYER.search(stage.name) for stage in alike]
        span = "-".join(dict.fromkeys(number[0] for number in (numbers[0], numbers[-1]) if number))
        merged.append(replace(same, name=same.name.replace("*", span)))
    return merged
