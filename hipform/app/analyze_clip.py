"""Analyse a clip in three stages (landmarks, judging, drawing), or judge a landmark recording again."""

from __future__ import annotations

import logging
import os
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from functools import partial
from importlib import import_module
from pathlib import Path

from hipform.analysis import Section
from hipform.analysis.judged_reps import Calibration
from hipform.app.arguments import check_arguments, checked_path
from hipform.app.corrections import Asked, assume_speed, correct_recording
from hipform.app.judge_recording import Judged, Sections, judge_recording
from hipform.app.landmarks import follow_another, record_landmarks
from hipform.app.pose_files import as_recording
from hipform.app.task_progress import Progress, no_progress, share_of
from hipform.app.trimming import require_order, trimmed
from hipform.config import Settings
from hipform.errors import ConfigError, HipformError, NoExerciseError, OutputError
from hipform.exercises import AUTO, find_exercise
from hipform.files import is_same_file, scratch_folder
from hipform.pose.readers.pose_file import PoseFileFacts
from hipform.pose.recording import Recording, is_recording
from hipform.report.replacing import claimed
from hipform.report.result import FILES, AnalysisResult
from hipform.stages import Background, memory_given_back
from hipform.texts import Texts, english
from hipform.training import Training
from hipform.video.frames import ClipInfo
from hipform.video.video_file import no_file

_log = logging.getLogger(__name__)

_LANDMARKS_SHARE = 0.8
"""Share of the time that landmark detection takes; only for the progress bar."""


def analyze(  # noqa: PLR0913 - keyword only, one for each option
    path: str | Path,
    *,
    exercise: str = AUTO,
    model: str = "heavy",
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
    speed: float | None = None,
    turn_deg: int | None = None,
    start_s: float | None = None,
    end_s: float | None = None,
    person: str = AUTO,
    language: str = "en",
) -> AnalysisResult:
    """Analyse one clip, or judge the landmarks of an earlier analysis or of another tool.

    Parameters
    ----------
    path
        A video file, a ``poses.npz`` of an earlier analysis, or, with *pose_format*, a landmark file of another tool.
    exercise
        Slug as in `hipform.exercises.EXERCISES`, optionally with a variant (``romanian-deadlift:single-leg``); ``auto``
        recognises the exercises and their times.
    model
        Pose model; has no effect on a recording, which names its own.
    out
        Folder for the outputs, created if missing; ``None`` writes nothing.
    settings
        Settings to use; the defaults if not given.
    calibrations
        The lifter's calibrations from `calibrate`; each applies to sets of its exercise whose landmarks come from its
        model.
    embed
        Whether to embed the annotated video in the report, if it is not too large, instead of linking to it.
    progress
        Called after every frame.
    training
        Known facts about the clip: athlete, load, note, and its date if it differs from the clip's date.
    fast
        Process only as many frames as needed, which takes about a third of the time, and write no annotated video; has
        no effect on a recording.
    jobs
        Maximum number of landmark processes; ``None`` for as many as cores and memory allow, 0 for this process itself,
        whose proxy settings and standard error MediaPipe then changes. The result does not depend on it.
    pose_format
        Name of the other tool's format, as in `hipform.pose.readers.formats.POSE_FORMATS`.
    fps, size_px, view_deg
        With *pose_format*, values that its file does not contain: frames per second, width and height of the frame, and
        the angle of the camera from the side view.
    speed
        How many times slower than reality the clip plays, such as 8; ``None`` takes it from the clip's tags, and for
        kettlebell swings from gravity.
    turn_deg
        Angle by which the frames must be turned clockwise to be upright: 0, 90, 180 or 270; ``None`` judges by
        the body.
    person
        Whom to follow where several people are in the clip: ``left``, ``right``, ``nearest``, or a number from the left
        as `hipform people` shows; ``auto`` for the one who moves like a lifter. Has no effect on a recording.
    start_s, end_s
        Judge and draw only the clip's time between these, seconds; ``None`` for its first, or last, frame. Times in
        the result stay those of the clip.
    language
        Language of the report, the captions and the annotated video, as in `hipform.texts.LANGUAGES`. The result and
        its tables are English.

    Returns
    -------
    AnalysisResult
        The result; `AnalysisResult.files` names the written files.

    Raises
    ------
    HipformError
        One of the errors of `hipform.errors`: the clip cannot be read, shows no person, shows no known exercise
        although
        none was named, or the outputs cannot be written.
    """
    check_arguments(
        exercise=exercise,
        model=model,
        settings=settings,
        calibrations=calibrations,
        progress=progress,
        training=training,
        jobs=jobs,
        fps=fps,
        size_px=size_px,
        view_deg=view_deg,
        speed=speed,
        turn_deg=turn_deg,
        start_s=start_s,
        end_s=end_s,
        person=person,
        language=language,
    )
    path, settings, progress = checked_path(path), settings or Settings(), progress or no_progress
    sections = None if exercise == AUTO else (Section(exercise=find_exercise(exercise)),)
    require_order(start_s, end_s)
    folder, texts = None if out is None else _folder(checked_path(out, "out"), path), Texts(language)
    _log.info("model %s, %d calibrations, settings %s", model, len(calibrations), settings.overrides)
    with memory_given_back(), ExitStack() as stack:
        if folder:
            stack.enter_context(claimed(folder))
        facts = PoseFileFacts(fps=fps, size_px=size_px, view_off_deg=view_deg)
        path = stack.enter_context(as_recording(path, pose_format, facts))
        asked = Asked(speed=speed, quarter_turns=None if turn_deg is None else turn_deg // 90)
        work = ClipJudging(stack.enter_context(scratch_folder()), asked, settings, calibrations, sections)
        clip = _clip(path, person)
        if clip is None:
            judged, poses = work.judge_again(stack.enter_context(trimmed(path, start_s, end_s)), progress)
        else:
            finding = share_of(progress, 0.0, _LANDMARKS_SHARE if folder else 1.0)
            landmarks = _Landmarks(clip, work.found, model, (start_s, end_s), fast=fast, jobs=jobs)
            info = landmarks.record(person, finding)
            judged, poses = work.judge_clip(info, partial(landmarks.of_another, info) if person == AUTO else None)
        from hipform.app.write_results import Output, make_result, write_results  # noqa: PLC0415

        result = make_result(judged, settings, training or Training())
        if folder:
            _log.info("writing the outputs")
            drawing = share_of(progress, _LANDMARKS_SHARE, 1.0)
            output = Output(
                folder=folder,
                poses=poses,
                clip=clip,
                with_video=not fast,
                embed=embed,
                progress=drawing,
                texts=texts,
                is_converted=pose_format is not None,
            )
            result = write_results(judged, result, settings, output)
    _log_found(result)
    return result


def _import(module: str) -> None:
    import_module(module)


@dataclass(frozen=True, slots=True)
class _Landmarks:
    """Finds the landmarks of one person in the wanted part of a clip."""

    clip: Path
    out: Path
    model: str
    span_s: tuple[float | None, float | None]
    fast: bool
    jobs: int | None

    def record(self, person: str, progress: Progress) -> ClipInfo:
        """Write the landmarks of *person*, and return the clip."""
        _log.info("recording the landmarks")
        # What writes the results takes a third of a second to import: here, while other processes work.
        with Background(_import) as importing:
            importing.put("hipform.app.write_results")
            info = record_landmarks(
                self.clip, self.out, model=self.model, fast=self.fast, jobs=self.jobs, progress=progress, person=person
            )
        self._trim()
        return info

    def of_another(self, info: ClipInfo) -> ClipInfo:
        """Replace the landmarks by those of another person; return *info* itself if that would not help."""
        other = follow_another(self.clip, self.out, info, model=self.model, fast=self.fast, jobs=self.jobs)
        if other is not info:
            self._trim()
        return other

    def _trim(self) -> None:
        with trimmed(self.out, *self.span_s) as part:
            part.replace(self.out)


@dataclass(frozen=True, slots=True)
class ClipJudging:
    """The judging of one clip or recording, in a folder of its own."""

    folder: Path
    asked: Asked
    settings: Settings
    calibrations: Sequence[Calibration]
    sections: Sections | None

    @property
    def found(self) -> Path:
        """The landmarks as they are found, before any correction."""
        return self.folder / "found.npz"

    def judge_again(self, recording: Path, progress: Progress) -> tuple[Judged, Path]:
        """Return an earlier recording judged, and its landmarks with what the user asks for corrected."""
        _log.info("judging the recording")
        poses = correct_recording(recording, self.folder / FILES["poses"], None, self.asked)
        return self._judge(poses, progress), poses

    def judge_clip(self, info: ClipInfo, another: Callable[[], ClipInfo] | None) -> tuple[Judged, Path]:
        """Return the clip judged, and its corrected landmarks.

        Parameters
        ----------
        info
            The clip.
        another
            Replaces the landmarks by those of another person, if there is one, and returns the clip; called if no
            repetition was counted.

        Raises
        ------
        NoPersonError, NoExerciseError
            See `judge_recording`.
        """
        judged, poses = self._judge_found(info)
        if another and not (isinstance(judged, Judged) and any(found.reps for found in judged.sets)):
            other = another()
            if other is not info:
                judged, poses = self._judge_found(other)
        if isinstance(judged, HipformError):
            raise judged
        return judged, poses

    def _judge_found(self, info: ClipInfo) -> tuple[Judged | NoExerciseError, Path]:
        poses = correct_recording(self.found, self.folder / FILES["poses"], info, self.asked)
        judged = self._judge_unsure(poses)
        if self.asked.speed is None and info.capture_fps is None:
            known = judged if isinstance(judged, Judged) else None
            speed = assume_speed(poses, known, self.settings, is_named=self.sections is not None)
            if speed is not None:
                asked = replace(self.asked, speed=speed, is_assumed=True)
                poses = correct_recording(self.found, self.folder / "assumed.npz", info, asked)
                judged = self._judge_unsure(poses)
        return judged, poses

    def _judge_unsure(self, poses: Path) -> Judged | NoExerciseError:
        try:
            return self._judge(poses)
        except NoExerciseError as error:
            return error

    def _judge(self, poses: Path, progress: Progress = no_progress) -> Judged:
        info = None
        if self.asked.side:
            note = english("The {side} side was measured, as you asked.", side=self.asked.side.value)
            with Recording(poses) as recording:
                info = replace(recording.info, side=self.asked.side, notes=(*recording.info.notes, note))
        return judge_recording(poses, self.settings, self.calibrations, progress, sections=self.sections, info=info)


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


def _clip(path: Path, person: str) -> Path | None:
    """Return *path*, ``None`` if it holds landmarks, which are those of one person."""
    if not is_recording(path):
        return path
    if person != AUTO:
        raise ConfigError("Landmarks that are found already are those of one person.", "--person needs the clip.")
    return None


def _folder(out: Path, clip: Path) -> Path:
    """Return *out*, if there is a clip and the annotated video in it would not replace that."""
    if not os.path.lexists(clip):
        raise no_file(clip)
    video = out / FILES["video"]
    if is_same_file(video, clip):
        raise OutputError("{file} is the clip itself.", "Choose another folder with --out.", file=video)
    return out
