"""Clips on all cores of this machine: a process for each, so that no clip can take the others with it."""

from __future__ import annotations

import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from hipform.app.task_progress import Progress
from hipform.batch.clip_job import ClipFunction, Outcome, Task, analyse_clip, guarded
from hipform.batch.core_shares import CoreShares
from hipform.batch.run_records import Failure, WorkerLost
from hipform.child_process import ChildLost, ChildLostError, Raised, Tell, describe_exit
from hipform.errors import BatchError
from hipform.temporary_folders import make_temporary_folder, remove_temporary_folder
from hipform.worker_pool import Outcome as JobOutcome
from hipform.worker_pool import TimedOut, WorkerPool, best_worker_count, usable_cores

WORKER_MB = 600
"""Most memory that a worker needs; one that holds more after a clip is replaced by a fresh one."""
_TOLD_EVERY_S = 0.2
_FROM_OUTSIDE = frozenset({"SIGHUP", "SIGKILL", "SIGTERM"})
"""Signals that a process does not bring about by itself; not every system has all of them."""


class OnProgress(Protocol):
    """Hears how far a clip is: its share from 0 to 1, ``None`` where its length is not known."""

    def __call__(self, task: Task, share: float | None) -> None:
        """Hear it."""
        ...


class Engine(Protocol):
    """Runs tasks somewhere; a context manager, so that nothing goes on running when a batch ends."""

    def run(self, tasks: Sequence[Task], on_progress: OnProgress) -> Iterator[tuple[Task, Outcome]]:
        """Run *tasks*, begun in their order, and yield each with what became of it, as they end."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def share_of(t_s: float, duration_s: float | None) -> float | None:
    """Return how much of a clip is done."""
    return min(1.0, max(0.0, t_s / duration_s)) if duration_s else None


def over_limit(limit_s: float) -> Failure:
    """Return why a clip was given up that took too long."""
    error = BatchError(f"It was not done after {limit_s / 60:g} minutes.", "--time-limit gives it longer.")
    return Failure(reason=str(error), exit_code=error.exit_code)


def best_count() -> int:
    """Return how many workers this machine has cores and memory for."""
    return best_worker_count(WORKER_MB)


@dataclass(frozen=True, slots=True)
class _ClipInRoom:
    """A clip, and its folder for temporary files, which goes when the clip is done, however it ends."""

    task: Task
    room: Path


class LocalWorkers:
    """Run clips in processes of this machine.

    Use as a context manager: leaving it ends all of them. They stay warm from one clip to the next.

    Parameters
    ----------
    count
        Most of them at a time. Fewer are started where memory is short.
    time_limit_s
        How long a clip may take.
    work
        Folder for temporary files.
    function
        What is done with a clip.
    """

    def __init__(self, count: int, time_limit_s: float, work: Path, function: ClipFunction = analyse_clip) -> None:
        self._limit_s = time_limit_s
        self._work = work
        self._function = function
        self._rooms: set[Path] = set()
        self._pool: WorkerPool[_ClipInRoom] = WorkerPool(count, time_limit_s, WORKER_MB)
        self._cores = CoreShares(usable_cores(), count)
        self._n_waiting = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.__exit__(kind, error, trace)
        for room in list(self._rooms):
            self._clear(room)

    def run(self, tasks: Sequence[Task], on_progress: OnProgress) -> Iterator[tuple[Task, Outcome]]:
        """Run *tasks*, begun in their order, and yield each with what became of it, as they end."""

        def on_told(clip: _ClipInRoom, share: object) -> None:
            on_progress(clip.task, share if isinstance(share, float) else None)

        self._n_waiting = len(tasks)
        jobs = (self._in_room(task) for task in tasks)
        for clip, outcome in self._pool.run(jobs, _do_clip, self._arguments, on_told):
            self._cores.give_back(clip.task.name)
            yield clip.task, self._outcome_of(outcome)
            # Only now: what was delivered has been renamed from there.
            self._clear(clip.room)

    def _in_room(self, task: Task) -> _ClipInRoom:
        room = make_temporary_folder(self._work)
        self._rooms.add(room)
        return _ClipInRoom(task, room)

    def _clear(self, room: Path) -> None:
        self._rooms.discard(room)
        remove_temporary_folder(room)

    def _arguments(self, clip: _ClipInRoom) -> tuple[object, ...]:
        n_cores = self._cores.take(clip.task.name, self._n_waiting)
        self._n_waiting -= 1
        # A worker that has one core only finds the landmarks itself: nothing needs to be started for each clip.
        return self._function, replace(clip.task, jobs=n_cores if n_cores > 1 else 0), clip.room

    def _outcome_of(self, outcome: JobOutcome) -> Outcome:
        match outcome:
            case TimedOut():
                return over_limit(self._limit_s)
            case ChildLost(error):
                return _lost(error)
            case Raised(error):
                # `guarded` catches what a clip does wrong; this is a worker that cannot even begin.
                raise error
        found: Outcome = outcome.value  # type: ignore[assignment] # what `guarded` returns
        return found


def _lost(error: ChildLostError) -> Failure:
    """Return why a clip was lost with its worker."""
    how = describe_exit(error.exit_code)
    if how in _FROM_OUTSIDE:
        reason = f"Its worker was ended from outside ({how}), as systems do that run out of memory."
        return WorkerLost(reason=reason, exit_code=1)
    reason = f"Its worker ended in mid-clip ({how}): a crash in a native library, or too little memory."
    return Failure(reason=reason, exit_code=1)


# ------------------------------------------------------------------------------------------------------ in the worker


def _do_clip(tell: Tell, function: ClipFunction, task: Task, room: Path) -> Outcome:
    # Where a killed worker's leftovers are found and removed.
    tempfile.tempdir = str(room)
    return guarded(function, task, room, _teller(tell))


def _teller(tell: Tell) -> Progress:
    """Return a progress that speaks now and then only."""
    told_s = 0.0

    def progress(t_s: float, duration_s: float | None) -> None:
        nonlocal told_s
        now_s = time.monotonic()
        if now_s - told_s >= _TOLD_EVERY_S:
            told_s = now_s
            tell(share_of(t_s, duration_s))

    return progress
