"""`--fix`: the text without what cannot be trained on, mended where that is safe, and a log of every change."""

import difflib
import json
import os
from collections.abc import Collection, Iterable, Iterator
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

from nmt.data.check.kinds import BIT, KINDS, bits, names
from nmt.data.check.marks import repaired
from nmt.data.check.report import Report
from nmt.data.check.text import Text
from nmt.errors import DataError, UsageError
from nmt.files import replacing

LOG = "log.jsonl"


@dataclass(frozen=True)
class Cleaned:
    """What was written."""

    paths: tuple[Path, Path, Path]
    """Source, target and log."""
    kept: int
    removed: int
    changed: int


def clean(text: Text, report: Report, folder: Path, keep: Collection[str] = ()) -> Cleaned:
    """Writes both sides and the log into the folder; what a finding of `keep` says is neither taken out nor mended.

    A pair that is not UTF-8 is taken out. Raises DataError for text that is not parallel, where no pair is sure, and
    UsageError where a file of the text would be written over, or the folder cannot be.
    """
    check_keep(keep)
    paths = places(folder, text)
    if report.lines[0] != report.lines[1]:
        raise DataError(f"{report.refused[0]}; --fix cannot know which line is missing: mend that first")
    kept_bits = sum(BIT[name] for name in keep)
    removing = (bits("removed") | BIT["undecodable"]) & ~kept_bits
    repairing = bits("repaired") & ~kept_bits
    counts = {"removed": 0, "changed": 0, "kept": 0}
    try:
        folder.mkdir(parents=True, exist_ok=True)
        with ExitStack() as stack:
            files = [stack.enter_context(stack.enter_context(replacing(path)).open("wb")) for path in paths]
            for entry, lines in _decisions(text, report, removing, repairing):
                if lines is not None:
                    counts["kept"] += 1
                    for file, line in zip(files, lines, strict=False):
                        file.write(line.encode() + b"\n")
                if entry:
                    counts[str(entry["did"])] += 1
                    entry = {"line": entry.pop("line"), "now": counts["kept"] if lines else None, **entry}
                    files[2].write(json.dumps(entry, ensure_ascii=False).encode() + b"\n")
            if not counts["kept"]:
                raise DataError(f"no pair of {text.names[0]} is left to keep; nothing was written into {folder}")
            for file in files:
                file.flush()
                os.fsync(file.fileno())
    except OSError as error:
        raise UsageError(f"{folder} cannot be written: {error.strerror or error}; name another with --fix") from None
    return Cleaned(paths, **counts)


def places(folder: Path, text: Text, held_out: Iterable[Text] = ()) -> tuple[Path, Path, Path]:
    """Where --fix writes the text and the log.

    Raises UsageError where a file that is read, or one that no --fix wrote, would be written over.
    """
    src, tgt = (folder / name for name in text.stems)
    paths = (src, tgt, folder / LOG)
    read = [path for each in (text, *held_out) for path in each.paths if os.path.exists(path)]
    there = [path for path in paths if os.path.exists(path)]  # False, too, for a name that is too long
    for path in there:
        if any(path.samefile(each) for each in read):
            raise UsageError(f"{path} is read and would be written; name another folder with --fix")
    if LOG in text.stems:
        raise UsageError(f"{text.paths[0].parent / LOG} is named as the log that --fix writes; give it another name")
    if there and len(there) < len(paths):
        raise UsageError(f"{there[0]} exists, and was not written by --fix; name another folder with --fix")
    return paths


def check_keep(keep: Collection[str]) -> None:
    """Raises UsageError for what is no finding that --fix would touch."""
    known = [kind.name for kind in KINDS if kind.fate in ("removed", "repaired")]
    for name in keep:
        if name not in known:
            near = difflib.get_close_matches(name, known, 1)
            raise UsageError(
                f"--keep {name!r} is nothing that --fix takes out or mends; "
                + (f"did you mean {near[0]}?" if near else f"known are {', '.join(known)}")
            )


def _decisions(
    text: Text, report: Report, removing: int, repairing: int
) -> Iterator[tuple[dict[str, object], tuple[str, str] | None]]:
    """What the log says of each pair, if anything, and the pair as it stays, if it does."""
    flags = report.flags
    for chunk in text.chunks():
        for row, pair in enumerate(zip(*chunk.sides, strict=True), start=chunk.first):
            both = int(flags[0, row] | flags[1, row])
            texts = {"source": pair[0], "target": pair[1]}
            if why := names(both & removing):
                yield {"line": row + 1, "did": "removed", "why": why, **texts}, None
                continue
            mended = [repaired(line, repairing) if both & repairing else line for line in pair]
            if not all(line.strip() for line in mended):
                yield {"line": row + 1, "did": "removed", "why": [*names(both & repairing), "empty"], **texts}, None
                continue
            changed = tuple(mended) != pair
            entry = {"line": row + 1, "did": "changed", "why": names(both & repairing), **texts} if changed else {}
            yield entry, (mended[0], mended[1])
