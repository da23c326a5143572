"""Word vectors from plain text, in word2vec's text format: python recipes/ablations/vectors.py TEXT... -o FILE

The positive pointwise mutual information of words that stand near each other, and the first D left singular vectors of
that matrix, each times the root of its singular value (Levy and Goldberg 2014, NIPS 27, section 4.2). Words are what
`tokenizer.level = "word"` takes for words: punctuation is split off, case is kept. Equal words with and without a space
before them are one.
"""

import argparse
import sys
from collections import Counter
from collections.abc import Sequence
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from nmt.data.lines import read_lines
from nmt.data.tokenizer import Tokenizer

MOST = 12_000
"""Words; the matrix of so many has 1.1 GB, and its decomposition some copies of it."""


def main() -> None:
    """Reads the texts, writes the vectors of their words, the most frequent first."""
    parser = argparse.ArgumentParser(description="Word vectors from plain text, in word2vec's text format.")
    parser.add_argument("texts", nargs="+", type=Path, metavar="TEXT", help="a file, one sentence a line, plain or .gz")
    parser.add_argument("-o", "--output", type=Path, required=True, help="the file of vectors to write")
    parser.add_argument("--dim", type=int, default=128, help="numbers of a vector (default: %(default)s)")
    parser.add_argument("--window", type=int, default=5, help="words to each side (default: %(default)s)")
    parser.add_argument("--min-count", type=int, default=2, help="leave out rarer words (default: %(default)s)")
    given = parser.parse_args()
    words, sentences = split([line for path in given.texts for line in read_lines(path)], given.min_count)
    if not given.dim <= len(words) <= MOST:
        sys.exit(
            f"{len(words):,} words occur {given.min_count} times or more; it takes at least --dim = {given.dim} and at "
            f"most {MOST:,} of them: change --min-count"
        )
    vectors = decompose(ppmi(near(sentences, len(words), given.window)), given.dim)
    given.output.parent.mkdir(parents=True, exist_ok=True)
    with given.output.open("w", encoding="utf-8", newline="\n") as file:
        print(len(words), given.dim, file=file)
        for word, vector in zip(words, vectors, strict=True):
            print(word, *(f"{number:.5g}" for number in vector), file=file)
    print(f"{given.output}: {len(words):,} words, {given.dim} numbers each, from {len(sentences):,} sentences")


def split(lines: Sequence[str], min_count: int) -> tuple[list[str], list[NDArray[np.int64]]]:
    """The words by frequency, and the sentences as places in that list; a rare word keeps its place as a -1."""
    tokenizer = Tokenizer.train(lines, level="word", vocab_size=1_000_000)
    word_of = tokenizer.words()
    texts = [[word_of[index] for index in ids if index in word_of] for ids in tokenizer.encode(lines)]
    counts = Counter(word for text in texts for word in text)
    words = sorted((word for word in counts if counts[word] >= min_count), key=lambda word: (-counts[word], word))
    place_of = {word: place for place, word in enumerate(words)}
    return words, [np.array([place_of.get(word, -1) for word in text], dtype=np.int64) for text in texts]


def near(sentences: Sequence[NDArray[np.int64]], size: int, window: int) -> NDArray[np.float64]:
    """(V, V) how often two words stand at most `window` places apart in a sentence; symmetric."""
    counts = np.zeros((size, size))
    gap = np.full(window, -1)  # no pair reaches from one sentence into the next
    text = np.concatenate([part for sentence in sentences for part in (sentence, gap)])
    for distance in range(1, window + 1):
        left, right = text[:-distance], text[distance:]
        both = (left >= 0) & (right >= 0)
        np.add.at(counts, (left[both], right[both]), 1.0)
    return counts + counts.T


def ppmi(counts: NDArray[np.float64]) -> NDArray[np.float64]:
    """(V, V) max(0, log(P(v, w) / (P(v) P(w)))); 0 where two words never meet."""
    each = counts.sum(1)
    with np.errstate(divide="ignore", invalid="ignore"):
        information = np.log(counts * each.sum() / np.outer(each, each))
    return np.where(counts > 0.0, np.maximum(information, 0.0), 0.0)


def decompose(matrix: NDArray[np.float64], dim: int) -> NDArray[np.float64]:
    """(V, V) symmetric -> (V, D), U sqrt(S) of the D largest singular values."""
    left, values, _ = np.linalg.svd(matrix, hermitian=True)
    return left[:, :dim] * np.sqrt(values[:dim])


if __name__ == "__main__":
    main()
