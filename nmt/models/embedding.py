"""Token embeddings, and the output layer that may share their weight."""

import math

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from nmt.models.formula import Formula


class Embedding(nn.Module):
    """A vector for each token, multiplied by sqrt(D) (Vaswani et al. 2017, section 3.4).

    The weight begins with variance 1 / D: the product then has variance 1, and the same weight can serve as
    an output layer.
    """

    def __init__(self, vocab_size: int, dim: int) -> None:
        super().__init__()
        self.weight = nn.Parameter(torch.empty(vocab_size, dim).normal_(std=dim**-0.5))
        self.scale = math.sqrt(dim)
        self.frozen = 0  # numbers of `weight` that are never trained, by `take`
        self.kept: Tensor | None = None  # (V,) True for their rows; no buffer, which DDP would send in every pass

    @staticmethod
    def parameter_formula(vocab_size: Formula, dim: Formula) -> Formula:
        """A vector for each token."""
        return vocab_size * dim

    def forward(self, ids: Tensor) -> Tensor:
        """(N, T) ids -> (N, T, D)."""
        found = F.embedding(ids, self.weight)
        if self.kept is not None and torch.is_grad_enabled():
            # Not by a hook of the weight: fully_shard puts another parameter in its place, which has none.
            self.kept = self.kept.to(ids.device)
            found = torch.where(self.kept[ids].unsqueeze(-1), found.detach(), found)
        return found * self.scale

    def take(self, rows: Tensor, vectors: Tensor, *, frozen: bool = False) -> None:
        """Puts vectors (R, D) that were trained elsewhere into rows (R,), no two the same; if `frozen`, for good.

        One factor makes their root mean square that of a new weight, D ** -0.5: they keep their proportions and are no
        louder than the rows beside them. Frozen rows have no gradient, so that Adam leaves them where they are, but
        its weight decay would not. Raises ValueError where `vectors` are none, all zero, or of another width.
        """
        loudness = float(vectors.double().square().mean().sqrt())
        if vectors.shape != (len(rows), self.weight.size(1)) or not loudness > 0.0:
            raise ValueError(
                f"{len(rows)} rows cannot take vectors of shape {tuple(vectors.shape)} and size {loudness:g}"
            )
        factor = self.weight.size(1) ** -0.5 / loudness
        with torch.no_grad():
            self.weight[rows] = (vectors.double() * factor).to(self.weight)
        if frozen and self.weight.requires_grad:
            self.frozen += vectors.numel()
            kept = torch.zeros(len(self.weight), dtype=torch.bool) if self.kept is None else self.kept
            self.kept = kept.index_fill(0, rows.to(kept.device), True)


class Output(nn.Module):
    """Scores of all tokens from a feature vector: E x + b, E an embedding's weight or its own.

    Tied as in Press and Wolf 2017 (arXiv:1608.05859).
    """

    def __init__(self, vocab_size: int, dim: int, tied: Embedding | None) -> None:
        super().__init__()
        self.weight = tied.weight if tied else nn.Parameter(torch.empty(vocab_size, dim).normal_(std=dim**-0.5))
        self.bias = nn.Parameter(torch.zeros(vocab_size))

    @staticmethod
    def parameter_formula(vocab_size: Formula, dim: Formula, tied: bool) -> Formula:
        """b, and E where it is its own."""
        return vocab_size if tied else vocab_size * dim + vocab_size

    def forward(self, features: Tensor) -> Tensor:
        """(.., D) -> (.., V)."""
        return F.linear(features, self.weight, self.bias)


class Vocabulary(nn.Module):
    """The three places where a model meets tokens: source embedding, target embedding, output layer.

    `tied` makes the output share the target embedding; if `joint` too, all three are one matrix. A `fixed_source`
    stands alone, and is never trained.
    """

    def __init__(
        self, source_size: int, target_size: int, dim: int, *, joint: bool, tied: bool, fixed_source: bool = False
    ) -> None:
        super().__init__()
        if joint and source_size != target_size:
            raise ValueError(f"a joint vocabulary has one size, not {source_size} and {target_size}")
        self.target = Embedding(target_size, dim)
        self.source = self.target if joint and tied and not fixed_source else Embedding(source_size, dim)
        self.source.weight.requires_grad_(not fixed_source)
        self.output = Output(target_size, dim, self.target if tied else None)
