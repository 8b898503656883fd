"""Measure a lifter's lockout and neutral low back from a clip."""

from __future__ import annotations

from contextlib import ExitStack
from pathlib import Path

from hipform.analysis import Calibrator
from hipform.analysis.judged_reps import Calibration
from hipform.app.arguments import check_arguments, checked_path
from hipform.app.corrections import Asked, correct_recording
from hipform.app.judge_recording import nobody_in, poses_with_load
from hipform.app.landmarks import record_landmarks
from hipform.app.pose_files import as_recording
from hipform.app.task_progress import Progress, no_progress
from hipform.config import Settings
from hipform.errors import InputError
from hipform.exercises import find_exercise
from hipform.files import scratch_folder
from hipform.kinematics.load import find_load
from hipform.pose.readers.pose_file import PoseFileFacts
from hipform.pose.recording import Recording, is_recording
from hipform.report.result import FILES


def calibrate(  # noqa: PLR0913 - keyword only, one for each option
    path: str | Path,
    *,
    exercise: str,
    model: str = "heavy",
    settings: Settings | None = None,
    progress: Progress | None = None,
    jobs: int | None = None,
    pose_format: str | None = None,
    fps: float | None = None,
    size_px: tuple[int, int] | None = None,
    view_deg: float | None = None,
) -> Calibration:
    """Measure a lifter's full lockout and neutral low back from a clip that shows them.

    Parameters
    ----------
    path
        A clip of clean repetitions, or of the lockout held for three seconds; or the ``poses.npz`` of such a clip, or,
        with *pose_format*, another tool's landmarks of one.
    exercise, model, settings, progress, jobs, pose_format, fps, size_px, view_deg
        See `analyze`; the exercise must be named.

    Raises
    ------
    HipformError
        See `analyze`; `InputError` if the clip is not suitable for calibration.
    """
    check_arguments(exercise=exercise, model=model, settings=settings, progress=progress, jobs=jobs)
    check_arguments(fps=fps, size_px=size_px, view_deg=view_deg)
    path, settings, progress = checked_path(path), settings or Settings(), progress or no_progress
    facts = PoseFileFacts(fps=fps, size_px=size_px, view_off_deg=view_deg)
    with ExitStack() as stack:
        path = stack.enter_context(as_recording(path, pose_format, facts))
        poses, reading = path, progress
        if not is_recording(path):
            scratch, reading = stack.enter_context(scratch_folder()), no_progress
            unturned = scratch / "found.npz"
            info = record_landmarks(path, unturned, model=model, fast=False, jobs=jobs, progress=progress)
            poses = correct_recording(unturned, scratch / FILES["poses"], info, Asked())
        recording = stack.enter_context(Recording(poses))
        calibrator = Calibrator(find_exercise(exercise), recording.info, recording.model, settings)
        seen = False
        for pose in poses_with_load(recording, find_load(recording)):
            calibrator.push(pose)
            seen = seen or pose.found
            reading(pose.t_s, recording.info.duration_s)
        if not seen:
            raise nobody_in(recording.info)
        found = calibrator.finish()
    if isinstance(found, str):
        raise InputError(
            "{clip} cannot be used for calibration: {reason}.",
            "Film clean repetitions, or your lockout held for three seconds, from the side.",
            clip=recording.info.name,
            reason=found,
        )
    return found
