"""Run folders that somebody damaged, or made to do harm."""

import json
import pickle
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import torch
from safetensors.torch import load_file, save_file

from malformed.case import Case

TRANSLATE = ("translate", "-m", "run", "--device", "cpu")
SAMPLE = (*TRANSLATE, "--sample")
Change = Callable[[Path], Any]


class Harm:
    """Unpickled, it leaves a file behind."""

    def __reduce__(self) -> tuple[Any, ...]:
        return Path.touch, (Path("harmed"),)


def put(name: str, content: bytes) -> Change:
    """Writes a file of the run."""
    return lambda run: (run / name).write_bytes(content)


def cut(name: str, share: float) -> Change:
    """Keeps the beginning of a file."""

    def change(run: Path) -> None:
        content = (run / name).read_bytes()
        (run / name).write_bytes(content[: int(share * len(content))])

    return change


def flip(name: str, place: float) -> Change:
    """Turns every bit of a byte."""

    def change(run: Path) -> None:
        content = bytearray((run / name).read_bytes())
        content[int(place * (len(content) - 1))] ^= 0xFF
        (run / name).write_bytes(content)

    return change


def gone(name: str) -> Change:
    """Deletes a file."""
    return lambda run: (run / name).unlink()


def folder(name: str) -> Change:
    """A folder where a file was."""

    def change(run: Path) -> None:
        (run / name).unlink()
        (run / name).mkdir()

    return change


def swap(old: str, new: str) -> Change:
    """Another value in the recipe."""

    def change(run: Path) -> None:
        text = (run / "recipe.toml").read_text("utf-8")
        assert old in text, old
        (run / "recipe.toml").write_text(text.replace(old, new, 1), "utf-8")

    return change


def weights(edit: Callable[[dict[str, torch.Tensor]], object]) -> Change:
    """Other tensors in the file of weights."""

    def change(run: Path) -> None:
        found = dict(load_file(run / "best.safetensors"))
        edit(found)
        save_file(found, run / "best.safetensors")

    return change


def facts(**changed: Any) -> Change:
    """Other facts in the manifest."""

    def change(run: Path) -> None:
        found = json.loads((run / "manifest.json").read_bytes()) | changed
        (run / "manifest.json").write_text(json.dumps(found))

    return change


def unsummed(change: Change) -> Change:
    """The same where no sum says that a file is another: a stranger has sums for what he made."""

    def whole(run: Path) -> None:
        change(run)
        facts(sha256={})(run)

    return whole


def every(value: float) -> Callable[[dict[str, torch.Tensor]], None]:
    """Tensors of one value."""
    return lambda found: found.update({name: torch.full_like(t, value) for name, t in found.items()})


def retyped(kind: torch.dtype) -> Callable[[dict[str, torch.Tensor]], None]:
    """Tensors of another type."""
    return lambda found: found.update({name: t.to(kind) for name, t in found.items()})


def lines(text: str) -> Change:
    """Other metrics."""
    return put("metrics.jsonl", text.encode())


HEADER = (2**62).to_bytes(8, "little")
DAMAGED: dict[str, Change] = {
    **{f"{name} is gone": gone(name) for name in ("recipe.toml", "tokenizer.json", "best.safetensors")},
    **{f"{name} is a folder": folder(name) for name in ("tokenizer.json", "best.safetensors")},
    **{
        f"{name} is {what}": put(name, content)
        for name in ("recipe.toml", "tokenizer.json", "best.safetensors", "manifest.json")
        for what, content in {
            "bytes": b"\x00\xff\xfe",
            "a pickle": pickle.dumps(Harm()),
            "a pickle of torch's": b"PK\x03\x04archive/data.pkl" + pickle.dumps(Harm()),
        }.items()
    },
    **{f"{name} is empty": put(name, b"") for name in ("tokenizer.json", "best.safetensors", "manifest.json")},
    **{
        f"{name} is {text}": put(name, text.encode())
        for name in ("manifest.json", "tokenizer.json")
        for text in ("[]", "3", "null", '"x"')
    },
    **{
        f"{name} is cut to {share:.0%}": cut(name, share)
        for name in ("best.safetensors", "tokenizer.json")
        for share in (0.1, 0.5, 0.99)
    },
    "manifest.json is cut in half": cut("manifest.json", 0.5),
    "manifest.json has deep brackets": put("manifest.json", b"[" * 100_000),
    "weights with a header of 2**62 bytes": put("best.safetensors", HEADER + b"{}"),
    "weights with a header that is no JSON": put("best.safetensors", (4).to_bytes(8, "little") + b"abcd"),
    "weights with a flipped byte in the header": flip("best.safetensors", 0.005),
    "weights of another run's names": weights(lambda found: found.pop(next(iter(found)))),
    "weights with one too many": weights(lambda found: found.update(more=torch.zeros(3))),
    "weights of other shapes": weights(lambda found: found.update({n: t[:1].clone() for n, t in found.items()})),
    "weights that are nan": weights(every(float("nan"))),
    "weights that are inf": weights(every(float("inf"))),
    "weights of whole numbers": weights(retyped(torch.int32)),
    "weights of complex numbers": weights(retyped(torch.complex64)),
    "weights of truth values": weights(retyped(torch.bool)),
    "no weights in the file": weights(lambda found: found.clear()),
    "a tokenizer of another run": lambda run: (run / "tokenizer.json").write_bytes(
        (run / "tokenizer.json").read_bytes().replace(b"bpe", b"word", 1)
    ),
    "a hash of another tokenizer": facts(tokenizer_sha256="0" * 64),
    "a hash that is a list": facts(tokenizer_sha256=[]),
    "another width": swap("dim = 8", "dim = 16"),
    "a width of 10**9": swap("dim = 8", "dim = 1_000_000_000"),
    "10**12 layers": swap("layers = 1", "layers = 1_000_000_000_000"),
    "another family": swap('family = "transformer"', 'family = "recurrent"'),
    "an unknown family": swap('family = "transformer"', 'family = "magic"'),
    "an unknown key": swap("[model]", "[model]\nmagic = 3"),
    "heads that do not divide": swap("heads = 2", "heads = 3"),
}
ODD: dict[str, Change] = {
    "weights of 1e38": unsummed(weights(every(1e38))),
    "weights of 0": unsummed(weights(every(0.0))),
    "weights in half precision": unsummed(weights(retyped(torch.float16))),
    "manifest.json is gone": gone("manifest.json"),
    "metrics.jsonl is bytes": put("metrics.jsonl", b"\x00\xff"),
    "a file more": put("__init__.py", b"raise SystemExit(9)"),
    "a pickle beside": put("model.pt", pickle.dumps(Harm())),
}


def words(edit: Callable[[torch.Tensor], torch.Tensor]) -> Change:
    """Other words in a counted table, and sums that know of them."""
    return unsummed(weights(lambda found: found.update(words=edit(found["words"]))))


TABLES: dict[str, tuple[Change, int]] = {
    "as it is": (lambda run: None, 0),
    "words beyond the vocabulary": (words(lambda t: t + 10**6), 1),
    "words before the first": (words(lambda t: t - 1_000), 1),
    "words that are fractions": (words(lambda t: t.float()), 1),
    "probabilities that are nan": (unsummed(weights(lambda found: found["log_probs"].fill_(float("nan")))), 1),
    "words that are gone": (unsummed(weights(lambda found: found.pop("words"))), 1),
}
"""Of a table that was counted, and how a translation ends."""
FACTS: dict[str, Change] = {
    "sums in a list": facts(sha256=[]),
    "a sum that is a number": facts(sha256={"best.safetensors": 3}),
    "sums in a word": facts(sha256={"best.safetensors": "0"}),
    "parameters in a list": facts(parameters=[]),
    "a parameter that is a word": facts(parameters={"encoder": "many"}),
    "a number of the last update that is a word": facts(finished="2"),
}
"""Of the manifest: no command works with them."""
COMPARE = ("compare", "run", "--test", "{bench}/good", "--device", "cpu")
CURVES: dict[str, Change] = {
    "metrics of words": lines('{"kind": "train", "step": 2, "loss": "low"}\n'),
    "metrics of no step": lines('{"kind": "train", "loss": 2.0}\n'),
    "metrics of a list": lines("[1, 2]\n"),
    "metrics of a list for a kind": lines('{"kind": [], "step": 2}\n'),
    "a manifest without parameters": lambda run: (run / "manifest.json").write_text('{"finished": 2}'),
}
"""What a comparison reads."""
READ: dict[str, tuple[tuple[str, ...], tuple[str, ...]]] = {
    "info": (("info", "-m", "run"), ("tokenizer.json", "recipe.toml", "manifest.json")),
    "compare": (
        COMPARE,
        ("tokenizer.json", "recipe.toml", "manifest.json", "metrics.jsonl"),
    ),
}
"""Other commands that read a run, and what of it they read."""


def cases() -> Iterator[Case]:
    """All of them."""
    for title, change in DAMAGED.items():
        yield Case(title, TRANSLATE, 1, stdin=b"Hello\n", change=change, torch=True)
        if "weights" in title or "best.safetensors" in title:
            yield Case(f"{title}, without sums", TRANSLATE, 1, stdin=b"Hello\n", change=unsummed(change), torch=True)
    for title, (change, code) in TABLES.items():
        given = {"stdin": b"A dog\n\nTwo\n", "lines": 0 if code else 3, "change": change, "original": "table"}
        yield Case(f"a table, {title}", TRANSLATE, code, torch=True, **given)
    for title, change in FACTS.items():
        yield Case(title, TRANSLATE, 1, stdin=b"Hello\n", change=change, says="is cut off or changed", torch=True)
    for title, change in CURVES.items():
        yield Case(f"compare, {title}", COMPARE, 1, change=change, torch=True)
    for title, change in ODD.items():
        for name, command in (("search", TRANSLATE), ("draws", SAMPLE)):
            yield Case(f"{title}, {name}", command, 0, stdin=b"A dog\n\nTwo\n", lines=3, change=change, torch=True)
    for name, (arguments, read) in READ.items():
        for what in read:
            yield Case(f"{name}, {what} is bytes", arguments, 1, change=put(what, b"\x00\xff"), torch=True)
