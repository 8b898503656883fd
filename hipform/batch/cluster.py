"""Clips on the workers of a Dask cluster, which hands them out, survives the loss of workers, and tries again."""

from __future__ import annotations

import queue
import tempfile
import time
from collections.abc import Iterator, Mapping, Sequence
from pathlib import Path
from types import TracebackType
from typing import TYPE_CHECKING, Any, Self

from hipform.batch.clip import ClipFunction, Outcome, Task, analyse_clip, guarded
from hipform.batch.ledger import Failure
from hipform.batch.workers import Told, over_limit, share_of
from hipform.errors import ConfigError, one_line

if TYPE_CHECKING:
    from distributed import Future

_RETRIES = 2
_TOLD_EVERY_S = 1.0
_LOOK_EVERY_S = 1.0
_TOPIC = "hipform-batch"
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
        try:
            self._client = Client(address, name="hipform-batch")
        except (OSError, ValueError, TimeoutError) as error:
            hint = "Check the address, and that `dask scheduler` runs there."
            raise ConfigError(f"No scheduler answers at {address} ({one_line(str(error))}).", hint) from error
        self._limit_s = time_limit_s
        self._function = function
        self._began: dict[str, tuple[str, float]] = {}

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        # Closing gives up every future, and with that the scheduler the tasks behind them.
        self._client.close()

    def run(self, tasks: Sequence[Task], told: Told) -> Iterator[tuple[Task, Outcome]]:
        """Run *tasks*, begun in their order, and yield each with what became of it, as they end."""
        by_name = {task.name: task for task in tasks}
        ended: queue.SimpleQueue[Future] = queue.SimpleQueue()
        self._client.subscribe_topic(_TOPIC, lambda event: self._hear(event, by_name, told))
        names: dict[str, str] = {}
        futures = {}
        for priority, task in enumerate(tasks):
            future = self._client.submit(
                _on_worker, self._function, task, retries=_RETRIES, pure=False, priority=-priority
            )
            names[future.key], futures[task.name] = task.name, future
            future.add_done_callback(ended.put)
        while futures:
            try:
                name = names[ended.get(timeout=_LOOK_EVERY_S).key]
            except queue.Empty:
                yield from self._given_up(futures, by_name)
                continue
            if future := futures.pop(name, None):
                yield by_name[name], _outcome_of(future)

    def _hear(self, event: tuple[float, Mapping[str, Any]], by_name: Mapping[str, Task], told: Told) -> None:
        _, said = event
        task = by_name.get(said["name"])
        if task is None:
            return
        worker, _ = self._began.get(task.name, ("", 0.0))
        if worker != said["worker"] or said["begins"]:
            self._began[task.name] = said["worker"], time.monotonic()
        told(task, said["share"])

    def _given_up(self, futures: dict[str, Future], by_name: Mapping[str, Task]) -> Iterator[tuple[Task, Outcome]]:
        """Give up the clips that take too long; what else their workers do goes on elsewhere."""
        now_s = time.monotonic()
        for name, (worker, began_s) in list(self._began.items()):
            if name in futures and now_s - began_s > self._limit_s:
                futures.pop(name).cancel()
                # A thread cannot be stopped; its process can.
                self._client.restart_workers([worker], raise_for_error=False)
                yield by_name[name], over_limit(self._limit_s)


def _outcome_of(future: Future) -> Outcome:
    if future.status == "finished":
        outcome: Outcome = future.result()
        return outcome
    reason = future.exception() if future.status == "error" else "it was cancelled"
    return Failure(reason=f"The cluster could not do it: {type(reason).__name__}: {one_line(str(reason))}", exit_code=1)


def _on_worker(function: ClipFunction, task: Task) -> Outcome:
    """Do one clip on a worker of the cluster, telling the scheduler now and then how far it is."""
    from distributed import get_worker  # noqa: PLC0415 - an optional extra

    worker = get_worker()
    told_s = 0.0

    def tell(share: float | None, *, begins: bool = False) -> None:
        worker.log_event(_TOPIC, {"name": task.name, "share": share, "worker": worker.address, "begins": begins})

    def progress(t_s: float, duration_s: float | None) -> None:
        nonlocal told_s
        now_s = time.monotonic()
        if now_s - told_s >= _TOLD_EVERY_S:
            told_s = now_s
            tell(share_of(t_s, duration_s))

    tell(None, begins=True)
    with tempfile.TemporaryDirectory(prefix="hipform-batch-", dir=worker.local_directory) as temporary:
        return guarded(function, task, Path(temporary), progress)
