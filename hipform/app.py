"""Run one analysis: source -> pose -> session -> cues -> sinks."""

from __future__ import annotations

import errno
import math
import os
import tempfile
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from contextlib import ExitStack, closing, nullcontext
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

import hipform
from hipform.analysis import Calibrator, Recogniser, Section, Session
from hipform.config import Settings
from hipform.errors import HistoryError, InputError, NoExerciseError, NoPersonError, OutputError
from hipform.exercises import AUTO, EXERCISES, find_exercise
from hipform.feedback.coach import Coach
from hipform.feedback.summary import summarise_set
from hipform.files import output_error, write_whole
from hipform.render import KeyframeSink, Overlay, VideoSink, shrunk
from hipform.report.captions import write_captions
from hipform.report.compare_page import Group, curve_of, two_groups, write_comparison
from hipform.report.folder import ResultFolder
from hipform.report.ghost import trace
from hipform.report.opensim import measured_sides, write_mot, write_trc
from hipform.report.parquet import csv_to_parquet
from hipform.report.report_page import write_report
from hipform.report.result import FILES, SCHEMA_VERSION, AnalysisResult, Clip, ShownCue
from hipform.report.tables import FrameTable, read_frames, write_reps
from hipform.sources import Landmarker, ModelName, Recording, RecordingWriter, VideoFile, is_recording
from hipform.stages import Background, free_large_blocks_at_once, prefetch
from hipform.store import History, history_path, kept_set
from hipform.types import Calibration, ClipInfo, Cue, FloatArray, Frame, Pose, Rep, SetResult, Step, Training

Progress = Callable[[float, float | None], None]
"""Called after every frame with the clip's time and its stated length, seconds."""

_FIRST_PASS_SHARE = 0.8
"""Part of the time that finding the landmarks takes, of both passes; for the progress bar only."""

Sections = tuple[Section, ...]


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
    job = _Job(
        path, model, settings, folder, embed, progress or _no_progress, training or Training(), tuple(calibrations)
    )
    if folder:
        _spare_the_clip(folder / FILES["video"], path)
        _require_place(folder)
    if is_recording(path):
        return _from_recording(job, named)
    return _in_one_pass(job, named) if named else _in_two_passes(job)


def _no_progress(_t_s: float, _duration_s: float | None) -> None:
    pass


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
    path, settings, progress = Path(path), settings or Settings(), progress or _no_progress
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
            raise _nobody(source.info)
        found = calibrator.finish()
    if isinstance(found, str):
        raise InputError(
            f"{source.info.name} cannot be calibrated by: {found}.",
            "Film clean repetitions, or your lockout held for three seconds, from the side.",
        )
    return found


def keep(result: AnalysisResult) -> str:
    """Keep the sets of a finished analysis in the history, in place of those of an earlier one of the same clip.

    Returns
    -------
    str
        What was kept, in one line.

    Raises
    ------
    HistoryError
        If it cannot be kept; nothing else is lost by that.
    """
    training, clip = result.training, result.clip
    if clip.sha256 is None or training.recorded_at is None or training.recorded_from is None:
        raise HistoryError("The recording does not say which clip it is of, and when.", "Analyse the video itself.")
    sets = [
        kept_set(
            found,
            training,
            clip_sha256=clip.sha256,
            clip_name=clip.name,
            model=result.model,
            hipform_version=result.hipform_version,
        )
        for found in result.sets
        if found.reps or found.partial_reps
    ]
    if not sets:
        return "Nothing to keep in the history: no repetition."
    with History(history_path()) as history:
        replaced = history.keep(sets)
    count = "1 set" if len(sets) == 1 else f"{len(sets)} sets"
    load = f" with {training.load}" if training.load else ""
    date = f"{training.recorded_at:%Y-%m-%d} ({training.recorded_from.in_words})"
    place = ", in place of the earlier analysis of this clip" if replaced else ""
    return f"Kept in the history of {sets[0].athlete}: {count}{load}, {date}{place}."


def export(result: Path, kind: str, out: Path | None = None) -> list[Path]:
    """Write what an analysis found in a form for other tools.

    Parameters
    ----------
    result
        Folder that `analyze` wrote, or the ``result.json`` in it.
    kind
        One of `EXPORTS`.
    out
        Folder to write into; that of the result if not given.

    Returns
    -------
    list of Path
        What was written.

    Raises
    ------
    InputError, OutputError
        If something needed is not there, or the files cannot be written.
    """
    folder = ResultFolder.open(result)
    out = out or folder.path
    _make(out)
    return list(EXPORTS[kind](folder, out))


def _output_of(folder: ResultFolder, name: str) -> Path:
    path = folder.part(name)
    if path is None:
        raise InputError(f"{folder.path / FILES[name]} is missing.", "Give a folder that `hipform analyze` wrote.")
    return path


def _export_parquet(folder: ResultFolder, out: Path) -> Iterator[Path]:
    for table in ("reps", "frames"):
        path = out / f"{table}.parquet"
        csv_to_parquet(_output_of(folder, table), path)
        yield path


def _export_trc(folder: ResultFolder, out: Path) -> Iterator[Path]:
    with Recording(_output_of(folder, "poses")) as recording:
        write_trc(out / "markers.trc", recording, count=recording.n_frames, fps=recording.info.fps)
    yield out / "markers.trc"


def _export_mot(folder: ResultFolder, out: Path) -> Iterator[Path]:
    frames = read_frames(_output_of(folder, "frames"))
    sides = measured_sides(frames)
    if not sides:
        raise InputError(f"{folder.path} has no frame in which hip and knee were seen.", "Film the whole body side-on.")
    for side in sides:
        path = out / f"angles_{side.value}.mot"
        write_mot(path, frames, side)
        yield path


EXPORTS: Mapping[str, Callable[[ResultFolder, Path], Iterator[Path]]] = {
    "parquet": _export_parquet,
    "trc": _export_trc,
    "mot": _export_mot,
}
"""What `export` can write, by kind: each takes the folder of a result and one to write into."""


def report(path: str | Path, *, embed: bool = False) -> Path:
    """Write the report of an earlier analysis again, from what lies in its folder.

    Parameters
    ----------
    path
        The folder of results, or the result.json in it.
    embed
        As for `analyze`.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    InputError
        If there is no result that this version understands, or a part of it cannot be read.
    OutputError
        If the page cannot be written.
    """
    return write_report(ResultFolder.open(Path(path)), shrunk, embed=embed)


def compare(
    first: str | Path,
    second: str | Path | None = None,
    *,
    first_set: int | None = None,
    second_set: int | None = None,
    out: str | Path | None = None,
) -> Path:
    """Write a page that holds two sets of one exercise against each other, or a set against its own best repetition.

    Parameters
    ----------
    first, second
        Folders of results; without *second*, the best repetition of *first* is compared with its others.
    first_set, second_set
        Number of the set in its clip, needed where there are several.
    out
        The page; ``compare.html`` in the first folder if not given.

    Returns
    -------
    Path
        The page.

    Raises
    ------
    ConfigError
        If a set must be chosen, or there is none of that number.
    InputError
        If there is no result that this version understands, or the sets cannot be compared.
    OutputError
        If the page cannot be written.
    """
    folder = ResultFolder.open(Path(first))
    other = None if second is None else ResultFolder.open(Path(second))
    groups = two_groups(folder, other, first_set, second_set)
    curves = curve_of(groups[0]), curve_of(groups[1])
    bodies = _body(groups[0], curves[0].middle), _body(groups[1], curves[1].middle)
    path = folder.path / "compare.html" if out is None else Path(out)
    write_comparison(path, groups, curves, bodies, shrunk)
    return path


def _body(group: Group, rep: Rep) -> FloatArray | None:
    """Return the landmarks over *rep*'s time, if they lie in the folder."""
    poses = group.folder.part("poses")
    if poses is None:
        return None
    with Recording(poses) as recording:
        return trace(recording, rep)


def _from_recording(job: _Job, named: Sections | None) -> AnalysisResult:
    if named is None:
        with Recording(job.path) as recording:
            named = _recognise(job, recording.info, recording)
    with Recording(job.path) as recording:
        return _run(job, named, recording, recording.model, ((pose, None) for pose in recording))


def _in_one_pass(job: _Job, sections: Sections) -> AnalysisResult:
    """Find the landmarks and judge them as the frames come."""
    with VideoFile(job.path) as video, Landmarker(job.model) as landmarker, closing(prefetch(video)) as frames:
        return _run(job, sections, video, job.model, ((landmarker.detect(frame), frame) for frame in frames))


def _in_two_passes(job: _Job) -> AnalysisResult:
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
            return _run(second, sections, video, job.model, zip(recording, frames, strict=True))


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


def _recognise(job: _Job, info: ClipInfo, poses: Iterable[Pose]) -> Sections:
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
        raise _nobody(info)
    sections = recogniser.finish()
    if not sections:
        raise NoExerciseError(
            f"{info.name} looks like none of the {len(EXERCISES)} exercises.",
            "If it is one of them, name it with --exercise; `hipform exercises` lists them and how to film each.",
        )
    return sections


def _nobody(info: ClipInfo) -> NoPersonError:
    return NoPersonError(
        f"Nobody was found in {info.name}.",
        "Film the whole body from the side, in good light, and check that the clip is the right way up.",
    )


def _spare_the_clip(video: Path, source: Path) -> None:
    """Refuse an output folder in which the annotated video would replace the clip itself."""
    if source.exists() and video.exists() and video.samefile(source):
        raise OutputError(f"{video} is the clip itself.", "Choose another folder with --out.")


def _require_place(folder: Path) -> None:
    """Refuse an output folder that cannot be made, before minutes are spent on finding landmarks for it."""
    place = next(place for place in (folder, *folder.parents) if place.exists())
    if not place.is_dir():
        raise output_error(folder, FileExistsError(errno.EEXIST, os.strerror(errno.EEXIST)))
    if not os.access(place, os.W_OK | os.X_OK):
        raise output_error(folder, PermissionError(errno.EACCES, os.strerror(errno.EACCES)))


def _make(folder: Path) -> None:
    try:
        folder.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise output_error(folder, error) from error


@dataclass(frozen=True, slots=True)
class _Job:
    """What is asked for."""

    path: Path
    model: ModelName
    settings: Settings
    folder: Path | None
    embed: bool
    progress: Progress
    training: Training
    calibrations: Sequence[Calibration] = ()


class _Source(Protocol):
    """Anything that knows its clip; a video's notes are complete only once it was read."""

    @property
    def info(self) -> ClipInfo: ...


def _run(
    job: _Job,
    sections: Sections,
    source: _Source,
    model: str,
    frames: Iterable[tuple[Pose, Frame | None]],
) -> AnalysisResult:
    """Push every pose through the session and the sinks, then judge the sets and write the result."""
    free_large_blocks_at_once()
    if job.folder:
        # Only now: a clip that cannot be read must not leave an empty folder behind.
        _make(job.folder)
    calibrations = [one for one in job.calibrations if one.model == model]
    session = Session(sections, source.info, job.settings, calibrations)
    commentary = _Commentary()
    tally = _Tally()
    with ExitStack() as stack:
        video = job.path if isinstance(source, VideoFile) else None
        sinks = _Sinks(stack, job, job.folder, source.info, model, video) if job.folder else None
        with Background(sinks.write) if sinks else nullcontext() as background:
            for pose, frame in frames:
                step = session.push(pose)
                tally.add(pose)
                cue, last_rep = commentary.push(step)
                if background:
                    background.put(_Item(pose, step, cue, last_rep, frame))
                job.progress(pose.t_s, source.info.duration_s)
        if not tally.found:
            raise _nobody(source.info)
        sets = session.finish()
        result = AnalysisResult(
            schema_version=SCHEMA_VERSION,
            hipform_version=hipform.__version__,
            clip=tally.clip(source.info),
            model=model,
            settings=job.settings.overrides,
            sets=sets,
            summaries=tuple(summarise_set(find_exercise(found.exercise), found) for found in sets),
            analysed_at=datetime.now().astimezone().isoformat(timespec="seconds"),
            cues=tuple(commentary.shown),
            files={name: FILES[name] for name in sinks.names} if sinks else {},
            training=_dated(job.training, source.info),
        )
        if sinks:
            sinks.finish(sets, source.info)
    if job.folder:
        write_reps(job.folder / FILES["reps"], result)
        write_captions(job.folder / FILES["cues"], result.cues, result.clip.video_late_s)
        write_report(ResultFolder(job.folder, result), shrunk, embed=job.embed)
        write_whole(job.folder / FILES["result"], result.to_json().encode())
    return result


def _dated(training: Training, info: ClipInfo) -> Training:
    """Return *training* with the clip's own date unless the user gave one."""
    if training.recorded_at:
        return training
    return replace(training, recorded_at=info.recorded_at, recorded_from=info.recorded_from)


@dataclass(slots=True)
class _Tally:
    """What can be counted of a clip while it is read."""

    frames: int = 0
    found: int = 0
    start_s: float = math.nan
    end_s: float = math.nan

    def add(self, pose: Pose) -> None:
        self.frames += 1
        self.found += pose.found
        self.end_s = pose.t_s
        if self.frames == 1:
            self.start_s = pose.t_s

    def clip(self, info: ClipInfo) -> Clip:
        return Clip(
            name=info.name,
            width_px=info.width_px,
            height_px=info.height_px,
            frames=self.frames,
            frames_with_person=self.found,
            start_s=self.start_s,
            end_s=self.end_s,
            notes=info.notes,
            sha256=info.sha256,
        )


class _Commentary:
    """What the picture says of the running set besides its numbers; nothing is carried over into the next set.

    Attributes
    ----------
    shown
        Every cue so far, with its times.
    """

    def __init__(self) -> None:
        self.shown: list[ShownCue] = []
        self._set: tuple[str, int] | None = None
        self._cue: Cue | None = None

    def push(self, step: Step) -> tuple[Cue | None, Rep | None]:
        """Take a step; return the cue to show at its time and the last repetition, if any."""
        seen = step.observation
        if self._set != (seen.exercise, seen.set_number):
            self._set = seen.exercise, seen.set_number
            self._coach = Coach(find_exercise(seen.exercise))
            self._last_rep: Rep | None = None
        self._last_rep = next((event for event in step.events if isinstance(event, Rep)), self._last_rep)
        cue = self._coach.push(step)
        self._note(cue, seen.t_s)
        return cue, self._last_rep

    def _note(self, cue: Cue | None, now_s: float) -> None:
        """Keep when *cue* is shown: until the first frame without it, or the last one of the clip."""
        if self._cue is not None:
            self.shown[-1] = replace(self.shown[-1], end_s=now_s)
        if cue is not None and cue is not self._cue:
            self.shown.append(ShownCue(start_s=now_s, end_s=now_s, **asdict(cue)))
        self._cue = cue


@dataclass(frozen=True, slots=True, eq=False)
class _Item:
    """One frame on its way to the sinks."""

    pose: Pose
    step: Step
    cue: Cue | None
    last_rep: Rep | None
    frame: Frame | None


class _Sinks:
    """All outputs that grow frame by frame; nothing is left of any of them when the run fails."""

    def __init__(
        self, stack: ExitStack, job: _Job, folder: Path, info: ClipInfo, model: str, video: Path | None
    ) -> None:
        self.names = ["result", "report", "cues", "reps", "frames"]
        self._frames = stack.enter_context(FrameTable(folder / FILES["frames"]))
        self._poses: RecordingWriter | None = None
        self._pictures: _Pictures | None = None
        if video:
            self.names += ["poses", "video", "keyframes"]
            self._poses = stack.enter_context(RecordingWriter(folder / FILES["poses"], info, model))
            self._pictures = _Pictures(stack, job, folder, info, video)

    def write(self, item: _Item) -> None:
        """Take one frame."""
        self._frames.write(item.step.observation)
        if self._poses:
            self._poses.write(item.pose)
        if self._pictures and item.frame:
            self._pictures.write(item, item.frame)

    def finish(self, sets: Sequence[SetResult], info: ClipInfo) -> None:
        """Take the final repetitions, and what reading the clip to its end has told of it."""
        if self._poses:
            self._poses.info = info
        if self._pictures:
            self._pictures.finish(sets)


class _Pictures:
    """The outputs that people look at: the annotated video and a picture of every top and bottom."""

    def __init__(self, stack: ExitStack, job: _Job, folder: Path, info: ClipInfo, video: Path) -> None:
        self._overlay = Overlay(
            info, job.settings["incomplete-lockout.short_deg"], job.settings["lumbar-overextension.low_back_deg"]
        )
        self._video = stack.enter_context(VideoSink(folder / FILES["video"], info, video))
        self._keyframes = stack.enter_context(KeyframeSink(folder / FILES["keyframes"]))

    def write(self, item: _Item, frame: Frame) -> None:
        self._keyframes.push(frame.image, item.pose, item.step)
        self._overlay.draw(frame.image, item.pose, item.step.observation, item.cue, item.last_rep)
        self._video.write(frame.image, frame.t_s)

    def finish(self, sets: Sequence[SetResult]) -> None:
        for found in sets:
            number = found.number if len(sets) > 1 else None
            self._keyframes.finish((*found.reps, *found.partial_reps), number)
