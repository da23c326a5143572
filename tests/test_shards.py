"""A data set that is streamed is trained on shard by shard, and gone on with in the shard it was in."""

import json
from itertools import islice
from pathlib import Path

import pytest
import torch

from nmt import recipe
from nmt.data.batches import Place
from nmt.errors import DataError, UsageError
from nmt.training.parts import Parts, prepare
from nmt.training.resolve import resolve

datasets = pytest.importorskip("datasets")


@pytest.fixture
def shards(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """A folder in the layout of the hub, with three files of pairs, and no network."""
    monkeypatch.setattr(datasets.config, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(datasets.config, "HF_DATASETS_CACHE", tmp_path / "hub")
    folder = tmp_path / "set"
    folder.mkdir()
    for shard in range(3):
        rows = [{"de": f"wort{shard} " * (1 + n % 5), "en": f"word{shard} " * (1 + n % 4)} for n in range(40)]
        text = "".join(json.dumps({"translation": row}) + "\n" for row in rows)
        (folder / f"train-{shard:05}-of-00003.jsonl").write_text(text)
    return folder


def asked(shards: Path, tmp_path: Path, *settings: str) -> recipe.Recipe:
    fixed = ["data.stream=true", f"data.cache_folder={tmp_path / 'cache'}", "data.dev=grammar:5", "model.dim=8"]
    fixed += ["training.batch_tokens=200", "tokenizer.vocab_size=300", f"data.train={shards}"]
    return recipe.load(None, "transformer", [*fixed, *settings])


def words(parts: Parts, epoch: int) -> set[str]:
    """The first words of the sources of an epoch."""
    batches = islice(parts.stream.batches(Place(epoch, 0)), len(parts.stream.plan(epoch)))
    sources = [row for batch, _ in batches for row in batch.src.tolist()]
    return {parts.tokenizer.source.decode(ids).split()[0] for ids in sources}


def test_an_epoch_is_a_shard_and_a_resumed_training_goes_on_within_it(
    shards: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    parts = prepare(asked(shards, tmp_path))
    assert [words(parts, epoch) for epoch in range(4)] == [{"wort0"}, {"wort1"}, {"wort2"}, {"wort0"}]
    assert capsys.readouterr().err.count("40 pairs encoded") == 3
    whole = list(islice(parts.stream.batches(Place(1, 0)), 9))
    again = prepare(asked(shards, tmp_path))
    assert "encoded" not in capsys.readouterr().err
    assert again.tokenizer.sha256() == parts.tokenizer.sha256()
    for (batch, place), (other, there) in zip(whole[3:], again.stream.batches(whole[2][1]), strict=False):
        assert place == there
        assert torch.equal(batch.src, other.src)


def test_a_shard_that_changed_is_encoded_anew(shards: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    prepare(asked(shards, tmp_path))
    (shards / "train-00000-of-00003.jsonl").write_text('{"translation": {"de": "neu", "en": "new"}}\n')
    parts = prepare(asked(shards, tmp_path))
    assert len(parts.encoded) == 1
    assert "1 pairs encoded" in capsys.readouterr().err


def test_what_is_odd_about_a_shard_is_said_when_it_is_opened(
    shards: Path, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    path = shards / "train-00000-of-00003.jsonl"
    path.write_text(path.read_text().replace("word0", "word\ufffd", 1))
    for _ in range(2):
        prepare(asked(shards, tmp_path))
        assert "shard 1 of 3: of 40 pairs 1 have lost characters (U+FFFD); `nmt data check`" in capsys.readouterr().err


def test_a_faulty_row_is_named_with_its_shard(shards: Path, tmp_path: Path) -> None:
    (shards / "train-00001-of-00003.jsonl").write_text('{"translation": {"de": "x", "fr": "y"}}\n')
    with pytest.raises(DataError, match=r"row 41: no text under 'en'|cannot be read"):
        prepare(asked(shards, tmp_path))


def test_without_a_recipe_the_number_of_pairs_must_be_known(shards: Path) -> None:
    with pytest.raises(UsageError, match="has is not known before it is read; name a recipe"):
        resolve(None, "transformer", ["data.stream=true"], {"data": {"train": str(shards)}})


@pytest.mark.parametrize(
    ("settings", "said"),
    [
        (["tokenizer.dropout=0.1"], "data.stream has one shard at a time, and tokenizer.dropout is not made for it"),
        (["training.guided_alignment.file=x", "align.layer=1", "align.head=1"], "has links for a whole text"),
        (["data.cache=never"], "data.cache = never leaves it nowhere to go"),
        (["data.train={a={path='x'}}"], "data.stream reads one data set"),
    ],
)
def test_what_a_stream_cannot_do_is_refused_in_a_sentence(
    shards: Path, tmp_path: Path, settings: list[str], said: str
) -> None:
    with pytest.raises(UsageError, match=said):
        asked(shards, tmp_path, *settings)
    with pytest.raises(UsageError, match="a lexical model counts over a whole text"):
        recipe.load(None, "lexical", ["data.stream=true"])


def test_only_a_data_set_of_the_hub_is_streamed(tmp_path: Path) -> None:
    for where in ("grammar", str(tmp_path / "c.tsv")):
        with pytest.raises(DataError, match=r"cannot be streamed; data\.stream takes hub:NAME"):
            prepare(asked(Path(where), tmp_path))
