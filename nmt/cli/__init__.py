"""The command `nmt`: one module a command; flags in, one call, result out."""

import os
import signal
import sys
import time
from contextlib import suppress
from typing import Annotated, NoReturn

import typer

from nmt import __version__
from nmt.cli import data, plot, probe, tokenizer
from nmt.cli.align import aer, align, symmetrize
from nmt.cli.average import average
from nmt.cli.compare import compare, reproduce
from nmt.cli.eval import evaluate
from nmt.cli.flags import FlagError, asks_for_help, told
from nmt.cli.info import info
from nmt.cli.plan import plan
from nmt.cli.score import score
from nmt.cli.train import train
from nmt.cli.translate import translate
from nmt.errors import NmtError, PeerError, UsageError, out_of_memory
from nmt.world import local_rank, rank, size

app = typer.Typer(
    name="nmt",
    help="Neural machine translation, from word by word to the Transformer.",
    no_args_is_help=True,
    pretty_exceptions_enable=False,
    add_completion=False,
    rich_markup_mode=None,
)
app.command()(train)
app.command()(translate)
app.command("eval")(evaluate)
app.command()(score)
app.command()(align)
app.command()(aer)
app.command()(symmetrize)
app.command()(average)
app.command()(compare)
app.command()(reproduce)
app.command()(info)
app.command()(plan)
app.add_typer(plot.app, name="plot")
app.add_typer(probe.app, name="probe")
app.add_typer(tokenizer.app, name="tokenizer")
app.add_typer(data.app, name="data")


def _version(wanted: bool) -> None:
    if wanted:
        typer.echo(f"nmt {__version__}")
        raise typer.Exit


TOGETHER = ("train", "translate")
"""Commands that several processes do together."""


@app.callback()
def _top(
    context: typer.Context,
    version: Annotated[bool, typer.Option("--version", callback=_version, is_eager=True, help="Print it.")] = False,
) -> None:
    if size() > 1 and context.invoked_subcommand not in TOGETHER:
        raise UsageError(f"nmt {context.invoked_subcommand} is one process's work; call it without torchrun")


def main() -> None:
    """Runs a command; a mistake of the user's is one line on stderr and the exit code of its kind."""
    if hasattr(signal, "SIGPIPE"):  # a reader that has seen enough, as in `| head`
        signal.signal(signal.SIGPIPE, signal.SIG_DFL)
    if sys.stdout is None or sys.stderr is None:  # `>&-`
        _fail("standard output or standard error is closed; send it to a file or to /dev/null")
    sys.stdin = sys.stdin or open(os.devnull, encoding="utf-8")  # noqa: SIM115 - for as long as the process lives
    for stream, errors in ((sys.stdin, "strict"), (sys.stdout, "surrogateescape"), (sys.stderr, "backslashreplace")):
        stream.reconfigure(encoding="utf-8", newline="\n", errors=errors)  # type: ignore[union-attr]
    try:
        code = app(prog_name="nmt", standalone_mode=False)
    except FlagError as error:
        if asks_for_help(error):
            typer.echo(error.ctx.get_help(), err=True)
            raise SystemExit(2) from None
        _fail(told(error), 2)
    except typer.Abort:
        _fail("interrupted", 130)
    except PeerError as error:  # which all the others have alike: one says it
        _fail(str(error) if rank() == 0 else "", error.exit_code)
    except NmtError as error:
        _fail(str(error), error.exit_code)
    except MemoryError:
        _fail(OUT_OF_MEMORY)
    except OSError as error:
        name = str(error.filename or "standard output or a file").removesuffix(".part")
        _fail(f"{name}: {error.strerror or error}; make room, or name another place", 2 if _is_place(error) else 1)
    except RuntimeError as error:
        if not out_of_memory(error):
            raise
        _fail(OUT_OF_MEMORY)
    finally:  # a second Ctrl-C while libraries tidy up would print their tracebacks
        signal.signal(signal.SIGINT, signal.SIG_IGN)
    if isinstance(code, int) and code:
        raise SystemExit(code)


def _is_place(error: OSError) -> bool:
    """Whether a place that was named cannot be written, and not one that failed while it was."""
    return isinstance(error, FileNotFoundError | NotADirectoryError | IsADirectoryError | PermissionError)


OUT_OF_MEMORY = (
    "out of memory; in training lower training.batch_tokens (and raise training.accumulate by as much), "
    "elsewhere --batch-size"
)


WAIT_SECONDS = 5.0
"""How long a process that is not its machine's first keeps what it has to say, since most faults are everybody's: the
first says such a one, and torchrun then ends the others; it would end the first unheard if another were quicker."""


def _fail(message: str, code: int = 1) -> NoReturn:
    if message and local_rank():
        signal.signal(signal.SIGINT, signal.SIG_IGN)
        time.sleep(WAIT_SECONDS)
    if sys.stderr is not None and message:
        message = f"process {rank()}: {message}" if rank() else message
        one_line = message.replace("\r", "\\r").replace("\n", "\\n")  # a file's name may have a line break
        if hasattr(signal, "SIGPIPE"):  # the exit code tells as much where nobody reads on
            signal.signal(signal.SIGPIPE, signal.SIG_IGN)
        with suppress(OSError):
            typer.echo(f"nmt: {one_line}", err=True)
    raise SystemExit(code) from None
