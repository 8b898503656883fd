"""What becomes of a clip's outcome: its results are published, its failure is recorded, its sets enter the history."""

from __future__ import annotations

import contextlib
from dataclasses import dataclass, replace
from pathlib import Path

from hipform.app import keep
from hipform.batch.clip_job import Done, Outcome, Task
from hipform.batch.inputs import ClipInput
from hipform.batch.remote_files import is_address
from hipform.batch.result_store import ResultStore
from hipform.batch.run_records import ClipChanged, Failure, RunRecord, WorkerLost
from hipform.errors import MEMORY_EXIT_CODE, HistoryError, InputError, ModelError, OutputError
from hipform.report.index_page import IndexRow, failed_row
from hipform.report.result import AnalysisResult
from hipform.video.origin import digest

_NOT_THE_CLIPS = frozenset({OutputError.exit_code, ModelError.exit_code, MEMORY_EXIT_CODE})
"""Failures that are not caused by the clip: they are reported but not stored, and the next run retries the clip."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Ended:
    """One clip that the batch has finished.

    Attributes
    ----------
    name
        Name of its results folder.
    row
        Its row in the index.
    failure
        Why there is no result; ``None`` if there is one.
    notes
        Further messages, such as what was saved to the history.
    record
        Its new run record; ``None`` if there is none, because the failure is not caused by the clip.
    """

    name: str
    row: IndexRow
    failure: Failure | None = None
    notes: tuple[str, ...] = ()
    record: RunRecord | None = None


class OutcomePublisher:
    """Publishes the outcomes of clips in a result store.

    Parameters
    ----------
    store
        The result store.
    keep_history
        Whether sets of named athletes are saved to the history.
    """

    def __init__(self, store: ResultStore, *, keep_history: bool) -> None:
        self._store = store
        self._keep_history = keep_history

    def settle(self, task: Task, outcome: Outcome) -> Ended:
        """Publish the results of *task*, or record why there are none."""
        try:
            return self._publish(task, outcome) if isinstance(outcome, Done) else self._note_failure(task, outcome)
        except OutputError as error:
            return self._ended_badly(task, Failure(reason=str(error), exit_code=error.exit_code))

    def keep(self, result: AnalysisResult) -> tuple[bool, tuple[str, ...]]:
        """Save the sets of a named athlete to the history; return whether that was done, and messages about it."""
        if result.training.athlete is None or not self._keep_history:
            return False, ()
        try:
            return True, (keep(result),)
        except HistoryError as error:
            return False, (f"Not saved to the history: {error}",)

    def _publish(self, task: Task, done: Done) -> Ended:
        # The history comes first: if the batch is ended in between, the clip is done again and its sets replace these.
        # In the other order the sets would be missing.
        in_history, notes = self.keep(done.result)
        record = replace(
            _record_of(task, done.row), sha256=done.result.clip.sha256, in_history=in_history, reps=done.reps
        )
        self._store.publish(task.name, done.delivered, record.to_json())
        return Ended(name=task.name, row=done.row, notes=notes, record=record)

    def _note_failure(self, task: Task, failure: Failure) -> Ended:
        ended = self._ended_badly(task, failure)
        if isinstance(failure, WorkerLost | ClipChanged) or failure.exit_code in _NOT_THE_CLIPS:
            return ended
        record = replace(_record_of(task, ended.row), sha256=_digest_of(task.clip), failure=failure)
        self._store.publish_record(task.name, record.to_json())
        return replace(ended, record=record)

    def _ended_badly(self, task: Task, failure: Failure) -> Ended:
        reason = failure.reason
        # A store that cannot be read is reported by the failure itself.
        with contextlib.suppress(OutputError):
            if self._store.has_result(task.name):
                reason = f"{reason} The result of an earlier analysis is still in the folder {task.name}."
        row = failed_row(task.clip.label, task.clip.analysis.training, reason)
        return Ended(name=task.name, row=row, failure=failure)


def _record_of(task: Task, row: IndexRow) -> RunRecord:
    clip = task.clip
    return RunRecord(
        clip=clip.label,
        source=clip.source_digest,
        size=clip.size,
        stamp=clip.stamp,
        asked=clip.analysis.fingerprint,
        row=row,
    )


def _digest_of(clip: ClipInput) -> str | None:
    """Return the digest of a clip that was not analysed; ``None`` if it cannot be read here."""
    if is_address(clip.source):
        return None
    try:
        return digest(Path(clip.source))
    except InputError:
        return None
