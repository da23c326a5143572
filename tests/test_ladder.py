"""`nmt reproduce`, `compare` and `plot` as processes, on the embedded corpus."""

import json
import re
import shutil
from pathlib import Path

import pytest
from test_cli import nmt

from nmt.errors import UsageError
from nmt.ladder import plan

RECIPE = """
source = "de"
target = "en"
[data]
train = "grammar:200"
test.small = "grammar:40"
[tokenizer]
vocab_size = 400
[model]
dim = 16
[training]
steps = 6
validate_every = 3
batch_tokens = 300
dev_lines = 4
[systems.lexical]
[systems.plain]
arch = "rnn"
[systems.attention]
[systems.transformer]
model.layers = 1
model.heads = 2
"""
NAMES = ["lexical", "plain", "attention", "transformer"]


@pytest.fixture(scope="module")
def ladder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("ladder")
    (folder / "mine.toml").write_text(RECIPE, encoding="utf-8")
    nmt("reproduce", folder / "mine.toml", "-o", folder / "out")
    return folder


def test_the_report_has_every_system_with_its_scores(ladder: Path) -> None:
    report = json.loads((ladder / "out" / "report.json").read_text("utf-8"))
    assert [system["name"] for system in report["systems"]] == NAMES
    assert [system["year"] for system in report["systems"]] == [1993, 2014, 2015, 2017]
    for system in report["systems"]:
        assert system["parameters"] > 0
        assert system["tokens_per_second"] > 0
        for metric in ("bleu", "chrf"):
            score = system["tests"]["small"][metric]
            assert score["low"] <= score["high"]
    scored = json.loads(nmt("eval", "-m", ladder / "out" / "attention", "--test", "small", "--format", "json").stdout)
    assert report["systems"][2]["tests"]["small"]["bleu"]["score"] == pytest.approx(scored["bleu"]["score"])


def test_the_page_is_whole_by_itself_and_the_markdown_shows_every_figure(ladder: Path) -> None:
    page = (ladder / "out" / "report.html").read_text("utf-8")
    assert not re.findall(
        r"""(?:src|href)=["'](?!#)[^"']*["']""", page.replace('xlink:href="#', '="#').replace("data:", "#")
    )
    assert "<script" not in page
    assert page.count("<svg") >= 6
    shown = re.findall(r"\]\((.*?)\)", (ladder / "out" / "report.md").read_text("utf-8"))
    assert len(shown) >= 6
    assert all((ladder / "out" / name).stat().st_size > 0 for name in shown)


def test_what_is_trained_is_not_trained_again_and_a_second_seed_gives_a_spread(ladder: Path) -> None:
    again = nmt("reproduce", ladder / "mine.toml", "-o", ladder / "out", "--only", "plain,attention", "--seeds", "2")
    said = again.stderr.decode()
    assert f"{ladder / 'out' / 'plain'} is trained" in said
    assert "trains attention (attention), seed 2" in said
    assert " ± " in again.stdout.decode()
    report = json.loads((ladder / "out" / "report.json").read_text("utf-8"))
    assert [len(system["tests"]["small"]["bleu"]["seeds"]) for system in report["systems"]] == [2, 2]
    drawn = {path.name for path in (ladder / "out" / "figures").iterdir()}
    assert drawn == set(report["figures"])  # none of an earlier report is left


def test_a_setting_of_the_model_reaches_the_systems_that_know_it(ladder: Path) -> None:
    planned = plan(ladder / "mine.toml", None, 1, ["model.heads=4", "model.cell=lstm", "model.dim=32"])
    models = {name: recipe.model for name, recipe, _ in planned}
    assert (models["plain"].cell, models["transformer"].heads, models["attention"].dim) == ("lstm", 4, 32)  # type: ignore[union-attr]
    with pytest.raises(UsageError, match=r"unknown key model\.head; did you mean heads"):
        plan(ladder / "mine.toml", ["transformer"], 1, ["model.head=4"])


def test_another_test_set_needs_no_other_training(ladder: Path) -> None:
    again = nmt("reproduce", ladder / "mine.toml", "-o", ladder / "out", "--set", "data.test.more=grammar:30")
    assert again.stderr.decode().count(" is trained\n") == 4
    assert "Scores on more" in again.stdout.decode()
    nmt("reproduce", ladder / "mine.toml", "-o", ladder / "out")


def test_a_trained_run_without_its_state_is_compared(ladder: Path, tmp_path: Path) -> None:
    shutil.copytree(ladder / "out" / "plain", tmp_path / "plain", ignore=shutil.ignore_patterns("states"))
    done = nmt("reproduce", ladder / "mine.toml", "-o", tmp_path, "--only", "plain")
    assert f"{tmp_path / 'plain'} is trained" in done.stderr.decode()


def test_a_training_that_diverges_is_a_result_too(tmp_path: Path) -> None:
    wild = '[systems.wild]\narch = "transformer"\nmodel.norm = "none"\ntraining.learning_rate = 1e20\n'
    wild += "training.warmup = 0\ntraining.steps = 40\n"
    (tmp_path / "mine.toml").write_text(RECIPE + wild, encoding="utf-8")
    for said in ("rows had no finite loss and gradient", "is trained"):
        done = nmt("reproduce", tmp_path / "mine.toml", "-o", tmp_path / "out", "--only", "plain,wild")
        assert said.replace("rows", "updates in a row") in done.stderr.decode()
    wild_one = json.loads((tmp_path / "out" / "report.json").read_text("utf-8"))["systems"][1]
    assert wild_one["divergences"] == 1
    assert wild_one["tests"]["small"]["bleu"]["score"] < 1.0
    assert "diverged" in done.stdout.decode()


def test_vectors_that_are_not_there_cost_no_training(tmp_path: Path) -> None:
    rows = '[systems.with]\narch = "rnn"\nmodel.embeddings.source = "no.vec"\n'
    (tmp_path / "mine.toml").write_text(RECIPE + rows, encoding="utf-8")
    done = nmt("reproduce", tmp_path / "mine.toml", "-o", tmp_path / "out", check=3)
    assert f"{tmp_path / 'no.vec'} does not exist" in done.stderr.decode()
    assert not (tmp_path / "out").exists()


def test_what_counts_is_counted_once_whatever_the_seed(ladder: Path) -> None:
    assert [name for name, _, _ in plan(ladder / "mine.toml", ["lexical", "plain"], 3, [])] == [
        "lexical",
        *["plain"] * 3,
    ]


def test_every_seed_is_another_whatever_the_settings_say(ladder: Path) -> None:
    planned = plan(ladder / "mine.toml", ["plain"], 3, ["training.seed=5"])
    assert [(recipe.training.seed, number) for _, recipe, number in planned] == [(5, 1), (6, 2), (7, 3)]


def test_a_test_set_named_by_its_path_gives_files_in_one_folder(ladder: Path, corpus: Path, tmp_path: Path) -> None:
    nmt("compare", ladder / "out" / "plain", "--test", corpus / "test", "-o", tmp_path / "report")
    assert len(list((tmp_path / "report" / "figures").glob("length-*test.png"))) == 1


def test_compare_prints_the_same_table_for_runs_that_exist(ladder: Path) -> None:
    runs = [ladder / "out" / name for name in NAMES]
    table = nmt("compare", *runs, "--test", "grammar:40").stdout.decode()
    report = nmt("reproduce", ladder / "mine.toml", "-o", ladder / "out").stdout.decode()

    def scores(text: str) -> list[list[str]]:
        rows = text.partition("Scores on")[2].partition("\n\n")[2].splitlines()[1:5]
        return [row.split()[:-1] for row in rows]  # but for the speed

    assert scores(table) == scores(report)
    assert [row[0] for row in scores(table)] == NAMES


@pytest.mark.parametrize("kind", ["png", "svg", "pdf"])
def test_plot_draws_attention_into_a_file(ladder: Path, tmp_path: Path, kind: str) -> None:
    runs = ("-m", ladder / "out" / "attention", "-m", ladder / "out" / "lexical")
    file = tmp_path / f"map.{kind}"
    assert nmt("plot", "attention", *runs, "--text", "Der Hund schläft.", "-o", file).stdout.count(b"\n") == 2
    assert file.read_bytes()[:5] in (b"\x89PNG\r", b"<?xml", b"%PDF-")


def test_plot_draws_a_translation_that_is_given(ladder: Path, tmp_path: Path) -> None:
    runs = ("-m", ladder / "out" / "attention", "-m", ladder / "out" / "lexical")
    given = ("--text", "Der Hund schläft.", "--target", "Elephants yawn.", "-o", tmp_path / "map.svg")
    assert nmt("plot", "attention", *runs, *given).stdout.decode() == 2 * "Elephants yawn.\n"
    words = re.findall(r">(\w+)</text>", (tmp_path / "map.svg").read_text("utf-8"))
    assert {"Der", "Hund", "schläft", "Elephants", "yawn"} <= set(words)


def test_plot_draws_every_head_of_one_model(ladder: Path, tmp_path: Path) -> None:
    run = ladder / "out" / "transformer"
    nmt("plot", "attention", "-m", run, "--heads", "--text", "Der Hund schläft.", "-o", tmp_path / "heads.svg")
    assert set(re.findall(r"layer \d, head \d", (tmp_path / "heads.svg").read_text("utf-8"))) == {
        "layer 1, head 1",
        "layer 1, head 2",
    }


def test_mistakes_are_one_line_and_cost_no_training(ladder: Path, tmp_path: Path) -> None:
    recipe, out = ladder / "mine.toml", ladder / "out"
    (tmp_path / "short.de").write_text("eins\nzwei\n")
    (tmp_path / "short.en").write_text("one\n")
    (half := tmp_path / "half").mkdir()
    for name in ("recipe.toml", "tokenizer.json", "metrics.jsonl"):
        (half / name).write_bytes((out / "plain" / name).read_bytes())
    turned = tmp_path / "turned"
    flags = ("--set", "training.steps=3", "--source", "en", "--target", "de")
    nmt("train", ladder / "mine.toml", "--arch", "lexical", *flags, "-o", turned)
    mixed = tmp_path / "mixed.toml"
    mixed.write_text("[systems.rnn]\n[systems.attention]\nsource = 'en'\ntarget = 'de'\n")
    named = tmp_path / "named.toml"
    named.write_text("[systems.rnn-seed2]\narch = 'rnn'\n")
    many = tmp_path / "many.toml"
    many.write_text("[systems.rnn]\narch = ['rnn']\n")
    plot = ("plot", "attention", "--text", "Hund", "-o", tmp_path / "a.png")
    cases = [
        (("reproduce", recipe, "-o", out, "--only", "plane"), 2, "lists no system 'plane'; it has lexical, plain,"),
        (
            ("reproduce", recipe, "-o", tmp_path / "x", "--set", f"data.test.a={tmp_path / 'short'}"),
            3,
            "without a partner",
        ),
        (("reproduce", mixed, "-o", tmp_path / "x"), 2, "of several language pairs (de-en, en-de)"),
        (("reproduce", recipe, "-o", out, "--only", " ,"), 2, "--only names no system"),
        (("reproduce", recipe, "-o", named), 2, "is a file; name a folder with -o"),
        (("reproduce", recipe, "-o", tmp_path / "x", "--set", "systems.plain.seed=2"), 2, "write it into the recipe"),
        (("reproduce", recipe, "-o", out, "--set", "training.steps=5"), 2, "is trained to update 6, past"),
        (("reproduce", named, "-o", tmp_path / "x"), 2, "cannot be a folder's name beside the others"),
        (("reproduce", many, "-o", tmp_path / "x"), 2, "systems.rnn needs arch"),
        (("compare", out / "plain", out / "plain", "--test", "grammar:20"), 2, "is named twice"),
        (("compare", half, out / "plain", "--test", "grammar:20"), 1, "is half trained (to update 6)"),
        (("compare", out / "plain", turned, "--test", "grammar:20"), 2, "compare runs of one language pair"),
        (("compare", tmp_path, "--test", "grammar:20"), 1, "is no run of nmt"),
        (("compare", out / "plain", "--test", tmp_path / "none"), 3, "none.de.gz exists"),
        ((*plot, "-m", out / "plain"), 2, "has no attention"),
        ((*plot, "-m", out / "attention", "-m", out / "lexical", "--heads"), 2, "--heads draws one model"),
        ((*plot, "-m", out / "attention", "--target", " "), 2, "--target is empty"),
        ((*plot[:-1], tmp_path / "a.txt", "-m", out / "attention"), 2, "must be a file .png, .svg, .pdf"),
    ]
    for arguments, code, said in cases:
        done = nmt(*arguments, check=code)
        assert re.fullmatch(rf"nmt: [^\n]*{re.escape(said)}[^\n]*\n", done.stderr.decode()), done.stderr.decode()
    assert not (tmp_path / "x").exists()
