"""What `inspect` found, as a page of at most 100 columns."""

import json
import textwrap
from collections.abc import Iterator, Mapping, Sequence

from nmt.evaluation.anatomy import LETTERS
from nmt.evaluation.info import Counts, Info, Work
from nmt.evaluation.table import Table
from nmt.evaluation.walk import Word

WIDTH = 100
ROOM = 80
"""Columns of one word with its pieces."""
GLUE = "\xa0"
BYTES = {"GB": 10**9, "MB": 10**6, "kB": 10**3}


def page(info: Info) -> str:
    """The sections, one below the other."""
    parts = [_facts(info), _parameters(info), *_cells(info), _work(info), _tokens(info), _words(info), _shapes(info)]
    return "\n\n\n".join([*parts, _found(info)])


def _filled(text: str, lead: str = "") -> str:
    """Lines of the page's width; what is glued together stays so."""
    filled = textwrap.fill(text, WIDTH, initial_indent=lead, subsequent_indent=" " * len(lead), break_on_hyphens=False)
    return filled.replace(GLUE, " ")


def _glossary(values: Mapping[str, int]) -> str:
    """What each letter is, and how much."""
    return "; ".join(f"{name}{GLUE}={GLUE}{value:,}, {LETTERS[name]}" for name, value in values.items()) + "."


def _facts(info: Info) -> str:
    facts, recipe = info.facts, info.recipe
    unit, size = next(((name, size) for name, size in BYTES.items() if facts.bytes >= size), ("bytes", 1))
    settings = [f"{name}{GLUE}={GLUE}{json.dumps(value)}" for name, value in facts.settings.items()]
    trained = "not known: the folder lacks its manifest"
    if facts.updates is not None and facts.pairs is not None:
        counted = "updates" if info.work else "passes"
        trained = f"{facts.updates:,} {counted}, {facts.pairs:,} sentence pairs of training text; {facts.end}"
    told = {
        "architecture": f"{recipe.arch}, of the family {recipe.model.family}, from {recipe.source} to {recipe.target}",
        "settings": ", ".join([*settings, "all others by default"]),
        "training": trained,
        "weights": f"{facts.weights}, {facts.bytes / size:.1f} {unit}",
        "versions": ", ".join(f"{name} {version}" for name, version in facts.versions.items()) or "not known",
    }
    lines = [_filled(value, f"{key:<14}") for key, value in told.items()]
    return "\n".join([facts.folder, "", *lines])


def _parameters(info: Info) -> str:
    rows = [
        [
            row.name + " *" * row.fixed,
            row.formula.text,
            row.formula.numbers,
            *_both(row.formula.value, row.counted),
        ]
        for row in info.rows
    ]
    rows.append(["sum", "", "", *_both(sum(r.formula.value for r in info.rows), sum(r.counted for r in info.rows))])
    found = {name: value for row in info.rows for name, value in row.formula.letters.items()}
    note = _glossary(found)
    if fixed := max(info.facts.fixed, sum(row.counted for row in info.rows if row.fixed)):
        note += f" Of all, {fixed:,} are fixed: training leaves them as they are (* marks parts that are fixed whole)."
    return _fitting("Parameters", ["part", "formula", "in numbers", "value", "counted"], rows, _filled(note))


def _fitting(title: str, head: list[str], rows: list[list[str]], note: str) -> str:
    """A table of a part, its formula and that in numbers; the third below the second where a page has no room."""
    text = Table(title, head, rows, note, 3).text()
    if max(map(len, text.splitlines())) <= WIDTH:
        return text
    blank = [""] * (len(head) - 3)
    stacked = [
        line
        for name, formula, numbers, *values in rows
        for line in ([name, formula, *values], ["", numbers, *blank])
        if any(line)
    ]
    return Table(title, [head[0], f"{head[1]}, {head[2]}", *head[3:]], stacked, note, 2).text()


def _both(value: int, counted: int) -> list[str]:
    return [f"{value:,}", f"{counted:,}"]


def _cells(info: Info) -> Iterator[str]:
    if not info.cells:
        return
    most = info.cells[-1].formula.value
    rows = [
        [
            size.cell + " (its own)" * size.own,
            size.formula.text,
            size.formula.numbers,
            str(size.gates),
            f"{size.formula.value:,}",
            f"{size.formula.value / most:.2f}",
        ]
        for size in info.cells
    ]
    note = (
        "Each gate has a matrix for what is read and one for the state, and so has the new state itself. A GRU has "
        "three such pairs (reset gate, update gate, new state), an LSTM four (input, forget and output gate, new cell "
        "state): so a GRU has three quarters of an LSTM's numbers, at any width."
    )
    head = ["cell", "formula", "in numbers", "pairs", "value", "of LSTM"]
    yield _fitting("The decoder's first layer with other cells", head, rows, _filled(note))


def _work(info: Info) -> str:
    title, work = "Work: operations of matrix products, a multiply-add as two", info.work
    if not work:
        return f"{title}\n\nNone: the model is a table, and a row of it is looked up for each source word."
    short = info.walk
    rows = [
        _worked(f"encode, S = {short.source_length} source tokens", work.encode, work),
        _worked(f"decode, T = {short.target_length} target tokens", work.decode, work),
        _worked("logits", work.logits, work),
        _worked("forward", work.forward, work),
        _worked("forward and backward", work.both, work),
        [f"rule of thumb, forward: 2 P, P = {work.weights:,}", "", f"{2 * work.weights:,}"],
        ["rule of thumb, forward and backward: 6 P", "", f"{6 * work.weights:,}"],
    ]
    if work.trained:
        rows.append(["forward and backward on a training pair of middling length", "", f"{work.trained:,}"])
    forward, both = work.forward / (2 * work.weights), work.both / (6 * work.weights)
    note = (
        "P are the numbers of the matrices that take part in products; embeddings are looked up. The rule lets each "
        "work once for a target token. It asks not how long the source is, though an encoder's weights work once for "
        "each source token, and a decoder-only model's for the tokens of both; and it leaves out what attention "
        f"multiplies without weights. Here forward is {forward / work.target_tokens:.2f} of the rule, and with "
        f"backward {both / work.target_tokens:.2f}. Backward takes two products for each one of forward: for the "
        "gradient of what came in, and for that of the weights." + " What is fixed needs none." * bool(info.facts.fixed)
    )
    return Table(title, ["", "this sentence", "a target token"], rows, _filled(note)).text()


def _worked(name: str, operations: int, work: Work) -> list[str]:
    return [name, f"{operations:,}", f"{operations / work.target_tokens:,.0f}"]


def _tokens(info: Info) -> str:
    recipe, both = info.recipe, info.vocabularies
    types = f"one vocabulary of {both.source:,} types for both sides"
    if not both.joint:
        types = f"{both.source:,} types of {recipe.source} and {both.target:,} of {recipe.target}"
    title = f"Tokenizer: level {recipe.tokenizer.level}, {types}"
    if not isinstance(info.counts, Counts):
        return f"{title}\n\n{_filled(f'No text at hand to count its tokens: {info.counts}.')}"
    rows = [
        [
            language,
            f"{side.words:,}",
            f"{side.tokens:,}",
            "-" if side.tokens_per_word is None else f"{side.tokens_per_word:.2f}",
            f"{100 * side.unknown_share:.2f}",
        ]
        for language, side in ((recipe.source, info.counts.source), (recipe.target, info.counts.target))
    ]
    note = _filled(f"Of {info.counts.text}. Punctuation is no word; its tokens are among the tokens.")
    return Table(title, ["side", "words", "tokens", "tokens a word", "% unknown"], rows, note).text()


def _words(info: Info) -> str:
    walk = info.walk
    of_source, of_target = info.recipe.source, info.recipe.target
    which = "as given" if walk.given is not None else "as found"
    return "\n".join(
        [
            "A sentence: its words, their pieces, and the ids of these",
            "",
            *_aligned(walk.source),
            "",
            *_aligned(walk.target),
            "",
            _filled(
                f"{of_source} above and {of_target} below, {which}. The model reads the source with </s> behind it, "
                "and the target with <s> before it; what it must say next is the target with </s> behind it."
            ),
        ]
    )


def _aligned(words: Sequence[Word]) -> Iterator[str]:
    """Each word above its pieces, and these above their ids, in as many lines as it takes."""
    names = ("words ", "pieces", "ids   ")
    lines = list(names)
    for cells in _columns(words):
        width = max(map(len, cells))
        if len(lines[0]) + 2 + width > WIDTH and lines != list(names):
            yield from (line.rstrip() for line in lines)
            yield ""
            lines = list(names)
        lines = [f"{line}  {cell:<{width}}" for line, cell in zip(lines, cells, strict=True)]
    yield from (line.rstrip() for line in lines)


def _columns(words: Sequence[Word]) -> Iterator[tuple[str, str, str]]:
    """Text, pieces and ids of each word; one of more pieces than have room on a line comes in parts."""
    for word in words:
        ids = [f"{index:<{len(piece)}}" for piece, index in zip(word.pieces, word.ids, strict=True)]
        pieces = [f"{piece:<{len(index)}}" for piece, index in zip(word.pieces, ids, strict=True)]
        at_once = max(1, ROOM // (max(map(len, ids)) + 1))
        for start in range(0, len(ids), at_once):
            part = slice(start, start + at_once)
            text = "" if start else textwrap.shorten(word.text, ROOM, placeholder="...")
            yield text, " ".join(pieces[part]), " ".join(ids[part])


def _shapes(info: Info) -> str:
    walk = info.walk
    rows: list[list[str]] = []
    act = ""
    for stage in walk.stages:
        shape, letters = (f"({', '.join(map(str, axes))})" for axes in (stage.shape, stage.letters))
        times = f"x {stage.times}" + (f" ({stage.times_letter})" if stage.times_letter else "")
        once = stage.times == 1 and not stage.times_letter
        named = [stage.act if stage.act != act else "", stage.name, stage.kind]
        rows.append([*named, shape, letters, "" if once else times])
        act = stage.act
    note = (
        "encode reads the source; memory is what stays of it while the target is written; decode reads the whole "
        "target at once, as training does; step is one step, of one token, in a search that "
        f"keeps K{GLUE}={GLUE}{walk.beam} hypotheses. times: how often a module is called, once for each layer or "
        "place, or how many such tensors there are. Modules that leave a shape as it is are left out; of letters that "
        "have one value the first stands for all."
    )
    title, notes = "The same sentence as tensors", f"{_filled(note)}\n\n{_filled(_glossary(_axes(info)))}"
    head = ["", "stage", "made by", "shape", "letters", "times"]
    text = Table(title, head, rows, notes, 6).text()
    if max(map(len, text.splitlines())) > WIDTH:  # the classes are what can be spared
        text = Table(title, [*head[:2], *head[3:]], [[*row[:2], *row[3:]] for row in rows], notes, 5).text()
    return text


def _axes(info: Info) -> dict[str, int]:
    """The letters of all shapes, each with the first number that it stands for."""
    found: dict[str, int] = {}
    inside = {width.text: width.letters for width in info.letters.widths}
    for stage in info.walk.stages:
        for name, size in zip(stage.letters, stage.shape, strict=True):
            for single, value in inside.get(name, {name: size}).items():
                found.setdefault(single, value)
    return {name: value for name, value in found.items() if name in LETTERS}


def _found(info: Info) -> str:
    found = info.walk.found
    ended = "ended with </s>" if found.ended else "was cut at the limit of its length"
    told = (
        f"What the search found: log-probability {found.log_prob:.4f}, with the length penalty {found.score:.4f}; "
        f"{len(found.tokens)} tokens, and it {ended}."
    )
    return f"{_filled(told)}\n\n{_filled(found.text)}"
