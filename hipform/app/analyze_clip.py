"""Analyse a clip or a landmark recording: in one pass where the exercise is named, else in two."""

from __future__ import annotations

import logging
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from hipform.analysis import Recogniser, Section
from hipform.app.frame_sampling import FrameSampler
from hipform.app.pose_files import recorded, require_pose_format_for
from hipform.app.run import Job, Progress, Sections, no_progress, nobody_in, run
from hipform.config import Settings
from hipform.errors import InputError, NoExerciseError, OutputError
from hipform.exercises import AUTO, EXERCISES, find_exercise
from hipform.files import is_same_file, require_place, scratch_folder
from hipform.pose import Landmarker, ModelName, PoseFileFacts, Recording, RecordingWriter, is_recording
from hipform.report.result import FILES, AnalysisResult
from hipform.stages import memory_given_back, prefetch
from hipform.types import Calibration, ClipInfo, Frame, Pose, Training
from hipform.video import VideoFile

_log = logging.getLogger(__name__)

_FIRST_PASS_SHARE = 0.8
"""Part of the time that finding the landmarks takes, of both passes; for the progress bar only."""


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
    pose_format
        Name of the other tool's format, as in `hipform.pose.POSE_FORMATS`.
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
    facts = PoseFileFacts(fps=fps, size_px=size_px, view_off_deg=view_deg)
    if pose_format is not None:
        with recorded(Path(path), pose_format, facts) as recording:
            return analyze(
                recording,
                exercise=exercise,
                out=out,
                settings=settings,
                calibrations=calibrations,
                embed=embed,
                progress=progress,
                training=training,
            )
    require_pose_format_for(facts)
    path, settings = Path(path), settings or Settings()
    named = None if exercise == AUTO else (Section(exercise=find_exercise(exercise)),)
    folder = None if out is None else Path(out)
    job = Job(
        path,
        model,
        settings,
        folder,
        embed,
        progress or no_progress,
        training or Training(),
        tuple(calibrations),
        fast=fast and not is_recording(path),
    )
    if folder:
        _spare_the_clip(folder / FILES["video"], path)
        require_place(folder)
    _log.info("model %s, %d calibrations, settings %s", model, len(job.calibrations), settings.overrides)
    with memory_given_back():
        if is_recording(path):
            result = _from_recording(job, named)
        else:
            result = _in_one_pass(job, named) if named else _in_two_passes(job)
    _log_found(result)
    return result


def _from_recording(job: Job, named: Sections | None) -> AnalysisResult:
    _log.info("a recording is judged")
    if named is None:
        with Recording(job.path) as recording:
            named = _recognise(job, recording.info, recording)
    with Recording(job.path) as recording:
        return run(job, named, recording, recording.model, ((pose, None) for pose in recording))


def _in_one_pass(job: Job, sections: Sections) -> AnalysisResult:
    """Find the landmarks and judge them as the frames come."""
    _log.info("the only pass: landmarks, judging and drawing")
    with VideoFile(job.path) as video, Landmarker(job.model) as landmarker, closing(prefetch(video)) as frames:
        return run(job, sections, video, job.model, _looks(frames, landmarker, fast=job.fast), job.path)


def _looks(frames: Iterable[Frame], landmarker: Landmarker, *, fast: bool) -> Iterator[tuple[Pose, Frame]]:
    """Yield each frame that is looked at with its pose: every one, or if *fast*, those that `FrameSampler` wants."""
    sampler = FrameSampler()
    for frame in frames:
        if fast and not sampler.wants(frame):
            continue
        pose = landmarker.detect(frame)
        if fast:
            sampler.push(pose)
        yield pose, frame


def _in_two_passes(job: Job) -> AnalysisResult:
    """Find the landmarks and the exercises first; then judge and draw, reading the clip again.

    The exercise shows after a repetition or two only, and the video shall be right from its first frame. Keeping the
    pictures until then would take more memory than reading them twice takes time.
    """
    _log.info("the first of two passes: landmarks and exercises")
    with scratch_folder() as scratch:
        poses = scratch / FILES["poses"]
        first = replace(job, progress=_part(job.progress, 0.0, _FIRST_PASS_SHARE))
        with (
            VideoFile(job.path) as video,
            Landmarker(job.model) as landmarker,
            closing(prefetch(video)) as frames,
            RecordingWriter(poses, video.info, job.model) as writer,
        ):
            found = (pose for pose, _ in _looks(frames, landmarker, fast=job.fast))
            sections = _recognise(first, video.info, _kept(found, writer))
            looked_at = video.info.sha256
        _log.info("the second pass: judging and drawing")
        second = replace(job, progress=_part(job.progress, _FIRST_PASS_SHARE, 1.0))
        with VideoFile(job.path) as video, Recording(poses) as recording, closing(prefetch(video)) as frames:
            if video.info.sha256 != looked_at:
                raise _changed(job.path)
            return run(second, sections, video, job.model, _with_frames(recording, frames, job.path), job.path)


def _kept(poses: Iterable[Pose], writer: RecordingWriter) -> Iterator[Pose]:
    """Yield *poses* on their way into a recording."""
    for pose in poses:
        writer.write(pose)
        yield pose


def _with_frames(poses: Iterable[Pose], frames: Iterable[Frame], path: Path) -> Iterator[tuple[Pose, Frame]]:
    """Yield each of *poses* with the frame that it was found in; the clip at *path* is read to its end."""
    waiting = iter(poses)
    pose = next(waiting, None)
    for frame in frames:
        if pose is not None and frame.t_s == pose.t_s:
            yield pose, frame
            pose = next(waiting, None)
    if pose is not None:
        raise _changed(path)


def _changed(path: Path) -> InputError:
    return InputError(f"{path} changed while it was read.", "Analyse it again when nothing writes to it any more.")


def _part(progress: Progress, begin: float, end: float) -> Progress:
    """Return a progress whose whole way is the part of *progress* from *begin* to *end*, shares of it."""

    def report(t_s: float, duration_s: float | None) -> None:
        progress(begin * (duration_s or 0.0) + (end - begin) * t_s, duration_s)

    return report


def _recognise(job: Job, info: ClipInfo, poses: Iterable[Pose]) -> Sections:
    """Return what is done when in the clip.

    Raises
    ------
    NoPersonError, NoExerciseError
        If nobody is seen, or nothing that is one of the exercises.
    """
    recogniser = Recogniser(info, job.settings)
    seen = False
    for pose in poses:
        recogniser.push(pose)
        seen = seen or pose.found
        job.progress(pose.t_s, info.duration_s)
    if not seen:
        raise nobody_in(info)
    sections = recogniser.finish()
    for section in sections:
        _log.info("recognised from %.2f s on: %s", max(section.start_s, 0.0), section.exercise.slug)
    if not sections:
        raise NoExerciseError(
            f"{info.name} looks like none of the {len(EXERCISES)} exercises.",
            "If it is one of them, name it with --exercise; `hipform exercises` lists them and how to film each.",
        )
    return sections


def _log_found(result: AnalysisResult) -> None:
    _log.info("written: %s", ", ".join(result.files) or "nothing")
    _log.info("%d frames, a person in %d", result.clip.frames, result.clip.frames_with_person)
    for note in result.clip.notes:
        _log.warning("%s", note)
    for found in result.sets:
        reps = len(found.reps), len(found.partial_reps), len(found.uncounted)
        _log.info("set %d: %s, reps: %d, partial: %d, not counted: %d", found.number, found.exercise, *reps)
        for gap in found.gaps:
            _log.warning("not followed from %.2f s to %.2f s: %s", gap.start_s, gap.end_s, gap.reason)


def _spare_the_clip(video: Path, source: Path) -> None:
    """Refuse an output folder in which the annotated video would replace the clip itself."""
    if is_same_file(video, source):
        raise OutputError(f"{video} is the clip itself.", "Choose another folder with --out.")
