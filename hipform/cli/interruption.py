"""Ctrl-C and requests to end, from the signal to the exception that the command line leaves by."""

from __future__ import annotations

import _thread
import contextlib
import signal
import sys
import threading
from collections.abc import Callable, Iterator
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

_AGAIN_S = 0.05
_SIGNALS = [signal.SIGINT, signal.SIGTERM]
"""Ctrl-C, requests to end, and the closing of the terminal."""
# Who started this with `nohup` wants it to go on when the terminal is closed; Windows has no such signal.
if sys.platform != "win32" and signal.getsignal(signal.SIGHUP) != signal.SIG_IGN:
    _SIGNALS.append(signal.SIGHUP)


class Interrupted(BaseException):
    """Ctrl-C or a request to end; unlike KeyboardInterrupt it passes through the argument parser untouched.

    Its text, if any, says what was left behind.
    """


def raise_when_interrupted() -> None:
    """Have signals that ask this process to end raise `Interrupted` in its main thread.

    Notes
    -----
    A signal may arrive while a finaliser or a callback of a native library runs, and what those raise Python drops. It
    tells `sys.unraisablehook` of it, where the signal is sent again.
    """
    for number in _SIGNALS:
        signal.signal(number, _interrupt)
    sys.unraisablehook = _say_again


@contextlib.contextmanager
def told_when_interrupted(tell: Callable[[], None]) -> Iterator[None]:
    """Have the first signal within the block call *tell*, and the second one raise when the block has ended.

    What the block finishes because of the first is not cut short by a second one. Where it never ends, a third one
    raises at once.
    """
    heard = 0

    def count(_signal: int, _frame: FrameType | None) -> None:
        nonlocal heard
        heard += 1
        if heard == 1:
            tell()
        elif heard > 2:
            raise_when_interrupted()
            raise Interrupted

    for number in _SIGNALS:
        signal.signal(number, count)
    try:
        yield
    finally:
        raise_when_interrupted()
    if heard > 1:
        raise Interrupted


def _interrupt(_signal: int, _frame: FrameType | None) -> None:
    if not _is_leaving(sys.exception()):
        raise Interrupted


def _is_leaving(error: BaseException | None) -> bool:
    """Tell whether an interruption is being handled: a second one must not cut short what tidies up after the first."""
    while error is not None:
        if isinstance(error, Interrupted):
            return True
        error = error.__context__
    return False


def _say_again(dropped: UnraisableHookArgs) -> None:
    if isinstance(dropped.exc_value, Interrupted):
        # Not from here: it would be dropped again.
        again = threading.Timer(_AGAIN_S, _thread.interrupt_main)
        again.daemon = True
        again.start()
    else:
        sys.__unraisablehook__(dropped)
