"""What `inspect` found, for programs."""

import math
from typing import Any

from nmt.evaluation.info import Counts, Info
from nmt.models.formula import Formula


def as_json(info: Info) -> dict[str, Any]:
    """The numbers of the page; None where it has no number."""
    walk, work, counts = info.walk, info.work, info.counts
    model, facts = info.recipe.model, info.facts
    return {
        "run": {
            "architecture": info.recipe.arch,
            "family": model.family,
            "source": info.recipe.source,
            "target": info.recipe.target,
            **vars(facts),
        },
        "parameters": [
            {"part": row.name, **_formula(row.formula), "counted": row.counted, "fixed": row.fixed} for row in info.rows
        ],
        "cells": [{"cell": size.cell, "own": size.own, **_formula(size.formula)} for size in info.cells],
        "flops": {**vars(work), "forward": work.forward} if work else None,
        "tokenizer": {
            "level": info.recipe.tokenizer.level,
            "joint": info.vocabularies.joint,
            "source_types": info.vocabularies.source,
            "target_types": info.vocabularies.target,
            "text": {"name": counts.text, "source": vars(counts.source), "target": vars(counts.target)}
            if isinstance(counts, Counts)
            else None,
        },
        "sentence": {
            "text": walk.text,
            "source": [vars(word) for word in walk.source],
            "target": [vars(word) for word in walk.target],
            "source_length": walk.source_length,
            "target_length": walk.target_length,
            "beam": walk.beam,
            "stages": [vars(stage) for stage in walk.stages],
            "found": {
                "text": walk.found.text,
                "log_prob": _finite(walk.found.log_prob),
                "score": _finite(walk.found.score),
                "ended": walk.found.ended,
            },
        },
    }


def _finite(number: float) -> float | None:
    """JSON has no infinity, which is what a model says that diverged."""
    return number if math.isfinite(number) else None


def _formula(formula: Formula) -> dict[str, Any]:
    return {"formula": formula.text, "numbers": formula.numbers, "value": formula.value, "letters": formula.letters}
