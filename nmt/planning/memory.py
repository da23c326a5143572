"""Bytes at the fullest moment of a training step, by part."""

from collections.abc import Mapping
from dataclasses import dataclass

from nmt.evaluation.anatomy import PARTS, Vocabularies
from nmt.models.embedding import Embedding
from nmt.models.formula import letter
from nmt.models.loss import CHUNK_NUMBERS
from nmt.planning.cost import Cost, Numbers, Shape
from nmt.planning.recurrence import recurrent
from nmt.planning.stacks import decoder_only, transformer
from nmt.recipe import DecoderConfig, ModelConfig, RecurrentConfig, TransformerConfig

FP32 = 4
FULL = Numbers()


@dataclass(frozen=True)
class Parameters:
    """How many numbers a model has."""

    parts: dict[str, int]
    """By component."""
    fixed: int
    """Of them never trained."""
    table: int
    """The output layer's matrix, whose gradient is made more than once."""

    @property
    def total(self) -> int:
        """All."""
        return sum(self.parts.values())

    @property
    def trained(self) -> int:
        """Those with a gradient."""
        return self.total - self.fixed


@dataclass(frozen=True)
class Setting:
    """On what a step is done."""

    gpus: int = 1
    sharded: bool = False
    accumulated: bool = False
    """The gradient of earlier batches is there already."""
    numbers: Numbers = FULL


def parameters(config: ModelConfig, vocabularies: Vocabularies) -> Parameters:
    """By the closed formulas of `nmt info`, without a model."""
    counts: dict[str, int] = {}
    fixed = 0
    reservoir = isinstance(config, RecurrentConfig) and config.cell == "reservoir"
    for part in PARTS[type(config)](config, vocabularies):
        name = part.stack or "layers"
        if part.formula.value:
            counts[name] = counts.get(name, 0) + part.formula.value
        if reservoir and (name == "encoder" or part.where == "embedding.source"):
            fixed += part.formula.value
    width = int(getattr(config, "embedding_dim", None) or getattr(config, "dim", None) or 0)
    table = Embedding.parameter_formula(letter("V", vocabularies.target), letter("W", width)).value
    return Parameters(counts, fixed, table)


def costs(config: ModelConfig, types: int, shape: Shape, numbers: Numbers) -> dict[str, Cost]:
    """Each part of a model that is trained by gradient, on a batch."""
    if isinstance(config, RecurrentConfig):
        return recurrent(config, types, shape, numbers)
    if isinstance(config, TransformerConfig):
        return transformer(config, types, shape, numbers)
    assert isinstance(config, DecoderConfig)
    return decoder_only(config, types, shape, numbers)


def step(known: Parameters, parts: Mapping[str, Cost], setting: Setting) -> dict[str, float]:
    """Bytes on one device by part, at the fuller of two moments: when the backward pass begins, and when it ends.

    At the first all activations are there, at the second all gradients; logits are there at both.
    """
    shares = setting.gpus if setting.sharded else 1
    always = {
        "weights": FP32 * known.total / shares,
        "optimizer moments": 2 * FP32 * known.trained / shares,
    }
    if setting.numbers.product < FP32:
        always["weights in half precision"] = float(setting.numbers.product * known.total)
    if setting.gpus > 1:
        if setting.sharded:  # one part's weights whole, and its gradient before it is shared out
            always["gathered part"] = 2.0 * FP32 * max(known.parts.values())
        else:
            always["DDP buckets"] = float(FP32 * known.trained)
    gradients, logits = FP32 * known.trained / shares, parts["logits"].bytes
    several = logits > FP32 * CHUNK_NUMBERS  # each chunk of logits has a gradient of its own for the matrix
    begins = {f"activations: {name}": part.bytes for name, part in parts.items() if name != "logits" and part.bytes}
    begins |= {
        "logits": logits,
        "gradients": gradients if setting.accumulated else 0.0,
        "workspace": float(FP32 * known.table * (3 if several else 1)),
    }
    ends = {"logits": logits, "gradients": gradients, "workspace": float(2 * FP32 * known.table)}
    fuller = max(begins, ends, key=lambda moment: sum(moment.values()))
    return {**always, **fuller}


def activations(parts: Mapping[str, Cost]) -> float:
    """Bytes that a forward pass keeps, logits among them."""
    return sum(part.bytes for part in parts.values())
