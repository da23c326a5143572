"""The recurrent encoder-decoder as a whole, word by word with the cells of torch: one vector, or where it looks."""

from typing import Any

import pytest
import torch
from conftest import VOCAB, model_config, shuffled
from torch import Tensor, nn

from nmt import models

DIM = 8
close = torch.testing.assert_close
pytestmark = pytest.mark.usefixtures("double")


def gru(cell: Any) -> nn.GRUCell:
    """The same cell, of torch."""
    theirs = nn.GRUCell(cell.input.in_features, cell.dim)
    pairs = {"weight_ih": cell.input.weight, "bias_ih": cell.input.bias}
    theirs.load_state_dict(pairs | {"weight_hh": cell.hidden.weight, "bias_hh": cell.hidden.bias})
    return theirs


def read(cell: Any, words: Tensor) -> list[Tensor]:
    """The states of a cell over (S, input), in the order of reading."""
    states, state = [], torch.zeros(1, cell.dim)
    for word in words:
        state = gru(cell)(word[None], state)
        states.append(state[0])
    return states


def encoded(model: Any, words: Tensor) -> tuple[Tensor, list[Tensor]]:
    """(S, D) states of the top layer, the last states of every layer."""
    ends = []
    for layer in model.encoder.layers:
        sides = []
        for place, cell in enumerate(layer):
            back = place == 1 or model.config.reverse_source
            states = read(cell, words.flip(0) if back else words)
            sides.append((torch.stack(states[::-1] if back else states), states[-1]))
        words = torch.cat([states for states, _ in sides], dim=-1)
        ends.append(torch.cat([end for _, end in sides]))
    return words, ends


def mix(query: Tensor, states: Tensor) -> Tensor:
    """What dot attention sees."""
    shares = (states @ query).exp()
    return sum(share * state for share, state in zip(shares / shares.sum(), states, strict=True))  # type: ignore[return-value]


@pytest.mark.parametrize("layers", [1, 2])
@pytest.mark.parametrize(
    ("arch", "settings"),
    [
        ("rnn", "context=initial"),
        ("rnn", "context=initial bidirectional=false"),
        ("rnn", "context=initial bidirectional=false reverse_source=true"),
        ("rnn", "context=every"),
        ("attention", "score=dot input_feeding=false"),
        ("attention", "score=dot input_feeding=false bidirectional=false"),
        ("attention", "score=dot"),
        ("attention", "score=dot attend=before input_feeding=false"),
    ],
)
def test_it_is_its_equations(arch: str, settings: str, layers: int) -> None:
    """Sutskever, Cho, Luong without and with input feeding, Bahdanau's order."""
    config = model_config(arch, f"dim={DIM}", f"layers={layers}", *settings.split())
    model: Any = shuffled(models.build(config, VOCAB, VOCAB, True)).eval()
    src, tgt = torch.tensor([[5, 9, 6, 2]]), torch.tensor([[1, 7, 8]])
    memory = model.encode(src, torch.ones_like(src, dtype=torch.bool))
    got = model.decode(tgt, model.initial_state(memory, 1), memory).features[0]

    states, ends = encoded(model, model.embedding.source(src)[0])
    hidden = [torch.tanh(model.bridge(end)) for end in ends]
    vector = torch.zeros(DIM)
    for t, word in enumerate(model.embedding.target(tgt)[0]):
        extra: list[Tensor] = []
        if config.context == "every":
            extra = [ends[-1]]
        elif config.attend == "before":
            extra = [mix(hidden[-1], states)]
        elif config.input_feeding:
            extra = [vector]
        below = torch.cat([word, *extra])
        for i, cell in enumerate(model.decoder):
            hidden[i] = below = gru(cell)(below[None], hidden[i][None])[0]
        if arch == "rnn" and config.context == "initial":
            close(got[t], below)
            continue
        seen = extra[0] if config.context == "every" or config.attend == "before" else mix(below, states)
        vector = torch.tanh(model.join(torch.cat([below, seen])))
        close(got[t], vector)
