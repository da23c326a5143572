"""Several corpora have the shares of an epoch that their weights ask for, whatever the epoch."""

from collections import Counter
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from nmt import recipe
from nmt.data.corpus import Corpus, Text
from nmt.data.mixture import Mixture, apportioned
from nmt.data.sample import Sample, spread
from nmt.errors import DataError, UsageError
from nmt.training import material
from nmt.training.parts import prepare

SIZES = st.lists(st.integers(1, 40), min_size=1, max_size=4)


@settings(max_examples=30)
@given(SIZES, st.data())
def test_the_shares_of_an_epoch_are_those_asked_for_and_no_pair_is_seen_twice_more_than_another(
    sizes: list[int], data: st.DataObject
) -> None:
    weights = data.draw(st.lists(st.floats(0.01, 9.0), min_size=len(sizes), max_size=len(sizes)))
    mixture, whole = Mixture(tuple(sizes), tuple(weights), 3), sum(sizes)
    ends = np.cumsum(sizes)
    seen: Counter[int] = Counter()
    for epoch in range(5):
        rows = mixture.rows(epoch)
        seen.update(rows.tolist())
        counts = np.bincount(np.searchsorted(ends, rows, side="right"), minlength=len(sizes))
        assert counts.sum() == whole
        assert np.abs(counts - np.array(weights) / sum(weights) * whole).max() < 1
    for begin, end in zip([0, *ends[:-1]], ends, strict=True):
        times = [seen[row] for row in range(begin, end)]
        assert max(times) - min(times) <= 1


def test_the_rows_of_an_epoch_depend_on_the_seed_and_the_epoch_alone() -> None:
    def rows(seed: int, epoch: int) -> list[int]:
        return Mixture((30, 10), (1.0, 3.0), seed).rows(epoch).tolist()

    assert rows(1, 2) == rows(1, 2)
    assert len({str(rows(seed, epoch)) for seed in (1, 2) for epoch in (0, 1)}) == 4


@given(st.integers(0, 99), st.lists(st.floats(0.01, 9.0), min_size=1, max_size=5))
def test_parts_make_the_whole(whole: int, weights: list[float]) -> None:
    assert sum(apportioned(whole, weights)) == whole


@given(st.integers(0, 60), st.data())
def test_a_sample_is_spread_evenly(count: int, data: st.DataObject) -> None:
    wanted = data.draw(st.integers(0, count))
    places = list(spread(range(count), count, wanted))
    assert len(places) == wanted
    gaps = np.diff(places)
    assert not len(gaps) or max(gaps) - min(gaps) <= 1


def numbers(name: str, count: int) -> Text:
    return Text(name, lambda: ((f"{name}{i}", f"{name}{i}!") for i in range(count)), (), "")


def test_a_sample_of_several_texts_goes_by_weight_or_else_by_size() -> None:
    texts = [numbers("a", 30), numbers("b", 10)]
    for weights, shares in ((None, [6, 2]), ((1.0, 3.0), [2, 6]), ((1.0, 99.0), [0, 8])):
        assert Sample.of(texts, 8, weights).wanted == shares
    assert Sample.of(texts, 40, (1.0, 3.0)).wanted == [30, 10]
    assert list(Sample.of(texts, 4, None).pairs()) == [("a9", "a9!"), ("a19", "a19!"), ("a29", "a29!"), ("b9", "b9!")]
    assert list(Sample.of(texts, 4, None).side(1)) == ["a9!", "a19!", "a29!", "b9!"]


def mixed(corpus: Path, tmp_path: Path, *settings: str) -> recipe.Recipe:
    """The training text of the fixture with weight 1 and its dev text with weight 3, in a recipe's file."""
    path = tmp_path / "mixed.toml"
    path.write_text(
        f"[data]\ndev = '{corpus / 'dev'}'\n[data.train.large]\npath = '{corpus / 'train'}'\nweight = 1.0\n"
        f"[data.train.small]\npath = '{corpus / 'dev'}'\nweight = 3.0\n"
        "[model]\ndim = 8\n[tokenizer]\nvocab_size = 300\n"
    )
    return recipe.load(path, "transformer", [f"data.cache_folder={tmp_path / 'cache'}", *settings])


@pytest.mark.parametrize("cache", ["never", "always"])
def test_an_epoch_of_a_recipe_with_weights_has_the_shares_asked_for(corpus: Path, tmp_path: Path, cache: str) -> None:
    if cache == "always":
        pytest.importorskip("datasets")
    asked = mixed(corpus, tmp_path, f"data.cache={cache}", "training.batch_tokens=300")
    parts = prepare(asked)
    assert len(parts.encoded) == 212
    for epoch in (0, 1):
        rows = np.concatenate(parts.stream.plan(epoch))
        assert (rows < 200).sum() == 53  # a quarter of 212
        assert len(rows) == 212
        assert set(rows[rows >= 200].tolist()) == set(range(200, 212))
    assert parts.stream.tokens(0) == parts.encoded.tgt.lengths[np.concatenate(parts.stream.plan(0))].sum() + 212
    assert recipe.load(None, settings=[f"data.train={corpus / 'train'}"]).data.title == str(corpus / "train")


def test_without_weights_every_pair_is_seen_once(corpus: Path, tmp_path: Path) -> None:
    asked = mixed(corpus, tmp_path)
    plain = {name: each.model_copy(update={"weight": None}) for name, each in asked.data.corpora.items()}
    asked = asked.model_copy(update={"data": asked.data.model_copy(update={"train": plain})})
    gathered = material.gather(asked, None, Corpus("dev", ["x"], ["y"]))
    assert gathered.draw is None
    assert len(gathered.encoded) == 212


def test_a_corpus_of_which_nothing_is_left_is_named(corpus: Path, tmp_path: Path) -> None:
    (tmp_path / "blank.de").write_text(" \n")
    (tmp_path / "blank.en").write_text("x\n")
    asked = mixed(corpus, tmp_path, f"data.train.small.path={tmp_path / 'blank'}")
    with pytest.raises(DataError, match=r"^small: no pair is left to train on: it left out 1 with an empty side"):
        prepare(asked)


def test_a_corpus_whose_weight_leaves_it_no_pair_of_an_epoch_is_named(corpus: Path, tmp_path: Path) -> None:
    asked = mixed(corpus, tmp_path, "data.train.small.weight=0.001")
    with pytest.raises(
        DataError, match=r"^small: by its weight an epoch of 212 pairs has none .* data.train.small.weight"
    ):
        prepare(asked)


def test_weights_as_large_as_numbers_go_are_shares_too() -> None:
    assert apportioned(8, (1.7e308, 1.7e308)) == [4, 4]
    assert apportioned(8, (5e-324, 5e-324)) == [4, 4]


@pytest.mark.parametrize(
    ("given_settings", "said"),
    [
        (["data.train.a.path=x", "data.train.a.wieght=1.0"], "unknown key data.train.a.wieght; did you mean weight?"),
        (["data.train.a.path=x", "data.train.a.weight=0.0"], "data.train.a.weight must be more than 0.0, not 0.0"),
        (["data.train.a.weight=1.0"], "data.train.a.path is missing"),
        (["data.train.a=3"], "data.train.a must be a table, not 3"),
        (["data.train=3"], "data.train must be text, not 3"),
        (["data.train={}"], "train is a table without a corpus"),
        (
            ["data.train.a.path=x", "data.train.a.weight=1.0", "data.train.b.path=y"],
            "give all of them one, or none",
        ),
    ],
)
def test_a_mistake_in_the_table_of_corpora_is_told_in_one_line(given_settings: list[str], said: str) -> None:
    with pytest.raises(UsageError) as caught:
        recipe.load(None, "transformer", given_settings)
    assert said in str(caught.value)
    assert "\n" not in str(caught.value)


def test_several_corpora_of_a_file_are_relative_to_it_and_survive_a_dump(tmp_path: Path) -> None:
    path = tmp_path / "r.toml"
    path.write_text("[data.train]\na = {path = 'x', weight = 2.0}\nb = {path = 'grammar', weight = 1.0}\n")
    loaded = recipe.load(path)
    assert loaded.data.paths == (str(tmp_path / "x"), "grammar")
    path.write_text(recipe.dump(loaded))
    assert recipe.load(path) == loaded
