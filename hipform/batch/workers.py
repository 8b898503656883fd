"""Clips on all cores of this machine, each in its own process, so that no clip can affect the others."""

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
from hipform.child_process import ChildLost, ChildLostError, Raised, Report, describe_exit
from hipform.errors import INTERRUPTED_EXIT_CODE, BatchError
from hipform.temporary_folders import make_temporary_folder, remove_temporary_folder
from hipform.worker_pool import Outcome as JobOutcome
from hipform.worker_pool import Stopped, TimedOut, WorkerPool, best_worker_count, usable_cores

WORKER_MB = 600
"""Maximum memory that a worker needs; a worker that holds more after a clip is replaced."""
_TOLD_EVERY_S = 0.2
_FROM_OUTSIDE = frozenset({"SIGHUP", "SIGKILL", "SIGTERM"})
"""Signals that a process does not cause itself; not every system has all of them."""


class OnProgress(Protocol):
    """Receives the progress of a clip: its completed share from 0 to 1, ``None`` if its length is unknown."""

    def __call__(self, task: Task, share: float | None) -> None:
        """Receive the progress."""
        ...


class Engine(Protocol):
    """Runs tasks; a context manager, so that nothing keeps running when a batch ends."""

    def run(self, tasks: Sequence[Task], on_progress: OnProgress) -> Iterator[tuple[Task, Outcome]]:
        """Run *tasks*, started in order, and yield each with its outcome as it ends."""
        ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...


def share_of(t_s: float, duration_s: float | None) -> float | None:
    """Return the completed share of a clip."""
    return min(1.0, max(0.0, t_s / duration_s)) if duration_s else None


def over_limit(limit_s: float) -> Failure:
    """Return the failure of a clip that exceeded the time limit."""
    error = BatchError(
        "It did not finish within {min:g} minutes.", "Raise the limit with --time-limit.", min=limit_s / 60
    )
    return Failure(reason=str(error), exit_code=error.exit_code)


def best_count() -> int:
    """Return how many workers this machine has cores and memory for."""
    return best_worker_count(WORKER_MB)


@dataclass(frozen=True, slots=True)
class _ClipInFolder:
    """A clip and its temporary folder, which is removed when the clip ends."""

    task: Task
    scratch: Path


class LocalWorkers:
    """Run clips in processes of this machine.

    Use as a context manager: leaving it ends all of them. They stay alive between clips.

    Parameters
    ----------
    count
        Maximum number of processes. Fewer are started if memory is short.
    time_limit_s
        How long a clip may take.
    work
        Folder for temporary files.
    function
        Function to run on a clip.
    """

    def __init__(self, count: int, time_limit_s: float, work: Path, function: ClipFunction = analyse_clip) -> None:
        self._limit_s = time_limit_s
        self._work = work
        self._function = function
        self._folders: set[Path] = set()
        self._started: dict[str, _ClipInFolder] = {}
        self._pool: WorkerPool[_ClipInFolder] = WorkerPool(count, time_limit_s, WORKER_MB)
        self._cores = CoreShares(usable_cores(), count)
        self._n_waiting = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._pool.__exit__(kind, error, trace)
        for scratch in list(self._folders):
            self._clear(scratch)

    def run(self, tasks: Sequence[Task], on_progress: OnProgress) -> Iterator[tuple[Task, Outcome]]:
        """Run *tasks*, started in order, and yield each with its outcome as it ends."""

        def on_report(clip: _ClipInFolder, share: object) -> None:
            on_progress(clip.task, share if isinstance(share, float) else None)

        self._n_waiting = len(tasks)
        jobs = (self._in_folder(task) for task in tasks)
        for clip, outcome in self._pool.run(jobs, _do_clip, self._arguments, on_report):
            self._cores.give_back(clip.task.name)
            self._started.pop(clip.task.name)
            yield clip.task, self._outcome_of(outcome)
            # Only now, because the delivered results have been renamed from there.
            self._clear(clip.scratch)

    def stop(self, name: str) -> None:
        """End the clip *name* if it is running; its outcome is a failure. Other threads may call this."""
        if clip := self._started.get(name):
            self._pool.stop(clip)

    def _in_folder(self, task: Task) -> _ClipInFolder:
        scratch = make_temporary_folder(self._work)
        self._folders.add(scratch)
        return _ClipInFolder(task, scratch)

    def _clear(self, scratch: Path) -> None:
        self._folders.discard(scratch)
        remove_temporary_folder(scratch)

    def _arguments(self, clip: _ClipInFolder) -> tuple[object, ...]:
        n_cores = self._cores.take(clip.task.name, self._n_waiting)
        self._n_waiting -= 1
        self._started[clip.task.name] = clip
        # A worker with one core finds the landmarks itself, so that no process has to be started for each clip.
        return self._function, replace(clip.task, jobs=n_cores if n_cores > 1 else 0), clip.scratch

    def _outcome_of(self, outcome: JobOutcome) -> Outcome:
        match outcome:
            case TimedOut():
                return over_limit(self._limit_s)
            case ChildLost(error):
                return _lost(error)
            case Stopped():
                return WorkerLost(reason="It was stopped.", exit_code=INTERRUPTED_EXIT_CODE)
            case Raised(error):
                # `guarded` catches errors of a clip; this is a worker that could not even start.
                raise error
        found: Outcome = outcome.value  # type: ignore[assignment] # what `guarded` returns
        return found


def _lost(error: ChildLostError) -> Failure:
    """Return the failure of a clip whose worker was lost."""
    how = describe_exit(error.exit_code)
    if how in _FROM_OUTSIDE:
        reason = f"Its worker was ended from outside ({how}), as happens when memory runs out."
        return WorkerLost(reason=reason, exit_code=1)
    reason = f"Its worker ended during the clip ({how}): a native library crashed, or memory ran out."
    return Failure(reason=reason, exit_code=1)


# ------------------------------------------------------------------------------------------------------ in the worker


def _do_clip(report: Report, function: ClipFunction, task: Task, scratch: Path) -> Outcome:
    # This folder is where the leftovers of a killed worker are found and removed.
    tempfile.tempdir = str(scratch)
    return guarded(function, task, scratch, _progress_reporter(report))


def _progress_reporter(report: Report) -> Progress:
    """Return a progress callback that reports only at intervals."""
    told_s = 0.0

    def progress(t_s: float, duration_s: float | None) -> None:
        nonlocal told_s
        now_s = time.monotonic()
        if now_s - told_s >= _TOLD_EVERY_S:
            told_s = now_s
            report(share_of(t_s, duration_s))

    return progress
