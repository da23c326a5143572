"""`nmt probe cost`: time and memory of training and of decoding, against the length of a sentence.

A batch is one sentence pair of n random tokens on each side: what is measured is then a function of n alone. With as
many tokens in every batch, its sentences would become fewer as they become longer, and what a processor gains by
working on many rows at once would pass for a law of n. A training step is the loss and its gradients (the update of
the weights costs the same at every length); decoding reads n tokens one by one and makes the scores of the next, as a
greedy search does. Laws are fitted as n ** exponent; where fixed costs are most of a short sentence's, the upper half
of the lengths, or the upper three of a few, is nearer to the law.

The n x n weights of attention are work of O(n^2) in every model that attends, but not memory of O(n^2): the fused
kernel of a Transformer makes them piece by piece, and again going back.

cost.json: `device`, `repeats`, and `systems[]`, each with `name`, `lengths[]`, and `exponents`. One of the lengths has
`tokens`, `train_seconds`, `train_bytes` (what the forward pass keeps for the backward pass), `decode_seconds`,
`decode_bytes` (what the memory and the last state hold); `exponents` has for each of these four `all` and `upper`. What
a system cannot do is null: a table that is counted has no gradients, and no length goes beyond a model's places.
"""

import gc
import statistics
import time
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from typing import Any, Literal, TypeVar

import numpy as np
import torch

from nmt import runs
from nmt.data.batches import Batch, collate
from nmt.errors import UsageError
from nmt.evaluation.figure import PANELS, Figure, clean, legend, logarithmic, sheet, style
from nmt.evaluation.probes.probe import Probe
from nmt.evaluation.systems import System
from nmt.evaluation.table import MISSING, Table
from nmt.models.base import Seq2Seq
from nmt.models.footprint import activations, held
from nmt.tokens import SPECIALS
from nmt.translator import Translator

SHORTEST = 8
"""Tokens of a sentence, the end counted; then twice as many, and so on."""
REPEATS = 5
"""Times that each is measured after a first one that is not; the median counts."""

T = TypeVar("T")
Quantity = Literal["train_seconds", "train_bytes", "decode_seconds", "decode_bytes"]
QUANTITIES: dict[Quantity, str] = {
    "train_seconds": "training step, ms",
    "decode_seconds": "decoding, ms",
    "train_bytes": "kept for the backward pass, kB",
    "decode_bytes": "held while decoding, kB",
}
UNITS: dict[Quantity, float] = {"train_seconds": 1e-3, "decode_seconds": 1e-3, "train_bytes": 1e3, "decode_bytes": 1e3}


@dataclass(frozen=True)
class Cost:
    """Of one sentence pair of so many tokens on each side."""

    tokens: int
    train_seconds: float | None
    train_bytes: int | None
    decode_seconds: float
    decode_bytes: int


def probe(
    systems: Sequence[System],
    *,
    longest: int = 512,
    repeats: int = REPEATS,
    device: str = "auto",
    say: Callable[[str], None] = lambda message: None,
) -> Probe:
    """Costs of every system at lengths from SHORTEST to `longest`, doubled each time, that it has places for.

    Raises UsageError where none of them has any.
    """
    found: dict[str, list[Cost]] = {}
    where = ""
    for system in systems:
        say(f"{system.name}: time and memory up to {longest:,} tokens")
        translator = runs.load(system.folders[0], device)
        where = translator.device.type
        found[system.name] = measure(translator, longest, repeats)
    reached = max((each.tokens for costs in found.values() for each in costs), default=None)
    if reached is None:
        raise UsageError(f"no run has places for {SHORTEST} tokens; name one with a greater model.max_length with -m")
    title = f"Time and memory against length, up to {reached:,} tokens"
    numbers = {
        "device": where,
        "repeats": repeats,
        "systems": [
            {"name": name, "lengths": [asdict(each) for each in costs], "exponents": exponents(costs)}
            for name, costs in found.items()
        ],
    }
    return Probe("cost", numbers, _tables(title, found, repeats, where), _figure(title, found))


def measure(translator: Translator, longest: int, repeats: int) -> list[Cost]:
    """What each length costs one system; those that it has no places for are left out."""
    model, tokenizer = translator.model, translator.tokenizer
    lengths = []
    tokens = SHORTEST
    while tokens <= min(longest, model.max_length) and model.trained_places.hold(tokens, tokens):
        lengths.append(tokens)
        tokens *= 2
    draw = np.random.default_rng(1)
    batches = []
    for tokens in lengths:
        ids = [draw.integers(len(SPECIALS), len(side), tokens - 1) for side in (tokenizer.source, tokenizer.target)]
        batches.append(collate(*([side.tolist()] for side in ids)).to(translator.device))
    return [_cost(model, batch, repeats) for batch in batches]


def exponents(costs: Sequence[Cost]) -> dict[Quantity, dict[str, float | None]]:
    """For each quantity the fitted exponents over all lengths and over the upper half of them, three at least."""
    found: dict[Quantity, dict[str, float | None]] = {}
    for quantity in QUANTITIES:
        values = [(each.tokens, getattr(each, quantity)) for each in costs if getattr(each, quantity) is not None]
        found[quantity] = {
            "all": exponent(values),
            "upper": exponent(values[max(0, min(len(values) // 2, len(values) - 3)) :]),
        }
    return found


def exponent(points: Sequence[tuple[int, float]]) -> float | None:
    """k of the law c n ** k nearest to the points (n, value), by least squares on logarithms; None for under three."""
    if len(points) < 3:
        return None
    at, values = np.log(np.array(points, dtype=np.float64)).T
    return float(((at - at.mean()) * (values - values.mean())).sum() / ((at - at.mean()) ** 2).sum())


def _cost(model: Seq2Seq[Any, Any], batch: Batch, repeats: int) -> Cost:
    inputs = batch.src, batch.src_mask, batch.tgt_in, batch.tgt_out

    def train() -> None:
        loss, tokens = model(*inputs)
        (loss / tokens).backward()
        model.zero_grad()

    @torch.inference_mode()
    def decode() -> int:
        memory = model.encode(batch.src, batch.src_mask)
        state = model.initial_state(memory, len(batch.src))
        for token in batch.tgt_in.split(1, dim=1):
            decoded = model.decode(token, state, memory)
            state = decoded.state
            model.logits(decoded.features[:, -1]).argmax(-1)
        return held(memory, state)

    device, trained, kept = batch.src.device, None, None
    if any(parameter.requires_grad for parameter in model.parameters()):
        model.train()
        kept = activations(model, *inputs)
        trained, _ = _median(train, device, repeats)
    model.eval()
    decoded, size = _median(decode, device, repeats)
    return Cost(batch.src.size(1), trained, kept, decoded, size)


def _median(work: Callable[[], T], device: torch.device, repeats: int) -> tuple[float, T]:
    """Seconds, and what it gives; a first run, which allocates, is not counted, and no garbage is collected."""

    def settle() -> None:
        if device.type != "cpu":
            torch.accelerator.synchronize(device)

    made = work()
    spent = []
    with _no_collection():
        for _ in range(repeats):
            settle()
            begun = time.perf_counter()
            work()
            settle()
            spent.append(time.perf_counter() - begun)
    return statistics.median(spent), made


@contextmanager
def _no_collection() -> Iterator[None]:
    enabled = gc.isenabled()
    gc.disable()
    try:
        yield
    finally:
        if enabled:
            gc.enable()


def _tables(title: str, found: Mapping[str, Sequence[Cost]], repeats: int, device: str) -> list[Table]:
    fitted = {name: exponents(costs) for name, costs in found.items()}
    rows = [
        [name, *(f"{_number(each[quantity]['upper'])} ({_number(each[quantity]['all'])})" for quantity in QUANTITIES)]
        for name, each in fitted.items()
    ]
    note = (
        "Exponents of the sentence's length n, least squares on logarithms over the upper half of the lengths, "
        "three at least (over all in brackets), of one sentence pair of n random tokens on each side; on "
        f"{device}, median of {repeats}. What costs the same at every length holds exponents down."
    )
    head = ["exponent", "training time", "decoding time", "training memory", "decoding memory"]
    tables = [Table(title, head, rows, note)]
    kept = (
        "Training keeps what its forward pass leaves for the backward pass, without weights; decoding holds the memory "
        "of the source and the state. Fused attention, a Transformer's, keeps none of its n x n weights; any other "
        "keeps them."
    )
    tables.append(_table(title, "ms, train / decode", found, ("train_seconds", "decode_seconds"), ""))
    tables.append(_table(title, "kB, train / decode", found, ("train_bytes", "decode_bytes"), kept))
    return tables


def _table(
    title: str, what: str, found: Mapping[str, Sequence[Cost]], pair: tuple[Quantity, Quantity], note: str
) -> Table:
    lengths = sorted({each.tokens for costs in found.values() for each in costs})
    rows = []
    for tokens in lengths:
        row = [f"{tokens:,}"]
        for costs in found.values():
            each = next((cost for cost in costs if cost.tokens == tokens), None)
            row.append(" / ".join(_shown(each, quantity) for quantity in pair))
        rows.append(row)
    return Table(title, [f"tokens; {what}", *found], rows, note)


def _shown(cost: Cost | None, quantity: Quantity) -> str:
    value = None if cost is None else getattr(cost, quantity)
    return MISSING if value is None else f"{value / UNITS[quantity]:,.1f}"


def _number(value: float | None) -> str:
    return MISSING if value is None else f"{value + 0.0:.2f}"


def _figure(title: str, found: Mapping[str, Sequence[Cost]]) -> Figure:
    """Time above, memory below; training to the left, decoding to the right."""
    drawn = sheet((PANELS[0], 1.8 * PANELS[1]))
    axes = list(drawn.subplots(2, 2, sharex=True).flat)
    for axis, (quantity, label) in zip(axes, QUANTITIES.items(), strict=True):
        for place, (name, costs) in enumerate(found.items()):
            known = [each for each in costs if getattr(each, quantity) is not None]
            values = [getattr(each, quantity) / UNITS[quantity] for each in known]
            axis.plot([each.tokens for each in known], values, **style(place, name))
        for side in ("x", "y"):
            logarithmic(axis, side)
        lengths = sorted({each.tokens for costs in found.values() for each in costs})
        axis.set_xticks(lengths, [f"{tokens:,}" for tokens in lengths])
        axis.set_xticks([], minor=True)
        axis.set_title(label, fontsize=9)
        clean(axis)
    for axis in axes[2:]:
        axis.set_xlabel("tokens of a sentence")
    legend(drawn, axes[1])
    caption = "Time and memory of one sentence against its length; a straight line is a power of it, by its slope."
    return Figure("cost", title, caption, drawn)
