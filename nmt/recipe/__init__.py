"""A recipe is the whole configuration of a run: what it reads, what it builds, how it trains and searches.

`sections` says what may stand in one and what every default is; `load` makes one of a TOML file, an
architecture's preset and `--set` flags, with every mistake found before torch is imported; `sizes`
chooses widths and vocabularies that fit a corpus.
"""

from nmt.recipe.differences import differences
from nmt.recipe.document import document
from nmt.recipe.file import ARCHITECTURES
from nmt.recipe.load import dump, load, search_config, systems
from nmt.recipe.sections import (
    DataConfig,
    LexicalConfig,
    ModelConfig,
    Recipe,
    RecurrentConfig,
    SearchConfig,
    TokenizerConfig,
    TrainingConfig,
    TransformerConfig,
)
from nmt.recipe.sizes import reason, sizes_for

__all__ = [
    "ARCHITECTURES",
    "DataConfig",
    "LexicalConfig",
    "ModelConfig",
    "Recipe",
    "RecurrentConfig",
    "SearchConfig",
    "TokenizerConfig",
    "TrainingConfig",
    "TransformerConfig",
    "differences",
    "document",
    "dump",
    "load",
    "reason",
    "search_config",
    "sizes_for",
    "systems",
]
