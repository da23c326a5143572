"""Run folders, through whole small trainings: what they hold, how they resume, what they refuse."""

import json
import shutil
import sys
from collections.abc import Callable
from pathlib import Path

import pytest
import torch
from safetensors.torch import load_file

from nmt import recipe as recipes
from nmt import runs
from nmt.data.lines import read_lines
from nmt.data.tokenizer import TokenizerPair
from nmt.errors import DataError, RunError, UsageError
from nmt.recipe import Recipe
from nmt.runs import Run
from nmt.training import run as training

FILES = {"recipe.toml", "manifest.json", "tokenizer.json", "metrics.jsonl", "best.safetensors", "last.safetensors"}


@pytest.fixture(scope="module")
def settings(corpus: Path) -> Callable[..., Recipe]:
    """A recipe for a training of a few seconds, with some settings changed."""

    def make(*more: str, arch: str = "attention") -> Recipe:
        data = {"train": str(corpus / "train"), "dev": str(corpus / "dev")}
        fixed = ["model.dim=16", "tokenizer.vocab_size=300", "training.batch_tokens=256", "training.dev_lines=4"]
        steps = ["training.steps=12", "training.validate_every=6", "training.save_every=4", "training.warmup=4"]
        return recipes.load(None, arch, [*fixed, *steps, *more], {"data": data})

    return make


@pytest.fixture(scope="module")
def trained(settings: Callable[..., Recipe], tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("runs") / "whole"
    training.train(settings(), folder, "cpu")
    return folder


def test_a_run_folder_holds_what_is_documented(trained: Path) -> None:
    assert {path.name for path in trained.iterdir()} >= FILES | {"states"}
    manifest = json.loads((trained / "manifest.json").read_text())
    assert manifest["tokenizer_sha256"] == Run(trained).tokenizer().sha256()
    assert manifest["torch"] == torch.__version__


def test_the_resolved_recipe_loads_as_the_one_that_was_trained(trained: Path, settings: Callable[..., Recipe]) -> None:
    assert Run(trained).recipe() == settings()


def test_weights_have_the_names_of_the_bare_model(trained: Path) -> None:
    model = runs.load(trained).model
    assert set(load_file(trained / "best.safetensors")) == {name for name, _ in model.named_parameters()}


def test_nothing_pickled_is_in_a_run_folder(trained: Path) -> None:
    kinds = {path.suffix for path in trained.rglob("*") if path.is_file()}
    assert kinds <= {".toml", ".json", ".jsonl", ".safetensors", ""}
    assert {path.name for path in trained.rglob("*") if path.is_file() and not path.suffix} == {"SHA256SUMS", ".lock"}


def test_metrics_have_a_line_for_each_validation(trained: Path) -> None:
    lines = [line for line in Run(trained).metrics() if line["kind"] == "dev" and "averaged" not in line]
    assert [line["step"] for line in lines] == [6, 12]
    assert all({"loss", "ppl", "bleu", "chrf", "seconds"} <= set(line) for line in lines)


@pytest.mark.parametrize("dropout", ["0.0", "0.1"])
@pytest.mark.parametrize("arch", ["rnn", "attention", "transformer"])
def test_a_resumed_training_ends_with_the_weights_of_one_never_stopped(
    arch: str, dropout: str, settings: Callable[..., Recipe], tmp_path: Path
) -> None:
    more = ["training.accumulate=2", "model.dropout=0.2", f"tokenizer.dropout={dropout}"]
    training.train(settings(*more, arch=arch), tmp_path / "whole", "cpu")
    training.train(settings(*more, "training.steps=7", arch=arch), tmp_path / "parts", "cpu")
    training.train(settings(*more, arch=arch), tmp_path / "parts", "cpu")
    whole, parts = (load_file(tmp_path / name / "last.safetensors") for name in ("whole", "parts"))
    for name, tensor in whole.items():
        torch.testing.assert_close(parts[name], tensor, rtol=0, atol=0)


def test_training_a_finished_run_again_changes_nothing(
    trained: Path, settings: Callable[..., Recipe], tmp_path: Path
) -> None:
    copy = shutil.copytree(trained, tmp_path / "copy")
    before = (copy / "best.safetensors").read_bytes(), (copy / "metrics.jsonl").read_bytes()
    training.train(settings(), copy, "cpu")
    assert ((copy / "best.safetensors").read_bytes(), (copy / "metrics.jsonl").read_bytes()) == before


def test_the_mean_of_the_last_weights_is_measured_once_and_remembered(trained: Path) -> None:
    lines = [line for line in Run(trained).metrics() if line["kind"] == "dev"]
    assert [line.get("averaged") for line in lines] == [None, None, 2]
    numbers = json.loads((sorted((trained / "states").iterdir())[-1] / "numbers.json").read_text())
    assert numbers["best"] == max(line["bleu"] for line in lines)
    assert numbers["averaged_at"] == 12


def test_a_mistake_before_the_first_update_leaves_the_folder_free(
    settings: Callable[..., Recipe], tmp_path: Path
) -> None:
    with pytest.raises(DataError, match="exists; a corpus is a prefix"):
        training.train(settings("data.dev=nowhere"), tmp_path / "run", "cpu")
    with pytest.raises(UsageError, match="a vocab_size of 100 is too small for level bpe; use 261 or more"):
        training.train(settings("tokenizer.vocab_size=100"), tmp_path / "run", "cpu")
    training.train(settings("training.steps=1"), tmp_path / "run", "cpu")


def test_a_training_without_a_state_begins_with_nothing_of_an_older_one(
    trained: Path, settings: Callable[..., Recipe], tmp_path: Path
) -> None:
    copy = shutil.copytree(trained, tmp_path / "copy")
    shutil.rmtree(copy / "states")
    with pytest.raises(RunError, match=r"was trained and has no states"):
        training.train(settings(), copy, "cpu")
    facts = json.loads((copy / "manifest.json").read_text())
    del facts["finished"], facts["saved"]
    (copy / "manifest.json").write_text(json.dumps(facts))
    with pytest.raises(RunError, match=r"was trained and has no states"):  # or else its weights would be written over
        training.train(settings(), copy, "cpu")
    for path in copy.rglob("*.safetensors"):
        path.unlink()
    training.train(settings(), copy, "cpu")
    assert (copy / "metrics.jsonl").read_text().count("\n") == (trained / "metrics.jsonl").read_text().count("\n")
    whole, again = (load_file(folder / "last.safetensors") for folder in (trained, copy))
    assert all(torch.equal(again[name], tensor) for name, tensor in whole.items())


def test_another_recipe_in_the_same_folder_is_refused_by_its_difference(
    trained: Path, settings: Callable[..., Recipe]
) -> None:
    with pytest.raises(UsageError, match=r"training.learning_rate is 0.001 there and 0.01 here"):
        Run.open(trained, settings("training.learning_rate=0.01"))


def test_a_folder_of_other_files_is_refused(settings: Callable[..., Recipe], tmp_path: Path) -> None:
    (tmp_path / "thesis.txt").write_text("mine")
    with pytest.raises(UsageError, match="is no run of nmt; choose another folder with -o"):
        Run.open(tmp_path, settings())


def test_the_mean_of_checkpoints_is_the_mean_of_their_weights(trained: Path) -> None:
    run = Run(trained)
    first, second = (load_file(path) for path in run.checkpoints()[-2:])
    mean = load_file(runs.average(run, 2))
    for name, tensor in mean.items():
        torch.testing.assert_close(tensor, (first[name] + second[name]) / 2)
    with pytest.raises(RunError, match="keeps the weights of 2 validations, not 9; ask for --last 2"):
        runs.average(run, 9)


def test_an_ensemble_needs_one_tokenizer(trained: Path, settings: Callable[..., Recipe], tmp_path: Path) -> None:
    training.train(settings("tokenizer.vocab_size=290"), tmp_path / "other", "cpu")
    with pytest.raises(UsageError, match="have different tokenizers; an ensemble needs runs that share one"):
        runs.load([trained, tmp_path / "other"])


def test_an_ensemble_of_a_run_with_itself_translates_like_the_run(trained: Path, corpus: Path) -> None:
    lines = read_lines(corpus / "dev.de")
    config = runs.recipe_of(trained).decoding
    alone, pair = ([t.text for t in runs.load(r).translate(lines, config)] for r in (trained, [trained, trained]))
    assert pair == alone


@pytest.mark.parametrize(
    ("missing", "message"),
    [
        ("best.safetensors", "has not been validated yet"),
        ("recipe.toml", "is no run of nmt; name a folder that `nmt train` wrote"),
        ("tokenizer.json", "copy the run folder anew"),
    ],
)
def test_a_folder_without_a_file_is_refused_in_one_line(
    missing: str, message: str, trained: Path, tmp_path: Path
) -> None:
    copy = shutil.copytree(trained, tmp_path / "copy")
    (copy / missing).unlink()
    with pytest.raises(RunError, match=message) as caught:
        runs.load(copy)
    assert "\n" not in str(caught.value)


@pytest.mark.parametrize("name", ["best.safetensors", "tokenizer.json"])
def test_a_damaged_file_is_refused_by_name(name: str, trained: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(trained, tmp_path / "copy")
    (copy / name).write_bytes(b"\x00\x01 not this")
    with pytest.raises(RunError, match=name):
        runs.load(copy)


def test_weights_that_are_no_numbers_are_refused(trained: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(trained, tmp_path / "copy")
    content = (copy / "best.safetensors").read_bytes()
    (copy / "best.safetensors").write_bytes(content[:-400] + b"\xff" * 400)
    (copy / "manifest.json").unlink()
    with pytest.raises(RunError, match=r"best.safetensors is damaged: .* holds what is no number"):
        runs.load(copy)


def test_a_tokenizer_of_another_run_is_refused(trained: Path, tmp_path: Path) -> None:
    copy = shutil.copytree(trained, tmp_path / "copy")
    other = TokenizerPair.train(["andere Wörter"] * 3, ["other words"] * 3, level="bpe", vocab_size=280, joint=True)
    other.save(copy / "tokenizer.json")
    with pytest.raises(RunError, match=r"tokenizer.json is not the one the run was trained with"):
        runs.load(copy)


def test_tensorboard_that_is_not_installed_is_named_with_its_remedy(
    settings: Callable[..., Recipe], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setitem(sys.modules, "torch.utils.tensorboard", None)
    with pytest.raises(UsageError, match=r"pip install 'nmt-toolkit\[tensorboard\]'"):
        training.train(settings("training.tensorboard=true"), tmp_path / "board", "cpu")
