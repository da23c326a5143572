"""A plan, as text and for programs."""

import math
from typing import Any

from nmt.evaluation.table import Table
from nmt.planning.devices import GIB, NODE
from nmt.planning.plan import Plan, Row


def page(plan: Plan) -> str:
    """What a person reads."""
    recipe, text, work, means = plan.recipe, plan.text, plan.work, plan.means
    training, device = recipe.training, means.device
    whole = training.batch_tokens * training.accumulate
    lines = [
        f"{recipe.arch} {recipe.source}-{recipe.target} on {device.name}: {device.memory / GIB:,.0f} GiB, "
        f"{device.peaks[plan.precision] / 1e12:,.4g} TFLOP/s in {plan.precision} ({device.source}), "
        f"of which {means.utilisation:.0%} are made use of",
        f"text: {text.pairs:,.0f} pairs of {text.source:,.1f} and {text.target:,.1f} tokens ({text.origin})",
        f"parameters: {plan.parameters.total:,}"
        + (f", {plan.parameters.fixed:,} of them fixed" if plan.parameters.fixed else ""),
        f"work: {work.updates:,} updates of {work.tokens:,.0f} target tokens, {work.epochs:,.1f} epochs; "
        f"{work.operations_per_token:.3g} FLOPs a token, {work.operations:.3g} in all",
        f"global batch: {training.batch_tokens:,} tokens x {training.accumulate} = {whole:,}, padding counted, however "
        "many devices share it; training.batch_tokens and training.accumulate change it",
    ]
    tables = [_summary(plan), _memory(plan), _disk(plan)]
    remedies = [f"on {row.gpus}: {row.remedy}" for row in plan.rows if row.remedy]
    return "\n\n".join(["\n".join(lines), *(table.text() for table in tables), *remedies])


def as_json(plan: Plan) -> dict[str, Any]:
    """Bytes, hours, operations and tokens, unrounded."""
    text, device = plan.text, plan.means.device
    return {
        "architecture": plan.recipe.arch,
        "device": {**vars(device), "precision": plan.precision},
        "utilisation": plan.means.utilisation,
        "network_bytes_per_second": plan.means.network,
        "sharded": plan.means.sharded,
        "text": {
            "pairs": text.pairs,
            "source_tokens": text.source,
            "target_tokens": text.target,
            "longest": text.longest,
            "fill": text.fill,
            "origin": text.origin,
        },
        "parameters": {"total": plan.parameters.total, "fixed": plan.parameters.fixed, "parts": plan.parameters.parts},
        "work": {**vars(plan.work), "operations": plan.work.operations},
        "disk": plan.disk,
        "gpus": [
            {
                "gpus": row.gpus,
                "memory": row.memory,
                "bytes": row.bytes,
                "text_bytes": row.text,
                "fits": row.fits,
                "largest_batch_tokens": row.most,
                "remedy": row.remedy or None,
                "tokens": row.tokens,
                "computing_hours": row.computing,
                "exchanging_hours": row.exchanging,
                "exchange_seconds_per_update": _seconds(plan, row),
                "hours": row.hours,
            }
            for row in plan.rows
        ],
    }


def _seconds(plan: Plan, row: Row) -> float:
    return row.exchanging * 3600 / plan.work.updates


def _summary(plan: Plan) -> Table:
    rows = [
        [
            f"{row.gpus}",
            f"{row.tokens:,.0f}",
            _gib(row.bytes),
            "yes" if row.fits else "no",
            f"{row.most:,}" if row.most else "none",
            _hours(row.computing),
            _hours(row.exchanging),
            f"{1e3 * _seconds(plan, row):,.1f}",
            _hours(row.hours),
        ]
        for row in plan.rows
    ]
    head = ["GPUs", "tokens each", "GiB each", "fits", "batch_tokens at most", "computing, h"]
    head += ["exchange, h", "exchange, ms an update", "hours"]
    way = "shared out (FSDP)" if plan.means.sharded else "whole on each (DDP)"
    note = (
        f"Weights are {way}. Exchange is of gradients, over links of {plan.means.device.link / 1e9:,.4g} GB/s among "
        f"{NODE} devices and {plan.means.network / 1e9:,.4g} GB/s between nodes; hours are with none of it hidden "
        "behind computing, and without validations."
    )
    return Table("Time", head, rows, note, words=0)


def _memory(plan: Plan) -> Table:
    names = dict.fromkeys(name for row in plan.rows for name in row.memory)
    rows = [[name, *(_gib(row.memory.get(name, 0.0)) for row in plan.rows)] for name in names]
    rows.append(["together", *(_gib(row.bytes) for row in plan.rows)])
    note = "At the fullest moment of a step with the batch that takes most."
    if plan.means.device.own_memory:
        note += f" Beside it each process holds {_gib(plan.rows[0].text)} GiB of text in the machine's memory."
    return Table("Memory of each, GiB", ["part", *(f"{row.gpus}" for row in plan.rows)], rows, note)


def _disk(plan: Plan) -> Table:
    rows = [[name, _gib(size)] for name, size in plan.disk.items()]
    rows.append(["together", _gib(sum(plan.disk.values()))])
    return Table("Disk, GiB", ["part", "GiB"], rows)


def _gib(size: float) -> str:
    return f"{size / GIB:,.2f}" if size >= GIB / 100 or not size else f"{size / GIB:.1g}"


def _hours(hours: float) -> str:
    """Three digits."""
    digits = 0 if hours == 0.0 else max(0, 2 - math.floor(math.log10(hours)))
    return f"{hours:,.{min(digits, 6)}f}"
