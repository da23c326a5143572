"""Text to token ids and back: byte-level BPE, whole words, or characters.

A line is encoded with one space in front, which decoding takes away again: the first word of a line then has
the same piece as inside one, and every string comes back exactly as it was at the levels bpe and char.
"""

import hashlib
import json
import os
import random
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import Any, Literal

from nmt.data.bpe_dropout import DroppedMerges
from nmt.data.vocabulary import checked
from nmt.errors import DataError, UsageError
from nmt.files import write_whole
from nmt.tokens import SPECIALS, UNK

os.environ.setdefault("TOKENIZERS_PARALLELISM", "true")

Level = Literal["bpe", "word", "char"]
FORMAT = "nmt-tokenizer-1"
MOST_TYPES = 1_000_000
_BYTES = [f"<0x{byte:02X}>" for byte in range(256)]


class Tokenizer:
    """One vocabulary. Ids 0 to 3 are the special tokens of `nmt.tokens`; text never matches them."""

    def __init__(self, level: Level, model: dict[str, Any]) -> None:
        from tokenizers import Tokenizer as Library

        self.level = level
        self._model = model
        self._library = Library.from_str(json.dumps(_wrap(level, model)))
        self._spelling = {index: piece for piece, index in model["vocab"].items()}
        self._merges: DroppedMerges | None = None

    @classmethod
    def train(cls, lines: Iterable[str], *, level: Level, vocab_size: int) -> "Tokenizer":
        """A vocabulary of at most `vocab_size` types, the four special ones counted.

        BPE merges the most frequent pairs first (Sennrich et al. 2016, arXiv:1508.07909), from the 256 bytes;
        words and characters are taken by frequency, and characters left out fall back to their bytes. Raises
        UsageError where `vocab_size` has no room for the bytes.
        """
        need = len(SPECIALS) + (0 if level == "word" else 256) + 1
        if vocab_size < need:
            raise UsageError(f"a vocab_size of {vocab_size} is too small for level {level}; use {need} or more")
        if vocab_size > MOST_TYPES:  # the library sets aside memory for all of them, and aborts where there is none
            raise UsageError(f"a vocab_size of {vocab_size:,} is beyond any use; use {MOST_TYPES:,} or less")
        makers = {"bpe": _bpe_model, "word": _word_model, "char": _char_model}
        return cls(level, makers[level](lines, vocab_size))

    def __len__(self) -> int:
        return len(self._spelling)

    def encode(self, texts: Sequence[str]) -> list[list[int]]:
        """Ids of each text, without BOS and EOS; an empty text has none."""
        lead = "" if self.level == "char" else " "
        found = self._library.encode_batch_fast([lead + text for text in texts], add_special_tokens=False)
        return [encoding.ids if text else [] for text, encoding in zip(texts, found, strict=True)]

    def encode_with_dropout(self, text: str, dropout: float, rng: random.Random) -> list[int]:
        """Ids of a text whose every possible merge is skipped with probability `dropout`; level bpe alone."""
        if self.level != "bpe":
            raise ValueError(f"level {self.level} has no merges to skip")
        if not text:
            return []
        if self._merges is None:
            pairs = [(left, right) for left, right in self._model["merges"]]
            self._merges = DroppedMerges(pairs, self._model["vocab"])
        vocab, words = self._model["vocab"], self._library.pre_tokenizer.pre_tokenize_str(" " + text)
        symbols = (tuple([vocab[byte] for byte in word]) for word, _ in words)
        return [index for word in symbols for index in self._merges.merge(word, dropout, rng)]

    def spans(self, texts: Sequence[str]) -> list[list[tuple[int, int]]]:
        """Where in its text each of the ids that `encode` gives begins and ends; a byte is where its character is."""
        lead = 0 if self.level == "char" else 1
        found = self._library.encode_batch([" " * lead + text for text in texts], add_special_tokens=False)
        return [
            [(max(start - lead, 0), end - lead) for start, end in encoding.offsets] if text else []
            for text, encoding in zip(texts, found, strict=True)
        ]

    def surfaces(self, text: str) -> list[str]:
        """What stands in the text for each id that `encode` gives, the space before a word included; level word."""
        text = " " + text
        return [text[start:end] for start, end in self._library.encode(text, add_special_tokens=False).offsets]

    def decode(self, ids: Sequence[int], unknown: Iterator[str] | None = None) -> str:
        """The text of these ids; PAD, BOS and EOS have none, UNK is "<unk>" or the next of `unknown`."""
        if not ids:
            return ""
        parts: list[str] = []
        run: list[int] = []
        for index in ids:
            if index == UNK:
                blank = "<unk>" if self.level == "char" else " <unk>"
                parts += [self._decode_run(run), next(unknown, blank) if unknown else blank]
                run = []
            elif index >= len(SPECIALS):
                run.append(index)
        text = "".join([*parts, self._decode_run(run)])
        return text if self.level == "char" else text.removeprefix(" ")

    def pieces(self, ids: Sequence[int]) -> list[str]:
        """A readable string for each id: "▁" for a leading space, "<0xE2>" for a part of a character."""
        return [self._piece(index) for index in ids]

    def words(self) -> dict[int, str]:
        """The word that an id stands for, for each that stands for one, by ascending id.

        At level word each does, with or without a space before it. Of BPE's pieces those do that begin a word and
        have nothing but letters, marks and digits, even where longer words begin with them. At level char none does.
        """
        texts = ((index, self._decode_run([index])) for index in range(len(SPECIALS), len(self)))
        if self.level == "bpe":
            texts = ((index, text) for index, text in texts if text.startswith(" ") and _is_plain(text[1:]))
        return {index: text.strip() for index, text in texts if text.strip() and self.level != "char"}

    def as_dict(self) -> dict[str, Any]:
        """What `from_dict` makes the same tokenizer of."""
        return {"level": self.level, "model": self._model}

    def _decode_run(self, ids: list[int]) -> str:
        return self._library.decode(ids, skip_special_tokens=False) if ids else ""

    def _piece(self, index: int) -> str:
        if index < len(SPECIALS):
            return ("<pad>", "<s>", "</s>", "<unk>")[index]
        if self.level == "char":
            return self._spelling[index].replace(" ", "▁")
        text = self._decode_run([index])
        if "�" in text:
            return "".join(_BYTES[_BYTE_OF[char]] for char in self._spelling[index])
        return text.replace(" ", "▁")


def _is_plain(text: str) -> bool:
    return all(unicodedata.category(char)[0] in "LMN" for char in text)


def _byte_alphabet() -> dict[str, int]:
    """The printable character that byte-level BPE writes for each byte (the table of GPT-2)."""
    printable = [*range(33, 127), *range(161, 173), *range(174, 256)]
    alphabet = {chr(byte): byte for byte in printable}
    rest = [byte for byte in range(256) if byte not in set(printable)]
    return alphabet | {chr(256 + place): byte for place, byte in enumerate(rest)}


_BYTE_OF = _byte_alphabet()


_WORDS = r"'(?:[sdmt]|ll|ve|re)| ?[\p{L}\p{M}]+| ?\p{N}+| ?[^\s\p{L}\p{M}\p{N}]+|\s+(?!\S)|\s+"
"""What no piece reaches across: GPT-2's pattern, but that a combining mark does not end a word."""


def _wrap(level: Level, model: dict[str, Any]) -> dict[str, Any]:
    """The library's own description of a tokenizer with this model and no added tokens."""
    byte_level = {"type": "ByteLevel", "add_prefix_space": False, "trim_offsets": True, "use_regex": False}
    split = {"type": "Split", "pattern": {"Regex": _WORDS}, "behavior": "Isolated", "invert": False}
    words = {"type": "Sequence", "pretokenizers": [split, byte_level]}
    byte_fallback = {"type": "Sequence", "decoders": [{"type": "ByteFallback"}, {"type": "Fuse"}]}
    return {
        "version": "1.0",
        "truncation": None,
        "padding": None,
        "added_tokens": [],
        "normalizer": None,
        "pre_tokenizer": None if level == "char" else words,
        "post_processor": None,
        "decoder": byte_fallback if level == "char" else byte_level,
        "model": model,
    }


def _bpe_model(lines: Iterable[str], vocab_size: int) -> dict[str, Any]:
    from tokenizers import Tokenizer as Library
    from tokenizers import pre_tokenizers, trainers

    library = Library.from_str(json.dumps(_wrap("bpe", {"type": "BPE", "vocab": {}, "merges": []})))
    trainer = trainers.BpeTrainer(
        vocab_size=vocab_size,
        special_tokens=list(SPECIALS),
        initial_alphabet=sorted(pre_tokenizers.ByteLevel.alphabet()),
        show_progress=False,
    )
    library.train_from_iterator((" " + line for line in lines), trainer)
    learned: dict[str, Any] = json.loads(library.to_str())["model"]
    return learned


def _word_model(lines: Iterable[str], vocab_size: int) -> dict[str, Any]:
    from tokenizers import Tokenizer as Library

    empty = {"type": "WordLevel", "vocab": {SPECIALS[UNK]: 0}, "unk_token": SPECIALS[UNK]}
    split = Library.from_str(json.dumps(_wrap("word", empty))).pre_tokenizer
    counts = Counter(word for line in lines for word, _ in split.pre_tokenize_str(" " + line))
    return {"type": "WordLevel", "vocab": _number(_by_frequency(counts, vocab_size)), "unk_token": SPECIALS[UNK]}


def _char_model(lines: Iterable[str], vocab_size: int) -> dict[str, Any]:
    counts = Counter(char for line in lines for char in line)
    chars = _by_frequency(counts, vocab_size - len(_BYTES))
    return {
        "type": "BPE",
        "dropout": None,
        "unk_token": None,
        "continuing_subword_prefix": None,
        "end_of_word_suffix": None,
        "fuse_unk": False,
        "byte_fallback": True,
        "ignore_merges": False,
        "vocab": _number(_BYTES + chars),
        "merges": [],
    }


def _by_frequency(counts: Counter[str], vocab_size: int) -> list[str]:
    """The most frequent that fit beside the special tokens; of equals the first in the alphabet."""
    ranked = sorted(counts, key=lambda item: (-counts[item], item))
    return ranked[: vocab_size - len(SPECIALS)]


def _number(pieces: Sequence[str]) -> dict[str, int]:
    return {piece: index for index, piece in enumerate([*SPECIALS, *pieces])}


class TokenizerPair:
    """The tokenizers of a language pair, which may be one and the same object."""

    def __init__(self, source: Tokenizer, target: Tokenizer | None = None) -> None:
        self.source = source
        self.target = target or source

    @property
    def joint(self) -> bool:
        """Whether both languages share one vocabulary."""
        return self.target is self.source

    @classmethod
    def train(
        cls, src: Iterable[str], tgt: Iterable[str], *, level: Level, vocab_size: int, joint: bool
    ) -> "TokenizerPair":
        """One vocabulary over both texts if `joint`, or else one of `vocab_size` for each."""
        if joint:
            return cls(Tokenizer.train(_chain(src, tgt), level=level, vocab_size=vocab_size))
        return cls(*(Tokenizer.train(text, level=level, vocab_size=vocab_size) for text in (src, tgt)))

    def to_json(self) -> str:
        """What `save` writes: the same bytes for the same tokenizers."""
        sides = {"source": self.source.as_dict(), "target": None if self.joint else self.target.as_dict()}
        return json.dumps({"format": FORMAT, **sides}, ensure_ascii=False, separators=(",", ":")) + "\n"

    def sha256(self) -> str:
        """Hash of `to_json`."""
        return hashlib.sha256(self.to_json().encode()).hexdigest()

    def save(self, path: Path) -> None:
        """Writes the file, all or nothing."""
        write_whole(path, self.to_json().encode())

    @classmethod
    def load(cls, path: Path) -> "TokenizerPair":
        """The tokenizers of a file that `save` wrote; raises DataError for any other."""
        try:
            return cls.from_json(path.read_bytes().decode("utf-8"))
        except FileNotFoundError:
            raise DataError(f"tokenizer {path} does not exist; `nmt tokenizer train` makes one") from None
        except (KeyboardInterrupt, SystemExit):
            raise
        except BaseException as error:  # the library raises bare Exception for a model it cannot read, or panics
            raise DataError(f"{path} is no tokenizer of nmt ({error}); `nmt tokenizer train` makes one") from None

    @classmethod
    def from_json(cls, text: str) -> "TokenizerPair":
        """What `to_json` wrote; raises any kind of exception for anything else."""
        content = json.loads(text)
        if content["format"] != FORMAT:
            raise ValueError(f"its format is {content['format']!r}")
        source, target = content["source"], content["target"]
        return cls(*(Tokenizer(*checked(side)) for side in ([source] if target is None else [source, target])))


def _chain(src: Iterable[str], tgt: Iterable[str]) -> Iterator[str]:
    yield from src
    yield from tgt
