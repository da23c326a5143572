"""How a recurrent decoder's state is compared with the source's states; table SCORES.

A score function has two parts: `keys` does once for a sentence what depends on the source alone; the call compares
queries with them and gives energies, whose softmax is the attention.
"""

import math

import torch
from torch import Tensor, nn

from nmt.models.formula import Formula
from nmt.models.positions import met, trained_places


class Score(nn.Module):
    """Compares a query of `query_dim` with values of `value_dim`, inside at width `dim`; up to `max_length` places."""

    def __init__(self, query_dim: int, value_dim: int, dim: int, max_length: int) -> None:
        super().__init__()

    @staticmethod
    def parameter_formula(query_dim: Formula, value_dim: Formula, dim: Formula, max_length: Formula) -> Formula:
        """How many numbers it has, of the same four; none, unless it says otherwise."""
        return Formula()

    def keys(self, values: Tensor) -> Tensor:
        """(B, S, value width) -> (B, S, key width): the values themselves, unless the score has weights for them."""
        return values

    def forward(self, query: Tensor, keys: Tensor) -> Tensor:
        """(B, T, query width), (B, S, key width) -> energies (B, T, S)."""
        raise NotImplementedError

    @property
    def trained_length(self) -> int | None:
        """Places that training has met; None for a score that knows no places."""
        return None


class Additive(Score):
    """e = v . tanh(W q + U h + b) (Bahdanau et al. 2015, arXiv:1409.0473, appendix A.1.2, which has no b).

    Luong's `concat`, v . tanh(W [q; h]), is the same function: W and U are the two halves of his W.
    """

    def __init__(self, query_dim: int, value_dim: int, dim: int, max_length: int) -> None:
        super().__init__(query_dim, value_dim, dim, max_length)
        self.query = nn.Linear(query_dim, dim, bias=False)
        self.key = nn.Linear(value_dim, dim)
        self.energy = nn.Parameter(torch.empty(dim).uniform_(-1 / math.sqrt(dim), 1 / math.sqrt(dim)))

    @staticmethod
    def parameter_formula(query_dim: Formula, value_dim: Formula, dim: Formula, max_length: Formula) -> Formula:
        """W and U, b and v."""
        return dim * (query_dim + value_dim) + 2 * dim

    def keys(self, values: Tensor) -> Tensor:
        """(B, S, value width) -> U h, (B, S, D)."""
        return self.key(values)

    def forward(self, query: Tensor, keys: Tensor) -> Tensor:
        """(B, T, query width), (B, S, D) -> energies (B, T, S)."""
        return torch.tanh(self.query(query)[:, :, None] + keys[:, None]) @ self.energy


class Dot(Score):
    """e = q . h (Luong et al. 2015, arXiv:1508.04025, section 3.1); both of one width, and no weights."""

    def forward(self, query: Tensor, keys: Tensor) -> Tensor:
        """(B, T, D), (B, S, D) -> energies (B, T, S)."""
        return query @ keys.transpose(1, 2)


class ScaledDot(Dot):
    """e = q . h / sqrt(D) (Vaswani et al. 2017, equation 1), so that wide states do not sharpen it."""

    def forward(self, query: Tensor, keys: Tensor) -> Tensor:
        """(B, T, D), (B, S, D) -> energies (B, T, S)."""
        return super().forward(query, keys) / math.sqrt(query.size(-1))


class General(Dot):
    """e = q . W h, a bilinear form (Luong et al. 2015, section 3.1)."""

    def __init__(self, query_dim: int, value_dim: int, dim: int, max_length: int) -> None:
        super().__init__(query_dim, value_dim, dim, max_length)
        self.key = nn.Linear(value_dim, query_dim, bias=False)

    @staticmethod
    def parameter_formula(query_dim: Formula, value_dim: Formula, dim: Formula, max_length: Formula) -> Formula:
        """W."""
        return query_dim * value_dim

    def keys(self, values: Tensor) -> Tensor:
        """(B, S, value width) -> W h, (B, S, query width)."""
        return self.key(values)


class Cosine(Score):
    """e = b cos(q, h) (Graves et al. 2014, arXiv:1410.5401, equations 5 and 6), b = softplus(w . q + a).

    Without the strength no energy would be over 1, and no softmax over many words could be sharp.
    """

    def __init__(self, query_dim: int, value_dim: int, dim: int, max_length: int) -> None:
        super().__init__(query_dim, value_dim, dim, max_length)
        self.strength = nn.Linear(query_dim, 1)

    @staticmethod
    def parameter_formula(query_dim: Formula, value_dim: Formula, dim: Formula, max_length: Formula) -> Formula:
        """w and a."""
        return query_dim + 1

    def keys(self, values: Tensor) -> Tensor:
        """(B, S, D) -> the same at length 1."""
        return nn.functional.normalize(values, dim=-1)

    def forward(self, query: Tensor, keys: Tensor) -> Tensor:
        """(B, T, D), (B, S, D) -> energies (B, T, S)."""
        cosine = nn.functional.normalize(query, dim=-1) @ keys.transpose(1, 2)
        return nn.functional.softplus(self.strength(query)) * cosine


class Location(Score):
    """e_s = w_s . q: where to look is decided by the query and the place alone (Luong et al. 2015, equation 8).

    The weights begin at 0. A place that training never met keeps its 0, by which it is known, and has the energy of the
    last place that training met; Luong's location scores do not see such words.
    """

    def __init__(self, query_dim: int, value_dim: int, dim: int, max_length: int) -> None:
        super().__init__(query_dim, value_dim, dim, max_length)
        self.weight = nn.Parameter(torch.zeros(max_length, query_dim))

    @staticmethod
    def parameter_formula(query_dim: Formula, value_dim: Formula, dim: Formula, max_length: Formula) -> Formula:
        """w_s for every place."""
        return max_length * query_dim

    def forward(self, query: Tensor, keys: Tensor) -> Tensor:
        """(B, T, query width), (B, S, any) -> energies (B, T, S)."""
        places = trained_places(self.weight, torch.arange(keys.size(1), device=keys.device), self.training)
        return query @ self.weight[places].T

    @property
    def trained_length(self) -> int | None:
        """Places that training has met."""
        return int(met(self.weight))


SCORES: dict[str, type[Score]] = {
    "additive": Additive,
    "concat": Additive,
    "dot": Dot,
    "scaled_dot": ScaledDot,
    "general": General,
    "cosine": Cosine,
    "location": Location,
}


def attend(energy: Tensor, mask: Tensor, values: Tensor) -> tuple[Tensor, Tensor]:
    """(B, T, S), mask (B, S), (B, S, D) -> context (B, T, D), weights (B, T, S): 0 on padding, sum 1."""
    weights = energy.masked_fill(~mask[:, None], -math.inf).softmax(-1)
    return weights @ values, weights
