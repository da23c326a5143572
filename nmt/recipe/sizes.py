"""Sizes that fit a corpus, for a user who names a corpus and no recipe."""

from typing import Any

from nmt.recipe.sections import Recipe

_TABLE = (
    # pairs up to, vocabulary, width, layers, heads, dropout, batch in tokens, updates
    (20_000, 1_000, 128, 2, 4, 0.3, 1_024, 4_000),
    (100_000, 2_000, 256, 3, 4, 0.3, 2_048, 10_000),
    (1_000_000, 8_000, 384, 4, 6, 0.2, 4_096, 50_000),
    (5_000_000, 16_000, 512, 6, 8, 0.1, 8_192, 100_000),
    (None, 32_000, 512, 6, 8, 0.1, 25_000, 200_000),
)


def sizes_for(pairs: int, arch: str) -> dict[str, Any]:
    """Settings for a corpus of so many sentence pairs, as a nested mapping.

    Small corpora want small vocabularies, few layers and much dropout (Sennrich and Zhang 2019,
    arXiv:1905.11901; on Multi30k a 4 x 128 Transformer beats the base size by 2.7 BLEU, Wu et al. 2021).
    """
    if arch == "lexical":
        return {}
    row = next(row for row in _TABLE if row[0] is None or pairs <= row[0])
    _, vocab_size, dim, layers, heads, dropout, batch_tokens, steps = row
    model: dict[str, Any] = {"dim": dim, "dropout": dropout}
    if arch in ("transformer", "decoder"):  # one stack is as deep as encoder and decoder together
        model |= {"layers": layers if arch == "transformer" else 2 * layers, "heads": heads}
    else:
        model |= {"layers": 1 if pairs < 1_000_000 else 2}
    return {
        "model": model,
        "tokenizer": {"vocab_size": vocab_size},
        "training": {"batch_tokens": batch_tokens, "steps": steps},
    }


def reason(pairs: int, recipe: Recipe) -> str:
    """What sizes a recipe has for so many pairs, in a sentence."""
    model: Any = recipe.model
    if recipe.arch == "lexical":
        return f"{pairs:,} pairs: a table of words has no widths to choose"
    return (
        f"sizes for {pairs:,} pairs: vocabulary {recipe.tokenizer.vocab_size:,}, {model.layers} "
        f"layer{'s' if model.layers > 1 else ''} x {model.dim}, dropout {model.dropout}, "
        f"{recipe.training.batch_tokens:,}-token batches, {recipe.training.steps:,} updates; --set changes any of it"
    )
