"""Recipes: what wins over what, every mistake in one line, and no key that nothing reads."""

import ast
from pathlib import Path
from typing import Any, get_args

import pytest
from pydantic import BaseModel, ValidationError

from nmt import recipe
from nmt.cli.train import Arch
from nmt.errors import UsageError
from nmt.recipe import models, section, sections
from nmt.recipe.load import parse_setting

ROOT = Path(__file__).parents[1]
SECTIONS = [
    kind
    for kind in {**vars(sections), **vars(models)}.values()
    if isinstance(kind, type) and issubclass(kind, section.Section) and kind.__module__ != section.__name__
]
FIELDS = [(kind, name) for kind in SECTIONS for name in kind.model_fields]
RECIPES = sorted((ROOT / "recipes").rglob("*.toml"))


@pytest.fixture
def written(tmp_path: Path) -> Any:
    """A function that writes a recipe's text into a file."""

    def write(text: str) -> Path:
        path = tmp_path / "mine.toml"
        path.write_text(text, encoding="utf-8")
        return path

    return write


def fault(*arguments: Any, **named: Any) -> str:
    with pytest.raises(UsageError) as caught:
        recipe.load(*arguments, **named)
    assert "\n" not in str(caught.value)
    return str(caught.value)


@pytest.mark.parametrize("arch", recipe.ARCHITECTURES)
@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_every_recipe_of_the_repository_loads_for_every_architecture(path: Path, arch: str) -> None:
    assert recipe.load(path, arch).arch == arch


@pytest.mark.parametrize("arch", recipe.ARCHITECTURES)
def test_a_dumped_recipe_loads_as_an_equal_one_from_any_folder(arch: str, written: Any, tmp_path: Path) -> None:
    settings = ["data.train=x/y", "training.minutes=1.5", "model.embedding_dim=12", "data.test.a=z"]
    if arch in ("transformer", "decoder", "lexical"):
        settings.remove("model.embedding_dim=12")
    first = recipe.load(None, arch, settings)
    path = written(recipe.dump(first))
    (tmp_path / "sub").mkdir()
    moved = path.rename(tmp_path / "sub" / "recipe.toml")
    assert recipe.load(moved) == first


def test_the_later_layer_wins_and_leaves_what_it_does_not_name(written: Any) -> None:
    path = written(
        "arch = 'rnn'\n[model]\ndim = 12\n[training]\nsteps = 7\nwarmup = 3\nseed = 5\n"
        "[architectures.rnn.training]\nsteps = 8\n[architectures.attention.training]\nsteps = 9\n"
    )
    sizes = {"model": {"dim": 64, "layers": 2}, "training": {"warmup": 1}}
    plain = recipe.load(path, sizes=sizes)
    assert (plain.arch, plain.model.dim, plain.model.layers) == ("rnn", 12, 2)
    assert (plain.training.steps, plain.training.warmup, plain.training.seed) == (8, 3, 5)
    flags = {"training": {"steps": 10, "warmup": 4}}
    high = recipe.load(path, "attention", ["training.steps=11", "training.steps=12"], flags, sizes)
    assert (high.arch, high.training.steps, high.training.warmup) == ("attention", 12, 4)
    assert recipe.load(path, "attention").training.steps == 9


def test_a_key_of_the_shared_model_goes_to_the_families_that_know_it(written: Any) -> None:
    path = written("[model]\ncell = 'lstm'\nheads = 2\niterations = 3\n")
    assert recipe.load(path, "attention").model.cell == "lstm"
    assert recipe.load(path, "transformer").model.heads == 2
    assert recipe.load(path, "lexical").model.iterations == 3


def test_the_systems_of_a_recipe_are_its_own_or_else_every_architecture(written: Any) -> None:
    path = written(
        "[systems.big]\narch = 'rnn'\nmodel.dim = 6\n[systems.transformer]\n[architectures.rnn]\nsource = 'x'"
    )
    assert recipe.systems(path) == {"big": "rnn", "transformer": "transformer"}
    big = recipe.load(path, system="big")
    assert (big.arch, big.model.dim, big.source) == ("rnn", 6, "x")
    assert "unknown system 'bg'; did you mean big?" in fault(path, system="bg")
    assert recipe.systems(written("")) == {arch: arch for arch in recipe.ARCHITECTURES}


def test_a_path_in_a_file_is_relative_to_it_and_one_of_a_flag_to_the_folder_one_is_in(
    written: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = written(
        "[data]\ntrain = '../a/train'\ndev = 'hub:x/y'\n[data.test]\none = 'b'\ntwo = 'grammar'\n"
        "[model.embeddings]\nsource = 'v/de.vec'\n"
    )
    (elsewhere := tmp_path / "elsewhere").mkdir()
    monkeypatch.chdir(elsewhere)
    data = recipe.load(path).data
    assert data.train == str(tmp_path.parent / "a" / "train")
    assert (data.dev, data.test) == ("hub:x/y", {"one": str(tmp_path / "b"), "two": "grammar"})
    vectors: Any = recipe.load(path, settings=["model.embeddings.target=en.vec"]).model
    assert vectors.embeddings.source == str(tmp_path / "v" / "de.vec")
    assert vectors.embeddings.target == str(elsewhere / "en.vec")
    assert recipe.load(path, settings=["data.train=c"]).data.train == str(elsewhere / "c")


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("[trainig]\nsteps = 1", "unknown key trainig; did you mean training?"),
        ("[training]\nstep = 1", "unknown key training.step; did you mean steps?"),
        ("arch = 'rnn'\n[model]\ncel = 'gru'", "unknown key model.cel; did you mean cell?"),
        (
            "arch = 'transformer'\n[architectures.transformer.model]\ncell = 'gru'",
            "model.cell belongs to --arch rnn or attention, and this is --arch transformer",
        ),
        ("steps = 3", "unknown key steps; did you mean training.steps?"),
        ("arch = 'transformr'", "unknown architecture 'transformr'; did you mean transformer?"),
        ("[architectures.rrn.model]\ndim = 1", "unknown [architectures.rrn]; did you mean rnn?"),
        ("architectures = 3", "architectures must be tables such as [architectures.transformer.training]"),
        ("[architectures]\nrnn = 3", "architectures.rnn must be a table of sections"),
        ("[systems.big.model]\ndim = 4", "systems.big needs arch, one of lexical, rnn,"),
        ("[systems]\nbig = 3", "systems.big must be a table of sections"),
        ("model = 'rnn'", "model must be a table of options, not 'rnn'"),
        ("[training]\nsteps = 'ten'", "training.steps must be a whole number, not 'ten'"),
        ("[training]\nsteps = 0", "training.steps must be 1 or more, not 0"),
        ("[training]\nsteps = 1.0", "training.steps must be a whole number, not 1.0"),
        ("[training]\nlearning_rate = inf", "training.learning_rate must be a finite number"),
        ("[training]\nvalidate_every = '2x'", "must be a number of updates from 1"),
        ("[training]\nschedule = 'noam'", "learning_rate is the factor before dim ** -0.5"),
        ("[training]\nschedule = 'plateau'", "set patience"),
        ("[tokenizer]\nlevel = 'word'\ndropout = 0.1", "dropout skips BPE merges, and level word has none"),
        ("[model]\ndim = 6\nheads = 4", "dim = 6 is not a multiple of heads = 4"),
        ("[model]\ndim = 9\nheads = 3", "sinusoidal positions come in pairs; dim = 9 must be even"),
        ("arch = 'rnn'\n[model]\ndim = 9", "cannot be halved for a bidirectional encoder; make it even"),
        ("arch = 'rnn'\n[model]\nreverse_source = true", "set bidirectional to false"),
        ("arch = 'rnn'\n[architectures.rnn.model]\ninput_feeding = true", "input_feeding has nothing to feed"),
        ("arch = 'attention'\n[model]\ncontext = 'every'", "context = every belongs to score = none"),
        ("arch = 'rnn'\n[model]\nattend = 'before'", "a model with score = none never looks"),
        ("arch = 'attention'\n[model]\nattend = 'before'", "set input_feeding to false"),
        (
            "arch = 'attention'\n[model]\nattend = 'before'\nscore = 'concat'\ninput_feeding = false",
            "before the step the same score is additive",
        ),
        ("arch = 'rnn'\n[model]\nreservoir.leak = 0.5", "reservoir describes cell = reservoir, not gru"),
        (
            "arch = 'attention'\n[model]\ncell = 'reservoir'\nscore = 'dot'\nreservoir.dim = 512",
            "reservoir.dim is 512 beside a dim of 256; use general or additive",
        ),
        ("arch = 'rnn'\n[model]\nreservoir.leek = 0.5", "unknown key model.reservoir.leek; did you mean leak?"),
        ("arch = 'rnn'\n[model]\nreservoir.leak = 0.0", "model.reservoir.leak must be more than 0"),
        ("[model]\nembeddings.frozen = true", "frozen has nothing to freeze"),
        ("[model.embeddings]\nsource = 'x'\nfrozen = true", "set model.tie_embeddings to false"),
        (
            "[tokenizer]\njoint = false\n[model.embeddings]\ntarget = 'x'\nfrozen = true",
            "set model.tie_embeddings to false",
        ),
        (
            "arch = 'rnn'\n[model]\ncell = 'reservoir'\nembeddings.source = 'x'\nembeddings.frozen = true",
            "changes nothing for the source of a reservoir",
        ),
        ("[model]\npositions = 'learned'\nmax_length = 99", "set data.max_tokens to 98 or less"),
        ("arch = 'attention'\n[model]\nscore = 'location'\nmax_length = 99", "set data.max_tokens to 98 or less"),
        ("[model]\nnorm = 'none'\nnorm_place = 'post'", "norm = none has none"),
        ("[model]\nfeed_forward = 'none'\nfeed_forward_dim = 9", "the width of what feed_forward = none leaves out"),
        ("[model]\ndim = 6\nheads = 2\npositions = 'rotary'", "a head has 3, make it even"),
        ("arch = 'decoder'\n[model]\nattention = 'single'", "set heads to 1"),
        ("[decoding]\ntemperature = 0.5", "they need sample"),
        ("[decoding]\nnbest = 6", "nbest = 6 hypotheses cannot come from a beam of 5; raise beam"),
        ("source = 'en'\ntarget = 'en'", "source and target are both 'en'"),
        ("x = = 1", "is not TOML"),
    ],
)
def test_a_mistake_in_a_recipe_is_one_line_that_names_the_file(written: Any, text: str, said: str) -> None:
    arch = "attention" if "context" in text else None
    path = written(text)
    message = fault(path, arch)
    assert said in message
    assert "architecture '" in said or str(path) in message


def test_the_command_knows_every_architecture() -> None:
    assert list(get_args(Arch)) == list(recipe.ARCHITECTURES)


def test_vectors_are_frozen_where_no_output_layer_shares_them() -> None:
    vectors = ["model.embeddings.source=x", "model.embeddings.frozen=true"]
    assert recipe.load(settings=[*vectors, "tokenizer.joint=false"]).model.embeddings.frozen  # type: ignore[union-attr]
    assert recipe.load(settings=[*vectors, "model.tie_embeddings=false"]).model.embeddings.frozen  # type: ignore[union-attr]


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_every_system_of_every_recipe_loads_and_an_ablation_is_small(path: Path) -> None:
    planned = [recipe.load(path, system=name) for name in recipe.systems(path)]
    assert planned
    if path.parent.name == "ablations":
        assert len(planned) <= 9
        widths = {getattr(each.model, "dim", None) for each in planned}
        assert widths == {128}


def test_several_faults_are_told_together(written: Any) -> None:
    message = fault(written("sorce = 'x'\n[training]\nsteps = -1\n[model]\ndim = 6\nheads = 4\n"))
    for said in ("did you mean source?", "training.steps", "not a multiple of heads"):
        assert said in message


def test_a_missing_file_names_its_neighbour_and_an_unreadable_one_its_fault(written: Any, tmp_path: Path) -> None:
    path = written("")
    assert f"is it {path}?" in fault(tmp_path / "mne.toml")
    path.write_bytes(b"# \xff")
    assert "is not UTF-8 (byte 2)" in fault(path)
    assert "cannot be read: Is a directory" in fault(tmp_path)


@pytest.mark.parametrize("setting", ["training.steps", "=3", "training..steps=3", ".steps=1"])
def test_a_setting_without_its_form_is_refused(setting: str) -> None:
    assert "is not of the form section.option=value" in fault(settings=[setting])


def test_a_setting_is_read_as_toml_or_else_as_a_word() -> None:
    values = {
        "a.b=1_000": 1_000,
        "a.b=2e-3": 2e-3,
        "a.b=true": True,
        "a.b='1'": "1",
        "a.b=gru": "gru",
        "a.b=x=y": "x=y",
    }
    assert {setting: parse_setting(setting)["a"]["b"] for setting in values} == values


def test_nothing_in_a_recipe_changes_after_loading() -> None:
    loaded = recipe.load()
    for part in (loaded, loaded.training, loaded.model):
        with pytest.raises(ValidationError):
            setattr(part, next(iter(type(part).model_fields)), "other")


def test_only_the_changes_that_were_asked_for_reach_the_search() -> None:
    base = recipe.SearchConfig(beam=7, length_penalty=0.5)
    assert recipe.search_config(base, {"beam": None, "nbest": 3}) == base.model_copy(update={"nbest": 3})
    with pytest.raises(UsageError, match="beam must be 1 or more, not 0"):
        recipe.search_config(base, {"beam": 0})


@pytest.mark.parametrize("pairs", [1, 200, 20_000, 29_000, 999_999, 4_000_000, 50_000_000])
@pytest.mark.parametrize("arch", recipe.ARCHITECTURES)
def test_the_sizes_for_a_corpus_make_a_recipe_and_the_reason_names_them(pairs: int, arch: str) -> None:
    loaded = recipe.load(None, arch, sizes=recipe.sizes_for(pairs, arch))
    told = recipe.reason(pairs, loaded)
    assert f"{pairs:,} pairs" in told
    if arch != "lexical":
        assert f"x {loaded.model.dim}," in told
        assert f"vocabulary {loaded.tokenizer.vocab_size:,}" in told


def read_attributes() -> set[str]:
    """Every name after a dot in the package, but in the module that defines the sections."""
    names: set[str] = set()
    for path in (ROOT / "nmt").rglob("*.py"):
        if path not in (ROOT / "nmt/recipe/sections.py", ROOT / "nmt/recipe/models.py"):
            nodes = ast.walk(ast.parse(path.read_text("utf-8")))
            names |= {node.attr for node in nodes if isinstance(node, ast.Attribute) and isinstance(node.ctx, ast.Load)}
    return names


@pytest.mark.parametrize(("kind", "name"), FIELDS, ids=lambda value: getattr(value, "__name__", value))
def test_every_key_is_read_somewhere_and_says_what_it_means(kind: type[BaseModel], name: str) -> None:
    if name != "family":  # pydantic chooses the class by it
        assert name in read_attributes()
    section = kind.model_fields[name].annotation
    if not (name == "model" or (isinstance(section, type) and issubclass(section, BaseModel)) or name == "family"):
        assert kind.model_fields[name].description
        assert f"{name} =" in recipe.document()


def test_the_document_of_keys_names_the_choices() -> None:
    assert "One of tanh, lstm, gru, reservoir." in recipe.document().replace("\n#", "")


def test_more_steps_are_the_same_training_resumed_but_not_under_a_schedule_that_ends_with_them() -> None:
    for schedule, same in (("inverse_sqrt", True), ("linear", False)):
        short, longer = (
            recipe.load(None, "rnn", [f"training.schedule={schedule}", f"training.steps={steps}", "data.train=grammar"])
            for steps in (100, 200)
        )
        assert (recipe.differences(short, longer, resumed=True) == []) == same
        assert recipe.differences(short, longer) == ["training.steps is 100 there and 200 here"]
    other = recipe.load(None, "rnn", ["training.schedule=linear", "training.steps=200", "data.test.more=grammar"])
    assert recipe.differences(other, longer) == []
