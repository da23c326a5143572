"""Every key of a recipe with its default and its meaning, as a recipe with comments."""

import textwrap
from typing import Any, Literal, get_args, get_origin

import tomli_w
from pydantic import BaseModel

from nmt.recipe.alignment import AlignConfig, GuidedConfig
from nmt.recipe.models import (
    DecoderConfig,
    LexicalConfig,
    RecurrentConfig,
    ReservoirConfig,
    TransformerConfig,
    VectorsConfig,
)
from nmt.recipe.sections import Recipe, SearchConfig, TrainingConfig
from nmt.recipe.text import CorpusConfig, DataConfig, TokenizerConfig

SECTIONS: tuple[tuple[str, type[BaseModel]], ...] = (
    ("[data]", DataConfig),
    ("[data.train.NAME]  # one of several corpora, instead of data.train", CorpusConfig),
    ("[tokenizer]", TokenizerConfig),
    ("[model]  # of --arch lexical", LexicalConfig),
    ("[model]  # of --arch rnn and --arch attention", RecurrentConfig),
    ("[model.reservoir]  # of cell reservoir", ReservoirConfig),
    ("[model]  # of --arch transformer", TransformerConfig),
    ("[model]  # of --arch decoder", DecoderConfig),
    ("[model.embeddings]  # of every --arch but lexical", VectorsConfig),
    ("[training]", TrainingConfig),
    ("[training.guided_alignment]  # of --arch attention, transformer and decoder", GuidedConfig),
    ("[decoding]", SearchConfig),
    ("[align]", AlignConfig),
)


def document() -> str:
    """What `nmt train --help-recipe` prints; a key without a default stands behind a #."""
    parts = [_keys(Recipe.model_fields)]
    parts += [f"{title}\n{_keys(section.model_fields)}" for title, section in SECTIONS]
    return "\n\n".join(parts)


def _keys(fields: dict[str, Any]) -> str:
    lines = []
    for name, field in fields.items():
        if name == "family" or _is_section(field.annotation):  # --arch sets the one; the others have titles
            continue
        choices = get_args(field.annotation) if get_origin(field.annotation) is Literal else ()
        told = (field.description or "") + (f" One of {', '.join(choices)}." if choices else "")
        lines += textwrap.wrap(told, 100, initial_indent="# ", subsequent_indent="# ")
        default = None if field.is_required() else field.default
        value = "" if default is None else tomli_w.dumps({"": default}).partition("=")[2].strip()
        lines.append(f"{name} = {value or '{}'}" if default is not None else f"# {name} =")
    return "\n".join(lines)


def _is_section(annotation: Any) -> bool:
    kinds = get_args(annotation) or (annotation,)
    return all(isinstance(kind, type) and issubclass(kind, BaseModel) for kind in kinds)
