"""What a part of a model costs in training: bytes that it keeps for the backward pass, and operations."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Shape:
    """A batch, as padded tensors have it, or a mean one: numbers need not be whole."""

    rows: float
    """B."""
    source: float
    """S, the end counted."""
    target: float
    """T, the beginning counted."""

    @property
    def source_tokens(self) -> float:
        """B S."""
        return self.rows * self.source

    @property
    def target_tokens(self) -> float:
        """B T."""
        return self.rows * self.target

    @property
    def looks(self) -> float:
        """B T S: pairs of a target and a source place."""
        return self.rows * self.target * self.source


@dataclass(frozen=True)
class Numbers:
    """Bytes of the numbers that a backward pass reads again."""

    product: int = 4
    """Of one that goes into a matrix product or comes out of it: 2 under bf16 and fp16."""
    sum: int = 4
    """Of one in a residual sum, a norm or a softmax, which autocast leaves in fp32."""

    @property
    def softmax(self) -> int:
        """Of a share of attention that is written out: what softmax gives, and its copy for the product after it."""
        return self.sum + (self.product if self.product != self.sum else 0)


@dataclass(frozen=True)
class Cost:
    """Of one part."""

    bytes: float = 0.0
    """Kept from the forward pass to the backward pass."""
    operations: float = 0.0
    """Of matrix products, forward and backward, a multiply-add as two."""

    def __add__(self, other: "Cost") -> "Cost":
        return Cost(self.bytes + other.bytes, self.operations + other.operations)

    def __mul__(self, count: float) -> "Cost":
        return Cost(self.bytes * count, self.operations * count)


def product(matrix: float, tokens: float) -> Cost:
    """A matrix of so many numbers and so many vectors: forward once, and backward for either factor's gradient."""
    return Cost(0.0, 6.0 * matrix * tokens)


def kept(bytes_each: float, tokens: float) -> Cost:
    """So many bytes for each of so many tokens."""
    return Cost(bytes_each * tokens)


def mask(width: float, dropout: float) -> float:
    """Bytes for a token of where dropout was: one for each number, none without dropout."""
    return width if dropout else 0.0


def output(width: int, types: int, tokens: float, numbers: Numbers) -> tuple[Cost, Cost]:
    """The output layer's features, and logits that become their own gradient."""
    return kept(width * numbers.product, tokens) + product(width * types, tokens), kept(types * numbers.product, tokens)
