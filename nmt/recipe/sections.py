"""The sections of a recipe but `[model]` and what `text` has: frozen, strict, with every default.

The string under a field says what it means; `nmt train --help-recipe` prints it.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import Field, field_validator, model_validator

from nmt.recipe.alignment import AlignConfig, GuidedConfig, alignment_faults, guidance_faults
from nmt.recipe.models import LexicalConfig, ModelConfig, TransformerConfig, VectorsConfig
from nmt.recipe.section import Positive, Section, Seed, Share
from nmt.recipe.text import DataConfig, TokenizerConfig


class TrainingConfig(Section):
    """`[training]`: how the weights are found."""

    seed: Seed = 1
    """Start of every random choice: weights, order of batches, dropout."""
    steps: Positive = 3_000
    """Updates after which training ends."""
    minutes: Annotated[float, Field(gt=0.0)] | None = None
    """Minutes of training, validation included, after which it ends, if that is sooner; resumed time counts on."""
    batch_tokens: Positive = 2_048
    """Rows x longest side of a batch, padding counted."""
    accumulate: Positive = 1
    """Batches to an update; the gradient is divided by the tokens of them all."""
    optimizer: Literal["adam", "adamw"] = "adam"
    """Kingma and Ba 2015; adamw decouples the weight decay (Loshchilov and Hutter 2019)."""
    learning_rate: Annotated[float, Field(gt=0.0, allow_inf_nan=False)] = 1e-3
    """The highest learning rate; under noam, the factor before dim ** -0.5."""
    schedule: Literal["inverse_sqrt", "noam", "linear", "plateau", "constant"] = "inverse_sqrt"
    """What follows the linear warm-up; linear falls to 0 at `steps`, which suits a training of known length."""
    warmup: Annotated[int, Field(ge=0)] = 400
    """Updates over which the learning rate rises."""
    beta1: Share = 0.9
    """Adam's decay of the mean of gradients."""
    beta2: Share = 0.98
    """Adam's decay of the mean of squared gradients."""
    weight_decay: Annotated[float, Field(ge=0.0)] = 0.0
    """Pull of the weights toward zero."""
    clip_norm: Annotated[float, Field(gt=0.0)] = 1.0
    """Gradients of a larger norm are scaled down to it; inf is off."""
    label_smoothing: Share = 0.1
    """Probability spread over the whole vocabulary (Szegedy et al. 2016)."""
    precision: Literal["auto", "fp32", "bf16", "fp16"] = "auto"
    """Numbers in the matrix products: auto is bf16 on a GPU that has it and fp32 elsewhere."""
    parallel: Literal["ddp", "fsdp"] = "ddp"
    """Under torchrun: with ddp every process has all weights, with fsdp its part of them, of gradients and of moments,
    for a model that is too large for one GPU; what is trained is the same."""
    validate_every: int | str = 500
    """Updates between validations; "2e" is every two epochs, "500u" says updates."""
    save_every: int | str = 500
    """Updates between checkpoints to resume from ..."""
    save_minutes: Annotated[float, Field(gt=0.0, allow_inf_nan=False)] = 15.0
    """... and minutes after which there is one at the latest: what a machine that fails can cost."""
    keep: Positive = 2
    """Checkpoints to resume from that stay; where the newest is damaged, the one before it is taken."""
    max_skipped: Annotated[int, Field(ge=0)] = 20
    """Updates in a row that are skipped for a loss or a gradient that is not finite; one more ends the training."""
    stop_on: Literal["bleu", "chrf", "loss"] = "bleu"
    """The dev score that chooses `best` and that patience watches."""
    patience: Positive | None = None
    """Validations without a better score after which training ends, or plateau halves the rate."""
    dev_lines: Positive | None = None
    """Translate only the first so many dev lines at a validation."""
    average: Positive = 5
    """Weights of the last so many validations kept; their mean is tried on dev at the end."""
    tensorboard: bool = False
    """Write the metrics for TensorBoard too (pip install nmt-toolkit[tensorboard])."""
    guided_alignment: GuidedConfig = GuidedConfig()

    @field_validator("validate_every", "save_every")
    @classmethod
    def _duration(cls, value: int | str) -> int | str:
        if not re.fullmatch(r"[1-9](_?[0-9])*[ue]", value if isinstance(value, str) else f"{value}u"):
            raise ValueError(f'must be a number of updates from 1, or "500u", or epochs as "2e", not {value!r}')
        return value

    @model_validator(mode="after")
    def _schedule_has_what_it_needs(self) -> "TrainingConfig":
        if self.schedule == "noam" and self.learning_rate < 0.05:
            raise ValueError(
                f"under schedule = noam, learning_rate is the factor before dim ** -0.5, usually 0.5 to 2; "
                f"{self.learning_rate:g} would train next to nothing"
            )
        if self.schedule == "plateau" and self.patience is None:
            raise ValueError("schedule = plateau halves the rate after `patience` validations; set patience")
        return self


class SearchConfig(Section):
    """`[decoding]`: how a translation is searched; `nmt translate` and validation in training read the same one."""

    beam: Positive = 5
    """Hypotheses kept for a sentence; 1 is greedy."""
    length_penalty: Annotated[float, Field(ge=0.0, allow_inf_nan=False)] = 1.0
    """Hypotheses are ranked by log-probability / length ** this; 0 is the bare log-probability."""
    max_ratio: Annotated[float, Field(gt=0.0, allow_inf_nan=False)] = 2.0
    """A translation ends at the latest after this many tokens for each source token ..."""
    max_extra: Annotated[int, Field(ge=1)] = 20
    """... and this many more."""
    nbest: Positive = 1
    """Translations returned for a sentence."""
    sample: bool = False
    """Draw each token from the model's distribution instead of searching."""
    temperature: Annotated[float, Field(gt=0.0, allow_inf_nan=False)] = 1.0
    """Log-probabilities are divided by this before a draw."""
    top_k: Positive | None = None
    """Draw from the k best tokens alone."""
    top_p: Annotated[float, Field(gt=0.0, le=1.0)] | None = None
    """Draw from the fewest best tokens whose probability reaches this (Holtzman et al. 2020)."""
    seed: Seed = 1
    """Start of the draws; a line's draws depend on this and its number alone."""
    copy_unknown: bool = False
    """A translation's unknown word is the source word that it looks at (Luong et al. 2015, arXiv:1410.8206)."""
    no_repeat_ngram: Positive | None = None
    """No sequence of so many tokens occurs twice in a translation."""

    @model_validator(mode="after")
    def _consistent(self) -> "SearchConfig":
        if not self.sample and (self.temperature != 1.0 or self.top_k or self.top_p):
            raise ValueError("temperature, top_k and top_p change draws; they need sample")
        if not self.sample and self.nbest > self.beam:
            raise ValueError(f"nbest = {self.nbest} hypotheses cannot come from a beam of {self.beam}; raise beam")
        return self


class Recipe(Section):
    """The whole of it; the top level of a recipe's file."""

    source: str = "de"
    """Language of the source side: the suffix or key of its text, or the name of its column in a .tsv."""
    target: str = "en"
    """Language of the target side."""
    data: DataConfig = DataConfig()
    tokenizer: TokenizerConfig = TokenizerConfig()
    model: ModelConfig = TransformerConfig()
    training: TrainingConfig = TrainingConfig()
    decoding: SearchConfig = SearchConfig()
    align: AlignConfig = AlignConfig()

    @property
    def arch(self) -> str:
        """The name of the preset this model is an instance of: lexical, rnn, attention, transformer or decoder."""
        model: Any = self.model
        if model.family != "recurrent":
            return str(model.family)
        return "rnn" if model.score == "none" else "attention"

    @model_validator(mode="after")
    def _consistent(self) -> "Recipe":
        faults = [f"source and target are both {self.source!r}"] if self.source == self.target else []
        faults += [*alignment_faults(self.align, self.model), *self._of_guidance()]
        if not isinstance(self.model, LexicalConfig):
            faults += [*self._of_vectors(self.model.embeddings), *self._of_places()]
        faults += self._of_data()
        if faults:
            raise ValueError("; ".join(faults))
        return self

    def _of_guidance(self) -> list[str]:
        guided = self.training.guided_alignment.file is not None
        return guidance_faults(self.align, self.model, self.tokenizer.dropout) if guided else []

    def _of_data(self) -> list[str]:
        guided = self.training.guided_alignment.file is not None
        if self.data.cache == "always" and guided:
            return ["training.guided_alignment needs the text in memory; set data.cache to auto or never"]
        clashes = {
            "training.guided_alignment has links for a whole text": guided,
            "tokenizer.dropout is not made for it; set it to 0": self.tokenizer.dropout > 0,
            "a lexical model counts over a whole text": isinstance(self.model, LexicalConfig),
        }
        found = [clash for clash, is_so in clashes.items() if is_so and self.data.stream]
        return [f"data.stream has one shard at a time, and {clash}" for clash in found]

    def _of_vectors(self, vectors: VectorsConfig) -> list[str]:
        faults = []
        model: Any = self.model
        if (vectors.source or vectors.target) and self.tokenizer.level == "char":
            faults.append(
                "model.embeddings has vectors of words, and tokenizer.level = char has no words; set it to word or bpe"
            )
        if vectors.frozen and self.training.weight_decay:
            faults.append(
                "training.weight_decay would pull frozen embeddings toward zero; set it to 0, or "
                "model.embeddings.frozen to false"
            )
        shared = self.tokenizer.joint and getattr(model, "cell", None) != "reservoir"
        if vectors.frozen and model.tie_embeddings and (vectors.target or shared):
            faults.append(
                "model.embeddings.frozen would freeze the output layer that shares them; set model.tie_embeddings to "
                "false"
            )
        return faults

    def _of_places(self) -> list[str]:
        model: Any = self.model
        if model.learns_places and self.data.max_tokens >= model.max_length:
            return [
                f"model.max_length = {model.max_length} places cannot be learned from data.max_tokens = "
                f"{self.data.max_tokens} tokens and an end; set data.max_tokens to {model.max_length - 1} or less"
            ]
        return []
