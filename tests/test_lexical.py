"""Word by word: IBM Model 1 against the textbook's loops, its table behind the seam, unknown words copied."""

import itertools
import json
import math
from collections import defaultdict
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from conftest import VOCAB, Sentences, tiny
from test_cli import nmt, text

from nmt import recipe, runs
from nmt.data.encoded import Encoded, Side
from nmt.evaluation import maps
from nmt.models.lexical import NULL, Lexical
from nmt.tokens import EOS, UNK
from nmt.training import em

DAS, HAUS, BUCH, EIN = THE, HOUSE, BOOK, A = 4, 5, 6, 7
TEXTBOOK = [([DAS, HAUS], [THE, HOUSE]), ([DAS, BUCH], [THE, BOOK]), ([EIN, BUCH], [A, BOOK])]


def encoded(pairs: list[tuple[list[int], list[int]]]) -> Encoded:
    return Encoded(Side([src for src, _ in pairs]), Side([tgt for _, tgt in pairs]), np.arange(len(pairs)))


def random_pairs(count: int, seed: int) -> list[tuple[list[int], list[int]]]:
    generator = np.random.default_rng(seed)
    return [tuple(generator.integers(4, VOCAB, generator.integers(1, 7)).tolist() for _ in "st") for _ in range(count)]  # type: ignore[misc]


def loops(pairs: Any, iterations: int) -> tuple[dict[tuple[int, int], float], list[float]]:
    """Koehn 2010, figure 4.3, as it is printed: dictionaries and four loops; and the likelihoods."""
    t: dict[tuple[int, int], float] = defaultdict(float)
    cooccur = {(f, e) for src, tgt in pairs for f in [*src, NULL] for e in tgt}
    for f, e in cooccur:
        t[f, e] = 1 / len({other for word, other in cooccur if word == f})
    likelihoods = []
    for _ in range(iterations):
        count: dict[tuple[int, int], float] = defaultdict(float)
        total: dict[int, float] = defaultdict(float)
        likelihood = 0.0
        for src, tgt in pairs:
            for e in tgt:
                s_total = sum(t[f, e] for f in [*src, NULL])
                likelihood += math.log(s_total / (len(src) + 1))
                for f in [*src, NULL]:
                    count[f, e] += t[f, e] / s_total
                    total[f] += t[f, e] / s_total
        likelihoods.append(likelihood)
        t = defaultdict(float, {(f, e): count[f, e] / total[f] for f, e in count})
    return t, likelihoods


def as_dictionary(table: em.Table) -> dict[tuple[int, int], float]:
    pairs = zip(table.source.tolist(), table.target.tolist(), strict=True)
    return dict(zip(pairs, table.probability.tolist(), strict=True))


@pytest.mark.parametrize("chunk", [10, 4_000_000])
@pytest.mark.parametrize("pairs", [TEXTBOOK, random_pairs(40, 1)], ids=["textbook", "random"])
def test_the_vectorised_passes_are_the_loops_of_the_textbook(
    pairs: Any, chunk: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(em, "CHUNK", chunk)
    passes = list(em.estimate(encoded(pairs), VOCAB, 5))
    table, likelihoods = loops(pairs, 5)
    assert [each.log_likelihood for each in passes] == pytest.approx(likelihoods)
    assert as_dictionary(passes[-1].table) == pytest.approx(dict(table))


def test_no_pass_lowers_the_likelihood_and_a_words_translations_sum_to_one() -> None:
    passes = list(em.estimate(encoded(random_pairs(60, 2)), VOCAB, 8))
    assert all(later.log_likelihood >= earlier.log_likelihood for earlier, later in itertools.pairwise(passes))
    for each in passes:
        sums = np.bincount(each.table.source, each.table.probability)
        np.testing.assert_allclose(sums[np.unique(each.table.source)], 1.0)


def taught(pairs: Any, iterations: int = 20) -> Lexical:
    table = list(em.estimate(encoded(pairs), VOCAB, iterations))[-1].table
    config: Any = recipe.load(None, "lexical").model
    model = Lexical(config, VOCAB, VOCAB, False).double()
    model.fill(table.source, table.target, table.probability)
    return model


def test_the_books_three_pairs_teach_which_word_is_which() -> None:
    model = taught(TEXTBOOK)
    best = model.logits(torch.tensor([[DAS], [HAUS], [BUCH], [EIN], [EOS], [9]]).double()).argmax(-1)
    assert best.tolist() == [THE, HOUSE, BOOK, A, EOS, UNK]


def test_the_posterior_is_bayes_rule_over_the_table(sentences: Sentences) -> None:
    model = tiny("lexical")
    found = model.posterior(sentences.src, sentences.mask, sentences.tgt_out)
    for b, t in itertools.product(range(4), range(3)):
        words = [*sentences.src[b][sentences.mask[b]].tolist(), NULL]
        probability = [float(model.logits(torch.tensor([w]).double()).exp()[sentences.tgt_out[b, t]]) for w in words]
        expected = torch.tensor(probability[:-1], dtype=torch.float64) / sum(probability)
        torch.testing.assert_close(found[b, t][sentences.mask[b]], expected)
        assert not found[b, t][~sentences.mask[b]].any()


def test_alignments_of_the_books_pairs_are_one_to_one() -> None:
    model, batch = taught(TEXTBOOK), torch.tensor([[DAS, HAUS, EOS], [BUCH, EIN, EOS]])
    links = model.posterior(batch, torch.ones_like(batch, dtype=torch.bool), torch.tensor([[HOUSE, THE], [A, BOOK]]))
    assert links.argmax(-1).tolist() == [[1, 0], [1, 0]]


@pytest.fixture(scope="module")
def trained(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("lexical") / "run"
    data = ("--train", corpus / "train", "--dev", corpus / "dev", "--source", "de", "--target", "en")
    done = nmt("train", "--arch", "lexical", *data, "-o", folder)
    assert b"pass 10: loss" in done.stderr
    assert b"dev loss" in done.stderr
    return folder


def test_a_sentence_is_translated_word_by_word_and_unknown_words_are_copied(trained: Path) -> None:
    line = "Die Frau hat Xylophanien einen Hund ."
    best = json.loads(nmt("translate", "-m", trained, "--format", "jsonl", stdin=text([line])).stdout)["candidates"][0]
    assert len(best["tokens"]) == len(line.split())
    assert best["tokens"].index(UNK) == 3
    assert "Xylophanien" in best["text"].split()


def test_its_map_is_the_diagonal_and_shows_the_copied_word(trained: Path) -> None:
    line = "Die Frau hat Xylophanien einen Hund ."
    translator = runs.load(trained)
    best = next(translator.translate([line], runs.recipe_of(trained).decoding)).candidates[0]
    found = maps.attention(translator, line, best.tokens, copy_unknown=True)
    assert found is not None
    assert found.src == [*line.split(), maps.END]
    assert "".join(found.tgt[:-1]) == best.text.replace(" ", "")
    assert found.tgt[3] == "Xylophanien"
    np.testing.assert_array_equal(found.mean, np.eye(len(found.src)))
    unread = maps.attention(translator, line, best.tokens)
    assert unread is not None
    assert unread.tgt[3] == maps.UNKNOWN


def test_a_table_is_estimated_again_the_same_and_a_finished_run_left_alone(trained: Path, tmp_path: Path) -> None:
    before = (trained / runs.BEST).read_bytes()
    settings = recipe.load(trained / runs.RECIPE)
    data = ("--train", settings.data.train, "--dev", settings.data.dev)
    again = nmt("train", "--arch", "lexical", *data, "--source", "de", "--target", "en", "-o", tmp_path / "other")
    assert (tmp_path / "other" / runs.BEST).read_bytes() == before
    assert b"pass" in again.stderr
    resumed = nmt("train", "--arch", "lexical", *data, "--source", "de", "--target", "en", "-o", trained)
    assert b"pass" not in resumed.stderr
    assert (trained / runs.BEST).read_bytes() == before


def test_every_command_takes_it_as_any_other_run(trained: Path, corpus: Path) -> None:
    files = ("--src", corpus / "test.de", "--ref", corpus / "test.en")
    assert nmt("eval", "-m", trained, *files).stdout.startswith(b"BLEU|")
    scored = nmt("score", "-m", trained, "--src", corpus / "test.de", "--tgt", corpus / "test.en").stdout
    assert all(math.isfinite(float(line.split(b"\t")[0])) for line in scored.splitlines())
    assert (
        b"parameters"
        in nmt("train", "--arch", "lexical", "--dry-run", "--train", corpus / "train", "--dev", corpus / "dev").stdout
    )
