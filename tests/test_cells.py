"""Recurrent cells against torch's own, and a reservoir against its equation and its promises."""

import math
from collections.abc import Callable

import pytest
import torch
from conftest import mask_of, model_config, shuffled, take, tiny
from torch import nn

from nmt.data.batches import collate
from nmt.models.cells import CELLS, Reservoir, encoder_cell, run
from nmt.recipe import ReservoirConfig

close = torch.testing.assert_close
pytestmark = pytest.mark.usefixtures("double")

TORCH_CELLS: dict[str, Callable[..., nn.RNNBase]] = {"tanh": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


@pytest.mark.parametrize("lengths", [(6, 6), (6, 2, 4, 1)], ids=["full", "padded"])
@pytest.mark.parametrize("name", TORCH_CELLS)
def test_a_cell_is_that_of_torch_from_either_end(name: str, lengths: tuple[int, ...]) -> None:
    theirs = shuffled(TORCH_CELLS[name](4, 5, batch_first=True, bidirectional=True))
    x, mask = torch.randn(len(lengths), 6, 4), mask_of(*lengths)
    packed = nn.utils.rnn.pack_padded_sequence(x, torch.tensor(lengths), batch_first=True, enforce_sorted=False)
    start = torch.randn(2, len(lengths), CELLS[name].parts, 5)
    given = start.transpose(1, 2).transpose(0, 1).contiguous()  # (parts, directions, N, D)
    outputs, last = theirs(packed, (given[0], given[1]) if name == "lstm" else given[0])
    outputs, _ = nn.utils.rnn.pad_packed_sequence(outputs, batch_first=True)
    last = torch.stack(last if name == "lstm" else [last])  # (parts, directions, N, D)
    for direction, suffix in enumerate(("", "_reverse")):
        ours = CELLS[name](4, 5)
        weights = {
            f"{to}__{of}": getattr(theirs, f"{of}_{short}_l0{suffix}")
            for to, short in (("input", "ih"), ("hidden", "hh"))
            for of in ("weight", "bias")
        }
        take(ours, **weights)
        padding = None if len(set(lengths)) == 1 else mask
        states, end = run(ours, x, padding, start[direction], backward=direction == 1)
        close(states[mask], outputs.chunk(2, dim=-1)[direction][mask])
        close(end, last[:, direction].transpose(0, 1))


def test_a_reservoirs_step_is_its_formula() -> None:
    cell = Reservoir(3, 4, ReservoirConfig(leak=0.3))
    nn.init.normal_(cell.hidden.bias)
    x, state = torch.randn(2, 3), torch.randn(2, 1, 4)
    w, b, u, c = (p.tolist() for p in (cell.input.weight, cell.input.bias, cell.hidden.weight, cell.hidden.bias))
    got = cell.step(cell.project(x), state)
    for row in (0, 1):
        old, given = state[row, 0].tolist(), x[row].tolist()
        for i in range(4):
            inner = sum(a * y for a, y in zip(w[i], given, strict=True)) + b[i]
            inner += sum(a * y for a, y in zip(u[i], old, strict=True)) + c[i]
            assert got[row, 0, i].item() == pytest.approx(0.7 * old[i] + 0.3 * math.tanh(inner))


@pytest.mark.parametrize("sparsity", [0.0, 0.8, 0.999])
def test_a_reservoir_has_its_spectral_radius_and_its_zeros(sparsity: float) -> None:
    weight = Reservoir(3, 60, ReservoirConfig(spectral_radius=1.3, sparsity=sparsity)).hidden.weight.detach()
    vector = torch.randn(60, 60)  # power iteration on the squared norms of many vectors: growth per step is the radius
    for _ in range(300):
        vector = weight @ vector
        vector = vector / vector.norm()
    grown = (torch.linalg.matrix_power(weight, 40) @ vector).norm() ** (1 / 40)
    assert grown.item() == pytest.approx(1.3, rel=0.03)
    ring = 1 / 60
    assert (weight == 0).double().mean().item() == pytest.approx(sparsity * (1 - ring), abs=0.03)


def test_a_recipe_reaches_its_reservoir() -> None:
    config = model_config("rnn", "cell=reservoir", "reservoir.leak=0.25", "reservoir.spectral_radius=1.5", "dim=80")
    cell = encoder_cell(config, 4, 80)
    assert isinstance(cell, Reservoir)
    assert cell.leak == 0.25
    torch.manual_seed(1)
    plain = encoder_cell(model_config("rnn", "cell=reservoir", "dim=80"), 4, 80)
    torch.manual_seed(1)
    scaled = encoder_cell(model_config("rnn", "cell=reservoir", "dim=80", "reservoir.input_scale=0.5"), 4, 80)
    close(scaled.input.weight, plain.input.weight / 2)
    assert torch.linalg.eigvals(cell.hidden.weight).abs().max().item() == pytest.approx(1.5, rel=1e-5)
    assert (cell.hidden.weight == 0).double().mean().item() == pytest.approx(0.9, abs=0.03)


@pytest.mark.parametrize("arch", ["rnn", "attention"])
def test_nothing_of_a_reservoir_is_trained_and_its_decoder_is_a_gru(arch: str) -> None:
    model = tiny("rnn-reservoir" if arch == "rnn" else "attention-reservoir").train()
    before = {name: p.detach().clone() for name, p in model.named_parameters()}
    optimizer = torch.optim.Adam(model.parameters(), lr=0.1, weight_decay=0.1)
    batch = collate([[5, 6, 7], [8]], [[9, 4], [5]])
    loss, _ = model(batch.src, batch.src_mask, batch.tgt_in, batch.tgt_out)
    loss.backward()
    optimizer.step()
    fixed = {name for name, p in model.named_parameters() if torch.equal(p, before[name])}
    of_source = {name for name in before if name.startswith(("encoder.", "embedding.source."))}
    assert fixed == of_source
    assert type(model.decoder[0]) is CELLS["gru"]
    counts = model.parameter_counts()
    assert counts["fixed"] == sum(before[name].numel() for name in fixed)
    assert "encoder" not in counts


def test_the_forget_gate_of_a_new_lstm_remembers() -> None:
    cell = CELLS["lstm"](3, 4)
    assert (cell.input.bias + cell.hidden.bias)[4:8].tolist() == [1.0] * 4
    assert all(p.abs().max() <= 1 / math.sqrt(4) or p is cell.input.bias for p in cell.parameters())
