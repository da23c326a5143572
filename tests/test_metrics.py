"""Scores, against the `sacrebleu` command and the `nmt eval` command as processes."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

from nmt.errors import UsageError
from nmt.evaluation.metrics import by_length, evaluate

REFERENCES = [
    "Ein Mann mit einem Hut steht am Fluss .",
    "Zwei Hunde laufen über die grüne Wiese, und ein Kind sieht zu.",
    "Das ist „ein“ Test – mit Zeichen: 3,5 % & <b>!",
    "Kinder spielen.",
    "Die Frau, die gestern hier war, hat ihren blauen Schirm vergessen.",
]
HYPOTHESES = [
    "ein Mann mit Hut steht an dem Fluss .",
    "Zwei hunde laufen über eine Wiese und ein Kind schaut zu.",
    'Das ist "ein" Test mit Zeichen : 3,5 % & <b>!',
    "",
    "Die Frau, die gestern da war, hat den blauen Schirm vergessen.",
]


@pytest.fixture
def files(tmp_path: Path) -> tuple[Path, Path]:
    hyp, ref = tmp_path / "hyp.de", tmp_path / "ref.de"
    hyp.write_bytes("".join(line + "\n" for line in HYPOTHESES).encode())
    ref.write_bytes("".join(line + "\n" for line in REFERENCES).encode())
    return hyp, ref


def run(*command: object) -> str:
    done = subprocess.run(list(map(str, command)), capture_output=True, text=True, check=True)
    return done.stdout


def sacrebleu(hyp: Path, ref: Path, *flags: str) -> list[str]:
    bin = Path(sys.executable).parent / "sacrebleu"
    out = run(bin, ref, "-i", hyp, "-f", "text", *flags)
    return [line.strip() for line in out.splitlines()]  # it aligns the scores of several metrics


def nmt(*arguments: object) -> str:
    return run(sys.executable, "-m", "nmt", *arguments)


def test_eval_prints_the_lines_of_the_sacrebleu_command(files: tuple[Path, Path]) -> None:
    hyp, ref = files
    ours = nmt("eval", "--hyp", hyp, "--ref", ref, "--metrics", "bleu,chrf,ter").splitlines()
    cased = sacrebleu(hyp, ref, "-m", "bleu", "chrf", "ter")
    lowercased = sacrebleu(hyp, ref, "-m", "bleu", "-lc") + sacrebleu(hyp, ref, "-m", "chrf", "--chrf-lowercase")
    assert sorted(ours) == sorted(cased + lowercased)


def test_json_has_the_scores_of_sacrebleu_at_full_precision(files: tuple[Path, Path]) -> None:
    hyp, ref = files
    ours = json.loads(nmt("eval", "--hyp", hyp, "--ref", ref, "--format", "json"))
    bin = Path(sys.executable).parent / "sacrebleu"
    theirs = json.loads(run(bin, ref, "-i", hyp, "-m", "bleu", "chrf", "-w", "12"))
    assert set(ours) == {"bleu", "bleu_lc", "chrf", "chrf_lc"}
    for key, score in zip(("bleu", "chrf"), theirs, strict=True):
        assert ours[key]["score"] == pytest.approx(score["score"], abs=1e-9)
        assert ours[key]["signature"] == score["signature"]


@pytest.mark.parametrize("tokenizer", ["none", "char", "intl", "zh"])
def test_another_tokenizer_of_sacrebleu_gives_its_score(files: tuple[Path, Path], tokenizer: str) -> None:
    hyp, ref = files
    score = evaluate(HYPOTHESES, REFERENCES, ["bleu"], lowercase=False, tokenize=tokenizer)["bleu"]
    assert [score.text()] == sacrebleu(hyp, ref, "-m", "bleu", "-tok", tokenizer)


def test_an_unknown_tokenizer_is_a_mistake_of_the_user() -> None:
    with pytest.raises(UsageError, match="no tokenizer 'klingon'; it has 13a"):
        evaluate(HYPOTHESES, REFERENCES, tokenize="klingon")


def test_buckets_hold_every_line_once_and_score_their_own_lines() -> None:
    lengths = [len(line.split()) for line in REFERENCES]
    buckets = by_length(lengths, HYPOTHESES, REFERENCES, parts=2)
    assert sum(bucket.lines for bucket in buckets) == len(REFERENCES)
    assert buckets[0].longest < buckets[1].shortest
    rows = [i for i, length in enumerate(lengths) if length >= buckets[1].shortest]
    alone = evaluate([HYPOTHESES[i] for i in rows], [REFERENCES[i] for i in rows])
    assert buckets[1].scores["chrf"].score == alone["chrf"].score


def test_lines_of_one_length_stay_in_one_bucket() -> None:
    buckets = by_length([4, 4, 4, 4, 9], HYPOTHESES, REFERENCES)
    assert [(b.shortest, b.longest, b.lines) for b in buckets] == [(4, 4, 4), (9, 9, 1)]


def test_scores_by_length_need_no_four_lines() -> None:
    assert [b.lines for b in by_length([4, 9], HYPOTHESES[:2], REFERENCES[:2])] == [2]


@pytest.mark.parametrize(("hypotheses", "references"), [(["a"], []), ([], [])])
def test_unequal_or_no_lines_are_refused(hypotheses: list[str], references: list[str]) -> None:
    with pytest.raises(ValueError, match="translations"):
        evaluate(hypotheses, references)
