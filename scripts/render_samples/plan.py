"""What each repetition shall do, and the timeline that plays it.

A repetition runs between two sets of posture targets: `bottom` (hips most flexed) and `top` (hips most extended).
Faults are changes to these targets or to the tempo; the motions know nothing of faults.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field, fields, replace
from enum import StrEnum

from scripts.render_samples.geometry import lerp, minimum_jerk, smooth_step
from scripts.render_samples.skeleton import Side

# The low back moves in the last part of the way to an end, as lifters do when the hip has run out of range.
SPINE_STARTS_AT_SHARE = 0.35
# A swing's arms start just after the hips, keep floating up when the hips have locked, and fall ahead of them.
HANGING_ARM_DEG = 13.0
ARMS_START_LATE_S = 0.05
ARMS_FLOAT_SHARE_OF_HOLD = 0.5


class Phase(StrEnum):
    """Part of a repetition."""

    SETUP = "setup"
    CONCENTRIC = "concentric"
    TOP = "top"
    ECCENTRIC = "eccentric"
    BOTTOM = "bottom"
    FINISH = "finish"


@dataclass(frozen=True)
class Targets:
    """Posture at one end of a repetition.

    Attributes
    ----------
    hip_deg
        Trunk-thigh flexion of the working side, in the sagittal plane: 0 straight, negative past straight.
    knee_deg
        Knee flexion of the working side, where the exercise leaves it free.
    lumbar_deg, thoracic_deg, neck_deg
        Extension of a part of the spine: positive arches, negative rounds.
    pelvis_drop_deg
        Slope of the line between the hip joints, positive when the unsupported side is lower.
    arm_deg
        Elevation of the arms from hanging, positive forward and up (swing).
    load_drift_m
        How far the load is held ahead of where it should be.

    """

    hip_deg: float = 0.0
    knee_deg: float = 0.0
    lumbar_deg: float = 0.0
    thoracic_deg: float = 0.0
    neck_deg: float = 0.0
    pelvis_drop_deg: float = 0.0
    arm_deg: float = 0.0
    load_drift_m: float = 0.0

    def toward(self, other: Targets, share: float) -> Targets:
        """Interpolate all targets linearly."""
        values = {f.name: lerp(getattr(self, f.name), getattr(other, f.name), share) for f in fields(self)}
        return Targets(**values)


@dataclass(frozen=True)
class Tempo:
    """Durations of a repetition's phases, s.

    `bottom_speed_deg_s` and `top_speed_deg_s` are the hip's speeds just before and after a turn; zero comes to rest.
    """

    concentric_s: float
    top_s: float
    eccentric_s: float
    bottom_s: float
    bottom_speed_deg_s: float = 0.0
    top_speed_deg_s: float = 0.0

    def scaled(self, factor: float) -> Tempo:
        """Slow all phases down by a factor."""
        return replace(
            self,
            concentric_s=self.concentric_s * factor,
            top_s=self.top_s * factor,
            eccentric_s=self.eccentric_s * factor,
            bottom_s=self.bottom_s * factor,
        )


@dataclass(frozen=True)
class RepPlan:
    """One repetition: its two ends, tempo and working side.

    On the way up, `knee_lead` above 1 lets the knees straighten early and `hip_lag` above 1 the hips late, so that the
    hips rise ahead of the shoulders.
    """

    bottom: Targets
    top: Targets
    tempo: Tempo
    side: Side = "R"
    knee_lead: float = 1.0
    hip_lag: float = 1.0

    @property
    def range_deg(self) -> float:
        """Hip range from bottom to top."""
        return self.bottom.hip_deg - self.top.hip_deg


def blend(bottom: Targets, top: Targets, share: float, knee_lead: float = 1.0, hip_lag: float = 1.0) -> Targets:
    """Return the posture between the ends; 0 is the bottom, 1 the top."""
    up = float(smooth_step(SPINE_STARTS_AT_SHARE, 1.0, share))
    down = float(smooth_step(SPINE_STARTS_AT_SHARE, 1.0, 1.0 - share))
    knee_share = 1.0 - (1.0 - min(max(share, 0.0), 1.0)) ** knee_lead
    return replace(
        bottom.toward(top, share),
        hip_deg=lerp(bottom.hip_deg, top.hip_deg, min(max(share, 0.0), 1.0) ** hip_lag),
        pelvis_drop_deg=bottom.pelvis_drop_deg * down + top.pelvis_drop_deg * up,
        lumbar_deg=bottom.lumbar_deg * down + top.lumbar_deg * up,
        thoracic_deg=bottom.thoracic_deg * down + top.thoracic_deg * up,
        knee_deg=lerp(bottom.knee_deg, top.knee_deg, knee_share),
    )


def eased(ratio: float, start_slope: float = 0.0, end_slope: float = 0.0) -> float:
    """Return the quintic way from 0 to 1 with given end slopes and no end acceleration (minimum jerk at 0, 0)."""
    r = min(max(ratio, 0.0), 1.0)
    cubic = 10.0 - 6.0 * start_slope - 4.0 * end_slope
    quartic = -15.0 + 8.0 * start_slope + 7.0 * end_slope
    quintic = 6.0 - 3.0 * start_slope - 3.0 * end_slope
    return start_slope * r + cubic * r**3 + quartic * r**4 + quintic * r**5


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
