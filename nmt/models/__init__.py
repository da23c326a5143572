"""The backbones: one class a config type, behind the seam in `base`."""

from collections.abc import Callable
from typing import Any

from nmt.models.base import Seq2Seq
from nmt.models.decoder_only import DecoderOnly
from nmt.models.lexical import Lexical
from nmt.models.rnn import Recurrent
from nmt.models.transformer import Transformer
from nmt.recipe import DecoderConfig, LexicalConfig, RecurrentConfig, TransformerConfig

BACKBONES: dict[type, Callable[[Any, int, int, bool], Seq2Seq[Any, Any]]] = {
    LexicalConfig: Lexical,
    RecurrentConfig: Recurrent,
    TransformerConfig: Transformer,
    DecoderConfig: DecoderOnly,
}


def build(config: Any, source_size: int, target_size: int, joint: bool) -> Seq2Seq[Any, Any]:
    """A new model of this config for vocabularies of these sizes; `joint` says that they are one."""
    return BACKBONES[type(config)](config, source_size, target_size, joint)
