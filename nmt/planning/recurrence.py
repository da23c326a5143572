"""The cost of recurrent models, counted off `nmt.models.rnn`: for each token what a step is differentiated by."""

from nmt.models.cells import CELLS
from nmt.planning.cost import Cost, Numbers, Shape, kept, mask, output, product
from nmt.recipe import RecurrentConfig

KEPT = {"tanh": 1, "lstm": 7, "gru": 7}
"""Vectors of the state's width that a step keeps: tanh its result, which is the next state; an LSTM three gates, two
tanh and a state of two vectors; a GRU two gates, its candidate, the state, and U h for three gates."""
NO_GRADIENT, ONE_GRADIENT = 1 / 3, 2 / 3
"""Of the operations of a product, those that are left where neither factor is differentiated, or one alone."""


def recurrent(config: RecurrentConfig, types: int, shape: Shape, numbers: Numbers) -> dict[str, Cost]:
    """Each part of `--arch rnn` and `--arch attention` on a batch; `types` are those of the target."""
    target, width = shape.target_tokens, config.embedding_dim or config.dim
    decoder = _decoder(config, shape, numbers)
    if width != config.dim:
        decoder += kept(config.dim * numbers.product, target) + product(config.dim * width, target)
    features, logits = output(width, types, target, numbers)
    fixed = config.cell == "reservoir"
    read = 0.0 if fixed else shape.source_tokens
    parts = {
        "embedding": kept(mask(width, config.dropout) + width * numbers.product, read + target),
        "encoder": _encoder(config, width, shape, numbers) * (NO_GRADIENT if fixed else 1)
        + _bridge(config, shape, numbers),
        "decoder": decoder,
    }
    if config.score != "none":
        parts["attention to the source"] = _score(config, shape, numbers)
    return {**parts, "output layer": features, "logits": logits}


def _encoder(config: RecurrentConfig, width: int, shape: Shape, numbers: Numbers) -> Cost:
    cell, tokens = CELLS[config.cell], shape.source_tokens
    directions = 2 if config.bidirectional else 1
    one = config.encoder_dim // directions
    total = Cost()
    for layer in range(config.layers):
        read = config.encoder_dim if layer else width
        total += product(directions * cell.gates * one * (read + one), tokens)
        if config.cell == "reservoir":
            continue
        # Where padding passes a state on, tanh keeps both its result and the state.
        vectors = KEPT[config.cell] + (config.cell == "tanh")
        total += kept(vectors * config.encoder_dim * numbers.product, tokens)
        if layer:
            total += kept(read * numbers.product + mask(read, config.dropout), tokens)
    return total


def _bridge(config: RecurrentConfig, shape: Shape, numbers: Numbers) -> Cost:
    """The decoder's first state, from the encoder's last ones."""
    states = shape.rows * config.layers * CELLS[config.cell].parts
    each = (config.encoder_dim + config.dim) * numbers.product
    return kept(each, states) + product(config.encoder_dim * config.dim, states) * _share(config)


def _share(config: RecurrentConfig) -> float:
    """Of a product with the source's states: those of a reservoir are not differentiated."""
    return ONE_GRADIENT if config.cell == "reservoir" else 1.0


def _decoder(config: RecurrentConfig, shape: Shape, numbers: Numbers) -> Cost:
    """Its cells, what is fed, and the attentional vector."""
    dim, read, tokens, number = config.dim, config.encoder_dim, shape.target_tokens, numbers.product
    name = "gru" if config.cell == "reservoir" else config.cell
    joined = config.score != "none" or config.context == "every"
    before = config.score != "none" and config.attend == "before"
    fed = read if before or config.context == "every" else dim if config.input_feeding else 0
    width = config.embedding_dim or dim
    own = config.input_feeding and not config.dropout  # the attentional vector itself, which is kept already
    total = kept(0 if own else fed * number, tokens)
    one_by_one = config.input_feeding or before
    for layer in range(config.layers):
        total += kept(KEPT[name] * dim * number, tokens)
        total += product(CELLS[name].gates * dim * ((dim if layer else width + fed) + dim), tokens)
        if layer:
            whole = (
                CELLS[name].parts if one_by_one and not config.dropout else 1
            )  # the state that its vector is part of
            total += kept(whole * dim * number + mask(dim, config.dropout), tokens)
    if joined:
        total += kept((dim + read) * number + dim * number, tokens) + product((dim + read) * dim, tokens)
    return total + kept(mask(dim, config.dropout), tokens)


def _score(config: RecurrentConfig, shape: Shape, numbers: Numbers) -> Cost:
    """Queries, keys, energies and their softmax, and the mean of the source's states."""
    dim, read, number, looks = config.dim, config.encoder_dim, numbers.product, shape.looks
    source, target = shape.source_tokens, shape.target_tokens
    one_by_one = config.input_feeding or config.attend == "before"
    # The states that are compared: those of a step that is not over are the layers' own, those after it are copies.
    name = "gru" if config.cell == "reservoir" else config.cell
    query = 0 if config.attend == "before" else (CELLS[name].parts if one_by_one else 1) * dim
    total = kept(read * number, source) + kept(query * number, target)
    total += kept(numbers.softmax + one_by_one, looks) + product(read, looks) * _share(config)
    score = config.score
    if score in ("additive", "concat"):
        total += kept(dim * number, looks) + product(dim * dim, target) + product(dim * read, source) * _share(config)
        return total + Cost(0.0, 4.0 * dim * looks)  # v alone has a gradient by a product
    total += product(dim, looks) * (1.0 if score in ("general", "location") else _share(config))
    if score == "general":
        total += kept(dim * number, source) + product(dim * read, source) * _share(config)
    if score == "cosine":
        total += kept(read * number + 2 * number, source) + kept((dim + 4) * number, target) + kept(number, looks)
        total += product(dim, target)
    if score == "location":  # the weights of the places that a step may look at, picked anew at each step
        total += kept(dim * number, shape.source * (shape.target if one_by_one else 1))
    return total
