"""Dev loss and dev BLEU and chrF, through the same translator and metrics as `nmt translate` and `nmt eval`."""

import math
from dataclasses import dataclass
from typing import Any

import torch

from nmt.data.batches import Batch, BatchStream
from nmt.data.corpus import Corpus
from nmt.data.encoded import encode_corpus
from nmt.data.tokenizer import TokenizerPair
from nmt.evaluation.metrics import evaluate
from nmt.halving import in_halves
from nmt.models.base import Seq2Seq
from nmt.recipe import Recipe
from nmt.runs import Run
from nmt.training.loop import State
from nmt.translator import Translator


@dataclass(frozen=True)
class Measured:
    """One validation."""

    loss: float
    """Mean negative log-probability of a dev token, in nats, without label smoothing."""
    ppl: float
    bleu: float
    chrf: float
    split: int = 0
    """How often a batch was split because memory did not suffice."""


class Validation:
    """Measures models on the dev text of one run."""

    def __init__(self, run: Run, recipe: Recipe, dev: Corpus, tokenizer: TokenizerPair, device: torch.device) -> None:
        self.run, self.recipe, self.tokenizer, self.device = run, recipe, tokenizer, device
        lines = recipe.training.dev_lines
        self.dev = Corpus(dev.name, dev.src[:lines], dev.tgt[:lines])
        encoded, _ = encode_corpus(dev, tokenizer)
        self.stream = BatchStream(encoded, batch_tokens=recipe.training.batch_tokens, seed=0)

    def measure(self, model: Seq2Seq[Any, Any], state: State, keep: bool = True) -> Measured:
        """Loss over all of dev, BLEU and chrF over its first `dev_lines`; keeps the weights for averaging."""
        if keep:
            self.run.save_checkpoint(model, state.step, self.recipe.training.average)
        model.eval()
        loss, splits = self._loss(model)
        translator = Translator(model, self.tokenizer, device=self.device)
        found = [t.text for t in translator.translate(self.dev.src, self.recipe.decoding)]
        scores = evaluate(found, self.dev.tgt, lowercase=False)
        splits += translator.halved
        return Measured(loss, math.exp(min(loss, 100.0)), scores["bleu"].score, scores["chrf"].score, splits)

    @torch.inference_mode()
    def _loss(self, model: Seq2Seq[Any, Any]) -> tuple[float, int]:
        """The loss, and how many splits of batches it took."""
        total, tokens, splits = 0.0, 0, 0

        def loss_and_tokens(batch: Batch) -> tuple[float, int]:
            batch = batch.to(self.device)
            loss, count = model(batch.src, batch.src_mask, batch.tgt_in, batch.tgt_out)
            return float(loss), int(count)

        for batch in self.stream.once():
            pieces = list(in_halves(batch, loss_and_tokens, "lower data.max_tokens, or the sizes in [model]"))
            total += sum(loss for _, (loss, _) in pieces)
            tokens += sum(count for _, (_, count) in pieces)
            splits += len(pieces) - 1
        return total / max(tokens, 1), splits
