"""The parts of the models against torch's own, and against loops from the papers' equations."""

import math
from collections.abc import Callable
from itertools import pairwise
from typing import Any

import pytest
import torch
from conftest import tiny
from torch import Tensor, nn

from nmt import recipe
from nmt.models import loss as losses
from nmt.models.attention import Additive, CrossAttention, SelfAttention, attend
from nmt.models.cells import CELLS, run
from nmt.models.dropout import Dropout
from nmt.models.embedding import Vocabulary
from nmt.models.ensemble import Ensemble
from nmt.models.norms import NORMS
from nmt.models.positions import POSITIONS, sinusoids
from nmt.models.transformer import DecoderLayer, EncoderLayer

DIM, HEADS = 12, 3
close = torch.testing.assert_close


@pytest.fixture(autouse=True)
def double() -> Any:
    """Everything that a test makes is float64, and the same each time."""
    torch.set_default_dtype(torch.float64)
    torch.manual_seed(5)
    yield
    torch.set_default_dtype(torch.float32)


def mask_of(*lengths: int) -> Tensor:
    return torch.arange(max(lengths)) < torch.tensor(lengths)[:, None]


def shuffled(module: Any) -> Any:
    """The module with no weight at 0 or 1, as biases and gains begin."""
    for parameter in module.parameters():
        nn.init.normal_(parameter, std=0.5)
    return module


def take(ours: nn.Module, **theirs: Tensor) -> None:
    """Copies weights into ours by name, with "__" for the dot."""
    ours.load_state_dict({name.replace("__", "."): value for name, value in theirs.items()})


def take_attention(ours: nn.Module, theirs: nn.MultiheadAttention) -> None:
    weight, bias = theirs.in_proj_weight, theirs.in_proj_bias
    output = {"output__weight": theirs.out_proj.weight, "output__bias": theirs.out_proj.bias}
    if isinstance(ours, SelfAttention):
        take(ours, projection__weight=weight, projection__bias=bias, **output)
    else:
        query = {"query__weight": weight[:DIM], "query__bias": bias[:DIM]}
        take(ours, projection__weight=weight[DIM:], projection__bias=bias[DIM:], **query, **output)


@pytest.mark.parametrize("causal", [False, True])
def test_self_attention_is_that_of_torch(causal: bool) -> None:
    theirs, ours = shuffled(nn.MultiheadAttention(DIM, HEADS, batch_first=True)), SelfAttention(DIM, HEADS)
    take_attention(ours, theirs)
    x, mask = torch.randn(3, 5, DIM), mask_of(5, 5, 5) if causal else mask_of(5, 2, 3)
    future = ~torch.ones(5, 5, dtype=torch.bool).tril() if causal else None
    expected, _ = theirs(x, x, x, key_padding_mask=~mask, attn_mask=future)
    close(ours(x, None if causal else mask[:, None, None], causal=causal)[0], expected)


def test_attention_to_the_source_is_that_of_torch() -> None:
    theirs, ours = shuffled(nn.MultiheadAttention(DIM, HEADS, batch_first=True)), CrossAttention(DIM, HEADS)
    take_attention(ours, theirs)
    x, source, mask = torch.randn(6, 4, DIM), torch.randn(3, 5, DIM), mask_of(5, 2, 3)
    repeated = source.repeat_interleave(2, 0)  # two hypotheses of each sentence
    padding = ~mask.repeat_interleave(2, 0)
    expected, maps = theirs(x, repeated, repeated, key_padding_mask=padding, average_attn_weights=False)
    for wanted in (True, False):
        mixed, share = ours(x, ours.remember(source), mask, wanted)
        close(mixed, expected)
        assert (share is None) != wanted
    close(ours(x, ours.remember(source), mask, True)[1], maps)


def test_additive_attention_is_bahdanaus_equation() -> None:
    score = shuffled(Additive(4, 6, 3))
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


TORCH_CELLS: dict[str, Callable[..., nn.RNNBase]] = {"tanh": nn.RNN, "lstm": nn.LSTM, "gru": nn.GRU}


@pytest.mark.parametrize("lengths", [(6, 6), (6, 2, 4, 1)], ids=["full", "padded"])
@pytest.mark.parametrize("name", CELLS)
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


def test_the_forget_gate_of_a_new_lstm_remembers() -> None:
    cell = CELLS["lstm"](3, 4)
    assert (cell.input.bias + cell.hidden.bias)[4:8].tolist() == [1.0] * 4
    assert all(p.abs().max() <= 1 / math.sqrt(4) or p is cell.input.bias for p in cell.parameters())


@pytest.mark.parametrize("name", NORMS)
def test_a_norm_is_its_formula_and_that_of_torch(name: str) -> None:
    x, ours = 3 * torch.randn(4, 2, DIM) + 1, shuffled(NORMS[name](DIM))
    for row, got in zip(x.flatten(0, 1).tolist(), ours(x).flatten(0, 1).tolist(), strict=True):
        mean = sum(row) / DIM if name == "layer" else 0.0
        spread = math.sqrt(sum((value - mean) ** 2 for value in row) / DIM + ours.eps)
        bias = ours.bias.tolist() if name == "layer" else [0.0] * DIM
        rest = zip(ours.gain.tolist(), bias, row, strict=True)
        assert got == pytest.approx([gain * (value - mean) / spread + b for gain, b, value in rest])
    theirs = nn.LayerNorm(DIM, eps=ours.eps) if name == "layer" else nn.RMSNorm(DIM, eps=ours.eps)
    theirs.load_state_dict({key.replace("gain", "weight"): value for key, value in ours.state_dict().items()})
    close(ours(x), theirs(x))


@pytest.mark.parametrize("start", [0, 3, 250])
def test_sinusoids_are_the_papers(start: int) -> None:
    got = sinusoids(start, 7, DIM, torch.zeros(1)).tolist()
    for place, row in enumerate(got, start=start):
        angles = [place / 10_000 ** (2 * i / DIM) for i in range(DIM // 2)]
        expected = [math.sin(angle) for angle in angles] + [math.cos(angle) for angle in angles]
        assert row == pytest.approx(expected, abs=1e-4)  # angles are taken in float32


@pytest.mark.parametrize("name", POSITIONS)
def test_positions_begin_where_the_tokens_before_ended(name: str) -> None:
    positions, x = POSITIONS[name](DIM, 6), torch.zeros(2, 9, DIM)
    whole = positions(x, 0)
    close(torch.cat([positions(x[:, :4], 0), positions(x[:, 4:], 4)], dim=1), whole)
    assert all(not torch.allclose(a, b) for a, b in pairwise(whole[0, :6]))
    assert torch.equal(whole[0], whole[1])


def test_learned_positions_beyond_the_last_are_the_last() -> None:
    positions = POSITIONS["learned"](DIM, 6)
    close(positions(torch.zeros(1, 4, DIM), 4)[0], next(positions.parameters())[[4, 5, 5, 5]])


@pytest.mark.parametrize(("joint", "tied", "matrices"), [(True, True, 1), (False, True, 2), (True, False, 3)])
def test_embeddings_share_what_they_are_told_to(joint: bool, tied: bool, matrices: int) -> None:
    words = shuffled(Vocabulary(7, 7, DIM, joint=joint, tied=tied))
    assert len([p for p in words.parameters() if p.dim() == 2]) == matrices
    ids = torch.tensor([[3, 6]])
    close(words.target(ids), words.target.weight[ids] * math.sqrt(DIM))
    x = torch.randn(2, DIM)
    close(words.output(x), x @ (words.target if tied else words.output).weight.T + words.output.bias)


def test_a_joint_vocabulary_has_one_size() -> None:
    with pytest.raises(ValueError, match="one size, not 7 and 8"):
        Vocabulary(7, 8, DIM, joint=True, tied=True)


@pytest.mark.parametrize("smoothing", [0.0, 0.1, 0.6])
@pytest.mark.parametrize("chunk", [1, 30, 2**22], ids=["a row", "some rows", "all"])
def test_the_loss_and_its_gradients_are_those_of_torch(
    smoothing: float, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(losses, "CHUNK_NUMBERS", chunk)
    layer, targets = shuffled(nn.Linear(4, 9)), torch.randint(9, (11,))
    features = (5 * torch.randn(11, 4)).requires_grad_()
    ours = losses.cross_entropy_sum(layer, features, targets, smoothing) / 7
    theirs = nn.functional.cross_entropy(layer(features), targets, reduction="sum", label_smoothing=smoothing) / 7
    close(ours, theirs)
    inputs = [features, *layer.parameters()]
    for mine, other in zip(torch.autograd.grad(ours, inputs), torch.autograd.grad(theirs, inputs), strict=True):
        close(mine, other)
    with torch.no_grad():
        close(losses.cross_entropy_sum(layer, features, targets, smoothing) / 7, theirs)


def test_the_loss_of_large_scores_is_finite_and_that_of_no_token_0() -> None:
    x = torch.tensor([[9e3, -9e3, 0.0]], requires_grad=True)
    large = losses.cross_entropy_sum(lambda y: y * 1.0, x, torch.tensor([2]))
    large.backward()
    assert large.item() == pytest.approx(9e3)
    assert x.grad is not None
    assert x.grad.tolist() == [[1.0, 0.0, -1.0]]
    assert losses.cross_entropy_sum(lambda y: y, torch.zeros(0, 3), torch.zeros(0, dtype=torch.long)).item() == 0.0


@pytest.mark.parametrize("share", [0.1, 0.25, 0.5, 0.9])
def test_dropout_keeps_the_mean_and_drops_its_share_at_every_place(share: float) -> None:
    dropped = Dropout(share)(torch.ones(400, 1_000))
    assert dropped.mean().item() == pytest.approx(1.0, abs=6 * math.sqrt(share / (1 - share) / 400_000))
    zeros = (dropped == 0).double()
    close(dropped[dropped != 0], torch.full_like(dropped[dropped != 0], 1 / (1 - share)), rtol=2e-4, atol=0.0)
    for lane in range(4):  # four numbers are cut out of one draw
        assert zeros[:, lane::4].mean().item() == pytest.approx(share, abs=6 * math.sqrt(share * (1 - share) / 1e5))
    both = (zeros[:, :-1] * zeros[:, 1:]).mean().item()
    assert both == pytest.approx(share**2, abs=0.006)


def test_dropout_does_nothing_in_use_and_at_a_share_of_0() -> None:
    x = torch.randn(5, 7)
    assert torch.equal(Dropout(0.5).eval()(x), x)
    assert torch.equal(Dropout(0.0)(x), x)
    assert not torch.equal(Dropout(0.5)(x), Dropout(0.5)(x))


@pytest.mark.parametrize("shape", [(7,), (3, 5, 11), (2, 0, 3)])
def test_the_gradient_of_dropout_is_its_mask(shape: tuple[int, ...]) -> None:
    x, outer = torch.randn(shape, requires_grad=True), torch.randn(shape)
    y = Dropout(0.25)(x)
    y.backward(outer)
    close(x.grad, outer * (y != 0) / 0.75)
    close(y, x * (y != 0) / 0.75)


def take_layer(ours: Any, theirs: Any, *norms: str) -> None:
    names = {"linear1": "feed_forward.inner", "linear2": "feed_forward.outer"}
    names |= {f"norm{i}": norm for i, norm in enumerate(norms, start=1)}
    for other, mine in names.items():
        state = theirs.get_submodule(other).state_dict()
        weight = "gain" if mine in norms else "weight"
        ours.get_submodule(mine).load_state_dict({weight: state["weight"], "bias": state["bias"]})
    take_attention(ours.attention, theirs.self_attn)


@pytest.mark.parametrize("place", ["pre", "post"])
def test_an_encoder_layer_is_that_of_torch(place: str) -> None:
    settings = [f"model.{s}" for s in (f"dim={DIM}", f"heads={HEADS}", "dropout=0.0", f"norm_place={place}")]
    theirs = nn.TransformerEncoderLayer(DIM, HEADS, 4 * DIM, 0.0, batch_first=True, norm_first=place == "pre")
    ours = EncoderLayer(recipe.load(None, "transformer", settings).model)  # type: ignore[arg-type]
    take_layer(ours, shuffled(theirs), "attended.norm", "fed.norm")
    x, mask = torch.randn(3, 5, DIM), mask_of(5, 2, 3)
    close(ours(x, mask[:, None, None])[mask], theirs(x, src_key_padding_mask=~mask)[mask])


@pytest.mark.parametrize("place", ["pre", "post"])
def test_a_decoder_layer_is_that_of_torch(place: str) -> None:
    settings = [f"model.{s}" for s in (f"dim={DIM}", f"heads={HEADS}", "dropout=0.0", f"norm_place={place}")]
    theirs = nn.TransformerDecoderLayer(DIM, HEADS, 4 * DIM, 0.0, batch_first=True, norm_first=place == "pre")
    ours = DecoderLayer(recipe.load(None, "transformer", settings).model)  # type: ignore[arg-type]
    take_layer(ours, shuffled(theirs), "attended.norm", "crossed.norm", "fed.norm")
    take_attention(ours.cross, theirs.multihead_attn)
    x, source, mask = torch.randn(3, 4, DIM), torch.randn(3, 5, DIM), mask_of(5, 2, 3)
    future = ~torch.ones(4, 4, dtype=torch.bool).tril()
    expected = theirs(x, source, tgt_mask=future, memory_key_padding_mask=~mask)
    close(ours(x, None, ours.cross.remember(source), mask, False)[0], expected)


def test_an_ensemble_is_as_likely_as_its_members_on_average() -> None:
    members = [tiny("rnn-gru", seed=1), tiny("attention-gru", seed=2)]
    features = 300 * torch.randn(4, 16)  # so sure that a probability of one member is 0 in the other
    shares = [m.logits(part).softmax(-1) for m, part in zip(members, features.split(8, dim=-1), strict=True)]
    log_mean = Ensemble(members).logits(features)
    assert log_mean.isfinite().all()
    close(log_mean.exp(), (shares[0] + shares[1]) / 2)
    assert Ensemble(members).feature_dim == 16
