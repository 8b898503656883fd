"""Measure a lifter's own lockout and neutral low back from a clip."""

from __future__ import annotations

from contextlib import ExitStack, closing
from pathlib import Path

from hipform.analysis import Calibrator
from hipform.app.judge_recording import nobody_in
from hipform.app.progress import Progress, no_progress
from hipform.config import Settings
from hipform.errors import InputError
from hipform.exercises import find_exercise
from hipform.pose import Landmarker, ModelName, Recording, is_recording
from hipform.stages import prefetch
from hipform.types import Calibration
from hipform.video import VideoFile


def calibrate(
    path: str | Path,
    *,
    exercise: str,
    model: ModelName = "heavy",
    settings: Settings | None = None,
    progress: Progress | None = None,
) -> Calibration:
    """Measure a lifter's own full lockout and neutral low back from a clip that shows them.

    Parameters
    ----------
    path
        A clip of clean repetitions, or of the lockout held for three seconds; or a ``poses.npz`` of one.
    exercise, model, settings, progress
        As for `analyze`; the exercise must be named.

    Raises
    ------
    HipformError
        As for `analyze`; `InputError` when the clip shows nothing to calibrate by.
    """
    path, settings, progress = Path(path), settings or Settings(), progress or no_progress
    with ExitStack() as stack:
        source: VideoFile | Recording
        if is_recording(path):
            source = stack.enter_context(Recording(path))
            model_name, poses = source.model, iter(source)
        else:
            source = stack.enter_context(VideoFile(path))
            landmarker = stack.enter_context(Landmarker(model))
            frames = stack.enter_context(closing(prefetch(source)))
            model_name, poses = model, (landmarker.detect(frame) for frame in frames)
        calibrator = Calibrator(find_exercise(exercise), source.info, model_name, settings)
        seen = False
        for pose in poses:
            calibrator.push(pose)
            seen = seen or pose.found
            progress(pose.t_s, source.info.duration_s)
        if not seen:
            raise nobody_in(source.info)
        found = calibrator.finish()
    if isinstance(found, str):
        raise InputError(
            f"{source.info.name} cannot be calibrated by: {found}.",
            "Film clean repetitions, or your lockout held for three seconds, from the side.",
        )
    return found
