"""Bytes that a model holds on to, against what must be there by hand."""

from dataclasses import dataclass
from typing import Any

import torch
from conftest import mask_of, tiny
from torch import nn

from nmt.data.batches import collate
from nmt.models.base import Decoded, Rows, Seq2Seq
from nmt.models.footprint import activations, held


class Deep(Seq2Seq[Any, Any]):
    """Embeddings of the target, 5 wide, under so many tanh, each of which keeps what it gives."""

    feature_dim, max_length = 5, 9

    def __init__(self, depth: int, types: int) -> None:
        super().__init__()
        self.depth, self.embedding, self.output = depth, nn.Embedding(9, 5), nn.Linear(5, types)

    def encode(self, src: torch.Tensor, mask: torch.Tensor) -> Any:
        return None

    def initial_state(self, memory: Any, rows: int) -> Any:
        return None

    def decode(self, tgt: torch.Tensor, state: Any, memory: Any, attention: bool = False) -> Decoded[Any]:
        features = self.embedding(tgt)
        for _ in range(self.depth):
            features = features.tanh()
        return Decoded(features, Rows())

    def logits(self, features: torch.Tensor) -> torch.Tensor:
        return self.output(features)


def test_what_training_keeps_is_what_each_operation_keeps_and_the_gradient_of_the_logits() -> None:
    batch = collate([[4], [4]], [[4] * 3, [5] * 5])  # 10 tokens with their ends, 12 with padding
    first, deeper, wider = (
        activations(Deep(*sizes), batch.src, batch.src_mask, batch.tgt_in, batch.tgt_out)
        for sizes in ((2, 11), (3, 11), (2, 15))
    )
    assert deeper - first == 4 * 12 * 5
    assert wider - first == 4 * 10 * (15 - 11)


def test_bytes_are_of_whole_storages_each_counted_once() -> None:
    @dataclass(frozen=True)
    class Held(Rows):
        mask: torch.Tensor
        layers: tuple[Any, ...]
        length: int = 3

    shared, wide = torch.zeros(2, 5), torch.zeros(2, 30)
    inner = Held(shared, (wide[:, :10],))
    assert held(Held(shared[:1], (inner, shared)), inner) == 4 * (10 + 60)


def test_what_is_held_while_decoding_grows_with_the_length_but_for_one_vector() -> None:
    sizes: dict[str, list[int]] = {}
    for kind in ("rnn-gru", "attention-gru", "transformer-pre", "decoder"):
        model = tiny(kind)
        for length in (8, 16, 32):
            ids = torch.full((1, length), 5)
            memory = model.encode(ids, mask_of(length))
            state = model.decode(ids, model.initial_state(memory, 1), memory).state
            sizes.setdefault(kind, []).append(held(memory, state))
    one, attention, transformer, decoder = sizes.values()
    assert one[0] == one[1] == one[2]
    for grown in (attention, transformer, decoder):
        assert grown[2] - grown[1] == 2 * (grown[1] - grown[0]) > 0


def test_a_decoder_only_that_translates_holds_keys_and_values_and_no_queries() -> None:
    model = tiny("decoder").eval()
    ids = torch.full((1, 8), 5)
    with torch.no_grad():
        memory = model.encode(ids, mask_of(8))
        state = model.initial_state(memory, 1)
        for token in ids.split(1, dim=1):
            state = model.decode(token, state, memory).state
    number = next(model.parameters()).element_size()
    vectors = model.config.layers * 2 * (8 + 8)
    assert held(memory, state) == vectors * model.config.dim * number + 8 + 8  # the mask; an int64, where to begin
