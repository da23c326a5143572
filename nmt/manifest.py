"""A run's manifest: facts that its recipe does not say, and the SHA-256 of its files of weights."""

from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import Any

from nmt.errors import RunError
from nmt.files import link, replacing, sha256, write_whole
from nmt.json_text import dumps, is_number, object_of
from nmt.locks import one_at_a_time

SUMS = "sha256"
"""Key of the sums: by a file's path within the folder, those that it may have."""
SHAPES: dict[str, Callable[[Any], bool]] = {
    SUMS: lambda value: isinstance(value, dict) and all(map(_is_texts, value.values())),
    "parameters": lambda value: isinstance(value, dict) and all(map(is_number, value.values())),
    **dict.fromkeys(("nmt", "python", "torch", "arch", "tokenizer_sha256"), lambda value: isinstance(value, str)),
    **dict.fromkeys(("seed", "train_pairs", "tokens_per_update", "flops_per_token"), is_number),
    **dict.fromkeys(("finished", "saved"), lambda value: type(value) is int),
    "guess_loss": lambda value: value is None or is_number(value),
}
"""What is right under a key: the file may be a stranger's."""


class Manifest:
    """One file of JSON, replaced as a whole, in which several processes may write.

    A file of weights and its sum cannot be replaced in one step. So the new sum is written first, beside the old one;
    the old one goes with the next writing, once the new file is known to stand. Between them either file is right.
    """

    def __init__(self, path: Path) -> None:
        self.path = path
        self._stands: dict[str, str] = {}

    def read(self) -> dict[str, Any]:
        """All that it says, sums too; nothing before the first writing. Raises RunError where it is damaged."""
        try:
            found = object_of(self.path.read_bytes())
            if odd := next((key for key, right in SHAPES.items() if key in found and not right(found[key])), None):
                raise ValueError(f"{odd} is {str(found[odd])[:40]}")
            return found
        except FileNotFoundError:
            return {}
        except ValueError as error:
            raise RunError(
                f"{self.path} is cut off or changed ({error}); copy the run folder anew, or delete this file alone: "
                "then nothing says whether the others are as they were"
            ) from None

    def write(self, facts: Mapping[str, Any]) -> None:
        """Replaces the facts; the sums stay."""
        with one_at_a_time(self.path.parent):
            self._write(facts, self._sums())

    @contextmanager
    def replacing(self, path: Path, **facts: Any) -> Iterator[Path]:
        """As `files.replacing`, with the file's sum and these facts in the manifest before the file has its name.

        Others wait until it has: who wrote the manifest before that would leave out the sum of a file that is not there
        yet, and two that replace the same file would write into one.
        """
        name = self._name(path)
        with one_at_a_time(self.path.parent), replacing(path) as beside:
            yield beside
            new = sha256(beside)
            sums = self._sums()
            sums[name] = [*(old for old in sums.get(name, []) if old != new), new]
            self._write({**self.read(), **facts}, sums)
        self._stands[name] = new

    def link(self, existing: Path, path: Path, **facts: Any) -> None:
        """Gives a file a second name, if it has not got it, with its sum and these facts in the manifest."""
        if not (path.exists() and path.samefile(existing)):
            with self.replacing(path, **facts) as beside:
                link(existing, beside)

    def check(self, path: Path) -> None:
        """Raises RunError where a file of weights is not as it was saved; one without a sum is not looked at."""
        known = self._sums().get(self._name(path))
        try:
            if not known or not path.exists() or (found := sha256(path)) in known:
                return
        except OSError as error:
            raise RunError(f"{path} cannot be read: {error.strerror or error}; copy the run folder anew") from None
        # Asked again: a training may have replaced both in between.
        if found not in self._sums().get(self._name(path), [found]):
            raise RunError(
                f"{path} is damaged: its SHA-256 is not the one in {self.path.name}; copy the run folder anew, or name "
                "another file of weights in it with -m"
            )

    def _name(self, path: Path) -> str:
        return path.relative_to(self.path.parent).as_posix()

    def _sums(self) -> dict[str, list[str]]:
        """The sums of files that are there, each file's own alone where it is known to stand."""
        known = self.read().get(SUMS, {})
        standing = {name: [self._stands[name]] if name in self._stands else sums for name, sums in known.items()}
        return {name: sums for name, sums in standing.items() if (self.path.parent / name).exists()}

    def _write(self, facts: Mapping[str, Any], sums: Mapping[str, list[str]]) -> None:
        write_whole(self.path, (dumps({**facts, SUMS: sums}, indent=2) + "\n").encode())


def _is_texts(value: Any) -> bool:
    return isinstance(value, list) and all(isinstance(each, str) for each in value)
