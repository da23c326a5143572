"""A run folder from a stranger cannot run code."""

import ast
import io
import pickle
import shutil
from collections.abc import Callable, Iterator, Sequence
from pathlib import Path

import pytest
import torch
from malformed import Bench
from malformed.case import in_this_process
from malformed.folders import Harm
from malformed.states import RESUME

Harmless = Callable[[Sequence[str], bytes, Sequence[Sequence[str]]], set[int]]
PACKAGE = Path(__file__).parents[1] / "nmt"
RUNNING = {
    "pickle",
    "cPickle",
    "_pickle",
    "dill",
    "cloudpickle",
    "joblib",
    "shelve",
    "marshal",
    "runpy",
    "code",
    "yaml",
}
"""Modules that make code or objects of what they read."""
COMMANDS = (
    ("translate", "-m", "run", "--device", "cpu"),
    ("info", "-m", "run"),
    ("score", "-m", "run", "--src", "{bench}/good.en", "--tgt", "{bench}/good.de", "--device", "cpu"),
    ("compare", "run", "--test", "{bench}/good", "--device", "cpu"),
    ("average", "run", "--last", "1"),
    RESUME,
)
OTHERS = (
    *("model.pt", "pytorch_model.bin", "last.pt", "optimizer.pt", "training_args.bin", "model.ckpt", "data.pkl"),
    *("averaged.safetensors", "last.state/numbers.json", "last.state/tensors.safetensors", "conftest.py", "nmt.py"),
    *(
        "tensorboard/events",
        "checkpoints/step-00000009.safetensors",
        "states/000009/numbers.json",
        "states/000009.part",
    ),
)
"""Names of files that no run of the bench has, and others or older ones have or had."""


@pytest.fixture(scope="module")
def bench(tmp_path_factory: pytest.TempPathFactory) -> Bench:
    return Bench(tmp_path_factory.mktemp("bench"))


def pickles() -> dict[str, bytes]:
    """What leaves a file behind if anything unpickles it: bare, as torch saves it now, as it did, and as a script."""
    now, old = io.BytesIO(), io.BytesIO()
    torch.save({"weights": Harm()}, now)
    torch.save({"weights": Harm()}, old, _use_new_zipfile_serialization=False)
    script = b"from pathlib import Path\nPath('harmed').touch()\n"
    return {"bare": pickle.dumps(Harm()), "torch": now.getvalue(), "older torch": old.getvalue(), "script": script}


def test_what_is_planted_does_harm_where_it_is_run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.chdir(tmp_path)
    planted = pickles()
    for harm in (
        lambda: pickle.loads(planted["bare"]),
        lambda: torch.load(io.BytesIO(planted["torch"]), weights_only=False),
        lambda: torch.load(io.BytesIO(planted["older torch"]), weights_only=False),
        lambda: exec(planted["script"], {}),
    ):
        harm()
        assert (tmp_path / "harmed").exists()
        (tmp_path / "harmed").unlink()


@pytest.fixture
def harmless(bench: Bench, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Harmless:
    monkeypatch.chdir(tmp_path)

    def run(names: Sequence[str], content: bytes, commands: Sequence[Sequence[str]]) -> set[int]:
        shutil.rmtree("run", ignore_errors=True)
        shutil.copytree(bench.folder / "run", "run")
        Path("run/manifest.json").unlink()  # or its sums would stop what was put there before anything reads it
        for name in names:
            Path("run", name).parent.mkdir(parents=True, exist_ok=True)
            Path("run", name).write_bytes(content)
        codes = set()
        for command in commands:
            done = in_this_process([word.format(bench=bench.folder) for word in command], b"A dog\n")
            assert not Path("harmed").exists(), (names, command)
            codes.add(done.code)
        return codes

    return run


@pytest.mark.parametrize("kind", pickles())
def test_code_beside_the_files_of_a_run_is_not_run(harmless: Harmless, kind: str) -> None:
    assert 0 in harmless(OTHERS, pickles()[kind], COMMANDS)


@pytest.mark.parametrize("kind", ["bare", "torch"])
def test_code_in_the_place_of_any_file_of_a_run_is_not_run(harmless: Harmless, bench: Bench, kind: str) -> None:
    folder = bench.folder / "run"
    own = sorted(path.relative_to(folder).as_posix() for path in folder.rglob("*") if path.is_file())
    assert len(own) >= 12
    for number, name in enumerate(own):
        commands = COMMANDS[0], (RESUME if name.startswith("states") else COMMANDS[1 + number % 5])
        assert harmless([name], pickles()[kind], commands) <= {0, 1, 2}


def imported(tree: ast.AST) -> Iterator[str]:
    """The top modules that a module's text imports."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield from (alias.name.split(".")[0] for alias in node.names)
        elif isinstance(node, ast.ImportFrom):
            yield (node.module or "").split(".")[0]


def called(tree: ast.AST) -> Iterator[tuple[str, ast.Call]]:
    """Every call, by the name it is written with."""
    for node in ast.walk(tree):
        if isinstance(node, ast.Call):
            yield ast.unparse(node.func), node


@pytest.mark.parametrize("path", sorted(PACKAGE.rglob("*.py")), ids=lambda path: path.relative_to(PACKAGE).as_posix())
def test_no_module_can_make_code_of_what_it_reads(path: Path) -> None:
    tree = ast.parse(path.read_text("utf-8"))
    assert not RUNNING & set(imported(tree))
    for name, call in called(tree):
        assert name not in ("eval", "exec", "compile", "__import__", "importlib.import_module"), name
        given = {keyword.arg: ast.unparse(keyword.value) for keyword in call.keywords}
        if name.endswith("torch.load") or name == "torch.hub.load":
            assert given.get("weights_only") == "True", name
        assert given.get("allow_pickle", "False") == given.get("trust_remote_code", "False") == "False", name
