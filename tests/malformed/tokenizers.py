"""Files of tokenizers with odd content."""

import copy
import json
import pickle
from collections.abc import Callable, Iterator
from typing import Any

from malformed.case import Case
from malformed.folders import Harm
from nmt.data.tokenizer import FORMAT, Tokenizer

ENCODE = ("tokenizer", "encode", "-m", "t.json")
Edit = Callable[[dict[str, Any]], object]


def model(change: Callable[[dict[str, Any]], object]) -> Edit:
    """A change of the source's model."""
    return lambda whole: change(whole["source"]["model"])


def vocab(change: Callable[[dict[str, Any]], object]) -> Edit:
    """A change of the source's vocabulary."""
    return lambda whole: change(whole["source"]["model"]["vocab"])


EDITS: dict[str, Edit] = {
    "another format": lambda whole: whole.update(format="nmt-tokenizer-99"),
    "no format": lambda whole: whole.pop("format"),
    "no source": lambda whole: whole.pop("source"),
    "a source of null": lambda whole: whole.update(source=None),
    "a source that is a list": lambda whole: whole.update(source=[]),
    "a target that is a word": lambda whole: whole.update(target="en"),
    "no target": lambda whole: whole.pop("target"),
    "an unknown level": lambda whole: whole["source"].update(level="morpheme"),
    "a level that is a list": lambda whole: whole["source"].update(level=[]),
    "no level": lambda whole: whole["source"].pop("level"),
    "no model": lambda whole: whole["source"].pop("model"),
    "a model that is a number": lambda whole: whole["source"].update(model=3),
    "an unknown type of model": model(lambda m: m.update(type="Magic")),
    "no vocabulary": model(lambda m: m.pop("vocab")),
    "a vocabulary that is a list": model(lambda m: m.update(vocab=[])),
    "an empty vocabulary": model(lambda m: m.update(vocab={})),
    "merges that are a number": model(lambda m: m.update(merges=3)),
    "a merge of unknown types": model(lambda m: m.update(merges=[["no such", "type"]])),
    "a merge of three": model(lambda m: m.update(merges=[["a", "b", "c"]])),
    "an unknown token that is none": model(lambda m: m.update(type="WordLevel", unk_token="none such")),
    "a negative id": vocab(lambda v: v.update(a=-1)),
    "an id twice": vocab(lambda v: v.update(a=v["b"])),
    "a gap in the ids": vocab(lambda v: v.update(a=10**6)),
    "an id beyond 32 bits": vocab(lambda v: v.update(a=2**40)),
    "an id that is a word": vocab(lambda v: v.update(a="7")),
    "an id that is a fraction": vocab(lambda v: v.update(a=7.5)),
    "special types elsewhere": vocab(
        lambda v: v.update({"<s>": v["a"], "a": 1}) if "<s>" in v else v.pop(next(iter(v)))
    ),
    "a special type missing": vocab(lambda v: v.pop(next(iter(v)))),
}
TEXTS: dict[str, bytes] = {
    "nothing": b"",
    "bytes": b"\x00\xff",
    "a pickle": pickle.dumps(Harm()),
    "a word": b'"nmt-tokenizer-1"',
    "null": b"null",
    "a list": b"[]",
    "an empty object": b"{}",
    "deep brackets": b"[" * 100_000,
    "a number of 5,000 digits": b'{"format": ' + b"9" * 5_000 + b"}",
    "a file of the library itself": b'{"version": "1.0", "model": {"type": "BPE", "vocab": {}, "merges": []}}',
    "a format that is a list": json.dumps({"format": [FORMAT]}).encode(),
}


def cases() -> Iterator[Case]:
    """All of them."""
    whole = {
        "format": FORMAT,
        "source": Tokenizer.train(["a b c"], level="bpe", vocab_size=270).as_dict(),
        "target": None,
    }
    for title, edit in EDITS.items():
        changed = copy.deepcopy(whole)
        edit(changed)
        yield Case(title, ENCODE, 3, {"t.json": json.dumps(changed).encode()}, stdin=b"a b\n")
    for title, text in TEXTS.items():
        yield Case(title, ENCODE, 3, {"t.json": text}, stdin=b"a b\n")
        decode = ("tokenizer", "decode", "-m", "t.json")
        yield Case(f"decode, {title}", decode, 3, {"t.json": text}, stdin=b"5\n")
    cut = json.dumps(whole).encode()
    for share in (1, 10, 50, 90, 99):
        yield Case(f"cut to {share} %", ENCODE, 3, {"t.json": cut[: len(cut) * share // 100]}, stdin=b"a\n")
    yield Case("a folder", ("tokenizer", "encode", "-m", "."), 3)
    yield Case("none", ("tokenizer", "encode", "-m", "nowhere.json"), 3)
    side = ("tokenizer", "encode", "-m", "t.json")
    two = {**whole, "target": whole["source"]}
    yield Case("no side said", side, 2, {"t.json": json.dumps(two).encode()}, stdin=b"a\n")
