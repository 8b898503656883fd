"""Jobs on several supervised child processes, so that a failing job cannot affect the others.

This is own code rather than a library's pool; docs/batch.md compares it with the alternatives.
"""

from __future__ import annotations

import contextlib
import math
import os
import queue
import time
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass
from functools import partial
from typing import Generic, Self, TypeVar

import psutil

from hipform.cgroup_limits import allowed_cores, free_memory_bytes
from hipform.child_process import (
    START_LIMIT_S,
    Answer,
    Began,
    ChildLost,
    PythonChild,
    Raised,
    Reported,
    Returned,
)
from hipform.interruption import NOTICED_EVERY_S, raise_if_interrupted
from hipform.running_children import kill_group
from hipform.stages import BoundedQueue

Job = TypeVar("Job")

_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OPENCV_FOR_THREADS_NUM")
_WAITING_ANSWERS = 64


@dataclass(frozen=True, slots=True)
class TimedOut:
    """The job was ended because it exceeded its time limit or its worker was silent for too long."""


@dataclass(frozen=True, slots=True)
class Stopped:
    """The job was ended on request."""


@dataclass(slots=True)
class _Running(Generic[Job]):
    """A running job, its deadline, and the deadline for the next message of its worker."""

    job: Job
    until_s: float
    silent_until_s: float = math.inf


Outcome = Returned | Raised | ChildLost | TimedOut | Stopped
"""The outcome of a job; a lost job is one whose worker ended during it."""


def free_memory_mb() -> int:
    """Return how much free memory this process may use, MB."""
    return min(int(psutil.virtual_memory().available), free_memory_bytes()) >> 20


def usable_cores() -> int:
    """Return how many cores this process may use at a time, at least one."""
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, math.floor(min(cores, allowed_cores())))


def best_worker_count(worker_mb: int) -> int:
    """Return how many workers, each of which needs *worker_mb*, the cores and memory allow."""
    return max(1, min(usable_cores(), free_memory_mb() // worker_mb))


class WorkerPool(Generic[Job]):
    """Child processes that run one job after another; they stay alive between jobs and between calls of `run`.

    Use as a context manager: leaving it ends all of them. Each uses one thread for numerical libraries.

    Parameters
    ----------
    count
        Maximum number of workers. Fewer are started if memory is short, but at least one.
    limit_s
        How long a job may take after its worker has started.
    worker_mb
        Memory that a worker needs: no worker is started if less is free, and a worker that holds more after a job is
        replaced.
    silence_s
        How long a worker may send no message during a job.
    """

    def __init__(self, count: int, limit_s: float, worker_mb: int, silence_s: float = math.inf) -> None:
        self._count = count
        self._limit_s = limit_s
        self._silence_s = silence_s
        self._worker_mb = worker_mb
        self._answers: BoundedQueue[tuple[PythonChild, Answer]] = BoundedQueue(_WAITING_ANSWERS)
        self._idle: list[PythonChild] = []
        self._busy: dict[PythonChild, _Running[Job]] = {}
        self._to_stop: queue.SimpleQueue[Job] = queue.SimpleQueue()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        children = [*self._idle, *self._busy]
        # All at once first: each takes a moment to die.
        for child in children:
            kill_group(child.process)
        for child in children:
            child.end()
        self._idle.clear()
        self._busy.clear()

    def stop(self, job: Job) -> None:
        """End *job* if it is running; it then has the outcome `Stopped`. Other threads may call this."""
        self._to_stop.put(job)

    def run(
        self,
        jobs: Iterable[Job],
        function: Callable[..., object],
        arguments: Callable[[Job], tuple[object, ...]],
        on_report: Callable[[Job, object], None],
    ) -> Iterator[tuple[Job, Outcome]]:
        """Yield each of *jobs* with its outcome, as they end; jobs start in order.

        Parameters
        ----------
        jobs
            Jobs, taken one by one when a worker is free.
        function, arguments
            The worker calls ``function(report, *arguments(job))``; see `hipform.child_process.PythonChild.begin`.
        on_report
            Called with a job and each message from its worker.
        """
        waiting = iter(jobs)
        is_over = False
        while not is_over or self._busy:
            while not is_over and self._has_free_child():
                job = next(waiting, None)
                if job is None:
                    is_over = True
                else:
                    child = self._free_child()
                    self._busy[child] = _Running(job, time.monotonic() + START_LIMIT_S)
                    child.begin(function, *arguments(job))
            raise_if_interrupted()
            with contextlib.suppress(queue.Empty):
                yield from self._heard(*self._answers.get(NOTICED_EVERY_S), on_report)
            yield from self._late()
            yield from self._stopped()

    def _has_free_child(self) -> bool:
        """Return whether there is a worker that has nothing to do, or may be a new one now."""
        for child in [child for child in self._idle if child.process.poll() is not None]:
            # Ended from outside while it had nothing to do.
            self._idle.remove(child)
            child.end()
        if self._idle:
            return True
        return len(self._busy) < self._count and (not self._busy or free_memory_mb() > self._worker_mb)

    def _free_child(self) -> PythonChild:
        """Return a worker that has nothing to do, a new one if need be."""
        return self._idle.pop() if self._idle else PythonChild(self._answers, dict.fromkeys(_THREADS, "1"))

    def _heard(
        self, child: PythonChild, answer: Answer, on_report: Callable[[Job, object], None]
    ) -> Iterator[tuple[Job, Outcome]]:
        """Handle one answer; yield the job that it ends, if any."""
        if child not in self._busy:
            return
        running = self._busy[child]
        if isinstance(answer, Began):
            running.until_s = time.monotonic() + self._limit_s
            running.silent_until_s = time.monotonic() + self._silence_s
            return
        if isinstance(answer, Reported):
            running.silent_until_s = time.monotonic() + self._silence_s
            on_report(running.job, answer.message)
            return
        del self._busy[child]
        if isinstance(answer, ChildLost) or answer.memory_mb > self._worker_mb:
            child.end()
        else:
            self._idle.append(child)
        yield running.job, answer

    def _late(self) -> Iterator[tuple[Job, Outcome]]:
        now_s = time.monotonic()
        for child, running in list(self._busy.items()):
            if now_s > min(running.until_s, running.silent_until_s):
                del self._busy[child]
                child.end()
                yield running.job, TimedOut()

    def _stopped(self) -> Iterator[tuple[Job, Outcome]]:
        while not self._to_stop.empty():
            job = self._to_stop.get()
            for child in [child for child, running in self._busy.items() if running.job is job]:
                del self._busy[child]
                child.end()
                yield job, Stopped()


class SameProcess(Generic[Job]):
    """Runs jobs one after another in this process, for a process that is itself a child."""

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        pass

    def run(
        self,
        jobs: Iterable[Job],
        function: Callable[..., object],
        arguments: Callable[[Job], tuple[object, ...]],
        on_report: Callable[[Job, object], None],
    ) -> Iterator[tuple[Job, Outcome]]:
        """Run as `WorkerPool.run` does, but raise what *function* raises."""
        for job in jobs:
            yield job, Returned(function(partial(on_report, job), *arguments(job)), 0)
