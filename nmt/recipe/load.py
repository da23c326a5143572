"""A recipe from a TOML file, an architecture's preset and single settings; and back into TOML.

Later wins: the sections' defaults, sizes that follow the corpus, the file, the preset of the
architecture, the file's `[architectures.NAME.*]`, and `--set`.
"""

import difflib
import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import tomli_w
from pydantic import BaseModel, ValidationError

from nmt.errors import UsageError
from nmt.recipe.sections import LexicalConfig, Recipe, RecurrentConfig, SearchConfig, TransformerConfig

ARCHITECTURES: dict[str, dict[str, Any]] = {
    "lexical": {
        "model": {"family": "lexical"},
        "tokenizer": {"level": "word", "vocab_size": 50_000, "joint": False, "dropout": 0.0},
        "decoding": {"copy_unknown": True},
    },
    "rnn": {"model": {"family": "recurrent", "score": "none", "input_feeding": False}},
    "attention": {"model": {"family": "recurrent"}},
    "transformer": {"model": {"family": "transformer"}},
}
"""What `--arch` stands for. Two of the three steps of the history are one class that differs in its score."""

MODELS: dict[str, type[BaseModel]] = {
    "lexical": LexicalConfig,
    "recurrent": RecurrentConfig,
    "transformer": TransformerConfig,
}
DEFAULT_ARCHITECTURE = "transformer"
T = TypeVar("T", bound=BaseModel)


def load(
    path: Path | None = None,
    arch: str | None = None,
    settings: Sequence[str] = (),
    overrides: Mapping[str, Any] | None = None,
    sizes: Mapping[str, Any] | None = None,
) -> Recipe:
    """A complete, validated recipe.

    `settings` are "section.option=value" with values in TOML's notation (a word without quotes is a
    string); `overrides` is a nested mapping of the same standing, of flags that have names of their own;
    `sizes` fills in for what the file leaves open. Relative paths in a file are relative to the file, those of
    flags to the working directory; the recipe has absolute ones, so that it means the same wherever it is dumped.
    Raises UsageError with every fault in one line.
    """
    data = _read(path) if path else {}
    architectures = data.pop("architectures", {})
    _check_architectures(architectures, path)
    own_arch = data.pop("arch", None)
    arch = arch or own_arch
    model = data.get("model", {})
    if not isinstance(model, dict):  # no preset may cover it up
        raise UsageError(f"{path}: model must be a table of options, not {model!r}; `arch` names an architecture")
    if arch is None and "family" not in model:
        arch = DEFAULT_ARCHITECTURE
    if arch is not None and (not isinstance(arch, str) or arch not in ARCHITECTURES):
        raise UsageError(_unknown(f"architecture {arch!r}", str(arch), ARCHITECTURES))
    if arch is not None:
        data["model"] = _own_keys(model, ARCHITECTURES[arch]["model"]["family"])
    merged = merge(dict(sizes or {}), data)
    if arch is not None:
        for layer in (ARCHITECTURES[arch], architectures.get(arch, {})):
            merged = merge(merged, layer)
    merged = merge(merged, dict(overrides or {}))
    for setting in settings:
        merged = merge(merged, parse_setting(setting))
    return _validate(Recipe, _rooted(merged, Path()), path)


def dump(recipe: Recipe) -> str:
    """The recipe as TOML, every default spelled out; `load` of it gives an equal recipe."""
    return tomli_w.dumps(recipe.model_dump(exclude_none=True))


def search_config(base: SearchConfig, changes: Mapping[str, Any]) -> SearchConfig:
    """`base` with the changes that are not None; raises UsageError with every fault in one line."""
    given = {name: value for name, value in changes.items() if value is not None}
    return _validate(SearchConfig, {**base.model_dump(), **given}, None)


def merge(low: Mapping[str, Any], high: Mapping[str, Any]) -> dict[str, Any]:
    """A new nested mapping with the values of both, those of `high` where both have one."""
    merged = dict(low)
    for key, value in high.items():
        below = merged.get(key)
        merged[key] = merge(below, value) if isinstance(below, Mapping) and isinstance(value, Mapping) else value
    return merged


def parse_setting(setting: str) -> dict[str, Any]:
    """A nested mapping of one "section.option=value"; raises UsageError if it is none."""
    name, equals, text = setting.partition("=")
    keys = name.strip().split(".")
    if not equals or not all(keys):
        raise UsageError(f"--set {setting!r} is not of the form section.option=value, as in training.steps=1000")
    try:
        value: Any = tomllib.loads(f"value = {text.strip()}")["value"]
    except tomllib.TOMLDecodeError:
        value = text.strip()
    for key in reversed(keys):
        value = {key: value}
    return value


def _read(path: Path) -> dict[str, Any]:
    """The file's mapping, its data paths made absolute."""
    try:
        data = tomllib.loads(path.read_bytes().decode("utf-8"))
    except FileNotFoundError:
        near = difflib.get_close_matches(path.name, [p.name for p in path.parent.glob("*.toml")], 1)
        hint = f"; is it {path.parent / near[0]}?" if near else ""
        raise UsageError(f"recipe {path} does not exist{hint}") from None
    except UnicodeDecodeError as error:
        raise UsageError(f"recipe {path} is not UTF-8 (byte {error.start}); save it as UTF-8") from None
    except tomllib.TOMLDecodeError as error:
        raise UsageError(f"recipe {path} is not TOML: {error}") from None
    except OSError as error:
        raise UsageError(f"recipe {path} cannot be read: {error.strerror}") from None
    layers = data.get("architectures")
    if isinstance(layers, dict):
        data["architectures"] = {name: _rooted(layer, path.parent) for name, layer in layers.items()}
    return _rooted(data, path.parent)


def _rooted(layer: Any, folder: Path) -> Any:
    """The same sections, relative paths of [data] made absolute from `folder`; names of corpora stay."""

    def absolute(where: Any) -> Any:
        if not isinstance(where, str) or where.partition(":")[0] in ("grammar", "hub"):
            return where
        return str((folder / where).resolve())

    section = layer.get("data") if isinstance(layer, dict) else None
    if not isinstance(section, dict):
        return layer
    changed = {key: absolute(section[key]) for key in ("train", "dev") if key in section}
    if isinstance(section.get("test"), dict):
        changed["test"] = {name: absolute(where) for name, where in section["test"].items()}
    return {**layer, "data": {**section, **changed}}


def _check_architectures(architectures: Any, path: Path | None) -> None:
    if not isinstance(architectures, dict):
        raise UsageError(f"{path}: architectures must be tables such as [architectures.transformer.training]")
    for name, changes in architectures.items():
        if name not in ARCHITECTURES:
            raise UsageError(f"{path}: " + _unknown(f"[architectures.{name}]", name, ARCHITECTURES))
        if not isinstance(changes, dict):
            raise UsageError(f"{path}: architectures.{name} must be a table of sections")


def _own_keys(model: Mapping[str, Any], family: str) -> dict[str, Any]:
    """The shared [model] without what only other families know; what none knows stays, to be refused by name."""
    others = {key for kind in MODELS.values() for key in kind.model_fields} - set(MODELS[family].model_fields)
    return {key: value for key, value in model.items() if key not in others}


def _unknown(what: str, name: str, known: Mapping[str, Any] | Sequence[str]) -> str:
    near = difflib.get_close_matches(name, list(known), 1)
    return f"unknown {what}; " + (f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}")


def _validate(kind: type[T], data: Mapping[str, Any], path: Path | None) -> T:
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        faults = "; ".join(_fault(fault, kind) for fault in error.errors())
        raise UsageError(f"{path}: {faults}" if path else faults) from None


def _fault(fault: Any, kind: type[BaseModel]) -> str:
    """One fault as `section.option: what is wrong`, with the nearest known key for an unknown one."""
    loc = fault["loc"]
    where = [str(part) for i, part in enumerate(loc) if not (part in MODELS and i == 1 and loc[0] == "model")]
    name = ".".join(where)
    if fault["type"] == "extra_forbidden":
        known = _keys(kind, loc[:-1])
        return _unknown(f"key {name}", where[-1], known)
    message = fault["msg"].removeprefix("Value error, ")
    given = "" if fault["type"] == "value_error" or isinstance(fault["input"], dict) else f", not {fault['input']!r}"
    return f"{name}: {message}{given}" if name else message


def _keys(kind: type[BaseModel], loc: Sequence[Any]) -> list[str]:
    """The keys that are known at a place in a recipe."""
    for part in loc:
        if part in MODELS:
            kind = MODELS[part]
        elif part != "model":
            annotation = kind.model_fields[part].annotation
            kind = annotation if isinstance(annotation, type) else kind
    return list(kind.model_fields)


__all__ = ["ARCHITECTURES", "dump", "load", "merge", "parse_setting", "search_config"]
