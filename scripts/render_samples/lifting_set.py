"""A planned set: exercise, body and faults turned into a motion and a timeline."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from scripts.render_samples.bodies import Body, load_body
from scripts.render_samples.equipment import PLATE_SETS
from scripts.render_samples.exercises import EXERCISES, Exercise, MotionSettings
from scripts.render_samples.faults import FaultRequest, apply_faults
from scripts.render_samples.motion.base import Motion, PosedFrame
from scripts.render_samples.plan import HANGING_ARM_DEG, RepPlan
from scripts.render_samples.skeleton import Side
from scripts.render_samples.spec import ClipSpec
from scripts.render_samples.timeline import (
    Moment,
    Timeline,
    timeline_from_bottom,
    timeline_from_top,
    with_swinging_arms,
)

LEAD_S, TAIL_S = 0.5, 0.35
TEMPO_VARIATION = 0.05
DEFAULT_BAR_HEIGHT_M = 0.225


@dataclass(frozen=True)
class LiftingSet:
    """Everything about a clip except how it looks."""

    exercise: Exercise
    body: Body
    motion: Motion
    plans: tuple[RepPlan, ...]
    timeline: Timeline

    def at(self, time_s: float) -> tuple[Moment, PosedFrame]:
        """Return state and solved posture at a time."""
        moment = self.timeline.at(time_s)
        return moment, self.motion.pose(moment.targets, moment.side)

    def frame_times_s(self, fps: float) -> list[float]:
        """Return the time of each frame."""
        return [i / fps for i in range(round(self.timeline.duration_s * fps))]


def shin_lean_deg(requests: tuple[FaultRequest, ...]) -> float:
    """Return the lean of the shins that the set-up is asked for."""
    return sum(request.amount for request in requests if request.fault == "shin-angle")


def bar_height_m(plates: str) -> float:
    """Return the height of a bar whose plates stand on the floor."""
    radii = [plate.radius_m for plate in PLATE_SETS[plates]]
    return max(radii, default=DEFAULT_BAR_HEIGHT_M)


def plan_set(spec: ClipSpec) -> LiftingSet:
    """Plan the set of a clip."""
    exercise, body = EXERCISES[spec.exercise], load_body(spec.body)
    settings = MotionSettings(shin_lean_deg(spec.faults), bar_height_m(spec.scene.plates))
    motion = exercise.make_motion(body, settings)
    good = RepPlan(
        bottom=motion.complete_bottom(exercise.bottom),
        top=exercise.top,
        tempo=exercise.tempo.scaled(spec.tempo_factor),
        knee_lead=exercise.knee_lead,
    )
    plans = apply_faults(_varied_reps(good, spec, exercise), spec.faults, motion)
    if exercise.starts_at_top:
        timeline = timeline_from_top(plans, replace(good.top, arm_deg=HANGING_ARM_DEG), LEAD_S, TAIL_S)
    else:
        timeline = timeline_from_bottom(plans, LEAD_S, TAIL_S)
    if exercise.swings_arms:
        timeline = with_swinging_arms(timeline, plans)
    return LiftingSet(exercise, body, motion, tuple(plans), timeline)


def _varied_reps(good: RepPlan, spec: ClipSpec, exercise: Exercise) -> list[RepPlan]:
    """Return the set's good reps, which differ a little, as people's do."""
    rng = np.random.default_rng([spec.seed, 1])
    plans = []
    for rep in range(spec.reps):
        top_deg, bottom_deg, pace = (float(x) for x in rng.normal(size=3).clip(-2.0, 2.0))
        tempo = good.tempo.scaled(1.0 + TEMPO_VARIATION * pace * min(spec.variation_deg, 1.0))
        top = replace(good.top, hip_deg=good.top.hip_deg + spec.variation_deg * top_deg)
        bottom = good.bottom
        if exercise.starts_at_top:
            bottom = replace(bottom, hip_deg=bottom.hip_deg + 2.0 * spec.variation_deg * bottom_deg)
        side: Side = "L" if exercise.alternates_sides and rep % 2 else "R"
        plans.append(replace(good, top=top, bottom=bottom, tempo=tempo, side=side))
    return plans
