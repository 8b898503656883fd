"""The steps by which a command changes files, counted in its own process, and how it can be stopped at one of them."""

from __future__ import annotations

import errno
import os
import signal
import sqlite3
import sys
from collections.abc import Callable
from dataclasses import dataclass
from io import FileIO
from pathlib import Path
from typing import Any
from unittest import mock

from hipform.batch.clip_job import analyse_clip
from hipform.report import replacing
from scripts.in_process_engine import InProcessEngine

_CHANGES = frozenset({"os.rename", "os.remove", "os.mkdir", "os.rmdir"})
_WRITING = os.O_WRONLY | os.O_RDWR | os.O_CREAT
_PICTURES = ("rep_01_top.jpg", "rep_01_bottom.jpg")


@dataclass(frozen=True)
class Stop:
    """A way to stop a command.

    Attributes
    ----------
    name
        What happens to it.
    code
        Exit code that the system or the command line gives it then.
    signal
        The signal it gets; ``None`` where the step fails instead.
    error
        Number of the error with which the step fails.
    """

    name: str
    code: int
    signal: int | None = None
    error: int = 0


KILL = Stop("killed", 137, signal.SIGKILL)
INTERRUPT = Stop("interrupted", 130, signal.SIGINT)
DISK_FULL = Stop("disk full", 6, error=errno.ENOSPC)
DISK_BROKEN = Stop("disk broken", 6, error=errno.EIO)


class _Steps:
    """Counts the steps that change something below *folder*, and stops at one."""

    def __init__(self, folder: Path, number: int, stop: Stop | None, tally: Path | None) -> None:
        self._folder = str(folder)
        self._number = number
        self._stop = stop
        self._tally = tally
        self.count = 0
        self.is_paused = False

    def hear(self, event: str, arguments: tuple[Any, ...]) -> None:
        """Take in an audit event of Python."""
        if event in _CHANGES or (event == "open" and arguments[2] & _WRITING):
            if isinstance(arguments[0], int):
                # It is open already.
                return
            path = os.fsdecode(arguments[0])
            # A name without a folder is taken relative to one that is held open.
            if not Path(path).is_absolute() or path.startswith(self._folder):
                self.step()

    def step(self) -> None:
        """Count one, and stop if it is the one."""
        if self.is_paused:
            return
        self.count += 1
        if self._tally:
            # By the number of a file that is open already: this is no step.
            os.pwrite(self._tally_file, str(self.count).encode(), 0)
        if self.count == self._number and self._stop:
            if self._stop.signal:
                os.kill(os.getpid(), self._stop.signal)
            else:
                raise OSError(self._stop.error, os.strerror(self._stop.error))

    def watch(self) -> None:
        """Have every step of this process from now on counted."""
        if self._tally:
            self._tally_file = os.open(self._tally, os.O_WRONLY | os.O_CREAT | os.O_TRUNC)
        sys.addaudithook(self.hear)
        steps = self

        class Written(FileIO):
            def write(self, data: Any) -> int:
                steps.step()
                return super().write(data)

        class Database(sqlite3.Connection):
            def execute(self, sql: str, *values: Any) -> sqlite3.Cursor:
                steps.in_database()
                done = super().execute(sql, *values)
                # A signal may come when it is done, as well as before.
                steps.in_database()
                return done

        plain = sqlite3.connect
        for place in ("hipform.files.FileIO", "hipform.temporary_folders.FileIO"):
            mock.patch(place, Written).start()
        mock.patch("sqlite3.connect", lambda *how, **also: plain(*how, **{**also, "factory": Database})).start()
        mock.patch(
            "hipform.batch.LocalWorkers", lambda _count, _limit_s, work: InProcessEngine(work, analyse_clip)
        ).start()
        mock.patch.object(replacing, "_put_in_place", self._with_pictures(replacing._put_in_place)).start()  # noqa: SLF001

    def in_database(self) -> None:
        """Count a step of SQLite, which reports a failure in its own words."""
        try:
            self.step()
        except OSError as error:
            failure = sqlite3.OperationalError(error.strerror)
            failure.sqlite_errorcode = sqlite3.SQLITE_FULL if error.errno == errno.ENOSPC else sqlite3.SQLITE_IOERR
            raise failure from error

    def _with_pictures(self, plain: Callable[..., None]) -> Callable[..., None]:
        """Return *plain* with key pictures among the results, which a landmark recording alone does not give."""

        def put_in_place(folder: Path, staging: Path, **how: bool) -> None:
            pictures = staging / "new" / "keyframes"
            self.is_paused = True
            pictures.mkdir(exist_ok=True)
            for name in _PICTURES:
                (pictures / name).write_bytes(b"picture")
            self.is_paused = False
            plain(folder, staging, **how)

        return put_in_place


def counted(folder: Path, tally: Path) -> Callable[[], None]:
    """Return what makes a process count its steps into the file *tally*."""
    return _Steps(folder, 0, None, tally).watch


def undisturbed(folder: Path) -> Callable[[], None]:
    """Return what makes a process the same in all else."""
    return _Steps(folder, 0, None, None).watch


def stopped_at(folder: Path, number: int, stop: Stop) -> Callable[[], None]:
    """Return what stops a process at its step *number*."""
    return _Steps(folder, number, stop, None).watch
