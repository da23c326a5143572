"""What `nmt plan` predicts, beside what is measured here: tables for docs/plan.md.

    python recipes/planned.py memory          a step of each backbone at two sizes, each in a process of its own
    python recipes/planned.py hours RUN...    trained runs; the first says what share of the peak is made use of

Memory is what torch allocates on the CPU (torch.profiler) at the fullest moment of a second update, with weights and
moments, and how much the resident memory of the process grew.
"""

import subprocess
import sys
from pathlib import Path
from typing import Any

from nmt import recipe as recipes

MIB = 2**20
PEAK = 0.11e12
"""Operations a second of the machine, for the shares of it in the second table; the errors do not depend on it."""
ARCHITECTURES = ("rnn", "attention", "transformer", "decoder")
SIZES = ((96, 4_000, 32), (256, 8_000, 64))
"""Width, types and rows of 32 tokens on either side."""
LENGTH = 32


def main(arguments: list[str]) -> None:
    """One of the two."""
    match arguments:
        case ["memory"]:
            print("| backbone | width | types | rows | predicted MiB | allocated MiB | error | resident MiB | beyond |")
            print("|---|---:|---:|---:|---:|---:|---:|---:|---:|", flush=True)
            for arch in ARCHITECTURES:
                for size in SIZES:
                    subprocess.run([sys.executable, __file__, "one", arch, *map(str, size)], check=True)
        case ["one", arch, dim, types, rows]:
            print(memory(arch, int(dim), int(types), int(rows)), flush=True)
        case ["hours", *runs] if runs:
            hours([Path(run) for run in runs])
        case _:
            sys.exit(__doc__)


def memory(arch: str, dim: int, types: int, rows: int) -> str:
    """A line of the first table."""
    import torch

    from nmt import models
    from nmt.data.batches import collate
    from nmt.evaluation.anatomy import Vocabularies
    from nmt.planning import memory as planned
    from nmt.planning.cost import Numbers, Shape
    from nmt.training.memory import keep_freed_memory
    from nmt.training.schedule import make_optimizer

    recipe = recipes.load(None, arch, [f"model.dim={dim}"])
    batch = collate([[5] * (LENGTH - 1)] * rows, [[5] * (LENGTH - 1)] * (rows - 1) + [[5] * (LENGTH - 2)])
    before = resident("VmRSS")
    keep_freed_memory()
    model: Any = models.build(recipe.model, types, types, True)
    optimizer = make_optimizer(recipe.training, model.parameters())

    def update() -> None:
        loss, tokens = model(batch.src, batch.src_mask, batch.tgt_in, batch.tgt_out, 0.1)
        (loss / tokens).backward()
        del loss
        torch.nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        optimizer.zero_grad()

    update()
    grown = resident("VmHWM") - before
    allocated = fixed(model, optimizer) + fullest(update)
    parts = planned.costs(recipe.model, types, Shape(rows, LENGTH, LENGTH), Numbers())
    known = planned.parameters(recipe.model, Vocabularies(types, types, True))
    predicted = sum(planned.step(known, parts, planned.Setting()).values())
    sizes = f"| {arch} | {dim} | {types:,} | {rows} | {predicted / MIB:,.1f} "
    sizes += f"| {allocated / MIB:,.1f} | {predicted / allocated - 1:+.1%} "
    return f"{sizes}| {grown / MIB:,.1f} | {(grown - allocated) / MIB:,.1f} |"


def fixed(model: Any, optimizer: Any) -> int:
    """Bytes that stay from one update to the next."""
    moments = sum(value.nbytes for values in optimizer.state.values() for value in values.values())
    return sum(parameter.nbytes for parameter in model.parameters()) + moments


def fullest(function: Any) -> int:
    """Bytes that torch has allocated at the fullest moment of a call, over those before it."""
    import torch

    with torch.profiler.profile(activities=[torch.profiler.ProfilerActivity.CPU], profile_memory=True) as profile:
        function()
    events = [event for event in profile.profiler.kineto_results.events() if event.name() == "[memory]"]
    now = peak = 0
    for event in sorted(events, key=lambda event: event.start_ns()):
        now += event.nbytes()
        peak = max(peak, now)
    return peak


def resident(name: str) -> int:
    """VmRSS, resident bytes of this process, or VmHWM, the most there ever were."""
    lines = Path("/proc/self/status").read_text().splitlines()
    return 1024 * next(int(line.split()[1]) for line in lines if line.startswith(name))


def hours(runs: list[Path]) -> None:
    """The second table; a measured second is one of updates, without validations."""
    from nmt import runs as folders
    from nmt.planning.cost import Cost, Numbers, Shape
    from nmt.planning.memory import costs
    from nmt.planning.text import measured
    from nmt.runs import Run

    print("| run | predicted FLOPs a token | counted | error | measured s | predicted s | error |")
    print("|---|---:|---:|---:|---:|---:|---:|")
    share = None
    for folder in runs:
        run, recipe = Run.existing(folder), folders.recipe_of(folder)
        said, text = run.manifest(), measured(recipe, run.tokenizer())
        parts = costs(recipe.model, text.vocabularies.target, Shape(1, text.source, text.target), Numbers())
        each = sum(parts.values(), Cost()).operations / text.target
        lines = [line for line in run.metrics() if line["kind"] == "train"]
        updates = [b["step"] - a for a, b in zip([0, *(line["step"] for line in lines)], lines, strict=False)]
        tokens = text.fill * recipe.training.batch_tokens * recipe.training.accumulate
        seconds = sum(n * tokens / line["tokens_per_second"] for n, line in zip(updates, lines, strict=True))
        operations = sum(updates) * tokens * each
        share = share or operations / seconds / PEAK
        predicted = operations / (share * PEAK)
        print(
            f"| {folder.parent.name}/{folder.name} | {each:,.0f} | {said['flops_per_token']:,} "
            f"| {each / said['flops_per_token'] - 1:+.1%} | {seconds:,.1f} | {predicted:,.1f} "
            f"| {predicted / seconds - 1:+.1%} |",
            flush=True,
        )
    print(f"\n{share:.0%} of {PEAK / 1e12:g} TFLOP/s, by the first")


if __name__ == "__main__":
    main(sys.argv[1:])
