"""The parts of the models against torch's own, and against loops from the papers' equations."""

import math
from typing import Any

import pytest
import torch
from conftest import mask_of, model_config, shuffled, take, tiny
from torch import nn

from nmt.models import loss as losses
from nmt.models.attention import CrossAttention, SelfAttention, SimpleSelfAttention, self_attention
from nmt.models.dropout import Dropout
from nmt.models.embedding import Vocabulary
from nmt.models.ensemble import Ensemble
from nmt.models.layers import EncoderLayer, Sublayer, feed_forward
from nmt.models.norms import NORMS
from nmt.models.transformer import DecoderLayer

DIM, HEADS = 12, 3
close = torch.testing.assert_close


pytestmark = pytest.mark.usefixtures("double")


def config(*settings: str) -> Any:
    """The [model] of a Transformer of this file's size without dropout."""
    return model_config("transformer", f"dim={DIM}", f"heads={HEADS}", *settings)


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
    theirs, ours = shuffled(nn.MultiheadAttention(DIM, HEADS, batch_first=True)), SelfAttention(config(), HEADS)
    take_attention(ours, theirs)
    x, mask = torch.randn(3, 5, DIM), mask_of(5, 5, 5) if causal else mask_of(5, 2, 3)
    future = ~torch.ones(5, 5, dtype=torch.bool).tril() if causal else None
    expected, _ = theirs(x, x, x, key_padding_mask=~mask, attn_mask=future)
    close(ours(x, None if causal else mask[:, None, None], causal=causal)[0], expected)


@pytest.mark.parametrize(("kind", "heads"), [("simple", 1), ("single", 1), ("multi", HEADS)])
def test_each_kind_of_self_attention_has_its_heads(kind: str, heads: int) -> None:
    ours, x = shuffled(self_attention(config(f"attention={kind}"))), torch.randn(2, 5, DIM)
    assert ours.heads == heads
    if kind != "simple":
        theirs = nn.MultiheadAttention(DIM, heads, batch_first=True)
        take(theirs, in_proj_weight=ours.projection.weight, in_proj_bias=ours.projection.bias,
             out_proj__weight=ours.output.weight, out_proj__bias=ours.output.bias)  # fmt: skip
        close(ours(x)[0], theirs(x, x, x)[0])


def test_simple_self_attention_compares_positions_as_they_are() -> None:
    x = torch.randn(2, 4, DIM)
    for scaled, root in (("true", math.sqrt(DIM)), ("false", 1.0)):
        ours = SimpleSelfAttention(config("attention=simple", f"scale_attention={scaled}"), 1)
        assert not list(ours.parameters())
        got, _ = ours(x, causal=True)
        for sentence in (0, 1):
            rows = x[sentence].tolist()
            for t in range(4):
                energies = [sum(a * b for a, b in zip(rows[t], rows[s], strict=True)) / root for s in range(t + 1)]
                shares = [math.exp(energy - max(energies)) for energy in energies]
                expected = [sum(w * rows[s][i] for s, w in enumerate(shares)) / sum(shares) for i in range(DIM)]
                assert got[sentence, t].tolist() == pytest.approx(expected)


def test_attention_that_is_not_scaled_is_that_of_queries_as_much_longer() -> None:
    plain, bare = SelfAttention(config(), HEADS), SelfAttention(config("scale_attention=false"), HEADS)
    weights = shuffled(plain).state_dict()
    bare.load_state_dict(weights)
    for key in ("projection.weight", "projection.bias"):
        weights[key][:DIM] *= math.sqrt(DIM / HEADS)
    plain.load_state_dict(weights)
    x = torch.randn(2, 5, DIM)
    close(bare(x)[0], plain(x)[0])
    crossed, uncrossed = CrossAttention(config()), CrossAttention(config("scale_attention=false"))
    weights = shuffled(crossed).state_dict()
    uncrossed.load_state_dict(weights)
    for key in ("query.weight", "query.bias"):
        weights[key] *= math.sqrt(DIM / HEADS)
    crossed.load_state_dict(weights)
    y, mask = torch.randn(2, 3, DIM), mask_of(5, 2)
    for wanted in (True, False):
        close(uncrossed(y, uncrossed.remember(x), mask, wanted)[0], crossed(y, crossed.remember(x), mask, wanted)[0])


@pytest.mark.parametrize("kind", ["relu", "gelu", "gated"])
def test_a_feed_forward_layer_is_its_formula(kind: str) -> None:
    layer, _ = feed_forward(config(f"feed_forward={kind}", "feed_forward_dim=5"))
    x = torch.randn(3, DIM)
    w = {name: p.tolist() for name, p in shuffled(layer).named_parameters()}

    def linear(name: str, row: list[float]) -> list[float]:
        weights, biases = w[f"{name}.weight"], w[f"{name}.bias"]
        return [sum(a * b for a, b in zip(line, row, strict=True)) + c for line, c in zip(weights, biases, strict=True)]

    for row, got in zip(x.tolist(), layer(x).tolist(), strict=True):
        inner = linear("inner", row)
        if kind == "relu":
            inner = [max(0.0, y) for y in inner]
        elif kind == "gelu":
            inner = [y * 0.5 * (1 + math.erf(y / math.sqrt(2))) for y in inner]
        else:
            inner = [y * g / (1 + math.exp(-g)) for y, g in zip(inner, linear("gate", row), strict=True)]
        assert got == pytest.approx(linear("outer", inner))


def test_a_gated_layer_has_about_as_many_weights_as_one_without_a_gate() -> None:
    plain, gated = (feed_forward(model_config("transformer", f"feed_forward={k}"))[0] for k in ("relu", "gated"))
    count = [sum(p.numel() for p in layer.parameters()) for layer in (plain, gated)]
    assert count[1] == pytest.approx(count[0], rel=0.01)


@pytest.mark.parametrize("place", ["pre", "post"])
@pytest.mark.parametrize("residual", ["true", "false"])
def test_a_sublayer_is_its_formula(place: str, residual: str) -> None:
    ours = shuffled(Sublayer(config(f"norm_place={place}", f"residual={residual}")))
    x, twice = torch.randn(2, 3, DIM), lambda y: 2 * y + 1
    kept = x if residual == "true" else 0
    close(ours(x, twice), kept + twice(ours.norm(x)) if place == "pre" else ours.norm(kept + twice(x)))


def test_a_layer_without_feed_forward_is_attention_alone() -> None:
    ours = EncoderLayer(config("feed_forward=none"))
    x, mask = torch.randn(2, 4, DIM), mask_of(4, 4)[:, None, None]
    close(ours(x, mask), x + ours.attention(ours.attended.norm(x), mask)[0])
    assert {name.partition(".")[0] for name, _ in ours.named_parameters()} == {"attention", "attended"}


def test_attention_to_the_source_is_that_of_torch() -> None:
    theirs, ours = shuffled(nn.MultiheadAttention(DIM, HEADS, batch_first=True)), CrossAttention(config())
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


@pytest.mark.parametrize("name", ["layer", "rms"])
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


def test_dynamic_tanh_is_its_formula() -> None:
    ours, x = shuffled(NORMS["tanh"](DIM)), torch.randn(3, DIM)
    slope, gain, bias = (p.tolist() for p in (ours.slope, ours.gain, ours.bias))
    for row, got in zip(x.tolist(), ours(x).tolist(), strict=True):
        expected = [math.tanh(slope[0] * y) * g + b for y, g, b in zip(row, gain, bias, strict=True)]
        assert got == pytest.approx(expected)
    assert NORMS["tanh"](3).slope.tolist() == [0.5]
    assert NORMS["none"](DIM)(x) is x


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
    theirs = nn.TransformerEncoderLayer(DIM, HEADS, 4 * DIM, 0.0, batch_first=True, norm_first=place == "pre")
    ours = EncoderLayer(config(f"norm_place={place}"))
    take_layer(ours, shuffled(theirs), "attended.norm", "fed.norm")
    x, mask = torch.randn(3, 5, DIM), mask_of(5, 2, 3)
    close(ours(x, mask[:, None, None])[mask], theirs(x, src_key_padding_mask=~mask)[mask])


@pytest.mark.parametrize("place", ["pre", "post"])
def test_a_decoder_layer_is_that_of_torch(place: str) -> None:
    theirs = nn.TransformerDecoderLayer(DIM, HEADS, 4 * DIM, 0.0, batch_first=True, norm_first=place == "pre")
    ours = DecoderLayer(config(f"norm_place={place}"))
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
