"""The sections of a recipe but `[model]`: frozen, strict, every default here and in `models`, and nowhere else.

The string under a field says what it means; `nmt train --help-recipe` prints it.
"""

import re
from typing import Annotated, Any, Literal

from pydantic import Discriminator, Field, Tag, field_validator, model_validator

from nmt.recipe.alignment import AlignConfig, GuidedConfig, alignment_faults, guidance_faults
from nmt.recipe.models import LexicalConfig, ModelConfig, TransformerConfig, VectorsConfig
from nmt.recipe.section import Positive, Section, Seed, Share


class CorpusConfig(Section):
    """`[data.train.NAME]`: one of several corpora to train on."""

    path: str
    """Where it is, in the notation of data.train."""
    weight: Annotated[float, Field(gt=0.0, allow_inf_nan=False)] | None = None
    """Its share of the pairs of an epoch, divided by the sum of all weights; without any, each pair is seen once."""


def _one_or_several(train: Any) -> str:
    return "several" if isinstance(train, dict) else "one"


Train = Annotated[
    Annotated[str, Tag("one")] | Annotated[dict[str, CorpusConfig], Tag("several")], Discriminator(_one_or_several)
]


class DataConfig(Section):
    """`[data]`: where the text is."""

    train: Train = "grammar"
    """Training text: "grammar" (embedded), a prefix, a .tsv or .jsonl file (each plain or gzipped), or hub:NAME.
    Several are a table: [data.train.NAME] with `path` and `weight`. An epoch has as many pairs as all of them."""
    dev: str | None = None
    """Development text, in the same notation; for the embedded corpus its own dev part is taken."""
    test: dict[str, str] = Field(default={})
    """Test sets by name, for comparisons; training never opens them."""
    max_tokens: Positive = 256
    """Training pairs with more tokens than this on either side are left out, and counted."""
    max_ratio: Annotated[float, Field(ge=1.0)] = 5.0
    """Training pairs of over 10 tokens whose longer side has more than this many times the shorter's are left out."""
    cache: Literal["auto", "always", "never"] = "auto"
    """Whether training text is encoded once, into a file mapped into memory: auto is from 16 MiB of files on."""
    cache_folder: str | None = None
    """Where that file is kept; without it, the folder in NMT_CACHE, or else nmt in the system's folder of caches."""
    stream: bool = False
    """Read hub:NAME one of its files (a shard) after the other as training goes on; an epoch is a shard."""

    @property
    def corpora(self) -> dict[str, CorpusConfig]:
        """The training text by name, also where it is one."""
        return self.train if isinstance(self.train, dict) else {self.train: CorpusConfig(path=self.train)}

    @property
    def paths(self) -> tuple[str, ...]:
        """Where the training text is."""
        return tuple(corpus.path for corpus in self.corpora.values())

    @property
    def title(self) -> str:
        """What the training text is called in messages."""
        return " + ".join(self.corpora)

    @property
    def embedded(self) -> bool:
        """Whether it is the embedded corpus alone."""
        return all(path.partition(":")[0] == "grammar" for path in self.paths)

    @model_validator(mode="after")
    def _consistent(self) -> "DataConfig":
        faults = []
        weights = [corpus.weight for corpus in self.corpora.values()]
        if not weights:
            faults.append("train is a table without a corpus; add [data.train.NAME] with a path")
        if None in weights and any(weights):
            faults.append("some corpora of data.train have a weight and some have none; give all of them one, or none")
        if self.stream and isinstance(self.train, dict):
            faults.append("data.stream reads one data set; name it by data.train = hub:NAME")
        if self.stream and self.cache == "never":
            faults.append("data.stream keeps shards in the cache, and data.cache = never leaves it nowhere to go")
        if faults:
            raise ValueError("; ".join(faults))
        return self


class TokenizerConfig(Section):
    """`[tokenizer]`: how text becomes tokens."""

    level: Literal["bpe", "word", "char"] = "bpe"
    """Byte-level BPE (no token is ever unknown), whole words (the rest is <unk>), or characters."""
    vocab_size: Positive = 2_000
    """Types in a vocabulary, the four special ones counted; a small corpus may yield fewer."""
    joint: bool = True
    """One vocabulary for both languages, or one for each."""
    sample: Positive = 1_000_000
    """Pairs that the vocabulary is made from, evenly spread over a training text that has more."""
    dropout: Share = 0.0
    """BPE dropout (Provilkov et al. 2020): the share of merges skipped when a training pair is read."""

    @model_validator(mode="after")
    def _dropout_needs_merges(self) -> "TokenizerConfig":
        if self.dropout and self.level != "bpe":
            raise ValueError(f"dropout skips BPE merges, and level {self.level} has none; leave it out")
        return self


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
