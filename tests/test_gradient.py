"""The norms of Jacobians against slow loops and known powers; the fewest steps of a recurrence against its own."""

import json
import shutil
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import torch
from conftest import KINDS, TRAINED, VOCAB, tiny
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file, save_file
from torch import Tensor, nn

from nmt import models
from nmt import recipe as recipes
from nmt.data.batches import collate
from nmt.errors import UsageError
from nmt.evaluation.compare import load_test
from nmt.evaluation.probes import command, jacobian
from nmt.evaluation.probes.jacobian import Norms, binned, lost_from, norms, recurrent_steps, relative
from nmt.models import cells
from nmt.models.base import Decoded, Rows, Seq2Seq

EVERY = 99
"""More target steps and directions than there are."""


def unlike(*lengths: tuple[int, int], seed: int = 3) -> list[tuple[list[int], list[int]]]:
    """Pairs of these lengths in which no token occurs twice."""
    draw = np.random.default_rng(seed)
    drawn = [draw.permutation(np.arange(4, VOCAB))[: src + tgt].tolist() for src, tgt in lengths]
    return [(ids[:src], ids[src:]) for ids, (src, _) in zip(drawn, lengths, strict=True)]


def slow(model: Any, src: list[int], tgt: list[int]) -> np.ndarray[Any, Any]:
    """(S - 1, T): a gradient for every number of every feature, with respect to the row of the word's weight."""
    weight = model.embedding.source.weight
    batch = collate([src], [tgt])
    memory = model.encode(batch.src, batch.src_mask)
    features = model.decode(batch.tgt_in, model.initial_state(memory, 1), memory).features[0]  # (T, D)
    squares = torch.zeros(len(src), len(features))
    for t, feature in enumerate(features):
        for number in feature:
            rows = torch.autograd.grad(number, weight, retain_graph=True)[0][src]
            squares[:, t] += (rows / model.embedding.source.scale).square().sum(-1)
    return squares.sqrt().detach().numpy()


@pytest.mark.parametrize("kind", TRAINED)
@pytest.mark.usefixtures("double")
def test_norms_are_those_of_one_gradient_for_every_output_and_source_word(kind: str) -> None:
    model = tiny(kind)
    model.embedding.source.weight.requires_grad_(True)
    pairs = unlike((2, 3), (4, 1), (5, 3))
    found = norms(model, pairs, steps=EVERY, vectors=EVERY)
    for number, (src, tgt) in enumerate(pairs):
        here = found.sentence == number
        assert set(found.tokens[here]) == {len(src) + 1}
        measured = np.zeros((len(src), len(tgt) + 1))
        measured[found.place[here], found.step[here]] = found.norm[here]
        np.testing.assert_allclose(measured, slow(model, src, tgt), rtol=1e-9, atol=1e-12)


class Powers(Seq2Seq[Any, Any]):
    """h' = U h + e over the source, h' = U h over the target; the state is the feature."""

    max_length = 100

    def __init__(self, matrix: Tensor) -> None:
        super().__init__()
        self.matrix = matrix
        self.embedding = nn.ModuleDict({"source": nn.Embedding(VOCAB, len(matrix))})

    def encode(self, src: Tensor, mask: Tensor) -> Any:
        state = torch.zeros(len(src), len(self.matrix))
        for x, real in zip(self.embedding["source"](src).unbind(1), mask.unbind(1), strict=True):
            state = torch.where(real[:, None], state @ self.matrix.T + x, state)
        return state

    def initial_state(self, memory: Any, rows: int) -> Any:
        return memory

    def decode(self, tgt: Tensor, state: Any, memory: Any, attention: bool = False) -> Decoded[Any]:
        states = [state := state @ self.matrix.T for _ in range(tgt.size(1))]
        return Decoded(torch.stack(states, 1), Rows())

    def logits(self, features: Tensor) -> Tensor:
        return features

    @property
    def feature_dim(self) -> int:
        return len(self.matrix)


@pytest.mark.usefixtures("double")
def test_the_norm_of_a_linear_recurrence_is_that_of_a_power_of_its_matrix_by_the_distance() -> None:
    matrix = torch.randn(6, 6) / 3
    found = norms(Powers(matrix), unlike((5, 2), (8, 4), (3, 6)), steps=EVERY, vectors=EVERY)
    assert set(found.between) == set(range(2, 14))
    powers = [float(torch.linalg.matrix_power(matrix, int(k)).norm()) for k in found.between]
    np.testing.assert_allclose(found.norm, powers, rtol=1e-9)


@pytest.mark.usefixtures("double")
def test_squares_by_random_directions_are_right_on_average() -> None:
    model, pairs = Powers(torch.randn(6, 6) / 3), unlike((3, 1))
    exact = norms(model, pairs, steps=EVERY, vectors=EVERY).norm
    key = None
    squares = np.zeros(6)
    for seed in range(200):
        found = norms(model, pairs, steps=EVERY, vectors=2, seed=seed)
        key = np.lexsort((found.place, found.step))
        squares += found.norm[key] ** 2 / 200
    whole = norms(model, pairs, steps=EVERY, vectors=EVERY)
    np.testing.assert_allclose(squares, exact[np.lexsort((whole.place, whole.step))] ** 2, rtol=0.15)


@pytest.mark.usefixtures("double")
def test_so_many_target_steps_are_drawn_and_none_twice() -> None:
    found = norms(tiny("rnn-gru"), unlike((4, 9), (4, 1)), steps=3)
    drawn = {(int(sentence), int(step)) for sentence, step in zip(found.sentence, found.step, strict=True)}
    assert sorted(sentence for sentence, _ in drawn) == [0, 0, 0, 1, 1]
    assert len(found.norm) == 5 * 4


RECURRENCES = {
    "forward": ["bidirectional=false"],
    "reversed": ["bidirectional=false", "reverse_source=true"],
    "both": [],
    "both-deep": ["layers=2"],
    "both-every": ["context=every"],
    "forward-every": ["bidirectional=false", "context=every"],
}


@pytest.mark.parametrize("name", RECURRENCES)
@pytest.mark.usefixtures("double")
def test_the_fewest_steps_are_the_order_in_which_a_weak_recurrence_fades(
    name: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """With h' = x + a h the norm is near a ** steps for small a: its logarithm's slope counts the steps."""
    settings = [f"model.{setting}" for setting in ("cell=tanh", "dim=8", "dropout=0.0", *RECURRENCES[name])]
    config = recipes.load(None, "rnn", settings).model
    torch.manual_seed(0)
    model = models.build(config, VOCAB, VOCAB, True).double().eval()
    logs = []
    for strength in (1e-3, 1e-4):
        monkeypatch.setattr(cells.Tanh, "step", lambda self, x, state, a=strength: (x + a * state[:, 0]).unsqueeze(1))
        found = norms(model, unlike((7, 3)), steps=EVERY, vectors=EVERY)
        logs.append(np.log10(found.norm))
    steps = recurrent_steps(config, found)
    assert steps is not None
    np.testing.assert_allclose(logs[0] - logs[1], steps, atol=0.05)


@pytest.mark.parametrize("kind", ["attention-gru", "transformer-pre", "decoder"])
def test_a_system_that_attends_has_no_steps_of_its_own(kind: str) -> None:
    arch, settings = KINDS[kind]
    config = recipes.load(None, arch, [f"model.{s}" for s in settings]).model
    none = np.zeros(0, dtype=np.int64)
    assert recurrent_steps(config, Norms(none, none, none, none, none.astype(float))) is None


@given(st.lists(st.tuples(st.integers(0, 40), st.integers(2, 300), st.floats(1e-9, 10.0)), min_size=1, max_size=300))
def test_every_bin_is_of_enough_sentences_and_has_their_geometric_mean(drawn: list[tuple[int, int, float]]) -> None:
    sentence, distance, norm = (np.array(column) for column in zip(*drawn, strict=True))
    bins = binned(distance, Norms(sentence, distance, distance, distance, norm))
    for each in bins:
        inside = (distance >= each.shortest) & (distance <= each.longest)
        assert len(set(sentence[inside])) == each.sentences >= jacobian.FEWEST
        assert (inside.sum(), distance[inside].mean()) == (each.pairs, pytest.approx(each.distance))
        assert each.norm == pytest.approx(np.prod(norm[inside] ** (1 / each.pairs)))
    if bins:
        assert max(relative(bins)) == 1.0
    lost = lost_from(bins)
    beyond = [share for each, share in zip(bins, relative(bins), strict=True) if lost and each.shortest >= lost]
    assert all(share < 0.1 for share in beyond)


def test_the_files_hold_what_the_table_says_and_a_table_of_words_is_left_out(
    probed: dict[str, Path], tmp_path: Path
) -> None:
    folders = [probed[name] for name in ("lexical", "rnn", "attention")]
    probe = command.gradient(folders, tmp_path, None, trained=True, device="cpu")
    paths = probe.write(tmp_path / "new")
    assert [path.name for path in paths] == ["gradient.json", "gradient.svg", "gradient.png"]
    held = json.loads(paths[0].read_text("utf-8"))
    assert [system["name"] for system in held["systems"]] == ["rnn", "attention"]
    assert held["left_out"] == {"lexical": "it is counted, and has no gradient"}
    rnn, attention = held["systems"]
    assert attention["recurrent"] is None
    assert max(each["relative"] for each in rnn["recurrent"]) == 1.0
    shown = [row[1] for row in probe.tables[0].rows[:-1]]
    assert [float(cell) for cell in shown] == pytest.approx([each["relative"] for each in rnn["between"]], abs=0.006)
    assert "lexical is left out: it is counted" in probe.text()


def test_weights_before_the_first_update_are_those_that_training_begins_with(
    probed: dict[str, Path], tmp_path: Path
) -> None:
    """The run's learning rate was 1e-30: its trained weights are its first ones."""
    now, first = (
        command.gradient([probed["attention"]], tmp_path, None, trained=trained, device="cpu")
        for trained in (True, False)
    )
    assert (now.name, first.name) == ("gradient", "gradient-untrained")
    assert now.numbers["systems"] == first.numbers["systems"]
    moved, fresh = (
        command.gradient([probed["rnn"]], tmp_path, None, trained=trained, device="cpu").numbers["systems"]
        for trained in (True, False)
    )
    assert moved != fresh


def test_a_model_whose_places_are_learned_has_gradients_before_it_has_met_any(
    probed: dict[str, Path], tmp_path: Path
) -> None:
    learned = Path(shutil.copytree(probed["transformer"], tmp_path / "learned"))
    recipe = (learned / "recipe.toml").read_text("utf-8")
    (learned / "recipe.toml").write_text(recipe.replace('positions = "sinusoidal"', 'positions = "learned"'), "utf-8")
    weights = load_file(learned / "best.safetensors")
    places = {f"{side}_positions.weight": torch.ones(20, 8) for side in ("source", "target")}
    save_file({**weights, **places}, learned / "best.safetensors")
    facts = json.loads((learned / "manifest.json").read_text("utf-8"))
    (learned / "manifest.json").write_text(json.dumps({**facts, "sha256": {}}), "utf-8")
    probe = command.gradient([learned], tmp_path, None, trained=False, device="cpu")
    assert [each["name"] for each in probe.numbers["systems"]] == ["learned"]


def test_runs_without_any_gradient_are_refused_in_a_line(probed: dict[str, Path], tmp_path: Path) -> None:
    with pytest.raises(UsageError, match=r"gradient to measure \(lexical: it is counted, and has no gradient\); name"):
        command.gradient([probed["lexical"]], tmp_path, None, trained=True, device="cpu")


def test_sentences_are_spread_over_the_lengths_that_the_model_has_places_for() -> None:
    corpus = load_test("t", "grammar:300", "de", "en").corpus
    pairs = [(text.split(), text.split()) for text in corpus.src]
    model = tiny("attention-location")
    with torch.no_grad():
        model.score.weight[20:] = 0.0  # places that training never met
    lengths = [len(pairs[line][0]) for line in jacobian.choose(corpus, model, pairs)]  # type: ignore[arg-type]
    assert len(lengths) == jacobian.SENTENCES
    assert lengths == sorted(lengths)
    assert max(lengths) == 19
