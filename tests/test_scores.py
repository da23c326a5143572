"""Score functions against loops from the papers' equations."""

import math
from typing import Any

import pytest
import torch
from conftest import mask_of, shuffled

from nmt.models.scores import SCORES, attend

close = torch.testing.assert_close
pytestmark = pytest.mark.usefixtures("double")


@pytest.mark.parametrize("name", ["additive", "concat"])
def test_additive_attention_is_bahdanaus_equation(name: str) -> None:
    score = shuffled(SCORES[name](4, 6, 3, 5))
    queries, values, mask = torch.randn(2, 3, 4), torch.randn(2, 5, 6), mask_of(5, 2)
    context, weights = attend(score(queries, score.keys(values)), mask, values)
    w, u, b, v = (p.tolist() for p in (score.query.weight, score.key.weight, score.key.bias, score.energy))

    def energy(s: list[float], h: list[float]) -> float:
        inner = [sum(a * x for a, x in zip(w[i], s, strict=True)) + b[i] for i in range(3)]
        inner = [inner[i] + sum(a * x for a, x in zip(u[i], h, strict=True)) for i in range(3)]
        return sum(v[i] * math.tanh(inner[i]) for i in range(3))

    for sentence, length in ((0, 5), (1, 2)):
        for t in range(3):
            states = values[sentence, :length].tolist()
            shares = [math.exp(energy(queries[sentence, t].tolist(), h)) for h in states]
            alphas = [share / sum(shares) for share in shares]
            assert weights[sentence, t].tolist() == pytest.approx(alphas + [0.0] * (5 - length))
            expected = [sum(a * h[i] for a, h in zip(alphas, states, strict=True)) for i in range(6)]
            assert context[sentence, t].tolist() == pytest.approx(expected)


def dot(a: list[float], b: list[float]) -> float:
    return sum(x * y for x, y in zip(a, b, strict=True))


def energy(name: str, score: Any, q: list[float], h: list[float], place: int) -> float:
    """One number of the papers' equations."""
    weights = {key: value.tolist() for key, value in score.named_parameters()}
    if name == "general":
        return dot(q, [dot(row, h) for row in weights["key.weight"]])
    if name == "cosine":
        strength = math.log1p(math.exp(dot(weights["strength.weight"][0], q) + weights["strength.bias"][0]))
        return strength * dot(q, h) / math.sqrt(dot(q, q) * dot(h, h))
    if name == "location":
        return dot(weights["weight"][place], q)
    return dot(q, h) / (2.0 if name == "scaled_dot" else 1.0)


@pytest.mark.parametrize("name", ["dot", "scaled_dot", "general", "cosine", "location"])
def test_a_score_is_its_equation(name: str) -> None:
    score = shuffled(SCORES[name](4, 4, 4, 5))
    queries, values = torch.randn(2, 3, 4), torch.randn(2, 5, 4)
    got = score(queries, score.keys(values))
    for sentence in (0, 1):
        for t in range(3):
            q = queries[sentence, t].tolist()
            expected = [energy(name, score, q, values[sentence, s].tolist(), s) for s in range(5)]
            assert got[sentence, t].tolist() == pytest.approx(expected)


def test_the_general_score_takes_widths_that_differ() -> None:
    score = shuffled(SCORES["general"](4, 6, 4, 5))
    assert score(torch.randn(2, 3, 4), score.keys(torch.randn(2, 5, 6))).shape == (2, 3, 5)


def test_a_location_beyond_those_that_were_trained_is_the_last_of_them() -> None:
    score = SCORES["location"](4, 4, 4, 9)
    with torch.no_grad():
        score.weight[:6] = torch.randn(6, 4)
    assert score.trained_length == 6
    query, keys = torch.randn(1, 2, 4), torch.randn(1, 12, 4)
    energies = score.eval()(query, keys)
    assert torch.equal(energies[..., 5:], energies[..., 5:6].expand(-1, -1, 7))
    assert torch.equal(score.train()(query, keys)[..., 6:], torch.zeros(1, 2, 6))
    assert all(SCORES[name](4, 4, 4, 9).trained_length is None for name in SCORES if name != "location")
