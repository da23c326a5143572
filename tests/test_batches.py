"""Batches hold every pair once an epoch, within the budget, in an order that a place alone decides."""

from itertools import islice

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nmt.data.batches import Batch, BatchStream, Place, collate, collate_source, dropout_resampler
from nmt.data.corpus import Corpus
from nmt.data.encoded import Dropped, Encoded, Side, encode_corpus
from nmt.data.tokenizer import TokenizerPair
from nmt.tokens import BOS, EOS, PAD

WORDS = [*"abdeinrst", "man", "the", "with", "hat", "walks", "slowly", "bridge", "songs"]


@pytest.fixture(scope="module")
def text() -> Corpus:
    """Lengths like those of captions; the two sides go together without being the same."""
    rng = np.random.default_rng(3)
    lengths = np.clip(rng.lognormal(2.4, 0.45, size=(600,)), 2, 60).astype(int)
    lines = [[" ".join(rng.choice(WORDS, n + rng.integers(0, 4))) for n in lengths] for _ in range(2)]
    return Corpus("made up", *lines)


@pytest.fixture(scope="module")
def tokenizer(text) -> TokenizerPair:
    return TokenizerPair.train(text.src, text.tgt, level="bpe", vocab_size=300, joint=True)


@pytest.fixture(scope="module")
def encoded(text, tokenizer) -> Encoded:
    return encode_corpus(text, tokenizer, max_tokens=None, max_ratio=None)[0]


def pairs(batch: Batch) -> list[tuple[tuple[int, ...], tuple[int, ...]]]:
    """The ids in a batch, without what collating added."""
    rows = zip(batch.src.tolist(), batch.tgt_out.tolist(), strict=True)
    return [(tuple(src[: src.index(EOS)]), tuple(tgt[: tgt.index(EOS)])) for src, tgt in rows]


IDS = st.lists(st.integers(4, 99), max_size=6)


@given(st.lists(st.tuples(IDS, IDS), min_size=1, max_size=5))
def test_a_batch_holds_the_ids_with_their_ends_and_padding_elsewhere(rows):
    batch = collate([src for src, _ in rows], [tgt for _, tgt in rows])
    for row, (src, tgt) in enumerate(rows):
        pads = [PAD] * (batch.src.shape[1] - len(src) - 1)
        assert batch.src[row].tolist() == [*src, EOS, *pads]
        assert batch.src_mask[row].tolist() == [True] * (len(src) + 1) + [False] * len(pads)
        pads = [PAD] * (batch.tgt_in.shape[1] - len(tgt) - 1)
        assert batch.tgt_in[row].tolist() == [BOS, *tgt, *pads]
        assert batch.tgt_out[row].tolist() == [*tgt, EOS, *pads]
    assert batch.tokens == int((batch.tgt_out != PAD).sum())


def test_a_source_alone_is_collated_as_in_a_batch():
    ids, mask = collate_source([[5, 6], [7]])
    assert (ids.tolist(), mask.tolist()) == ([[5, 6, EOS], [7, EOS, PAD]], [[True] * 3, [True, True, False]])
    assert (ids.dtype, mask.dtype) == (torch.int64, torch.bool)


def test_an_epoch_holds_every_pair_once(encoded):
    stream = BatchStream(encoded, batch_tokens=600, seed=1)
    plan = stream.plan(0)
    assert sorted(np.concatenate(plan).tolist()) == list(range(len(encoded)))
    seen = [pair for batch, _ in islice(stream.batches(Place()), len(plan)) for pair in pairs(batch)]
    wanted = [(tuple(encoded.src[i].tolist()), tuple(encoded.tgt[i].tolist())) for i in range(len(encoded))]
    assert sorted(seen) == sorted(wanted)


@pytest.mark.parametrize("budget", [10, 300, 2_000])
def test_no_batch_is_over_the_budget_unless_it_is_one_sentence(encoded, budget):
    for batch in BatchStream(encoded, batch_tokens=budget, seed=1).once():
        rows = len(batch.src)
        assert rows == 1 or rows * max(batch.src.shape[1], batch.tgt_in.shape[1]) <= budget


def test_dropout_does_not_lift_a_batch_over_the_budget(text, tokenizer, encoded):
    resample = dropout_resampler(text, tokenizer, encoded, 0.3, seed=5)
    stream = BatchStream(encoded, batch_tokens=1_500, seed=5, resample=resample)
    for batch, _ in islice(stream.batches(Place()), len(stream.plan(0))):
        rows = len(batch.src)
        assert rows == 1 or rows * max(batch.src.shape[1], batch.tgt_in.shape[1]) <= 1_500


def test_the_order_depends_on_the_seed_and_the_epoch_alone(encoded):
    def order(seed: int, epoch: int) -> list[list[int]]:
        return [rows.tolist() for rows in BatchStream(encoded, batch_tokens=600, seed=seed).plan(epoch)]

    assert order(1, 0) == order(1, 0)
    assert len({str(order(seed, epoch)) for seed in (1, 2) for epoch in (0, 1)}) == 4
    assert {tuple(sorted(rows)) for rows in order(1, 0)} != {tuple(sorted(rows)) for rows in order(1, 1)}


@pytest.mark.parametrize("dropout", [0.0, 0.2])
def test_from_any_place_the_stream_goes_on_as_if_it_had_never_stopped(text, tokenizer, encoded, dropout):
    def stream() -> BatchStream:
        resample = dropout_resampler(text, tokenizer, encoded, dropout, seed=5) if dropout else None
        return BatchStream(encoded, batch_tokens=1_500, seed=5, resample=resample)

    epoch = len(stream().plan(0))
    whole = list(islice(stream().batches(Place()), epoch + 3))
    for after in (0, epoch // 2, epoch - 1, epoch):
        resumed = stream().batches(whole[after][1])
        for (expected, place), (batch, there) in zip(whole[after + 1 :], resumed, strict=False):
            assert place == there
            assert torch.equal(expected.src, batch.src)
            assert torch.equal(expected.tgt_out, batch.tgt_out)
    assert Place(1, 0) in [place for _, place in whole]


def test_dropout_gives_other_pieces_of_the_same_text_in_every_epoch(text, tokenizer, encoded):
    resample = dropout_resampler(text, tokenizer, encoded, 0.3, seed=5)
    first, second = resample(0, 7), resample(1, 7)
    assert list(first[0]) != list(second[0])
    assert tokenizer.source.decode(first[0]) == tokenizer.source.decode(second[0]) == text.src[7]
    assert tokenizer.target.decode(first[1]) == text.tgt[7]


@pytest.fixture(scope="module")
def captions() -> Encoded:
    """Ids of no meaning with the lengths of Multi30k: 15.6 pieces on average, and 2 or 3 more or fewer across."""
    rng = np.random.default_rng(3)
    src = np.clip(rng.lognormal(2.68, 0.35, 12_000), 4, 60).round().astype(int)
    tgt = np.clip(src + rng.normal(0.5, 3.0, len(src)), 3, None).round().astype(int)
    return Encoded(*(Side([[9] * n for n in lengths]) for lengths in (src, tgt)), np.arange(len(src)))


def test_padding_is_a_small_part_of_an_epoch(captions):
    stream = BatchStream(captions, batch_tokens=2_048, seed=1)
    cells = real = 0
    for batch, _ in islice(stream.batches(Place()), len(stream.plan(0))):
        cells += batch.src.numel() + batch.tgt_out.numel()
        real += int((batch.src != PAD).sum() + (batch.tgt_out != PAD).sum())
    print(f"padding: {1 - real / cells:.1%}")
    assert 1 - real / cells < 0.06


def test_pairs_left_out_are_counted_by_the_first_reason(tokenizer):
    lines = Corpus("c", ["man", "", "man", "man " * 40, "the " * 11], ["hat", "hat", " \t", "hat", "hat"])
    encoded, dropped = encode_corpus(lines, tokenizer, max_tokens=30, max_ratio=3.0)
    assert dropped == Dropped(empty=2, too_long=1, unbalanced=1)
    assert encoded.lines.tolist() == [0]
    assert "2 with an empty side" in (dropped.report() or "")


def test_nothing_left_out_is_nothing_to_report(text, tokenizer):
    encoded, dropped = encode_corpus(text, tokenizer, max_tokens=None, max_ratio=None)
    assert (len(encoded), dropped.report()) == (len(text), None)
