"""Text in, text out: the one way from a model to translations, for `translate`, `eval` and validation alike."""

import math
from collections.abc import Callable, Iterable, Iterator, Sequence
from itertools import islice
from typing import Any, TypeVar

import torch
from torch import Tensor

from nmt.data.batches import Batch, collate, collate_source
from nmt.data.tokenizer import TokenizerPair
from nmt.decoding.search import Hypothesis, score, search
from nmt.halving import in_halves
from nmt.models.base import Seq2Seq
from nmt.recipe import SearchConfig
from nmt.tokens import EOS, PAD, UNK
from nmt.translation import Candidate, PairScore, Translation

__all__ = ["Candidate", "PairScore", "Translation", "Translator"]

T = TypeVar("T")
WINDOW_LINES = 2_048
"""Lines read before the first is translated; within a window they are sorted by length."""


class Translator:
    """A model with its tokenizers, on a device."""

    def __init__(
        self,
        model: Seq2Seq[Any, Any],
        tokenizer: TokenizerPair,
        *,
        device: torch.device | None = None,
        warn: Callable[[str], None] = lambda message: None,
    ) -> None:
        self.model, self.tokenizer, self.warn = model, tokenizer, warn
        self.device = device or next(model.parameters()).device
        self.halved = 0
        """How often a batch was cut in two because memory did not suffice."""
        self._said: set[str] = set()

    def translate(
        self,
        lines: Iterable[str],
        config: SearchConfig,
        *,
        batch_size: int = 64,
        prefixes: Iterable[str] | None = None,
        first_line: int = 1,
    ) -> Iterator[Translation]:
        """A translation for every line, in order; lazily, a window of lines at a time.

        `prefixes` has a line for every line, what its translation must begin with; `first_line` is the number of
        the first, in what a text is a part of. Lines of nothing but white space come back as they are. A source
        over the model's `max_length` is cut, with one warning; another is for a sentence or a translation of more
        tokens than any of training, where a model learned its places.
        """
        forced = iter(prefixes) if prefixes is not None else None
        numbered = iter(enumerate(lines, start=first_line))
        was_training = self.model.training
        while chunk := list(islice(numbered, WINDOW_LINES)):
            starts = list(islice(forced, len(chunk))) if forced is not None else None
            if starts is not None and len(starts) < len(chunk):
                raise ValueError("fewer prefixes than lines")
            self.model.eval()
            done = self._window(chunk, starts, config, batch_size)
            self.model.train(was_training)
            yield from done

    def score(self, src: Sequence[str], tgt: Sequence[str], *, batch_size: int = 64) -> Iterator[PairScore]:
        """Log-probabilities of given translations, in order; lazily, a window at a time.

        Raises ValueError where there are not as many translations as sources.
        """
        if len(src) != len(tgt):
            raise ValueError(f"{len(src)} sources and {len(tgt)} translations")
        for start in range(0, len(src), WINDOW_LINES):
            end = start + WINDOW_LINES
            yield from self._score_window(src[start:end], tgt[start:end], start + 1, batch_size)

    def attention(self, source: str, tokens: Sequence[int]) -> Tensor | None:
        """Where the model looks while it writes `tokens`: (A, T + 1, S + 1), both ends last; None if it never looks.

        The maps come from one force-decoding of a finished translation: the search itself runs without them.
        """
        return self._maps(self._encode([source], 1)[0], tokens)

    def alignments(
        self, src: Sequence[str], tgt: Sequence[str], choose: Callable[[Tensor], Tensor], *, batch_size: int = 64
    ) -> Iterator[Tensor]:
        """Where the model looks in each source as it reads its translation: (A', T + 1, S + 1), both ends last; lazily.

        `choose` makes (B, A', T, S) of all maps (B, A, T, S) of a batch. Raises ValueError where there are not as many
        translations as sources, or the model never looks.
        """
        if len(src) != len(tgt):
            raise ValueError(f"{len(src)} sources and {len(tgt)} translations")
        for start in range(0, len(src), WINDOW_LINES):
            end = start + WINDOW_LINES
            found: dict[int, Tensor] = {}
            for rows, batch, maps in self._batches(
                src[start:end], tgt[start:end], start + 1, batch_size, self._maps_of
            ):
                if maps is None:
                    raise ValueError("a model without attention has no alignments")
                chosen = choose(maps).float().cpu()
                for i, each, rest in zip(rows, chosen, zip(batch.tgt_out, batch.src, strict=True), strict=True):
                    found[i] = each[:, : int((rest[0] != PAD).sum()), : int((rest[1] != PAD).sum())].clone()
            yield from (found[i] for i in range(len(found)))

    def _score_window(
        self, src: Sequence[str], tgt: Sequence[str], first_line: int, batch_size: int
    ) -> list[PairScore]:
        scores: list[PairScore] = [PairScore(0.0, 0)] * len(src)
        for rows, batch, found in self._batches(src, tgt, first_line, batch_size, self._log_probs):
            tokens = (batch.tgt_out != PAD).sum(1).tolist()
            for i, log_probs, count in zip(rows, found.tolist(), tokens, strict=True):
                scores[i] = PairScore(math.fsum(log_probs), count)  # the same whatever the padding
        return scores

    def _batches(
        self, src: Sequence[str], tgt: Sequence[str], first_line: int, batch_size: int, work: Callable[[Batch], T]
    ) -> Iterator[tuple[list[int], Batch, T]]:
        """Given pairs by length: rows, their batch, and what `work` makes of it while the model is not in training."""
        ids = list(zip(self._encode(src, first_line), self.tokenizer.target.encode(tgt), strict=True))
        self._warn_beyond_training((first_line + i, len(source), len(target)) for i, (source, target) in enumerate(ids))
        order = sorted(range(len(ids)), key=lambda i: (len(ids[i][1]), len(ids[i][0])))
        was_training = self.model.training
        self.model.eval()

        def worked_on(rows: list[int]) -> tuple[Batch, T]:
            batch = collate(*zip(*(ids[i] for i in rows), strict=True)).to(self.device)
            return batch, work(batch)

        for rows, (batch, done) in self._fitting(order, batch_size, worked_on):
            yield rows, batch, done
        self.model.train(was_training)

    def _fitting(
        self, order: list[int], batch_size: int, work: Callable[[list[int]], T]
    ) -> Iterator[tuple[list[int], T]]:
        """Rows `batch_size` at a time with what `work` makes of them; fewer where memory does not suffice."""
        for start in range(0, len(order), batch_size):
            pieces = list(
                in_halves(
                    order[start : start + batch_size],
                    work,
                    "lower --beam (decoding.beam in a recipe), or split long lines",
                )
            )
            if len(pieces) > 1:
                self.halved += len(pieces) - 1
                self._warn_once("memory", f"out of memory with {batch_size} sentences at once; lower --batch-size")
            yield from pieces

    def _window(
        self, chunk: list[tuple[int, str]], starts: list[str] | None, config: SearchConfig, batch_size: int
    ) -> list[Translation]:
        """The lines of a window: blank ones set aside, the others by length, then all in order again."""
        texts = [text for _, text in chunk]
        ids = self._encode(texts, chunk[0][0])
        prefixes = self.tokenizer.target.encode(starts) if starts is not None else None
        order = sorted((i for i, text in enumerate(texts) if text.strip()), key=lambda i: -len(ids[i]))
        found: dict[int, list[Hypothesis]] = {}

        def searched(rows: list[int]) -> list[list[Hypothesis]]:
            src, mask = (each.to(self.device) for each in collate_source([ids[i] for i in rows]))
            begun = [prefixes[i] for i in rows] if prefixes is not None else None
            return search(self.model, src, mask, config, prefixes=begun, seeds=[chunk[i][0] for i in rows])

        for rows, results in self._fitting(order, batch_size, searched):
            found.update(zip(rows, results, strict=True))
        self._warn_beyond_training((chunk[i][0], len(ids[i]), len(found[i][0].tokens)) for i in sorted(found))
        done = []
        for i, (number, text) in enumerate(chunk):
            candidates: tuple[Candidate, ...] = (Candidate(text, 0.0, 0.0, True),)
            if i in found:
                looks = text if config.copy_unknown else None
                candidates = tuple(self._candidate(hypothesis, looks, ids[i]) for hypothesis in found[i])
            done.append(Translation(number, text, candidates))
        return done

    def _candidate(self, found: Hypothesis, source: str | None, ids: Sequence[int]) -> Candidate:
        tokens = tuple(token for token in found.tokens if token != EOS)
        return Candidate(self._text(tokens, source, ids), found.log_prob, found.score, found.ended, tokens)

    def _encode(self, texts: Sequence[str], first_line: int) -> list[list[int]]:
        """Source ids, cut to the model's `max_length` (EOS counted)."""
        limit = self.model.max_length - 1
        encoded = self.tokenizer.source.encode(texts)
        for i, ids in enumerate(encoded):
            if len(ids) > limit:
                self._warn_once(
                    "cut",
                    f"line {first_line + i:,} has {len(ids):,} tokens and is cut to model.max_length = "
                    f"{self.model.max_length:,}; split long lines into sentences",
                )
                encoded[i] = ids[:limit]
        return encoded

    def _warn_beyond_training(self, lengths: Iterable[tuple[int, int, int]]) -> None:
        """Number of a line, tokens of its source and of its target: warns of the first beyond all learned places."""
        met = self.model.trained_places
        for line, source, target in lengths:
            if not met.hold(source + 1, target + 1):  # with the end of the one and the beginning of the other
                self._warn_once(
                    "beyond",
                    f"line {line:,} has {source:,} tokens and its translation {target:,}: more than training had "
                    "places for; those beyond are taken for the last, so split long lines into sentences",
                )
                return

    def _warn_once(self, kind: str, message: str) -> None:
        if kind not in self._said:
            self._said.add(kind)
            self.warn(f"{message} (said once)")

    def _text(self, tokens: Sequence[int], source: str | None = None, ids: Sequence[int] = ()) -> str:
        """One line of text: a model may write a line break, which would shift every line after it.

        With the source, an unknown word is the source word that the model looks at where it says it.
        """
        unknown = self._looked_at(tokens, source, ids) if source is not None and UNK in tokens else None
        return self.tokenizer.target.decode(tokens, unknown).replace("\n", " ")

    def _looked_at(self, tokens: Sequence[int], source: str, ids: Sequence[int]) -> Iterator[str] | None:
        """The source word of the greatest attention for each unknown token; None for a model that has no attention."""
        maps = self._maps(ids, tokens)
        if maps is None:
            return None
        places = maps.mean(0)[:, : len(ids)].argmax(-1).tolist()  # (T + 1,), the source's end left out
        words = self.tokenizer.source.surfaces(source)
        return iter([words[place] for place, token in zip(places, tokens, strict=False) if token == UNK])

    def _log_probs(self, batch: Batch) -> Tensor:
        return score(self.model, batch.src, batch.src_mask, batch.tgt_in, batch.tgt_out)

    @torch.inference_mode()
    def _maps_of(self, batch: Batch) -> Tensor | None:
        return self.model.alignment(batch.src, batch.src_mask, batch.tgt_in, batch.tgt_out)

    @torch.inference_mode()
    def _maps(self, ids: Sequence[int], tokens: Sequence[int]) -> Tensor | None:
        batch = collate([ids], [tokens]).to(self.device)
        memory = self.model.encode(batch.src, batch.src_mask)
        maps = self.model.decode(batch.tgt_in, self.model.initial_state(memory, 1), memory, attention=True).maps
        return None if maps is None else maps[0]
