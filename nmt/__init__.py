"""Neural machine translation: `load` a run and `translate`, or build upon the parts."""

from typing import TYPE_CHECKING, Any

from nmt.errors import NmtError

if TYPE_CHECKING:
    from nmt.recipe import Recipe
    from nmt.runs import load
    from nmt.translator import Translator

__version__ = "0.1.0"
__all__ = ["NmtError", "Recipe", "Translator", "__version__", "load"]

_PLACES = {"Recipe": "nmt.recipe", "Translator": "nmt.translator", "load": "nmt.runs"}


def __getattr__(name: str) -> Any:
    """The public names, imported on first use: torch takes a second."""
    if name not in _PLACES:
        raise AttributeError(f"module 'nmt' has no attribute {name!r}")
    from importlib import import_module

    return getattr(import_module(_PLACES[name]), name)
