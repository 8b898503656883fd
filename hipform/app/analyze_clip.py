"""Analyse a clip in three stages - landmarks, judging, drawing - or judge a landmark recording again."""

from __future__ import annotations

import logging
from collections.abc import Sequence
from contextlib import ExitStack
from pathlib import Path

from hipform.analysis import Section
from hipform.analysis.judged_reps import Calibration
from hipform.app.judge_recording import judge_recording
from hipform.app.landmarks import record_landmarks
from hipform.app.pose_files import as_recording
from hipform.app.task_progress import Progress, no_progress, share_of
from hipform.app.write_results import Output, make_result, write_results
from hipform.config import Settings
from hipform.errors import OutputError
from hipform.exercises import AUTO, find_exercise
from hipform.files import is_same_file, scratch_folder
from hipform.pose.model_files import ModelName
from hipform.pose.readers.pose_file import PoseFileFacts
from hipform.pose.recording import is_recording
from hipform.report.replacing import claimed
from hipform.report.result import FILES, AnalysisResult
from hipform.stages import memory_given_back
from hipform.training import Training

_log = logging.getLogger(__name__)

_LANDMARKS_SHARE = 0.8
"""Part of the time that finding the landmarks takes; for the progress bar only."""


def analyze(  # noqa: PLR0913 - keyword only, one for each thing that can be asked for
    path: str | Path,
    *,
    exercise: str = AUTO,
    model: ModelName = "heavy",
    out: str | Path | None = None,
    settings: Settings | None = None,
    calibrations: Sequence[Calibration] = (),
    embed: bool = False,
    progress: Progress | None = None,
    training: Training | None = None,
    fast: bool = False,
    jobs: int | None = None,
    pose_format: str | None = None,
    fps: float | None = None,
    size_px: tuple[int, int] | None = None,
    view_deg: float | None = None,
) -> AnalysisResult:
    """Analyse one clip, or judge the landmarks of an earlier analysis or of another tool.

    Parameters
    ----------
    path
        A video file, a ``poses.npz`` of an earlier analysis, or with *pose_format* landmarks that another tool found.
    exercise
        Slug as in `hipform.exercises.EXERCISES`, with a variant if wanted (``romanian-deadlift:single-leg``); ``auto``
        recognises what is done when.
    model
        Pose model; without effect on a recording, which names its own.
    out
        Folder for the outputs, made if missing; ``None`` writes nothing.
    settings
        Values in force; the defaults if not given.
    calibrations
        The lifter's own lockouts and neutral low backs, from `calibrate`; each holds in sets of its exercise whose
        landmarks are of its model.
    embed
        Whether the annotated video goes into the report, if it is not too large, instead of being linked to.
    progress
        Called after every frame.
    training
        What is known of the clip beside what it shows: athlete, load, note; its date if not the clip's own.
    fast
        Look at as few frames as tell, which takes about a third of the time, and write no annotated video; without
        effect on a recording.
    jobs
        Most processes that find landmarks at a time; ``None`` for as many as there are cores and memory for, 0 for this
        process itself, whose proxy settings and standard error MediaPipe then changes. The result does not depend on
        it.
    pose_format
        Name of the other tool's format, as in `hipform.pose.readers.formats.POSE_FORMATS`.
    fps, size_px, view_deg
        With *pose_format*, what its file does not say: frames a second, width and height of the picture, and the angle
        of the camera off the side view.

    Returns
    -------
    AnalysisResult
        What was found; `AnalysisResult.files` names what was written.

    Raises
    ------
    HipformError
        One of the errors of `hipform.errors`: the clip cannot be read, nobody is in it, it shows none of the exercises
        and none was named, or the outputs cannot be written.
    """
    path, settings, progress = Path(path), settings or Settings(), progress or no_progress
    sections = None if exercise == AUTO else (Section(exercise=find_exercise(exercise)),)
    folder = None if out is None else Path(out)
    if folder:
        _spare_the_clip(folder / FILES["video"], path)
    _log.info("model %s, %d calibrations, settings %s", model, len(calibrations), settings.overrides)
    with memory_given_back(), ExitStack() as stack:
        if folder:
            stack.enter_context(claimed(folder))
        facts = PoseFileFacts(fps=fps, size_px=size_px, view_off_deg=view_deg)
        path = stack.enter_context(as_recording(path, pose_format, facts))
        clip, poses = None, path
        if is_recording(path):
            _log.info("a recording is judged")
            judging = progress
        else:
            clip, judging = path, no_progress
            poses = stack.enter_context(scratch_folder()) / FILES["poses"]
            _log.info("the landmarks are recorded")
            finding = share_of(progress, 0.0, _LANDMARKS_SHARE if folder else 1.0)
            record_landmarks(path, poses, model=model, fast=fast, jobs=jobs, progress=finding)
        judged = judge_recording(poses, settings, calibrations, judging, sections=sections)
        result = make_result(judged, settings, training or Training())
        if folder:
            _log.info("the outputs are written")
            drawing = share_of(progress, _LANDMARKS_SHARE, 1.0)
            output = Output(folder=folder, poses=poses, clip=clip, with_video=not fast, embed=embed, progress=drawing)
            result = write_results(judged, result, settings, output)
    _log_found(result)
    return result


def _log_found(result: AnalysisResult) -> None:
    _log.info("written: %s", ", ".join(result.files) or "nothing")
    _log.info("%d frames, a person in %d", result.clip.frames, result.clip.frames_with_person)
    for note in result.clip.notes:
        _log.warning("%s", note)
    for found in result.sets:
        reps = len(found.reps), len(found.partial_reps), len(found.rejected)
        _log.info("set %d: %s, reps: %d, partial: %d, not counted: %d", found.number, found.exercise, *reps)
        for gap in found.gaps:
            _log.warning("not followed from %.2f s to %.2f s: %s", gap.start_s, gap.end_s, gap.reason)


def _spare_the_clip(video: Path, source: Path) -> None:
    """Refuse an output folder in which the annotated video would replace the clip itself."""
    if is_same_file(video, source):
        raise OutputError(f"{video} is the clip itself.", "Choose another folder with --out.")
