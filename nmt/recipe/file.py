"""A recipe's file, read and split into its layers: what all share, and what architectures and systems change."""

import difflib
import re
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from nmt.errors import UsageError

ARCHITECTURES: dict[str, dict[str, Any]] = {
    "lexical": {
        "model": {"family": "lexical"},
        "tokenizer": {"level": "word", "vocab_size": 50_000, "joint": False, "dropout": 0.0},
        "decoding": {"copy_unknown": True},
    },
    "rnn": {"model": {"family": "recurrent", "score": "none", "input_feeding": False}},
    "attention": {"model": {"family": "recurrent"}},
    "transformer": {"model": {"family": "transformer"}},
    "decoder": {"model": {"family": "decoder"}},
}
"""What `--arch` stands for. Two of the three steps of the history are one class that differs in its score."""
PATHS: tuple[tuple[tuple[str, ...], tuple[str, ...]], ...] = (
    (("data",), ("train", "dev", "cache_folder")),
    (("data", "test"), ()),
    (("model", "embeddings"), ("source", "target")),
    (("training", "guided_alignment"), ("file",)),
)
"""Where a recipe names files: a section and its keys, or all of them."""


@dataclass(frozen=True)
class RecipeFile:
    """The tables of one file, relative paths of [data] made absolute from its folder."""

    shared: dict[str, Any] = field(default_factory=dict)
    architectures: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What stands under [architectures], by the architecture's name."""
    systems: dict[str, dict[str, Any]] = field(default_factory=dict)
    """What stands under [systems]: the rows of a comparison. Without it, every architecture is one."""
    arch: str | None = None


def read(path: Path) -> RecipeFile:
    """The file; raises UsageError where it is missing, is no TOML, or has a table where none can be."""
    data = rooted(_parsed(path), path.parent)
    architectures, systems = _layers(data, "architectures", path), _layers(data, "systems", path)
    for name in architectures:
        if name not in ARCHITECTURES:
            raise UsageError(f"{path}: " + unknown(f"[architectures.{name}]", name, ARCHITECTURES))
    for name, layer in systems.items():
        if not re.fullmatch(r"\w[\w.+-]*", name) or re.search(r"-seed\d+$", name) or name == "figures":
            raise UsageError(
                f"{path}: systems.{name} cannot be a folder's name beside the others; use letters, digits and -, but "
                "not figures nor an ending such as -seed2"
            )
        if layer.get("arch", name) not in [*ARCHITECTURES]:
            raise UsageError(
                f"{path}: systems.{name} needs arch, one of {', '.join(ARCHITECTURES)}, not {layer.get('arch', name)!r}"
            )
    if not isinstance(data.get("model", {}), dict):  # no preset may cover it up
        raise UsageError(
            f"{path}: model must be a table of options, not {data['model']!r}; `arch` names an architecture"
        )
    arch = data.pop("arch", None)
    return RecipeFile(data, architectures, systems or {name: {} for name in ARCHITECTURES}, arch)


def unknown(what: str, name: str, known: Mapping[str, Any] | Sequence[str]) -> str:
    """A message about a name that is not known, with the nearest that is."""
    near = difflib.get_close_matches(name, list(known), 1)
    return f"unknown {what}; " + (f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}")


def rooted(layer: Any, folder: Path) -> Any:
    """The same sections, relative paths made absolute from `folder`; names of corpora stay."""

    def absolute(where: Any) -> Any:
        if not isinstance(where, str) or "\0" in where or where.partition(":")[0] in ("grammar", "hub"):
            return where
        return str((folder / where).resolve())

    def changed(layer: Any, path: Sequence[str], keys: Sequence[str]) -> Any:
        """The layer with these keys of the section at `path` made absolute, where it has them."""
        if not isinstance(layer, dict) or (path and path[0] not in layer):
            return layer
        if path:
            return {**layer, path[0]: changed(layer[path[0]], path[1:], keys)}
        return {key: absolute(value) if not keys or key in keys else value for key, value in layer.items()}

    for path, keys in (*PATHS, *_of_corpora(layer)):
        layer = changed(layer, path, keys)
    return layer


def _of_corpora(layer: Any) -> list[tuple[tuple[str, ...], tuple[str, ...]]]:
    """Where the layer names several training texts."""
    data = layer.get("data") if isinstance(layer, dict) else None
    train = data.get("train") if isinstance(data, dict) else None
    return [(("data", "train", name), ("path",)) for name in train] if isinstance(train, dict) else []


def parsed(text: str) -> dict[str, Any]:
    """TOML of which every value can be shown in a message.

    Raises TOMLDecodeError, another ValueError for numbers of thousands of digits, RecursionError for deep nesting.
    """
    data = tomllib.loads(text)
    repr(data)
    return data


def _parsed(path: Path) -> dict[str, Any]:
    try:
        return parsed(path.read_bytes().decode("utf-8-sig"))
    except FileNotFoundError:
        near = difflib.get_close_matches(path.name, [p.name for p in path.parent.glob("*.toml")], 1)
        hint = f"; is it {path.parent / near[0]}?" if near else ""
        raise UsageError(f"recipe {path} does not exist{hint}") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"recipe {path} is not UTF-8 (byte {error.start}); save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"recipe {path} is not TOML: {error}") from None
    except RecursionError:
        raise UsageError(f"recipe {path} is nested too deeply; a recipe has sections and their keys") from None
    except (OSError, ValueError) as error:
        raise UsageError(f"recipe {path} cannot be read: {getattr(error, 'strerror', error)}") from None


def _layers(data: dict[str, Any], key: str, path: Path) -> dict[str, dict[str, Any]]:
    """Takes the tables under a key out of the data."""
    layers = data.pop(key, {})
    if not isinstance(layers, dict):
        raise UsageError(f"{path}: {key} must be tables such as [{key}.transformer.training]")
    for name, layer in layers.items():
        if not isinstance(layer, dict):
            raise UsageError(f"{path}: {key}.{name} must be a table of sections")
    return {name: rooted(layer, path.parent) for name, layer in layers.items()}
