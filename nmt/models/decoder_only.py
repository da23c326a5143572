"""`--arch decoder`: one causal Transformer reads source and target as one sequence (Liu et al. 2018, arXiv:1801.10198).

source tokens, EOS, BOS, target tokens, EOS: the BOS is the separator. There is no encoder and no attention from one
sequence to another; what the decoder knows of the source are the keys and values that the same layers made of it.
Behind the seam, these are the memory.
"""

import math
from collections.abc import Iterator
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from nmt.models.attention import self_attention, visible
from nmt.models.base import Decoded, Places, Rows, Seq2Seq
from nmt.models.dropout import Dropout
from nmt.models.embedding import Vocabulary
from nmt.models.layers import Sublayer, feed_forward
from nmt.models.norms import NORMS
from nmt.models.positions import POSITIONS
from nmt.models.transformer import Memory
from nmt.recipe import DecoderConfig


@dataclass(frozen=True)
class State(Rows):
    """Keys and values of the target tokens read so far."""

    layers: tuple[Tensor, ...]
    """L of (N, 2, H, T, d); none before the first token."""
    start: Tensor
    """(N,) the place of the next token: a target begins where its own source ends."""


class Layer(nn.Module):
    """Causal self-attention, then feed-forward: over a source by itself, or over a target behind its source."""

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.attention = self_attention(config)
        self.attended = Sublayer(config)
        self.feed_forward, self.fed = feed_forward(config)

    def read(self, x: Tensor) -> tuple[Tensor, Tensor]:
        """(B, S, D) -> (B, S, D), keys and values (B, 2, H, S, d)."""
        known: list[Tensor] = []

        def look_back(y: Tensor) -> Tensor:
            mixed, made = self.attention(y, causal=True)
            known.append(made)
            return mixed

        return self.fed(self.attended(x, look_back), self.feed_forward), known[0]

    def remember(self, x: Tensor) -> Tensor:
        """(B, S, D) -> keys and values (B, 2, H, S, d) alone: what the last layer makes of a source is not read on."""
        return self.attention.project(self.attended.enter(x), 0)[1]

    def forward(
        self, x: Tensor, past: Tensor | None, start: Tensor, source: Tensor, mask: Tensor, weights: bool
    ) -> tuple[Tensor, Tensor, Tensor | None]:
        """(N, T, D), past (N, 2, H, T', d), start (N,), source (B, 2, H, S, d), mask (B, S) -> x, past and x, weights.

        The weights (N, H, T, S), if wanted, are those of the source, made to sum to 1.
        """
        found: list[Tensor] = []
        shares: list[Tensor | None] = []

        def look_back(y: Tensor) -> Tensor:
            query, known = self.attention.project(y, start)
            known = known if past is None else torch.cat([past, known], dim=3)
            mixed, share = behind_source(query, known, source, mask, self.attention.scale, weights)
            found.append(known)
            shares.append(share)
            return self.attention.output(mixed)

        x = self.fed(self.attended(x, look_back), self.feed_forward)
        return x, found[0], shares[0]


def without_queries(known: Tensor) -> Tensor:
    """(B, 2, H, S, d) -> the same, in memory of its own where no gradient is wanted.

    Keys and values are a view of what the source's queries are in too: half as much again for as long as they are kept.
    A backward pass needs these in any case.
    """
    return known if torch.is_grad_enabled() else known.contiguous()


def behind_source(
    query: Tensor, known: Tensor, source: Tensor, mask: Tensor, scale: float, weights: bool
) -> tuple[Tensor, Tensor | None]:
    """(N, H, T, d), (N, 2, H, T', d), (B, 2, H, S, d), (B, S) -> (N, T, H d), shares of the source (N, H, T, S).

    The shares are given if wanted. One softmax over the source's S places and the target's T', the last T of which are
    the queries' own. The K = N / B hypotheses of a sentence stand one behind the other as queries of its source:
    nothing is repeated.
    """
    rows, _, steps, _ = query.shape
    keys, values = source.unbind(1)
    own_keys, own_values = known.unbind(1)
    beside = query.unflatten(0, (len(source), -1)).transpose(1, 2).flatten(2, 3)  # (B, H, K T, d)
    energy = (beside @ keys.transpose(-1, -2) * scale).masked_fill(~mask[:, None, None], -math.inf)  # (B, H, K T, S)
    own = query @ own_keys.transpose(-1, -2) * scale  # (N, H, T, T')
    own = own.masked_fill(~visible(steps, own.size(-1), own), -math.inf)
    of_source = energy.unflatten(2, (-1, steps)).transpose(1, 2).flatten(0, 1)  # (N, H, T, S)
    shares, own_shares = torch.cat([of_source, own], dim=-1).softmax(-1).split([energy.size(-1), own.size(-1)], -1)
    grouped = shares.unflatten(0, (len(source), -1)).transpose(1, 2).flatten(2, 3)  # (B, H, K T, S)
    seen = (grouped @ values).unflatten(2, (-1, steps)).transpose(1, 2).flatten(0, 1)  # (N, H, T, d)
    mixed = seen + own_shares @ own_values
    return mixed.transpose(1, 2).reshape(rows, steps, -1), of_source.softmax(-1) if weights else None


class DecoderOnly(Seq2Seq[Memory, State]):
    """`layers` layers, with norm_place = pre one norm more.

    Its loss is that of the target alone, as an encoder-decoder's; Liu et al. train on the source too.
    """

    def __init__(self, config: DecoderConfig, source_size: int, target_size: int, joint: bool) -> None:
        super().__init__()
        self.config, self.max_length = config, config.max_length
        self.embedding = Vocabulary(source_size, target_size, config.dim, joint=joint, tied=config.tie_embeddings)
        self.positions = POSITIONS[config.positions](config.dim, 2 * config.max_length)
        self.dropout = Dropout(config.dropout)
        self.layers = nn.ModuleList(Layer(config) for _ in range(config.layers))
        self.norm = NORMS[config.norm](config.dim) if config.norm_place == "pre" else nn.Identity()

    def encode(self, src: Tensor, mask: Tensor) -> Memory:
        """(B, S), (B, S) -> every layer's keys and values; padding stands behind all that could see it."""
        x = self.dropout(self.positions(self.embedding.source(src), 0))
        *lower, last = self._each()
        made = []
        for layer in lower:
            x, known = layer.read(x)
            made.append(without_queries(known))
        return Memory(mask, (*made, without_queries(last.remember(x))))

    def initial_state(self, memory: Memory, rows: int) -> State:
        """Nothing read; each target begins where its source ends."""
        return State((), memory.mask.sum(1).repeat_interleave(rows // len(memory.mask)))

    def decode(self, tgt: Tensor, state: State, memory: Memory, attention: bool = False) -> Decoded[State]:
        """(N, T) ids -> features (N, T, D), the state after, maps (N, L H, T, S)."""
        x = self.dropout(self.positions(self.embedding.target(tgt), state.start))
        known, maps = [], []
        for i, layer in enumerate(self._each()):
            past = state.layers[i] if state.layers else None
            x, after, share = layer(x, past, state.start, memory.layers[i], memory.mask, attention)
            known.append(after)
            maps.append(share)
        after_state = State(tuple(known), state.start + tgt.size(1))
        shown = torch.cat([share for share in maps if share is not None], 1) if attention else None
        return Decoded(self.norm(x), after_state, shown)

    def logits(self, features: Tensor) -> Tensor:
        """(.., D) -> (.., V)."""
        return self.embedding.output(features)

    @property
    def feature_dim(self) -> int:
        """The width of the target embedding."""
        return self.config.dim

    def units(self) -> Iterator[tuple[nn.Module, tuple[str, ...]]]:
        """The layers, which read a source, its last part, and a target."""
        for layer in self._each():
            yield layer, ("read", "remember")

    @property
    def trained_places(self) -> Places:
        """Those of learned positions."""
        return Places(together=self.positions.trained_length)

    def _each(self) -> list[Layer]:
        return list(self.layers)  # type: ignore[arg-type]
