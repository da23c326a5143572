"""Trains one recipe after the other in processes that torchrun starts: ranks.py CASES.json.

A case is the arguments of `recipe.load`, and a folder; `end` is what one of the processes does at an update, and one
that `diverges` goes on to the next. Or it is `translate`: the run, the text, and where to write.
"""

import json
import os
import signal
import sys
from contextlib import nullcontext, suppress
from pathlib import Path
from typing import Any

import torch

from nmt import recipe
from nmt import world as worlds
from nmt.cli.translate import translate
from nmt.errors import DivergedError, RunError
from nmt.training import loop
from nmt.training import run as training
from nmt.world import joined, rank


def ending(how: str) -> None:
    """The second process ends in its third update: "error" or "kill"."""
    update = loop._update

    def until_then(job: loop.Job, *rest: Any) -> Any:
        until_then.done += 1  # type: ignore[attr-defined]
        if rank() == 1 and until_then.done == 3:  # type: ignore[attr-defined]
            if how == "kill":
                os.kill(os.getpid(), signal.SIGKILL)
            raise RunError("the disk of the second machine is on fire; buy another")
        return update(job, *rest)

    until_then.done = 0  # type: ignore[attr-defined]
    loop._update = until_then


if __name__ == "__main__":
    torch.set_num_threads(1)
    with joined() as world:
        # They meet once, and train often.
        worlds.joined = training.joined = lambda: nullcontext(world)  # type: ignore[assignment, attr-defined]
        for case in json.loads(Path(sys.argv[1]).read_text()):
            if "end" in case:
                ending(case["end"])
            if "translate" in case:
                run, text, output = case["translate"]
                translate([Path(run)], text, output, format="jsonl", device="cpu")
                continue
            with suppress(DivergedError) if "diverges" in case else nullcontext():
                training.train(recipe.load(None, case["arch"], case["settings"]), Path(case["folder"]), "cpu")
