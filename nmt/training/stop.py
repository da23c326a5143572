"""Signals to a training: an interrupt at once, or noted for the loop where something would be lost."""

import signal
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from types import FrameType
from typing import Any


class Stop:
    """Whether somebody has asked for the end: in its context SIGINT, SIGTERM and SIGHUP are KeyboardInterrupt.

    SIGHUP is what a terminal sends that closes; under nohup it stays ignored. SIGPIPE is ignored, or else Ctrl-C
    to `nmt train 2>&1 | tee log`, which ends tee first, would end the training at its next line.
    """

    def __init__(self) -> None:
        self.asked = False
        self._noting = False
        self._before: dict[int, Any] = {}

    def __call__(self) -> bool:
        return self.asked

    def __enter__(self) -> "Stop":
        if threading.current_thread() is threading.main_thread():  # no other may
            for name in ("SIGINT", "SIGTERM", "SIGHUP", "SIGPIPE"):
                number = getattr(signal, name, None)
                if number is None or (name == "SIGHUP" and signal.getsignal(number) == signal.SIG_IGN):
                    continue
                self._before[number] = signal.signal(number, signal.SIG_IGN if name == "SIGPIPE" else self._heard)
        return self

    def __exit__(self, *error: object) -> None:
        for each, handler in self._before.items():
            signal.signal(each, handler)

    @contextmanager
    def noting(self) -> Iterator[None]:
        """Within it a signal is noted alone; a second SIGINT, from somebody who will not wait, interrupts."""
        yield from self._set(True)

    @contextmanager
    def interrupting(self) -> Iterator[None]:
        """Within it a signal interrupts again, as one does that was noted before it."""
        if self.asked:
            raise KeyboardInterrupt
        yield from self._set(False)

    def _set(self, noting: bool) -> Iterator[None]:
        before, self._noting = self._noting, noting
        try:
            yield
        finally:
            self._noting = before

    def _heard(self, number: int, frame: FrameType | None) -> None:
        # SIGTERM comes twice where a launcher passes on what its group of processes had already.
        impatient = self.asked and number == signal.SIGINT
        self.asked = True
        if impatient or not self._noting:
            raise KeyboardInterrupt
