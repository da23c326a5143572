"""Search against an exhaustive search and a beam search in plain Python, over a model that is a table."""

import itertools
import math
from dataclasses import dataclass
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from nmt.decoding.search import Hypothesis, length_penalty, score, search
from nmt.models.base import Decoded, Rows, Seq2Seq
from nmt.recipe import SearchConfig
from nmt.tokens import BOS, EOS, PAD, UNK

VOCAB = 6
WORDS = (UNK, 4, 5)
PENALTIES = [0.0, 0.5, 1.0, 2.0]


@dataclass(frozen=True)
class Source(Rows):
    first: Tensor
    """(B,) the first token of each sentence: which of the tables tells its translation."""


@dataclass(frozen=True)
class Read(Rows):
    last: Tensor
    """(N, 2) the last two tokens."""
    length: int


class Table(Seq2Seq[Source, Read]):
    """Scores of the next token by sentence, position and the two tokens before, drawn at random."""

    max_length = 100
    steps = 0

    def __init__(self, seed: int = 0, spread: float = 2.0, positions: int = 12) -> None:
        super().__init__()
        generator = torch.Generator().manual_seed(seed)
        shape = (VOCAB, positions, VOCAB, VOCAB, VOCAB)
        self.scores = nn.Parameter(spread * torch.randn(shape, generator=generator, dtype=torch.float64))

    def encode(self, src: Tensor, mask: Tensor) -> Source:
        return Source(src[:, 0])

    def initial_state(self, memory: Source, rows: int) -> Read:
        return Read(torch.full((rows, 2), PAD), 0)

    def decode(self, tgt: Tensor, state: Read, memory: Source, attention: bool = False) -> Decoded[Read]:
        self.steps += 1
        which = memory.first.repeat_interleave(len(tgt) // len(memory.first))
        features, last = [], state.last
        for step, token in enumerate(tgt.unbind(1), start=state.length):
            last = torch.stack([last[:, 1], token], dim=1)
            features.append(self.scores[which, min(step, self.scores.size(1) - 1), last[:, 0], last[:, 1]])
        return Decoded(torch.stack(features, 1), Read(last, state.length + tgt.size(1)))

    def logits(self, features: Tensor) -> Tensor:
        return features

    @property
    def feature_dim(self) -> int:
        return VOCAB

    def log_probs(self, first: int, words: tuple[int, ...]) -> list[float]:
        """Log-probabilities of every token after these, without a tensor's help."""
        before = (PAD, BOS, *words)
        row = self.scores[first, min(len(words), self.scores.size(1) - 1), before[-2], before[-1]].tolist()
        total = math.log(sum(math.exp(value) for value in row))
        return [value - total for value in row]


def setting(limit: int, **more: Any) -> SearchConfig:
    """Translations of at most `limit` tokens, whatever the sentence's length."""
    return SearchConfig(max_ratio=1e-6, max_extra=limit, **more)


def batch(*firsts: int, lengths: list[int] | None = None) -> tuple[Tensor, Tensor]:
    """Sentences by their first tokens; the rest of each are fours."""
    lengths = lengths or [1] * len(firsts)
    src = torch.full((len(firsts), max(lengths)), PAD)
    for row, first, length in zip(src, firsts, lengths, strict=True):
        row[:length] = torch.tensor([first] + [4] * (length - 1))
    return src, src != PAD


def exhaustive(model: Table, first: int, limit: int, alpha: float) -> list[tuple[tuple[int, ...], float, bool]]:
    """(words, log-probability, ended) of every translation there is, best first."""
    found: list[tuple[tuple[int, ...], float, bool]] = []
    level: list[tuple[tuple[int, ...], float]] = [((), 0.0)]
    for count in range(1, limit + 1):
        rows = [(words, total, model.log_probs(first, words)) for words, total in level]
        found += [(words, total + row[EOS], True) for words, total, row in rows if words]
        level = [((*words, word), total + row[word]) for words, total, row in rows for word in WORDS]
        found += [(*item, False) for item in level if count == limit]
    return sorted(found, key=lambda item: -item[1] / len(item[0]) ** alpha)


def plain_beam(model: Table, first: int, limit: int, beam: int, alpha: float) -> list[tuple[tuple[int, ...], float]]:
    """All that a beam search finishes, best first; it stops at `beam` of them and never before."""
    living: list[tuple[tuple[int, ...], float]] = [((), 0.0)]
    found: list[tuple[tuple[int, ...], float]] = []
    for step in range(1, limit + 1):
        nexts = [EOS, *WORDS] if step > 1 else list(WORDS)
        rows = [(words, total, model.log_probs(first, words)) for words, total in living]
        grown = [(words, token, total + row[token]) for words, total, row in rows for token in nexts]
        grown.sort(key=lambda item: -item[2])
        for words, token, total in grown[:beam]:
            if token == EOS or step == limit:
                found.append((words if token == EOS else (*words, token), total))
        if len(found) >= beam:
            break
        living = [((*words, token), total) for words, token, total in grown if token != EOS][:beam]
    return sorted(found[:beam], key=lambda item: -item[1] / len(item[0]) ** alpha)


def same(found: list[Hypothesis], expected: list[Any]) -> None:
    assert [h.tokens for h in found] == [item[0] for item in expected]
    assert [h.log_prob for h in found] == pytest.approx([item[1] for item in expected])


@pytest.mark.parametrize("alpha", PENALTIES)
@pytest.mark.parametrize("limit", [1, 2, 3, 4])
def test_a_beam_as_wide_as_the_space_finds_the_best_there_are(alpha: float, limit: int) -> None:
    model, firsts = Table(limit), (2, 4, 5)
    config = setting(limit, beam=200, nbest=7, length_penalty=alpha)
    for first, found in zip(firsts, search(model, *batch(*firsts), config), strict=True):
        expected = exhaustive(model, first, limit, alpha)[:7]
        same(found, expected)
        assert [h.ended for h in found] == [item[2] for item in expected]
        assert [h.score for h in found] == pytest.approx([p / len(words) ** alpha for words, p, _ in expected])


@pytest.mark.parametrize("alpha", PENALTIES)
@pytest.mark.parametrize(("beam", "nbest"), [(1, 1), (2, 1), (3, 2), (4, 4), (7, 1)])
def test_stopping_early_changes_nothing(alpha: float, beam: int, nbest: int) -> None:
    for seed in range(8):
        model = Table(seed, spread=0.5 + seed / 2)
        config = setting(6, beam=beam, nbest=nbest, length_penalty=alpha)
        for first, found in zip((3, 4, 5), search(model, *batch(3, 4, 5), config), strict=True):
            same(found, plain_beam(model, first, 6, beam, alpha)[:nbest])


def test_a_search_ends_when_nothing_that_is_left_can_win() -> None:
    model = Table(spread=0.1)
    with torch.no_grad():
        model.scores[:, 1:, ..., EOS] += 9.0
    found = search(model, *batch(3), setting(50, beam=5, length_penalty=0.0))[0]
    assert len(found[0].tokens) == 1
    assert model.steps == 2


def test_greedy_takes_the_likeliest_token_each_time() -> None:
    for seed in range(10):
        model = Table(seed)
        words: tuple[int, ...] = ()
        while len(words) < 8:
            row = model.log_probs(4, words)
            token = max(WORDS if not words else (EOS, *WORDS), key=row.__getitem__)
            if token == EOS:
                break
            words = (*words, token)
        assert search(model, *batch(4), setting(8, beam=1))[0][0].tokens == words


@pytest.mark.parametrize("alpha", PENALTIES)
def test_the_best_are_sorted_and_no_two_are_the_same(alpha: float) -> None:
    for found in search(Table(8), *batch(3, 4, 5), setting(5, beam=9, nbest=9, length_penalty=alpha)):
        assert [h.score for h in found] == sorted((h.score for h in found), reverse=True)
        assert len({(h.tokens, h.ended) for h in found}) == len(found) == 9


def test_a_forced_prefix_begins_the_best_translation_that_begins_so() -> None:
    model, prefixes = Table(1), [[5, UNK], [], [4]]
    for words, first, found in zip(
        prefixes,
        (3, 4, 5),
        search(model, *batch(3, 4, 5), setting(2, beam=200, nbest=3), prefixes=prefixes),
        strict=True,
    ):
        every = exhaustive(model, first, 2 + len(words), 1.0)
        # A translation that is longer than its prefix must be, or as long and ended.
        same(found, [item for item in every if list(item[0][: len(words)]) == words][:3])


@pytest.mark.parametrize("size", [1, 2, 3])
@pytest.mark.parametrize("more", [{"beam": 6, "nbest": 6}, {"sample": True, "nbest": 30}], ids=["beam", "sample"])
def test_no_n_gram_comes_twice_where_that_is_forbidden(size: int, more: dict[str, Any]) -> None:
    repeats = 0
    for model in (Table(2), Table(3)):
        with torch.no_grad():
            model.scores[..., 4] += 4.0
        for ngram in (size, None):
            for h in itertools.chain(*search(model, *batch(3, 4), setting(9, no_repeat_ngram=ngram, **more))):
                grams = [h.tokens[i : i + size] for i in range(len(h.tokens) - size + 1)]
                repeats += len(set(grams)) < len(grams)
                assert ngram is None or len(set(grams)) == len(grams)
    assert repeats > 0


@pytest.mark.parametrize("more", [{"beam": 3, "nbest": 3}, {"sample": True, "nbest": 3}], ids=["beam", "sample"])
def test_a_forced_prefix_that_repeats_itself_is_kept_where_repeats_are_forbidden(more: dict[str, Any]) -> None:
    found = search(Table(), *batch(3, 4), setting(3, no_repeat_ngram=1, **more), prefixes=[[4, 4], [5]])
    assert [len(each) for each in found] == [3, 3]
    assert all(h.tokens[:2] == (4, 4) and 4 not in h.tokens[2:] for h in found[0])


def test_forbidding_repeats_still_finds_the_best_of_what_is_left() -> None:
    model = Table(6)
    found = search(model, *batch(4), setting(4, beam=200, nbest=5, no_repeat_ngram=1))[0]
    same(found, [item for item in exhaustive(model, 4, 4, 1.0) if len(set(item[0])) == len(item[0])][:5])


@pytest.mark.parametrize("more", [{"beam": 8, "nbest": 8}, {"sample": True, "nbest": 50}], ids=["beam", "sample"])
def test_padding_and_the_beginning_are_never_chosen(more: dict[str, Any]) -> None:
    model = Table(4)
    with torch.no_grad():
        model.scores[..., [PAD, BOS]] += 8.0  # nearly all of the probability
    for found in search(model, *batch(3, 4, 5), setting(6, **more)):
        assert found
        assert all(token in WORDS for h in found for token in h.tokens)
        assert all(h.tokens for h in found)


@pytest.mark.parametrize("more", [{"beam": 3, "nbest": 3}, {"sample": True, "nbest": 3}], ids=["beam", "sample"])
def test_a_sentence_is_cut_by_its_own_length_alone(more: dict[str, Any]) -> None:
    model = Table(4)
    with torch.no_grad():
        model.scores[..., EOS] -= 60.0
    config = SearchConfig(max_ratio=1.5, max_extra=2, **more)
    for length, found in zip((1, 7, 4), search(model, *batch(3, 4, 5, lengths=[1, 7, 4]), config), strict=True):
        assert [len(h.tokens) for h in found] == [int(1.5 * length) + 2] * 3
        assert not any(h.ended for h in found)


def test_the_same_seed_draws_the_same_whoever_the_neighbours_are() -> None:
    model, config = Table(5, spread=0.5), setting(6, sample=True, nbest=4, seed=3)
    together = search(model, *batch(3, 4, 5, lengths=[4, 1, 2]), config, seeds=[10, 20, 30])
    assert search(model, *batch(5, 3, lengths=[2, 4]), config, seeds=[30, 10]) == [together[2], together[0]]
    assert search(model, *batch(4), config, seeds=[20])[0] == together[1]
    assert search(model, *batch(4), config, seeds=[21])[0] != together[1]
    other = config.model_copy(update={"seed": 4})
    assert search(model, *batch(4), other, seeds=[20])[0] != together[1]


SHAPES: dict[str, tuple[dict[str, Any], list[float]]] = {
    "as they are": ({}, [0.5, 0.3, 0.2]),
    "hotter": ({"temperature": 2.0}, [p**0.5 for p in (0.5, 0.3, 0.2)]),
    "colder": ({"temperature": 0.5}, [p**2 for p in (0.5, 0.3, 0.2)]),
    "top 2": ({"top_k": 2}, [0.5, 0.3, 0.0]),
    "top 1": ({"top_k": 1}, [1.0, 0.0, 0.0]),
    "top 0.5": ({"top_p": 0.49}, [1.0, 0.0, 0.0]),
    "top 0.6": ({"top_p": 0.6}, [0.5, 0.3, 0.0]),
    "top 0.81": ({"top_p": 0.81}, [0.5, 0.3, 0.2]),
    "colder, top 0.75": ({"temperature": 0.5, "top_p": 0.75}, [0.25, 0.09, 0.0]),
}


@pytest.mark.parametrize("name", SHAPES)
def test_tokens_are_drawn_as_often_as_they_are_likely(name: str) -> None:
    more, weights = SHAPES[name]
    model, draws = Table(), 4_000
    with torch.no_grad():
        model.scores[:] = torch.tensor([3.0, 2.0, 1.0, *(math.log(p) for p in (0.3, 0.5, 0.2))])
    found = search(model, *batch(4), setting(1, sample=True, nbest=draws, **more))[0]
    surprise = 0.0
    for token, weight in zip((4, UNK, 5), weights, strict=True):
        seen, expected = sum(h.tokens == (token,) for h in found), draws * weight / sum(weights)
        surprise += (seen - expected) ** 2 / expected if weight else 1e9 * seen
    assert surprise < 13.8  # one in a thousand of chi-square with two degrees of freedom
    assert all(h.log_prob == pytest.approx(model.log_probs(4, ())[h.tokens[0]]) for h in found)


def test_scores_of_given_translations_are_the_models_own() -> None:
    model, words = Table(7), [(4, 5, UNK), (5,)]
    tgt_in = torch.tensor([[BOS, 4, 5, UNK], [BOS, 5, PAD, PAD]])
    tgt_out = torch.tensor([[4, 5, UNK, EOS], [5, EOS, PAD, PAD]])
    scores = score(model, *batch(4, 3), tgt_in, tgt_out)
    for row, first, line in zip(scores.tolist(), (4, 3), words, strict=True):
        expected = [model.log_probs(first, line[:i])[token] for i, token in enumerate((*line, EOS))]
        assert row == pytest.approx(expected + [0.0] * (4 - len(expected)))


@pytest.mark.parametrize("name", ["prefixes", "seeds"])
def test_what_is_given_for_each_sentence_must_be_one_for_each(name: str) -> None:
    given: dict[str, Any] = {name: [[4], [5]] if name == "prefixes" else [1, 2]}
    with pytest.raises(ValueError, match=f"2 {name} for 3 sentences"):
        search(Table(), *batch(3, 4, 5), setting(2), **given)


def test_the_length_penalty_is_a_power_of_the_length() -> None:
    assert [length_penalty(9, alpha) for alpha in (0.0, 0.5, 1.0, 2.0)] == [1.0, 3.0, 9.0, 81.0]
    assert [length_penalty(length, 1.0) for length in (0, 1, 2)] == [1.0, 1.0, 2.0]
