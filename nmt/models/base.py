"""The one seam: what a sequence-to-sequence model is to a search, a loss and an ensemble.

Legend of shapes, for the whole package: B sentences, K hypotheses of each, N = B K rows, S source and
T target positions, D width, H heads, L layers, V vocabulary, A attention maps. The batch is always axis 0.
Masks are True on real tokens.
"""

from abc import ABC, abstractmethod
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from typing import Any, Generic, TypeVar

from torch import Tensor, nn

from nmt.models.embedding import Embedding
from nmt.models.loss import Guidance, cross_entropy_sum
from nmt.tokens import PAD


@dataclass(frozen=True)
class Rows:
    """Tensors, and tuples of them, with the rows on axis 0; other values belong to all rows alike."""

    def select(self, rows: Tensor) -> "Any":
        """The same with these rows, picked, repeated, reordered or dropped: `rows` is a long (N',)."""
        return replace(self, **{f.name: _select(getattr(self, f.name), rows) for f in fields(self)})


def _select(value: Any, rows: Tensor) -> Any:
    if isinstance(value, Tensor):
        return value.index_select(0, rows)
    if isinstance(value, tuple):
        return tuple(_select(part, rows) for part in value)
    return value.select(rows) if isinstance(value, Rows) else value


M = TypeVar("M", bound=Rows)
S = TypeVar("S", bound=Rows)


@dataclass(frozen=True)
class Decoded(Generic[S]):
    """What reading T more target tokens gives."""

    features: Tensor
    """(N, T, D), what `logits` turns into scores of the next token."""
    state: S
    """The state after them; the one that was read is used up."""
    maps: Tensor | None = None
    """(N, A, T, S) attention weights, if asked for and if the model attends."""


@dataclass(frozen=True)
class Places:
    """How many places training met: of a source, of a target, of both behind each other; None where none is learned.

    Tokens are counted with the sentence's end, or its beginning.
    """

    source: int | None = None
    target: int | None = None
    together: int | None = None

    def hold(self, source: int, target: int) -> bool:
        """Whether a pair of so many tokens has only places that training met."""
        asked = ((self.source, source), (self.target, target), (self.together, source + target))
        return all(met is None or count <= met for met, count in asked)


class Seq2Seq(nn.Module, ABC, Generic[M, S]):
    """A model of target sentences given source sentences, one token after the other.

    Training is one long `decode`, a search many short ones, a forced prefix a middling one: there is no
    second path. The memory has B rows and the state N = B K, so a memory is never repeated.
    """

    max_length: int
    """Source tokens the model takes; the translator cuts longer sentences."""

    @property
    def trained_places(self) -> Places:
        """The places that training met; those beyond are taken for the last of them."""
        return Places()

    @abstractmethod
    def encode(self, src: Tensor, mask: Tensor) -> M:
        """(B, S) ids, (B, S) mask -> memory of B rows; constant while decoding."""

    @abstractmethod
    def initial_state(self, memory: M, rows: int) -> S:
        """A state of `rows` = B K rows that has read nothing; the K rows of a sentence stand together."""

    @abstractmethod
    def decode(self, tgt: Tensor, state: S, memory: M, attention: bool = False) -> Decoded[S]:
        """(N, T) ids, the next after those `state` has read -> features (N, T, D), the state after, maps."""

    @abstractmethod
    def logits(self, features: Tensor) -> Tensor:
        """(.., D) -> (.., V), unnormalised log-probabilities of the next token."""

    def forward(
        self,
        src: Tensor,
        mask: Tensor,
        tgt_in: Tensor,
        tgt_out: Tensor,
        label_smoothing: float = 0.0,
        guidance: Guidance | None = None,
    ) -> tuple[Tensor, Tensor]:
        """(B, S), (B, S), two (B, T) -> sum of losses, count of tokens; the only entry that is trained.

        With `guidance` the sum has the loss of the map that it teaches too.
        """
        memory = self.encode(src, mask)
        decoded = self.decode(tgt_in, self.initial_state(memory, len(src)), memory, attention=guidance is not None)
        real = tgt_out != PAD
        loss = cross_entropy_sum(self.logits, decoded.features[real], tgt_out[real], label_smoothing)
        if guidance is not None:
            loss = loss + guidance.loss(decoded.maps)
        return loss, real.sum()

    def alignment(self, src: Tensor, mask: Tensor, tgt_in: Tensor, tgt_out: Tensor) -> Tensor | None:
        """(B, S), (B, S), two (B, T) -> (B, A, T, S): where each step looks; None for a model that never looks."""
        memory = self.encode(src, mask)
        return self.decode(tgt_in, self.initial_state(memory, len(src)), memory, attention=True).maps

    def units(self) -> Iterator[tuple[nn.Module, tuple[str, ...]]]:
        """Modules whose weights are needed at one time and not at others, innermost first, each with the names of the
        methods, `forward` apart, by which it is entered; what is in none of them is needed all the time."""
        yield from ()

    @property
    @abstractmethod
    def feature_dim(self) -> int:
        """D of the features that `decode` gives."""

    def fault(self) -> str | None:
        """What is wrong with weights whose shapes and types are right, in words; where any numbers do, nothing ever."""
        return None

    def parameter_counts(self) -> dict[str, int]:
        """Numbers by component; a shared one counts where it is first met, and what is never trained as "fixed".

        In a model of which nothing is trained by gradient all numbers are counted as the others are.
        """
        counts: Counter[str] = Counter()
        by_gradient = any(parameter.requires_grad for parameter in self.parameters())
        frozen = {id(module.weight): module.frozen for module in self.modules() if isinstance(module, Embedding)}
        for name, parameter in self.named_parameters():
            whole = by_gradient and not parameter.requires_grad
            fixed = parameter.numel() if whole else frozen.get(id(parameter), 0)
            counts[name.split(".")[0]] += parameter.numel() - fixed
            counts["fixed"] += fixed
        return {component: count for component, count in counts.items() if count}
