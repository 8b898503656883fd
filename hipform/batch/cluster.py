"""Clips on the workers of a Dask cluster, which hands them out, survives the loss of workers, and tries again."""

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
    """Run clips on a Dask cluster that is there already; a context manager, which ends what it has begun there.

    Parameters
    ----------
    address
        Of its scheduler, such as ``tcp://host:8786``.
    time_limit_s, function
        As for `hipform.batch.workers.LocalWorkers`.

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
        # The outcome of its clips reports a scheduler that goes away; Dask's own threads print tracebacks of it.
        # It gives some of its loggers levels of their own.
        for name in [*logging.root.manager.loggerDict, "tornado.application"]:
            if name.startswith(("distributed", "tornado.application")):
                logging.getLogger(name).setLevel(logging.CRITICAL)
        try:
            self._client = Client(address, name="hipform-batch")
        # TypeError: an address with encryption, where Dask's own settings name no certificates.
        except (OSError, TypeError, ValueError) as error:
            hint = "Check the address, and that `dask scheduler` runs there."
            raise ConfigError(f"No scheduler answers at {address} ({one_line(str(error))}).", hint) from error
        self._limit_s = time_limit_s
        self._function = function

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Closing gives up every future, and with that the scheduler the tasks behind them.
        self._client.close()

    def run(self, tasks: Sequence[Task], on_progress: OnProgress) -> Iterator[tuple[Task, Outcome]]:
        """Run *tasks*, begun in their order, and yield each with what became of it, as they end."""
        # Both come from threads of the client; they are taken here, one after the other.
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
                # Of a clip that is over, or given up, something may still be said.
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
        """End a clip that takes too long; what else its worker does goes on elsewhere."""
        late.future.cancel()
        # A thread cannot be stopped; its process can. A worker that is gone meanwhile is not known any more, and one
        # without a nanny to start it again is left at its clip.
        with contextlib.suppress(KeyError, ValueError):
            self._client.restart_workers([late.worker], raise_for_error=False)


class _Said(TypedDict):
    """What a worker says of a clip.

    Attributes
    ----------
    key
        Of the task's future.
    share
        How much of it is done, ``None`` where that is not known.
    worker
        Address of the worker.
    begins
        Whether it begins with the clip just now.
    """

    key: str
    share: float | None
    worker: str
    begins: bool


@dataclass(slots=True)
class _Running:
    """A task on the cluster, and where and since when it runs: for ever in the future while it waits."""

    task: Task
    future: Future
    worker: str = ""
    began_s: float = math.inf

    def hear(self, said: _Said, on_progress: OnProgress) -> None:
        """Take in what a worker says of the task."""
        if said["begins"]:
            self.worker, self.began_s = said["worker"], time.monotonic()
        on_progress(self.task, said["share"])


def _outcome_of(future: Future) -> Outcome:
    from distributed import KilledWorker  # noqa: PLC0415 - an optional extra

    if future.status == "finished":
        outcome: Outcome = future.result()
        return outcome
    error = future.exception() if future.status == "error" else None
    reason = f"{type(error).__name__}: {one_line(str(error))}" if error else "it was cancelled there"
    # What goes wrong with a clip comes back as an outcome. All else is the cluster's, unless one worker after the other
    # has died at this clip.
    kind = Failure if isinstance(error, KilledWorker) else WorkerLost
    return kind(reason=f"The cluster could not do it: {reason}", exit_code=1)


def _on_worker(function: ClipFunction, task: Task, topic: str) -> Outcome:
    """Do one clip on a worker of the cluster, telling the scheduler now and then how far it is."""
    from distributed import get_worker  # noqa: PLC0415 - an optional extra

    worker = get_worker()
    key = str(worker.get_current_task())
    told_s = 0.0

    def tell(share: float | None, *, begins: bool = False) -> None:
        worker.log_event(topic, _Said(key=key, share=share, worker=worker.address, begins=begins))

    def progress(t_s: float, duration_s: float | None) -> None:
        nonlocal told_s
        now_s = time.monotonic()
        if now_s - told_s >= _TOLD_EVERY_S:
            told_s = now_s
            tell(share_of(t_s, duration_s))

    tell(None, begins=True)
    with tempfile.TemporaryDirectory(prefix="hipform-batch-", dir=worker.local_directory) as temporary:
        return guarded(function, task, Path(temporary), progress)
