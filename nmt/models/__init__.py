"""The backbones: one class a config type, behind the seam in `base`."""

from typing import Any

from nmt.models.base import Seq2Seq
from nmt.models.rnn import Recurrent
from nmt.models.transformer import Transformer
from nmt.recipe import RecurrentConfig, TransformerConfig

BACKBONES: dict[type, type[Recurrent] | type[Transformer]] = {
    RecurrentConfig: Recurrent,
    TransformerConfig: Transformer,
}


def build(config: Any, source_size: int, target_size: int, joint: bool) -> Seq2Seq[Any, Any]:
    """A new model of this config for vocabularies of these sizes; `joint` says that they are one."""
    return BACKBONES[type(config)](config, source_size, target_size, joint)
