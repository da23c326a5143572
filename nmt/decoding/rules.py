"""Rules on what may come next: functions (tokens, log_probs, sentences) -> log_probs.

`tokens` (N, T) is what each row holds so far, without BOS; `log_probs` (N, V); `sentences` (N,) says which
sentence of the batch a row belongs to. A rule only ever takes tokens away; a picker never chooses a log-probability
of -inf.
"""

import math
from collections.abc import Callable, Sequence

import torch
from torch import Tensor

from nmt.tokens import BOS, EOS, PAD

Rule = Callable[[Tensor, Tensor, Tensor], Tensor]


def never_special(tokens: Tensor, log_probs: Tensor, sentences: Tensor) -> Tensor:
    """PAD and BOS are not words of any language."""
    log_probs[:, [PAD, BOS]] = -math.inf
    return log_probs


def not_empty(tokens: Tensor, log_probs: Tensor, sentences: Tensor) -> Tensor:
    """A translation of a sentence that is not blank has at least one token."""
    if tokens.size(1) == 0:
        log_probs[:, EOS] = -math.inf
    return log_probs


def forced_prefix(prefixes: Sequence[Sequence[int]], device: torch.device) -> Rule:
    """A rule that makes the translation of sentence b begin with `prefixes[b]`."""
    longest = max(map(len, prefixes), default=0)
    table = torch.full((len(prefixes), longest), PAD, device=device)
    for row, prefix in zip(table, prefixes, strict=True):
        row[: len(prefix)] = torch.tensor(list(prefix), device=device)

    def rule(tokens: Tensor, log_probs: Tensor, sentences: Tensor) -> Tensor:
        step = tokens.size(1)
        if step >= longest:
            return log_probs
        wanted = table[sentences, step]
        kept = log_probs.gather(1, wanted[:, None])
        only = torch.full_like(log_probs, -math.inf).scatter(1, wanted[:, None], kept)
        return torch.where((wanted == PAD)[:, None], log_probs, only)

    return rule


def no_repeat_ngram(size: int) -> Rule:
    """A rule that lets no n-gram of `size` tokens occur twice in a row (Paulus et al. 2018, section 2.5).

    Where it would leave no token it takes none away: a forced prefix, whose rule comes before, may repeat itself.
    """

    def rule(tokens: Tensor, log_probs: Tensor, sentences: Tensor) -> Tensor:
        if tokens.size(1) < size:
            return log_probs
        grams = tokens.unfold(1, size, 1)  # (N, T - size + 1, size)
        last = tokens[:, tokens.size(1) - size + 1 :]
        again = (grams[:, :, :-1] == last[:, None]).all(-1)  # this gram begins as the next one would
        rows, places = again.nonzero(as_tuple=True)
        fresh = log_probs.clone()
        fresh[rows, grams[rows, places, -1]] = -math.inf
        return torch.where(fresh.isfinite().any(1, keepdim=True), fresh, log_probs)

    return rule
