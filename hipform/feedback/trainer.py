"""The course of live training: camera check, countdown, set, rest, and what is said when.

All of it is driven by the times of the frames: no clock, no threads, the same poses give the same words.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from hipform.analysis import Section
from hipform.config import Settings
from hipform.exercises.base import Exercise
from hipform.feedback.camera_check import CameraCheck, CheckReport, Sight
from hipform.feedback.summary import Summary
from hipform.types import Calibration, ClipInfo, Cue, Rep, SetResult, Step


class LiveStage(StrEnum):
    """Where in the training the lifter is."""

    CHECK = "check"
    COUNTDOWN = "countdown"
    SET = "set"
    REST = "rest"
    SUMMARY = "summary"


class UtteranceKind(StrEnum):
    """What an utterance is for; a mode that only beeps has a tone for each."""

    CUE = "cue"
    PRAISE = "praise"
    COUNT = "count"
    WHY = "why"
    CHECK = "check"
    COUNTDOWN = "countdown"
    SUMMARY = "summary"
    NOTICE = "notice"


@dataclass(frozen=True, slots=True)
class Utterance:
    """Something to say to the lifter, now; what comes too late to be said in time is better left out."""

    text: str
    kind: UtteranceKind


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneSet:
    """A set that is over, as far as the live course knows it.

    Attributes
    ----------
    number
        1-based position among all sets of this training.
    exercise
        What was done.
    result, summary
        What was found, and in words.
    """

    number: int
    exercise: Exercise
    result: SetResult
    summary: Summary


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveState:
    """All that is to be shown and said at one frame.

    Attributes
    ----------
    t_s
        Time of the frame.
    stage
        Where in the training.
    paused
        Whether judging is paused.
    exercise
        What is done; ``None`` until it is recognised.
    recognised
        Whether it was recognised, not named by the user.
    set_number, n_sets
        Number of the running or next set, from 1, and how many there are to be; ``None`` when that was not said.
    step
        What the analysis says of this frame; ``None`` while paused, and until the exercise is known.
    rep_count
        Repetitions of the running set that were announced; may be ahead of the step's by a moment, never behind.
    cue, last_rep
        Cue to show, and the last finished repetition of the running set.
    check
        The camera check, while in stage ``check`` or ``countdown``.
    countdown_s, rest_left_s
        Time left of the countdown and of the rest; ``None`` in other stages, and for a rest without an end.
    done
        The sets that are over, in order; in stage ``rest`` the last one has just ended.
    says
        What to say with this frame, most urgent first.
    """

    t_s: float
    stage: LiveStage
    paused: bool = False
    exercise: Exercise | None = None
    recognised: bool = False
    set_number: int = 1
    n_sets: int | None = None
    step: Step | None = None
    rep_count: int = 0
    cue: Cue | None = None
    last_rep: Rep | None = None
    check: CheckReport | None = None
    countdown_s: float | None = None
    rest_left_s: float | None = None
    done: tuple[DoneSet, ...] = ()
    says: tuple[Utterance, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """What is left when the training is over.

    Attributes
    ----------
    sections
        What was done when, for `hipform.app.run.run` with all poses of the training; empty when no exercise was
        recognised. Recognised exercises are those that the same poses give as a file.
    done
        The sets as they were told live.
    """

    sections: tuple[Section, ...]
    done: tuple[DoneSet, ...]


class Trainer:
    """Lead a lifter through the sets of a training.

    Parameters
    ----------
    info
        The camera's picture.
    exercise
        What is going to be done; ``None`` recognises it.
    settings
        Values in force.
    calibrations
        The lifter's own lockouts and neutrals, of the pose model in use.
    n_sets
        How many sets there are to be; ``None`` for no end.
    rest_s
        Rest between sets; ``None`` for the usual one where `n_sets` is given, else for a rest without an end.

    Notes
    -----
    Poses of the check and of the countdown are judged too: a lifter who simply starts is not ignored. While paused
    nothing is judged, and the runtime should leave such frames out of poses and recording, so that the same is found
    there.
    """

    def __init__(
        self,
        info: ClipInfo,
        exercise: Exercise | None,
        settings: Settings,
        calibrations: Iterable[Calibration] = (),
        n_sets: int | None = None,
        rest_s: float | None = None,
    ) -> None:
        self._check = CameraCheck(info, exercise, settings)
        self._exercise = exercise
        self._calibrations = tuple(calibrations)
        self._n_sets = n_sets
        self._rest_s = rest_s
        self._paused = False

    def push(self, sight: Sight) -> LiveState:
        """Take the next frame, in time order; call once for each processed frame."""
        report = self._check.push(sight)
        return LiveState(
            t_s=sight.pose.t_s,
            stage=LiveStage.CHECK,
            paused=self._paused,
            exercise=self._exercise,
            recognised=self._exercise is None,
            n_sets=self._n_sets,
            check=report,
        )

    def next_exercise(self) -> None:
        """End the running set; what comes with the next frame is another exercise, to be recognised."""
        self._exercise = None

    def pause(self) -> None:
        """Judge nothing until `resume`."""
        self._paused = True

    def resume(self) -> None:
        """Go on after `pause`, with the camera check."""
        self._paused = False

    def finish(self) -> Course:
        """Close what is under way; call once, after the last frame."""
        return Course(sections=(Section(exercise=self._exercise),) if self._exercise else (), done=())
