"""`[align]` and `[training.guided_alignment]`: attention read, and taught, as an alignment of words."""

from dataclasses import dataclass
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

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
    head: int | Literal["mean"] = "mean"
    """Of that layer, from 1, or the mean of its heads."""
    shift: bool = False
    """Where a model looks as it reads a word, one step later, and not as it writes it (Chen et al. 2020,
    arXiv:2004.14837); not for one that looks before it reads (`attend = "before"`)."""
    null: bool = True
    """A target word that looks most at the sentence's end belongs to no word; false gives it the next best."""

    @field_validator("head", mode="before")
    @classmethod
    def _one_or_all(cls, value: Any) -> Any:
        if value != "mean" and (type(value) is not int or value < 1):
            raise ValueError(f'must be a head from 1, or "mean", not {value!r}')
        return value


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
    maps = range(first, first + heads) if align.head == "mean" else (first + align.head - 1,)
    return Look(tuple(maps), align.shift, align.null)


def reads_before_it_looks(model: ModelConfig) -> bool:
    """Whether a step's look knows the word that the step reads, so that `align.shift` has something to choose."""
    if isinstance(model, RecurrentConfig):
        return model.attend == "after"
    return not isinstance(model, LexicalConfig)


def align_choices(model: ModelConfig) -> list[AlignConfig]:
    """Every layer, head and shift that `[align]` can name of a model; the mean of a layer's heads before each."""
    layers, heads = maps_of(model)
    numbered = isinstance(model, SelfAttentiveConfig)
    of_layer: list[Any] = ["mean", *range(1, heads + 1)] if heads > 1 else ["mean"]
    return [
        AlignConfig(layer=layer if numbered else None, head=head, shift=shift)
        for shift in ((False, True) if reads_before_it_looks(model) else (False,))
        for layer in range(1, layers + 1)
        for head in of_layer
    ]


def alignment_faults(align: AlignConfig, model: ModelConfig) -> list[str]:
    """What `[align]` asks of a model that it does not have."""
    layers, heads = maps_of(model)
    head = None if align.head == "mean" else align.head
    parts = (("layer", align.layer, layers), ("head", head, heads))
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
    if align.shift and not reads_before_it_looks(model):
        why = "--arch lexical has probabilities" if isinstance(model, LexicalConfig) else "attend = before looks first"
        faults.append(f"align.shift is for a model that looks when it has read a word, and {why}; leave it out")
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
    if maps_of(model)[1] > 1 and align.head == "mean":
        faults.append("training.guided_alignment teaches one head; say which, as in align.head = 1")
    return faults
