"""Requests to end (Ctrl-C and the like): where the work notices them.

A signal arrives between any two instructions of the main thread. An exception that its handler raised there could leave
a lock taken that another thread then waits for, a module half imported, or be dropped by whatever native code was just
calling Python back: hangs, crashes and lost requests, each rare and none to be found by testing. So the request is
only noted, and the work raises `Interrupted` where nothing is in between: at every frame and in every wait.
`hipform.cli.signals` notes it, and sees to work that does not come to such a place in time.

A program that uses hipform as a library keeps its own handlers; nothing here has an effect then.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

NOTICED_EVERY_S = 0.1
"""A wait of the main thread is no longer than this without `raise_if_interrupted`."""


class Interrupted(BaseException):
    """Ctrl-C or a request to end; unlike KeyboardInterrupt it passes through the argument parser untouched.

    Its text, if any, says what was left behind.
    """


class _Requests:
    """What was asked of this process.

    Attributes
    ----------
    is_asked
        Whether it was asked to end.
    finishing
        How many blocks are at work that are to be finished all the same.
    raises_at_once
        Whether a handler may raise by itself.
    """

    # Plain values: a signal handler that took the lock of a `threading.Event` could wait for itself.
    is_asked = False
    finishing = 0
    raises_at_once = False


def ask_to_end() -> None:
    """Note that this process is to end; called by signal handlers."""
    _Requests.is_asked = True


def is_asked_to_end() -> bool:
    """Tell whether this process is to end."""
    return _Requests.is_asked


def is_finishing() -> bool:
    """Tell whether a block of `finishing` is at work."""
    return _Requests.finishing > 0


def raise_if_interrupted() -> None:
    """Raise `Interrupted` if this process is to end."""
    if _Requests.is_asked:
        raise Interrupted


@contextlib.contextmanager
def finishing() -> Iterator[None]:
    """Have the block finished, though this process was asked to end, if that takes seconds and no minutes."""
    _Requests.finishing += 1
    try:
        yield
    finally:
        _Requests.finishing -= 1


@contextlib.contextmanager
def waiting_for_an_answer() -> Iterator[None]:
    """Have a signal within the block raise `Interrupted` at once: around a question, which cannot look for requests."""
    raise_if_interrupted()
    _Requests.raises_at_once = True
    try:
        yield
    finally:
        _Requests.raises_at_once = False


def raise_if_waiting_for_an_answer() -> None:
    """Raise `Interrupted` within `waiting_for_an_answer`; called by signal handlers."""
    if _Requests.raises_at_once:
        raise Interrupted


def pause(time_s: float) -> None:
    """Sleep, and raise `Interrupted` as soon as this process is to end."""
    until_s = time.monotonic() + time_s
    raise_if_interrupted()
    while (left_s := until_s - time.monotonic()) > 0:
        time.sleep(min(left_s, NOTICED_EVERY_S))
        raise_if_interrupted()
