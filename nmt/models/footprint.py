"""Bytes that a model holds on to: for its backward pass, and while it decodes."""

from collections.abc import Iterator
from dataclasses import fields
from typing import Any

import torch
from torch import Tensor

from nmt.models.base import Rows, Seq2Seq
from nmt.recipe import LexicalConfig, ModelConfig, RecurrentConfig


def activations(model: Seq2Seq[Any, Any], src: Tensor, mask: Tensor, tgt_in: Tensor, tgt_out: Tensor) -> int:
    """(B, S), (B, S), two (B, T) -> bytes that a forward pass keeps for the backward pass, as autograd stores them.

    The model is left in training mode; its weights are not counted.
    """
    own = {parameter.untyped_storage().data_ptr() for parameter in model.parameters()}
    kept: dict[int, int] = {}
    held: list[Tensor] = []  # or else freed storages would be counted as one at the same address

    def pack(tensor: Tensor) -> Tensor:
        storage = tensor.untyped_storage()
        if storage.data_ptr() not in own:
            kept[storage.data_ptr()] = storage.nbytes()
            held.append(tensor)
        return tensor

    model.train()
    with torch.autograd.graph.saved_tensors_hooks(pack, lambda tensor: tensor):
        loss, tokens = model(src, mask, tgt_in, tgt_out)
    with torch.no_grad():
        logits = model.logits(next(model.parameters()).new_zeros(1, model.feature_dim))
    assert loss.requires_grad
    return sum(kept.values()) + int(tokens) * logits.nbytes  # which become their own gradient, out of the hooks' sight


def least_parameters(config: ModelConfig, source_size: int, target_size: int) -> int:
    """A number of parameters that a model of this config has at the least, without making one; 0 for a table.

    For vocabularies of these sizes. What it leaves out is smaller than what it counts.
    """
    if isinstance(config, LexicalConfig):
        return 0
    layers, dim = config.layers, config.dim
    embedding = (getattr(config, "embedding_dim", None) or dim) * max(source_size, target_size)
    places = config.max_length if config.learns_places else 0
    inside = getattr(config, "feed_forward_dim", None) or 0
    reservoir = config.reservoir.dim or 0 if isinstance(config, RecurrentConfig) else 0
    return layers * dim * (dim + inside) + embedding + places + reservoir**2


def held(*parts: Rows) -> int:
    """Bytes of what memories and states are made of: whole storages, each counted once, also where a view is kept."""
    storages = [tensor.untyped_storage() for tensor in _tensors(parts)]
    return sum({storage.data_ptr(): storage.nbytes() for storage in storages}.values())


def _tensors(value: Any) -> Iterator[Tensor]:
    if isinstance(value, Tensor):
        yield value
    elif isinstance(value, tuple):
        for part in value:
            yield from _tensors(part)
    elif isinstance(value, Rows):
        yield from _tensors(tuple(getattr(value, field.name) for field in fields(value)))
