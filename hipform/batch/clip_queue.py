"""The queue of the app: one clip after another on all cores, and a lane of its own for verdicts from landmarks."""

from __future__ import annotations

import contextlib
import logging
import threading
import time
from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from enum import StrEnum
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self

from hipform.batch.clip_job import Done, Outcome, Task
from hipform.batch.clip_options import Analysis
from hipform.batch.inputs import ClipInput
from hipform.batch.library import UNDRAWN, Library, LibrarySet
from hipform.batch.publishing import OutcomePublisher
from hipform.batch.run_records import Failure, WorkerLost
from hipform.batch.set_job import SetTask, has_landmarks
from hipform.batch.workers import Engine
from hipform.config import Settings
from hipform.errors import HipformError
from hipform.interruption import Interrupted
from hipform.store import kept_calibrations

_log = logging.getLogger(__name__)

_LOOK_EVERY_S = 0.2
_MOST_LOSSES = 2
"""How often a clip whose worker was lost is tried again by itself; then its user decides."""
_FIRST_SHARE = 0.03
"""How much of a clip must be done before its time left is estimated."""


class State(StrEnum):
    """What a set of the library is at."""

    WAITING = "waiting"
    RUNNING = "running"
    DONE = "done"
    FAILED = "failed"
    CANCELLED = "cancelled"


@dataclass(frozen=True, slots=True, kw_only=True)
class SetState:
    """The present state of a set.

    Attributes
    ----------
    state
        The state.
    share
        Completed share, 0 to 1, while it is running and that is known.
    left_s
        Estimated time until it is done, seconds; ``None`` if that is not known.
    reason
        Why it failed.
    is_drawing
        Whether its verdicts are ready, and only the annotated video is not.
    """

    state: State
    share: float | None = None
    left_s: float | None = None
    reason: str = ""
    is_drawing: bool = False


class StoppableEngine(Engine, Protocol):
    """An engine that can end a running task."""

    def stop(self, name: str) -> None:
        """End the task *name* if it is running."""
        ...


@dataclass(slots=True)
class _Run:
    """A task that is running."""

    task: SetTask
    started_s: float
    share: float | None = None
    first: tuple[float, float] | None = None

    def report(self, share: float | None) -> None:
        """Note the completed share; the first one shows when the models were loaded."""
        self.share = share
        if share is not None and self.first is None:
            self.first = time.monotonic(), share

    def s_per_share(self) -> float | None:
        """Return the time that the whole clip takes, seconds; ``None`` while that would be a guess of too little."""
        if self.share is None or self.first is None or self.share - self.first[1] < _FIRST_SHARE:
            return None
        return (time.monotonic() - self.first[0]) / (self.share - self.first[1])


class ClipQueue:
    """Analyses what the library has to be analysed; a context manager, so that nothing keeps running after it.

    Parameters
    ----------
    library
        The library, opened.
    engine
        Makes the engine of a lane, given the store's folder for temporary files.
    settings
        Returns the settings to use.
    keeps_clips
        Returns whether clips are kept when their video is drawn.
    keep_history
        Whether sets of named athletes are saved to the history.

    Attributes
    ----------
    version
        Increases whenever a set changes its state.
    """

    def __init__(
        self,
        library: Library,
        engine: Callable[[Path], StoppableEngine],
        settings: Callable[[], Settings],
        *,
        keeps_clips: Callable[[], bool] = lambda: True,
        keep_history: bool = True,
    ) -> None:
        self.version = 0
        self._library = library
        self._settings = settings
        self._keeps_clips = keeps_clips
        self._engines = [engine(library.store.work) for _ in range(2)]
        self._publisher = OutcomePublisher(library.store, keep_history=keep_history)
        self._runs: dict[str, _Run] = {}
        self._losses: dict[tuple[str, str], int] = {}
        self._troubles: dict[tuple[str, str], str] = {}
        self._s_per_byte: float | None = None
        self._is_ending = threading.Event()
        self._news = threading.Condition(library.lock)
        self._lanes = [
            threading.Thread(target=self._work, args=(one,), kwargs={"judges": judges}, name="hipform-lane")
            for one, judges in zip(self._engines, (True, False), strict=True)
        ]

    def __enter__(self) -> Self:
        for lane in self._lanes:
            lane.start()
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._is_ending.set()
        for run in list(self._runs.values()):
            self._stop(run.task.name)
        for lane in self._lanes:
            lane.join()

    # --------------------------------------------------------------------------------------------- what users do

    def notice(self) -> None:
        """Look at the library, which has changed."""
        with self._news:
            self._count_change()

    def cancel(self, name: str) -> None:
        """Cancel the set *name*; what it has of landmarks and results stays."""
        self._library.cancel(name)
        self._stop(name)
        self.notice()

    def delete(self, name: str) -> None:
        """Delete the set *name*; see `Library.delete`."""
        self.cancel(name)
        with self._news:
            # A worker that still writes would bring its folder back.
            self._news.wait_for(lambda: name not in self._runs)
            self._library.delete(name)
        self.notice()

    def _stop(self, name: str) -> None:
        for engine in self._engines:
            engine.stop(name)

    # --------------------------------------------------------------------------------------------- what users see

    def states(self) -> Mapping[str, SetState]:
        """Return the state of every set; the times left follow from the order in which the sets will be done."""
        with self._library.lock:
            found: dict[str, SetState] = {}
            ahead_s: float | None = 0.0
            for entry in reversed(self._library.sets()):
                state = self._state(entry)
                if state.state is State.RUNNING:
                    ahead_s = state.left_s
                elif state.state is State.WAITING:
                    own_s = self._estimate_s(entry)
                    ahead_s = None if ahead_s is None or own_s is None else ahead_s + own_s
                    state = replace(state, left_s=ahead_s)
                found[entry.id] = state
            return found

    def _state(self, entry: LibrarySet) -> SetState:
        run = self._runs.get(entry.id)
        trouble = self._troubles.get((entry.id, entry.order.revision), "")
        if entry.order.is_cancelled:
            return SetState(state=State.CANCELLED)
        if run:
            left_s = _left_s(run)
            return SetState(state=State.RUNNING, share=run.share, left_s=left_s, is_drawing=entry.is_undrawn)
        if entry.is_settled and entry.record:
            failure = entry.record.failure
            return SetState(state=State.FAILED, reason=failure.reason) if failure else SetState(state=State.DONE)
        if trouble:
            return SetState(state=State.FAILED, reason=trouble)
        return SetState(state=State.WAITING, is_drawing=entry.is_undrawn)

    def _estimate_s(self, entry: LibrarySet) -> float | None:
        rate = self._s_per_byte
        for run in self._runs.values():
            if whole_s := run.s_per_share():
                rate = whole_s / max(1, run.task.clip.size)
        return None if rate is None else rate * _size(entry.clip)

    # ----------------------------------------------------------------------------------------------- in the lanes

    def _work(self, engine: StoppableEngine, *, judges: bool) -> None:
        with contextlib.suppress(Interrupted), engine:
            while not self._is_ending.is_set():
                task = self._begin(judges=judges)
                if task is None:
                    continue
                try:
                    for _, outcome in engine.run([task], self._on_progress):
                        self._settle(task, outcome)
                except Exception as error:  # noqa: BLE001 - a defect with one clip must not end the queue
                    _log.exception("a clip of the queue")
                    self._settle(task, Failure(reason=f"a defect in hipform: {error!r}", exit_code=1))

    def _begin(self, *, judges: bool) -> SetTask | None:
        """Return the next task of a lane and note that it runs; wait a moment if there is none."""
        with self._news:
            waiting = [entry for entry in self._library.sets() if self._state(entry).state is State.WAITING]
            # A correction is answered at once, the latest first; clips are analysed in the order of their arrival.
            order = waiting if judges else waiting[::-1]
            entry = next((entry for entry in order if _is_judged_first(entry) is judges), None)
            if entry is None:
                self._news.wait(_LOOK_EVERY_S)
                return None
            try:
                task = self._task(entry, self._library.store.root / entry.id if judges else None)
            except HipformError as error:
                self._troubles[entry.id, entry.order.revision] = str(error)
                self._count_change()
                return None
            self._runs[task.name] = _Run(task, time.monotonic())
            self._count_change()
            return task

    def _count_change(self) -> None:
        """Wake whoever waits for another state of a set; call it with the lock held."""
        self.version += 1
        self._news.notify_all()

    def _task(self, entry: LibrarySet, earlier: Path | None) -> SetTask:
        correction = entry.order.correction
        athlete = correction.training.athlete
        calibrations = tuple(kept_calibrations(athlete)[0]) if athlete else ()
        analysis = Analysis(
            exercise=correction.exercise,
            model=entry.order.model,
            language=entry.order.language,
            settings=self._settings(),
            calibrations=calibrations,
            training=correction.training,
        )
        clip = ClipInput(
            source=str(entry.clip.absolute()),
            label=correction.name,
            size=_size(entry.clip),
            stamp=entry.order.revision,
            analysis=analysis,
        )
        return SetTask(
            name=entry.id,
            clip=clip,
            store=self._library.store,
            correction=correction,
            poses=entry.poses,
            person=entry.order.person,
            earlier=earlier,
        )

    def _on_progress(self, task: Task, share: float | None) -> None:
        with self._library.lock:
            if run := self._runs.get(task.name):
                run.report(share)
            is_unwanted = self._is_unwanted(task)
        if is_unwanted:
            # It was stopped after this lane had taken it and before the engine had started it, which nobody heard.
            self._stop(task.name)

    def _is_unwanted(self, task: Task) -> bool:
        """Return whether nobody waits for the outcome of a task any more; call it with the lock held."""
        return self._is_ending.is_set() or self._library.find(task.name).order.is_cancelled

    def _settle(self, task: SetTask, outcome: Outcome) -> None:
        with self._news:
            run = self._runs.pop(task.name, None)
            self._count_change()
            if run is None or self._is_unwanted(task):
                return
            key = task.name, task.clip.stamp
            if isinstance(outcome, WorkerLost) and self._losses.get(key, 0) < _MOST_LOSSES - 1:
                self._losses[key] = self._losses.get(key, 0) + 1
                return
            if isinstance(outcome, Done) and task.earlier is None:
                self._s_per_byte = (time.monotonic() - run.started_s) / max(1, task.clip.size)
            self._publish(task, outcome)

    def _publish(self, task: SetTask, outcome: Outcome) -> None:
        stamp, entry = task.clip.stamp, self._library.find(task.name)
        is_drawn = isinstance(outcome, Done) and "video" in outcome.result.files
        # Without the clip there is nothing to draw from, and the verdicts are all there will be.
        if isinstance(outcome, Done) and not is_drawn and entry.has_clip:
            stamp += UNDRAWN
        try:
            ended = self._publisher.settle(replace(task, clip=replace(task.clip, stamp=stamp)), outcome)
        except HipformError as error:
            self._troubles[task.name, task.clip.stamp] = str(error)
            return
        if ended.record:
            self._library.note(task.name, ended.record)
            if is_drawn and not self._keeps_clips():
                self._library.drop_clip(task.name)
        elif ended.failure:
            self._troubles[task.name, task.clip.stamp] = ended.failure.reason


def _is_judged_first(entry: LibrarySet) -> bool:
    """Return whether the verdicts come from landmarks that are there, before anything is drawn."""
    return not entry.is_undrawn and has_landmarks(entry.poses, entry.order.model)


def _left_s(run: _Run) -> float | None:
    whole_s = run.s_per_share()
    return None if whole_s is None or run.share is None else whole_s * (1 - run.share)


def _size(path: Path) -> int:
    try:
        return path.stat().st_size
    except OSError:
        return 0
