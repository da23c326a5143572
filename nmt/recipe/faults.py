"""What is wrong with a recipe, in words: section.option, what it must be, what it is, and the nearest that is known."""

from collections.abc import Mapping, Sequence
from typing import Any

from pydantic import BaseModel

from nmt.recipe.file import ARCHITECTURES, unknown
from nmt.recipe.models import DecoderConfig, LexicalConfig, RecurrentConfig, TransformerConfig
from nmt.recipe.sections import Recipe
from nmt.recipe.text import CorpusConfig

MODELS: dict[str, type[BaseModel]] = {
    "lexical": LexicalConfig,
    "recurrent": RecurrentConfig,
    "transformer": TransformerConfig,
    "decoder": DecoderConfig,
}
TAGS = {(1, "model", family) for family in MODELS} | {(2, "data", "train", tag) for tag in ("one", "several")}
"""What pydantic puts into the place of a fault beside the keys: how many come before it, they, and it."""
MUST = {
    "greater_than_equal": "must be {ge} or more",
    "greater_than": "must be more than {gt}",
    "less_than_equal": "must be {le} or less",
    "less_than": "must be less than {lt}",
    "finite_number": "must be a finite number",
    "int_type": "must be a whole number",
    "float_type": "must be a number",
    "bool_type": "must be true or false",
    "string_type": "must be text",
    "dict_type": "must be a table",
    "model_type": "must be a table",
    "model_attributes_type": "must be a table",
    "literal_error": "must be {expected}",
    "union_tag_invalid": "must have a family of {expected_tags}",
    "union_tag_not_found": "must have a family, which --arch sets",
}
"""What a value must be, by pydantic's name for the mistake."""


def told(fault: Any, kind: type[BaseModel], data: Mapping[str, Any]) -> str:
    """One of pydantic's errors: `section.option must be ..., not ...`, or the nearest known key to an unknown one."""
    loc = fault["loc"]
    where = [str(part) for i, part in enumerate(loc) if (i, *loc[:i], part) not in TAGS]
    name = ".".join(where)
    if fault["type"] == "extra_forbidden":
        known = _keys(kind, loc[:-1])
        if elsewhere := _elsewhere(where, data):
            return elsewhere
        return unknown(f"key {name}", where[-1], known)
    if fault["type"] == "value_error":
        message = fault["msg"].removeprefix("Value error, ")
        return f"{name}: {message}" if name else message
    if fault["type"] == "missing":
        return f"{name} is missing"
    must = MUST[fault["type"]].format(**fault.get("ctx", {})) if fault["type"] in MUST else fault["msg"]
    given = repr(fault["input"])
    return f"{name or 'it'} {must}, not {given if len(given) <= 60 else given[:60] + '…'}"


def _elsewhere(where: Sequence[str], data: Mapping[str, Any]) -> str | None:
    """What to say of a key that would be known elsewhere."""
    name = ".".join(where)
    if len(where) == 1:
        named = {**{n: f.annotation for n, f in Recipe.model_fields.items()}, "model": TransformerConfig}
        found = next((n for n, part in named.items() if where[0] in getattr(part, "model_fields", ())), None)
        return f"unknown key {name}; did you mean {found}.{where[0]}?" if found else None
    if where[0] == "model":
        owners = [arch for arch, layer in ARCHITECTURES.items() if where[-1] in _fields(layer["model"]["family"])]
        return f"{name} belongs to --arch {' or '.join(owners)}, and this is {_arch(data)}" if owners else None
    return None


def _arch(data: Mapping[str, Any]) -> str:
    """What the recipe's own model is called."""
    model = data.get("model", {})
    if model.get("family") == "recurrent":
        return "--arch rnn" if model.get("score") == "none" else "--arch attention"
    return f"--arch {model.get('family')}"


def _fields(family: str) -> dict[str, Any]:
    return MODELS[family].model_fields


def _keys(kind: type[BaseModel], loc: Sequence[Any]) -> list[str]:
    """The keys that are known at a place in a recipe."""
    for part in loc:
        if part in MODELS:
            kind = MODELS[part]
        elif part == "several":
            return list(CorpusConfig.model_fields)
        elif part != "model":
            annotation = kind.model_fields[part].annotation
            kind = annotation if isinstance(annotation, type) else kind
    return list(kind.model_fields)
