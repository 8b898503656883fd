"""A batch run, from its inputs to its index."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Protocol

from hipform.batch.clip_job import Outcome, Task
from hipform.batch.clip_kinds import clip_kind
from hipform.batch.clip_options import Analysis
from hipform.batch.inputs import ClipInput, Found, find_clips, local_stamp
from hipform.batch.overview import write_index
from hipform.batch.publishing import Ended, OutcomePublisher
from hipform.batch.remote_files import is_address
from hipform.batch.result_store import ResultStore, locked_store, open_store
from hipform.batch.run_records import ClipChanged, Failure, Ledger, RunRecord
from hipform.batch.workers import Engine
from hipform.errors import InputError
from hipform.interruption import finishing, pause
from hipform.report.index_page import IndexRow
from hipform.report.result_folder import checked_result
from hipform.texts import Texts
from hipform.validation import ContentError

_LOOK_EVERY_S = 2.0
_STEADY_LOOKS = 3
"""A file that is unchanged over this many scans has arrived."""


@dataclass(slots=True)
class BatchPlan:
    """The plan of a batch, made before it starts.

    Attributes
    ----------
    tasks
        Clips to process, largest file first, so that the last ones are short and no core waits long.
    done, failed
        Numbers of unchanged clips that were done, or failed, in an earlier run.
    notes
        Messages about files that are ignored.
    """

    tasks: list[Task]
    done: int = 0
    failed: int = 0
    notes: tuple[str, ...] = ()


class ProgressListener(Protocol):
    """Receives the progress of a batch."""

    def on_plan(self, plan: BatchPlan) -> None:
        """Receive the plan."""
        ...

    def on_progress(self, task: Task, share: float | None) -> None:
        """Receive the progress of a clip."""
        ...

    def on_finished(self, task: Task, ended: Ended) -> None:
        """Receive the outcome of a clip."""
        ...

    def on_idle(self) -> None:
        """Receive the news that all clips that have arrived are done and more may come."""
        ...


@dataclass(frozen=True, slots=True, kw_only=True)
class Batch:
    """The request for a batch.

    Attributes
    ----------
    inputs, out
        See `hipform.batch.inputs.find_clips`.
    analysis
        How each clip is analysed.
    engine
        Factory of the engine that runs the clips, given the store's temporary folder.
    retry_failed
        Whether to retry clips that failed before even if nothing about them has changed.
    keep_history
        Whether sets of named athletes are saved to the history.
    """

    inputs: Sequence[str]
    out: str
    analysis: Analysis
    engine: Callable[[Path], Engine]
    retry_failed: bool = False
    keep_history: bool = True


@dataclass(slots=True)
class Outcomes:
    """The outcome of a batch.

    Attributes
    ----------
    ended
        The clips of this run.
    done_before, failed_before
        See `BatchPlan`.
    notes
        Further messages, such as which file could not be written.
    """

    ended: list[Ended] = field(default_factory=list)
    done_before: int = 0
    failed_before: int = 0
    notes: tuple[str, ...] = ()

    @property
    def failed(self) -> int:
        """Number of clips without a result, from this run or an earlier one."""
        return self.failed_before + sum(one.failure is not None for one in self.ended)


def run_batch(batch: Batch, listener: ProgressListener) -> Outcomes:
    """Process the clips that are not done yet, and write the index.

    Raises
    ------
    HipformError
        If an input is invalid or the results cannot be written. A clip that fails does not raise.
    """
    store = open_store(batch.out)
    found = find_clips(batch.inputs, batch.analysis, batch.out)
    if not found.clips:
        hint = " ".join((*found.notes, "Give clips, or folders that contain clips."))
        raise InputError(f"There is no {clip_kind(batch.analysis).title} in {', '.join(batch.inputs)}.", hint)
    outcomes = Outcomes()
    with locked_store(store):
        session = _Session(batch, store, Ledger(store), listener)
        plan = session.plan(found)
        outcomes.done_before, outcomes.failed_before = plan.done, plan.failed
        listener.on_plan(plan)
        try:
            with batch.engine(store.work) as engine:
                outcomes.ended += session.work(engine, plan.tasks)
        finally:
            # Also after an interruption, so that finished clips can be viewed.
            with finishing():
                outcomes.notes = session.write_index()
    return outcomes


def watch(batch: Batch, listener: ProgressListener, look_every_s: float = _LOOK_EVERY_S) -> None:
    """Process the clips that are not done yet, and then new ones as they arrive, for ever.

    The folders are scanned repeatedly, which also works on network shares; a file is processed once it has stopped
    growing.
    """
    store = open_store(batch.out)
    found = find_clips(batch.inputs, batch.analysis, batch.out)
    with locked_store(store), batch.engine(store.work) as engine:
        session = _Session(batch, store, Ledger(store), listener)
        for arrived in _arrivals(batch, found, look_every_s, listener):
            plan = session.plan(arrived)
            listener.on_plan(plan)
            try:
                for _ in session.work(engine, plan.tasks):
                    pass
            finally:
                with finishing():
                    session.write_index()


def _arrivals(batch: Batch, found: Found, look_every_s: float, listener: ProgressListener) -> Iterator[Found]:
    """Yield the clips that are new, or have changed since they were yielded, and have stopped growing."""
    arrivals = _Arrivals()
    reported: frozenset[str] = frozenset()
    while True:
        steady = arrivals.look(found.clips)
        if steady:
            yield replace(found, clips=steady, notes=tuple(note for note in found.notes if note not in reported))
            reported = frozenset(found.notes)
        if arrivals.looks == _STEADY_LOOKS or steady:
            listener.on_idle()
        pause(look_every_s)
        while (again := _found_again(batch)) is None:
            arrivals.lose_all()
            pause(look_every_s)
        found = again


def _found_again(batch: Batch) -> Found | None:
    """Return what is there now; ``None`` if it cannot be read, because a network share is away for a while."""
    try:
        return find_clips(batch.inputs, batch.analysis, batch.out)
    except InputError:
        return None


class _Arrivals:
    """Detects clips that have arrived: new or changed ones that have stopped growing.

    Attributes
    ----------
    looks
        Number of scans so far.
    """

    def __init__(self) -> None:
        self.looks = 0
        self._taken: dict[str, str] = {}
        self._steady: dict[str, tuple[str, int]] = {}

    def look(self, clips: Sequence[ClipInput]) -> tuple[ClipInput, ...]:
        """Return the clips that have arrived and were not returned yet."""
        self.looks += 1
        there = {clip.source for clip in clips}
        self._taken = {source: stamp for source, stamp in self._taken.items() if source in there}
        arrived = []
        for clip in clips:
            stamp, looks = self._steady.get(clip.source, ("", 0))
            looks = looks + 1 if stamp == clip.stamp else 1
            self._steady[clip.source] = clip.stamp, looks
            if looks >= _STEADY_LOOKS and clip.size and self._taken.get(clip.source) != clip.stamp:
                arrived.append(clip)
                self._taken[clip.source] = clip.stamp
        return tuple(arrived)

    def lose_all(self) -> None:
        """Forget what was returned: it is away, and may have been so when it was to be read."""
        self._taken.clear()


class _Session:
    """One result store during a batch."""

    def __init__(self, batch: Batch, store: ResultStore, ledger: Ledger, listener: ProgressListener) -> None:
        self._batch = batch
        self._store = store
        self._ledger = ledger
        self._listener = listener
        self._publisher = OutcomePublisher(store, keep_history=batch.keep_history)
        self._not_kept: dict[str, IndexRow] = {}

    def plan(self, found: Found) -> BatchPlan:
        """Return the plan; save finished clips to the history if they are not in it yet."""
        plan = BatchPlan([], notes=found.notes)
        folders = self._ledger.folders(found.clips)
        for clip in found.clips:
            name = folders[clip.source]
            if not self._ledger.is_done(name, clip):
                plan.tasks.append(Task(name=name, clip=clip, store=self._store))
            elif not self._ledger.has_failed(name):
                plan.done += 1
                self._keep_late(name, clip)
            elif self._batch.retry_failed:
                plan.tasks.append(Task(name=name, clip=clip, store=self._store))
            else:
                plan.failed += 1
        plan.tasks.sort(key=lambda task: -task.clip.size)
        return plan

    def work(self, engine: Engine, tasks: Sequence[Task]) -> Iterator[Ended]:
        """Process *tasks* and yield the outcome of each."""
        for task, outcome in engine.run(tasks, self._listener.on_progress):
            ended = self._settle(task, outcome)
            self._listener.on_finished(task, ended)
            yield ended

    def _settle(self, task: Task, outcome: Outcome) -> Ended:
        self._not_kept.pop(task.name, None)
        if isinstance(outcome, Failure) and _has_changed(task.clip):
            outcome = ClipChanged(reason=outcome.reason, exit_code=outcome.exit_code)
        ended = self._publisher.settle(task, outcome)
        if ended.record:
            self._ledger.note(task.name, ended.record)
        else:
            self._not_kept[task.name] = ended.row
        return ended

    def write_index(self) -> tuple[str, ...]:
        """Write the files that cover all clips; return messages about them."""
        return write_index(self._store, self._not_kept, Texts(self._batch.analysis.language))

    def _keep_late(self, name: str, clip: ClipInput) -> None:
        """Save the sets of a finished clip to the history if an earlier run did not or could not."""
        if clip.analysis.training.athlete is None or not self._batch.keep_history or self._ledger.is_in_history(name):
            return
        try:
            record = RunRecord.from_json(self._store.record(name))
            in_history, _ = self._publisher.keep(checked_result(self._store.result(name)))
        except (InputError, ContentError):  # somebody has changed the result; only the run record is still ours
            return
        if record and in_history:
            self._store.mark(name, replace(record, in_history=True).to_json())


def _has_changed(clip: ClipInput) -> bool:
    """Return whether a clip on this computer is not the file any more that was planned, or is away."""
    return not is_address(clip.source) and local_stamp(Path(clip.source)) != clip.stamp
