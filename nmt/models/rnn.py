"""`--arch rnn` and `--arch attention`: one class, which differs in its score function.

Without one, all a decoder knows of the sentence is a single vector (Sutskever et al. 2014; Cho et al. 2014).
With one, every step looks at every source state: before its recurrent step, which then reads what was seen (Bahdanau
et al. 2015), or after it (Luong et al. 2015). State and context are joined in an attentional vector,
h~ = tanh(W [h; c]) (Luong et al. 2015, equation 5), which the next step may be fed (section 3.3). Bahdanau's order is
taken with the same vector, in place of his maxout layer, and with a first state from both ends of the source.
"""

from dataclasses import dataclass, replace

import torch
from torch import Tensor, nn

from nmt.models import cells
from nmt.models.base import Decoded, Places, Rows, Seq2Seq
from nmt.models.cells import Cell, decoder_cell, encoder_cell
from nmt.models.dropout import Dropout
from nmt.models.embedding import Vocabulary
from nmt.models.scores import SCORES, attend
from nmt.recipe import RecurrentConfig

QUERIES = 32
"""Decoder states of a sentence compared with the source at once, outside of training."""


@dataclass(frozen=True)
class Memory(Rows):
    """What the encoder leaves: the decoder's first state, and all source states or the one vector."""

    first: Tensor
    """(B, L, parts, D)."""
    mask: Tensor
    """(B, S)."""
    values: Tensor
    """(B, S, E) source states, or (B, 1, E) the one vector; E is the encoder's width."""
    keys: Tensor
    """(B, S, D or E) what the score function compares a state with; the values themselves without one."""


@dataclass(frozen=True)
class State(Rows):
    """Where the decoder stands."""

    layers: Tensor
    """(N, L, parts, D)."""
    fed: Tensor
    """(N, D) the attentional vector of the last step, or (N, E) the one vector."""


class Encoder(nn.Module):
    """Layers of a recurrent cell over the source, read from one end or from both."""

    def __init__(self, config: RecurrentConfig, input_dim: int) -> None:
        super().__init__()
        self.directions = 2 if config.bidirectional else 1
        width = config.encoder_dim // self.directions
        self.layers = nn.ModuleList(
            nn.ModuleList(
                encoder_cell(config, input_dim if i == 0 else config.encoder_dim, width) for _ in range(self.directions)
            )
            for i in range(config.layers)
        )
        self.reverse = config.reverse_source
        self.dropout = Dropout(config.dropout)

    def forward(self, x: Tensor, mask: Tensor) -> tuple[Tensor, Tensor]:
        """(B, S, input), (B, S) -> states (B, S, E), last states (B, L, parts, E)."""
        last = []
        padded = None if mask.all() else mask
        for i, layer in enumerate(self.layers):
            x = self.dropout(x) if i else x
            ends = []
            sides = []
            assert isinstance(layer, nn.ModuleList)
            for direction, cell in enumerate(layer):
                assert isinstance(cell, Cell)
                start = x.new_zeros(len(x), cell.parts, cell.dim)
                side, end = cells.run(cell, x, padded, start, backward=self.reverse or direction == 1)
                sides.append(side)
                ends.append(end)
            x = torch.cat(sides, dim=-1)
            last.append(torch.cat(ends, dim=-1))
        return x, torch.stack(last, dim=1)


class Recurrent(Seq2Seq[Memory, State]):
    """Encoder-decoder of recurrent cells, with or without attention."""

    def __init__(self, config: RecurrentConfig, source_size: int, target_size: int, joint: bool) -> None:
        super().__init__()
        self.config, self.max_length = config, config.max_length
        dim, read, width = config.dim, config.encoder_dim, config.embedding_dim or config.dim
        fixed = config.cell == "reservoir"
        self.embedding = Vocabulary(
            source_size, target_size, width, joint=joint, tied=config.tie_embeddings, fixed_source=fixed
        )
        self.dropout = Dropout(config.dropout)
        self.encoder = Encoder(config, width)
        self.step_by_step = config.input_feeding or config.attend == "before"  # reads what was seen, and waits for it
        seen = config.attend == "before" or config.context == "every"
        first = width + (dim if config.input_feeding else read if seen else 0)
        self.decoder = nn.ModuleList(decoder_cell(config, first if i == 0 else dim, dim) for i in range(config.layers))
        self.bridge = nn.Linear(read, dim)
        self.score = None if config.score == "none" else SCORES[config.score](dim, read, dim, config.max_length)
        self.join = nn.Linear(dim + read, dim) if self.score or config.context == "every" else None
        self.narrow = nn.Linear(dim, width) if width != dim else nn.Identity()

    def encode(self, src: Tensor, mask: Tensor) -> Memory:
        """(B, S), (B, S) -> memory; the first state is tanh(W h) of each layer's last one."""
        values, last = self.encoder(self.dropout(self.embedding.source(src)), mask)
        first = torch.tanh(self.bridge(last))
        if self.score is None:
            values = last[:, -1, :1]  # (B, 1, E): the bottleneck
            return Memory(first, mask.new_ones(len(mask), 1), values, values)
        return Memory(first, mask, values, self.score.keys(values))

    def initial_state(self, memory: Memory, rows: int) -> State:
        """The encoder's last states; what is fed is 0 at first or, with context = every, always the one vector."""
        copies = rows // len(memory.mask)
        first = memory.first.repeat_interleave(copies, 0)
        every = self.config.context == "every"
        fed = memory.values[:, 0].repeat_interleave(copies, 0) if every else first.new_zeros(rows, self.config.dim)
        return State(first, fed)

    def decode(self, tgt: Tensor, state: State, memory: Memory, attention: bool = False) -> Decoded[State]:
        """(N, T) ids -> features (N, T, embedding width), the state after, maps (N, 1, T, S)."""
        x = self.dropout(self.embedding.target(tgt))
        if self.step_by_step:
            features, maps, state = self._one_by_one(x, state, memory)
        else:
            features, maps, state = self._all_at_once(x, state, memory)
        shown = maps[:, None] if attention and maps is not None else None
        return Decoded(self.narrow(features), state, shown)

    def logits(self, features: Tensor) -> Tensor:
        """(.., embedding width) -> (.., V)."""
        return self.embedding.output(features)

    @property
    def feature_dim(self) -> int:
        """The width of the target embedding."""
        return self.embedding.target.weight.size(1)

    @property
    def trained_places(self) -> Places:
        """Those of a location score."""
        return Places(self.score.trained_length if self.score else None)

    def _one_by_one(self, x: Tensor, state: State, memory: Memory) -> tuple[Tensor, Tensor | None, State]:
        """Where a step reads what was seen: by itself, before it, or with input feeding by the step before.

        The embeddings' part of the first layer's product is still taken for all steps at once.
        """
        first = self.decoder[0]
        assert isinstance(first, Cell)
        of_input, of_fed = first.input.weight.split([x.size(-1), first.input.in_features - x.size(-1)], dim=1)
        projected = nn.functional.linear(x, of_input, first.input.bias)
        vectors, maps = [], []
        for step in projected.unbind(1):
            seen = self._look(state.layers[:, -1, :1], memory) if self.config.attend == "before" else None
            fed = seen[0][:, 0] if seen else state.fed
            layers = [first.step(step + fed @ of_fed.T, state.layers[:, 0])]
            for i, cell in enumerate(self.decoder[1:], start=1):
                assert isinstance(cell, Cell)
                below = self.dropout(layers[-1][:, 0])
                layers.append(cell.step(cell.project(below), state.layers[:, i]))
            h = layers[-1][:, :1]  # (N, 1, D)
            context, weights = seen or self._look(h, memory)
            vector = self._joined(h, context)
            state = State(torch.stack(layers, dim=1), vector[:, 0])
            vectors.append(vector)
            maps.append(weights)
        return torch.cat(vectors, 1), torch.cat([m for m in maps if m is not None], 1), state

    def _all_at_once(self, x: Tensor, state: State, memory: Memory) -> tuple[Tensor, Tensor | None, State]:
        """Where nothing leads from a look into the recurrence: layer by layer, then every look together."""
        if self.config.context == "every":
            x = torch.cat([x, state.fed[:, None].expand(-1, x.size(1), -1)], dim=-1)
        layers = []
        for i, cell in enumerate(self.decoder):
            assert isinstance(cell, Cell)
            x = self.dropout(x) if i else x
            x, last = cells.run(cell, x, None, state.layers[:, i])
            layers.append(last)
        state = replace(state, layers=torch.stack(layers, dim=1))
        if self.join is None:
            return self.dropout(x), None, state
        context, maps = self._look(x, memory)
        return self._joined(x, context), maps, state

    def _look(self, h: Tensor, memory: Memory) -> tuple[Tensor, Tensor | None]:
        """(N, T, D) states -> contexts (N, T, E), weights (N, T, S); without a score the one vector."""
        query = h.reshape(len(memory.mask), -1, h.size(-1))  # (B, K T, D)
        if self.score is None:
            return memory.values.expand(-1, query.size(1), -1).reshape(*h.shape[:2], -1), None
        # The additive score makes (B, T, S, D): a few queries at a time, where no gradient holds on to them.
        parts = [query] if torch.is_grad_enabled() else query.split(QUERIES, dim=1)
        looks = [attend(self.score(part, memory.keys), memory.mask, memory.values) for part in parts]
        context = torch.cat([look[0] for look in looks], dim=1)
        weights = torch.cat([look[1] for look in looks], dim=1)
        return context.reshape(*h.shape[:2], -1), weights.reshape(*h.shape[:2], -1)

    def _joined(self, h: Tensor, context: Tensor) -> Tensor:
        """(N, T, D) states, (N, T, E) contexts -> attentional vectors (N, T, D)."""
        assert self.join is not None
        return self.dropout(torch.tanh(self.join(torch.cat([h, context], dim=-1))))
