"""`nmt tokenizer`: vocabularies made and used by hand; `nmt train` makes its own."""

import sys
from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING, Annotated, Literal

import typer

from nmt.cli.results import check_place
from nmt.errors import DataError, UsageError

if TYPE_CHECKING:
    from nmt.data.tokenizer import Tokenizer

app = typer.Typer(no_args_is_help=True, help="Makes a vocabulary, and turns text into ids and back.")

LINES_AT_ONCE = 1_000
"""Lines a filter reads before it writes: the library encodes many in one call, on all cores."""

Level = Literal["bpe", "word", "char"]
Side = Literal["source", "target"]
ModelOption = Annotated[
    Path, typer.Option("--model", "-m", help="A file of `nmt tokenizer train`, or tokenizer.json of a run folder.")
]
SideOption = Annotated[Side | None, typer.Option(help="Which vocabulary, where the two languages have their own.")]


@app.command()
def train(
    files: Annotated[list[Path], typer.Argument(help="Text, one sentence a line; plain or gzipped.")],
    vocab_size: Annotated[int, typer.Option(help="Types at most, the four special ones counted.")],
    output: Annotated[Path, typer.Option("--output", "-o", help="The file to write.")],
    level: Annotated[Level, typer.Option(help="Byte-level BPE, whole words, or characters.")] = "bpe",
) -> None:
    """Makes one vocabulary of all files.

    Example:

      nmt tokenizer train data/train.en data/train.de --vocab-size 4000 -o tokenizer.json
    """
    from nmt.data.lines import read_lines
    from nmt.data.tokenizer import Tokenizer, TokenizerPair

    check_place(output)
    lines = [line for path in files for line in read_lines(path)]
    if not any(line.strip() for line in lines):
        raise DataError(f"{', '.join(map(str, files))}: there is no text to make a vocabulary of; name files with some")
    made = Tokenizer.train(lines, level=level, vocab_size=vocab_size)
    TokenizerPair(made, made).save(output)
    print(f"nmt: {output} has {len(made):,} types", file=sys.stderr)


@app.command()
def encode(
    model: ModelOption,
    side: SideOption = None,
    pieces: Annotated[bool, typer.Option("--pieces", help="Write pieces to read, which `decode` cannot.")] = False,
) -> None:
    """Turns each line of standard input into ids with spaces between them; BOS and EOS are left out.

    `nmt tokenizer decode` makes exactly the same lines of them again (at level word, those without unknown words).

    Example:

      nmt tokenizer encode -m tokenizer.json < train.en > train.ids
    """
    tokenizer = _load(model, side)

    def encoded(lines: list[str], _: int) -> list[str]:
        return [" ".join(tokenizer.pieces(ids) if pieces else map(str, ids)) for ids in tokenizer.encode(lines)]

    _filter(encoded)


@app.command()
def decode(model: ModelOption, side: SideOption = None) -> None:
    """Turns each line of ids on standard input into text.

    Example:

      nmt tokenizer decode -m tokenizer.json < train.ids
    """
    tokenizer = _load(model, side)

    def decoded(lines: list[str], first: int) -> list[str]:
        numbered = enumerate(lines, start=first)
        # A vocabulary has a byte for the line break, and a line must stay one.
        return [tokenizer.decode(_ids(line, number, len(tokenizer))).replace("\n", " ") for number, line in numbered]

    _filter(decoded)


def _load(path: Path, side: Side | None) -> "Tokenizer":
    from nmt.data.tokenizer import TokenizerPair

    pair = TokenizerPair.load(path)
    if side is None and not pair.joint:
        raise UsageError(f"{path} has a vocabulary for each language; say --side source or --side target")
    return pair.target if side == "target" else pair.source


def _ids(line: str, number: int, types: int) -> list[int]:
    for word in line.split():
        if not (word.isascii() and word.isdigit() and len(word) < 10 and int(word) < types):
            raise DataError(
                f"standard input:{number}: {word[:40]!r} is not an id of this vocabulary; a line must be numbers "
                f"from 0 to {types - 1:,}, as `nmt tokenizer encode` writes them"
            )
    return [int(word) for word in line.split()]


def _filter(change: Callable[[list[str], int], list[str]]) -> None:
    """Standard input through `change`, which is given lines and the number of the first, to standard output."""
    from nmt.data.lines import windows

    for number, lines in windows("-", LINES_AT_ONCE):
        # By hand, since the console's own encoding and line ends may be others.
        sys.stdout.buffer.write("".join(line + "\n" for line in change(lines, number)).encode())
        sys.stdout.buffer.flush()
