"""A recipe is the whole configuration of a run: what it reads, what it builds, how it trains and searches.

`sections` and `models` say what may stand in one and what every default is; `load` makes one of a TOML file, an
architecture's preset and `--set` flags, with every mistake found before torch is imported; `sizes`
chooses widths and vocabularies that fit a corpus.
"""

from nmt.recipe.alignment import Look, align_choices, look_of
from nmt.recipe.differences import differences
from nmt.recipe.document import document
from nmt.recipe.file import ARCHITECTURES
from nmt.recipe.load import dump, load, look, search_config, systems
from nmt.recipe.models import (
    DecoderConfig,
    LexicalConfig,
    ModelConfig,
    RecurrentConfig,
    ReservoirConfig,
    SelfAttentiveConfig,
    TransformerConfig,
    VectorsConfig,
)
from nmt.recipe.sections import Recipe, SearchConfig, TrainingConfig
from nmt.recipe.sizes import reason, sizes_for
from nmt.recipe.text import CorpusConfig, DataConfig, TokenizerConfig

__all__ = [
    "ARCHITECTURES",
    "CorpusConfig",
    "DataConfig",
    "DecoderConfig",
    "LexicalConfig",
    "Look",
    "ModelConfig",
    "Recipe",
    "RecurrentConfig",
    "ReservoirConfig",
    "SearchConfig",
    "SelfAttentiveConfig",
    "TokenizerConfig",
    "TrainingConfig",
    "TransformerConfig",
    "VectorsConfig",
    "align_choices",
    "differences",
    "document",
    "dump",
    "load",
    "look",
    "look_of",
    "reason",
    "search_config",
    "sizes_for",
    "systems",
]
