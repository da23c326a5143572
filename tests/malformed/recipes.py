"""Recipes that cannot be meant."""

from collections.abc import Iterator

from malformed.case import Case

DATA = "source = 'en'\ntarget = 'de'\n[data]\ntrain = '{bench}/good'\ndev = '{bench}/good'\n"
TEXTS: dict[str, str] = {
    "not TOML": "this is no recipe",
    "YAML": "data:\n  train: x\n",
    "JSON": '{"data": {"train": "x"}}',
    "a table not closed": "[training",
    "a key twice": "[training]\nsteps = 1\nsteps = 2\n",
    "a table twice": "[training]\n[training]\n",
    "a string not closed": "[data]\ntrain = 'x\n",
    "deep brackets": "x = " + "[" * 3_000 + "]" * 3_000,
    "a key of 10,000 letters": "x" * 10_000 + " = 1\n",
    "a key of 5,000 parts": ".".join("x" * 5_000) + " = 1\n",
    "a key of 5,000 parts in a section": "[training]\nsteps." + ".".join("x" * 5_000) + " = 1\n",
    "a value of 400 brackets": "[training]\nsteps = " + "[" * 400 + "]" * 400,
    "a number of 5,000 digits": "[training]\nsteps = " + "9" * 5_000,
    "a number of 5,000 hex digits": "[training]\nsteps = 0x" + "f" * 5_000,
    "an architecture of 5,000 hex digits": "arch = 0x" + "f" * 5_000,
    "braces for a word": "[training]\nschedule = '{0} {x!r} %s'\n",
    "an unknown table": "[trainig]\nsteps = 1\n",
    "an unknown key": "[training]\nstep = 1\n",
    "a key with a line feed": '"a\\nb" = 1\n',
    "a section that is a number": "training = 3\n",
    "a section that is a list": "training = []\n",
    "sections in a list": "[[training]]\nsteps = 1\n",
    "a model that is a word": "model = 'rnn'\n",
    "data that is a word": "data = 'x'\n",
    "tests that are a word": "[data]\ntest = 'x'\n",
    "tests that are numbers": "[data]\ntest = { a = 3 }\n",
    "train that is a list": "[data]\ntrain = ['a', 'b']\n",
    "train with NUL": '[data]\ntrain = "a\\u0000b"\n',
    "an unknown architecture": "arch = 'rrn'\n",
    "an architecture that is a number": "arch = 3\n",
    "an unknown family": "[model]\nfamily = 'lstm'\n",
    "a family of another kind": "[model]\nfamily = 3\n",
    "an architecture's section that is a number": "[architectures]\nrnn = 3\n",
    "an unknown architecture's section": "[architectures.rrn]\n",
    "a system without arch": "[systems.big.model]\ndim = 4\n",
    "a system named as a path": "[systems.'../x']\narch = 'rnn'\n",
    "a system that is a number": "systems = 3\n",
    "source and target alike": "source = 'de'\ntarget = 'de'\n",
    "a source that is a number": "source = 3\n",
    "a source that is empty": "source = ''\ntarget = ''\n",
}
VALUES: dict[str, tuple[str, ...]] = {
    "training.steps": ("0", "-1", "1.5", "'ten'", "true", "[]", "{}", "inf", "1e3", "''"),
    "training.learning_rate": ("0", "-1.0", "nan", "inf", "'x'", "true"),
    "training.validate_every": ("0", "'2x'", "'e'", "''", "-5", "1.5", "'0e'"),
    "training.schedule": ("'cosine'", "3", "'noam'", "'plateau'"),
    "training.seed": ("-1", "1.0", "99999999999999999999"),
    "training.label_smoothing": ("1.0", "-0.1", "nan"),
    "training.clip_norm": ("0.0", "-1.0"),
    "training.minutes": ("0.0", "-1.0"),
    "training.precision": ("'fp8'",),
    "model.dim": ("0", "-8", "3.5", "'wide'", "7"),
    "model.heads": ("0", "3", "99999"),
    "model.dropout": ("1.0", "-0.5", "nan", "'much'"),
    "model.positions": ("'none '", "3"),
    "model.cell": ("'gru'",),
    "tokenizer.vocab_size": ("0", "-1", "'x'", "1.0", "5"),
    "tokenizer.level": ("'sentence'",),
    "tokenizer.dropout": ("1.0",),
    "data.max_ratio": ("0.5", "-1.0"),
    "data.max_tokens": ("0",),
    "decoding.beam": ("0",),
    "decoding.nbest": ("9",),
    "decoding.temperature": ("0.0", "nan", "0.5"),
    "decoding.length_penalty": ("-1.0", "inf"),
    "align.layer": ("99",),
}
GIANTS = ("model.dim=1000000000", "model.layers=1000000000000", "model.feed_forward_dim=1000000000000")


def cases() -> Iterator[Case]:
    """All of them."""
    dry = ("train", "recipe.toml", "--dry-run", "--device", "cpu")
    for title, text in TEXTS.items():
        code = 3 if "NUL" in title else 2
        yield Case(title, dry, code, {"recipe.toml": text.encode()})
    yield Case("not UTF-8", dry, 2, {"recipe.toml": b"source = '\xff'\n"})
    yield Case("a pickle", dry, 2, {"recipe.toml": b"\x80\x04\x95\x0c\x00"})
    yield Case("a byte order mark", dry, 2, {"recipe.toml": b"\xef\xbb\xbfsorce = 'de'\n"}, says="did you mean source")
    yield Case("a folder", ("train", ".", "--dry-run"), 2)
    yield Case("none", ("train", "nowhere.toml", "--dry-run"), 2)
    for key, values in VALUES.items():
        for value in values:
            setting = ("--set", f"{key}={value}")
            torch = (key, value) == ("tokenizer.vocab_size", "5")
            yield Case(f"{key} = {value}", (*_good("transformer"), *setting), 2, torch=torch)
    for setting in GIANTS:
        yield Case(setting, (*_good("transformer"), "--set", setting), 2, says="GiB", torch=True)
    vocabulary = ("--set", "tokenizer.vocab_size=1000000000")
    yield Case("a vocabulary of 10**9", (*_good("rnn"), *vocabulary), 2, says="1,000,000 or less", torch=True)
    many = ("--set", "model.max_length=1000000000000", "--set", "model.score=location")
    yield Case("places without end", (*_good("attention"), *many), 2, says="GiB", torch=True)
    wide = ("--set", "model.cell=reservoir", "--set", "model.reservoir.dim=1000000")
    yield Case("a reservoir of a million units", (*_good("attention"), *wide), 2, says="GiB", torch=True)
    yield Case(
        "reproduce, an unknown system",
        ("reproduce", "recipe.toml", "-o", "out", "--only", "x"),
        2,
        {"recipe.toml": b""},
        torch=True,
    )


def _good(arch: str) -> tuple[str, ...]:
    """A dry run of a recipe without fault."""
    text = ("--train", "{bench}/good", "--dev", "{bench}/good", "--source", "en", "--target", "de")
    return ("train", "--arch", arch, *text, "--dry-run", "--device", "cpu")
