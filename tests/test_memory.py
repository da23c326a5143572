"""Memory that does not suffice, injected: what is split gives what the whole gives, and one row too large is said."""

from collections.abc import Callable
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from conftest import KINDS
from test_loop import BASE, job, pairs, replace_config, weights

from nmt import models, recipe
from nmt.data.batches import BatchStream
from nmt.data.corpus import Corpus
from nmt.data.lines import read_lines
from nmt.data.tokenizer import TokenizerPair
from nmt.errors import RunError, out_of_memory
from nmt.halving import in_halves
from nmt.models.loss import Guidance
from nmt.recipe import SearchConfig
from nmt.run_folder import Run
from nmt.training.loop import Job, State, fit
from nmt.training.validation import Validation
from nmt.translator import Translator

ERRORS: list[Callable[[], Exception]] = [
    lambda: torch.OutOfMemoryError("CUDA out of memory. Tried to allocate 2.00 GiB."),
    lambda: RuntimeError("[enforce fail at alloc_cpu.cpp:117] . DefaultCPUAllocator: can't allocate memory: you tried"),
    lambda: RuntimeError("CUDA error: CUBLAS_STATUS_ALLOC_FAILED when calling `cublasCreate(handle)`"),
    MemoryError,
]
SEARCH = SearchConfig(beam=2, max_ratio=1.0, max_extra=3)


def no_more_than(rows: int, owner: Any, name: str, error: Callable[[], Exception] = MemoryError) -> None:
    """Lets a method, whose first argument has the rows, fail for more of them."""
    original = getattr(owner, name)

    def limited(batch: Any, *rest: Any, **named: Any) -> Any:
        if len(batch) > rows:
            raise error()
        return original(batch, *rest, **named)

    setattr(owner, name, limited)


@pytest.mark.parametrize("error", ERRORS)
def test_an_update_of_a_batch_that_was_split_is_that_of_the_whole(error: Callable[[], Exception]) -> None:
    config = replace_config(steps=2, batch_tokens=1_000, accumulate=2)
    whole, split = job(config), job(config)
    no_more_than(2, split.parallel.model, "encode", error)  # six pairs: halves of three, and of those the first of one
    fit(whole, State())
    state = fit(split, State())
    assert state.split == 2 * 2 * 3  # in each of two updates of two batches: the whole, and each of its halves
    for name, tensor in weights(whole).items():
        torch.testing.assert_close(weights(split)[name], tensor, rtol=1e-9, atol=1e-12)


def test_a_batch_that_is_split_keeps_its_links() -> None:
    config = replace_config(steps=2, batch_tokens=1_000)
    text = pairs()
    rng = np.random.default_rng(1)
    guides = [
        np.stack([rng.integers(0, len(side), 3) for side in (text.tgt[row], text.src[row])], 1)
        for row in range(len(text))
    ]
    stream = BatchStream(replace(text, guides=guides), batch_tokens=1_000, seed=1)
    whole, split, unguided = (replace(job(config), stream=stream) for _ in range(3))
    guide = {"guide": lambda batch: Guidance(batch.links, 0, 0.5)}
    no_more_than(2, split.parallel.model, "encode")
    for each in (replace(whole, **guide), replace(split, **guide), unguided):
        fit(each, State())
    for name, tensor in weights(whole).items():
        torch.testing.assert_close(weights(split)[name], tensor, rtol=1e-9, atol=1e-12)
    assert any(not torch.allclose(weights(unguided)[name], tensor) for name, tensor in weights(whole).items())


def test_what_a_backward_pass_left_before_it_broke_off_does_not_count() -> None:
    config = replace_config(steps=1, batch_tokens=1_000)
    whole, split = job(config), job(config)
    first = next(split.parallel.model.parameters())  # the embedding, whose gradient comes last
    failures = iter([True])

    def fail(gradient: torch.Tensor) -> None:
        if next(failures, False):
            assert any(parameter.grad is not None for parameter in split.parallel.model.parameters())
            raise MemoryError

    first.register_hook(fail)
    fit(whole, State())
    assert fit(split, State()).split == 1
    for name, tensor in weights(whole).items():
        torch.testing.assert_close(weights(split)[name], tensor, rtol=1e-9, atol=1e-12)


def test_splits_are_in_the_report() -> None:
    reports: list[dict[str, float]] = []
    running = job(replace_config(steps=1, batch_tokens=1_000), report=reports.append)
    no_more_than(3, running.parallel.model, "encode")
    fit(running, State())
    assert reports[-1]["split"] == 1


def test_one_pair_that_does_not_fit_names_the_setting_to_lower() -> None:
    running: Job = job(replace_config(steps=1))
    no_more_than(0, running.parallel.model, "encode")
    with pytest.raises(RunError, match=r"one pair of \d and \d tokens alone; lower data.max_tokens, or the sizes in"):
        fit(running, State())


def test_another_error_is_not_taken_for_it() -> None:
    running = job(BASE)
    no_more_than(0, running.parallel.model, "encode", lambda: RuntimeError("shapes cannot be multiplied"))
    with pytest.raises(RuntimeError, match="shapes cannot be multiplied"):
        fit(running, State())
    with pytest.raises(ZeroDivisionError):
        list(in_halves([1, 2], lambda rows: rows[0] / 0, ""))
    assert not out_of_memory(KeyError("out of memory"))


def test_pieces_come_in_order() -> None:
    def work(rows: list[int]) -> int:
        if len(rows) > 2:
            raise MemoryError
        return sum(rows)

    pieces = list(in_halves(list(range(7)), work, ""))
    assert [rows for rows, _ in pieces] == [[0], [1, 2], [3, 4], [5, 6]]
    assert [done for _, done in pieces] == [0, 3, 7, 11]


@pytest.fixture(scope="module")
def tokenizer(corpus: Path) -> TokenizerPair:
    lines = read_lines(corpus / "train.de"), read_lines(corpus / "train.en")
    return TokenizerPair.train(*lines, level="bpe", vocab_size=300, joint=True)


def translator(kind: str, tokenizer: TokenizerPair, **options: Any) -> Translator:
    arch, settings = KINDS[kind]
    config = recipe.load(None, arch, [f"model.{s}" for s in ("dim=8", *settings)]).model
    torch.manual_seed(1)
    model = models.build(config, len(tokenizer.source), len(tokenizer.source), True).double().eval()
    return Translator(model, tokenizer, **options)


@pytest.mark.parametrize("kind", ["rnn-gru", "attention-gru", "transformer-pre", "decoder"])
def test_a_batch_that_does_not_fit_is_decoded_in_halves_with_the_same_result(
    kind: str, tokenizer: TokenizerPair, corpus: Path
) -> None:
    src, tgt = read_lines(corpus / "test.de"), read_lines(corpus / "test.en")
    said: list[str] = []
    whole, halved = translator(kind, tokenizer), translator(kind, tokenizer, warn=said.append)
    no_more_than(3, halved.model, "encode")
    assert [t.text for t in halved.translate(src, SEARCH)] == [t.text for t in whole.translate(src, SEARCH)]
    scores = [[pair.log_prob for pair in each.score(src, tgt)] for each in (halved, whole)]
    assert scores[0] == pytest.approx(scores[1])
    assert halved.halved == 6  # twelve lines in pieces of three, twice
    assert said == ["out of memory with 64 sentences at once; lower --batch-size (said once)"]


def test_one_line_that_does_not_fit_names_the_setting_to_lower(tokenizer: TokenizerPair) -> None:
    ours = translator("rnn-gru", tokenizer)
    no_more_than(0, ours.model, "encode")
    with pytest.raises(RunError, match=r"out of memory with one sentence alone; lower --beam .*, or split long lines"):
        list(ours.translate(["Hallo"], SEARCH))


def test_dev_that_does_not_fit_is_measured_in_halves_with_the_same_result(
    tokenizer: TokenizerPair, corpus: Path, tmp_path: Path
) -> None:
    dev = Corpus("dev", read_lines(corpus / "dev.de"), read_lines(corpus / "dev.en"))
    config = recipe.load(None, "rnn", ["decoding.beam=1", "decoding.max_ratio=1.0"])
    model = translator("rnn-gru", tokenizer).model
    validation = Validation(Run(tmp_path), config, dev, tokenizer, torch.device("cpu"))
    whole = validation.measure(model, State(), keep=False)
    no_more_than(3, model, "encode")
    halved = validation.measure(model, State(), keep=False)
    assert (whole.split, halved.split) == (0, 6)
    assert (halved.bleu, halved.chrf) == (whole.bleu, whole.chrf)
    assert halved.loss == pytest.approx(whole.loss)
