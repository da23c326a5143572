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
from nmt.evaluation.alignment import Agreement, agreement
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
        for each in self._read(pairs, lambda maps: maps[:, chosen].mean(1, keepdim=True), self.look.shift, batch_size):
            yield each[0]

    def every_map(self, pairs: Pairs, shift: bool, batch_size: int) -> Iterator[NDArray[np.float64]]:
        """The same for all A maps apart, (A, target tokens, source tokens + 1)."""
        yield from self._read(pairs, lambda maps: maps, shift, batch_size)

    def _read(
        self, pairs: Pairs, choose: Callable[[Tensor], Tensor], shift: bool, batch_size: int
    ) -> Iterator[NDArray[np.float64]]:
        src_texts, tgt_texts = ([each.text for each in side] for side in (pairs.src, pairs.tgt))
        found = self.translator.alignments(src_texts, tgt_texts, choose, batch_size=batch_size)
        tokenizer = self.translator.tokenizer
        for src, tgt, maps in zip(pairs.src, pairs.tgt, found, strict=True):
            in_src = src.membership(tokenizer.source.spans([src.text])[0])
            in_tgt = tgt.membership(tokenizer.target.spans([tgt.text])[0])
            yield on_tokens(maps.double().numpy(), in_src, in_tgt, shift)


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
    """Error rates of each layer, the mean of its heads first, then each head; where words are written and are read."""
    layers, heads = recipe.maps_of(aligner.recipe.model)
    places = [(layer, head) for layer in range(layers) for head in ((None, *range(heads)) if heads > 1 else (None,))]
    measured: list[tuple[int, int | None, bool, Agreement]] = []
    for shift in (False,) if aligner.recipe.arch == "lexical" else (False, True):
        found: dict[tuple[int, int | None], list[Links]] = {place: [] for place in places}
        for maps in aligner.every_map(pairs, shift, batch_size):
            of_heads = maps.reshape(layers, heads, *maps.shape[1:])
            for layer, head in places:
                shares = of_heads[layer].mean(0) if head is None else of_heads[layer, head]
                found[layer, head].append(links_of(shares, aligner.look.null))
        measured += [(*place, shift, agreement(found[place], gold)) for place in places]
    rows = [
        [
            str(layer + 1),
            "mean" if head is None else str(head + 1),
            "yes" if shift else "no",
            *(f"{100 * value:.1f}" for value in (each.error_rate, each.precision, each.recall)),
        ]
        for layer, head, shift, each in measured
    ]
    layer, head, shift, _ = min(measured, key=lambda row: row[3].error_rate)
    settings = {"layer": layer + 1 if layers > 1 else None, "head": None if head is None else head + 1}
    given = [f"--set align.{name}={value}" for name, value in settings.items() if value is not None]
    given += [f"--set align.shift={str(shift).lower()}"] if aligner.recipe.arch != "lexical" else []
    note = f"Lowest: {' '.join(given)}" if given else ""
    return Table(f"{len(gold):,} pairs", ["layer", "head", "shift", "AER", "precision", "recall"], rows, note)
