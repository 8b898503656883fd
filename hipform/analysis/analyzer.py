"""The analyzer: turns poses into observations and events, and at the end judges the whole set with its own baseline."""

from __future__ import annotations

import math
from collections import Counter, deque
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from itertools import takewhile

import numpy as np
from numpy.typing import NDArray

from hipform.analysis.body import Body, BodyReader
from hipform.analysis.frame_measures import FrameMeasures, measure_frame
from hipform.analysis.judge import Judge
from hipform.analysis.judged_reps import Calibration, Event, Gap, Observation, Rep, SetResult, Step
from hipform.config import Settings
from hipform.exercises.declaration import Exercise
from hipform.features.rep_summary import RepSummary, summarise
from hipform.kinematics.reading_errors import exercise_reading
from hipform.kinematics.tracking import Continuity
from hipform.pose.poses import Pose
from hipform.segmentation.phases import Phase
from hipform.segmentation.samples import Sample
from hipform.segmentation.turning_points import FORGOTTEN_S, SETTLED_DEG, SETTLED_S, Movement, TurningPointFinder
from hipform.texts import english
from hipform.types import Side
from hipform.video.frames import ClipInfo

LONGEST_REP_S = 60.0
"""A movement that takes longer is abandoned, so that the number of stored samples stays bounded. Basis: guess."""
_GAP_REASONS = {
    Continuity.LOST: english("no person found in the frame"),
    Continuity.CUT: english("cut to another shot"),
    Continuity.JUMPED: english("tracking jumped to another body"),
}
_NOT_SEEN = english("shoulder, hip or knee not seen")
_NO_PICTURES = english("no frames in the clip")
ENDS_MID_LIFT = english("the clip ends mid-lift")
"""Why a lift at the end of a clip is not counted."""


@dataclass(slots=True)
class _OpenGap:
    start_s: float
    reason: str


class Analyzer:
    """Analyze one set of one exercise.

    Parameters
    ----------
    exercise
        What the lifter does.
    info
        The clip, for the size of its frames.
    settings
        Values in force.
    calibration
        The lifter's lockout and neutral in this exercise, if known.

    Notes
    -----
    `push` is causal: later frames do not change what it has returned. `finish` judges the set again with values that
    only the whole set determines (the lifter's range and usual top), and names that step in the result.
    """

    def __init__(
        self,
        exercise: Exercise,
        info: ClipInfo,
        settings: Settings | None = None,
        calibration: Calibration | None = None,
    ) -> None:
        self._settings = settings or Settings()
        self._exercise = exercise
        self._info = info
        self._reader = self._new_reader()
        self._turns = TurningPointFinder(
            self._settings["reps.turn_ratio"],
            exercise.smallest_range_deg,
            exercise.starts_at,
            straight_deg=self._settings["incomplete-lockout.short_deg"],
        )
        self._judge = Judge(exercise, self._settings, calibration)
        self._samples: deque[Sample] = deque()
        self._gap: _OpenGap | None = None
        self._gaps: list[Gap] = []
        self._view_counts = np.zeros(91, dtype=np.int64)
        self._move_counts = np.zeros(181, dtype=np.int64)
        self._phase = (Phase.IDLE, math.nan)
        self._first_s = math.nan
        self._last_s = math.nan
        self._seen_s = math.nan
        self._rep_end_s = math.nan

    @property
    def full_reps(self) -> list[RepSummary]:
        """Summaries of the full repetitions so far."""
        return self._judge.full_reps

    @property
    def rested_s(self) -> float:
        """Time since the last counted repetition was over, seconds.

        NaN before the first one, while a lift is in progress or may be starting, and while the athlete is not tracked.
        """
        is_followed = self._seen_s == self._last_s
        return self._last_s - self._rep_end_s if is_followed and not self._may_be_lifting() else math.nan

    @property
    def rep_is_ending(self) -> bool:
        """Whether a repetition that will count is practically over.

        It becomes True shortly before the `Rep` event, which waits until the return is certainly over. In rare cases
        the movement is not counted after all.
        """
        movement = self._turns.ending
        return movement is not None and self._judge.would_count(self._summary(movement)[0])

    def push(self, pose: Pose) -> Step:
        """Process the next pose, in time order.

        Returns
        -------
        Step
            The observation of this frame and the events that became certain with it.
        """
        if math.isnan(self._first_s):
            self._first_s = pose.t_s
        body = self._reader.push(pose)
        events = self._interruptions(body)
        for sample in body.samples:
            events += self._follow(sample)
        self._last_s = body.t_s
        self._seen_s = body.t_s if body.sample else self._seen_s
        return Step(observation=self._observe(body), events=tuple(events))

    def finish(self, mid_lift: str = ENDS_MID_LIFT, *, before_s: float = math.inf) -> SetResult:
        """End what is in progress and judge the set as a whole; call once, after the last pose.

        Parameters
        ----------
        mid_lift
            The reason to state for a lift that this interrupts.
        before_s
            When the set was over; later movements belong to another one.
        """
        self._end_movement(mid_lift)
        self._judge.leave_out_from(before_s)
        if self._gap:
            self._close_gap(self._last_s)
        judged = self._judge.whole_set()
        return SetResult(
            number=1,
            exercise=self._exercise.slug,
            start_s=self._first_s,
            end_s=min(self._last_s, before_s),
            side=_usual_side(judged["reps"]) or self._reader.side,
            view_off_deg=self._view_median(),
            camera_move_deg=_median_index(self._move_counts, -90.0),
            gaps=tuple(self._gaps),
            **judged,
        )

    # ------------------------------------------------------------------------------------------- following the body

    def _follow(self, sample: Sample) -> list[Event]:
        if math.isfinite(sample.view_off_deg):
            self._view_counts[round(min(sample.view_off_deg, 90.0))] += 1
        if math.isfinite(sample.camera_move_deg):
            self._move_counts[round(sample.camera_move_deg) + 90] += 1
        self._samples.append(sample)
        movement = self._turns.push(sample.t_s, sample.signal_deg)
        events = self._take(movement) if movement else []
        self._forget_old_samples(sample.t_s)
        if self._turns.under_way and sample.t_s - self._turns.start_t_s > LONGEST_REP_S:
            events += self._end_movement(english("no end within {n:.0f} s", n=LONGEST_REP_S), may_count=False)
        return events

    def _interruptions(self, body: Body) -> list[Event]:
        """Open or close gaps, and end a movement that is interrupted."""
        reason = _GAP_REASONS.get(body.continuity) or self._silent_loss(body)
        if reason is None:
            return [self._close_gap(body.t_s)] if self._gap and body.sample else []
        events = self._end_movement(reason)
        if self._gap is None:
            self._gap = _OpenGap(body.t_s if math.isnan(self._seen_s) else self._seen_s, reason)
            self._phase = (Phase.IDLE, body.t_s)
        if body.sample:
            events.append(self._close_gap(body.t_s))
        return events

    def _silent_loss(self, body: Body) -> str | None:
        """Return the reason of a loss that tracking does not detect: joints out of frame, or missing frames."""
        since_s = self._first_s if math.isnan(self._seen_s) else self._seen_s
        bridge_s = self._settings["tracking.bridge_s"]
        if body.t_s - since_s <= bridge_s:
            return None
        return _NO_PICTURES if body.t_s - self._last_s > bridge_s else _NOT_SEEN

    def _close_gap(self, t_s: float) -> Gap:
        """Close the open gap; merge it with the last one if it continues that gap for the same reason."""
        assert self._gap is not None
        gap = Gap(start_s=self._gap.start_s, end_s=t_s, reason=self._gap.reason)
        self._gap = None
        if self._gaps and (self._gaps[-1].end_s, self._gaps[-1].reason) == (gap.start_s, gap.reason):
            gap = replace(gap, start_s=self._gaps.pop().start_s)
        self._gaps.append(gap)
        return gap

    def _may_be_lifting(self) -> bool:
        """Return whether a repetition is in progress, or the hip moves but not yet far enough to be sure."""
        recent = takewhile(lambda sample: sample.t_s >= self._last_s - SETTLED_S, reversed(self._samples))
        recent_deg = [sample.signal_deg for sample in recent]
        moves = bool(recent_deg) and abs(recent_deg[0] - recent_deg[-1]) > SETTLED_DEG
        return self._turns.under_way or moves

    # ------------------------------------------------------------------------------------------------- movements

    def _take(self, movement: Movement, broken_by: str | None = None) -> list[Event]:
        """Judge a finished movement and keep only the samples of the next one."""
        events: list[Event] = []
        summary, refused = self._summary(movement)
        if refused and movement.pause:
            events.append(self._judge.refuse(movement.start_t_s, movement.pause[0], refused))
        verdict = self._judge.movement(summary, broken_by=broken_by)
        if isinstance(verdict, Rep):
            self._turns.accept(verdict.range_deg.value)
            if not verdict.partial:
                self._rep_end_s = verdict.timing.seen_end_s
        end_s = movement.end_t_s
        while self._samples and end_s is not None and self._samples[0].t_s < end_s:
            self._samples.popleft()
        return [*events, verdict]

    def _summary(self, movement: Movement) -> tuple[RepSummary, str | None]:
        """Return the summary of a movement, and why the part before its last rest does not belong to it, if so.

        Lying down, a rest and the first lift look like one long upward movement; the part after the rest may count.
        """
        samples, exercise = list(self._samples), self._exercise
        u95_scale = exercise_reading(exercise.base_slug).u95_scale
        summary = summarise(samples, movement, self._settings, u95_scale, exercise.low_back)
        refused = self._judge.refusal(summary) if movement.pause else None
        if refused:
            after = movement.after_pause()
            summary = summarise(samples, after, self._settings, u95_scale, exercise.low_back)
        return summary, refused

    def _end_movement(self, reason: str, *, may_count: bool = True) -> list[Event]:
        """End the movement in progress for *reason*; a lift that had reached its top still counts, unless forbidden."""
        movement = self._turns.finish()
        whole = may_count and movement is not None and movement.top_seen
        events = self._take(movement, None if whole else reason) if movement else []
        self._turns.reset()
        self._samples.clear()
        return events

    def _forget_old_samples(self, now_s: float) -> None:
        keep_from_s = self._turns.start_t_s - 0.5 if self._turns.under_way else now_s - FORGOTTEN_S
        while self._samples[0].t_s < keep_from_s:
            self._samples.popleft()

    # ------------------------------------------------------------------------------------------------- observing

    def _observe(self, body: Body) -> Observation:
        phase = self._turns.phase
        if phase is not self._phase[0] or math.isnan(self._phase[1]):
            self._phase = (phase, body.t_s)
        return Observation(
            **measure_frame(body, self._exercise, self._settings, self._judge, self._view_median()),
            exercise=self._exercise.slug,
            set_number=1,
            phase=phase,
            phase_s=body.t_s - self._phase[1],
            rep_count=self._judge.rep_count,
            partial_count=self._judge.partial_count,
        )

    def measure_again(self) -> Callable[[Pose], FrameMeasures]:
        """Return a function that measures the poses of this set again, from the first one; call after `finish`.

        Every frame then uses the view and the neutral low back of the whole set.
        """
        reader, view_off_deg = self._new_reader(), self._view_median()

        def measure(pose: Pose) -> FrameMeasures:
            body = reader.push(pose)
            return measure_frame(body, self._exercise, self._settings, self._judge, view_off_deg)

        return measure

    def _new_reader(self) -> BodyReader:
        exercise = self._exercise
        bias_deg = exercise_reading(exercise.base_slug).bias_deg
        return BodyReader(self._info, exercise.working_side, exercise.fastest_hip_deg_per_s, self._settings, bias_deg)

    def _view_median(self) -> float | None:
        return _median_index(self._view_counts)


def _median_index(counts: NDArray[np.int64], first: float = 0.0) -> float | None:
    """Return the median of the values *first*, *first* + 1, ... that occurred *counts* times; ``None`` if none did."""
    total = int(counts.sum())
    return first + float(np.searchsorted(np.cumsum(counts), (total + 1) // 2)) if total else None


def _usual_side(reps: Sequence[Rep]) -> Side | None:
    """Return the side on which most repetitions were measured; ``None`` if there are none."""
    return Counter(rep.side for rep in reps).most_common(1)[0][0] if reps else None
