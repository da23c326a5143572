"""Several models as one: the mean of their probabilities."""

import math
from dataclasses import dataclass, fields
from typing import Any

import torch
from torch import Tensor, nn

from nmt.models.base import Decoded, Places, Rows, Seq2Seq


@dataclass(frozen=True)
class Parts(Rows):
    """One memory, or one state, of each member."""

    parts: tuple[Any, ...]


class Ensemble(Seq2Seq[Parts, Parts]):
    """Members with the same vocabularies; the log of their mean probability (Sutskever et al. 2014)."""

    def __init__(self, members: list[Seq2Seq[Any, Any]]) -> None:
        super().__init__()
        self.members = nn.ModuleList(members)
        self.max_length = min(member.max_length for member in members)

    @property
    def trained_places(self) -> Places:
        """The fewest that a member has of each kind."""
        members = [member.trained_places for member in self._each()]
        kinds = {kind.name: [getattr(each, kind.name) for each in members] for kind in fields(Places)}
        return Places(**{name: min((n for n in held if n is not None), default=None) for name, held in kinds.items()})

    def encode(self, src: Tensor, mask: Tensor) -> Parts:
        """(B, S), (B, S) -> each member's memory."""
        return Parts(tuple(member.encode(src, mask) for member in self._each()))

    def initial_state(self, memory: Parts, rows: int) -> Parts:
        """Each member's own."""
        return Parts(tuple(m.initial_state(part, rows) for m, part in zip(self._each(), memory.parts, strict=True)))

    def decode(self, tgt: Tensor, state: Parts, memory: Parts, attention: bool = False) -> Decoded[Parts]:
        """(N, T) ids -> the members' features side by side, their states, all their maps."""
        decoded = [
            member.decode(tgt, own, known, attention)
            for member, own, known in zip(self._each(), state.parts, memory.parts, strict=True)
        ]
        self_maps = [d.maps for d in decoded if d.maps is not None]
        return Decoded(
            torch.cat([d.features for d in decoded], dim=-1),
            Parts(tuple(d.state for d in decoded)),
            torch.cat(self_maps, dim=1) if self_maps else None,
        )

    def logits(self, features: Tensor) -> Tensor:
        """(.., sum of D) -> (.., V) log of the mean probability."""
        widths = [member.feature_dim for member in self._each()]
        log_probs = [
            member.logits(part).log_softmax(-1)
            for member, part in zip(self._each(), features.split(widths, dim=-1), strict=True)
        ]
        return torch.stack(log_probs).logsumexp(0) - math.log(len(log_probs))

    @property
    def feature_dim(self) -> int:
        """The members' widths together."""
        return sum(member.feature_dim for member in self._each())

    def _each(self) -> list[Seq2Seq[Any, Any]]:
        return list(self.members)  # type: ignore[arg-type]
