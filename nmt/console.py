"""What people see while a command works: messages and progress, on stderr. Of several processes the first speaks."""

import math
import sys
import time
import warnings
from contextlib import suppress
from types import TracebackType
from typing import Any

from nmt.world import rank

EVERY_SECONDS = 10.0
"""Between two lines of progress where stderr is no terminal."""


def note(message: str) -> None:
    """One line for a person. A log on a disk that is full, or a pipe that nobody reads any more, ends nothing."""
    if rank() == 0:
        _say(message)


def _say(message: str) -> None:
    with suppress(OSError):
        print(message, file=sys.stderr, flush=True)


def warn(message: str) -> None:
    """One line that says what is odd and what to do about it."""
    note(f"nmt: warning: {message}")


def warn_of_own(message: str) -> None:
    """The same of what this process alone may have seen."""
    _say(f"nmt: warning: {message}")


def silence(pattern: str) -> None:
    """What a library warns of, and what is none of a user's concern here; a regular expression from its beginning."""
    warnings.filterwarnings("ignore", message=pattern)


class Progress:
    """Live progress of a training: a bar on a terminal, a line every ten seconds elsewhere."""

    def __init__(self, title: str, total_steps: int, total_seconds: float | None = None) -> None:
        self.title, self.total_steps, self.total_seconds = title, total_steps, total_seconds
        self.numbers: dict[str, Any] = {}
        self.spoken = time.monotonic()
        self.first: tuple[int, float] | None = None
        self.live: Any = None
        self.task: Any = None

    def __enter__(self) -> "Progress":
        if sys.stderr.isatty() and rank() == 0:
            from rich.console import Console
            from rich.progress import BarColumn, Progress, TextColumn

            columns = (TextColumn(self.title), BarColumn(bar_width=20), TextColumn("{task.description}"))
            self.live = Progress(*columns, console=Console(stderr=True), transient=True)
            self.live.start()
            self.task = self.live.add_task("", total=1.0)
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self.live is not None:
            self.live.stop()

    def update(self, **numbers: Any) -> None:
        """New numbers, of step, seconds, loss, tokens_per_second and dev; the others stay."""
        self.numbers |= numbers
        step, seconds = int(self.numbers.get("step", 0)), float(self.numbers.get("seconds", 0.0))
        if self.first is None:
            self.first = (step, seconds)
        if self.live is not None:
            self.live.update(self.task, completed=self._share(step, seconds), description=self._line())
        elif time.monotonic() - self.spoken >= EVERY_SECONDS:
            self.spoken = time.monotonic()
            note(f"{self.title}: {self._line()}")

    def message(self, text: str) -> None:
        """A line that stays."""
        if self.live is not None:
            with suppress(OSError):
                self.live.console.print(text, markup=False, highlight=False)
        else:
            note(f"{self.title}: {text}")

    def _share(self, step: int, seconds: float) -> float:
        shares = [step / self.total_steps]
        if self.total_seconds:
            shares.append(seconds / self.total_seconds)
        return min(1.0, max(shares))

    def _line(self) -> str:
        n = self.numbers
        step, seconds = int(n.get("step", 0)), float(n.get("seconds", 0.0))
        parts = [f"update {step:,}/{self.total_steps:,}"]
        if "loss" in n:
            parts.append(f"loss {n['loss']:.3f} ppl {math.exp(min(n['loss'], 100.0)):.1f}")
        if "tokens_per_second" in n:
            parts.append(f"{n['tokens_per_second']:,.0f} tokens/s")
        if "dev" in n:
            parts.append(f"dev {n['dev']}")
        if (left := self._left(step, seconds)) is not None:
            parts.append(f"{int(left) // 60}:{int(left) % 60:02d} left")
        return ", ".join(parts)

    def _left(self, step: int, seconds: float) -> float | None:
        """Seconds to go, at the speed since the first update shown."""
        if self.first is None or step <= self.first[0]:
            return None
        per_step = (seconds - self.first[1]) / (step - self.first[0])
        left = per_step * (self.total_steps - step)
        return max(0.0, min(left, self.total_seconds - seconds) if self.total_seconds else left)
