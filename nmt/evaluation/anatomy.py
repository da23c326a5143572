"""What a model is made of: each part with the closed formula of its size, beside the numbers that it has.

The formulas stand beside the classes, as `parameter_formula`; here they meet the letters of a recipe, in the order of
each model's constructor. Nothing of them is read off the weights, whose count is the other column.
"""

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import Any

from torch import nn

from nmt.models.attention import SELF_ATTENTIONS, CrossAttention
from nmt.models.cells import CELLS
from nmt.models.embedding import Embedding, Output
from nmt.models.formula import Formula, letter
from nmt.models.layers import FEED_FORWARDS
from nmt.models.lexical import Lexical
from nmt.models.norms import NORMS
from nmt.models.positions import POSITIONS
from nmt.models.scores import SCORES
from nmt.recipe import DecoderConfig, LexicalConfig, RecurrentConfig, SelfAttentiveConfig, TransformerConfig

LETTERS = {
    "B": "sentences",
    "N": "rows, B times the K hypotheses of each",
    "S": "source tokens with their end",
    "T": "target tokens with their beginning",
    "L": "layers",
    "parts": "vectors of a state, an LSTM's two",
    "H": "heads",
    "d": "width of a head",
    "A": "attention maps",
    "V": "types of the vocabulary",
    "Vs": "types of the source vocabulary",
    "Vt": "types of the target vocabulary",
    "C": "candidates kept of a source word",
    "W": "width of the embeddings",
    "D": "width",
    "E": "width of the encoder's states",
    "U": "width of one direction of the encoder",
    "F": "width inside the feed-forward layers",
    "P": "places",
}
"""What they mean, in formulas and in shapes."""
NAMES = {"tanh": "tanh cell", "lstm": "LSTM", "gru": "GRU", "reservoir": "reservoir"}


@dataclass(frozen=True)
class Vocabularies:
    """How many types a model knows."""

    source: int
    target: int
    joint: bool

    @property
    def letters(self) -> tuple[Formula, Formula]:
        """Those of the source and of the target: one letter if they are one."""
        names = ("V", "V") if self.joint else ("Vs", "Vt")
        return letter(names[0], self.source), letter(names[1], self.target)


@dataclass(frozen=True)
class Part:
    """One of a model's parts, by its constructor."""

    stack: str
    """Where it stands: encoder, decoder, or any other component."""
    what: str
    where: str
    """What the names of its weights begin with."""
    formula: Formula
    layer: int | None = None
    """Counted from 1."""


@dataclass(frozen=True)
class Row:
    """Parts that are the same in every layer and direction, together."""

    name: str
    formula: Formula
    counted: int
    """The numbers that the model has there."""
    fixed: bool
    """They are never trained, where others of the model are."""


@dataclass(frozen=True)
class CellSize:
    """What a decoder's first layer would take with another cell."""

    cell: str
    gates: int
    formula: Formula
    own: bool
    """It is the one that the model has."""


@dataclass(frozen=True)
class Legend:
    """What the axes of a tensor may be called, beside B, N, S and T."""

    widths: tuple[Formula, ...]
    """The last axis: the first of these that has its value."""
    between: tuple[Formula, ...]
    """The axes between the first and those of places, where there are as many; a number where it has not its value."""


def rows(model: nn.Module, config: Any, vocabularies: Vocabularies) -> list[Row]:
    """All parts that have numbers, in the order of the constructor, the same ones of several layers as one row."""
    groups: dict[tuple[str, str, str], list[Part]] = {}
    for part in PARTS[type(config)](config, vocabularies):
        if part.formula.terms:
            groups.setdefault((part.stack, part.what, part.formula.text), []).append(part)
    trained = any(parameter.requires_grad for parameter in model.parameters())
    found = []
    for (stack, what, _), parts in groups.items():
        numbers = [
            parameter
            for name, parameter in model.named_parameters()
            if any(name == part.where or name.startswith(f"{part.where}.") for part in parts)
        ]
        fixed = trained and not any(parameter.requires_grad for parameter in numbers)
        formula = len(parts) * parts[0].formula
        found.append(Row(_name(stack, what, parts), formula, sum(p.numel() for p in numbers), fixed))
    return found


def cells(config: Any) -> list[CellSize]:
    """The first layer of a recurrent decoder with each cell that is trained, smallest first; none for other models."""
    if not isinstance(config, RecurrentConfig):
        return []
    first, dim = _decoder_input(config), letter("D", config.dim)
    kinds = [("tanh", CELLS["tanh"]), ("gru", CELLS["gru"]), ("lstm", CELLS["lstm"])]
    own = _decoder_cell(config)
    return [
        CellSize(NAMES[name], cell.gates, cell.parameter_formula(first, dim), CELLS[own] is cell)
        for name, cell in kinds
    ]


def legend(config: Any, vocabularies: Vocabularies) -> Legend:
    """The letters of a model's tensors."""
    _, types = vocabularies.letters
    if isinstance(config, LexicalConfig):
        return Legend((types,), ())
    dim = letter("D", config.dim)
    if isinstance(config, RecurrentConfig):
        one, encoder = _direction(config), letter("E", config.encoder_dim)
        cell = CELLS[_decoder_cell(config)]
        width = letter("W", config.embedding_dim or config.dim)
        gates = (cell.gates * dim, CELLS[config.cell].gates * one)
        layers, parts = letter("L", config.layers), letter("parts", cell.parts)
        return Legend((dim, encoder, width, one, *gates, types), (layers, parts))
    heads = letter("H", config.heads)
    widths = (dim, letter("d", config.dim // config.heads), _inside(config), 3 * dim, 2 * dim, types)
    return Legend(widths, (letter("2", 2), heads))


def _name(stack: str, what: str, parts: list[Part]) -> str:
    layers = sorted({part.layer for part in parts if part.layer is not None})
    if not layers:
        return f"{stack}: {what}" if what else stack
    span = f"{layers[0]}-{layers[-1]}" if len(layers) > 1 else f"{layers[0]}"
    return f"{stack} layer {span}: {what}".strip()


def _linear(inputs: Formula, outputs: Formula) -> Formula:
    """W x + b."""
    return outputs * inputs + outputs


def _tokens(config: Any, vocabularies: Vocabularies, dim: Formula, fixed_source: bool = False) -> Iterator[Part]:
    """Embeddings and output layer."""
    source, target = vocabularies.letters
    tied = config.tie_embeddings
    shared = tied and vocabularies.joint and not fixed_source
    names = ["source"] * shared + ["target"] + ["output"] * tied
    yield Part("embedding", ", ".join(names), "embedding.target", Embedding.parameter_formula(target, dim))
    if not shared:
        yield Part("embedding", "source", "embedding.source", Embedding.parameter_formula(source, dim))
    what = "its biases" if tied else "own"
    yield Part("output layer", what, "embedding.output", Output.parameter_formula(target, dim, tied))


def _lexical(config: LexicalConfig, vocabularies: Vocabularies) -> Iterator[Part]:
    source, _ = vocabularies.letters
    kept = letter("C", min(config.candidates, vocabularies.target))
    yield Part("table", "words", "words", Lexical.parameter_formula(source, kept))
    yield Part("table", "log-probabilities", "log_probs", Lexical.parameter_formula(source, kept))


def _recurrent(config: RecurrentConfig, vocabularies: Vocabularies) -> Iterator[Part]:
    dim, encoder = letter("D", config.dim), letter("E", config.encoder_dim)
    width = letter("W", config.embedding_dim or config.dim)
    yield from _tokens(config, vocabularies, width, fixed_source=config.cell == "reservoir")
    cell, one = CELLS[config.cell], _direction(config)
    what = NAMES[config.cell] + (", both ways" if config.bidirectional else "")
    for i in range(config.layers):
        for direction in range(2 if config.bidirectional else 1):
            formula = cell.parameter_formula(encoder if i else width, one)
            yield Part("encoder", what, f"encoder.layers.{i}.{direction}", formula, i + 1)
    own = _decoder_cell(config)
    for i in range(config.layers):
        formula = CELLS[own].parameter_formula(dim if i else _decoder_input(config), dim)
        yield Part("decoder", NAMES[own], f"decoder.{i}", formula, i + 1)
    yield Part("bridge", "first state", "bridge", _linear(encoder, dim))
    if config.score != "none":
        places = letter("P", config.max_length)
        yield Part("score", config.score, "score", SCORES[config.score].parameter_formula(dim, encoder, dim, places))
    if config.score != "none" or config.context == "every":
        yield Part("join", "state and context", "join", _linear(dim + encoder, dim))
    if width.value != dim.value:
        yield Part("narrow", "to the embeddings", "narrow", _linear(dim, width))


def _direction(config: RecurrentConfig) -> Formula:
    """The width of what reads the source from one end."""
    return letter("U", config.encoder_dim // 2) if config.bidirectional else letter("E", config.encoder_dim)


def _decoder_cell(config: RecurrentConfig) -> str:
    return "gru" if config.cell == "reservoir" else config.cell


def _decoder_input(config: RecurrentConfig) -> Formula:
    """What the decoder's first layer reads: an embedding, and what was seen or the one vector."""
    width = letter("W", config.embedding_dim or config.dim)
    if config.input_feeding:
        return width + letter("D", config.dim)
    seen = config.attend == "before" or config.context == "every"
    return width + letter("E", config.encoder_dim) if seen else width


def _inside(config: SelfAttentiveConfig) -> Formula:
    return letter("F", FEED_FORWARDS[config.feed_forward].width(config) if config.feed_forward != "none" else 0)


def _layer(config: SelfAttentiveConfig, stack: str, where: str, layer: int, *, cross: bool = False) -> Iterator[Part]:
    """One layer's sublayers, and a norm for each."""
    dim = letter("D", config.dim)
    attention = SELF_ATTENTIONS[config.attention].parameter_formula(dim)
    norm = NORMS[config.norm].parameter_formula(dim)
    fed = config.feed_forward != "none"
    yield Part(stack, "self-attention", f"{where}.attention", attention, layer)
    if cross:
        yield Part(stack, "cross-attention", f"{where}.cross", CrossAttention.parameter_formula(dim), layer)
    if fed:
        inner = FEED_FORWARDS[config.feed_forward].parameter_formula(dim, _inside(config))
        yield Part(stack, "feed-forward", f"{where}.feed_forward", inner, layer)
    for name in ("attended", *["crossed"] * cross, *["fed"] * fed):
        yield Part(stack, "norms", f"{where}.{name}", norm, layer)


def _transformer(config: TransformerConfig, vocabularies: Vocabularies) -> Iterator[Part]:
    dim, places = letter("D", config.dim), letter("P", config.max_length)
    yield from _tokens(config, vocabularies, dim)
    for side in ("source", "target"):
        formula = POSITIONS[config.positions].parameter_formula(dim, places)
        yield Part("positions", "of either side", f"{side}_positions", formula)
    for stack in ("encoder", "decoder"):
        for i in range(config.layers):
            yield from _layer(config, stack, f"{stack}.{i}", i + 1, cross=stack == "decoder")
        if config.norm_place == "pre":
            yield Part(stack, "last norm", f"{stack}_norm", NORMS[config.norm].parameter_formula(dim))


def _decoder_only(config: DecoderConfig, vocabularies: Vocabularies) -> Iterator[Part]:
    dim, places = letter("D", config.dim), letter("P", config.max_length)
    yield from _tokens(config, vocabularies, dim)
    yield Part("positions", "", "positions", POSITIONS[config.positions].parameter_formula(dim, 2 * places))
    for i in range(config.layers):
        yield from _layer(config, "", f"layers.{i}", i + 1)
    if config.norm_place == "pre":
        yield Part("last norm", "", "norm", NORMS[config.norm].parameter_formula(dim))


PARTS: dict[type, Callable[[Any, Vocabularies], Iterator[Part]]] = {
    LexicalConfig: _lexical,
    RecurrentConfig: _recurrent,
    TransformerConfig: _transformer,
    DecoderConfig: _decoder_only,
}
