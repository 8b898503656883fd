"""Ctrl-C and requests to end: from the signal to exit code 130, whatever this process is doing."""

from __future__ import annotations

import contextlib
import os
import select
import signal
import sys
import threading
import time
from collections.abc import Callable, Iterator
from types import FrameType
from typing import NoReturn

from hipform.child_process import kill_all
from hipform.errors import INTERRUPTED_EXIT_CODE
from hipform.interruption import Interrupted, ask_to_end, is_finishing, raise_if_waiting_for_an_answer

_SIGNALS = [signal.SIGINT, signal.SIGTERM]
"""Ctrl-C, requests to end, and the closing of the terminal."""
# Who started this with `nohup` wants it to go on when the terminal is closed; Windows has no such signal.
if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
    _SIGNALS.append(signal.SIGHUP)

_PATIENCE_S = 1.2
"""How long after a request this process may tidy up."""
_FINISHING_S = 30.0
"""The same while something is written that is to be whole; see `hipform.interruption.finishing`."""
_LOOK_EVERY_S = 0.02
_LEFT_AT_ONCE = b"hipform: interrupted; hidden temporary files (.hipform-*) may be left, which a later run removes.\n"
_SHOW_CURSOR = b"\x1b[?25h\n"


class _SignalWatch:
    """Takes in signals in a thread of its own and decides what each leads to.

    Notes
    -----
    Python calls handlers in the main thread, between two instructions: not while that thread waits for the network, a
    disk or a model that is loading, and if in the middle of a lock's code, then within it. A thread knows neither.

    Attributes
    ----------
    tell
        What is called for the first signal; ``None`` where each asks this process to end.
    heard
        How many signals came since `tell` was set.
    is_over
        Whether this process has tidied up and is about to end.
    """

    def __init__(self) -> None:
        self.tell: Callable[[], None] | None = None
        self.heard = 0
        self.is_over = False
        self._writing = -1

    def start(self) -> None:
        """Begin to take in signals."""
        reading, self._writing = os.pipe()
        if sys.platform != "win32":
            os.set_blocking(self._writing, False)
            # Python's handler in C writes each signal's number, whatever the main thread is doing.
            signal.set_wakeup_fd(self._writing, warn_on_full_buffer=False)
        for number in _SIGNALS:
            signal.signal(number, self._hear)
        threading.Thread(target=self._run, args=(reading,), name="hipform-signals", daemon=True).start()

    def _hear(self, number: int, _frame: FrameType | None) -> None:
        if sys.platform == "win32":
            os.write(self._writing, bytes([number]))
        raise_if_waiting_for_an_answer()

    def _run(self, reading: int) -> None:
        while True:
            for number in os.read(reading, 64):
                if number in _SIGNALS:
                    self._take(asked_s=time.monotonic())

    def _take(self, asked_s: float) -> None:
        self.heard += 1
        tell = self.tell
        if tell is not None and self.heard <= 2:
            if self.heard == 1:
                tell()
            return
        ask_to_end()
        while not self.is_over and time.monotonic() - asked_s < (_FINISHING_S if is_finishing() else _PATIENCE_S):
            time.sleep(_LOOK_EVERY_S)
        if not self.is_over:
            leave_at_once()


_watch = _SignalWatch()


def handle_signals() -> None:
    """Have signals that ask this process to end noted, and this process ended if it does not follow in time."""
    _watch.start()


def ignore_signals() -> None:
    """Have this process leave with its exit code though a signal comes when all is done."""
    _watch.is_over = True
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)


@contextlib.contextmanager
def told_when_interrupted(tell: Callable[[], None]) -> Iterator[None]:
    """Have the first signal within the block call *tell*, in another thread, and the second one raise at its end.

    What the block finishes because of the first is not cut short by a second one. Where it never ends, a third one
    ends this process.

    Raises
    ------
    Interrupted
        At the end of the block, where there was a second signal.
    """
    _watch.heard, _watch.tell = 0, tell
    try:
        yield
    finally:
        _watch.tell = None
    if _watch.heard > 1:
        raise Interrupted


def leave_at_once() -> NoReturn:
    """End this process as interrupted, without waiting for anything."""
    kill_all()
    with contextlib.suppress(OSError, ValueError):
        # Nobody may be reading.
        if sys.platform == "win32" or select.select([], [2], [], 0)[1]:
            os.write(2, (_SHOW_CURSOR if os.isatty(2) else b"") + _LEFT_AT_ONCE)
    os._exit(INTERRUPTED_EXIT_CODE)
