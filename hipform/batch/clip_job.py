"""One clip, from its file to a delivered folder: what every worker does, on this machine or another."""

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Task:
    """One clip on its way to a worker.

    Attributes
    ----------
    name
        Folder for its results.
    clip, place
        What to analyse, and where the results go.
    jobs
        Processes that find its landmarks; 0 for the worker itself.
    """

    name: str
    clip: ClipInput
    place: ResultStore
    jobs: int = 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Done:
    """What a worker hands back.

    Attributes
    ----------
    delivered
        As from `ResultStore.deliver`.
    result
        What was found.
    row, reps
        As in `hipform.batch.run_records.RunRecord`.
    """

    delivered: str
    result: AnalysisResult
    row: IndexRow
    reps: tuple[Mapping[str, Cell], ...]


Outcome = Done | Failure
ClipFunction = Callable[[Task, Path, Progress], Done]
"""Analyses a clip in a folder for temporary files, telling its progress; raises `HipformError` where it cannot."""


def analyse_clip(task: Task, temporary: Path, progress: Progress) -> Done:
    """Analyse one clip and deliver its results.

    Raises
    ------
    HipformError
        As `hipform.app.analyze`; nothing is delivered then.
    """
    room, source = make_temporary_folder(temporary), task.clip.source
    folder, done = room / "result", None
    try:
        path = fetch(source, room) if is_address(source) else Path(source)
        result = task.clip.analysis.run(path, folder, progress, jobs=task.jobs)
        done = delivered(task, folder, result)
        return done
    finally:
        if done is None or done.delivered != str(folder):
            remove_temporary_folder(room)


def delivered(task: Task, folder: Path, result: AnalysisResult) -> Done:
    """Deliver the folder of a finished analysis, with a small picture in it."""
    has_thumbnail = write_thumbnail(ResultFolder(folder, result), shrunk)
    return Done(
        delivered=task.place.deliver(folder, task.name),
        result=result,
        row=index_row(task.clip.label, result, has_thumbnail=has_thumbnail),
        reps=tuple(_cells(row) for row in rep_rows(result)),
    )


def _cells(row: Mapping[str, object]) -> dict[str, Cell]:
    return {name: value if isinstance(value, str | int | float | None) else str(value) for name, value in row.items()}


def guarded(function: ClipFunction, task: Task, temporary: Path, progress: Progress) -> Outcome:
    """Return what *function* makes of a clip, or why it could make nothing."""
    try:
        return function(task, temporary, progress)
    except HipformError as error:
        return Failure(reason=_as_labelled(str(error), task, temporary), exit_code=error.exit_code)
    except Exception as error:  # noqa: BLE001 - one clip's defect must not end the others
        if is_out_of_memory(error):
            return Failure(reason=OUT_OF_MEMORY, exit_code=MEMORY_EXIT_CODE)
        reason = f"a defect in hipform: {type(error).__name__}: {one_line(str(error))}. Please report it."
        return Failure(reason=reason, exit_code=1)


def _as_labelled(reason: str, task: Task, temporary: Path) -> str:
    """Return *reason* with the clip's own name: results are passed on, and where it lay is nobody's business."""
    own = reason.replace(one_line(task.clip.source), task.clip.label)
    return re.sub(re.escape(f"{temporary}{os.sep}") + r"[\w.-]+" + re.escape(os.sep), "", own)
