"""`--arch lexical`: word-by-word translation, from IBM Model 1 (Brown et al. 1993), behind the seam.

Where every later model decides what to say next, this one only knows which source word is next: step t says a
translation of word t, and the sentence ends where the source ends. Its table is estimated by counting
(`nmt.training.em`), so nothing here is trained by gradient.
"""

import math
from dataclasses import dataclass

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor, nn

from nmt.models.base import Decoded, Rows, Seq2Seq
from nmt.models.formula import Formula
from nmt.recipe import LexicalConfig
from nmt.tokens import BOS, EOS, PAD, UNK

NULL = BOS
"""BOS is no word of a text, and stands for the source word that is not there."""
UNTRANSLATED = {PAD, EOS, UNK}


@dataclass(frozen=True)
class Memory(Rows):
    """The source itself."""

    src: Tensor
    """(B, S) ids, EOS on the padding too."""
    mask: Tensor
    """(B, S)."""


@dataclass(frozen=True)
class State(Rows):
    """How far the translation has come."""

    place: Tensor
    """(N,) source words passed."""


class Lexical(Seq2Seq[Memory, State]):
    """t(target word | source word) for the likeliest `candidates` translations of each source word."""

    def __init__(self, config: LexicalConfig, source_size: int, target_size: int, joint: bool) -> None:
        super().__init__()
        self.config, self.max_length, self.types = config, config.max_length, target_size
        kept = min(config.candidates, target_size)
        self.words = nn.Parameter(torch.arange(kept).repeat(source_size, 1), requires_grad=False)  # (V source, C)
        self.log_probs = nn.Parameter(torch.zeros(source_size, kept), requires_grad=False)  # (V source, C)

    @staticmethod
    def parameter_formula(source_size: Formula, candidates: Formula) -> Formula:
        """Of each of the two tables."""
        return source_size * candidates

    def encode(self, src: Tensor, mask: Tensor) -> Memory:
        """(B, S), (B, S) -> memory."""
        return Memory(src.masked_fill(~mask, EOS), mask)

    def initial_state(self, memory: Memory, rows: int) -> State:
        """At the first source word."""
        return State(torch.zeros(rows, dtype=torch.long, device=memory.src.device))

    def decode(self, tgt: Tensor, state: State, memory: Memory, attention: bool = False) -> Decoded[State]:
        """(N, T) ids, none of which matter -> features (N, T, 1): the source word that each step translates."""
        rows, steps = tgt.shape
        places = state.place[:, None] + torch.arange(steps, device=tgt.device)  # (N, T)
        sentences = torch.arange(rows, device=tgt.device) // (rows // len(memory.src))
        last = memory.mask.sum(1)[sentences, None] - 1  # EOS, which is repeated beyond the end
        at = torch.minimum(places, last)
        features = memory.src[sentences[:, None], at].to(self.log_probs.dtype)[:, :, None]
        maps = None
        if attention:
            maps = nn.functional.one_hot(at, memory.src.size(1)).to(features.dtype)[:, None]
        return Decoded(features, State(state.place + steps), maps)

    def logits(self, features: Tensor) -> Tensor:
        """(.., 1) -> (.., V): the table's row, and a little for every word, so that no sentence is impossible."""
        row = features[..., 0].long()
        words, log_probs = self.words[row], self.log_probs[row]  # (.., C)
        shares = log_probs.softmax(-1) * (1 - self.config.floor)
        everywhere = shares.new_full((*row.shape, self.types), self.config.floor / self.types)
        return everywhere.scatter_add(-1, words, shares).log()

    def fault(self) -> str | None:
        """Words that no vocabulary has, as only a file that somebody made can have them."""
        sound = bool(((self.words >= 0) & (self.words < self.types)).all())
        return None if sound else f"words are not 0 to {self.types - 1}"

    def fill(self, source: NDArray[np.int64], target: NDArray[np.int64], probability: NDArray[np.float64]) -> None:
        """Takes the likeliest candidates of t(target | source), given by pairs sorted by their source word.

        A source word that is unknown stays unknown, and the end stays the end.
        """
        kept = self.words.size(1)
        words = torch.zeros_like(self.words)
        log_probs = torch.full_like(self.log_probs, -math.inf)
        words[:, 0], log_probs[:, 0] = UNK, 0.0
        words[EOS, 0] = EOS
        starts = np.flatnonzero(np.diff(source, prepend=-1))
        for start, end in zip(starts.tolist(), [*starts[1:].tolist(), len(source)], strict=True):
            if (word := int(source[start])) not in UNTRANSLATED:
                best = start + np.argsort(-probability[start:end], kind="stable")[:kept]
                words[word, : len(best)] = torch.from_numpy(target[best])
                log_probs[word, : len(best)] = torch.from_numpy(probability[best]).log()
        with torch.no_grad():
            self.words.copy_(words)
            self.log_probs.copy_(log_probs)

    def posterior(self, src: Tensor, mask: Tensor, tgt: Tensor) -> Tensor:
        """(B, S), mask (B, S), (B, T) -> (B, T, S): how probably a target word comes from a source word.

        Brown et al. 1993, section 4.2; what is missing to 1 is the probability that it comes from none.
        """
        null = src.new_full((len(src), 1), NULL)
        row = torch.cat([src, null], 1)  # (B, S + 1)
        # Of the candidates alone: a row over the vocabulary for each source word would be the largest tensor by far.
        said = self.words[row][:, None] == tgt[:, :, None, None]  # (B, T, S + 1, C)
        shares = torch.einsum("btsc,bsc->bts", said.to(self.log_probs.dtype), self.log_probs[row].softmax(-1))
        shares = shares * (1 - self.config.floor) + self.config.floor / self.types
        shares = shares * torch.cat([mask, mask.new_ones(len(mask), 1)], 1)[:, None]
        return (shares / shares.sum(-1, keepdim=True))[..., :-1]

    def alignment(self, src: Tensor, mask: Tensor, tgt_in: Tensor, tgt_out: Tensor) -> Tensor:
        """(B, S), (B, S), two (B, T) -> (B, 1, T, S) posteriors; the end has what comes from no word."""
        shares = self.posterior(src, mask, tgt_out)
        ends = (mask.sum(1) - 1)[:, None, None].expand(-1, shares.size(1), 1)
        return shares.scatter_add(2, ends, 1 - shares.sum(-1, keepdim=True))[:, None]

    @property
    def feature_dim(self) -> int:
        """A feature is the id of a source word."""
        return 1
