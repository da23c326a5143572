"""The recipe that a command line means."""

import pytest

from nmt import recipe
from nmt.errors import UsageError
from nmt.training.resolve import resolve


@pytest.mark.parametrize(("arch", "score"), [("rnn", "dot"), ("rnn", "additive"), ("attention", "none")])
def test_a_score_that_makes_another_architecture_of_it_is_refused(arch: str, score: str) -> None:
    other = {"rnn": "attention", "attention": "rnn"}[arch]
    with pytest.raises(UsageError, match=rf"model.score = {score} is --arch {other}, not {arch}; use that one"):
        recipe.load(arch=arch, settings=[f"model.score={score}", "model.input_feeding=false"])


def test_settings_are_judged_with_the_sizes_that_the_corpus_gives() -> None:
    corpus = {"data": {"train": "grammar:300"}}
    found, why = resolve(None, "transformer", ["align.layer=2", "model.heads=8"], corpus)
    assert why is not None
    assert found.model.layers == 2  # type: ignore[union-attr]
    with pytest.raises(UsageError, match="dim = 128 is not a multiple of heads = 3; change one of them"):
        resolve(None, "transformer", ["model.heads=3"], corpus)
    with pytest.raises(UsageError, match=r"align\.layer = 3 is none of 2"):
        resolve(None, "transformer", ["align.layer=3"], corpus)
