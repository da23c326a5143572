"""The command `nmt` as a process, on files: what it prints, where, and how it ends."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).parent.parent
NMT = Path(sys.executable).parent / "nmt"
COMMANDS = [
    *("train", "translate", "eval", "score", "align", "aer", "symmetrize", "average", "info", "plan"),
    *("tokenizer train", "data make"),
]
ODD = ["", "  \t ", "Der Hund schläft.", "\u2028 a\u0085b\x0cc", "🤖 שלום", "x" * 300, "\r", "1", "<s> </s> ⟨pad⟩"]


def nmt(*arguments: object, stdin: bytes = b"", check: int = 0) -> subprocess.CompletedProcess[bytes]:
    done = subprocess.run([NMT, *map(str, arguments)], input=stdin, capture_output=True, check=False)
    assert done.returncode == check, done.stderr.decode()
    return done


def text(lines: list[str]) -> bytes:
    return "".join(line + "\n" for line in lines).encode()


def train(arch: str, corpus: Path, folder: Path) -> Path:
    data = ("--train", corpus / "train", "--dev", corpus / "dev", "--source", "de", "--target", "en")
    small = ("--set", "training.steps=10", "--set", "training.validate_every=5")
    done = nmt("train", ROOT / "recipes" / "tiny.toml", "--arch", arch, *data, *small, "-o", folder)
    assert done.stdout.decode() == f"{folder}\n"
    assert b"dev loss" in done.stderr
    return folder


@pytest.fixture(scope="module")
def trained(corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train("attention", corpus, tmp_path_factory.mktemp("cli") / "attention")


@pytest.fixture(scope="module", params=["rnn", "transformer"])
def other(request: pytest.FixtureRequest, corpus: Path, tmp_path_factory: pytest.TempPathFactory) -> Path:
    return train(request.param, corpus, tmp_path_factory.mktemp("cli") / request.param)


@pytest.mark.parametrize("command", COMMANDS)
def test_every_command_has_help(command: str) -> None:
    assert b"Usage:" in nmt(*command.split(), "--help").stdout


def test_n_lines_in_are_n_lines_out_whatever_is_in_them(other: Path) -> None:
    out = nmt("translate", "-m", other, stdin=text(ODD)).stdout
    assert out.count(b"\n") == len(ODD)
    lines = out.decode().split("\n")
    assert [lines[0], lines[1], lines[6]] == ["", "  \t ", "\r"]


def test_a_last_line_without_its_end_is_a_line(trained: Path) -> None:
    assert nmt("translate", "-m", trained, stdin=b"Hallo").stdout.count(b"\n") == 1
    assert nmt("translate", "-m", trained, stdin=b"").stdout == b""


def test_files_and_pipes_give_the_same(trained: Path, corpus: Path, tmp_path: Path) -> None:
    piped = nmt("translate", "-m", trained, stdin=(corpus / "test.de").read_bytes()).stdout
    nmt("translate", "-m", trained, "-i", corpus / "test.de", "-o", tmp_path / "out")
    assert (tmp_path / "out").read_bytes() == piped


def test_a_line_is_answered_before_the_next_is_written(trained: Path) -> None:
    with subprocess.Popen([NMT, "translate", "-m", trained], stdin=subprocess.PIPE, stdout=subprocess.PIPE) as process:
        assert process.stdin is not None
        assert process.stdout is not None
        for _ in range(2):
            process.stdin.write(b"Der Hund schl\xc3\xa4ft.\n")
            process.stdin.flush()
            assert process.stdout.readline().endswith(b"\n")
        process.stdin.close()
        assert process.wait() == 0


def test_batch_size_one_gives_what_64_gives(other: Path, corpus: Path) -> None:
    command = ("translate", "-m", other, "-i", corpus / "test.de", "--format", "jsonl", "--batch-size")
    one, many = ([json.loads(line) for line in nmt(*command, n).stdout.splitlines()] for n in (1, 64))
    best = [(a["candidates"][0], b["candidates"][0]) for a, b in zip(one, many, strict=True)]
    assert len(best) == 12
    # A model of ten updates is sure of nothing: in single precision two hypotheses may be equally likely.
    assert [
        (a["text"], b["text"]) for a, b in best if a["text"] != b["text"] and abs(a["score"] - b["score"]) > 1e-5
    ] == []
    assert sum(a["text"] != b["text"] for a, b in best) <= 1


def test_jsonl_and_moses_list_the_candidates_best_first(trained: Path) -> None:
    lines = text(["Der Hund schläft.", ""])
    objects = [
        json.loads(x)
        for x in nmt("translate", "-m", trained, "--nbest", 3, "--format", "jsonl", stdin=lines).stdout.splitlines()
    ]
    assert [o["line"] for o in objects] == [1, 2]
    scores = [c["score"] for c in objects[0]["candidates"]]
    assert len(scores) == 3
    assert scores == sorted(scores, reverse=True)
    moses = nmt("translate", "-m", trained, "--nbest", 3, "--format", "moses", stdin=lines).stdout.decode().splitlines()
    assert [row.split(" ||| ")[0] for row in moses] == ["0", "0", "0", "1"]
    assert moses[0].split(" ||| ")[1] == objects[0]["candidates"][0]["text"]


def test_nbest_text_has_n_lines_for_each_line(trained: Path) -> None:
    out = nmt("translate", "-m", trained, "--nbest", 3, stdin=text(["", "Der Hund schläft."])).stdout
    assert out.count(b"\n") == 6


def test_a_seed_repeats_its_draws(trained: Path, corpus: Path) -> None:
    draw = ("translate", "-m", trained, "-i", corpus / "test.de", "--sample", "--temperature", 1.5, "--top-k", 20)
    first, again, second = (nmt(*draw, "--seed", seed).stdout for seed in (1, 1, 2))
    assert first == again != second


def test_a_prefix_begins_the_translation(trained: Path, tmp_path: Path) -> None:
    (tmp_path / "prefix").write_bytes(text(["The cat", ""]))
    two = text(["Der Hund schläft.", "Der Hund schläft."])
    out = nmt("translate", "-m", trained, "--prefix", tmp_path / "prefix", stdin=two).stdout.decode().split("\n")
    assert out[0].startswith("The cat")
    short = nmt("translate", "-m", trained, "--prefix", tmp_path / "prefix", stdin=two + b"Drei\n", check=3)
    assert short.stdout.decode().split("\n") == out
    assert b"ends before line 3; it needs a line for every line" in short.stderr


def test_eval_of_a_run_scores_what_translate_writes(trained: Path, corpus: Path, tmp_path: Path) -> None:
    src, ref, kept = corpus / "test.de", corpus / "test.en", tmp_path / "kept"
    by_run = nmt("eval", "-m", trained, "--src", src, "--ref", ref, "--by-length", "-o", kept).stdout
    nmt("translate", "-m", trained, "-i", src, "-o", tmp_path / "out")
    assert kept.read_bytes() == (tmp_path / "out").read_bytes()
    assert nmt("eval", "--hyp", kept, "--src", src, "--ref", ref, "--by-length").stdout == by_run
    assert nmt("eval", "-m", trained, "--test", corpus / "test", "--by-length").stdout == by_run


def test_score_gives_a_line_for_every_pair(trained: Path, corpus: Path) -> None:
    done = nmt("score", "-m", trained, "--src", corpus / "test.de", "--tgt", corpus / "test.en", "--format", "jsonl")
    rows = [json.loads(line) for line in done.stdout.splitlines()]
    assert len(rows) == 12
    assert all(row["log_prob"] < 0 < row["tokens"] and row["perplexity"] > 1 for row in rows)
    assert b"12 pairs" in done.stderr


def test_averaged_weights_translate(trained: Path) -> None:
    path = nmt("average", trained, "--last", 2).stdout.decode().strip()
    assert nmt("translate", "-m", path, stdin=b"Hallo\n").stdout.count(b"\n") == 1


def test_a_dry_run_prints_a_recipe_and_writes_nothing(tmp_path: Path) -> None:
    run = ("train", ROOT / "recipes" / "tiny.toml", "--arch", "rnn")
    done = nmt(*run, "--dry-run", "-o", tmp_path / "run")
    out = done.stdout.decode()
    assert not (tmp_path / "run").exists()
    assert all(word in out for word in ("parameters", "encoder", "target tokens", "memory in fp32"))
    (tmp_path / "resolved.toml").write_text(out)
    assert nmt("train", tmp_path / "resolved.toml", "--dry-run").stdout.decode() == out


@pytest.mark.parametrize(
    ("arguments", "code", "message"),
    [
        (["train", "--arch", "rnn", "--set", "model.dimm=8"], 2, "unknown key model.dimm; did you mean dim?"),
        (["train", "missing.toml"], 2, "recipe missing.toml does not exist"),
        (["train", "--train", "nowhere"], 3, "nowhere.de.gz exists; a corpus is a prefix"),
        (["translate", "-m", "nowhere"], 1, "nowhere does not exist; name a folder that `nmt train` wrote"),
        (["eval", "--ref", "r"], 2, "name either --hyp with --ref, or -m with"),
        (["eval", "--ref", "r", "-m", "x"], 2, "-m translates a source text; name it with --src"),
        (["eval", "--hyp", "h"], 2, "name them with --ref"),
        (["eval", "-m", "x", "--test", "t", "--ref", "r"], 2, "leave out --hyp, --src and --ref"),
        (["eval", "--hyp", "h", "--ref", "r"], 3, "h does not exist"),
        (["score", "-m", "x", "--src", "s", "--tgt", "t"], 3, "s does not exist"),
        (["average", "nowhere"], 1, "nowhere does not exist"),
        (["train", "--set", "training.seed=-1"], 2, "training.seed must be 0 or more, not -1"),
        (["train", "--set", "training.schedule=noam"], 2, "learning_rate is the factor before dim ** -0.5"),
        (["tokenizer", "train", __file__, "--vocab-size", "300", "-o", "no/t.json"], 2, "its folder is missing"),
        (["eval", "--hyp", "h", "--ref", "r", "--metrics", "bleurt"], 2, "must be a list of bleu, chrf, ter"),
    ],
)
def test_a_mistake_is_one_line_and_its_exit_code(arguments: list[str], code: int, message: str, tmp_path: Path) -> None:
    done = subprocess.run([NMT, *arguments], cwd=tmp_path, capture_output=True, text=True, check=False)
    assert done.returncode == code
    assert message in done.stderr
    assert done.stderr.startswith("nmt: ")
    assert done.stderr.count("\n") == 1


def test_a_line_that_is_not_utf8_comes_after_the_lines_before_it(trained: Path) -> None:
    done = nmt("translate", "-m", trained, stdin=b"Hallo\n\xff\xfe\nWelt\n", check=3)
    assert done.stdout.count(b"\n") == 1
    assert b"standard input:2: not UTF-8" in done.stderr


@pytest.mark.parametrize(("closed", "said"), [(">&-", "nmt: standard output or"), ("2>&-", ""), ("<&-", "")])
def test_a_closed_stream_is_no_traceback(trained: Path, closed: str, said: str) -> None:
    done = subprocess.run(
        f"{NMT} translate -m {trained} {closed}", shell=True, capture_output=True, text=True, check=False
    )
    assert done.returncode == (0 if closed == "<&-" else 1)
    assert done.stderr.startswith(said)
    assert done.stderr.count("\n") == (1 if said else 0)


def test_an_input_is_never_overwritten(trained: Path, tmp_path: Path) -> None:
    (tmp_path / "text").write_text("Hallo\n")
    done = nmt("translate", "-m", trained, "-i", tmp_path / "text", "-o", tmp_path / "text", check=2)
    assert b"is read and would be written" in done.stderr
    assert (tmp_path / "text").read_text() == "Hallo\n"


def test_every_key_of_a_recipe_is_explained() -> None:
    out = nmt("train", "--help-recipe").stdout.decode().split("\n")
    keys = [i for i, line in enumerate(out) if " = " in line or line.endswith(" =")]
    assert len(keys) > 60
    assert all(out[i - 1].startswith("# ") and not out[i - 1].endswith(" =") for i in keys)


def test_a_bare_train_takes_the_embedded_corpus_and_sizes_that_fit_it(tmp_path: Path) -> None:
    run = [NMT, "train", "--arch", "rnn", "--set", "training.steps=1", "--set", "training.dev_lines=1"]
    done = subprocess.run(run, cwd=tmp_path, capture_output=True, text=True, check=True)
    assert "sizes for 20,000 pairs: vocabulary 1,000, 1 layer x 128" in done.stderr
    assert done.stdout == "runs/rnn-de-en\n"
    assert (tmp_path / "runs" / "rnn-de-en" / "best.safetensors").exists()
