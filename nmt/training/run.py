"""`train`: builds the parts of a training from a recipe, hands them to the loop, and resumes what was begun."""

import platform
import signal
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import torch
from torch import Tensor

import nmt
from nmt import console, models
from nmt.data import corpus as corpora
from nmt.data.batches import BatchStream, Place, dropout_resampler
from nmt.data.corpus import Corpus
from nmt.data.encoded import Encoded, encode_corpus
from nmt.data.tokenizer import TokenizerPair
from nmt.device import choose_device
from nmt.errors import DataError
from nmt.models.base import Seq2Seq
from nmt.recipe import Recipe
from nmt.runs import Run
from nmt.training.loop import Job, State, fit
from nmt.training.memory import keep_freed_memory
from nmt.training.metrics_log import MetricsLog
from nmt.training.schedule import make_optimizer
from nmt.training.validation import Validation
from nmt.weights import mean_weights, set_weights


@dataclass(frozen=True)
class Parts:
    """All that a recipe and a run folder decide before the first update."""

    tokenizer: TokenizerPair
    train: Corpus
    encoded: Encoded
    dev: Corpus
    model: Seq2Seq[Any, Any]


def prepare(recipe: Recipe, run: Run | None = None) -> Parts:
    """Corpus, tokenizers and a new model; the tokenizers of `run` where it has them, or else new ones."""
    train, dev = load_corpora(recipe)
    tokenizer = run.tokenizer() if run else None
    if tokenizer is None:
        config = recipe.tokenizer
        tokenizer = TokenizerPair.train(
            train.src, train.tgt, level=config.level, vocab_size=config.vocab_size, joint=config.joint
        )
        if run:
            run.save_tokenizer(tokenizer)
    encoded, dropped = encode_corpus(
        train, tokenizer, max_tokens=recipe.data.max_tokens, max_ratio=recipe.data.max_ratio
    )
    if report := dropped.report():
        console.note(f"{train.name}: {report}")
    if not len(encoded):
        raise DataError(f"{train.name}: no pair is left to train on; raise data.max_tokens or data.max_ratio")
    torch.manual_seed(recipe.training.seed)
    model = models.build(recipe.model, len(tokenizer.source), len(tokenizer.target), tokenizer.joint)
    return Parts(tokenizer, train, encoded, dev, model)


def load_corpora(recipe: Recipe) -> tuple[Corpus, Corpus]:
    """Training and development text; raises DataError where a corpus of one's own comes without the second."""
    data = recipe.data
    where = data.dev
    if where is None and data.train.partition(":")[0] == "grammar":
        where = "grammar"
    if where is None:
        raise DataError(
            f"{data.train} has no development text to choose the best weights by; name some held-out pairs with "
            "--dev or data.dev"
        )
    train = corpora.load(data.train, recipe.source, recipe.target, "train")
    return train, corpora.load(where, recipe.source, recipe.target, "dev")


def train(recipe: Recipe, folder: Path, device: str = "auto") -> State:
    """Trains by the recipe in the folder, or goes on where an earlier training there stopped -> its last state.

    On SIGINT and SIGTERM it saves and raises KeyboardInterrupt.
    """
    keep_freed_memory()
    where = choose_device(device)
    run = Run.open(folder, recipe)
    parts = prepare(recipe, run)
    model = parts.model.to(where)
    run.save_manifest(_facts(recipe, parts))
    optimizer = make_optimizer(recipe.training, model.parameters())
    state = restore(run, model, optimizer) or State()
    stream = make_stream(recipe, parts)
    per_epoch = -(-len(stream.plan(0)) // recipe.training.accumulate)
    title = f"{recipe.arch} {recipe.source}-{recipe.target}"
    console.note(_opening(title, folder, parts, where, state))
    validation = Validation(run, recipe, parts.dev, parts.tokenizer, where)
    with _signals() as stopped, console.Progress(title, recipe.training.steps, _total_seconds(recipe)) as progress:
        log = MetricsLog(run, progress, recipe)
        job = Job(
            model,
            optimizer,
            stream,
            recipe.training,
            where,
            recipe.model.dim,
            updates(recipe.training.validate_every, per_epoch),
            updates(recipe.training.save_every, per_epoch),
            validate=lambda now: log.validation(now, validation.measure(model, now)),
            keep_best=lambda now: run.save_best(model),
            save=lambda now: save(run, model, optimizer, now),
            report=log.report,
            stop=lambda: bool(stopped),
        )
        state = fit(job, state)
        if stopped:
            progress.message(f"stopped at update {state.step:,} and saved; the same command goes on from there")
            raise KeyboardInterrupt
        _try_average(run, recipe, validation, log, state, model)
    return state


def make_stream(recipe: Recipe, parts: Parts) -> BatchStream:
    """The training batches of a recipe."""
    seed, dropout = recipe.training.seed, recipe.tokenizer.dropout
    resample = None
    if dropout:
        resample = dropout_resampler(parts.train, parts.tokenizer, parts.encoded, dropout, seed)
    return BatchStream(parts.encoded, batch_tokens=recipe.training.batch_tokens, seed=seed, resample=resample)


def updates(duration: int | str, per_epoch: int) -> int:
    """A duration in updates: 500 and "500u" are 500, "2e" is two epochs."""
    if isinstance(duration, int):
        return duration
    return int(duration[:-1]) * (per_epoch if duration.endswith("e") else 1)


def save(run: Run, model: Seq2Seq[Any, Any], optimizer: torch.optim.Optimizer, state: State) -> None:
    """Weights, optimizer, random generators and state into the run folder."""
    names = {id(parameter): name for name, parameter in model.named_parameters()}
    tensors: dict[str, Tensor] = {"random.cpu": torch.get_rng_state()}
    for i in range(torch.cuda.device_count()):
        tensors[f"random.cuda.{i}"] = torch.cuda.get_rng_state(i)
    for parameter, values in optimizer.state.items():
        for key, value in values.items():
            tensors[f"optimizer.{names[id(parameter)]}.{key}"] = value.detach().cpu()
    run.save_state(model, tensors, asdict(state))


def restore(run: Run, model: Seq2Seq[Any, Any], optimizer: torch.optim.Optimizer) -> State | None:
    """What `save` saved, back in its places; None in a run folder that has none."""
    loaded = run.load_state(model)
    if loaded is None:
        return None
    tensors, numbers = loaded
    for name, parameter in model.named_parameters():
        prefix = f"optimizer.{name}."
        own = {key.removeprefix(prefix): value for key, value in tensors.items() if key.startswith(prefix)}
        if own:
            optimizer.state[parameter] = {key: value.to(parameter.device) for key, value in own.items()}
    torch.set_rng_state(tensors["random.cpu"])
    for i in range(torch.cuda.device_count()):
        if f"random.cuda.{i}" in tensors:
            torch.cuda.set_rng_state(tensors[f"random.cuda.{i}"], i)
    numbers.pop("metrics_bytes")
    return State(**{**numbers, "place": Place(**numbers["place"])})


def _try_average(
    run: Run, recipe: Recipe, validation: Validation, log: MetricsLog, state: State, model: Seq2Seq[Any, Any]
) -> None:
    """The mean of the last validations' weights becomes the best if dev says so."""
    paths = run.checkpoints()
    if len(paths) < 2 or run.manifest().get("averaged_at") == state.step:
        return
    set_weights(model, mean_weights(paths))
    score = log.validation(state, validation.measure(model, state, keep=False), averaged=len(paths))
    if score > state.best:
        run.save_best(model)
    run.save_manifest({**run.manifest(), "averaged_at": state.step})


def _facts(recipe: Recipe, parts: Parts) -> dict[str, Any]:
    return {
        "nmt": nmt.__version__,
        "python": platform.python_version(),
        "torch": torch.__version__,
        "arch": recipe.arch,
        "seed": recipe.training.seed,
        "tokenizer_sha256": parts.tokenizer.sha256(),
        "train_pairs": len(parts.encoded),
        "parameters": parts.model.parameter_counts(),
    }


def _opening(title: str, folder: Path, parts: Parts, device: torch.device, state: State) -> str:
    count = sum(parts.model.parameter_counts().values())
    going = f", going on from update {state.step:,}" if state.step else ""
    return f"{title}: {len(parts.encoded):,} pairs, {count:,} parameters, on {device.type}, into {folder}{going}"


def _total_seconds(recipe: Recipe) -> float | None:
    return recipe.training.minutes * 60 if recipe.training.minutes else None


@contextmanager
def _signals() -> Iterator[list[int]]:
    """Collects SIGINT and SIGTERM, so that the loop can save before it ends; a second one ends at once."""
    seen: list[int] = []

    def note(number: int, frame: Any) -> None:
        if seen:
            raise KeyboardInterrupt
        seen.append(number)

    before = {number: signal.signal(number, note) for number in (signal.SIGINT, signal.SIGTERM)}
    try:
        yield seen
    finally:
        for number, handler in before.items():
            signal.signal(number, handler)
