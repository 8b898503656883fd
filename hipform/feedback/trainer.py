"""Session stages of live training: camera check, countdown, set, rest, and the utterances in each.

Only the times of the frames drive it: no clock and no threads, so the same poses give the same utterances.
"""

from __future__ import annotations

import math
from collections import deque
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

import numpy as np

from hipform.analysis import Section
from hipform.analysis.judged_reps import Calibration, Rep, SetResult, Step
from hipform.config import Settings
from hipform.exercises.declaration import Exercise
from hipform.feedback import voice_lines
from hipform.feedback.arm_signal import ArmSignal
from hipform.feedback.camera_check import CameraCheck, CheckReport, FrameCheck, is_standing
from hipform.feedback.cues import Cue
from hipform.feedback.live_sets import FoundSet, LiveSets
from hipform.feedback.rep_talk import RepTalk
from hipform.feedback.set_summary import Summary, summarise_set
from hipform.feedback.voice_lines import Utterance, UtteranceKind
from hipform.kinematics.measures import SIDE_POINTS
from hipform.kinematics.tracking import trunk_length_px
from hipform.pose.poses import Pose
from hipform.segmentation.phases import Phase
from hipform.types import FloatArray
from hipform.video.frames import ClipInfo

COUNTDOWN_S = 3.0
"""Time from taking position to "Go"; the lifter may start earlier. Basis: guess."""
SIGNAL_COUNTDOWN_S = 8.0
"""Time from the arm signal to "Go": the lifter still has to walk to the bar, or to lie down. Basis: guess."""
STILL_S = 1.5
"""A lifter who is still for this long has taken position; few hold the top of a repetition that long. Basis: guess."""
STILL_TRUNKS = 0.1
"""Hips and shoulders that move less than this, in trunk lengths, are still; breathing and jitter are smaller.

Basis: guess.
"""
LEFT_S = 4.0
"""A lifter out of view for this long has left the set; someone who walks past hides them for less. Basis: guess."""
TARGET_S = 4.0
"""A lifter who has done the planned repetitions and moves no further for this long rests. Basis: guess."""
REST_S = 90.0
"""Default rest between sets; one to two minutes are usual for repeated sets of moderate load.

Basis: convention, coaching practice.
"""
_REST_SHOWN_S = 5.0
"""Shortest time for which a rest is shown once the set is known to be over. Basis: guess."""
SUMMARY_SHOWN_S = 15.0
"""How long the summary of a set is shown without a rest timer; long enough to read it. Basis: guess."""
REST_WARNING_S = 10
"""The voice announces the end of the rest this long before. Basis: guess."""
ADVICE_EVERY_S = 6.0
"""Shortest time between two pieces of spoken advice. Basis: guess."""
ADVICE_AGAIN_S = 15.0
"""The same advice is repeated after this time while it is not followed. Basis: guess."""
_TRUNK = [points[name] for points in SIDE_POINTS.values() for name in ("shoulder", "hip")]


class LiveStage(StrEnum):
    """Stage of the training."""

    CHECK = "check"
    COUNTDOWN = "countdown"
    SET = "set"
    REST = "rest"
    SUMMARY = "summary"


@dataclass(frozen=True, slots=True, kw_only=True)
class DoneSet:
    """A finished set, as known live.

    Attributes
    ----------
    number
        Position among all sets of this training, from 1.
    exercise
        Exercise of the set.
    result, summary
        Result of the set, and its summary.
    """

    number: int
    exercise: Exercise
    result: SetResult
    summary: Summary


@dataclass(frozen=True, slots=True, kw_only=True)
class LiveState:
    """All that is shown and said at one frame.

    Attributes
    ----------
    t_s
        Time of the frame.
    stage
        Stage of the training.
    paused
        Whether judging is paused.
    exercise
        Current exercise; ``None`` until it is recognised.
    recognised
        Whether the exercise was recognised rather than given by the user.
    set_number, n_sets
        Number of the current or next set, from 1, and planned number of sets; ``None`` if not given.
    step
        Analysis of this frame; ``None`` while paused, and until the exercise is known.
    rep_count
        Announced repetitions of the current set; may be briefly ahead of the count of `step`, never behind.
    cue, last_rep
        Cue to show, and last finished repetition of the current set.
    check
        Report of the camera check in stages ``check`` and ``countdown``; else ``None``.
    countdown_s, rest_left_s
        Time left of the countdown and of the rest; ``None`` in other stages, and for a rest without a timer.
    target_reps
        Planned number of repetitions of a set; ``None`` if not given.
    arm_held_s
        How long an arm has been raised for the signal, seconds; 0 if it is not.
    wants_report
        Whether the lifter has asked for the report, by an arm signal after the last set.
    done
        Finished sets, in order; in stage ``rest`` the last one has just ended.
    says
        Utterances of this frame, most urgent first.
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
    target_reps: int | None = None
    arm_held_s: float = 0.0
    wants_report: bool = False
    done: tuple[DoneSet, ...] = ()
    says: tuple[Utterance, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Course:
    """The exercises and sets of a finished training.

    Attributes
    ----------
    sections
        Exercises with their times, for judging all poses of the training; empty if no exercise was recognised.
        Recognised exercises equal those recognised in the same poses as a file.
    done
        Sets as reported live.
    """

    sections: tuple[Section, ...]
    done: tuple[DoneSet, ...]


def _done(number: int, found: FoundSet) -> DoneSet:
    return DoneSet(
        number=number,
        exercise=found.exercise,
        result=found.result,
        summary=summarise_set(found.exercise, found.result),
    )


def least_rest_s(settings: Settings) -> float:
    """Return the shortest allowed rest: a set may still continue until ``sets.rest_s`` has passed."""
    return settings["sets.rest_s"] + _REST_SHOWN_S


class Trainer:
    """Lead a lifter through the sets of a training.

    Parameters
    ----------
    info
        Size and rate of the camera's frames.
    exercise
        What is going to be done; ``None`` recognises it.
    settings
        Values in force.
    calibrations
        The lifter's own lockouts and neutrals, of the pose model in use.
    n_sets
        Planned number of sets of an exercise; ``None`` for no limit.
    rest_s
        Rest between sets, from the end of the last repetition, at least `least_rest_s`. ``None`` means `REST_S` if
        `n_sets` is given, else a rest without a timer.
    target_reps
        Planned number of repetitions of a set, which the voice announces; ``None`` if not given.

    Notes
    -----
    Poses during check, countdown and rest are judged too: a lifter may simply start, and a counted repetition starts
    the set from any stage. `Session` decides when a set is over, as in a file. A lifter who leaves the view gets the
    summary at once, and continues the same set when back soon. The arm signal (`ArmSignal`) starts a countdown between
    sets, whatever the camera check says, ends a set like leaving the view, and after the last set asks for the report.

    While paused nothing is judged, and the caller should keep such frames out of poses and recording, so that a later
    analysis gives the same result.
    """

    def __init__(
        self,
        info: ClipInfo,
        exercise: Exercise | None,
        settings: Settings,
        calibrations: Iterable[Calibration] = (),
        n_sets: int | None = None,
        rest_s: float | None = None,
        target_reps: int | None = None,
    ) -> None:
        self._info = info
        self._settings = settings
        self._n_sets = n_sets
        self._rest_s = max(REST_S, least_rest_s(settings)) if rest_s is None and n_sets else rest_s
        self._sets = LiveSets(info, exercise, settings, calibrations)
        self._target_reps = target_reps
        self._talk = RepTalk(target_reps)
        self._arm = ArmSignal()
        self._countdown_s = COUNTDOWN_S
        self._wants_report = False
        self._check = CameraCheck(info, exercise, settings)
        self._advice = _SpokenAdvice()
        self._stillness = _Stillness()
        self._stage = LiveStage.CHECK
        self._paused = False
        self._now_s = self._since_s = self._seen_s = math.nan
        self._done: tuple[DoneSet, ...] = ()
        self._ended = self._sets_before = 0
        self._report: CheckReport | None = None
        self._step: Step | None = None
        self._says: list[Utterance] = []

    # ------------------------------------------------------------------------------------------------------ the keys

    def next_exercise(self) -> None:
        """End the current set; the next frames are another exercise, to be recognised."""
        self._sets.next_exercise(self._now_s)
        self._note_sets(self._sets.over)
        self._sets_before = self._ended
        self._talk = RepTalk(self._target_reps)
        self._enter(LiveStage.CHECK)

    def pause(self) -> None:
        """Stop judging until `resume`."""
        self._paused = True

    def resume(self) -> None:
        """Continue after `pause`; a countdown starts again."""
        self._paused = False
        self._seen_s = math.nan
        if self._stage is LiveStage.COUNTDOWN:
            self._enter(LiveStage.CHECK)

    def finish(self) -> Course:
        """Close the current set and return the course; call once, after the last frame."""
        sections = self._sets.finish()
        self._note_sets(self._sets.over)
        return Course(sections=sections, done=self._done)

    # ---------------------------------------------------------------------------------------------------- the frames

    def push(self, sight: FrameCheck) -> LiveState:
        """Take the next frame, in time order, and return the state; call once for each processed frame."""
        self._says = []
        last_s, self._now_s = self._now_s, sight.pose.t_s
        if self._paused:
            return self._state()
        if math.isnan(last_s):
            self._since_s = self._now_s
        if self._judge(sight.pose):
            self._ended = min(self._ended, max(self._talk.set_number - 1, self._sets_before))
            if self._stage is not LiveStage.SET:
                self._enter(LiveStage.SET)
        if self._arm.push(sight.pose):
            self._handle_signal()
        else:
            self._advance_stage(sight, last_s)
        return self._state()

    def _judge(self, pose: Pose) -> bool:
        """Pass the pose to the sets; return whether a repetition came with it, or a movement that is or may be one."""
        was_known, before = self._sets.exercise, (self._talk.set_number, self._talk.rep_count)
        steps = self._sets.push(pose)
        recognised = self._sets.exercise if self._sets.exercise is not was_known else None
        if recognised:
            self._says.append(voice_lines.recognised(recognised))
        self._step = steps[-1] if steps else None
        is_continuing = math.isfinite(self._seen_s)
        is_tracked = self._step.observation.tracked if self._step else pose.found
        if is_tracked or not is_continuing:
            self._seen_s = self._now_s
        for said in self._talk.push(steps, rep_is_ending=self._sets.rep_is_ending):
            # A rejected movement while the lifter sets up or rests was no attempt, nor is one cut off by a pause.
            if said.kind is not UtteranceKind.WHY or (self._stage is LiveStage.SET and is_continuing):
                self._says.append(said)
        after = self._talk.set_number, self._talk.rep_count
        is_counted = after > before and self._talk.rep_count > 0
        return is_counted or recognised is not None or self._sets.may_have_begun

    def _advance_stage(self, sight: FrameCheck, last_s: float) -> None:
        """Handle this frame in the current stage."""
        match self._stage:
            case LiveStage.CHECK:
                self._in_check(sight)
            case LiveStage.COUNTDOWN:
                self._in_countdown(sight, last_s)
            case LiveStage.SET:
                self._in_set()
            case LiveStage.REST:
                self._in_rest(last_s)
            case LiveStage.SUMMARY:
                pass

    def _handle_signal(self) -> None:
        """Start a set, end it, or ask for the report, by what the raised arm can mean now."""
        if self._stage is LiveStage.SET:
            self._end_set_so_far()
        elif self._stage is LiveStage.SUMMARY:
            self._wants_report = True
        elif self._stage is not LiveStage.COUNTDOWN:
            self._enter(LiveStage.COUNTDOWN, SIGNAL_COUNTDOWN_S)
            self._says.append(voice_lines.GET_READY)

    def _end_set_so_far(self) -> None:
        so_far = self._sets.so_far()
        if len(so_far) > self._ended:
            self._end_set(so_far)
        else:
            self._enter(LiveStage.CHECK)

    def _enter(self, stage: LiveStage, countdown_s: float = COUNTDOWN_S) -> None:
        if stage is LiveStage.CHECK and self._stage is not LiveStage.COUNTDOWN:
            self._check = CameraCheck(self._info, self._sets.exercise, self._settings)
        self._stage, self._since_s = stage, self._now_s
        self._report = None
        self._stillness = _Stillness()
        self._countdown_s = countdown_s

    def _in_check(self, sight: FrameCheck) -> None:
        self._report = self._check.push(sight)
        still = self._stillness.push(sight.pose)
        if self._report.ready and still and self._in_position(sight.pose):
            report = self._report
            self._enter(LiveStage.COUNTDOWN)
            self._report = report
            self._says.append(voice_lines.seconds_left(math.ceil(COUNTDOWN_S)))
            return
        said = self._advice.push(self._now_s, self._report, is_seen=sight.pose.found)
        self._says += [said] if said else []

    def _in_position(self, pose: Pose) -> bool:
        exercise = self._sets.exercise
        return exercise is None or exercise.posture.may_look_standing or not is_standing(pose)

    def _in_countdown(self, sight: FrameCheck, last_s: float) -> None:
        self._report = self._check.push(sight)
        was_signalled = self._countdown_s != COUNTDOWN_S
        if not (self._report.ready or was_signalled):
            self._enter(LiveStage.CHECK)
            return
        left_s, before_s = (self._countdown_s - (t_s - self._since_s) for t_s in (self._now_s, last_s))
        if left_s <= 0:
            self._enter(LiveStage.SET)
            self._says.append(voice_lines.GO)
        elif math.ceil(left_s) < math.ceil(before_s) and left_s <= COUNTDOWN_S:
            self._says.append(voice_lines.seconds_left(math.ceil(left_s)))

    def _in_set(self) -> None:
        over = self._sets.over
        if len(over) > self._ended and not self._talk.rep_count:
            self._end_set(over)
        elif self._now_s - self._seen_s > LEFT_S or self._has_reached_target():
            self._end_set_so_far()

    def _has_reached_target(self) -> bool:
        """Return whether the planned repetitions are done and no further one is on its way."""
        if self._target_reps is None or self._talk.rep_count < self._target_reps or self._step is None:
            return False
        is_moving = self._step.observation.phase in (Phase.LIFT, Phase.LOWER)
        return not is_moving and self._now_s - self._talk.rep_end_s > TARGET_S

    def _in_rest(self, last_s: float) -> None:
        left_s = self._rest_left_s(self._now_s)
        if left_s is None:
            if self._now_s - self._since_s >= SUMMARY_SHOWN_S:
                self._enter(LiveStage.CHECK)
        elif left_s <= 0:
            self._says.append(voice_lines.next_set(self._shown_number, self._n_sets))
            self._enter(LiveStage.CHECK)
        else:
            before_s = self._rest_left_s(last_s) or math.inf
            if left_s <= REST_WARNING_S < before_s:
                self._says.append(voice_lines.rest_left(REST_WARNING_S))

    # ------------------------------------------------------------------------------------------------------- the sets

    def _note_sets(self, found: Sequence[FoundSet]) -> None:
        self._done = tuple(_done(number, one) for number, one in enumerate(found, 1))
        self._ended = len(found)

    def _end_set(self, found: Sequence[FoundSet]) -> None:
        """Announce the last of these sets, which has just ended."""
        self._note_sets(found)
        number = self._ended - self._sets_before
        all_done = self._n_sets is not None and number >= self._n_sets
        self._enter(LiveStage.SUMMARY if all_done else LiveStage.REST)
        self._says.append(voice_lines.set_done(number, self._done[-1].summary, all_done=all_done))

    def _rest_left_s(self, now_s: float) -> float | None:
        if self._rest_s is None:
            return None
        began_s = self._since_s if math.isnan(self._talk.rep_end_s) else self._talk.rep_end_s
        return began_s + self._rest_s - now_s

    @property
    def _shown_number(self) -> int:
        """Number of the current or next set, counted from the last change of exercise."""
        return max(self._ended + 1, self._talk.set_number) - self._sets_before

    def _state(self) -> LiveState:
        stage = self._stage
        # Until the analysis closes the previous set, its numbers are not those of the set just announced.
        is_set = stage is LiveStage.SET and self._talk.set_number > self._ended
        counting = stage is LiveStage.COUNTDOWN
        return LiveState(
            t_s=self._now_s,
            stage=stage,
            paused=self._paused,
            exercise=self._sets.exercise,
            recognised=self._sets.recognised,
            set_number=self._shown_number,
            n_sets=self._n_sets,
            step=None if self._paused else self._step,
            rep_count=self._talk.rep_count if is_set else 0,
            cue=self._talk.cue if is_set else None,
            last_rep=self._talk.last_rep if is_set else None,
            check=self._report,
            countdown_s=max(0.0, self._countdown_s - (self._now_s - self._since_s)) if counting else None,
            rest_left_s=self._rest_left_s(self._now_s) if stage is LiveStage.REST else None,
            target_reps=self._target_reps,
            arm_held_s=self._arm.held_s,
            wants_report=self._wants_report,
            done=self._done,
            says=tuple(self._says),
        )


class _SpokenAdvice:
    """Timing of spoken advice from the camera check: when it changes, and again while it is not followed."""

    def __init__(self) -> None:
        self._said, self._said_s = "", -math.inf

    def push(self, now_s: float, report: CheckReport, *, is_seen: bool) -> Utterance | None:
        """Take a report and return the utterance, or ``None``.

        If nobody is in view, or nothing is wrong, advice is given only once.
        """
        line = voice_lines.CAMERA_RIGHT if report.ready else voice_lines.advice(report.advice)
        again_s = ADVICE_AGAIN_S if is_seen and not report.ready else math.inf
        wait_s = ADVICE_EVERY_S if line.text != self._said else again_s
        if not line.text or now_s - self._said_s < wait_s:
            return None
        self._said, self._said_s = line.text, now_s
        return line


class _Stillness:
    """Detect that shoulders and hips stay in place."""

    def __init__(self) -> None:
        self._places: deque[tuple[float, FloatArray]] = deque()

    def push(self, pose: Pose) -> bool:
        """Take the next pose and return whether the lifter has been still for `STILL_S`."""
        if not pose.found:
            self._places.clear()
            return False
        self._places.append((pose.t_s, pose.image_px[_TRUNK]))
        while len(self._places) > 1 and pose.t_s - self._places[1][0] >= STILL_S:
            self._places.popleft()
        if pose.t_s - self._places[0][0] < STILL_S:
            return False
        places = np.array([place for _, place in self._places])
        reach_px = np.linalg.norm(np.ptp(places, axis=0), axis=1)
        return bool((reach_px <= STILL_TRUNKS * trunk_length_px(pose)).all())
