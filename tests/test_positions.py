"""How a token knows where it stands: against the papers' formulas, and what follows from them."""

import cmath
import math
from itertools import pairwise
from typing import Any

import pytest
import torch
from conftest import KINDS, mask_of, model_config, shuffled, tiny
from torch import Tensor

from nmt import models
from nmt.data.batches import collate
from nmt.models.attention import self_attention
from nmt.models.base import Places
from nmt.models.ensemble import Ensemble
from nmt.models.positions import POSITIONS, Learned, sinusoids

DIM = 12
close = torch.testing.assert_close
pytestmark = pytest.mark.usefixtures("double")


@pytest.mark.parametrize("start", [0, 3, 250])
def test_sinusoids_are_the_papers(start: int) -> None:
    got = sinusoids(torch.arange(start, start + 7), DIM).tolist()
    for place, row in enumerate(got, start=start):
        angles = [place / 10_000 ** (2 * i / DIM) for i in range(DIM // 2)]
        expected = [math.sin(angle) for angle in angles] + [math.cos(angle) for angle in angles]
        assert row == pytest.approx(expected, abs=1e-4)  # angles are taken in float32


def made(name: str) -> Any:
    return shuffled(POSITIONS[name](DIM, 9))


@pytest.mark.parametrize("name", ["sinusoidal", "learned"])
def test_added_positions_begin_where_the_tokens_before_ended(name: str) -> None:
    positions, x = made(name), torch.zeros(2, 9, DIM)
    whole = positions(x, 0)
    close(torch.cat([positions(x[:, :4], 0), positions(x[:, 4:], 4)], dim=1), whole)
    assert all(not torch.allclose(a, b) for a, b in pairwise(whole[0]))
    assert torch.equal(whole[0], whole[1])


@pytest.mark.parametrize("name", POSITIONS)
def test_each_row_may_have_a_start_of_its_own(name: str) -> None:
    positions, x, starts = made(name), torch.randn(3, 4, DIM), torch.tensor([0, 5, 2])
    close(positions(x, starts), torch.cat([positions(x[i : i + 1], int(starts[i])) for i in range(3)]))
    if positions.turn:
        y = torch.randn(3, 2, 4, DIM)
        rows = [positions.turn(y[i : i + 1], int(starts[i])) for i in range(3)]
        close(positions.turn(y, starts), torch.cat(rows))


@pytest.mark.parametrize("name", ["none", "rotary"])
def test_no_positions_and_those_that_turn_add_nothing(name: str) -> None:
    x = torch.randn(2, 5, DIM)
    assert made(name)(x, 3) is x
    assert list(made(name).parameters()) == []
    assert made(name).trained_length is None


@pytest.mark.parametrize("start", [0, 7])
def test_a_rotation_is_a_product_of_complex_numbers(start: int) -> None:
    x = torch.randn(1, 1, 3, DIM)
    got = POSITIONS["rotary"].turn(x, start)  # type: ignore[misc]
    for t in range(3):
        for i in range(DIM // 2):
            number = complex(x[0, 0, t, i], x[0, 0, t, i + DIM // 2])
            turned = number * cmath.exp(1j * (start + t) / 10_000 ** (2 * i / DIM))
            assert got[0, 0, t, i].item() == pytest.approx(turned.real, abs=1e-6)
            assert got[0, 0, t, i + DIM // 2].item() == pytest.approx(turned.imag, abs=1e-6)


@pytest.mark.parametrize("kind", ["simple", "multi"])
def test_self_attention_turns_queries_and_keys_and_no_values(kind: str) -> None:
    settings = ["dim=4", "heads=1", "positions=rotary", f"attention={kind}"]
    attention: Any = shuffled(self_attention(model_config("transformer", *settings)))
    x = torch.randn(1, 5, 4)
    _, past = attention(x[:, :2], causal=True)
    got, _ = attention(x[:, 2:], past=past, causal=True)
    parts = [x[0]] * 3 if kind == "simple" else attention.projection(x[0]).chunk(3, dim=-1)
    query, keys, values = (part.tolist() for part in parts)

    def turned(row: list[float], place: int) -> list[complex]:
        return [complex(row[i], row[i + 2]) * cmath.exp(1j * place / 100**i) for i in (0, 1)]

    for t in (2, 3, 4):
        pairs = [zip(turned(query[t], t), turned(keys[s], s), strict=True) for s in range(t + 1)]
        shares = [math.exp(sum((a * b.conjugate()).real for a, b in pair) / 2) for pair in pairs]
        mixed = [sum(w * values[s][i] for s, w in enumerate(shares)) / sum(shares) for i in range(4)]
        close(got[0, t - 2], attention.output(torch.tensor(mixed)), atol=1e-6, rtol=1e-6)


def test_under_rotation_a_product_depends_on_the_distance_alone() -> None:
    query, key = torch.randn(2, 1, 1, 1, DIM)
    turn: Any = POSITIONS["rotary"].turn

    def product(of_query: int, of_key: int) -> Tensor:
        return (turn(query, of_query) * turn(key, of_key)).sum()

    close(product(9, 4), product(25, 20), rtol=0, atol=1e-5)  # angles are taken in float32
    assert not torch.allclose(product(9, 4), product(9, 5))


def test_places_that_were_never_trained_are_the_last_that_was() -> None:
    positions = Learned(DIM, 6).eval()
    with torch.no_grad():
        positions.weight[:3] = torch.randn(3, DIM)
    assert positions.trained_length == 3
    close(positions(torch.zeros(1, 5, DIM), 1)[0], positions.weight[[1, 2, 2, 2, 2]])
    close(positions.train()(torch.zeros(1, 5, DIM), 1)[0], positions.weight[[1, 2, 3, 4, 5]])
    close(positions(torch.zeros(1, 3, DIM), 5)[0], positions.weight[[5, 5, 5]])


@pytest.mark.parametrize("kind", ["transformer-post-learned", "decoder-post-learned", "attention-location"])
def test_training_meets_the_places_of_its_sentences_and_no_padding(kind: str) -> None:
    arch, settings = KINDS[kind]
    torch.manual_seed(0)
    model: Any = models.build(model_config(arch, "dim=8", *settings), 23, 23, True).train()
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    batch = collate([[5, 6, 7], [8]], [[9, 4, 8, 8], [5]])
    for _ in range(3):  # weights that begin at 0 may need a step before others have gradients
        optimizer.zero_grad()
        model(batch.src, batch.src_mask, batch.tgt_in, batch.tgt_out)[0].backward()
        optimizer.step()
    # source: 3 words and an end; target: a beginning and 4 words; a decoder alone has both behind each other
    expected = {"transformer": Places(4, 5), "decoder": Places(together=9), "attention": Places(4)}
    assert model.trained_places == expected[arch]


def test_an_ensemble_has_met_as_many_places_as_its_poorest_member() -> None:
    ours, other = tiny("transformer-post-learned"), tiny("transformer-post-learned")
    with torch.no_grad():
        ours.source_positions.weight[7:] = 0.0
        ours.target_positions.weight[5:] = 0.0
        other.source_positions.weight[6:] = 0.0
    assert Ensemble([other, tiny("rnn-gru"), ours]).trained_places == Places(6, 5)
    assert Ensemble([tiny("rnn-gru")]).trained_places == Places()


def test_places_hold_a_pair_that_reaches_beyond_none_of_them() -> None:
    assert Places().hold(10_000, 10_000)
    assert Places(source=4, target=5).hold(4, 5)
    assert not Places(source=4, target=5).hold(5, 4)
    assert not Places(target=5).hold(1, 6)
    assert Places(together=9).hold(2, 7)
    assert not Places(together=9).hold(5, 5)


def test_a_decoder_alone_has_places_for_a_target_behind_the_longest_source() -> None:
    model = tiny("decoder-post-learned", "max_length=260")
    src = torch.full((1, 260), 5)
    memory = model.encode(src, torch.ones_like(src, dtype=torch.bool))
    tgt = torch.full((1, 9), 7)
    features = model.decode(tgt, model.initial_state(memory, 1), memory).features[0]
    assert all(not torch.allclose(a, b) for a, b in pairwise(features))


def test_without_positions_the_encoder_sees_a_bag_of_words() -> None:
    model = tiny("transformer-bare")
    src, mask = torch.tensor([[5, 9, 6, 2], [9, 6, 5, 2]]), mask_of(4, 4)
    close(*model.encode(src, mask).layers[0][:, 1].sum(2))
    with_places = tiny("transformer-pre").encode(src, mask).layers[0][:, 1].sum(2)
    assert not torch.allclose(*with_places)
