"""The job of a worker, local or remote: one clip, from its file to a delivered results folder."""

from __future__ import annotations

import os
import re
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path

from hipform.app.task_progress import Progress
from hipform.batch.inputs import ClipInput
from hipform.batch.remote_files import fetch, is_address
from hipform.batch.result_store import ResultStore
from hipform.batch.run_records import Cell, Failure
from hipform.errors import MEMORY_EXIT_CODE, OUT_OF_MEMORY, HipformError, is_out_of_memory, one_line
from hipform.render import shrunk
from hipform.report.index_page import IndexRow, index_row, write_thumbnail
from hipform.report.result import AnalysisResult, rep_rows
from hipform.report.result_folder import ResultFolder
from hipform.temporary_folders import make_temporary_folder, remove_temporary_folder
from hipform.texts import english


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One clip to be processed by a worker.

    Attributes
    ----------
    name
        Name of its results folder.
    clip, store
        The clip to analyse, and the store for the results.
    jobs
        Number of landmark processes; 0 uses the worker itself.
    """

    name: str
    clip: ClipInput
    store: ResultStore
    jobs: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """The result that a worker returns.

    Attributes
    ----------
    delivered
        Return value of `ResultStore.deliver`.
    result
        The result of the analysis.
    row, reps
        See `hipform.batch.run_records.RunRecord`.
    """

    delivered: str
    result: AnalysisResult
    row: IndexRow
    reps: tuple[Mapping[str, Cell], ...]


_SEP = re.escape(os.sep)
Outcome = Done | Failure
ClipFunction = Callable[[Task, Path, Progress], Done]
"""Analyses a clip in a temporary folder and reports its progress; raises `HipformError` if it fails."""


def analyse_clip(task: Task, temporary: Path, progress: Progress) -> Done:
    """Analyse one clip and deliver its results.

    Raises
    ------
    HipformError
        See `hipform.app.analyze`; nothing is delivered in that case.
    """
    scratch, source = make_temporary_folder(temporary), task.clip.source
    folder, done = scratch / "result", None
    try:
        path = fetch(source, scratch) if is_address(source) else Path(source)
        result = task.clip.analysis.run(path, folder, progress, jobs=task.jobs)
        done = delivered(task, folder, result)
        return done
    finally:
        if done is None or done.delivered != str(folder):
            remove_temporary_folder(scratch)


def delivered(task: Task, folder: Path, result: AnalysisResult) -> Done:
    """Deliver the folder of a finished analysis, after adding a thumbnail."""
    has_thumbnail = write_thumbnail(ResultFolder(folder, result), shrunk)
    return Done(
        delivered=task.store.deliver(folder, task.name),
        result=result,
        row=index_row(task.clip.label, result, has_thumbnail=has_thumbnail),
        reps=tuple(_cells(row) for row in rep_rows(result)),
    )


def _cells(row: Mapping[str, object]) -> dict[str, Cell]:
    return {name: value if isinstance(value, str | int | float | None) else str(value) for name, value in row.items()}


def guarded(function: ClipFunction, task: Task, temporary: Path, progress: Progress) -> Outcome:
    """Return the outcome of *function* for a clip; an exception becomes a `Failure`."""
    try:
        return function(task, temporary, progress)
    except HipformError as error:
        return Failure(reason=_as_labelled(str(error), task, temporary), exit_code=error.exit_code)
    except Exception as error:  # noqa: BLE001 - a defect in one clip must not end the others
        if is_out_of_memory(error):
            return Failure(reason=OUT_OF_MEMORY, exit_code=MEMORY_EXIT_CODE)
        cause = f"{type(error).__name__}: {one_line(str(error))}"
        reason = english("a defect in hipform: {cause}. Please report it.", cause=cause)
        return Failure(reason=reason, exit_code=1)


def _as_labelled(reason: str, task: Task, temporary: Path) -> str:
    """Return *reason* with the clip's label instead of its path, which should not appear in shared results."""
    own = reason.replace(one_line(task.clip.source), task.clip.label)
    scratch = re.escape(f"{temporary}{os.sep}") + rf"[\w.-]+{_SEP}"
    # Where its results are made, the folder that they are for says more: users never see the other one.
    own = re.sub(rf"{scratch}result{_SEP}(?:\.hipform-[0-9a-f]+{_SEP})?(?:new{_SEP})?", f"{task.name}{os.sep}", own)
    return re.sub(scratch, "", own)
