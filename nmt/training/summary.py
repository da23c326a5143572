"""What `nmt train --dry-run` prints: a training, without the training."""

from typing import Any

import numpy as np

from nmt import recipe as recipes
from nmt.data.batches import collate
from nmt.device import choose_device
from nmt.models.footprint import activations
from nmt.recipe import LexicalConfig, Recipe
from nmt.training.parts import Parts, prepare, updates

MIB = 2**20
BYTES_PER_PARAMETER = 4 * 4
"""A weight, its gradient and Adam's two means, in fp32."""


def summary(recipe: Recipe, device: str = "auto") -> str:
    """The resolved recipe as TOML, and as comments below it what a training by it would be.

    Reads the corpus and makes the tokenizers, but writes nothing except into the cache.
    """
    choose_device(device)
    parts = prepare(recipe)
    plan = parts.stream.plan(0)
    per_epoch = -(-len(plan) // recipe.training.accumulate)
    rows = np.concatenate(plan)
    sides = parts.encoded.src, parts.encoded.tgt
    src_tokens, tgt_tokens = (int(side.lengths[rows].sum()) + len(rows) for side in sides)
    counts = parts.model.parameter_counts()
    total = sum(counts.values())
    width = max(map(len, counts))
    lines = [
        "",
        f"{total:,} parameters",
        *(f"    {name:<{width}}  {count:>12,}" for name, count in counts.items()),
        f"{len(parts.encoded):,} pairs; an epoch is {src_tokens:,} source and {tgt_tokens:,} target tokens "
        f"in {len(plan):,} batches, {per_epoch:,} updates",
        f"vocabulary {len(parts.tokenizer.source):,}"
        + ("" if parts.tokenizer.joint else f" and {len(parts.tokenizer.target):,}"),
        _length(recipe, per_epoch),
        _memory(recipe, parts, total, plan),
    ]
    return recipes.dump(recipe) + "\n".join(f"# {line}".rstrip() for line in lines)


def _length(recipe: Recipe, per_epoch: int) -> str:
    if isinstance(recipe.model, LexicalConfig):
        return f"{recipe.model.iterations} passes over the text, 1 validation; [training] has no part in them"
    training = recipe.training
    minutes = f" or {training.minutes:g} minutes, whichever comes first" if training.minutes else ""
    every = updates(training.validate_every, per_epoch)
    return (
        f"{training.steps:,} updates{minutes}: {training.steps / per_epoch:.1f} epochs, "
        f"{-(-training.steps // every):,} validations"
    )


def _memory(recipe: Recipe, parts: Parts, parameters: int, plan: list[Any]) -> str:
    """An estimate from one forward pass of the largest batch."""
    text = parts.encoded
    longest = np.maximum(text.src.lengths, text.tgt.lengths)
    rows = max(plan, key=lambda rows: len(rows) * int(longest[rows].max() + 1))
    batch = collate([text.src[i] for i in rows], [text.tgt[i] for i in rows])
    if not any(parameter.requires_grad for parameter in parts.model.parameters()):
        return f"memory: {sum(p.nbytes for p in parts.model.parameters()) / MIB:,.0f} MiB for the table"
    fixed, moving = (
        parameters * BYTES_PER_PARAMETER,
        activations(parts.model, batch.src, batch.src_mask, batch.tgt_in, batch.tgt_out),
    )
    return (
        f"memory in fp32: about {(fixed + moving) / MIB:,.0f} MiB, beside what Python and torch take; "
        f"{fixed / MIB:,.0f} for weights, gradients and Adam, {moving / MIB:,.0f} for the largest batch "
        f"({len(batch.src)} pairs of up to {max(batch.src.size(1), batch.tgt_in.size(1))} tokens)"
    )
