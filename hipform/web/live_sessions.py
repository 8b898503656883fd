"""Live training in the browser, seen from the server: a child process films, and what it filmed becomes a set."""

from __future__ import annotations

import contextlib
import logging
import math
import queue
import threading
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from pydantic import TypeAdapter

from hipform.app.browser_training import BrowserTraining, Recorded, Taken, train_in_browser
from hipform.batch.library import Library, LibrarySet, Order
from hipform.child_process import Began, ChildLost, PythonChild, Raised, Reported, Returned
from hipform.errors import HipformError, InputError
from hipform.files import make_folder, write_whole
from hipform.render import Command
from hipform.report.result import FILES
from hipform.temporary_folders import make_temporary_folder, remove_temporary_folder
from hipform.texts import english
from hipform.validation import ContentError, read_bounded, validate_json
from hipform.video.pushed_camera import PushedFrame
from hipform.web.limits import MAX_FRAMES_WAITING

_log = logging.getLogger(__name__)

_LOOK_EVERY_S = 0.2
_END_LIMIT_S = 30.0
"""How long a training that is to end may take to write what it has."""
_ORDER, _FILMED = "order.json", "filmed"
_MAX_ORDER_BYTES = 100_000
_ADAPTER = TypeAdapter(Order)

MessageListener = Callable[[object], None]
"""Receives the messages of `hipform.app.browser_training`, then the `Ended`; called in a thread of the session."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """The end of a training.

    Attributes
    ----------
    entry
        The new set of the library; ``None`` if nothing was filmed.
    problem
        Why it ended before its user wanted; empty if it did not.
    """

    entry: LibrarySet | None
    problem: str = ""


class LiveSessions:
    """The one training that may run at a time.

    Parameters
    ----------
    library
        Takes what was filmed.
    on_new_set
        Called when the library has a new set.
    """

    def __init__(self, library: Library, on_new_set: Callable[[], None]) -> None:
        self._library = library
        self._on_new_set = on_new_set
        self._folder = library.root / "live"
        self._lock = threading.Lock()
        self._running: LiveSession | None = None
        self._thread: threading.Thread | None = None
        make_folder(self._folder)

    def keep_what_was_filmed(self) -> None:
        """Take into the library what trainings had recorded when the app was killed; call when none runs.

        Raises
        ------
        OutputError
            If it cannot be moved.
        """
        for folder in sorted(self._folder.iterdir()):
            with contextlib.suppress(OSError, ContentError):
                order = validate_json(_ADAPTER, read_bounded(folder / _ORDER, _MAX_ORDER_BYTES))
                _keep(self._library, folder, order)
            remove_temporary_folder(folder)

    def begin(
        self,
        order: Order,
        asked: BrowserTraining,
        on_message: MessageListener,
    ) -> LiveSession:
        """Begin a training.

        Parameters
        ----------
        order
            What is asked about the set that it becomes.
        asked
            What the page asks for.
        on_message
            Receives its messages.

        Raises
        ------
        InputError
            If another one is running.
        OutputError
            If its folder cannot be written to.
        """
        with self._lock:
            if self._running is not None:
                raise InputError("Another training is running.", "End it in its own page first.")
            folder = make_temporary_folder(self._folder)
            write_whole(folder / _ORDER, order.model_dump_json().encode())
            self._running = LiveSession(asked, folder / _FILMED, on_message)
            work = threading.Thread(target=self._work, args=(self._running, folder, order), name="hipform-training")
            self._thread = work
            work.start()
            return self._running

    def _work(self, session: LiveSession, folder: Path, order: Order) -> None:
        ended = Ended(entry=None, problem=english("a defect in hipform."))
        try:
            recorded, problem = session.run()
            if recorded:
                order = order.model_copy(update={"model": recorded.model, "exercise": recorded.exercise})
            ended = Ended(entry=_keep(self._library, folder, order), problem=problem)
            remove_temporary_folder(folder)
        except HipformError as error:
            # The folder stays, for the next start.
            ended = Ended(entry=None, problem=str(error))
        finally:
            with self._lock:
                self._running = None
            if ended.entry:
                self._on_new_set()
            session.on_message(ended)

    def close(self) -> None:
        """End the training that runs, and wait until it is in the library."""
        if session := self._running:
            session.give(Command.QUIT)
        if self._thread:
            self._thread.join()


def _keep(library: Library, folder: Path, order: Order) -> LibrarySet | None:
    """Move what was filmed into the library."""
    recording, poses = (folder / _FILMED / FILES[name] for name in ("recording", "poses"))
    if not recording.is_file():
        return None
    return library.add(order, recording, poses if poses.is_file() else None)


class LiveSession:
    """One training and the child process that films it.

    Parameters
    ----------
    asked, folder
        See `hipform.app.browser_training.train_in_browser`.
    on_message
        Receives the messages.

    Attributes
    ----------
    is_over
        Whether it takes no frames any more.
    """

    def __init__(self, asked: BrowserTraining, folder: Path, on_message: MessageListener) -> None:
        self.on_message = on_message
        self.is_over = False
        self._n_sent = self._n_taken = 0
        self._until_s = math.inf
        self._child = PythonChild()
        self._child.begin(train_in_browser, asked, folder)

    @property
    def is_behind(self) -> bool:
        """Whether frames wait for the child, so that the page has to wait as well."""
        return self._n_sent > self._n_taken

    def push(self, frame: PushedFrame) -> bool:
        """Hand a frame to the child; return whether that was done, and not too many are waiting."""
        if self._n_sent - self._n_taken >= MAX_FRAMES_WAITING:
            return False
        self._n_sent += 1
        self._child.send(frame)
        return True

    def give(self, command: Command) -> None:
        """Hand a command to the child; what was filmed is kept after the one to quit."""
        self._child.send(command)
        if command is Command.QUIT:
            self._until_s = min(self._until_s, time.monotonic() + _END_LIMIT_S)

    def run(self) -> tuple[Recorded | None, str]:
        """Film until the end; return what was recorded, and why it ended if nobody wanted that."""
        try:
            return self._run()
        finally:
            self.is_over = True

    def _run(self) -> tuple[Recorded | None, str]:
        with self._child:
            while time.monotonic() < self._until_s:
                try:
                    answer = self._child.answers.get(_LOOK_EVERY_S)[1]
                except queue.Empty:
                    continue
                match answer:
                    case Returned(value):
                        assert isinstance(value, Recorded)
                        return value, ""
                    case Raised(error):
                        return None, _reason(error)
                    case ChildLost(lost):
                        return None, english("The process that films has ended ({cause}).", cause=lost)
                    case Began():
                        pass
                    case Reported(Taken()):
                        self._n_taken += 1
                        self.on_message(Taken())
                    case Reported(message):
                        self.on_message(message)
        return None, english("It did not end in time.")


def _reason(error: BaseException) -> str:
    if isinstance(error, HipformError):
        return str(error)
    _log.error("live training: %r", error)
    return english("a defect in hipform: {cause}. Please report it.", cause=type(error).__name__)
