"""One search for every model: greedy is a beam of 1, sampling another picker, and force decoding one long step."""

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import torch
from torch import Tensor

from nmt.decoding.pickers import Picker, best_of, sampler
from nmt.decoding.rules import Rule, forced_prefix, never_special, no_repeat_ngram, not_empty
from nmt.models.base import Seq2Seq
from nmt.recipe import SearchConfig
from nmt.tokens import BOS, EOS, PAD


@dataclass(frozen=True)
class Hypothesis:
    """A translation that was found."""

    tokens: tuple[int, ...]
    """Without BOS and EOS."""
    log_prob: float
    """Log-probability of the tokens, and of EOS if it ended."""
    score: float
    """`log_prob` after the length penalty, by which hypotheses are ranked."""
    ended: bool
    """Whether it closed with EOS; False for one cut at its sentence's length limit."""


NOTHING = Hypothesis((), -math.inf, -math.inf, False)
"""What is found where no probability is a number, as in a model whose training diverged."""


def length_penalty(length: int, alpha: float) -> float:
    """Divisor of a log-probability, length ** alpha.

    As in Marian and CTranslate2, so that exports rank alike (Wu et al. 2016, arXiv:1609.08144, equation 14, has
    ((5 + length) / 6) ** alpha). `length` counts tokens without BOS and EOS, at least 1.
    """
    return float(max(length, 1)) ** alpha


@torch.inference_mode()
def search(
    model: Seq2Seq[Any, Any],
    src: Tensor,
    mask: Tensor,
    config: SearchConfig,
    *,
    prefixes: Sequence[Sequence[int]] | None = None,
    seeds: Sequence[int] | None = None,
) -> list[list[Hypothesis]]:
    """(B, S), (B, S) -> for each sentence its `config.nbest` best hypotheses, best first.

    A sentence is done at K finished hypotheses, or before that when none of the unfinished can still rank among
    the `nbest`; it then leaves the batch. Every length limit comes from a sentence's own length, so neighbours
    change nothing. `prefixes` are tokens that a translation must begin with; `seeds` tell the sentences' draws
    apart. Raises ValueError where `prefixes` or `seeds` are not one for each sentence.
    """
    for name, given in (("prefixes", prefixes), ("seeds", seeds)):
        if given is not None and len(given) != len(src):
            raise ValueError(f"{len(given)} {name} for {len(src)} sentences")
    rules: list[Rule] = [never_special, not_empty]
    if prefixes is not None:
        rules.append(forced_prefix(prefixes, src.device))
    if config.no_repeat_ngram:
        rules.append(no_repeat_ngram(config.no_repeat_ngram))
    picker = sampler(config, seeds or range(len(src))) if config.sample else best_of
    limits = (mask.sum(1) * config.max_ratio).long() + config.max_extra
    if prefixes is not None:
        limits += torch.tensor([len(prefix) for prefix in prefixes], device=limits.device)
    return _Search(model, src, mask, config, limits).run(rules, picker)


@torch.inference_mode()
def score(model: Seq2Seq[Any, Any], src: Tensor, mask: Tensor, tgt_in: Tensor, tgt_out: Tensor) -> Tensor:
    """(B, S), (B, S), two (B, T) -> (B, T) log-probabilities of the tokens of `tgt_out`, 0 on padding."""
    memory = model.encode(src, mask)
    features = model.decode(tgt_in, model.initial_state(memory, len(src)), memory).features
    log_probs = torch.zeros(tgt_out.shape, dtype=torch.float64 if features.dtype == torch.float64 else torch.float32)
    log_probs = log_probs.to(features.device)
    for t in range(tgt_out.size(1)):  # one position at a time: (B, T, V) would be the largest tensor by far
        scores = model.logits(features[:, t])
        scores = (scores if scores.dtype == torch.float64 else scores.float()).log_softmax(-1)
        log_probs[:, t] = scores.gather(1, tgt_out[:, t, None])[:, 0]
    return log_probs.masked_fill(tgt_out == PAD, 0.0)


class _Search:
    """The state of one batch's search; `live` sentences stand on axis 0, K places each."""

    def __init__(
        self, model: Seq2Seq[Any, Any], src: Tensor, mask: Tensor, config: SearchConfig, limits: Tensor
    ) -> None:
        self.model, self.config, self.limits = model, config, limits
        self.beam = beam = config.nbest if config.sample else config.beam
        self.memory = model.encode(src, mask)
        self.state = model.initial_state(self.memory, len(src) * beam)
        device = src.device
        self.live = torch.arange(len(src), device=device)
        self.tokens = torch.empty(len(src), beam, 0, dtype=torch.long, device=device)
        dtype = next(model.parameters()).dtype
        self.totals = torch.zeros(len(src), beam, dtype=torch.float64 if dtype == torch.float64 else torch.float32)
        self.totals = self.totals.to(device)
        if not config.sample:
            self.totals[:, 1:] = -math.inf  # one hypothesis to begin with, not K equal ones
        self.finished: list[list[Hypothesis]] = [[] for _ in range(len(src))]
        self.counts = torch.zeros(len(src), dtype=torch.long, device=device)
        self.bar = torch.full_like(self.totals[:, 0], -math.inf)  # score of a sentence's nbest-th finished hypothesis

    def run(self, rules: Sequence[Rule], picker: Picker) -> list[list[Hypothesis]]:
        """Steps until no sentence is live."""
        last = torch.full((len(self.live) * self.beam, 1), BOS, device=self.live.device)
        while len(self.live):
            log_probs = self._next(last, rules)
            parents, tokens, totals = picker(self.totals, log_probs, self.live)
            over = self.tokens.size(2) + 1 >= self.limits[self.live]
            last = self._advance(parents, tokens, totals, over)
        ranked = (sorted(found, key=lambda h: -h.score) for found in self.finished)
        return [found[: self.config.nbest] or [NOTHING] for found in ranked]

    def _next(self, last: Tensor, rules: Sequence[Rule]) -> Tensor:
        """(N, 1) last tokens -> (B, K, V) log-probabilities of the next, after the rules."""
        decoded = self.model.decode(last, self.state, self.memory)
        self.state = decoded.state
        log_probs = self.model.logits(decoded.features[:, -1]).to(self.totals.dtype).log_softmax(-1)
        sentences = self.live.repeat_interleave(self.beam)
        held = self.tokens.flatten(0, 1)
        for rule in rules:
            log_probs = rule(held, log_probs, sentences)
        return log_probs.unflatten(0, (-1, self.beam))

    def _advance(self, parents: Tensor, tokens: Tensor, totals: Tensor, over: Tensor) -> Tensor:
        """Takes (B, C) candidates: finishes some, keeps K, drops sentences that are done -> (N, 1) last tokens."""
        ends = (tokens == EOS) & totals.isfinite()
        self._finish(parents, tokens, totals, ends, over)
        places = torch.arange(tokens.size(1), device=tokens.device)
        order = (places + tokens.size(1) * (ends | ~totals.isfinite())).argsort(1)[:, : self.beam]
        totals = totals.masked_fill(ends, -math.inf).gather(1, order)
        parents, tokens = parents.gather(1, order), tokens.gather(1, order)
        keep = (~self._done(totals) & ~over).nonzero()[:, 0]
        rows = (keep[:, None] * self.beam + parents[keep]).flatten()
        everything = len(keep) == len(self.live)
        if not everything:
            self.memory = self.memory.select(keep)
            self.live = self.live[keep]
        if not everything or self.beam > 1:
            self.state = self.state.select(rows)
        self.totals = totals[keep]
        held = self.tokens.flatten(0, 1)[rows].unflatten(0, (-1, self.beam))
        self.tokens = torch.cat([held, tokens[keep][:, :, None]], dim=2)
        return tokens[keep].reshape(-1, 1)

    def _finish(self, parents: Tensor, tokens: Tensor, totals: Tensor, ends: Tensor, over: Tensor) -> None:
        """Moves to `finished` what ended among the first K candidates, and at a length limit all of the first K."""
        first = torch.arange(tokens.size(1), device=tokens.device) < self.beam
        closing = (ends | (over[:, None] & totals.isfinite())) & first
        rows, places = closing.nonzero(as_tuple=True)
        if not len(rows):
            return
        held = self.tokens[rows, parents[rows, places]]
        found = zip(
            self.live[rows].tolist(),
            held.tolist(),
            tokens[rows, places].tolist(),
            totals[rows, places].tolist(),
            strict=True,
        )
        for sentence, before, token, log_prob in found:
            if len(self.finished[sentence]) < self.beam:
                words = tuple(before if token == EOS else [*before, token])
                rank = log_prob / length_penalty(len(words), self.config.length_penalty)
                self.finished[sentence].append(Hypothesis(words, log_prob, rank, token == EOS))
        for sentence in set(self.live[rows].tolist()):
            scores = sorted((h.score for h in self.finished[sentence]), reverse=True)
            self.counts[sentence] = len(scores)
            if len(scores) >= self.config.nbest:
                self.bar[sentence] = scores[self.config.nbest - 1]

    def _done(self, totals: Tensor) -> Tensor:
        """(B, K) totals of the unfinished -> (B,): K have finished, or none of these can rank among the best.

        A hypothesis only loses log-probability, and its divisor grows at most to that of the length limit.
        """
        best = totals.max(1).values
        done = ~best.isfinite() | (self.counts[self.live] >= self.beam)
        if self.config.sample:
            return done
        bound = best / self.limits[self.live].to(best.dtype) ** self.config.length_penalty
        return done | (bound <= self.bar[self.live])
