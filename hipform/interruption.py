"""Termination requests such as Ctrl-C, and the points at which the work notices them.

A signal arrives between any two instructions of the main thread. If its handler raised an exception there, a lock could
stay taken that another thread waits for, a module could stay half imported, or native code that was calling back into
Python could drop the exception: hangs, crashes and lost requests, all too rare to be found by testing. Therefore the
handler only notes the request, and the work raises `Interrupted` at safe points: at every frame and in every wait.
`hipform.cli.signals` notes the request, and ends work that does not reach such a point in time.

A program that uses hipform as a library keeps its own handlers; this module then has no effect.
"""

from __future__ import annotations

import contextlib
import time
from collections.abc import Iterator

NOTICED_EVERY_S = 0.1
"""The main thread never waits longer than this without calling `raise_if_interrupted`."""


class Interrupted(BaseException):
    """Ctrl-C or a termination request; unlike KeyboardInterrupt, the argument parser does not catch it.

    Its text, if any, says which files were left behind.
    """


class _Requests:
    """The requests that this process has received.

    Attributes
    ----------
    is_asked
        Whether the process was asked to end.
    finishing
        Number of running blocks of `finishing`, which complete despite a request.
    raises_at_once
        Whether a signal handler may raise.
    """

    # Plain values, because a signal handler that takes the lock of a `threading.Event` could deadlock.
    is_asked = False
    finishing = 0
    raises_at_once = False


def ask_to_end() -> None:
    """Request the end of this process; called by signal handlers."""
    _Requests.is_asked = True


def is_asked_to_end() -> bool:
    """Return whether the end of this process was requested."""
    return _Requests.is_asked


def is_finishing() -> bool:
    """Return whether a block of `finishing` is running."""
    return _Requests.finishing > 0


def raise_if_interrupted() -> None:
    """Raise `Interrupted` if the end of this process was requested."""
    if _Requests.is_asked:
        raise Interrupted


@contextlib.contextmanager
def finishing() -> Iterator[None]:
    """Let the block complete despite a request to end, if that takes seconds rather than minutes."""
    _Requests.finishing += 1
    try:
        yield
    finally:
        _Requests.finishing -= 1


@contextlib.contextmanager
def waiting_for_an_answer() -> Iterator[None]:
    """Raise `Interrupted` at once for a signal within the block: for a prompt, which cannot check for requests."""
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
    """Sleep; raise `Interrupted` as soon as the end of this process is requested."""
    until_s = time.monotonic() + time_s
    raise_if_interrupted()
    while (left_s := until_s - time.monotonic()) > 0:
        time.sleep(min(left_s, NOTICED_EVERY_S))
        raise_if_interrupted()
