"""One run over a clip: every pose through the session, the cues and the sinks; at the end the result."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Sequence
from contextlib import ExitStack, nullcontext
from dataclasses import asdict, dataclass, replace
from datetime import datetime
from pathlib import Path
from typing import Protocol

import hipform
from hipform.analysis import Section, Session
from hipform.config import Settings
from hipform.errors import NoPersonError
from hipform.exercises import find_exercise
from hipform.feedback.coach import Commentary
from hipform.feedback.set_summary import summarise_set
from hipform.files import is_same_file, write_whole
from hipform.pose import ModelName, RecordingWriter
from hipform.render import KeyframeSink, Overlay, VideoSink, shrunk
from hipform.report.captions import write_captions
from hipform.report.replacing import replaced_results
from hipform.report.report_page import write_report
from hipform.report.result import FILES, SCHEMA_VERSION, AnalysisResult, Clip, ShownCue
from hipform.report.result_folder import ResultFolder
from hipform.report.tables import FrameTable, write_reps
from hipform.stages import Background
from hipform.types import Calibration, ClipInfo, Cue, Frame, Pose, Rep, SetResult, Step, Training

Progress = Callable[[float, float | None], None]
"""Called after every frame with the clip's time and its stated length, seconds."""

Sections = tuple[Section, ...]


def no_progress(_t_s: float, _duration_s: float | None) -> None:
    """Report to nobody."""


def nobody_in(info: ClipInfo) -> NoPersonError:
    """Return the error for a clip in which nobody was found."""
    return NoPersonError(
        f"Nobody was found in {info.name}.",
        "Film the whole body from the side, in good light, and check that the clip is the right way up.",
    )


@dataclass(frozen=True, slots=True)
class Job:
    """What is asked for.

    Attributes
    ----------
    path
        Clip or landmark recording.
    model, settings, embed, progress, training, calibrations, fast
        As for `hipform.app.analyze`.
    folder
        Where the outputs go, claimed by this process; ``None`` writes nothing.
    filmed
        Whether the folder holds recording and landmarks already, from live training.
    """

    path: Path
    model: ModelName
    settings: Settings
    folder: Path | None
    embed: bool
    progress: Progress
    training: Training
    calibrations: Sequence[Calibration] = ()
    fast: bool = False
    filmed: bool = False


class _Source(Protocol):
    """Anything that knows its clip; a video's notes are complete only once it was read."""

    @property
    def info(self) -> ClipInfo: ...


def run(
    job: Job,
    sections: Sections,
    source: _Source,
    model: str,
    frames: Iterable[tuple[Pose, Frame | None]],
    video: Path | None = None,
) -> AnalysisResult:
    """Push every pose through the session and the sinks, then judge the sets and write the result.

    *video* is the clip that the frames come from, for its sound; ``None`` where there are no pictures.
    """
    calibrations = [one for one in job.calibrations if one.model == model]
    session = Session(sections, source.info, job.settings, calibrations)
    commentary, shown = Commentary(), _ShownCues()
    tally = _Tally()
    with ExitStack() as outputs, ExitStack() as stack:
        folder = outputs.enter_context(replaced_results(job.folder)) if job.folder else None
        sinks = _Sinks(stack, job, folder, source.info, model, video) if folder else None
        with Background(sinks.write) if sinks else nullcontext() as background:
            for pose, frame in frames:
                step = session.push(pose)
                tally.add(pose)
                cue, last_rep = commentary.push(step)
                shown.note(cue, pose.t_s)
                if background:
                    background.put(_Item(pose, step, cue, last_rep, frame))
                job.progress(pose.t_s, source.info.duration_s)
        if not tally.found:
            raise nobody_in(source.info)
        sets = session.finish()
        info = tally.noted(source.info) if job.fast else source.info
        result = AnalysisResult(
            schema_version=SCHEMA_VERSION,
            hipform_version=hipform.__version__,
            clip=tally.clip(info),
            model=model,
            settings=job.settings.overrides,
            sets=sets,
            summaries=tuple(summarise_set(find_exercise(found.exercise), found) for found in sets),
            analysed_at=datetime.now().astimezone().isoformat(timespec="seconds"),
            cues=tuple(shown.all),
            files={name: FILES[name] for name in sinks.names} if sinks else {},
            training=_dated(job.training, info),
        )
        if sinks:
            sinks.finish(sets, info)
        if folder:
            stack.close()
            _write(result, folder, embed=job.embed)
    return result


def _write(result: AnalysisResult, folder: Path, *, embed: bool) -> None:
    """Write what follows from the whole result; the result itself comes last, so that all is there where it is."""
    write_reps(folder / FILES["reps"], result)
    write_captions(folder / FILES["cues"], result.cues, result.clip.video_late_s)
    write_report(ResultFolder(folder, result), shrunk, embed=embed)
    write_whole(folder / FILES["result"], result.to_json().encode())


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

    def noted(self, info: ClipInfo) -> ClipInfo:
        """Return *info* with a note that not every frame was looked at."""
        per_s = self.frames / (self.end_s - self.start_s) if self.end_s > self.start_s else self.frames
        note = f"Fast look: {self.frames} frames were looked at, {per_s:.0f} a second; what lies between was filled in."
        return replace(info, notes=(*info.notes, note))

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


class _ShownCues:
    """Every cue so far, with its times."""

    def __init__(self) -> None:
        self.all: list[ShownCue] = []
        self._cue: Cue | None = None

    def note(self, cue: Cue | None, now_s: float) -> None:
        """Keep when *cue* is shown: until the first frame without it, or the last one of the clip."""
        if self._cue is not None:
            self.all[-1] = replace(self.all[-1], end_s=now_s)
        if cue is not None and cue is not self._cue:
            self.all.append(ShownCue(start_s=now_s, end_s=now_s, **asdict(cue)))
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
        self, stack: ExitStack, job: Job, folder: Path, info: ClipInfo, model: str, video: Path | None
    ) -> None:
        self.names = ["result", "report", "cues", "reps", "frames"]
        self._frames = stack.enter_context(FrameTable(folder / FILES["frames"]))
        self._poses: RecordingWriter | None = None
        self._keyframes: KeyframeSink | None = None
        self._video: _AnnotatedVideo | None = None
        if job.folder and is_same_file(job.folder / FILES["poses"], job.path):
            # Judged again in the folder it lies in.
            self.names.append("poses")
        elif job.filmed:
            self.names += ["poses", *(["recording"] if video else [])]
        elif video:
            self.names.append("poses")
            self._poses = stack.enter_context(RecordingWriter(folder / FILES["poses"], info, model))
        if video:
            self.names.append("keyframes")
            self._keyframes = stack.enter_context(KeyframeSink(folder / FILES["keyframes"]))
        # With most frames left out, a video would be a row of stills.
        if video and not job.fast:
            self.names.append("video")
            self._video = _AnnotatedVideo(stack, job, folder, info, video)

    def write(self, item: _Item) -> None:
        """Take one frame."""
        self._frames.write(item.step.observation)
        if self._poses:
            self._poses.write(item.pose)
        # The pictures first: the video is drawn into the frame.
        if self._keyframes and item.frame:
            self._keyframes.push(item.frame.image, item.pose, item.step)
        if self._video and item.frame:
            self._video.write(item, item.frame)

    def finish(self, sets: Sequence[SetResult], info: ClipInfo) -> None:
        """Take the final repetitions, and what reading the clip to its end has told of it."""
        if self._poses:
            self._poses.info = info
        if self._keyframes:
            for found in sets:
                number = found.number if len(sets) > 1 else None
                self._keyframes.finish((*found.reps, *found.partial_reps), number)


class _AnnotatedVideo:
    """The clip with everything drawn on it."""

    def __init__(self, stack: ExitStack, job: Job, folder: Path, info: ClipInfo, video: Path) -> None:
        self._overlay = Overlay(
            info, job.settings["incomplete-lockout.short_deg"], job.settings["lumbar-overextension.low_back_deg"]
        )
        self._video = stack.enter_context(VideoSink(folder / FILES["video"], info, video))

    def write(self, item: _Item, frame: Frame) -> None:
        self._overlay.draw(frame.image, item.pose, item.step.observation, item.cue, item.last_rep)
        self._video.write(frame.image, frame.t_s)
