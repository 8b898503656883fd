"""Clips on all cores of this machine: a process for each, watched over, so that no clip can take the others with it.

Own processes rather than a pool of the standard library: one clip that crashes breaks such a pool, and it has no way to
end one that hangs.
"""

from __future__ import annotations

import multiprocessing
import os
import signal
import tempfile
import threading
import time
from collections import deque
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from multiprocessing.connection import Connection, wait
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

import psutil

from hipform.app.progress import Progress
from hipform.batch.clip_job import ClipFunction, Outcome, Task, analyse_clip, guarded
from hipform.batch.result_store import new_room, remove_tree
from hipform.batch.run_records import Failure, Lost
from hipform.errors import BatchError

WORKER_MB = 600
"""Most memory that a worker needs; one that holds more after a clip is replaced by a fresh one."""
_THREADS = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "OPENCV_FOR_THREADS_NUM")
_TOLD_EVERY_S = 0.2
_LOOK_EVERY_S = 0.2
_PATIENCE_S = 2.0
_FROM_OUTSIDE = frozenset({"SIGHUP", "SIGKILL", "SIGTERM"})
"""Signals that a process does not bring about by itself; not every system has all of them."""


class Told(Protocol):
    """Hears how far a clip is: its share from 0 to 1, ``None`` where its length is not known."""

    def __call__(self, task: Task, share: float | None) -> None:
        """Hear it."""
        ...


class Engine(Protocol):
    """Runs tasks somewhere; a context manager, so that nothing goes on running when a batch ends."""

    def run(self, tasks: Sequence[Task], told: Told) -> Iterator[tuple[Task, Outcome]]:
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
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    return max(1, min(cores, _free_mb() // WORKER_MB))


def _free_mb() -> int:
    return int(psutil.virtual_memory().available) >> 20


# ------------------------------------------------------------------------------------------------------ in the worker


def _serve(line: Connection, function: ClipFunction, temporary: Path) -> None:
    """Do one task after the other until the batch ends, however that ends."""
    # Ctrl-C reaches every process of a terminal: the batch alone decides what ends.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, signal.SIG_DFL)
    parent = multiprocessing.parent_process()
    assert parent is not None
    threading.Thread(target=_end_with, args=(parent.sentinel,), daemon=True).start()
    # Where a killed worker's leftovers are found and removed.
    tempfile.tempdir = str(temporary)
    while True:
        task: Task = line.recv()
        outcome = guarded(function, task, temporary, _teller(line))
        line.send((outcome, psutil.Process().memory_info().rss >> 20))


def _end_with(sentinel: int) -> None:
    wait([sentinel])
    os._exit(1)


def _teller(line: Connection) -> Progress:
    """Return a progress that speaks now and then only."""
    told_s = 0.0

    def tell(t_s: float, duration_s: float | None) -> None:
        nonlocal told_s
        now_s = time.monotonic()
        if now_s - told_s >= _TOLD_EVERY_S:
            told_s = now_s
            line.send(share_of(t_s, duration_s))

    return tell


# ------------------------------------------------------------------------------------------------------- in the parent


@dataclass(slots=True)
class _Running:
    """A task in a worker, and when it must be done."""

    task: Task
    until_s: float


class _Worker:
    """A process that does one clip after the other."""

    def __init__(self, function: ClipFunction, work: Path) -> None:
        # Not forked: a fork takes over threads' locks, and pictures it never needs.
        context = multiprocessing.get_context("spawn")
        self.line, theirs = context.Pipe()
        self._temporary = new_room(work)
        self.process = context.Process(target=_serve, args=(theirs, function, self._temporary), daemon=True)
        with _environment(dict.fromkeys(_THREADS, "1")):
            self.process.start()
        theirs.close()
        self.running: _Running | None = None
        self.is_full = False

    def begin(self, task: Task, limit_s: float) -> None:
        """Hand over a clip."""
        self.running = _Running(task, time.monotonic() + limit_s)
        self.line.send(task)

    def end(self) -> None:
        """End the process, whatever it is doing, and remove what it left."""
        self.process.kill()
        self.process.join()
        self.line.close()
        remove_tree(self._temporary)

    def death(self) -> Failure:
        """Return why a clip was lost with its worker."""
        self.process.join(_PATIENCE_S)
        code = self.process.exitcode
        how = f"exit code {code}"
        if code is not None and code < 0:
            how = signal.Signals(-code).name
        if how in _FROM_OUTSIDE:
            reason = f"Its worker was ended from outside ({how}), as systems do that run out of memory."
            return Lost(reason=reason, exit_code=1)
        reason = f"Its worker ended in mid-clip ({how}): a crash in a native library, or too little memory."
        return Failure(reason=reason, exit_code=1)


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
        self._count = count
        self._limit_s = time_limit_s
        self._work = work
        self._function = function
        self._workers: list[_Worker] = []

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        while self._workers:
            self._workers.pop().end()

    def run(self, tasks: Sequence[Task], told: Told) -> Iterator[tuple[Task, Outcome]]:
        """Run *tasks*, begun in their order, and yield each with what became of it, as they end."""
        waiting = deque(tasks)
        while waiting or any(worker.running for worker in self._workers):
            self._hand_out(waiting)
            wait([worker.line for worker in self._workers if worker.running], _LOOK_EVERY_S)
            for worker in [one for one in self._workers if one.running]:
                assert worker.running is not None
                task = worker.running.task
                outcome = self._heard(worker, told)
                if outcome is not None:
                    worker.running = None
                    yield task, outcome

    def _hand_out(self, waiting: deque[Task]) -> None:
        for worker in [one for one in self._workers if not one.running]:
            if not worker.process.is_alive() or worker.is_full:
                self._drop(worker)
            elif waiting:
                worker.begin(waiting.popleft(), self._limit_s)
        while waiting and len(self._workers) < self._count and self._has_room():
            worker = _Worker(self._function, self._work)
            self._workers.append(worker)
            worker.begin(waiting.popleft(), self._limit_s)

    def _has_room(self) -> bool:
        return not self._workers or _free_mb() > WORKER_MB

    def _drop(self, worker: _Worker) -> None:
        self._workers.remove(worker)
        worker.end()

    def _heard(self, worker: _Worker, told: Told) -> Outcome | None:
        """Return what became of a worker's clip; ``None`` while it goes on."""
        assert worker.running is not None
        try:
            while worker.line.poll():
                message = worker.line.recv()
                if isinstance(message, tuple):
                    outcome: Outcome
                    outcome, used_mb = message
                    worker.is_full = used_mb > WORKER_MB
                    return outcome
                told(worker.running.task, message)
        except (EOFError, OSError):
            death = worker.death()
            self._drop(worker)
            return death
        if time.monotonic() > worker.running.until_s:
            self._drop(worker)
            return over_limit(self._limit_s)
        return None


@contextmanager
def _environment(values: Mapping[str, str]) -> Iterator[None]:
    """Have *values* in the environment of processes that are started in the block."""
    before = {name: os.environ.get(name) for name in values}
    os.environ.update(values)
    try:
        yield
    finally:
        for name, value in before.items():
            if value is None:
                del os.environ[name]
            else:
                os.environ[name] = value
