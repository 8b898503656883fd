"""Standard output and standard error that never block or abort the work.

The streams may be closed, full, read slowly or not at all, and their encoding may lack a character.
"""

from __future__ import annotations

import contextlib
import errno
import io
import os
import queue
import sys
import threading
import time
from typing import TYPE_CHECKING, Self

from hipform.errors import OutputError
from hipform.interruption import NOTICED_EVERY_S, is_asked_to_end, pause

if TYPE_CHECKING:
    from typing_extensions import Buffer

_MOST_WAITING_BYTES = 1 << 24
_PATIENCE_S = 1.0
"""How long to wait at the end for a reader of standard error, and after an interruption for any reader."""
_LOOK_EVERY_S = 0.001


def open_closed_streams() -> None:
    """Open the null device for each standard stream that is closed.

    Otherwise the next opened files would get their descriptors: a library's output would go into a result file, and a
    child process would read from one.
    """
    # The system assigns the lowest free descriptor first.
    while (number := os.open(os.devnull, os.O_RDWR)) <= 2:
        os.set_inheritable(number, True)
    os.close(number)
    for number, name, mode in ((0, "stdin", "r"), (1, "stdout", "w"), (2, "stderr", "w")):
        if getattr(sys, name) is None:
            setattr(sys, name, os.fdopen(number, mode, encoding="utf-8", closefd=False))


class _Stream(io.RawIOBase):
    """Standard output or standard error; writes go to an `_Outbox`.

    Attributes
    ----------
    error
        The first failure to write.
    may_be_lost
        Whether unread data may be dropped: true for messages, false for results.
    """

    def __init__(self, stream: io.TextIOWrapper, outbox: _Outbox, *, may_be_lost: bool) -> None:
        self.error: OSError | None = None
        self.may_be_lost = may_be_lost
        self._outbox = outbox
        self._number = stream.fileno()
        self._is_terminal = stream.isatty()
        # A duplicate, because the original descriptor is redirected while a library's output is silenced.
        self._own = os.dup(self._number)

    def writable(self) -> bool:
        """Return True."""
        return True

    def fileno(self) -> int:
        """Return the descriptor of the standard stream."""
        return self._number

    def isatty(self) -> bool:
        """Return whether the standard stream is a terminal."""
        return self._is_terminal

    def write(self, data: Buffer) -> int:
        """Queue *data*; never fails."""
        whole = bytes(data)
        self._outbox.put(self, whole)
        return len(whole)

    def write_out(self, data: bytes) -> None:
        """Write *data* to the stream, waiting for its reader."""
        left = memoryview(data)
        with contextlib.suppress(OSError):
            while left:
                left = left[self._write_some(left) :]

    def _write_some(self, data: memoryview) -> int:
        try:
            return os.write(self._own, data)
        except OSError as error:
            self.error = self.error or error
            raise


class _Outbox:
    """The queue of data for both streams, in order, and the thread that writes it."""

    def __init__(self) -> None:
        self._lock = threading.Lock()
        self._waiting_bytes = 0
        self._writing: tuple[_Stream, float] | None = None
        self._waiting: queue.SimpleQueue[tuple[_Stream, bytes]] = queue.SimpleQueue()
        threading.Thread(target=self._run, name="hipform-output", daemon=True).start()

    def put(self, stream: _Stream, data: bytes) -> None:
        """Queue *data*; if the queue is full, drop data that may be lost and wait with other data."""
        while self._waiting_bytes > _MOST_WAITING_BYTES:
            if stream.may_be_lost:
                return
            pause(NOTICED_EVERY_S)
        self._count(len(data))
        self._waiting.put((stream, data))

    def drain(self) -> None:
        """Wait until everything is written: for standard output without limit, unless interrupted."""
        while self._waiting_bytes and not self._may_be_left():
            time.sleep(_LOOK_EVERY_S)

    def _may_be_left(self) -> bool:
        """Return whether the reader of data that may be lost has taken too long."""
        writing = self._writing
        if writing is None or not (writing[0].may_be_lost or is_asked_to_end()):
            return False
        return time.monotonic() - writing[1] > _PATIENCE_S

    def _run(self) -> None:
        while True:
            stream, data = self._waiting.get()
            self._writing = stream, time.monotonic()
            stream.write_out(data)
            self._writing = None
            self._count(-len(data))

    def _count(self, change: int) -> None:
        with self._lock:
            self._waiting_bytes += change


class SteadyOutput:
    """Replaces standard output and standard error; a context manager that flushes both at its end.

    A character that the encoding lacks, as often on Windows, becomes a question mark. A reader that has gone, as with
    ``| head``, is not an error, and a slow reader does not delay the work. A full disk is an error, but it is raised
    only after everything else is done: see `require_written`. Data that standard error cannot take is lost.
    """

    def __init__(self) -> None:
        self._outbox = _Outbox()
        self._out: _Stream | None = None
        self._before = sys.stdout, sys.stderr

    def __enter__(self) -> Self:
        if isinstance(sys.stdout, io.TextIOWrapper):
            sys.stdout, self._out = self._replaced(sys.stdout, may_be_lost=False)
        if isinstance(sys.stderr, io.TextIOWrapper):
            sys.stderr, _ = self._replaced(sys.stderr, may_be_lost=True)
        return self

    def __exit__(self, *_: object) -> None:
        for stream in (sys.stdout, sys.stderr):
            stream.flush()
        self._outbox.drain()
        sys.stdout, sys.stderr = self._before

    def _replaced(self, stream: io.TextIOWrapper, *, may_be_lost: bool) -> tuple[io.TextIOWrapper, _Stream]:
        raw = _Stream(stream, self._outbox, may_be_lost=may_be_lost)
        by_line = may_be_lost or stream.isatty()
        return io.TextIOWrapper(
            io.BufferedWriter(raw), encoding=stream.encoding, errors="replace", line_buffering=by_line
        ), raw

    def require_written(self) -> None:
        """Raise if printed output could not be written.

        Raises
        ------
        OutputError
            The disk is full or not available.
        """
        sys.stdout.flush()
        self._outbox.drain()
        error = self._out.error if self._out else None
        if error is not None and error.errno != errno.EPIPE:
            raise OutputError(f"The printed output could not be written: {error.strerror}.", "Everything else is done.")
