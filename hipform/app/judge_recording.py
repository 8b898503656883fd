"""The second stage of an analysis: judge the landmarks of a whole clip."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

from hipform.analysis import Recogniser, Section, Session
from hipform.analysis.judged_reps import Calibration, SetResult
from hipform.analysis.recognition import Nearest
from hipform.app.task_progress import Progress
from hipform.config import Settings
from hipform.errors import NoExerciseError, NoPersonError
from hipform.exercises import EXERCISES
from hipform.kinematics.load import LoadFinder, find_load
from hipform.pose.poses import Pose
from hipform.pose.recording import Recording
from hipform.pose.sources import noise_of
from hipform.report.result import ClipSummary
from hipform.video.frames import ClipInfo

_log = logging.getLogger(__name__)

Sections = tuple[Section, ...]

FEW_FOUND_RATIO = 0.25
"""If a person was found in fewer of the frames and no exercise was recognised, the missing person is the reason."""


def nobody_in(info: ClipInfo) -> NoPersonError:
    """Return the error for a clip in which no person was found."""
    return NoPersonError(
        "No person was found in {clip}.",
        "Film the whole body from the side, in good light, and check that the clip is the right way up.",
        clip=info.name,
    )


def hardly_anybody_in(info: ClipInfo, found: int, frames: int) -> NoPersonError:
    """Return the error for a clip without an exercise in which a person was found in few frames."""
    return NoPersonError(
        "A person was found in only {n} of the {of} frames of {clip}, too few to recognise an exercise.",
        "Film the whole body from the side, larger in the frame and in good light.",
        n=found,
        of=frames,
        clip=info.name,
    )


@dataclass(frozen=True, slots=True, eq=False)
class Judged:
    """A clip with judged sets.

    Attributes
    ----------
    info
        The clip.
    clip
        Summary of the clip after it was read.
    model
        Source of the landmarks.
    sets
        Repetitions and verdicts, in time order.
    session
        The finished session, which can measure the frames again.
    load
        Which discs of the recording are the load and how large it is, for `LoadFinder`.
    """

    info: ClipInfo
    clip: ClipSummary
    model: str
    sets: tuple[SetResult, ...]
    session: Session
    load: Mapping[int, float]


def judge_recording(
    poses: Path,
    settings: Settings,
    calibrations: Sequence[Calibration],
    progress: Progress,
    *,
    sections: Sections | None = None,
    info: ClipInfo | None = None,
) -> Judged:
    """Judge a landmark recording.

    Parameters
    ----------
    poses
        The recording.
    settings
        Settings to use.
    calibrations
        The lifter's calibrations; those of another pose model are ignored.
    progress
        Called after every frame.
    sections
        The exercises and their times; ``None`` recognises them.
    info
        Facts about the clip, if the recording does not contain all of them.

    Raises
    ------
    NoPersonError, NoExerciseError
        If there is no person, or no known exercise although none was named.
    """
    with Recording(poses) as recording:
        info = replace(info, noise=noise_of(recording.model)) if info else recording.info
        load = find_load(recording)
        if sections is None:
            sections = _recognise(poses_with_load(recording, load), info, settings)
        own = [one for one in calibrations if one.model == recording.model]
        session = Session(sections, info, settings, own)
        tally = _Tally()
        for pose in poses_with_load(recording, load):
            session.push(pose)
            tally.add(pose)
            progress(pose.t_s, info.duration_s)
        if not tally.found:
            raise nobody_in(info)
        return Judged(info, tally.clip(info), recording.model, session.finish(), session, load)


def poses_with_load(poses: Iterable[Pose], load: Mapping[int, float]) -> Iterator[Pose]:
    """Return the poses of a whole clip, each with the load as its only disc or without a disc.

    Parameters
    ----------
    poses
        Poses with all discs that may be the load, in order.
    load
        Which of them are, and how large it is, from `find_load`.
    """
    return map(LoadFinder(load).push, poses)


def _recognise(poses: Iterable[Pose], info: ClipInfo, settings: Settings) -> Sections:
    """Return the exercises in the clip and their times."""
    recogniser = Recogniser(info, settings)
    frames = found = 0
    for pose in poses:
        recogniser.push(pose)
        frames += 1
        found += pose.found
    if not found:
        raise nobody_in(info)
    sections = recogniser.finish()
    for section in sections:
        _log.info("recognised from %.2f s on: %s", max(section.start_s, 0.0), section.exercise.slug)
    if not sections and found < FEW_FOUND_RATIO * frames:
        raise hardly_anybody_in(info, found, frames)
    if not sections:
        raise _no_exercise_in(info, recogniser.nearest())
    return sections


def _no_exercise_in(info: ClipInfo, nearest: Nearest | None) -> NoExerciseError:
    """Return the error for a clip of none of the exercises, with the nearest one and what does not fit it."""
    if nearest is None:
        return NoExerciseError(
            "{clip} does not look like any of the {n} exercises: the hips in it hardly move.",
            "Film whole repetitions, from head to feet; if joints are hidden, move the camera to the side.",
            clip=info.name,
            n=len(EXERCISES),
        )
    name = EXERCISES[nearest.slug].name_in_sentence
    return NoExerciseError(
        "{clip} does not look like any of the {n} exercises. The nearest is the {exercise}, which does not fit "
        "({reason}).",
        "If it is one of them, name it, for example with --exercise {given}; `hipform exercises` lists them and shows "
        "how to film each.",
        clip=info.name,
        n=len(EXERCISES),
        exercise=name,
        reason=nearest.mismatch,
        given=nearest.slug,
    )


@dataclass(slots=True)
class _Tally:
    """Counts that accumulate while a clip is read."""

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

    def clip(self, info: ClipInfo) -> ClipSummary:
        return ClipSummary(
            name=info.name,
            width_px=info.width_px,
            height_px=info.height_px,
            frames=self.frames,
            frames_with_person=self.found,
            start_s=self.start_s,
            end_s=self.end_s,
            notes=info.notes,
            sha256=info.sha256,
            speed=info.correction.speed,
            turned_deg=90 * info.correction.quarter_turns,
        )
