"""A vocabulary as a file has it, looked at before anything is made of it: the file may be a stranger's."""

from typing import Any, Literal

from nmt.tokens import SPECIALS, UNK

_MODELS = {"bpe": "BPE", "word": "WordLevel", "char": "BPE"}


def checked(side: dict[str, Any]) -> tuple[Literal["bpe", "word", "char"], dict[str, Any]]:
    """Level and model of one side; raises ValueError, KeyError or TypeError where they are not what was written.

    The ids must be 0 and on without a gap, the special types first: an id beyond the types would be read out of an
    embedding that has no such row.
    """
    level, model = side["level"], side["model"]
    vocab = model["vocab"]
    if not isinstance(level, str) or level not in _MODELS:
        raise ValueError(f"its level is {level!r}")
    if model.get("type") != _MODELS[level] or (level == "word" and model.get("unk_token") != SPECIALS[UNK]):
        raise ValueError(f"its model is none of level {level}")
    if not all(type(index) is int for index in vocab.values()):
        raise ValueError("its ids are not whole numbers")
    if sorted(vocab.values()) != list(range(len(vocab))) or any(vocab.get(s) != i for i, s in enumerate(SPECIALS)):
        raise ValueError(f"its ids are not 0 to {len(vocab) - 1}, the special types first")
    return level, model  # type: ignore[return-value]
