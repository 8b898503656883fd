"""The second stage of an analysis: judge the landmarks of a whole clip."""

from __future__ import annotations

import logging
import math
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from pathlib import Path

from hipform.analysis import Recogniser, Section, Session
from hipform.analysis.judged_reps import Calibration, SetResult
from hipform.app.task_progress import Progress
from hipform.config import Settings
from hipform.errors import NoExerciseError, NoPersonError
from hipform.exercises import EXERCISES
from hipform.pose.poses import Pose
from hipform.pose.recording import Recording
from hipform.pose.sources import noise_of
from hipform.report.result import ClipSummary
from hipform.video.frames import ClipInfo

_log = logging.getLogger(__name__)

Sections = tuple[Section, ...]


def nobody_in(info: ClipInfo) -> NoPersonError:
    """Return the error for a clip in which no person was found."""
    return NoPersonError(
        f"No person was found in {info.name}.",
        "Film the whole body from the side, in good light, and check that the clip is the right way up.",
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
    """

    info: ClipInfo
    clip: ClipSummary
    model: str
    sets: tuple[SetResult, ...]
    session: Session


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
        info = noise_of(recording.model).of_clip(info) if info else recording.info
        if sections is None:
            sections = _recognise(recording, info, settings)
        own = [one for one in calibrations if one.model == recording.model]
        session = Session(sections, info, settings, own)
        tally = _Tally()
        for pose in recording:
            session.push(pose)
            tally.add(pose)
            progress(pose.t_s, info.duration_s)
        if not tally.found:
            raise nobody_in(info)
        return Judged(info, tally.clip(info), recording.model, session.finish(), session)


def _recognise(poses: Iterable[Pose], info: ClipInfo, settings: Settings) -> Sections:
    """Return the exercises in the clip and their times."""
    recogniser = Recogniser(info, settings)
    seen = False
    for pose in poses:
        recogniser.push(pose)
        seen = seen or pose.found
    if not seen:
        raise nobody_in(info)
    sections = recogniser.finish()
    for section in sections:
        _log.info("recognised from %.2f s on: %s", max(section.start_s, 0.0), section.exercise.slug)
    if not sections:
        raise NoExerciseError(
            f"{info.name} does not look like any of the {len(EXERCISES)} exercises.",
            "If it is one of them, name it with --exercise; `hipform exercises` lists them and shows how to film each.",
        )
    return sections


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
        )
