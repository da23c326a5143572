"""Every key of a recipe with its default and its meaning, as a recipe with comments."""

import textwrap
from typing import Any, Literal, get_args, get_origin

import tomli_w
from pydantic import BaseModel

from nmt.recipe.sections import (
    DataConfig,
    LexicalConfig,
    Recipe,
    RecurrentConfig,
    SearchConfig,
    TokenizerConfig,
    TrainingConfig,
    TransformerConfig,
)

SECTIONS: tuple[tuple[str, type[BaseModel]], ...] = (
    ("[data]", DataConfig),
    ("[tokenizer]", TokenizerConfig),
    ("[model]  # of --arch lexical", LexicalConfig),
    ("[model]  # of --arch rnn and --arch attention", RecurrentConfig),
    ("[model]  # of --arch transformer", TransformerConfig),
    ("[training]", TrainingConfig),
    ("[decoding]", SearchConfig),
)


def document() -> str:
    """What `nmt train --help-recipe` prints; a key without a default stands behind a #."""
    own = {name: field for name, field in Recipe.model_fields.items() if not _is_section(field.annotation)}
    parts = [_keys(own)]
    parts += [f"{title}\n{_keys(section.model_fields)}" for title, section in SECTIONS]
    return "\n\n".join(parts)


def _keys(fields: dict[str, Any]) -> str:
    lines = []
    for name, field in fields.items():
        if name == "family":  # --arch sets it
            continue
        choices = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
        told = (field.description or "") + (f" One of {', '.join(choices)}." if choices else "")
        lines += textwrap.wrap(told, 100, initial_indent="# ", subsequent_indent="# ")
        value = "" if field.default is None else tomli_w.dumps({"": field.default}).partition("=")[2].strip()
        lines.append(f"{name} = {value or '{}'}" if field.default is not None else f"# {name} =")
    return "\n".join(lines)


def _is_section(annotation: Any) -> bool:
    return not isinstance(annotation, type) or issubclass(annotation, BaseModel)
