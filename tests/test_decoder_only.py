"""The decoder-only Transformer against torch's own encoder under a causal mask, over one sequence."""

from typing import Any

import pytest
import torch
from conftest import VOCAB, Sentences, mask_of, model_config, shuffled, tiny
from torch import nn

from nmt import models
from nmt.data.batches import collate
from nmt.models.positions import sinusoids

DIM, HEADS, LAYERS = 12, 3, 2
close = torch.testing.assert_close
pytestmark = pytest.mark.usefixtures("double")


def torchs(model: Any, place: str) -> nn.TransformerEncoder:
    """The same layers, of torch."""
    layer = nn.TransformerEncoderLayer(DIM, HEADS, 4 * DIM, 0.0, batch_first=True, norm_first=place == "pre")
    norm = nn.LayerNorm(DIM) if place == "pre" else None
    stack = nn.TransformerEncoder(layer, LAYERS, norm, enable_nested_tensor=False)
    names = {
        "self_attn.in_proj_weight": "attention.projection.weight",
        "self_attn.in_proj_bias": "attention.projection.bias",
        "self_attn.out_proj.weight": "attention.output.weight",
        "self_attn.out_proj.bias": "attention.output.bias",
        "norm1.weight": "attended.norm.gain",
        "norm1.bias": "attended.norm.bias",
        "norm2.weight": "fed.norm.gain",
        "norm2.bias": "fed.norm.bias",
    }
    for theirs, mine in (("linear1", "inner"), ("linear2", "outer")):
        names |= {f"{theirs}.{part}": f"feed_forward.{mine}.{part}" for part in ("weight", "bias")}
    ours = dict(model.named_parameters())
    weights = {f"layers.{i}.{key}": ours[f"layers.{i}.{name}"] for i in range(LAYERS) for key, name in names.items()}
    if norm is not None:
        weights |= {"norm.weight": ours["norm.gain"], "norm.bias": ours["norm.bias"]}
    stack.load_state_dict(weights)
    return stack


@pytest.mark.parametrize("place", ["pre", "post"])
def test_it_is_one_causal_stack_over_source_separator_and_target(place: str) -> None:
    settings = [f"dim={DIM}", f"heads={HEADS}", f"layers={LAYERS}", f"norm_place={place}"]
    model: Any = shuffled(models.build(model_config("decoder", *settings), VOCAB, VOCAB, True))
    batch = collate([[5, 6, 7, 9], [8]], [[9, 4], [5, 7]])
    memory = model.encode(batch.src, batch.src_mask)
    got = model.decode(batch.tgt_in, model.initial_state(memory, 2), memory).features
    stack = torchs(model, place)
    for row in (0, 1):
        sequence = torch.cat([batch.src[row][batch.src_mask[row]], batch.tgt_in[row]])
        x = model.embedding.target(sequence) + sinusoids(torch.arange(len(sequence)), DIM)
        causal = nn.Transformer.generate_square_subsequent_mask(len(sequence), dtype=torch.float64)
        expected = stack(x[None], mask=causal, is_causal=True)[0, -batch.tgt_in.size(1) :]
        close(got[row], expected, atol=1e-6, rtol=1e-6)  # sinusoids are taken in float32


def test_its_map_is_the_source_part_of_attention_made_to_sum_to_one(sentences: Sentences) -> None:
    model = tiny("decoder")
    memory = model.encode(sentences.src, sentences.mask)
    maps = model.decode(sentences.tgt_in, model.initial_state(memory, 4), memory, attention=True).maps
    layer, row, length = model.layers[0], 0, int(sentences.mask[0].sum())
    sequence = torch.cat([sentences.src[row][sentences.mask[row]], sentences.tgt_in[row]])
    x = model.embedding.target(sequence) + sinusoids(torch.arange(len(sequence)), 8)
    theirs = nn.MultiheadAttention(8, 2, batch_first=True)
    attention = layer.attention
    weights = {"in_proj_weight": attention.projection.weight, "in_proj_bias": attention.projection.bias}
    weights |= {f"out_proj.{part}": getattr(attention.output, part) for part in ("weight", "bias")}
    theirs.load_state_dict(weights)
    y = layer.attended.norm(x)[None]
    causal = ~mask_of(*range(1, len(sequence) + 1))
    _, shares = theirs(y, y, y, attn_mask=causal, average_attn_weights=False)
    of_source = shares[0, :, length:, :length]
    close(maps[row, :2, :, :length], of_source / of_source.sum(-1, keepdim=True), atol=1e-6, rtol=1e-6)


def test_a_target_begins_where_its_own_source_ends(sentences: Sentences) -> None:
    model = tiny("decoder")
    memory = model.encode(sentences.src, sentences.mask)
    state = model.initial_state(memory, 8)
    assert state.start.tolist() == [length for length in sentences.mask.sum(1).tolist() for _ in (0, 1)]
