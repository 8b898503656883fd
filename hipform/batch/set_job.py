"""The job of a worker of the app: the landmarks of one clip, found once, and the verdicts, images and video of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hipform.app.judge_again import Correction, judge_again
from hipform.app.landmarks import record_landmarks
from hipform.app.task_progress import Progress, share_of
from hipform.batch.clip_job import Done, Task, delivered
from hipform.errors import InputError
from hipform.pose.recording import Recording
from hipform.report.result import FILES
from hipform.temporary_folders import make_temporary_folder, remove_temporary_folder

_LANDMARKS_SHARE = 0.8
"""Share of the time that landmark detection takes; only for the progress bar."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetTask(Task):
    """One clip of the library to be processed by a worker.

    Attributes
    ----------
    correction
        What the user states about it.
    earlier
        Its earlier results, whose video and images are kept if the verdicts are still the same, while nothing is
        drawn; ``None`` to find the landmarks, if there are none yet, and to draw.
    """

    correction: Correction
    earlier: Path | None = None


def analyse_set(task: Task, temporary: Path, progress: Progress) -> Done:
    """Analyse one clip of the library and deliver its results.

    Raises
    ------
    HipformError
        See `hipform.app.analyze`; nothing is delivered in that case, but landmarks that were found are kept.
    """
    assert isinstance(task, SetTask)
    analysis, clip = task.clip.analysis, Path(task.clip.source)
    poses, drawing = clip.with_name(FILES["poses"]), progress
    if task.earlier is None and not has_landmarks(poses, analysis.model):
        finding, drawing = share_of(progress, 0.0, _LANDMARKS_SHARE), share_of(progress, _LANDMARKS_SHARE, 1.0)
        record_landmarks(clip, poses, model=analysis.model, fast=False, jobs=task.jobs, progress=finding)
    room = make_temporary_folder(temporary)
    folder, done = room / "result", None
    try:
        result = judge_again(
            poses,
            folder,
            task.correction,
            clip=None if task.earlier else clip,
            drawn=task.earlier,
            settings=analysis.settings,
            calibrations=analysis.calibrations,
            progress=drawing,
        )
        done = delivered(task, folder, result)
        return done
    finally:
        if done is None:
            remove_temporary_folder(room)


def has_landmarks(poses: Path, model: str) -> bool:
    """Return whether *poses* is a readable recording of landmarks from *model*."""
    if not poses.is_file():
        return False
    try:
        with Recording(poses) as recording:
            return recording.model == model
    except InputError:
        return False
