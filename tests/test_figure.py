"""What figures are made with: files, axes with numbers, maps with room for their words."""

import itertools
from pathlib import Path
from typing import Any

import numpy as np
import pytest

from nmt.evaluation import plots
from nmt.evaluation.compare import Drawing
from nmt.evaluation.figure import Figure, chart, logarithmic
from nmt.evaluation.maps import WordMaps


@pytest.mark.parametrize("low", [1e-6, 0.011, 1.1, 3.3, 12.0, 1_234.0])
@pytest.mark.parametrize("ratio", [1.0, 1.3, 6.0, 80.0, 120.0, 1e6])
def test_a_logarithmic_axis_has_different_numbers_however_narrow_it_is(low: float, ratio: float) -> None:
    _, axis = chart("x", "y")
    axis.plot([1, 2], [low, low * ratio])
    logarithmic(axis, "y")
    bottom, top = axis.get_ylim()
    name = axis.yaxis.get_major_formatter()
    shown = [name(at) for at in axis.get_yticks() if bottom <= at <= top]
    assert len(set(shown)) == len(shown) >= 2
    assert all(shown)


def test_numbers_of_a_logarithmic_axis_are_plain_or_by_powers_of_ten() -> None:
    _, axis = chart("x", "y")
    logarithmic(axis, "y")
    name = axis.yaxis.get_major_formatter()
    ticks = {1e4: "10,000", 100: "100", 2.5: "2.5", 1: "1", 0.01: "0.01", 1e-3: "10⁻³", 5e-7: "5·10⁻⁷"}
    assert {tick: name(tick) for tick in ticks} == ticks


def test_a_figure_that_fails_leaves_the_one_before(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    drawn, _ = chart("x", "y")
    figure = Figure("name", "Title", "Caption.", drawn)
    before = figure.save(tmp_path)[0]
    content = before.read_bytes()

    def fail(file: Any, **settings: Any) -> None:
        (file if isinstance(file, Path) else tmp_path / "other").write_bytes(b"half")
        raise OSError("no room is left")

    monkeypatch.setattr(drawn, "savefig", fail)
    with pytest.raises(OSError, match="no room is left"):
        figure.save(tmp_path)
    assert before.read_bytes() == content


@pytest.mark.filterwarnings("error")
@pytest.mark.parametrize("heads", [1, 8])
def test_maps_have_room_for_the_words_that_an_untrained_system_writes(heads: int, tmp_path: Path) -> None:
    sides = ["Donaudampfschifffahrtsgesellschaft", "</s>"], ["a" * 150, "</s>"]
    for src, tgt in itertools.product(sides, sides):
        maps = WordMaps(src, tgt, np.full((heads, 2, 2), 0.5))
        for figure in (plots.attention(Drawing("x", {"a": maps, "b": maps})), plots.heads("a", maps, heads)):
            figure.save_as(tmp_path / "map.png")
