"""Links between the words of given pairs, read from where models look while they read the translation."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from torch import Tensor

from nmt import console, recipe, runs
from nmt.data.corpus import read_parallel
from nmt.data.given import Given, as_it_is, joined
from nmt.data.links import Gold, Links, Sizes
from nmt.errors import UsageError
from nmt.evaluation.alignment import agreement
from nmt.evaluation.table import Table
from nmt.recipe import Look, Recipe
from nmt.translator import Translator


@dataclass(frozen=True)
class Pairs:
    """Sentence pairs, with the tokens between which there are links."""

    name: str
    src: list[Given]
    tgt: list[Given]

    @property
    def sizes(self) -> Sizes:
        """Tokens of each pair."""
        tokens = [(len(src.tokens), len(tgt.tokens)) for src, tgt in zip(self.src, self.tgt, strict=True)]
        return Sizes(self.name, tokens)


@dataclass(frozen=True)
class Aligner:
    """A run, and how its attention is read."""

    translator: Translator
    recipe: Recipe
    look: Look

    @classmethod
    def load(cls, folder: Path, settings: Sequence[str], device: str) -> "Aligner":
        """A run with settings of its [align]; raises UsageError for a model that never looks."""
        settled = runs.recipe_of(folder)
        if settled.arch == "rnn":
            raise UsageError(f"{folder} has no attention (model.score is none), and so no links; name another run")
        look = recipe.look(settled, settings)
        return cls(runs.load(folder, device, console.warn), settled, look)

    def maps(self, pairs: Pairs, batch_size: int) -> Iterator[NDArray[np.float64]]:
        """(target tokens, source tokens + 1) for each pair: where each token comes from, none of them last."""
        chosen = list(self.look.maps)
        for maps, in_src, in_tgt in self.of_pieces(
            pairs, lambda maps: maps[:, chosen].mean(1, keepdim=True), batch_size
        ):
            yield on_tokens(maps, in_src, in_tgt, self.look.shift)[0]

    def of_pieces(
        self, pairs: Pairs, choose: Callable[[Tensor], Tensor], batch_size: int
    ) -> Iterator[tuple[NDArray[np.float64], NDArray[np.float64], NDArray[np.float64]]]:
        """Maps (A, T + 1, S + 1) that `choose` makes for each pair, and its (tokens, pieces) on both sides."""
        src_texts, tgt_texts = ([each.text for each in side] for side in (pairs.src, pairs.tgt))
        found = self.translator.alignments(src_texts, tgt_texts, choose, batch_size=batch_size)
        tokenizer = self.translator.tokenizer
        for src, tgt, maps in zip(pairs.src, pairs.tgt, found, strict=True):
            in_src = src.membership(tokenizer.source.spans([src.text])[0])
            in_tgt = tgt.membership(tokenizer.target.spans([tgt.text])[0])
            yield maps.double().numpy(), in_src, in_tgt


def on_tokens(
    maps: NDArray[np.float64], in_src: NDArray[np.float64], in_tgt: NDArray[np.float64], shift: bool
) -> NDArray[np.float64]:
    """Maps (A, T + 1, S + 1) of pieces -> (A, target tokens, source tokens + 1), by (tokens, pieces) on both sides.

    A token's pieces are summed on the source side, averaged on the target side. The sentence's end, and pieces that are
    of no token, are nothing: the last column. Pieces that the model did not read, of a source that is too long, have no
    share. With `shift`, a piece's row is the next one, at which it is read.
    """
    read, steps = maps.shape[2] - 1, in_tgt.shape[1]
    in_src = in_src[:, :read]
    nothing = np.append(in_src.sum(0) == 0, True)  # the end too
    columns = np.vstack([np.pad(in_src, ((0, 0), (0, 1))), nothing])  # (source tokens + 1, S + 1)
    rows = maps[:, int(shift) : int(shift) + steps]
    averaged = (in_tgt / np.maximum(in_tgt.sum(1, keepdims=True), 1)) @ rows
    found: NDArray[np.float64] = averaged @ columns.T
    return found


def links_of(shares: NDArray[np.float64], null: bool) -> Links:
    """(target tokens, source tokens + 1) -> a link for each target token, to the greatest share, of equals the first.

    With `null`, a token whose greatest share is the last, nothing, has none.
    """
    tokens = shares.shape[1] - 1
    of_tokens = shares if null else shares[:, :tokens]
    if not of_tokens.size:
        return frozenset()
    best = of_tokens.argmax(-1)
    held = of_tokens.max(-1) > 0
    return frozenset((int(i), j) for j, i in enumerate(best) if i < tokens and held[j])


def load(folders: Sequence[Path], settings: Sequence[str], device: str) -> list[Aligner]:
    """The runs, of one pair of languages, with settings of their [align]; raises UsageError for any others."""
    pairs = {f"{settled.source}-{settled.target}" for settled in map(runs.recipe_of, folders)}
    if len(pairs) > 1:
        raise UsageError(f"these runs translate {', '.join(sorted(pairs))}; links need runs of one pair of languages")
    return [Aligner.load(folder, settings, device) for folder in folders]


def read_pairs(src: Path, tgt: Path, settled: Recipe, pretokenized: bool) -> Pairs:
    """Two files of as many lines; tokenized ones are put together as the languages of the recipe are written."""
    corpus = read_parallel(src, tgt)
    if pretokenized:
        return Pairs(str(src), joined(corpus.src, settled.source), joined(corpus.tgt, settled.target))
    return Pairs(str(src), [as_it_is(line) for line in corpus.src], [as_it_is(line) for line in corpus.tgt])


def align(aligners: Sequence[Aligner], pairs: Pairs, batch_size: int) -> Iterator[Links]:
    """Links of each pair, from the mean of what the runs look at; their vocabularies may differ."""
    for shares in zip(*(aligner.maps(pairs, batch_size) for aligner in aligners), strict=True):
        yield links_of(np.mean(shares, axis=0), aligners[0].look.null)


def every_layer(aligner: Aligner, pairs: Pairs, gold: Sequence[Gold], batch_size: int) -> Table:
    """The error rate of each layer, head and shift that [align] can name; the note has the settings of the lowest."""
    model = aligner.recipe.model
    choices = recipe.align_choices(model)
    looks = [recipe.look_of(choice, model) for choice in choices]
    found: list[list[Links]] = [[] for _ in looks]
    for maps, in_src, in_tgt in aligner.of_pieces(pairs, lambda maps: maps, batch_size):
        shares = {shift: on_tokens(maps, in_src, in_tgt, shift) for shift in {look.shift for look in looks}}
        for look, links in zip(looks, found, strict=True):
            links.append(links_of(shares[look.shift][list(look.maps)].mean(0), aligner.look.null))
    measured = [agreement(links, gold) for links in found]
    rows = [
        [
            *(str(choice.layer or 1), str(choice.head), "yes" if choice.shift else "no"),
            *(f"{100 * value:.1f}" for value in (each.error_rate, each.precision, each.recall)),
        ]
        for choice, each in zip(choices, measured, strict=True)
    ]
    lowest = min(range(len(choices)), key=lambda place: measured[place].error_rate)
    settings = " ".join(
        f"--set align.{name}={str(getattr(choices[lowest], name)).lower()}"
        for name in ("layer", "head", "shift")
        if len({getattr(choice, name) for choice in choices}) > 1  # what there is a choice of
    )
    header = ["layer", "head", "shift", "AER", "precision", "recall"]
    return Table(f"{len(gold):,} pairs", header, rows, f"Lowest: {settings}" if settings else "")
