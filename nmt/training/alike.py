"""Whether the processes of a training have read the same, each on its own machine."""

import hashlib
from collections.abc import Sequence

import numpy as np

from nmt import recipe as recipes
from nmt.data.encoded import Encoded
from nmt.errors import DataError
from nmt.recipe import Recipe
from nmt.training.parts import Parts
from nmt.world import World

LOOKED_AT = 1_000
"""Pairs whose ids are compared, spread over the text; of all the others, the lengths."""


def check_alike(recipe: Recipe, parts: Parts, world: World) -> None:
    """Raises DataError where a process trains by another recipe than the first, or on another text.

    Their shares would then be of different batches, and their sum the gradient of none.
    """
    if world.size == 1:
        return
    own = {
        "recipe": _sum([recipes.dump(recipe).encode()]),
        "training text": _sum(_of_text(parts.encoded)),
        "development text": _sum([repr((parts.dev.src, parts.dev.tgt)).encode("utf-8", "surrogatepass")]),
    }
    every = world.values(own)
    for what, first in every[0].items():
        odd = [rank for rank, each in enumerate(every) if each[what] != first]
        if odd:
            raise DataError(
                f"process {odd[0]} has another {what} than process 0; copy the same files to the same place on every "
                "machine"
            )


def _of_text(text: Encoded) -> list[bytes]:
    rows = np.linspace(0, max(len(text) - 1, 0), min(len(text), LOOKED_AT), dtype=np.int64)
    sides = (text.src, text.tgt)
    found = [np.ascontiguousarray(array) for side in sides for array in (side.lengths, side.gathered(rows))]
    if text.guides is not None:
        found += [np.ascontiguousarray(text.guides[row]) for row in rows]
    return [str((array.dtype, array.shape)).encode() + array.tobytes() for array in found]


def _sum(parts: Sequence[bytes]) -> str:
    whole = hashlib.sha256()
    for part in parts:
        whole.update(part)
    return whole.hexdigest()
