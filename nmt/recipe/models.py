"""`[model]`: what each family of models may be told, and which combinations make sense."""

from typing import Annotated, Literal

from pydantic import Field, model_validator

from nmt.recipe.section import Positive, Section, Share


class VectorsConfig(Section):
    """`[model.embeddings]`: embeddings that were trained elsewhere, as text: a word and its numbers on each line."""

    source: str | None = None
    """A file of word2vec's or GloVe's text vectors for the source language, plain or .gz."""
    target: str | None = None
    """The same for the target language."""
    frozen: bool = False
    """Do not train the vectors that were found; what the file lacks is trained all the same."""

    @model_validator(mode="after")
    def _something_to_freeze(self) -> "VectorsConfig":
        if self.frozen and not (self.source or self.target):
            raise ValueError("frozen has nothing to freeze; name vectors with embeddings.source or embeddings.target")
        return self


class ReservoirConfig(Section):
    """`[model.reservoir]`: the fixed random recurrence of `cell = "reservoir"`."""

    dim: Positive | None = None
    """Units of the encoder, half of them for each direction if it reads both ways; the decoder's width where absent."""
    input_scale: Annotated[float, Field(gt=0.0, le=100.0)] = 1.0
    """Factor of the weights of its input: the larger, the further from linear."""
    spectral_radius: Annotated[float, Field(gt=0.0, le=100.0)] = 0.9
    """Largest absolute eigenvalue of the recurrent weights: near 1 the past is kept long, below it fades."""
    sparsity: Share = 0.9
    """Share of the recurrent weights that are 0."""
    leak: Annotated[float, Field(gt=0.0, le=1.0)] = 1.0
    """Share of a new state in the next; the rest is the old one."""


class RecurrentConfig(Section):
    """`[model]` of `--arch rnn` and `--arch attention`: an encoder-decoder of recurrent cells."""

    family: Literal["recurrent"] = "recurrent"
    """Which class this section belongs to; `--arch` sets it."""
    layers: Positive = 1
    """Recurrent layers of the encoder, and of the decoder."""
    dim: Positive = 256
    """Width of the decoder's state; a bidirectional encoder has half of it in each direction."""
    embedding_dim: Positive | None = None
    """Width of the embeddings; `dim` where absent."""
    cell: Literal["tanh", "lstm", "gru", "reservoir"] = "gru"
    """Elman 1990, Hochreiter and Schmidhuber 1997, Cho et al. 2014; a reservoir (Jaeger 2001) is a fixed random
    encoder, its embeddings too (random, or those of `model.embeddings`), under a GRU decoder."""
    score: Literal["none", "additive", "concat", "dot", "scaled_dot", "general", "cosine", "location"] = "additive"
    """How a decoder state is compared with a source state (Bahdanau et al. 2015, Luong et al. 2015); none is
    `--arch rnn`, and concat is Luong's name for additive attention after the step."""
    attend: Literal["before", "after"] = "after"
    """Look at the source with the state before the recurrent step, which then reads what was seen (Bahdanau et al.
    2015), or with the state after it (Luong et al. 2015)."""
    context: Literal["initial", "every"] = "initial"
    """Without attention, the one vector is the first state (Sutskever 2014), or read at each step (Cho 2014)."""
    reverse_source: bool = False
    """Read the source from its end (Sutskever 2014)."""
    bidirectional: bool = True
    """Read the source from both ends."""
    input_feeding: bool = True
    """Feed the attentional vector into the next step (Luong 2015, section 3.3)."""
    dropout: Share = 0.2
    """Share of embeddings, layer outputs and attentional vectors set to zero in training."""
    tie_embeddings: bool = True
    """The output layer shares the target embedding, and so does the source embedding if the vocabulary is joint."""
    max_length: Positive = 1_024
    """Source tokens beyond this are cut, with a warning; a location score knows this many places."""
    reservoir: ReservoirConfig = ReservoirConfig()
    embeddings: VectorsConfig = VectorsConfig()

    @model_validator(mode="after")
    def _consistent(self) -> "RecurrentConfig":
        faults = [*self._of_attention(), *self._of_the_encoder()]
        if faults:
            raise ValueError("; ".join(faults))
        return self

    @property
    def encoder_dim(self) -> int:
        """Width of the encoder's states, both directions together."""
        return self.reservoir.dim or self.dim

    @property
    def learns_places(self) -> bool:
        """Whether training must meet a place before it is known."""
        return self.score == "location"

    def _of_attention(self) -> list[str]:
        faults = []
        if self.score == "none" and self.input_feeding:
            faults.append("input_feeding has nothing to feed when score is none; use --arch rnn, or set it to false")
        if self.score == "none" and self.attend == "before":
            faults.append("attend = before says when to look at the source, and a model with score = none never looks")
        if self.score != "none" and self.attend == "before" and self.input_feeding:
            faults.append("attend = before feeds each step what it sees in the source; set input_feeding to false")
        if self.score == "concat" and self.attend == "before":
            faults.append("concat is Luong's name for attend = after; before the step the same score is additive")
        if self.score != "none" and self.context == "every":
            faults.append("context = every belongs to score = none: attention has a new context at every step anyway")
        return faults

    def _of_the_encoder(self) -> list[str]:
        faults = []
        if self.bidirectional and self.reverse_source:
            faults.append("reverse_source changes nothing when the encoder reads both ways; set bidirectional to false")
        if self.bidirectional and self.encoder_dim % 2:
            faults.append(f"dim = {self.encoder_dim} cannot be halved for a bidirectional encoder; make it even")
        if self.score in ("dot", "scaled_dot", "cosine") and self.encoder_dim != self.dim:
            faults.append(
                f"score = {self.score} compares states of one width, and reservoir.dim is {self.encoder_dim} beside a "
                f"dim of {self.dim}; use general or additive"
            )
        if self.cell != "reservoir" and self.reservoir != ReservoirConfig():
            faults.append(f"reservoir describes cell = reservoir, not {self.cell}; leave it out")
        if self.cell == "reservoir" and self.embeddings.frozen and not self.embeddings.target:
            faults.append(
                "embeddings.frozen changes nothing for the source of a reservoir, which is fixed; leave it out"
            )
        return faults


class SelfAttentiveConfig(Section):
    """What the models of self-attention have in common."""

    dim: Positive = 256
    """Width of the embeddings and of every layer."""
    heads: Positive = 4
    """Attention heads; each is dim / heads wide."""
    attention: Literal["simple", "single", "multi"] = "multi"
    """Self-attention, as it is taught: positions compared as they are, without weights; one head of queries, keys and
    values; or `heads` of them. Attention to the source has `heads` in each case."""
    scale_attention: bool = True
    """Divide the products of queries and keys by the root of their width."""
    feed_forward: Literal["none", "relu", "gelu", "gated"] = "relu"
    """What follows attention at each position: nothing, as in the paper of 2017, Hendrycks and Gimpel 2016, or SwiGLU
    (Shazeer 2020)."""
    feed_forward_dim: Positive | None = None
    """Width inside the feed-forward layers; where absent 4 x dim, or two thirds of it if gated, for as many weights."""
    residual: bool = True
    """Add a sublayer's input to its output (He et al. 2016)."""
    norm: Literal["layer", "rms", "tanh", "none"] = "layer"
    """Layer normalisation (Ba et al. 2016), root mean square (Zhang and Sennrich 2019), or dynamic tanh (Zhu et al.
    2025)."""
    norm_place: Literal["pre", "post"] = "pre"
    """Before each sublayer (Xiong et al. 2020), or after its residual sum as in the paper of 2017."""
    positions: Literal["none", "sinusoidal", "learned", "rotary"] = "sinusoidal"
    """How a token knows where it stands (Vaswani et al. 2017; Gehring et al. 2017; Su et al. 2021)."""
    dropout: Share = 0.1
    """Share of embeddings, sublayer outputs and feed-forward activations set to zero in training."""
    tie_embeddings: bool = True
    """The output layer shares the target embedding, and so does the source embedding if the vocabulary is joint."""
    max_length: Positive = 1_024
    """Source tokens beyond this are cut, with a warning; learned positions know this many places."""
    embeddings: VectorsConfig = VectorsConfig()

    @property
    def learns_places(self) -> bool:
        """Whether training must meet a place before it is known."""
        return self.positions == "learned"

    @property
    def head_dim(self) -> int:
        """Width of a head of self-attention."""
        return self.dim // self.heads if self.attention == "multi" else self.dim

    @model_validator(mode="after")
    def _consistent(self) -> "SelfAttentiveConfig":
        if faults := self._faults():
            raise ValueError("; ".join(faults))
        return self

    def _faults(self) -> list[str]:
        faults = []
        if self.dim % self.heads:
            faults.append(f"dim = {self.dim} is not a multiple of heads = {self.heads}; change one of them")
        elif self.positions == "rotary" and self.head_dim % 2:
            faults.append(f"rotary positions turn pairs of numbers; a head has {self.head_dim}, make it even")
        if self.positions == "sinusoidal" and self.dim % 2:
            faults.append(f"sinusoidal positions come in pairs; dim = {self.dim} must be even")
        if self.norm == "none" and self.norm_place == "post":
            faults.append("norm_place = post places a norm, and norm = none has none; leave it out")
        if self.feed_forward == "none" and self.feed_forward_dim:
            faults.append("feed_forward_dim is the width of what feed_forward = none leaves out; leave it out too")
        return faults


class TransformerConfig(SelfAttentiveConfig):
    """`[model]` of `--arch transformer` (Vaswani et al. 2017)."""

    family: Literal["transformer"] = "transformer"
    """Which class this section belongs to; `--arch` sets it."""
    layers: Positive = 3
    """Layers of the encoder, and of the decoder."""


class DecoderConfig(SelfAttentiveConfig):
    """`[model]` of `--arch decoder`: one causal Transformer over source and target (Liu et al. 2018)."""

    family: Literal["decoder"] = "decoder"
    """Which class this section belongs to; `--arch` sets it."""
    layers: Positive = 6
    """Layers of the one stack."""

    def _faults(self) -> list[str]:
        if self.attention == "multi" or self.heads == 1:
            return super()._faults()
        return [*super()._faults(), f"attention = {self.attention} has one head, for source and target; set heads to 1"]


class LexicalConfig(Section):
    """`[model]` of `--arch lexical`: word-by-word translation, IBM Model 1 (Brown et al. 1993)."""

    family: Literal["lexical"] = "lexical"
    """Which class this section belongs to; `--arch` sets it."""
    iterations: Positive = 10
    """Passes of expectation-maximisation over the text."""
    candidates: Positive = 64
    """Likeliest translations kept of each source word."""
    floor: Annotated[float, Field(gt=0.0, lt=1.0)] = 1e-6
    """Probability spread over the whole vocabulary, so that no sentence is impossible."""
    max_length: Positive = 1_024
    """Source words beyond this are cut, with a warning."""


ModelConfig = Annotated[
    RecurrentConfig | TransformerConfig | DecoderConfig | LexicalConfig, Field(discriminator="family")
]
