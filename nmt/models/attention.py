"""Attention between the positions of a sequence, and from a target to a source; table SELF_ATTENTIONS."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nmt.models.formula import Formula
from nmt.models.positions import POSITIONS, Start
from nmt.recipe import SelfAttentiveConfig


def split_heads(x: Tensor, heads: int) -> Tensor:
    """(N, T, D) -> (N, H, T, D / H)."""
    return x.unflatten(-1, (heads, -1)).transpose(1, 2)


def split_parts(x: Tensor, parts: int, heads: int) -> Tensor:
    """(N, T, P D) -> (N, P, H, T, D / H), a view: queries, keys and values are copied nowhere, forward or backward."""
    return x.unflatten(-1, (parts, heads, -1)).permute(0, 2, 3, 1, 4)


def visible(steps: int, places: int, like: Tensor) -> Tensor:
    """(T, S), True where query t may see key s: the last T of S places are the queries' own."""
    return torch.ones(steps, places, dtype=torch.bool, device=like.device).tril(places - steps)


def multi_head(
    query: Tensor,
    keys: Tensor,
    values: Tensor,
    mask: Tensor | None,
    scale: float,
    causal: bool = False,
    weights: bool = False,
) -> tuple[Tensor, Tensor | None]:
    """(N, H, T, d), two (N, H, S, d), mask broadcastable to (N, H, T, S) -> (N, T, H d), weights (N, H, T, S).

    softmax(scale q k) v for each head (Vaswani et al. 2017, equation 1, where the scale is 1 / sqrt(d)), fused unless
    the weights are wanted. `causal` with S - T earlier positions lets query t see the keys up to S - T + t.
    """
    steps, places = query.size(-2), keys.size(-2)
    if causal and steps > 1 and (weights or places > steps):
        mask = visible(steps, places, query)
    if not weights:
        fused = causal and steps > 1 and places == steps
        mixed = F.scaled_dot_product_attention(
            query, keys, values, None if fused else mask, is_causal=fused, scale=scale
        )
        return mixed.transpose(1, 2).flatten(2), None
    energy = query @ keys.transpose(-1, -2) * scale  # (N, H, T, S)
    if mask is not None:
        energy = energy.masked_fill(~mask, -math.inf)
    share = energy.softmax(-1)
    return (share @ values).transpose(1, 2).flatten(2), share


def scale_of(config: SelfAttentiveConfig, width: int) -> float:
    """What products of queries and keys of a width are multiplied by."""
    return width**-0.5 if config.scale_attention else 1.0


class SimpleSelfAttention(nn.Module):
    """Every position looks at every other without any weights: softmax(scale x x) x.

    The first of the four steps in which self-attention is taught: a position is its own query, key and value.
    """

    def __init__(self, config: SelfAttentiveConfig, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.scale = scale_of(config, config.dim // heads)
        self.turn = POSITIONS[config.positions].turn
        self.output: nn.Module = nn.Identity()

    @staticmethod
    def parameter_formula(dim: Formula) -> Formula:
        """None."""
        return Formula()

    def project(self, x: Tensor, start: Start) -> tuple[Tensor, Tensor]:
        """(N, T, D) of the places from `start` on -> queries (N, H, T, d), keys and values (N, 2, H, T, d)."""
        values = split_heads(x, self.heads)
        keys = self.turn(values, start) if self.turn else values
        return keys, torch.stack([keys, values], dim=1)

    def forward(
        self, x: Tensor, mask: Tensor | None = None, past: Tensor | None = None, causal: bool = False
    ) -> tuple[Tensor, Tensor]:
        """(N, T, D), past keys and values (N, 2, H, T', d) -> (N, T, D), the same with T more (N, 2, H, T' + T, d)."""
        query, known = self.project(x, 0 if past is None else past.size(3))
        if past is not None:
            known = torch.cat([past, known], dim=3)
        keys, values = known.unbind(1)
        mixed, _ = multi_head(query, keys, values, mask, self.scale, causal)
        return self.output(mixed), known


class SelfAttention(SimpleSelfAttention):
    """Queries, keys and values of one sequence by one matrix, H heads side by side (Vaswani et al. 2017, 3.2.2)."""

    def __init__(self, config: SelfAttentiveConfig, heads: int) -> None:
        super().__init__(config, heads)
        dim = config.dim
        self.projection = nn.Linear(dim, 3 * dim)
        self.output = nn.Linear(dim, dim)
        for third in self.projection.weight.data.chunk(3):
            nn.init.xavier_uniform_(third)
        nn.init.xavier_uniform_(self.output.weight)
        nn.init.zeros_(self.projection.bias)
        nn.init.zeros_(self.output.bias)

    @staticmethod
    def parameter_formula(dim: Formula) -> Formula:
        """Queries, keys, values and the output, whatever the heads: each matrix is D x D, and has a bias."""
        return 4 * dim * dim + 4 * dim

    def project(self, x: Tensor, start: Start) -> tuple[Tensor, Tensor]:
        """(N, T, D) of the places from `start` on -> queries (N, H, T, d), keys and values (N, 2, H, T, d)."""
        parts = split_parts(self.projection(x), 3, self.heads)  # (N, 3, H, T, d)
        if not self.turn:
            return parts[:, 0], parts[:, 1:]
        query, keys, values = parts.unbind(1)
        return self.turn(query, start), torch.stack([self.turn(keys, start), values], dim=1)


SELF_ATTENTIONS: dict[str, type[SimpleSelfAttention]] = {
    "simple": SimpleSelfAttention,
    "single": SelfAttention,
    "multi": SelfAttention,
}


def self_attention(config: SelfAttentiveConfig) -> SimpleSelfAttention:
    """The self-attention of a layer."""
    return SELF_ATTENTIONS[config.attention](config, config.dim // config.head_dim)


class CrossAttention(nn.Module):
    """A target sequence looks at a source sequence whose keys and values were projected once, by `remember`."""

    def __init__(self, config: SelfAttentiveConfig) -> None:
        super().__init__()
        dim, self.heads = config.dim, config.heads
        self.scale = scale_of(config, dim // config.heads)
        self.query = nn.Linear(dim, dim)
        self.projection = nn.Linear(dim, 2 * dim)
        self.output = nn.Linear(dim, dim)
        for weight in (self.query.weight.data, *self.projection.weight.data.chunk(2), self.output.weight.data):
            nn.init.xavier_uniform_(weight)
        for layer in (self.query, self.projection, self.output):
            nn.init.zeros_(layer.bias)

    @staticmethod
    def parameter_formula(dim: Formula) -> Formula:
        """As many as attention within a sequence: queries of the one, keys and values of the other, the output."""
        return 4 * dim * dim + 4 * dim

    def remember(self, source: Tensor) -> Tensor:
        """(B, S, D) -> keys and values (B, 2, H, S, d)."""
        return split_parts(self.projection(source), 2, self.heads)

    def forward(self, x: Tensor, known: Tensor, mask: Tensor, weights: bool) -> tuple[Tensor, Tensor | None]:
        """(N, T, D), (B, 2, H, S, d), (B, S) -> (N, T, D), weights (N, H, T, S) if wanted.

        The K = N / B hypotheses of a sentence stand one behind the other as queries: nothing is repeated.
        """
        rows, steps, dim = x.shape
        query = split_heads(self.query(x).view(len(known), -1, dim), self.heads)  # (B, H, K T, d)
        keys, values = known.unbind(1)
        mixed, share = multi_head(query, keys, values, mask[:, None, None], self.scale, weights=weights)
        if share is not None:
            share = share.unflatten(2, (-1, steps)).transpose(1, 2).flatten(0, 1)  # (N, H, T, S)
        return self.output(mixed).view(rows, steps, dim), share
