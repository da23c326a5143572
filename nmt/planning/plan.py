"""A training on paper: what `nmt plan` says."""

import math
from dataclasses import dataclass, replace

from nmt.errors import UsageError
from nmt.planning import memory
from nmt.planning.cost import Cost, Numbers, Shape
from nmt.planning.devices import Device, exchange_seconds
from nmt.planning.memory import Parameters, Setting
from nmt.planning.text import Reading
from nmt.recipe import LexicalConfig, Recipe

UTILISATION = 0.3
"""Share of a device's peak that a training makes use of, where no flag says it. By the hours of Vaswani et al. 2017 and
our count of operations, their base model made use of 0.29 of the 9.5 TFLOP/s that they give a P100, their big one of
0.42."""
PROCESS = 2**30
"""Bytes of Python, torch, and the device's own libraries, beside everything that is counted: an assumption."""
CHECKPOINT_BYTES = 4
"""Of a weight in a file; Adam's two means are as many again, each."""


@dataclass(frozen=True)
class Means:
    """What a training is done with, but for the number of devices."""

    device: Device
    utilisation: float = UTILISATION
    network: float = 25e9
    """Bytes a second between nodes."""
    sharded: bool = False


@dataclass(frozen=True)
class Work:
    """What is to be computed, however many devices do it."""

    updates: int
    epochs: float
    tokens: float
    """Target tokens of an update: the global batch."""
    operations_per_token: float

    @property
    def operations(self) -> float:
        """In all."""
        return self.updates * self.tokens * self.operations_per_token


@dataclass(frozen=True)
class Row:
    """On so many devices."""

    gpus: int
    memory: dict[str, float]
    """Bytes on one device by part, at the fullest moment of a step."""
    text: float
    """Bytes of the text in the memory of one process."""
    fits: bool
    most: int
    """The largest `training.batch_tokens` that fits; 0 where none does."""
    remedy: str
    """What to change where it does not fit; empty where it does."""
    computing: float
    """Hours."""
    exchanging: float
    """Hours of gradients on their way, if none of it happened while something else is computed."""
    tokens: float
    """Target tokens of one device in a batch."""

    @property
    def bytes(self) -> float:
        """On one device."""
        return sum(self.memory.values())

    @property
    def hours(self) -> float:
        """Computing and exchanging, one after the other."""
        return self.computing + self.exchanging


@dataclass(frozen=True)
class Plan:
    """All of it."""

    recipe: Recipe
    means: Means
    text: Reading
    precision: str
    parameters: Parameters
    work: Work
    disk: dict[str, float]
    """Bytes by part."""
    rows: list[Row]


def plan(recipe: Recipe, text: Reading, means: Means, gpus: list[int]) -> Plan:
    """A training by the recipe on each number of devices; raises UsageError for what cannot be planned."""
    if isinstance(recipe.model, LexicalConfig):
        raise UsageError(
            "--arch lexical counts words and makes no updates, so there is nothing to plan; use another --arch"
        )
    if not 0.0 < means.utilisation <= 1.0:
        raise UsageError(f"--utilisation {means.utilisation:g} must be more than 0, and 1 at most")
    precision = means.device.precision(recipe.training.precision)
    known = memory.parameters(recipe.model, text.vocabularies)
    work = _work(recipe, text)
    rows = [_Case(recipe, text, means, known, n).row(work) for n in gpus]
    return Plan(recipe, means, text, precision, known, work, _disk(recipe, text, known), rows)


def counts(gpus: str) -> list[int]:
    """The numbers of "1,8,64"; raises UsageError for anything else."""
    parts = [part.strip() for part in gpus.split(",")]
    if not all(part.isascii() and part.isdecimal() and 0 < int(part) <= 2**20 for part in parts):
        raise UsageError(f"--gpus {gpus!r} must be numbers from 1 with commas between them, as in 1,8,64")
    return [int(part) for part in parts]


def batch(batch_tokens: int, length: float, gpus: int) -> Shape:
    """The share of the fullest device in a batch of pairs of that length on both sides."""
    rows = max(1, int(batch_tokens // length))
    return Shape(math.ceil(rows / gpus), length, length)


def numbers_of(precision: str) -> Numbers:
    """Bytes of what a step keeps."""
    return Numbers(4 if precision == "fp32" else 2)


def _work(recipe: Recipe, text: Reading) -> Work:
    training = recipe.training
    tokens = min(training.batch_tokens * text.fill * training.accumulate, text.tokens)
    mean = memory.costs(recipe.model, text.vocabularies.target, Shape(1, text.source, text.target), Numbers())
    each = sum((part for part in mean.values()), Cost()).operations / text.target
    return Work(training.steps, training.steps * tokens / text.tokens, tokens, each)


@dataclass(frozen=True)
class _Case:
    """A recipe on so many devices."""

    recipe: Recipe
    text: Reading
    means: Means
    known: Parameters
    gpus: int

    def row(self, work: Work) -> Row:
        """What it comes to."""
        training, device, gpus = self.recipe.training, self.means.device, self.gpus
        taken = self.memory(training.batch_tokens)
        rows = math.ceil(training.batch_tokens * self.text.fill / self.text.target)
        share = math.ceil(rows / gpus) / rows  # the device with the most rows is waited for
        peak = device.peaks[device.precision(training.precision)] * self.means.utilisation
        gradients = memory.FP32 * self.known.trained
        seconds = exchange_seconds(gradients, gpus, device, self.means.network, self.means.sharded)
        fits = self.fits(training.batch_tokens)
        return Row(
            gpus,
            taken,
            self.text.held,
            fits,
            self.most(),
            "" if fits else self.remedy(),
            work.operations * share / peak / 3600,
            work.updates * seconds / 3600,
            training.batch_tokens * self.text.fill * share,
        )

    def memory(self, batch_tokens: int) -> dict[str, float]:
        """Bytes on the fullest device: of the longest pairs or of mean ones, whichever take more."""
        device, model = self.means.device, self.recipe.model
        numbers = numbers_of(device.precision(self.recipe.training.precision))
        sharded, accumulated = self.means.sharded and self.gpus > 1, self.recipe.training.accumulate > 1
        found = []
        for length in (self.text.longest, max(self.text.source, self.text.target)):
            parts = memory.costs(model, self.text.vocabularies.target, batch(batch_tokens, length, self.gpus), numbers)
            found.append(memory.step(self.known, parts, Setting(self.gpus, sharded, accumulated, numbers)))
        fullest = max(found, key=lambda parts: sum(parts.values()))
        text = {} if device.own_memory else {"text": self.text.held}
        return {**fullest, **text, "Python, torch, libraries": float(PROCESS)}

    def fits(self, batch_tokens: int) -> bool:
        """Whether that much is there."""
        return sum(self.memory(batch_tokens).values()) <= self.means.device.memory

    def most(self) -> int:
        """The largest batch that fits, to a hundredth below it and to two digits; 0 where the longest pair does not."""
        low, high = 0, self.text.longest
        while high < 2**40 and self.fits(high):
            low, high = high, 2 * high
        while low and high - low > max(1, low // 100):
            middle = (low + high) // 2
            low, high = (middle, high) if self.fits(middle) else (low, middle)
        step = 10 ** max(0, len(str(low)) - 2)
        return max(low // step * step, min(low, self.text.longest))

    def remedy(self) -> str:
        """Smaller batches, and more of them to an update; the gradient of one is then there beside the next."""
        training = self.recipe.training
        several = training.model_copy(update={"accumulate": max(2, training.accumulate)})
        most = replace(self, recipe=self.recipe.model_copy(update={"training": several})).most()
        if not most:
            return (
                "not even the longest pair fits; share the weights among more devices with --fsdp, or lower model.dim, "
                "model.layers or data.max_tokens"
            )
        whole = training.batch_tokens * training.accumulate
        count = math.ceil(whole / most)
        return (
            f"set training.batch_tokens to {whole // count} and training.accumulate to {count}, which leaves the "
            "global batch as it is"
        )


def _disk(recipe: Recipe, text: Reading, known: Parameters) -> dict[str, float]:
    weights = float(CHECKPOINT_BYTES * known.total)
    state = weights + 2.0 * CHECKPOINT_BYTES * known.trained
    parts = {
        "states for a resume": state * recipe.training.keep,
        "one more while it is saved": state,
        "weights of validations": weights * recipe.training.average,
        "best weights": weights,
        "text in the cache": text.disk,
    }
    return {name: size for name, size in parts.items() if size}
