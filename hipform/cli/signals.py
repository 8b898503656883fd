"""Ctrl-C and termination requests: from the signal to exit code 130, whatever this process is doing."""

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

from hipform.errors import INTERRUPTED_EXIT_CODE
from hipform.interruption import Interrupted, ask_to_end, is_finishing, raise_if_waiting_for_an_answer
from hipform.running_children import kill_all

_SIGNALS = [
    number
    for name in ("SIGINT", "SIGTERM", "SIGHUP")
    if (number := getattr(signal, name, None)) is not None and signal.getsignal(number) != signal.SIG_IGN
]
"""Ctrl-C, termination requests, and the closing of the terminal, which Windows lacks.

A signal that was ignored when this process started stays ignored, as `nohup` and background jobs expect.
"""

_PATIENCE_S = 1.2
"""How long this process may clean up after a request."""
_FINISHING_S = 30.0
"""The same while a block of `hipform.interruption.finishing` is running."""
_LOOK_EVERY_S = 0.02
_LEFT_AT_ONCE = (
    b"hipform: interrupted; hidden temporary files (.hipform-*) may be left; "
    b"a later run into the same folder removes them.\n"
)
_SHOW_CURSOR = b"\x1b[?25h\n"


class _SignalWatch:
    """Receives signals in its own thread and decides how to handle each.

    Notes
    -----
    Python calls handlers in the main thread, between two instructions: not while that thread waits for the network, a
    disk or a loading model, and possibly in the middle of a lock's code. A separate thread has neither problem.

    Attributes
    ----------
    on_first
        Called for the first signal; ``None`` if every signal requests the end of this process.
    heard
        Number of signals received since `on_first` was set.
    is_over
        Whether this process has cleaned up and is about to end.
    """

    def __init__(self) -> None:
        self.on_first: Callable[[], None] | None = None
        self.heard = 0
        self.is_over = False
        # Taken for good by whoever ends this process, so that only one of two threads says how.
        self._ending = threading.Lock()
        self._writing = -1

    def start(self) -> None:
        """Start to receive signals."""
        reading, self._writing = os.pipe()
        if sys.platform != "win32":
            os.set_blocking(self._writing, False)
            # Python's C handler writes each signal's number, whatever the main thread is doing.
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
        on_first = self.on_first
        if on_first is not None and self.heard <= 2:
            if self.heard == 1:
                on_first()
            return
        ask_to_end()
        while not self.is_over and time.monotonic() - asked_s < (_FINISHING_S if is_finishing() else _PATIENCE_S):
            time.sleep(_LOOK_EVERY_S)
        if not self.is_over and self._ending.acquire(blocking=False):
            leave_at_once()

    def be_over(self) -> None:
        """Note that this process has cleaned up; never return if it is being ended from another thread."""
        if not self.is_over:
            self._ending.acquire()
            self.is_over = True


_watch = _SignalWatch()


def handle_signals() -> None:
    """Note termination signals, and end this process if it does not react in time."""
    _watch.start()


def ignore_signals() -> None:
    """Ignore further signals, so that a finished process exits with its own exit code."""
    _watch.be_over()
    for number in _SIGNALS:
        signal.signal(number, signal.SIG_IGN)


@contextlib.contextmanager
def call_when_interrupted(action: Callable[[], None]) -> Iterator[None]:
    """Call *action* in another thread for the first signal within the block; raise at its end for a second one.

    A second signal does not cut short what the block does after the first. If the block never ends, a third signal ends
    this process.

    Raises
    ------
    Interrupted
        At the end of the block, if there was a second signal.
    """
    _watch.heard, _watch.on_first = 0, action
    try:
        yield
    finally:
        _watch.on_first = None
    if _watch.heard > 1:
        raise Interrupted


def leave_at_once() -> NoReturn:
    """Exit as interrupted, without waiting for anything."""
    kill_all()
    with contextlib.suppress(OSError, ValueError):
        # There may be no reader.
        if sys.platform == "win32" or select.select([], [2], [], 0)[1]:
            os.write(2, (_SHOW_CURSOR if os.isatty(2) else b"") + _LEFT_AT_ONCE)
    os._exit(INTERRUPTED_EXIT_CODE)
