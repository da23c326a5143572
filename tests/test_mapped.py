"""A text mapped from the cache is the text in memory, and trains to the same weights."""

import dataclasses
import resource
import subprocess
import sys
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from safetensors.torch import load_file

from nmt import recipe
from nmt.data import corpus as corpora
from nmt.data import encoding
from nmt.data.cache import Cache, facts
from nmt.data.encoded import encode_corpus
from nmt.data.encoding import encoded_chunks
from nmt.data.mapped import FILE, encode_text, open_text
from nmt.data.tokenizer import TokenizerPair
from nmt.errors import DataError, RunError, UsageError
from nmt.training import em, material
from nmt.training.run import train

pytest.importorskip("datasets")

LINES = ["a dog", "", "the  dog barks .", " \t", "dog " * 30, "a", "barks\u2028the", "ä 😀 dog", "the dog " * 9]
DEV = corpora.Corpus("dev", ["held out"], ["zurückgehalten"])
OTHERS = ["ein Hund", "x", "der Hund bellt .", "y", "Hund", "", "bellt\r", "ö ß Hund", "der"]


@pytest.fixture
def text(tmp_path: Path) -> corpora.Text:
    for suffix, lines in (("en", LINES), ("de", OTHERS)):
        (tmp_path / f"c.{suffix}").write_bytes("".join(line + "\n" for line in lines * 7).encode())
    return corpora.locate(str(tmp_path / "c"), "en", "de")


@pytest.fixture
def tokenizer() -> TokenizerPair:
    return TokenizerPair.train(LINES, OTHERS, level="bpe", vocab_size=280, joint=True)


def entry_of(text: corpora.Text, tokenizer: TokenizerPair, cache: Cache) -> Path:
    return encode_text(text, text.fingerprint(), tokenizer, cache)[0]


@pytest.mark.parametrize("limits", [(None, None), (12, 3.0)])
@pytest.mark.parametrize("rows", [5, 2**16])
def test_the_mapped_text_is_the_one_in_memory(
    tmp_path: Path,
    text: corpora.Text,
    tokenizer: TokenizerPair,
    limits: Any,
    rows: int,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr("nmt.data.mapped.ROWS", rows)
    monkeypatch.setattr(encoding, "CHUNK", 5)
    entry = entry_of(text, tokenizer, Cache(tmp_path / "cache"))
    mapped, dropped = open_text([entry], *limits)
    held, also_dropped = encode_corpus(text.corpus(), tokenizer, max_tokens=limits[0], max_ratio=limits[1])
    assert dropped == also_dropped
    assert mapped.lines.tolist() == held.lines.tolist()
    for ours, theirs in ((mapped.src, held.src), (mapped.tgt, held.tgt)):
        assert ours.lengths.tolist() == theirs.lengths.tolist()
        assert [ours[i].tolist() for i in range(len(ours))] == [theirs[i].tolist() for i in range(len(theirs))]
        some = np.arange(len(ours))[::-2]
        wanted = [index for row in some for index in theirs[row].tolist()]
        assert ours.gathered(some).tolist() == theirs.gathered(some).tolist() == wanted
        assert [len(side.gathered(some[:0])) for side in (ours, theirs)] == [0, 0]
        assert ours.frequencies().tolist() == theirs.frequencies().tolist()


def test_texts_are_opened_end_to_end(tmp_path: Path, text: corpora.Text, tokenizer: TokenizerPair) -> None:
    entry = entry_of(text, tokenizer, Cache(tmp_path / "cache"))
    one, two = open_text([entry], None, None)[0], open_text([entry, entry], None, None)[0]
    assert len(two) == 2 * len(one)
    assert two.lines.tolist() == [*one.lines.tolist(), *(one.lines + facts(entry)["pairs"]).tolist()]
    assert [two.tgt[i].tolist() for i in range(len(two))] == 2 * [one.tgt[i].tolist() for i in range(len(one))]


def test_processes_encode_what_one_process_does(tokenizer: TokenizerPair, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(encoding, "CHUNK", 2)
    alone, together = (list(encoded_chunks(zip(LINES, OTHERS, strict=True), tokenizer, n)) for n in (1, 2))
    assert len(alone) == len(together) == 5
    for ours, theirs in zip(together, alone, strict=True):
        for side, other in zip(ours, theirs, strict=True):
            assert side.ids.dtype == np.uint16
            assert (side.lengths.tolist(), side.ids.tolist()) == (other.lengths.tolist(), other.ids.tolist())


def test_one_changed_byte_is_another_entry_and_the_same_bytes_elsewhere_are_not(
    tmp_path: Path, text: corpora.Text, tokenizer: TokenizerPair
) -> None:
    cache = Cache(tmp_path / "cache")
    first = entry_of(text, tokenizer, cache)
    (tmp_path / "b").mkdir()
    moved = [path.rename(tmp_path / "b" / path.name) for path in text.files]
    there = corpora.locate(str(tmp_path / "b" / "c"), "en", "de")
    assert entry_of(there, tokenizer, cache) == first
    content = moved[1].read_bytes()
    moved[1].write_bytes(content[:50] + bytes([content[50] ^ 1]) + content[51:])
    assert entry_of(there, tokenizer, cache) != first
    other = TokenizerPair.train(LINES, OTHERS, level="bpe", vocab_size=270, joint=True)
    assert len({entry_of(there, each, cache) for each in (tokenizer, other)}) == 2


def test_text_that_changes_while_it_is_read_is_refused_and_leaves_no_entry(
    tmp_path: Path, text: corpora.Text, tokenizer: TokenizerPair
) -> None:
    def pairs() -> corpora.Pairs:
        for number, pair in enumerate(text.pairs()):
            if number == 3:
                with text.files[0].open("ab") as file:
                    file.write(b"more\n")
                with text.files[1].open("ab") as file:
                    file.write(b"mehr\n")
            yield pair

    cache = Cache(tmp_path / "cache")
    with pytest.raises(DataError, match=r"c changed while it was read; begin again when nobody writes to it"):
        entry_of(dataclasses.replace(text, pairs=pairs), tokenizer, cache)
    assert cache.entries() == []


def test_what_is_odd_about_a_text_is_said_again_whenever_it_is_opened(
    tmp_path: Path, text: corpora.Text, tokenizer: TokenizerPair
) -> None:
    def odd(dev: list[tuple[str, str]]) -> str:
        return encode_text(text, text.fingerprint(), tokenizer, Cache(tmp_path / "cache"), dev)[1] or ""

    leaked = [(LINES[0], OTHERS[0])]
    assert "7 are in the development text too" in odd(leaked)
    assert odd(leaked) == odd(leaked)
    assert "development" not in odd([("a", "b")])
    assert "7 have characters" in odd([("a", "b")])


def test_a_disk_that_fills_up_is_one_line_and_leaves_no_entry(
    tmp_path: Path, text: corpora.Text, tokenizer: TokenizerPair
) -> None:
    # A limit on the size of a file stands for the disk, as in test_interrupts.py.
    cache, fingerprint = Cache(tmp_path / "cache"), text.fingerprint()
    soft, hard = resource.getrlimit(resource.RLIMIT_FSIZE)
    resource.setrlimit(resource.RLIMIT_FSIZE, (1_000, hard))
    try:
        with pytest.raises(
            RunError, match=r"cannot be written: .*; make room, name another folder by data\.cache_folder"
        ):
            encode_text(text, fingerprint, tokenizer, cache)
    finally:
        resource.setrlimit(resource.RLIMIT_FSIZE, (soft, hard))
    assert cache.entries() == []


def test_a_text_is_read_once_to_be_encoded(tmp_path: Path, text: corpora.Text, tokenizer: TokenizerPair) -> None:
    opened: list[int] = []

    def pairs() -> corpora.Pairs:
        opened.append(1)
        return text.pairs()

    entry_of(dataclasses.replace(text, pairs=pairs), tokenizer, Cache(tmp_path / "cache"))
    assert opened == [1]


def test_a_text_of_blank_lines_alone_opens_with_nothing_kept(tmp_path: Path, tokenizer: TokenizerPair) -> None:
    (tmp_path / "c.tsv").write_text(" \t \n" * 3)
    entry = entry_of(corpora.locate(str(tmp_path / "c.tsv"), "en", "de"), tokenizer, Cache(tmp_path / "cache"))
    encoded, dropped = open_text([entry], None, None)
    assert (len(encoded), dropped.empty) == (0, 3)


def test_opening_a_text_imports_neither_datasets_nor_pandas(
    tmp_path: Path, text: corpora.Text, tokenizer: TokenizerPair
) -> None:
    entry = entry_of(text, tokenizer, Cache(tmp_path / "cache"))
    code = (
        "import sys; from pathlib import Path; from nmt.data.mapped import open_text; "
        "open_text([Path(sys.argv[1])], None, None); sys.exit(bool({'datasets', 'pandas'} & set(sys.modules)))"
    )
    assert subprocess.run([sys.executable, "-c", code, str(entry)], cwd=Path(__file__).parents[1]).returncode == 0


def test_an_empty_text_is_refused_and_leaves_no_entry(tmp_path: Path, tokenizer: TokenizerPair) -> None:
    (tmp_path / "c.tsv").touch()
    cache = Cache(tmp_path / "cache")
    with pytest.raises(DataError, match="is empty"):
        entry_of(corpora.locate(str(tmp_path / "c.tsv"), "en", "de"), tokenizer, cache)
    assert cache.entries() == []


def made(corpus: Path, folder: Path, *settings: str, arch: str = "transformer") -> recipe.Recipe:
    """A recipe for a few updates of a small model, that keeps its cache beside the runs."""
    fixed = ["training.steps=4", "training.validate_every=4", "training.dev_lines=1", "training.batch_tokens=256"]
    fixed += ["decoding.beam=1", "decoding.max_extra=1", "decoding.max_ratio=1.0"]
    fixed += ["tokenizer.vocab_size=300", f"data.cache_folder={folder / 'cache'}", "data.max_ratio=1.5"]
    small = [] if arch == "lexical" else ["model.dim=8"]
    data = {"train": str(corpus / "train"), "dev": str(corpus / "dev")}
    return recipe.load(None, arch, [*fixed, *small, *settings], {"data": data})


@pytest.mark.parametrize(("arch", "settings"), [("rnn", ["tokenizer.dropout=0.1"]), ("lexical", [])])
def test_a_training_from_the_cache_ends_with_the_weights_of_one_in_memory(
    corpus: Path, tmp_path: Path, arch: str, settings: list[str], capsys: pytest.CaptureFixture[str]
) -> None:
    for cache in ("never", "always"):
        train(made(corpus, tmp_path, f"data.cache={cache}", *settings, arch=arch), tmp_path / cache, "cpu")
    held, mapped = (load_file(tmp_path / name / "last.safetensors") for name in ("never", "always"))
    assert all(torch.equal(mapped[name], tensor) for name, tensor in held.items())
    assert (tmp_path / "never" / "tokenizer.json").read_bytes() == (tmp_path / "always" / "tokenizer.json").read_bytes()
    told = capsys.readouterr().err
    assert "200 pairs encoded in" in told
    assert told.count("beyond data.max_ratio") == (0 if arch == "lexical" else 2)  # words are fewer than pieces
    # Resumed from the cache what was begun in memory: where ids are kept is no part of a training.
    train(made(corpus, tmp_path, "data.cache=always", *settings, arch=arch), tmp_path / "never", "cpu")


def test_only_large_files_are_cached_unless_a_recipe_says_otherwise(corpus: Path, tmp_path: Path) -> None:
    def cached(*settings: str) -> bool:
        asked = made(corpus, tmp_path, *settings)
        return material.uses_cache(asked, corpora.training_texts(asked))

    assert [cached(*each) for each in ([], ["data.cache=always"], ["data.cache=never"])] == [False, True, False]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(material, "MAPPED_FROM", 100)
        assert cached()
        assert not cached("data.cache=never")
        assert not cached("data.train=grammar:50")
        assert not cached("training.guided_alignment.file=x", "align.layer=1", "align.head=1")


def test_without_the_library_text_is_held_in_memory_or_the_remedy_is_told(
    corpus: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(material, "find_spec", lambda name: None)
    monkeypatch.setattr(material, "MAPPED_FROM", 100)
    assert material.gather(made(corpus, tmp_path), None, DEV).corpus is not None
    assert "the library `datasets` is not installed; pip install datasets" in capsys.readouterr().err
    with pytest.raises(DataError, match="always needs the library `datasets`; pip install datasets"):
        material.gather(made(corpus, tmp_path, "data.cache=always"), None, DEV)


def test_guided_alignment_and_a_cache_at_any_price_are_refused(corpus: Path, tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"guided_alignment needs the text in memory; set data.cache to auto or never"):
        made(corpus, tmp_path, "data.cache=always", "training.guided_alignment.file=x", "align.layer=1", "align.head=1")


def test_counting_over_the_mapped_text_is_counting_over_the_text(
    tmp_path: Path, text: corpora.Text, tokenizer: TokenizerPair
) -> None:
    mapped, _ = open_text([entry_of(text, tokenizer, Cache(tmp_path / "cache"))], None, None)
    held, _ = encode_corpus(text.corpus(), tokenizer)
    passes = [list(islice(em.estimate(each, len(tokenizer.target), 2), 2)) for each in (mapped, held)]
    assert passes[0][1].log_likelihood == passes[1][1].log_likelihood


def test_the_file_is_an_arrow_file_that_the_library_reads(
    tmp_path: Path, text: corpora.Text, tokenizer: TokenizerPair
) -> None:
    import datasets

    entry = entry_of(text, tokenizer, Cache(tmp_path / "cache"))
    row = datasets.Dataset.from_file(str(entry / FILE))[0]
    assert tokenizer.source.decode(row["src"]) == LINES[0]
    assert tokenizer.target.decode(row["tgt"]) == OTHERS[0]
