"""Ctrl-C and requests to end, from the signal to the exception that the command line leaves by."""

from __future__ import annotations

import _thread
import signal
import sys
import threading
from types import FrameType
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

_AGAIN_S = 0.05


class Interrupted(BaseException):
    """Ctrl-C or a request to end; unlike KeyboardInterrupt it passes through the argument parser untouched."""


def raise_when_interrupted() -> None:
    """Have signals that ask this process to end raise `Interrupted` in its main thread.

    Notes
    -----
    A signal may arrive while a finaliser or a callback of a native library runs, and what those raise Python drops. It
    tells `sys.unraisablehook` of it, where the signal is sent again.
    """
    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, _interrupt)
    sys.unraisablehook = _say_again


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
