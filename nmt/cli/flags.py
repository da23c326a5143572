"""What is wrong with a command line, in one line."""

import difflib
from typing import Any

import typer

FlagError: Any = next(kind for kind in typer.BadParameter.__mro__ if kind.__name__ == "ClickException")
"""What typer raises for every mistake in a command line; its own click is not to be imported."""


def told(error: Any) -> str:
    """The mistake, with the nearest flag, and where help is."""
    context = getattr(error, "ctx", None)
    message = " ".join(error.format_message().split()).rstrip(".")
    for theirs, ours in (("Value error, ", ""), ("Input should be", "must be")):
        message = message.replace(theirs, ours)
    if type(error).__name__ == "NoSuchOption":
        known = [flag for parameter in context.command.params for flag in parameter.opts] if context else []
        near = difflib.get_close_matches(error.option_name, [flag for flag in known if flag.startswith("--")], 1)
        message = f"no such option {error.option_name}" + (f"; did you mean {near[0]}?" if near else "")
    command = context.command_path if context else "nmt"
    return f"{message[:1].lower()}{message[1:]}; `{command} --help` lists what there is"


def asks_for_help(error: Any) -> bool:
    """Whether there was no command at all, which is answered by the help."""
    return type(error).__name__ == "NoArgsIsHelpError"
