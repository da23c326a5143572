"""Where the numbers of a training go: a line of JSON for programs, the progress display for people."""

import math
from dataclasses import asdict
from typing import Any

from nmt import console
from nmt.errors import UsageError
from nmt.files import saving
from nmt.recipe import Recipe
from nmt.runs import Run
from nmt.training.loop import State
from nmt.training.validation import Measured
from nmt.world import rank


class MetricsLog:
    """Writes each number once."""

    def __init__(self, run: Run, progress: console.Progress, recipe: Recipe) -> None:
        self.run, self.progress, self.recipe = run, progress, recipe
        self.board: Any = None
        self._writer: Any = None
        self.told: set[str] = set()
        if recipe.training.tensorboard and rank() == 0:
            try:
                from torch.utils.tensorboard import SummaryWriter
            except ImportError:
                raise UsageError(
                    "training.tensorboard needs the package tensorboard; pip install 'nmt-toolkit[tensorboard]'"
                ) from None
            self._writer = SummaryWriter

    def __enter__(self) -> "MetricsLog":
        return self

    def __exit__(self, *error: object) -> None:
        if self.board is not None:
            with saving(self.run.board):
                self.board.close()

    def begin(self, step: int) -> None:
        """Hides from TensorBoard what a training that was killed told it of updates after `step`."""
        if self._writer is not None:
            with saving(self.run.board):
                self.board = self._writer(str(self.run.board), purge_step=step + 1)

    def flush(self) -> None:
        """What TensorBoard was told goes to its files, which otherwise takes two minutes."""
        if self.board is not None:
            with saving(self.run.board):
                self.board.flush()

    def report(self, numbers: dict[str, float]) -> None:
        """One report of the loop; the first that counts a batch which did not fit says so."""
        self._write("train", numbers)
        self._tell_of_splits(
            "train", int(numbers["split"]), "training.batch_tokens and raise training.accumulate by as much"
        )
        self.progress.update(
            step=int(numbers["step"]),
            seconds=numbers["seconds"],
            loss=numbers["loss"],
            tokens_per_second=numbers["tokens_per_second"],
        )

    def counted(self, step: int, seconds: float, loss: float, tokens_per_second: float) -> None:
        """One pass of expectation-maximisation; the loss is that of a target token, in nats."""
        numbers = {"step": step, "seconds": seconds, "loss": loss, "ppl": math.exp(min(loss, 100.0))}
        self._write("train", {**numbers, "tokens_per_second": tokens_per_second})
        self.progress.message(f"pass {step}: loss {loss:.3f}")

    def validation(self, state: State, measured: Measured, averaged: int | None = None) -> float:
        """One validation -> the score that `training.stop_on` names, higher is better."""
        numbers: dict[str, Any] = {"step": state.step, "seconds": state.seconds, **asdict(measured)}
        if averaged:
            numbers["averaged"] = averaged
        self._write("dev", numbers)
        self._tell_of_splits("dev", measured.split, "decoding.beam, or training.batch_tokens, which dev is read by too")
        what = f"mean of {averaged} checkpoints" if averaged else f"update {state.step:,}"
        self.progress.message(
            f"{what}: dev loss {measured.loss:.3f}, ppl {measured.ppl:.2f}, "
            f"BLEU {measured.bleu:.2f}, chrF {measured.chrf:.2f}"
        )
        self.progress.update(step=state.step, seconds=state.seconds, dev=f"BLEU {measured.bleu:.2f}")
        return {"bleu": measured.bleu, "chrf": measured.chrf, "loss": -measured.loss}[self.recipe.training.stop_on]

    def _tell_of_splits(self, kind: str, splits: int, remedy: str) -> None:
        if splits and kind not in self.told:
            self.told.add(kind)
            self.progress.message(
                f"out of memory: {splits:,} batches of {kind} did not fit and were split in two, which takes time; "
                f"lower {remedy} (said once)"
            )

    def _write(self, kind: str, numbers: dict[str, Any]) -> None:
        self.run.log({"kind": kind, **numbers})
        if self.board is not None:
            with saving(self.run.board):
                for name, value in numbers.items():
                    self.board.add_scalar(f"{kind}/{name}", value, int(numbers["step"]))
