"""The timeline of a set: which posture the lifter is in at every time, and when each repetition's phases begin."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, replace

from scripts.render_samples.geometry import lerp, minimum_jerk
from scripts.render_samples.plan import (
    ARMS_FLOAT_SHARE_OF_HOLD,
    ARMS_START_LATE_S,
    HANGING_ARM_DEG,
    Phase,
    RepPlan,
    Targets,
    blend,
    eased,
)
from scripts.render_samples.skeleton import Side


@dataclass(frozen=True)
class Segment:
    """A stretch of the timeline between two postures; `rising` is None where the lifter rests."""

    start_s: float
    end_s: float
    phase: Phase
    rep: int
    side: Side
    origin: Targets
    goal: Targets
    rising: bool | None = None
    knee_lead: float = 1.0
    hip_lag: float = 1.0
    start_slope: float = 0.0
    end_slope: float = 0.0

    def targets(self, time_s: float) -> Targets:
        """Return the posture at a time."""
        duration_s = max(self.end_s - self.start_s, 1e-9)
        share = eased((time_s - self.start_s) / duration_s, self.start_slope, self.end_slope)
        if self.rising is None:
            return self.origin.toward(self.goal, share)
        if self.rising:
            return blend(self.origin, self.goal, share, self.knee_lead, self.hip_lag)
        return blend(self.goal, self.origin, 1.0 - share, self.knee_lead)


@dataclass(frozen=True)
class RepTimes:
    """When a repetition's phases begin, s.

    Lifts from the bottom start when the concentric starts and end when the bottom is reached again; lifts from the
    top start with the descent and end when the hold at the top is over.
    """

    rep: int
    side: Side
    start_s: float
    bottom_s: float
    ascent_s: float
    top_s: float
    descent_s: float
    end_s: float


@dataclass(frozen=True)
class Moment:
    """Where the set stands at a time."""

    time_s: float
    rep: int
    phase: Phase
    side: Side
    targets: Targets


@dataclass(frozen=True)
class Timeline:
    """A whole set."""

    segments: tuple[Segment, ...]
    reps: tuple[RepTimes, ...]
    arm_segments: tuple[Segment, ...] = field(default=())

    @property
    def duration_s(self) -> float:
        """Length of the clip."""
        return self.segments[-1].end_s

    def at(self, time_s: float) -> Moment:
        """Return the state at a time."""
        segment = _segment_at(self.segments, time_s)
        targets = segment.targets(time_s)
        if self.arm_segments:
            arm = _segment_at(self.arm_segments, time_s)
            ratio = (time_s - arm.start_s) / max(arm.end_s - arm.start_s, 1e-9)
            share = minimum_jerk(ratio)
            targets = replace(targets, arm_deg=lerp(arm.origin.arm_deg, arm.goal.arm_deg, share))
        return Moment(time_s, segment.rep, segment.phase, segment.side, targets)


def _segment_at(segments: Sequence[Segment], time_s: float) -> Segment:
    return next((s for s in segments if time_s < s.end_s), segments[-1])


class _TimelineBuilder:
    """Lays segments end to end."""

    def __init__(self, start: Targets, side: Side) -> None:
        self.time_s = 0.0
        self.here = start
        self.side: Side = side
        self.segments: list[Segment] = []
        self._speed_deg_s = 0.0

    def rest(self, duration_s: float, phase: Phase, rep: int, goal: Targets | None = None) -> None:
        if duration_s <= 0.0:
            return
        self._add(Segment(self.time_s, self.time_s + duration_s, phase, rep, self.side, self.here, goal or self.here))
        self._speed_deg_s = 0.0

    def lift(self, plan: RepPlan, rep: int) -> None:
        tempo = plan.tempo
        self._move(tempo.concentric_s, Phase.CONCENTRIC, rep, plan, tempo.top_speed_deg_s)

    def lower(self, plan: RepPlan, rep: int) -> None:
        tempo = plan.tempo
        self._move(tempo.eccentric_s, Phase.ECCENTRIC, rep, plan, tempo.bottom_speed_deg_s)

    def _move(self, duration_s: float, phase: Phase, rep: int, plan: RepPlan, end_speed_deg_s: float) -> None:
        """Go to another posture; a turn without rest carries its speed over into the way back."""
        rising = phase is Phase.CONCENTRIC
        goal = plan.top if rising else plan.bottom
        range_deg = max(abs(self.here.hip_deg - goal.hip_deg), 1.0)
        self._add(
            Segment(
                self.time_s,
                self.time_s + duration_s,
                phase,
                rep,
                self.side,
                self.here,
                goal,
                rising,
                plan.knee_lead,
                plan.hip_lag,
                start_slope=self._speed_deg_s * duration_s / range_deg,
                end_slope=end_speed_deg_s * duration_s / range_deg,
            )
        )
        self._speed_deg_s = end_speed_deg_s

    def _add(self, segment: Segment) -> None:
        self.segments.append(segment)
        self.time_s, self.here = segment.end_s, segment.goal


def timeline_from_bottom(plans: Sequence[RepPlan], lead_s: float, tail_s: float) -> Timeline:
    """Lay out a set of lifts that start at the bottom."""
    build = _TimelineBuilder(plans[0].bottom, plans[0].side)
    build.rest(lead_s, Phase.SETUP, 0)
    reps = []
    for rep, plan in enumerate(plans, start=1):
        build.side = plan.side
        start_s = build.time_s
        build.lift(plan, rep)
        top_s = build.time_s
        build.rest(plan.tempo.top_s, Phase.TOP, rep)
        descent_s = build.time_s
        build.lower(plan, rep)
        end_s = build.time_s
        build.rest(plan.tempo.bottom_s, Phase.BOTTOM, rep)
        reps.append(RepTimes(rep, plan.side, start_s, start_s, start_s, top_s, descent_s, end_s))
    build.rest(tail_s, Phase.FINISH, 0)
    return Timeline(tuple(build.segments), tuple(reps))


def timeline_from_top(plans: Sequence[RepPlan], standing: Targets, lead_s: float, tail_s: float) -> Timeline:
    """Lay out a set of lifts that start and end standing (or at whatever the top is)."""
    build = _TimelineBuilder(standing, plans[0].side)
    build.rest(lead_s, Phase.SETUP, 0)
    reps = []
    for rep, plan in enumerate(plans, start=1):
        start_s = build.time_s
        build.lower(plan, rep)
        bottom_s = build.time_s
        build.rest(plan.tempo.bottom_s, Phase.BOTTOM, rep)
        ascent_s = build.time_s
        build.lift(plan, rep)
        top_s = build.time_s
        build.rest(plan.tempo.top_s, Phase.TOP, rep)
        reps.append(RepTimes(rep, plan.side, start_s, bottom_s, ascent_s, top_s, start_s, build.time_s))
    build.rest(tail_s, Phase.FINISH, 0, standing)
    return Timeline(tuple(build.segments), tuple(reps))


def with_swinging_arms(timeline: Timeline, plans: Sequence[RepPlan]) -> Timeline:
    """Give the arms their own timing: they follow the hips up and fall ahead of them."""
    segments: list[Segment] = []
    hanging = replace(plans[0].bottom, arm_deg=HANGING_ARM_DEG)

    def add(end_s: float, goal: Targets) -> None:
        start_s = segments[-1].end_s if segments else 0.0
        origin = segments[-1].goal if segments else hanging
        segments.append(Segment(start_s, end_s, Phase.SETUP, 0, "R", origin, goal))

    for times, plan in zip(timeline.reps, plans, strict=True):
        if times.rep == 1:
            add(times.start_s, hanging)
        add(times.bottom_s, plan.bottom)
        add(times.ascent_s + ARMS_START_LATE_S, plan.bottom)
        add(times.top_s + ARMS_FLOAT_SHARE_OF_HOLD * plan.tempo.top_s, plan.top)
    add(timeline.duration_s, hanging)
    return replace(timeline, arm_segments=tuple(segments))
