"""What people see of a training."""

import errno
import os
import sys

import pytest

from nmt import console


def test_a_message_goes_to_standard_error_alone(capsys: pytest.CaptureFixture[str]) -> None:
    console.warn("odd; mend it")
    with console.Progress("title", 10) as progress:
        progress.message("done")
    out, err = capsys.readouterr()
    assert out == ""
    assert err == "nmt: warning: odd; mend it\ntitle: done\n"


class Full:
    """A log on a disk that is full."""

    def write(self, text: str) -> int:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    def isatty(self) -> bool:
        return False


def test_what_nobody_can_be_told_ends_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys, "stderr", Full())
    monkeypatch.setattr(console, "EVERY_SECONDS", 0.0)
    with console.Progress("title", 10) as progress:
        progress.update(step=1, seconds=1.0)
        progress.message("done")
        console.warn("odd; mend it")
    assert progress.numbers["step"] == 1


def test_progress_is_a_line_now_and_then_where_there_is_no_terminal(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    now = [0.0]
    monkeypatch.setattr("nmt.console.time.monotonic", lambda: now[0])
    with console.Progress("t", 100) as progress:
        for step in range(1, 31):
            now[0] = float(step)
            progress.update(step=step, seconds=2.0 * step, loss=1.0, tokens_per_second=1234.5)
    lines = capsys.readouterr().err.splitlines()
    assert len(lines) == 3
    assert lines[0] == "t: update 10/100, loss 1.000 ppl 2.7, 1,234 tokens/s, 3:00 left"


def test_what_is_left_is_the_sooner_of_updates_and_minutes(capsys: pytest.CaptureFixture[str]) -> None:
    progress = console.Progress("t", 1_000, total_seconds=100.0)
    progress.update(step=10, seconds=10.0)
    progress.update(step=20, seconds=20.0)
    assert progress._line().endswith("1:20 left")


def test_a_terminal_gets_a_bar(capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    with console.Progress("title", 10) as progress:
        progress.update(step=5, seconds=1.0, dev="BLEU 12.00")
        assert progress.live is not None
        assert progress.live.tasks[0].completed == 0.5
        progress.message("a line that stays")
    assert "a line that stays" in capsys.readouterr().err
