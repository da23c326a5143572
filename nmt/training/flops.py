"""Floating-point operations of a training, counted where torch does them."""

from typing import Any

import numpy as np
import torch

from nmt.data.batches import Batch, collate
from nmt.data.encoded import Encoded
from nmt.models.base import Seq2Seq
from nmt.models.flops import counting

SAMPLE = 16
"""Pairs that stand for the text."""


def flops_per_token(model: Seq2Seq[Any, Any], text: Encoded) -> float:
    """Operations of matrix products for each target token, forward and backward; a multiply-add is two.

    Counted on pairs of typical length (the middle of the text ordered by length); leaves model and gradients as
    they were. A model without gradients needs 0.
    """
    if not any(parameter.requires_grad for parameter in model.parameters()):
        return 0.0
    order = np.argsort(text.src.lengths + text.tgt.lengths, kind="stable")
    start = max(0, (len(order) - SAMPLE) // 2)
    rows = order[start : start + SAMPLE]
    device = next(model.parameters()).device
    batch = collate([text.src[i] for i in rows], [text.tgt[i] for i in rows]).to(device)
    was_training = model.training
    model.eval()
    operations = _operations(model, batch)
    model.zero_grad(set_to_none=True)
    model.train(was_training)
    return operations / batch.tokens


def _operations(model: Seq2Seq[Any, Any], batch: Batch) -> int:
    with counting() as counter, torch.enable_grad():
        loss, _ = model(batch.src, batch.src_mask, batch.tgt_in, batch.tgt_out)
        loss.backward()
    return counter.operations
