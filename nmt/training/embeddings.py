"""A new model's embeddings from files of vectors that were trained elsewhere: what `[model.embeddings]` asks for."""

from pathlib import Path
from typing import Any

import numpy as np
import torch

from nmt import console
from nmt.data.tokenizer import TokenizerPair
from nmt.data.vectors import Vectors, dim_of, read_vectors
from nmt.errors import DataError, UsageError
from nmt.models.base import Seq2Seq
from nmt.models.embedding import Embedding, Vocabulary
from nmt.recipe import LexicalConfig, Recipe, RecurrentConfig

SHOWN = 8
"""Words without a vector that a message names."""


def check(recipe: Recipe) -> None:
    """Raises DataError or UsageError where a file that the recipe names cannot be its embeddings."""
    if isinstance(recipe.model, LexicalConfig):
        return
    width, key = recipe.model.dim, "dim"
    if isinstance(recipe.model, RecurrentConfig):
        width, key = recipe.model.embedding_dim or width, "embedding_dim"
    for file in (recipe.model.embeddings.source, recipe.model.embeddings.target):
        if file is not None and (dim := dim_of(Path(file))) != width:
            raise UsageError(
                f"{file} has vectors of {dim:,} numbers and the model has embeddings of {width:,}; set model.{key} to "
                f"{dim}, or name vectors of {width:,}"
            )


def fill(model: Seq2Seq[Any, Any], recipe: Recipe, tokenizer: TokenizerPair) -> None:
    """Puts the vectors that the files have into the embeddings, and says what the files lack.

    Where both languages share one table, the target's file fills what the source's has left. Raises UsageError for
    vectors of another width than the embeddings', DataError for a file that cannot be read or has none of the words.
    """
    if isinstance(recipe.model, LexicalConfig):
        return
    check(recipe)
    files, tables = recipe.model.embeddings, model.embedding
    assert isinstance(tables, Vocabulary)
    left = {tables.source: tokenizer.source.words(), tables.target: tokenizer.target.words()}
    filled: set[Embedding] = set()
    for file, language, table in (
        (files.source, recipe.source, tables.source),
        (files.target, recipe.target, tables.target),
    ):
        words = left[table]
        if file is None or not words:
            continue
        path = Path(file)
        vectors = read_vectors(path, words.values())
        what = "words" if recipe.tokenizer.level == "word" else "pieces that begin a word"
        what += f" of {recipe.source} and {recipe.target}" if tokenizer.joint else f" of {language}"
        if not vectors.found and table not in filled:
            raise DataError(f"{path} has none of the {len(vectors.missing):,} {what}; name vectors of that language")
        console.note(_report(path, vectors, f"remaining {what}" if table in filled else what))
        rows = [row for row, word in words.items() if word in vectors.found]
        if rows:
            numbers = torch.from_numpy(np.stack([vectors.found[words[row]] for row in rows]))
            table.take(torch.tensor(rows), numbers, frozen=files.frozen)
        left[table] = {row: word for row, word in words.items() if word not in vectors.found}
        filled.add(table)


def _report(path: Path, vectors: Vectors, what: str) -> str:
    """What was found, and the first words that were not: the most frequent ones, as a vocabulary is ordered."""
    found, missing = len(vectors.found), vectors.missing
    shown = ", ".join([*missing[:SHOWN], *["..."] * (len(missing) > SHOWN)])
    told = f"embeddings: {found:,} of {found + len(missing):,} {what} found in {path.name}"
    return f"{told}; missing: {shown}" if missing else told
