"""Where two recipes would not give the same training."""

from typing import Any

from nmt.recipe.sections import Recipe

EXTENDABLE = ("steps", "minutes", "patience", "max_skipped")
"""Settings of [training] in which a resumed run may differ from what it was: it only ends at another time."""
SAVING = ("save_every", "save_minutes", "keep", "parallel")
"""Settings of [training] that no weight depends on, but for rounding."""


def differences(theirs: Recipe, ours: Recipe, resumed: bool = False) -> list[str]:
    """What a training depends on and the recipes have otherwise, as "training.seed is 1 there and 2 here".

    That is everything but the test sets, where encoded text is kept, how often is saved, how processes share the work
    and, where no attention is guided, [align], which is read after training.
    With `resumed`, but for keys in which a training that goes on may differ; under a linear schedule more steps
    are another rate at every update, and so another training.
    """
    there, here = theirs.model_dump(), ours.model_dump()
    for key in ("test", "cache", "cache_folder"):
        there["data"][key] = here["data"][key]
    if not (theirs.training.guided_alignment.file and ours.training.guided_alignment.file):
        there["align"] = here["align"]
    for setting in (*SAVING, *(EXTENDABLE if resumed else ())):
        if (setting, ours.training.schedule) != ("steps", "linear"):
            there["training"][setting] = here["training"][setting]
    return _differences(there, here)


def _differences(there: dict[str, Any], here: dict[str, Any], prefix: str = "") -> list[str]:
    found = []
    for key in sorted(set(there) | set(here)):
        one, other = there.get(key), here.get(key)
        if isinstance(one, dict) and isinstance(other, dict):
            found += _differences(one, other, f"{prefix}{key}.")
        elif one != other:
            found.append(f"{prefix}{key} is {one!r} there and {other!r} here")
    return found
