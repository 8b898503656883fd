"""Analyse a clip or a landmark recording: in one pass where the exercise is named, else in two."""

from __future__ import annotations

import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from hipform.analysis import Recogniser, Section
from hipform.app.run import Job, Progress, Sections, no_progress, nobody_in, run
from hipform.config import Settings
from hipform.errors import NoExerciseError, OutputError
from hipform.exercises import AUTO, EXERCISES, find_exercise
from hipform.files import require_place
from hipform.report.result import FILES, AnalysisResult
from hipform.sources import Landmarker, ModelName, Recording, RecordingWriter, VideoFile, is_recording
from hipform.stages import prefetch
from hipform.types import Calibration, ClipInfo, Pose, Training

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
) -> AnalysisResult:
    """Analyse one clip, or judge a landmark recording again.

    Parameters
    ----------
    path
        A video file, or a ``poses.npz`` of an earlier analysis.
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
    path, settings = Path(path), settings or Settings()
    named = None if exercise == AUTO else (Section(exercise=find_exercise(exercise)),)
    folder = None if out is None else Path(out)
    job = Job(
        path, model, settings, folder, embed, progress or no_progress, training or Training(), tuple(calibrations)
    )
    if folder:
        _spare_the_clip(folder / FILES["video"], path)
        require_place(folder)
    if is_recording(path):
        return _from_recording(job, named)
    return _in_one_pass(job, named) if named else _in_two_passes(job)


def _from_recording(job: Job, named: Sections | None) -> AnalysisResult:
    if named is None:
        with Recording(job.path) as recording:
            named = _recognise(job, recording.info, recording)
    with Recording(job.path) as recording:
        return run(job, named, recording, recording.model, ((pose, None) for pose in recording))


def _in_one_pass(job: Job, sections: Sections) -> AnalysisResult:
    """Find the landmarks and judge them as the frames come."""
    with VideoFile(job.path) as video, Landmarker(job.model) as landmarker, closing(prefetch(video)) as frames:
        found = ((landmarker.detect(frame), frame) for frame in frames)
        return run(job, sections, video, job.model, found, job.path)


def _in_two_passes(job: Job) -> AnalysisResult:
    """Find the landmarks and the exercises first; then judge and draw, reading the clip again.

    The exercise shows after a repetition or two only, and the video shall be right from its first frame. Keeping the
    pictures until then would take more memory than reading them twice takes time.
    """
    with tempfile.TemporaryDirectory(prefix="hipform-") as scratch:
        poses = Path(scratch) / FILES["poses"]
        first = replace(job, progress=_part(job.progress, 0.0, _FIRST_PASS_SHARE))
        with (
            VideoFile(job.path) as video,
            Landmarker(job.model) as landmarker,
            closing(prefetch(video)) as frames,
            RecordingWriter(poses, video.info, job.model) as writer,
        ):
            found = (landmarker.detect(frame) for frame in frames)
            sections = _recognise(first, video.info, _kept(found, writer))
        second = replace(job, progress=_part(job.progress, _FIRST_PASS_SHARE, 1.0))
        with VideoFile(job.path) as video, Recording(poses) as recording, closing(prefetch(video)) as frames:
            return run(second, sections, video, job.model, zip(recording, frames, strict=True), job.path)


def _kept(poses: Iterable[Pose], writer: RecordingWriter) -> Iterator[Pose]:
    """Yield *poses* on their way into a recording."""
    for pose in poses:
        writer.write(pose)
        yield pose


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
    if not sections:
        raise NoExerciseError(
            f"{info.name} looks like none of the {len(EXERCISES)} exercises.",
            "If it is one of them, name it with --exercise; `hipform exercises` lists them and how to film each.",
        )
    return sections


def _spare_the_clip(video: Path, source: Path) -> None:
    """Refuse an output folder in which the annotated video would replace the clip itself."""
    if source.exists() and video.exists() and video.samefile(source):
        raise OutputError(f"{video} is the clip itself.", "Choose another folder with --out.")
