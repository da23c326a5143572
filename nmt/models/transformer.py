"""`--arch transformer` (Vaswani et al. 2017, arXiv:1706.03762): attention in place of recurrence."""

from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from nmt.models.attention import CrossAttention, self_attention
from nmt.models.base import Decoded, Places, Rows, Seq2Seq
from nmt.models.dropout import Dropout
from nmt.models.embedding import Vocabulary
from nmt.models.layers import EncoderLayer, Sublayer, feed_forward
from nmt.models.norms import NORMS
from nmt.models.positions import POSITIONS
from nmt.recipe import TransformerConfig


@dataclass(frozen=True)
class Memory(Rows):
    """Keys and values of the source, made once for every layer that looks at it."""

    mask: Tensor
    """(B, S)."""
    layers: tuple[Tensor, ...]
    """L of (B, 2, H, S, d)."""


@dataclass(frozen=True)
class State(Rows):
    """Keys and values of the target tokens read so far."""

    layers: tuple[Tensor, ...]
    """L of (N, 2, H, T, d); none before the first token."""
    length: int
    """T."""


class DecoderLayer(nn.Module):
    """Causal self-attention, attention to the source, then feed-forward."""

    def __init__(self, config: TransformerConfig) -> None:
        super().__init__()
        self.attention = self_attention(config)
        self.attended = Sublayer(config)
        self.cross = CrossAttention(config)
        self.crossed = Sublayer(config)
        self.feed_forward, self.fed = feed_forward(config)

    def forward(
        self, x: Tensor, past: Tensor | None, source: Tensor, mask: Tensor, weights: bool
    ) -> tuple[Tensor, Tensor, Tensor | None]:
        """(N, T, D), past (N, 2, H, T', d), source (B, 2, H, S, d), mask (B, S) -> x, past and x, weights."""
        known: list[Tensor] = []
        shares: list[Tensor | None] = []

        def look_back(y: Tensor) -> Tensor:
            mixed, after = self.attention(y, past=past, causal=True)
            known.append(after)
            return mixed

        def look_across(y: Tensor) -> Tensor:
            mixed, share = self.cross(y, source, mask, weights)
            shares.append(share)
            return mixed

        x = self.crossed(self.attended(x, look_back), look_across)
        return self.fed(x, self.feed_forward), known[0], shares[0]


class Transformer(Seq2Seq[Memory, State]):
    """Encoder and decoder of `layers` layers; with norm_place = pre each ends in one norm more."""

    def __init__(self, config: TransformerConfig, source_size: int, target_size: int, joint: bool) -> None:
        super().__init__()
        self.config, self.max_length = config, config.max_length
        self.embedding = Vocabulary(source_size, target_size, config.dim, joint=joint, tied=config.tie_embeddings)
        self.source_positions = POSITIONS[config.positions](config.dim, config.max_length)
        self.target_positions = POSITIONS[config.positions](config.dim, config.max_length)
        self.dropout = Dropout(config.dropout)
        self.encoder = nn.ModuleList(EncoderLayer(config) for _ in range(config.layers))
        self.decoder = nn.ModuleList(DecoderLayer(config) for _ in range(config.layers))
        pre = config.norm_place == "pre"
        self.encoder_norm = NORMS[config.norm](config.dim) if pre else nn.Identity()
        self.decoder_norm = NORMS[config.norm](config.dim) if pre else nn.Identity()

    def encode(self, src: Tensor, mask: Tensor) -> Memory:
        """(B, S), (B, S) -> every decoder layer's keys and values."""
        x = self.dropout(self.source_positions(self.embedding.source(src), 0))
        for layer in self.encoder:
            x = layer(x, mask[:, None, None])
        x = self.encoder_norm(x)
        return Memory(mask, tuple(layer.cross.remember(x) for layer in self.decoder))  # type: ignore[operator, union-attr]

    def initial_state(self, memory: Memory, rows: int) -> State:
        """Nothing read."""
        return State((), 0)

    def decode(self, tgt: Tensor, state: State, memory: Memory, attention: bool = False) -> Decoded[State]:
        """(N, T) ids -> features (N, T, D), the state after, maps (N, L H, T, S)."""
        x = self.dropout(self.target_positions(self.embedding.target(tgt), state.length))
        known, maps = [], []
        for i, layer in enumerate(self.decoder):
            past = state.layers[i] if state.layers else None
            x, after, share = layer(x, past, memory.layers[i], memory.mask, attention)
            known.append(after)
            maps.append(share)
        after_state = State(tuple(known), state.length + tgt.size(1))
        return Decoded(self.decoder_norm(x), after_state, torch.cat(maps, 1) if attention else None)

    def units(self) -> Iterator[tuple[nn.Module, tuple[str, ...]]]:
        """The layers; a decoder layer's attention to the source is entered before the layer is."""
        for layer in self.decoder:
            yield layer.cross, ("remember",)  # type: ignore[misc]
        for layer in (*self.encoder, *self.decoder):
            yield layer, ()

    @property
    def trained_places(self) -> Places:
        """Those of learned positions."""
        return Places(self.source_positions.trained_length, self.target_positions.trained_length)

    def logits(self, features: Tensor) -> Tensor:
        """(.., D) -> (.., V)."""
        return self.embedding.output(features)

    @property
    def feature_dim(self) -> int:
        """The width of the target embedding."""
        return self.config.dim
