"""Text in, text out: order, blanks, limits and batches, over every backbone."""

from pathlib import Path
from typing import Any

import pytest
import torch
from conftest import KINDS

from nmt import models, recipe
from nmt.data.lines import read_lines
from nmt.data.tokenizer import TokenizerPair
from nmt.errors import DataError
from nmt.file_translation import translate_file
from nmt.recipe import SearchConfig
from nmt.translator import Translator

SEARCH = SearchConfig(max_ratio=1.0, max_extra=4)


@pytest.fixture(scope="module")
def tokenizer(corpus: Path) -> TokenizerPair:
    lines = read_lines(corpus / "train.de"), read_lines(corpus / "train.en")
    return TokenizerPair.train(*lines, level="bpe", vocab_size=300, joint=True)


def translator(kind: str, tokenizer: TokenizerPair, *more: str, **options: Any) -> Translator:
    arch, settings = KINDS[kind]
    config = recipe.load(None, arch, [f"model.{s}" for s in ("dim=8", *settings, *more)]).model
    torch.manual_seed(1)
    size = len(tokenizer.source)
    model = models.build(config, size, size, True).double().eval()
    with torch.no_grad():
        for parameter in model.parameters():
            parameter += 0.3 * torch.randn_like(parameter)
    return Translator(model, tokenizer, **options)


@pytest.fixture(params=["rnn-gru", "attention-gru", "transformer-pre"])
def ours(request: pytest.FixtureRequest, tokenizer: TokenizerPair) -> Translator:
    return translator(request.param, tokenizer)


def test_translations_do_not_depend_on_neighbours_or_their_number(ours: Translator, corpus: Path) -> None:
    lines = read_lines(corpus / "test.de")
    together = [t.text for t in ours.translate(lines, SEARCH, batch_size=64)]
    assert together == [t.text for t in ours.translate(lines, SEARCH, batch_size=1)]
    backwards = [t.text for t in ours.translate(lines[::-1], SEARCH, batch_size=5)]
    assert together == backwards[::-1]


def test_lines_keep_their_numbers_and_their_order(ours: Translator, corpus: Path) -> None:
    lines = read_lines(corpus / "test.de")
    found = list(ours.translate(lines, SEARCH))
    assert [t.line for t in found] == list(range(1, len(lines) + 1))
    assert [t.source for t in found] == lines


def test_blank_lines_come_back_as_they_are(ours: Translator) -> None:
    assert [t.text for t in ours.translate(["", " \t", "Hallo", "\u3000"], SEARCH)][::3] == ["", "\u3000"]


def test_draws_depend_on_the_number_of_the_line_alone(ours: Translator, corpus: Path) -> None:
    lines = read_lines(corpus / "test.de")
    config = SearchConfig(sample=True, seed=5, max_ratio=1.0, max_extra=4)
    whole = [t.text for t in ours.translate(lines, config)]
    rest = [t.text for t in ours.translate(lines[7:], config, first_line=8, batch_size=2)]
    assert rest == whole[7:]


def test_scores_do_not_depend_on_neighbours(ours: Translator, corpus: Path) -> None:
    lines, translations = read_lines(corpus / "test.de"), read_lines(corpus / "test.en")
    together, alone = (list(ours.score(lines, translations, batch_size=n)) for n in (64, 1))
    assert [p.log_prob for p in together] == pytest.approx([p.log_prob for p in alone])
    assert [p.tokens for p in together] == [len(ids) + 1 for ids in ours.tokenizer.target.encode(translations)]


def test_a_source_over_the_limit_is_cut_with_one_warning(tokenizer: TokenizerPair) -> None:
    warnings: list[str] = []
    ours = translator("transformer-pre", tokenizer, "max_length=8", warn=warnings.append)
    long = "Hund " * 30
    found = list(ours.translate(["Hund", long, long], SEARCH))
    assert len(found) == 3
    assert len(warnings) == 1
    assert "line 2 has" in warnings[0]
    assert "cut to model.max_length = 8" in warnings[0]


@pytest.mark.parametrize(
    ("kind", "weight"),
    [
        ("transformer-post-learned", "source_positions.weight"),
        ("transformer-post-learned", "target_positions.weight"),
        ("decoder-post-learned", "positions.weight"),
        ("attention-location", "score.weight"),
    ],
)
def test_a_line_beyond_the_places_of_training_is_warned_of_once(
    tokenizer: TokenizerPair, kind: str, weight: str
) -> None:
    said: list[str] = []
    learned = translator(kind, tokenizer, warn=said.append)
    with torch.no_grad():
        learned.model.get_parameter(weight)[14:] = 0.0
    long = "Der alte Hund schläft, und der junge Hund schläft auch."
    list(learned.score(["Ja", long, long], ["Yes", long, long]))
    (warning,) = said
    assert warning.startswith("line 2 has")
    assert "those beyond are taken for the last" in warning
    if not weight.startswith("target"):
        said.clear()
        other = Translator(learned.model, tokenizer, warn=said.append)
        list(other.translate(["Ja", long, long], SEARCH))
        assert [each.partition(" has ")[0] for each in said] == ["line 2"]
    said.clear()
    list(translator("transformer-pre", tokenizer, warn=said.append).score([long], [long]))
    assert said == []


def test_a_model_without_one_number_left_says_nothing(tokenizer: TokenizerPair) -> None:
    broken = translator("transformer-pre", tokenizer)
    with torch.no_grad():
        for parameter in broken.model.parameters():
            parameter.fill_(1e300)
    lines = ["Hallo", "Der alte Hund"]
    assert [t.text for t in broken.translate(lines, SEARCH)] == ["", ""]
    assert [t.text for t in broken.translate(lines, SearchConfig(beam=1))] == ["", ""]


def test_prefixes_begin_translations_and_must_be_as_many(ours: Translator, tmp_path: Path) -> None:
    text, prefixes = tmp_path / "text", tmp_path / "prefixes"
    text.write_text("Hallo\nHund\n")
    prefixes.write_text("The\n\n")
    found = [t.text for t in translate_file(ours, str(text), SEARCH, prefixes=prefixes)]
    assert found[0].startswith("The")
    prefixes.write_text("The\n\nA\n")
    with pytest.raises(DataError, match=r"prefixes has 3 lines and .*text has 2; it needs as many"):
        list(translate_file(ours, str(text), SEARCH, prefixes=prefixes))
    with pytest.raises(ValueError, match="fewer prefixes than lines"):
        list(ours.translate(["a", "b"], SEARCH, prefixes=["x"]))


def test_scores_need_as_many_translations_as_sources(ours: Translator) -> None:
    with pytest.raises(ValueError, match="2 sources and 1 translations"):
        list(ours.score(["a", "b"], ["c"]))


def test_a_translation_is_one_line_even_if_the_model_writes_a_break(tokenizer: TokenizerPair) -> None:
    ours = translator("rnn-gru", tokenizer)
    assert "\n" not in ours._text(ours.tokenizer.target.encode(["a\nb"])[0])
