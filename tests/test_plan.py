"""A batch is planned without a thought of how many processes there are, and each of them takes its share."""

import hashlib
from itertools import islice

import numpy as np
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st

from nmt.data import corpus
from nmt.data.batches import BatchStream, Place
from nmt.data.encoded import Encoded, Side, encode_corpus
from nmt.data.plan import Share, by_length, cuts
from nmt.data.tokenizer import TokenizerPair
from nmt.tokens import EOS

LENGTHS = st.lists(st.integers(1, 30), max_size=60)


def by_a_loop(longest: list[int], budget: int) -> list[int]:
    """Row after row into a batch, until one is too much."""
    found, rows = [], 0
    for place, length in enumerate(longest):
        if rows and (rows + 1) * length > budget:
            found.append(place)
            rows = 0
        rows += 1
    return found


@given(LENGTHS, st.integers(1, 200))
def test_batches_are_cut_where_a_loop_over_rows_cuts_them(lengths: list[int], budget: int) -> None:
    lengths.sort()
    assert cuts(np.array(lengths, dtype=np.int64), budget).tolist() == by_a_loop(lengths, budget)


@given(LENGTHS, st.integers(0, 9))
def test_rows_are_in_the_order_that_sorting_them_by_two_keys_gives(lengths: list[int], seed: int) -> None:
    rng = np.random.default_rng(seed)
    src, tgt = np.array(lengths, np.int32), rng.integers(1, 30, len(lengths), np.int32)
    noise = rng.uniform(-1.0, 1.0, len(lengths))

    def key(row: int) -> tuple[int, float]:
        longest, difference = max(src[row], tgt[row]), src[row] - tgt[row] + noise[row]
        return longest, difference if longest % 2 else -difference

    assert by_length(src, tgt, noise).tolist() == sorted(range(len(lengths)), key=key)


@given(LENGTHS, st.integers(1, 8))
def test_the_shares_of_a_batch_are_the_batch_and_are_balanced(lengths: list[int], ranks: int) -> None:
    lengths.sort()
    shares = [Share(rank, ranks).of(np.arange(len(lengths))).tolist() for rank in range(ranks)]
    assert sorted(row for share in shares for row in share) == list(range(len(lengths)))
    counts = [len(share) for share in shares]
    assert max(counts) - min(counts) <= 1
    sums = [sum(lengths[row] for row in share) for share in shares]
    assert max(sums) - min(sums) <= max(lengths, default=0)


@pytest.mark.parametrize(("rank", "ranks"), [(1, 1), (-1, 2), (0, 0)])
def test_a_rank_is_one_of_the_ranks(rank: int, ranks: int) -> None:
    with pytest.raises(ValueError, match="there is no rank"):
        Share(rank, ranks)


@pytest.fixture(scope="module")
def encoded() -> Encoded:
    """Every sentence another, the last one longer than any budget here."""
    rng = np.random.default_rng(3)
    lengths = [*rng.integers(1, 30, 150).tolist(), 99]
    sides = (Side([[4 + row] * max(1, n + d) for row, n in enumerate(lengths)]) for d in (0, 1))
    return Encoded(*sides, np.arange(len(lengths)))


def stream(encoded: Encoded, rank: int, ranks: int) -> BatchStream:
    return BatchStream(encoded, batch_tokens=90, seed=7, share=Share(rank, ranks))


def pairs(tensor: torch.Tensor) -> list[list[int]]:
    return [row[: row.index(EOS)] for row in tensor.tolist()]


@pytest.mark.parametrize("ranks", range(1, 9))
def test_every_number_of_ranks_reads_the_same_batches_in_the_same_order(encoded: Encoded, ranks: int) -> None:
    alone = stream(encoded, 0, 1)
    steps = len(alone.plan(0)) + 3
    together = [stream(encoded, rank, ranks).batches(Place()) for rank in range(ranks)]
    sizes = []
    for whole, place in islice(alone.batches(Place()), steps):
        shares = [next(own) for own in together]
        assert all(there == place and share.all_tokens == whole.tokens for share, there in shares)
        assert sum(share.tokens for share, _ in shares) == whole.tokens == whole.all_tokens
        for side in ("src", "tgt_out"):
            assert sorted(
                pair for share, _ in shares if share.tokens for pair in pairs(getattr(share, side))
            ) == sorted(pairs(getattr(whole, side)))
        sizes += [share.tokens for share, _ in shares]
    assert (0 in sizes) == (ranks > 1)  # the longest sentence is a batch of one row


def test_a_training_of_two_ranks_goes_on_with_three_at_the_same_place(encoded: Encoded) -> None:
    whole = list(islice(stream(encoded, 0, 1).batches(Place()), 12))
    begun = [list(islice(stream(encoded, rank, 2).batches(Place()), 5)) for rank in range(2)]
    assert begun[0][-1][1] == begun[1][-1][1] == whole[4][1]
    rest = [stream(encoded, rank, 3).batches(begun[0][-1][1]) for rank in range(3)]
    for batch, place in whole[5:]:
        shares = [next(own) for own in rest]
        assert {there for _, there in shares} == {place}
        assert sorted(pair for share, _ in shares if share.tokens for pair in pairs(share.src)) == sorted(
            pairs(batch.src)
        )


def test_the_plan_of_the_embedded_corpus_is_what_it_always_was() -> None:
    text = corpus.load("grammar:1000", "de", "en")
    tokenizer = TokenizerPair.train(text.src, text.tgt, level="bpe", vocab_size=500, joint=True)
    encoded, _ = encode_corpus(text, tokenizer, max_tokens=256, max_ratio=5.0)
    planned, digest = BatchStream(encoded, batch_tokens=1_024, seed=1), hashlib.sha256()
    for epoch in (0, 1):
        for rows in planned.plan(epoch):
            digest.update(rows.astype("<i8").tobytes() + b"|")
    assert digest.hexdigest() == "da6d22e131073f62cbf5910d59fdcefd62de540b9edd6a621e78dc988f6432c6"
