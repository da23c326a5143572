"""What tokenizers make of a test set: how many tokens, how many unknown, and BLEU where words are new.

A word here is what the tokenizer of level word makes one, if it has a letter or a digit: a new one begins at white
space, at a change between letters, digits and other marks, and at an English contraction ("'s", "'t"). Punctuation is
no word, and "Haus" and "haus" are two.
"""

from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, lru_cache

from nmt.data import corpus as corpora
from nmt.data.corpus import Corpus
from nmt.data.tokenizer import Level, Tokenizer, TokenizerPair
from nmt.evaluation.metrics import evaluate
from nmt.evaluation.systems import System
from nmt.recipe import Recipe
from nmt.runs import Run
from nmt.tokens import SPECIALS, UNK


@dataclass(frozen=True)
class Side:
    """One language of a test set."""

    vocabulary: int
    """Types that the tokenizer has, the special ones counted."""
    sentences: int
    words: int
    tokens: int
    """BOS and EOS are not counted."""
    unknown: int
    """Of the tokens, those that are <unk>."""

    @property
    def tokens_per_sentence(self) -> float:
        """The mean over lines."""
        return self.tokens / self.sentences

    @property
    def tokens_per_word(self) -> float | None:
        """Punctuation's tokens are among them; None for a text without words."""
        return self.tokens / self.words if self.words else None

    @property
    def unknown_share(self) -> float:
        """Of the tokens; 0 where there are none."""
        return self.unknown / self.tokens if self.tokens else 0.0


@dataclass(frozen=True)
class Part:
    """Some of the lines."""

    lines: int
    bleu: float | None
    """None where they, or the rest of the lines, are too few for it to mean anything."""


@dataclass(frozen=True)
class Tokens:
    """One system's tokens on one test set."""

    level: Level
    dropout: float
    """Of merges, in training alone."""
    joint: bool
    """Both sides have one vocabulary."""
    source: Side
    target: Side
    """The reference."""
    unseen: Part | None
    """Lines whose source has a word that the training text never has; None where that text cannot be read."""
    others: Part | None


def tokenizers(systems: Sequence[System]) -> dict[str, TokenizerPair]:
    """The tokenizers of each system's first run, by its name."""
    found = {}
    for system in systems:
        tokenizer = Run.existing(system.folders[0]).tokenizer()
        assert tokenizer is not None  # it has translated
        found[system.name] = tokenizer
    return found


def differ(systems: Sequence[System], held: Mapping[str, TokenizerPair]) -> bool:
    """Whether systems that are trained by gradient differ in their tokenizers; a counted one always has its own."""
    return len({held[system.name].sha256() for system in systems if not system.counted}) > 1


def words(text: str) -> list[str]:
    """The words of a line as they are written; see the top of this module for what a word is."""
    return [word for chunk in text.split() for word in _words_of(chunk)]


def training_words(recipe: Recipe) -> set[str]:
    """The words of the source side of a recipe's training text; raises NmtError where it cannot be read."""
    texts = corpora.training_texts(recipe)
    return {word for text in texts for line, _ in text.pairs() for word in words(line)}


def measure(
    tokenizer: TokenizerPair,
    dropout: float,
    corpus: Corpus,
    outputs: Sequence[str],
    known: Collection[str] | None,
    fewest: int,
) -> Tokens:
    """Counts over a test set, and BLEU of what a system made of it, by whether the source has an unseen word.

    `known` are the words of the training text's source side, None where it cannot be read; both kinds of lines need
    `fewest` for a score.
    """
    unseen = others = None
    if known is not None:
        new = [any(word not in known for word in words(line)) for line in corpus.src]
        enough = min(sum(new), len(new) - sum(new)) >= fewest
        unseen, others = (
            _part([i for i, each in enumerate(new) if each == has], corpus, outputs, enough) for has in (True, False)
        )
    source, target = side(tokenizer.source, corpus.src), side(tokenizer.target, corpus.tgt)
    return Tokens(tokenizer.source.level, dropout, tokenizer.joint, source, target, unseen, others)


def side(tokenizer: Tokenizer, lines: Sequence[str]) -> Side:
    """What a tokenizer makes of the lines of one language."""
    encoded = tokenizer.encode(lines)
    return Side(
        len(tokenizer),
        len(lines),
        sum(len(words(line)) for line in lines),
        sum(map(len, encoded)),
        sum(ids.count(UNK) for ids in encoded),
    )


def _part(lines: Sequence[int], corpus: Corpus, outputs: Sequence[str], enough: bool) -> Part:
    if not enough:
        return Part(len(lines), None)
    scores = evaluate([outputs[i] for i in lines], [corpus.tgt[i] for i in lines], ("bleu",), lowercase=False)
    return Part(len(lines), scores["bleu"].score)


@lru_cache(maxsize=2**16)
def _words_of(chunk: str) -> tuple[str, ...]:
    """The words of what stands between white space; most of a text is the same few thousand of these."""
    pieces = (piece.strip() for piece in _splitter().surfaces(chunk))
    return tuple(piece for piece in pieces if any(char.isalnum() for char in piece))


@cache
def _splitter() -> Tokenizer:
    """A tokenizer of words that knows none: it says where they are."""
    return Tokenizer.train((), level="word", vocab_size=len(SPECIALS) + 1)
