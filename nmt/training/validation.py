"""Dev loss and dev BLEU and chrF, through the same translator and metrics as `nmt translate` and `nmt eval`."""

import math
from dataclasses import dataclass
from typing import Any

import torch

from nmt.data.batches import Batch, BatchStream
from nmt.data.corpus import Corpus
from nmt.data.encoded import encode_corpus
from nmt.data.plan import Share
from nmt.data.tokenizer import TokenizerPair
from nmt.evaluation.metrics import evaluate
from nmt.halving import in_halves
from nmt.models.base import Seq2Seq
from nmt.recipe import Recipe
from nmt.runs import Run
from nmt.training.loop import State
from nmt.translator import Translator
from nmt.world import World


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

    def __init__(
        self,
        run: Run,
        recipe: Recipe,
        dev: Corpus,
        tokenizer: TokenizerPair,
        device: torch.device,
        world: World = World(),  # noqa: B008 - it is frozen
    ) -> None:
        self.run, self.recipe, self.tokenizer, self.device, self.world = run, recipe, tokenizer, device, world
        lines = recipe.training.dev_lines
        self.dev = Corpus(dev.name, dev.src[:lines], dev.tgt[:lines])
        encoded, _ = encode_corpus(dev, tokenizer)
        self.stream = BatchStream(
            encoded, batch_tokens=recipe.training.batch_tokens, seed=0, share=Share(world.rank, world.size)
        )

    def measure(self, model: Seq2Seq[Any, Any], state: State, keep: bool = True) -> Measured:
        """Loss over all of dev, BLEU and chrF over its first `dev_lines`; keeps the weights for averaging.

        Each process has its share of the work and all have the result.
        """
        if keep:
            self.run.save_checkpoint(model, state.step, self.recipe.training.average)
        model.eval()
        loss, splits = self._loss(model)
        translator = Translator(model, self.tokenizer, device=self.device)
        rank, size = self.world.rank, self.world.size
        own = [t.text for t in translator.translate(self.dev.src[rank::size], self.recipe.decoding)]
        found = [""] * len(self.dev)
        for place, texts in enumerate(self.world.values(own)):
            found[place::size] = texts
        scores = evaluate(found, self.dev.tgt, lowercase=False)
        splits += int(sum(split for (split,) in self.world.numbers([translator.halved])))
        return Measured(loss, math.exp(min(loss, 100.0)), scores["bleu"].score, scores["chrf"].score, splits)

    @torch.inference_mode()
    def _loss(self, model: Seq2Seq[Any, Any]) -> tuple[float, int]:
        """The loss over the shares of all processes, and how many splits of batches it took."""
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
        total, tokens, splits = (sum(each) for each in zip(*self.world.numbers([total, tokens, splits]), strict=True))
        return total / max(tokens, 1), int(splits)
