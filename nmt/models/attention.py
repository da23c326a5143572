"""Attention: score functions for recurrent decoders (table SCORES), and multi-head attention."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn


class Additive(nn.Module):
    """e = v . tanh(W q + U h) (Bahdanau et al. 2015, arXiv:1409.0473, appendix A.1.2).

    U h depends on the source alone and is computed once a sentence, by `keys`.
    """

    def __init__(self, query_dim: int, value_dim: int, dim: int) -> None:
        super().__init__()
        self.query = nn.Linear(query_dim, dim, bias=False)
        self.key = nn.Linear(value_dim, dim)
        self.energy = nn.Parameter(torch.empty(dim).uniform_(-1 / math.sqrt(dim), 1 / math.sqrt(dim)))

    def keys(self, values: Tensor) -> Tensor:
        """(B, S, value width) -> (B, S, D)."""
        return self.key(values)

    def forward(self, query: Tensor, keys: Tensor) -> Tensor:
        """(B, T, query width), (B, S, D) -> energies (B, T, S)."""
        return torch.tanh(self.query(query)[:, :, None] + keys[:, None]) @ self.energy


SCORES: dict[str, type[Additive]] = {"additive": Additive}


def attend(energy: Tensor, mask: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    """(B, T, S), mask (B, S), (B, S, D) -> context (B, T, D), weights (B, T, S): 0 on padding, sum 1."""
    weights = energy.masked_fill(~mask[:, None], -math.inf).softmax(-1)
    return weights @ values, weights


def split_heads(x: Tensor, heads: int) -> Tensor:
    """(N, T, D) -> (N, H, T, D / H)."""
    return x.unflatten(-1, (heads, -1)).transpose(1, 2)


def split_parts(x: Tensor, parts: int, heads: int) -> Tensor:
    """(N, T, P D) -> (N, P, H, T, D / H), a view: queries, keys and values are copied nowhere, forward or backward."""
    return x.unflatten(-1, (parts, heads, -1)).permute(0, 2, 3, 1, 4)


def multi_head(
    query: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None, causal: bool = False, weights: bool = False
) -> tuple[Tensor, Tensor | None]:
    """(N, H, T, d), two (N, H, S, d), mask broadcastable to (N, H, T, S) -> (N, T, H d), weights (N, H, T, S).

    softmax(q k / sqrt(d)) v for each head (Vaswani et al. 2017, equation 1), fused unless the weights are
    wanted. `causal` with S - T earlier positions lets query t see the keys up to S - T + t.
    """
    steps, places = query.size(-2), keys.size(-2)
    if causal and steps > 1 and (weights or places > steps):
        mask = torch.ones(steps, places, dtype=torch.bool, device=query.device).tril(places - steps)
    if not weights:
        fused = causal and steps > 1 and places == steps
        mixed = F.scaled_dot_product_attention(query, keys, values, None if fused else mask, is_causal=fused)
        return mixed.transpose(1, 2).flatten(2), None
    energy = query @ keys.transpose(-1, -2) / math.sqrt(query.size(-1))  # (N, H, T, S)
    if mask is not None:
        energy = energy.masked_fill(~mask, -math.inf)
    share = energy.softmax(-1)
    return (share @ values).transpose(1, 2).flatten(2), share


class SelfAttention(nn.Module):
    """Queries, keys and values of one sequence by one matrix, H heads side by side (Vaswani et al. 2017, 3.2.2)."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.projection = nn.Linear(dim, 3 * dim)
        self.output = nn.Linear(dim, dim)
        for third in self.projection.weight.data.chunk(3):
            nn.init.xavier_uniform_(third)
        nn.init.xavier_uniform_(self.output.weight)
        nn.init.zeros_(self.projection.bias)
        nn.init.zeros_(self.output.bias)

    def forward(
        self, x: Tensor, mask: Tensor | None = None, past: Tensor | None = None, causal: bool = False
    ) -> tuple[Tensor, Tensor]:
        """(N, T, D), past keys and values (N, 2, H, T', d) -> (N, T, D), the same with T more (N, 2, H, T' + T, d)."""
        projected = split_parts(self.projection(x), 3, self.heads)  # (N, 3, H, T, d)
        query, keys, values = projected.unbind(1)
        known = projected[:, 1:]
        if past is not None:
            known = torch.cat([past, known], dim=3)
            keys, values = known.unbind(1)
        mixed, _ = multi_head(query, keys, values, mask, causal)
        return self.output(mixed), known


class CrossAttention(nn.Module):
    """A target sequence looks at a source sequence whose keys and values were projected once, by `remember`."""

    def __init__(self, dim: int, heads: int) -> None:
        super().__init__()
        self.heads = heads
        self.query = nn.Linear(dim, dim)
        self.projection = nn.Linear(dim, 2 * dim)
        self.output = nn.Linear(dim, dim)
        for weight in (self.query.weight.data, *self.projection.weight.data.chunk(2), self.output.weight.data):
            nn.init.xavier_uniform_(weight)
        for layer in (self.query, self.projection, self.output):
            nn.init.zeros_(layer.bias)

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
        mixed, share = multi_head(query, keys, values, mask[:, None, None], weights=weights)
        if share is not None:
            share = share.unflatten(2, (-1, steps)).transpose(1, 2).flatten(0, 1)  # (N, H, T, S)
        return self.output(mixed).view(rows, steps, dim), share
