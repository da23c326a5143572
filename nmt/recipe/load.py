"""A recipe from a TOML file, an architecture's preset and single settings; and back into TOML.

Later wins: the sections' defaults, sizes that follow the corpus, the file, the preset of the
architecture, the file's `[architectures.NAME.*]`, its `[systems.NAME.*]`, and `--set`.
"""

import tomllib
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any, TypeVar

import tomli_w
from pydantic import BaseModel, ValidationError

from nmt.errors import UsageError
from nmt.recipe.alignment import Look, look_of
from nmt.recipe.faults import MODELS, told
from nmt.recipe.file import ARCHITECTURES, RecipeFile, parsed, read, rooted, unknown
from nmt.recipe.sections import Recipe, SearchConfig

DEFAULT_ARCHITECTURE = "transformer"
DEEPEST = 9
"""Parts of a setting's name, more than any has."""
T = TypeVar("T", bound=BaseModel)


def load(
    path: Path | None = None,
    arch: str | None = None,
    settings: Sequence[str] = (),
    overrides: Mapping[str, Any] | None = None,
    sizes: Mapping[str, Any] | None = None,
    system: str | None = None,
) -> Recipe:
    """A complete, validated recipe.

    `settings` are "section.option=value" with values in TOML's notation (a word without quotes is a
    string); `overrides` is a nested mapping of the same standing, of flags that have names of their own;
    `sizes` fills in for what the file leaves open. Relative paths in a file are relative to the file, those of
    flags to the working directory; the recipe has absolute ones, so that it means the same wherever it is dumped.
    `system` is a name under [systems], and decides the architecture. Raises UsageError with every fault in one line.
    """
    file = read(path) if path else RecipeFile()
    layer: dict[str, Any] = {}
    if system is not None:
        if system not in file.systems:
            raise UsageError(f"{path or 'no recipe'}: " + unknown(f"system {system!r}", system, file.systems))
        layer = dict(file.systems[system])
        arch = layer.pop("arch", system)
    arch = arch or file.arch
    if arch is None and "family" not in file.shared.get("model", {}):
        arch = DEFAULT_ARCHITECTURE
    merged = merge(dict(sizes or {}), file.shared)
    if arch is not None:
        if not isinstance(arch, str) or arch not in ARCHITECTURES:
            raise UsageError(unknown(f"architecture {arch!r}", str(arch), ARCHITECTURES))
        merged["model"] = _own_keys(merged.get("model", {}), ARCHITECTURES[arch]["model"]["family"])
        merged = merge(merge(merged, ARCHITECTURES[arch]), file.architectures.get(arch, {}))
    merged = merge(merge(merged, layer), dict(overrides or {}))
    for setting in settings:
        given = parse_setting(setting)
        if given.keys() & {"systems", "architectures"}:
            raise UsageError(f"--set {setting!r} cannot reach one system alone; write it into the recipe")
        if system is not None and isinstance(given.get("model"), dict):  # one of several, each takes what it knows
            given["model"] = _own_keys(given["model"], merged["model"]["family"])
        merged = merge(merged, given)
    recipe = _validate(Recipe, rooted(merged, Path()), path)
    if arch is not None and recipe.arch != arch:
        raise UsageError(f"model.score = {merged['model']['score']} is --arch {recipe.arch}, not {arch}; use that one")
    return recipe


def systems(path: Path) -> dict[str, str]:
    """The systems of a recipe, name -> architecture: those under [systems], or else every architecture's."""
    return {name: layer.get("arch", name) for name, layer in read(path).systems.items()}


def dump(recipe: Recipe) -> str:
    """The recipe as TOML, every default spelled out; `load` of it gives an equal recipe."""
    return tomli_w.dumps(recipe.model_dump(exclude_none=True))


def search_config(base: SearchConfig, changes: Mapping[str, Any]) -> SearchConfig:
    """`base` with the changes that are not None; raises UsageError with every fault in one line."""
    given = {name: value for name, value in changes.items() if value is not None}
    return _validate(SearchConfig, {**base.model_dump(), **given}, None)


def look(recipe: Recipe, settings: Sequence[str] = ()) -> Look:
    """How the recipe's model is read as an alignment, with settings of [align]; raises UsageError for any others."""
    changed: dict[str, Any] = recipe.model_dump(exclude_none=True)
    for setting in settings:
        given = parse_setting(setting)
        if [*given] != ["align"]:
            raise UsageError(
                f"--set {setting!r} cannot change a trained run; here it reaches [align], as in align.layer=2"
            )
        changed = merge(changed, given)
    settled = _validate(Recipe, changed, None)
    return look_of(settled.align, settled.model)


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
    if not equals or not all(keys) or len(keys) > DEEPEST:
        raise UsageError(f"--set {setting[:80]!r} is not of the form section.option=value, as in training.steps=1000")
    try:
        found = parsed(f"value = {text.strip()}")
        value: Any = found["value"] if len(found) == 1 else text.strip()  # lines after the first are no part of a value
    except tomllib.TOMLDecodeError:
        value = text.strip()
    except (ValueError, RecursionError):
        raise UsageError(
            f"--set {name[:40]}=... has a number of thousands of digits, or brackets beyond count"
        ) from None
    for key in reversed(keys):
        value = {key: value}
    return value


def _own_keys(model: Mapping[str, Any], family: str) -> dict[str, Any]:
    """The shared [model] without what only other families know; what none knows stays, to be refused by name."""
    others = {key for kind in MODELS.values() for key in kind.model_fields} - set(MODELS[family].model_fields)
    return {key: value for key, value in model.items() if key not in others}


def _validate(kind: type[T], data: Mapping[str, Any], path: Path | None) -> T:
    try:
        return kind.model_validate(data)
    except ValidationError as error:
        faults = "; ".join(told(fault, kind, data) for fault in error.errors())
        raise UsageError(f"{path}: {faults}" if path else faults) from None


__all__ = ["ARCHITECTURES", "dump", "load", "look", "merge", "parse_setting", "search_config", "systems"]
