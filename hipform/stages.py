"""Helpers that let capture, pose, drawing and writing overlap, with threads, short queues and error forwarding."""

from __future__ import annotations

import contextlib
import ctypes
import queue
import threading
from collections.abc import Callable, Generator, Iterable, Iterator
from types import TracebackType
from typing import Generic, Self, TypeVar

from hipform.interruption import NOTICED_EVERY_S, raise_if_interrupted

Item = TypeVar("Item")

DEPTH = 2
"""Items that may wait between two stages: enough to absorb a slow frame, few enough to keep memory low."""


@contextlib.contextmanager
def memory_given_back() -> Iterator[None]:
    """Make glibc, if this process uses it, return free memory to the system at the end of the block.

    Scattered small blocks keep it from returning the memory between them: more than 100 MB after 100 clips in one
    process.
    """
    try:
        yield
    finally:
        with contextlib.suppress(AttributeError, OSError, TypeError):
            ctypes.CDLL(None).malloc_trim(0)


class _End:
    """Marks the end of a queue."""


class BoundedQueue(Generic[Item]):
    """A queue of at most *depth* items that stays usable after an exception at any point in any thread.

    Notes
    -----
    An exception that a signal raises (Ctrl-C) arrives between any two instructions of the main thread. `queue.Queue` is
    written in Python, and one of these moments is that between taking its lock and being ready to give it back: the
    lock then stays taken, and the thread at the other end waits for it for ever: measured, not only reasoned, see
    docs/reliability.md. `queue.SimpleQueue` is written in C and knows no such moment; a second one holds a token for
    every place that is free.
    """

    def __init__(self, depth: int) -> None:
        self._items: queue.SimpleQueue[Item] = queue.SimpleQueue()
        self._free: queue.SimpleQueue[None] = queue.SimpleQueue()
        for _ in range(depth):
            self._free.put(None)

    def put(self, item: Item, timeout_s: float | None = None) -> bool:
        """Add *item*, waiting for a free place; return whether there was one within *timeout_s*."""
        try:
            self._free.get(timeout=timeout_s)
        except queue.Empty:
            return False
        self._items.put(item)
        return True

    def get(self, timeout_s: float | None = None) -> Item:
        """Remove and return the oldest item, waiting for one.

        Raises
        ------
        queue.Empty
            No item arrived within *timeout_s*.
        """
        item = self._items.get(timeout=timeout_s)
        self._free.put(None)
        return item

    def take(self) -> Item:
        """Remove and return the oldest item, waiting for one until this process is interrupted."""
        while True:
            raise_if_interrupted()
            with contextlib.suppress(queue.Empty):
                return self.get(NOTICED_EVERY_S)


def prefetch(items: Iterable[Item], depth: int = DEPTH) -> Generator[Item]:
    """Iterate over *items* in a background thread, *depth* items ahead.

    An exception in the iteration is raised at the point in the sequence where it happened. Closing the generator, also
    through an exception in the consumer, stops the thread.
    """
    waiting: BoundedQueue[Item | _End | BaseException] = BoundedQueue(depth)
    stopped = threading.Event()

    def put(item: Item | _End | BaseException) -> None:
        while not stopped.is_set() and not waiting.put(item, NOTICED_EVERY_S):
            pass

    def run() -> None:
        try:
            for item in items:
                put(item)
                if stopped.is_set():
                    return
            put(_End())
        except BaseException as error:  # noqa: BLE001 - passed on to the consumer, whatever it is
            put(error)

    thread = threading.Thread(target=run, name="hipform-prefetch", daemon=True)
    thread.start()
    try:
        while not isinstance(item := waiting.take(), _End):
            if isinstance(item, BaseException):
                raise item
            yield item
    finally:
        stopped.set()
        thread.join()


class Background(Generic[Item]):
    """Context manager that passes items to *work* in a background thread, in order.

    An exception in *work* is raised by the next `put` or at the end of the block. If the block itself ends with an
    exception, waiting items are dropped.
    """

    def __init__(self, work: Callable[[Item], None], depth: int = DEPTH) -> None:
        self._work = work
        self._waiting: BoundedQueue[Item | _End] = BoundedQueue(depth)
        self._error: BaseException | None = None
        self._dropped = threading.Event()
        self._thread = threading.Thread(target=self._run, name="hipform-background", daemon=True)

    def put(self, item: Item) -> None:
        """Add *item*, waiting while the queue is full."""
        while True:
            if self._error:
                raise self._error
            raise_if_interrupted()
            if self._waiting.put(item, NOTICED_EVERY_S):
                return

    def _run(self) -> None:
        while not isinstance(item := self._waiting.get(), _End):
            if self._error or self._dropped.is_set():
                continue
            try:
                self._work(item)
            except BaseException as error:  # noqa: BLE001 - passed on to the producer, whatever it is
                self._error = error

    def __enter__(self) -> Self:
        self._thread.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is not None:
            self._dropped.set()
        self._waiting.put(_End())
        self._thread.join()
        if kind is None and self._error:
            raise self._error


class Newest(Generic[Item]):
    """A slot for one item between two threads: a new item replaces one that has not been taken yet.

    A slow consumer thus always gets the newest item and never falls behind. Iterating takes the items and ends when the
    slot is closed and empty; if it was closed with an error, that error is raised after the last item.

    Attributes
    ----------
    dropped
        Items that were replaced before they were taken.
    """

    def __init__(self) -> None:
        self.dropped = 0
        self._changed = threading.Condition()
        self._waiting: list[Item] = []
        self._closed = False
        self._error: BaseException | None = None

    def put(self, item: Item) -> None:
        """Store *item*, replacing one that still waits; has no effect once closed."""
        with self._changed:
            if self._closed:
                return
            self.dropped += len(self._waiting)
            self._waiting = [item]
            self._changed.notify_all()

    def wait_until_taken(self) -> None:
        """Wait until the item has been taken or the slot is closed, for a source that can wait."""
        with self._changed:
            self._changed.wait_for(lambda: self._closed or not self._waiting)

    def take(self, timeout_s: float | None = None) -> Item | None:
        """Take the item, waiting for it; ``None`` after *timeout_s* without one, or when closed and empty.

        If the slot was closed with an error, that error is raised once it is empty.
        """
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self._waiting, timeout_s)
            if self._waiting:
                item = self._waiting.pop()
                self._changed.notify_all()
                return item
            if self._error:
                raise self._error
            return None

    @property
    def over(self) -> bool:
        """Whether the slot is closed and empty."""
        with self._changed:
            return self._closed and not self._waiting

    def close(self, error: BaseException | None = None) -> None:
        """Accept no more items; a waiting item can still be taken. Only the first *error* is kept."""
        with self._changed:
            self._closed = True
            self._error = self._error or error
            self._changed.notify_all()

    def __iter__(self) -> Iterator[Item]:
        """Yield items until the slot is closed and empty."""
        while (item := self.take()) is not None:
            yield item
