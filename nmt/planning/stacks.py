"""The cost of models of self-attention, counted off `nmt.models.transformer` and `nmt.models.decoder_only`.

For each token a sublayer keeps what its products and its softmax are to be differentiated by: the products' inputs,
what the activation function needs, queries, keys, values and what they mixed. Fused attention keeps no (T, S) shares.
"""

from nmt.models.layers import FEED_FORWARDS
from nmt.planning.cost import Cost, Numbers, Shape, kept, mask, output, product
from nmt.recipe import DecoderConfig, SelfAttentiveConfig, TransformerConfig

Parts = dict[str, Cost]


def transformer(config: TransformerConfig, types: int, shape: Shape, numbers: Numbers) -> Parts:
    """Each part of `--arch transformer` on a batch; `types` are those of the target."""
    source, target, dim = shape.source_tokens, shape.target_tokens, config.dim
    encoder = (_around(config, numbers) + _attention(config, numbers)) * source
    encoder += (
        _between(config, shape.rows * shape.source**2) + kept(numbers.sum, source) + _fed(config, source, numbers)
    )
    own = (_around(config, numbers) + _attention(config, numbers)) * target
    own += _between(config, shape.rows * shape.target**2) + _fed(config, target, numbers)
    across = (_around(config, numbers) + kept(_mixed(config, numbers) + dim * numbers.product, 1)) * target
    across += product(2 * dim**2, source) + product(2 * dim**2, target) + _between(config, shape.looks)
    across += kept(2 * dim * numbers.product + numbers.sum, source)
    features, logits = output(dim, types, target, numbers)
    return {
        "embedding": kept(mask(dim, config.dropout), source + target),
        "encoder": encoder * config.layers + _last(config, source, numbers, read_again=True),
        "decoder": own * config.layers + _last(config, target, numbers, read_again=False),
        "attention to the source": across * config.layers,
        "output layer": features,
        "logits": logits,
    }


def decoder_only(config: DecoderConfig, types: int, shape: Shape, numbers: Numbers) -> Parts:
    """Each part of `--arch decoder`, whose source ends as keys and values of the last layer, on a batch."""
    source, target, dim, number = shape.source_tokens, shape.target_tokens, config.dim, numbers.product
    simple = config.attention == "simple"
    read = (_around(config, numbers) + _attention(config, numbers)) * source + _fed(config, source, numbers)
    read += _between(config, shape.rows * shape.source**2)
    entered = dim * number if config.norm_place == "post" else _entered(config, numbers)
    known = kept(entered + simple * 2 * dim * number, source) + product(0 if simple else 3 * dim**2, source)
    written = _around(config, numbers) * target + _fed(config, target, numbers)
    # Queries twice, since they meet the source by sentence and the target by row; keys, values, and what they mixed.
    # Without weights, the query is what the norm gave, and what is mixed is read by nothing.
    vectors = 2 + (config.positions == "rotary") if simple else 5
    written += kept(vectors * dim * number, target) + product(0 if simple else 4 * dim**2, target)
    heads = dim // config.head_dim
    places = shape.looks + shape.rows * shape.target**2
    # Of a source's keys and values copies by head; one head's are those that the source's own layer kept.
    across = (
        kept((0 if simple else 2) * dim * number + 1, source)
        + kept(heads * numbers.softmax, places)
        + _between(config, places)
    )
    features, logits = output(dim, types, target, numbers)
    return {
        "embedding": kept(mask(dim, config.dropout), source + target),
        "layers over the source": read * (config.layers - 1) + known,
        "layers over the target": written * config.layers + _last(config, target, numbers, read_again=False),
        "attention": across * config.layers,
        "output layer": features,
        "logits": logits,
    }


def _entered(config: SelfAttentiveConfig, numbers: Numbers) -> float:
    """Bytes for a token of what enters a sublayer and its norm: what the norm reads and what it gives."""
    dim, given = config.dim, config.dim * numbers.product
    return (
        given
        + {
            "layer": dim * numbers.sum + 2 * numbers.sum,  # and mean and deviation
            "rms": 2 * dim * numbers.sum + numbers.sum,  # x, x / root mean square, and 1 / root mean square
            "tanh": 2 * dim * numbers.sum,  # x and its tanh
            "none": 0.0,
        }[config.norm]
    )


def _around(config: SelfAttentiveConfig, numbers: Numbers) -> Cost:
    """A sublayer's norm and dropout, for a token."""
    return Cost(_entered(config, numbers) + mask(config.dim, config.dropout))


def _mixed(config: SelfAttentiveConfig, numbers: Numbers) -> float:
    """Bytes for a token of what attention gives, and the log-sum of each head's softmax."""
    return config.dim * numbers.product + numbers.sum * config.heads


def _attention(config: SelfAttentiveConfig, numbers: Numbers) -> Cost:
    """Self-attention for a token, but for its products of queries and keys."""
    dim, number, heads = config.dim, numbers.product, config.dim // config.head_dim
    log_sums, turned = numbers.sum * heads, config.positions == "rotary"
    if config.attention == "simple":  # keys and values side by side, and what they mixed; the query is x, or turned
        return Cost((3 + turned) * dim * number + log_sums)
    copied = turned and heads > 1  # heads side by side again; unturned ones are mixed into their place
    return Cost((4 + copied) * dim * number + log_sums, product(4 * dim**2, 1).operations)


def _between(config: SelfAttentiveConfig, pairs: float) -> Cost:
    """Products of queries and keys and of shares and values, D multiply-adds each for a pair of places."""
    return product(2 * config.dim, pairs)


def _fed(config: SelfAttentiveConfig, tokens: float, numbers: Numbers) -> Cost:
    """A feed-forward sublayer."""
    if config.feed_forward == "none":
        return Cost()
    inside, number = FEED_FORWARDS[config.feed_forward].width(config), numbers.product
    matrices = 3 if config.feed_forward == "gated" else 2
    # What the function is differentiated by, and what the second matrix reads: one and the same of a ReLU alone.
    of_function = {"relu": 1, "gelu": 1, "gated": 3}[config.feed_forward]
    read = 0 if config.feed_forward == "relu" and not config.dropout else 1
    each = (of_function + read) * inside * number + mask(inside, config.dropout)
    return (_around(config, numbers) + Cost(each)) * tokens + product(matrices * config.dim * inside, tokens)


def _last(config: SelfAttentiveConfig, tokens: float, numbers: Numbers, *, read_again: bool) -> Cost:
    """What is behind the last layer: with norm_place = pre one norm more, whose result matrices read or not."""
    given = config.dim * numbers.product
    if config.norm_place == "post":
        return kept(given if read_again else 0.0, tokens)  # each sublayer gave what the next reads, but the first
    return kept(_entered(config, numbers) - (0.0 if read_again else given), tokens)
