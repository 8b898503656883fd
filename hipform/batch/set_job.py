"""The job of a worker of the app: the landmarks of one clip, found once, and the verdicts, images and video of them."""

from __future__ import annotations

import contextlib
import shutil
from dataclasses import dataclass, replace
from functools import partial
from pathlib import Path

from hipform.analysis import Section
from hipform.app.analyze_clip import ClipJudging
from hipform.app.corrections import Asked, correct_recording
from hipform.app.judge_again import Correction, judge_again
from hipform.app.landmarks import follow_another, record_landmarks
from hipform.app.task_progress import Progress, share_of
from hipform.batch.clip_job import Done, Task, delivered
from hipform.errors import InputError, NoExerciseError, NoPersonError
from hipform.exercises import AUTO, find_exercise
from hipform.files import NewFile, scratch_folder
from hipform.pose.recording import Recording
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
    poses, person
        Where its landmarks are, or will be, and whom they follow, as of `hipform.app.analyze`.
    earlier
        Its earlier results, whose video and images are kept if the verdicts are still the same, while nothing is
        drawn; ``None`` to find the landmarks, if there are none yet, and to draw.
    """

    correction: Correction
    poses: Path
    person: str
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
    poses, drawing = task.poses, progress
    if task.earlier is None and not has_landmarks(poses, analysis.model):
        finding, drawing = share_of(progress, 0.0, _LANDMARKS_SHARE), share_of(progress, _LANDMARKS_SHARE, 1.0)
        _find_landmarks(task, clip, finding)
    scratch = make_temporary_folder(temporary)
    folder, done = scratch / "result", None
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
            language=analysis.language,
        )
        done = delivered(task, folder, result)
        return done
    finally:
        if done is None:
            remove_temporary_folder(scratch)


def _find_landmarks(task: SetTask, clip: Path, progress: Progress) -> None:
    """Record the landmarks of a clip, upright and at real times as far as the clip itself and the body in it say."""
    analysis, jobs = task.clip.analysis, task.jobs
    model, exercise = analysis.model, analysis.exercise
    sections = None if exercise == AUTO else (Section(exercise=find_exercise(exercise)),)
    with scratch_folder() as folder:
        judging = ClipJudging(folder, Asked(), analysis.settings, analysis.calibrations, sections)
        info = record_landmarks(
            clip, judging.found, model=model, fast=False, jobs=jobs, progress=progress, person=task.person
        )
        if task.person == AUTO:
            # Somebody else may be the lifter, which shows when nothing is counted; the verdicts themselves come later.
            with contextlib.suppress(NoExerciseError, NoPersonError):
                another = partial(follow_another, clip, judging.found, info, model=model, fast=False, jobs=jobs)
                judging.judge_clip(info, another)
        with Recording(judging.found) as found:
            info = replace(found.info, capture_fps=info.capture_fps)
        corrected = correct_recording(judging.found, folder / "corrected.npz", info, Asked())
        with NewFile(task.poses) as new, corrected.open("rb") as file:
            shutil.copyfileobj(file, new.file)


def has_landmarks(poses: Path, model: str) -> bool:
    """Return whether *poses* is a readable recording of landmarks from *model*."""
    if not poses.is_file():
        return False
    try:
        with Recording(poses) as recording:
            return recording.model == model
    except InputError:
        return False
