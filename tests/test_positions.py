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
    assert model.trained_length == 0
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1)
    batch = collate([[5, 6, 7], [8]], [[9, 4, 8, 8], [5]])
    for _ in range(3):  # weights that begin at 0 may need a step before others have gradients
        optimizer.zero_grad()
        model(batch.src, batch.src_mask, batch.tgt_in, batch.tgt_out)[0].backward()
        optimizer.step()
    # source: 3 words and an end; target: a beginning and 4 words; a decoder alone has places for both behind each other
    assert model.trained_length == {"transformer": 4, "decoder": (4 + 5) // 2, "attention": 4}[arch]


def test_without_positions_the_encoder_sees_a_bag_of_words() -> None:
    model = tiny("transformer-bare")
    src, mask = torch.tensor([[5, 9, 6, 2], [9, 6, 5, 2]]), mask_of(4, 4)
    close(*model.encode(src, mask).layers[0][:, 1].sum(2))
    with_places = tiny("transformer-pre").encode(src, mask).layers[0][:, 1].sum(2)
    assert not torch.allclose(*with_places)
