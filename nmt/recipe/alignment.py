"""`[align]` and `[training.guided_alignment]`: attention read, and taught, as an alignment of words."""

from dataclasses import dataclass
from typing import Annotated

from pydantic import Field, model_validator

from nmt.recipe.models import (
    DecoderConfig,
    LexicalConfig,
    ModelConfig,
    RecurrentConfig,
    SelfAttentiveConfig,
    TransformerConfig,
)
from nmt.recipe.section import Positive, Section


class AlignConfig(Section):
    """`[align]`: which attention says which source word a target word belongs to, in `nmt align`; choose it on dev."""

    layer: Positive | None = None
    """Of a Transformer's decoder, from 1; the last but one where absent (Garg et al. 2019, arXiv:1909.02074)."""
    head: Positive | None = None
    """Of that layer, from 1; the mean of its heads where absent."""
    shift: bool = False
    """Where a model looks as it reads a word, one step later, and not as it writes it (Chen et al. 2020,
    arXiv:2004.14837)."""
    null: bool = True
    """A target word that looks most at the sentence's end belongs to no word; false gives it the next best."""


@dataclass(frozen=True)
class Look:
    """Which of a model's attention maps are read as an alignment, and how: `[align]` with nothing left open."""

    maps: tuple[int, ...]
    """Their places among all A, from 0; the mean of several."""
    shift: bool
    null: bool


class GuidedConfig(Section):
    """`[training.guided_alignment]`: links between words teach an attention map (Chen et al. 2016, arXiv:1607.01628).

    The map is the one that `[align]` names, and `nmt align` reads.
    """

    file: str | None = None
    """Links of the training text, a line for each pair, as `nmt align` writes them: i-j, tokens between white space of
    source and target, from 0."""
    weight: Annotated[float, Field(gt=0.0, allow_inf_nan=False)] = 0.05
    """Factor of the links' cross-entropy, which is added to that of the tokens, in the loss that training reports too
    (Garg et al. 2019, arXiv:1909.02074)."""

    @model_validator(mode="after")
    def _something_to_weigh(self) -> "GuidedConfig":
        if self.file is None and self.weight != type(self).model_fields["weight"].default:
            raise ValueError("weight has nothing to weigh; name links with guided_alignment.file")
        return self


def maps_of(model: ModelConfig) -> tuple[int, int]:
    """Layers and heads of a model's attention to the source; 1 and 1 for one with a single map."""
    return (model.layers, model.heads) if isinstance(model, TransformerConfig | DecoderConfig) else (1, 1)


def look_of(align: AlignConfig, model: ModelConfig) -> Look:
    """What `[align]` means for a model."""
    layers, heads = maps_of(model)
    first = ((align.layer or max(layers - 1, 1)) - 1) * heads
    maps = range(first, first + heads) if align.head is None else (first + align.head - 1,)
    return Look(tuple(maps), align.shift, align.null)


def alignment_faults(align: AlignConfig, model: ModelConfig) -> list[str]:
    """What `[align]` asks of a model that it does not have."""
    layers, heads = maps_of(model)
    parts = (("layer", align.layer, layers), ("head", align.head, heads))
    if isinstance(model, SelfAttentiveConfig):
        return [
            f"align.{name} = {n} is none of {most}; set it to {most} or less"
            for name, n, most in parts
            if n and n > most
        ]
    faults = [
        f"align.{name} chooses among the maps of a Transformer, and this model has one at most; leave it out"
        for name, n, _ in parts
        if n
    ]
    if align.shift and isinstance(model, LexicalConfig):
        faults.append("align.shift chooses a step of attention, and --arch lexical has probabilities; leave it out")
    return faults


def guidance_faults(align: AlignConfig, model: ModelConfig, bpe_dropout: float) -> list[str]:
    """Why a model cannot be trained by links."""
    faults = []
    if isinstance(model, LexicalConfig) or (isinstance(model, RecurrentConfig) and model.score == "none"):
        faults.append("training.guided_alignment teaches attention, and this model has none; use another --arch")
    if bpe_dropout:
        faults.append(
            "training.guided_alignment needs the same pieces in every epoch, and tokenizer.dropout changes them; leave "
            "out one of the two"
        )
    if maps_of(model)[1] > 1 and align.head is None:
        faults.append("training.guided_alignment teaches one head; say which, as in align.head = 1")
    return faults
