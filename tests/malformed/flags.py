"""Command lines that cannot be meant."""

from collections.abc import Iterator

from malformed.case import Case

LINES: tuple[str, ...] = (
    "trian",
    "--versoin",
    "-z",
    "data",
    "data chekc",
    "data check",
    "data check recipe.toml --data grammar",
    "data check --src good.en",
    "data check --data good",
    "data check --src good.en --tgt good.de --test other",
    "data check --src good.en --tgt good.de --test-src good.en",
    "data check --src good.en --tgt good.de --keep duplicate",
    "data check --src good.en --tgt good.de --fix out --keep duplicates",
    "data check --src good.en --tgt good.de --keep empty --fix out --keep nonsense",
    "data check --src good.en --tgt good.de --format xml",
    "data check --src good.en --tgt good.de --examples -1",
    "data make",
    "data make gramar -o out",
    "data make grammar -o out --size 0",
    "data make grammar -o out --size many",
    "train --arhc rnn",
    "train --arch rn",
    "train --arch",
    "train a.toml b.toml",
    "train --set",
    "train --set training",
    "train --set =3 --arch rnn",
    "train --set training..steps=3",
    "train --set training.steps=",
    "train --set systems.a.arch=rnn",
    "train --set model.dimm=3",
    "train --set source=de --set target=de",
    "translate",
    "translate -m",
    "translate -m nowhere",
    "translate -m run --beam 0",
    "translate -m run --beam two",
    "translate -m run --beam 1e3",
    "translate -m run --format xml",
    "translate -m run --nbest 0",
    "translate -m run --top-k -1",
    "translate -m run --batch-size 0",
    "translate -m run extra",
    "eval",
    "eval --ref r",
    "eval --hyp h",
    "eval --hyp h --ref r --width 99",
    "eval --hyp h --ref r --metrics bleurt",
    "eval -m run --test t --ref r",
    "score -m run --src s",
    "score --src s --tgt t",
    "align -m run --src s --tgt t --every-layer",
    "align -m run --src s --tgt t --gold-base 2",
    "aer only-one",
    "symmetrize a",
    "symmetrize a b --method best",
    "average nowhere --last 1",
    "compare",
    "compare nowhere --batch-size x",
    "reproduce recipe.toml",
    "reproduce recipe.toml -o out --seeds 0",
    "plot",
    "plot attention -m run",
    "probe",
    "probe depth",
    "probe cost -m run -o out --longest 8",
    "info",
    "info -m run --format xml",
    "tokenizer",
    "tokenizer train text -o t.json",
    "tokenizer train --vocab-size 300 -o t.json",
    "tokenizer train text --vocab-size many -o t.json",
    "tokenizer train text --vocab-size 300 -o t.json --level morpheme",
    "tokenizer encode",
    "tokenizer decode --side both -m t.json",
)
HELP = ("data", "plot", "probe", "tokenizer")
"""What answers a bare group of commands with its help, which has many lines."""
RUN: dict[str, tuple[str, ...]] = {
    "a temperature without --sample": ("--temperature", "0.5"),
    "a seed without --sample": ("--seed", "3"),
    "a negative seed": ("--sample", "--seed", "-1"),
    "a temperature of nan": ("--sample", "--temperature", "nan"),
    "a temperature of 0": ("--sample", "--temperature", "0"),
    "a top-p of 2": ("--sample", "--top-p", "2"),
    "a length penalty below 0": ("--length-penalty", "-1"),
    "more of the best than the beam": ("--beam", "2", "--nbest", "3"),
    "no such device": ("--device", "tpu"),
    "a cuda device too many": ("--device", "cuda:99"),
    "an output in no folder": ("-o", "no/folder/out"),
    "an output that is a folder": ("-o", "."),
    "an input that is none": ("-i", "nowhere"),
    "an input that is a folder": ("-i", "."),
    "an input with a line feed in its name": ("-i", "no\nwhere"),
}


def cases() -> Iterator[Case]:
    """All of them."""
    for line in LINES:
        code = {"translate -m nowhere": 1}.get(line, 2)
        if line not in HELP:
            yield Case(line, tuple(line.split()), code, torch=_needs_torch(line))
    for title, flags in RUN.items():
        code = 3 if flags[0] == "-i" else 2
        yield Case(title, ("translate", "-m", "{bench}/run", *flags), code, stdin=b"Hello\n", torch=True)
    yield Case("a surrogate in a flag", ("train", "--set", "x\udcff=1"), 2)
    yield Case("a surrogate in a file's name", ("eval", "--hyp", "\udcff", "--ref", "r"), 3)
    yield Case("a file's name of 5,000 letters", ("eval", "--hyp", "x" * 5_000, "--ref", "r"), 3)
    yield Case("a run's name of 5,000 letters", ("translate", "-m", "x" * 5_000), 1, torch=True)
    yield Case("an empty name", ("translate", "-m", ""), 1, torch=True)
    digits = ("--set", "training.steps=" + "9" * 5_000)
    yield Case("a setting of 5,000 digits", ("train", *digits), 2, says="thousands of digits")
    yield Case("a setting of 5,000 hex digits", ("train", "--set", "a.b=0x" + "f" * 5_000), 2, says="of digits")
    yield Case("a setting of deep brackets", ("train", "--set", "a.b=" + "[" * 5_000), 2, says="brackets beyond count")
    yield Case(
        "a setting of 5,000 parts",
        ("train", "--set", "training.steps" + ".x" * 5_000 + "=1"),
        2,
        says="is not of the form",
    )
    yield Case("a setting with braces", ("train", "--set", "training.schedule={0}"), 2, says="training.schedule")
    same = ("data", "check", "--src", "c.en", "--tgt", "c.de", "--fix", ".")
    yield Case(
        "--fix over its input", same, 2, {"c.en": b"A dog.\n", "c.de": b"Ein Hund.\n"}, says="is read and would be"
    )
    under = ("data", "check", "--src", "c.en", "--tgt", "c.de", "--fix", "c.en/out")
    yield Case("--fix under a file", under, 2, {"c.en": b"A dog.\n", "c.de": b"Ein Hund.\n"}, says="cannot be written")
    lexical = ("train", "--arch", "lexical", "--train", "{bench}/good", "--dev", "{bench}/good", "--dry-run")
    unread = ("--source", "en", "--target", "de", "--set", "training.warmup=9")
    yield Case("what a count does not read", (*lexical, *unread), 0, says="training.warmup changes nothing", torch=True)


def _needs_torch(line: str) -> bool:
    """Whether a command has to import it before it knows."""
    return line.startswith(("translate -m nowhere", "reproduce", "compare", "average", "plot a", "probe c"))
