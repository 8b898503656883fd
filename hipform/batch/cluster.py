"""Clips on the workers of a Dask cluster, which distributes them, survives the loss of workers, and retries."""

from __future__ import annotations

import contextlib
import logging
import math
import queue
import secrets
import tempfile
import time
from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Self, TypedDict

from hipform.batch.clip_job import ClipFunction, Outcome, Task, analyse_clip, guarded
from hipform.batch.run_records import Failure, WorkerLost
from hipform.batch.workers import OnProgress, over_limit, share_of
from hipform.errors import ConfigError, one_line
from hipform.interruption import NOTICED_EVERY_S, raise_if_interrupted

if TYPE_CHECKING:
    from distributed import Future

_RETRIES = 2
_TOLD_EVERY_S = 1.0
_LOOK_EVERY_S = 1.0
_INSTALL = "Install it with: pip install 'hipform[cluster]'"


class Cluster:
    """Run clips on an existing Dask cluster; a context manager that cancels its tasks at the end.

    Parameters
    ----------
    address
        Address of its scheduler, such as ``tcp://host:8786``.
    time_limit_s, function
        See `hipform.batch.workers.LocalWorkers`.

    Raises
    ------
    ConfigError
        If Dask is not installed or no scheduler answers.
    """

    def __init__(self, address: str, time_limit_s: float, function: ClipFunction = analyse_clip) -> None:
        try:
            from distributed import Client  # noqa: PLC0415 - an optional extra
        except ImportError as error:
            raise ConfigError("--scheduler needs the package distributed.", _INSTALL) from error
        # If the scheduler goes away, the outcomes of its clips report it; Dask's threads would also print tracebacks.
        # Some of them have levels of their own.
        for name in [*logging.root.manager.loggerDict, "tornado.application"]:
            if name.startswith(("distributed", "tornado.application")):
                logging.getLogger(name).setLevel(logging.CRITICAL)
        try:
            self._client = Client(address, name="hipform-batch")
        # TypeError: an address with encryption, but no certificates in Dask's settings.
        except (OSError, TypeError, ValueError) as error:
            hint = "Check the address, and that `dask scheduler` is running there."
            raise ConfigError(f"No scheduler answers at {address} ({one_line(str(error))}).", hint) from error
        self._limit_s = time_limit_s
        self._function = function

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Closing releases every future, so that the scheduler drops their tasks.
        self._client.close()

    def run(self, tasks: Sequence[Task], on_progress: OnProgress) -> Iterator[tuple[Task, Outcome]]:
        """Run *tasks*, started in order, and yield each with its outcome as it ends."""
        # Both come from threads of the client; they are handled here one by one.
        heard: queue.SimpleQueue[tuple[str, _Said] | tuple[str, None]] = queue.SimpleQueue()
        topic = f"hipform-batch-{secrets.token_hex(6)}"
        self._client.subscribe_topic(topic, lambda event: heard.put((event[1]["key"], event[1])))
        running = {}
        for priority, task in enumerate(tasks):
            future = self._client.submit(
                _on_worker, self._function, task, topic, retries=_RETRIES, pure=False, priority=-priority
            )
            running[future.key] = _Running(task, future)
            future.add_done_callback(lambda done: heard.put((done.key, None)))
        checked_s = time.monotonic()
        while running:
            raise_if_interrupted()
            with contextlib.suppress(queue.Empty):
                key, said = heard.get(timeout=NOTICED_EVERY_S)
                # A message may still arrive for a clip that has ended or was given up.
                if said and key in running:
                    running[key].hear(said, on_progress)
                elif one := running.pop(key, None):
                    yield one.task, _outcome_of(one.future)
            if time.monotonic() - checked_s >= _LOOK_EVERY_S:
                checked_s = time.monotonic()
                for late in [one for one in running.values() if checked_s - one.began_s > self._limit_s]:
                    self._give_up(running.pop(late.future.key))
                    yield late.task, over_limit(self._limit_s)

    def _give_up(self, late: _Running) -> None:
        """End a clip that takes too long; other tasks of its worker move to other workers."""
        late.future.cancel()
        # A thread cannot be stopped, but its process can. A worker that has gone meanwhile is no longer known, and a
        # worker without a nanny to restart it is left running.
        with contextlib.suppress(KeyError, ValueError):
            self._client.restart_workers([late.worker], raise_for_error=False)


class _Said(TypedDict):
    """A progress message from a worker about a clip.

    Attributes
    ----------
    key
        Key of the task's future.
    share
        Completed share of the clip; ``None`` if unknown.
    worker
        Address of the worker.
    begins
        Whether the worker has just started the clip.
    """

    key: str
    share: float | None
    worker: str
    begins: bool


@dataclass(slots=True)
class _Running:
    """A task on the cluster, its worker and its start time; the start time is infinite while it waits."""

    task: Task
    future: Future
    worker: str = ""
    began_s: float = math.inf

    def hear(self, said: _Said, on_progress: OnProgress) -> None:
        """Handle a worker's message about the task."""
        if said["begins"]:
            self.worker, self.began_s = said["worker"], time.monotonic()
        on_progress(self.task, said["share"])


def _outcome_of(future: Future) -> Outcome:
    from distributed import KilledWorker  # noqa: PLC0415 - an optional extra

    if future.status == "finished":
        outcome: Outcome = future.result()
        return outcome
    error = future.exception() if future.status == "error" else None
    reason = f"{type(error).__name__}: {one_line(str(error))}" if error else "the task was cancelled"
    # An error in a clip is returned as an outcome. Any other error comes from the cluster, unless several workers have
    # died on this clip.
    kind = Failure if isinstance(error, KilledWorker) else WorkerLost
    return kind(reason=f"The cluster could not run the clip: {reason}", exit_code=1)


def _on_worker(function: ClipFunction, task: Task, topic: str) -> Outcome:
    """Run one clip on a worker of the cluster, reporting its progress to the scheduler at intervals."""
    from distributed import get_worker  # noqa: PLC0415 - an optional extra

    worker = get_worker()
    key = str(worker.get_current_task())
    told_s = 0.0

    def report(share: float | None, *, begins: bool = False) -> None:
        worker.log_event(topic, _Said(key=key, share=share, worker=worker.address, begins=begins))

    def progress(t_s: float, duration_s: float | None) -> None:
        nonlocal told_s
        now_s = time.monotonic()
        if now_s - told_s >= _TOLD_EVERY_S:
            told_s = now_s
            report(share_of(t_s, duration_s))

    report(None, begins=True)
    with tempfile.TemporaryDirectory(prefix="hipform-batch-", dir=worker.local_directory) as temporary:
        return guarded(function, task, Path(temporary), progress)
