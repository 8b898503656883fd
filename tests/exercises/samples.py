"""A good, a bad and a drop-out clip for every rule, and a plain repetition in numbers to change at will."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import cache

import numpy as np

from hipform.exercises.base import Baseline
from hipform.kinematics.measures import MEASURES
from hipform.reps.summary import RepSummary
from hipform.types import Estimate, Landmark, Pose, SetResult, Side, Status
from tests.synthetic import (
    BOTTOM_DEG,
    SIDE_ON,
    Camera,
    Clip,
    RepPlan,
    RepSet,
    changed,
    film_set,
    posture_of,
    result_of,
    without,
)

FPS = 16

# ----------------------------------------------------------------------------------------------- repetitions in numbers

LYING = {"trunk_incline_deg": -10.0, "thigh_incline_deg": 20.0, "knee_flexion_deg": 95.0, "hip_height_ratio": 0.4}


def rep_summary(**changes) -> RepSummary:
    """Return a faultless repetition in numbers, with changes; those of ``top`` and ``low`` are merged in."""
    plain = RepSummary(
        side=Side.RIGHT,
        start_s=1.0,
        top_start_s=1.8,
        top_s=2.0,
        top_end_s=2.4,
        end_s=3.4,
        lift_s=0.8,
        hold_s=0.6,
        lower_s=1.0,
        lockout=Estimate(0.0, 5.0, "deg"),
        bottom=Estimate(50.0, 10.0, "deg"),
        range=Estimate(50.0, 11.0, "deg"),
        top=dict.fromkeys(MEASURES, 0.0) | LYING,
        low=dict.fromkeys(MEASURES, 0.0) | LYING,
        held_deg=0.0,
        thigh_share_ratio=0.6,
        hip_rise_trunks=0.3,
        feet_move_trunks=0.02,
        segment_change_ratio=0.05,
        trunk_chord_ratio=1.0,
        early_rise_ratio=1.0,
        load_drift_ratio=0.0,
        hands_lead_ratio=0.5,
        hands_peak_ratio=-1.0,
        view_off_deg=5.0,
        guessed_ratio=0.0,
    )
    merged = {name: {**getattr(plain, name), **changes.pop(name)} for name in ("top", "low") if name in changes}
    return replace(plain, **merged, **changes)


USUAL = Baseline(lockout_deg=0.0, best_range_deg=50.0)

# ---------------------------------------------------------------------------------------------------------------- clips

Change = Callable[[Pose], Pose]


@dataclass(frozen=True)
class Sample:
    """A clip by its deviations from a good set.

    Attributes
    ----------
    plan
        Deviations of every repetition, as in `RepPlan`; ``bottom_share`` is of the exercise's usual bottom.
    reps
        Deviations of each repetition on top of those; as many repetitions as entries.
    posture
        Deviations of the posture, as in `tests.synthetic.lying`; functions are called with the trunk-thigh angle.
    says
        Part of the text that the rule's finding on the last repetition has.
    """

    plan: tuple[tuple[str, float], ...] = ()
    reps: tuple[tuple[tuple[str, float], ...], ...] = ((), ())
    posture: tuple[tuple[str, object], ...] = ()
    camera: Camera = SIDE_ON
    change: Change | None = None
    is_eased: bool = True
    span: tuple[float, float] = (0.0, 1.0)
    says: str = ""


def sample(says: str = "", **what) -> Sample:
    """Return a sample; dictionaries become hashable."""
    reps = tuple(tuple(rep.items()) for rep in what.pop("reps", [{}, {}]))
    plan, posture = tuple(what.pop("plan", {}).items()), tuple(what.pop("posture", {}).items())
    return Sample(plan=plan, reps=reps, posture=posture, says=says, **what)


@cache
def clip_of(slug: str, what: Sample) -> Clip:
    """Return the clip of a sample in an exercise."""

    def plan(**change):
        share = change.pop("bottom_share", 1.0)
        return RepPlan(**({"bottom_deg": share * BOTTOM_DEG[slug]} | change))

    reps = RepSet(tuple(plan(**(dict(what.plan) | dict(rep))) for rep in what.reps), is_eased=what.is_eased)

    def posture(hip_deg):
        how = {key: value(hip_deg) if callable(value) else value for key, value in what.posture}
        return posture_of(slug, what.camera.near, **how)(hip_deg)

    clip = film_set(reps, posture, what.camera, fps=FPS)
    start_s, end_s = (share * reps.duration_s for share in what.span)
    poses = [pose for pose in clip.poses if start_s <= pose.t_s <= end_s]
    return clip.but(changed(poses, what.change, lambda _: True) if what.change else poses)


@cache
def judged(slug: str, what: Sample) -> SetResult:
    """Return the result of a sample."""
    return result_of(clip_of(slug, what), slug)


# ------------------------------------------------------------------------------------------------------- one per status

OBLIQUE = Camera(azimuth_deg=40)
FRONT = Camera(azimuth_deg=75)


def hide(*parts: str) -> Change:
    """Return the change that takes body parts out of sight."""
    return lambda pose: without(pose, *parts)


def hide_head_at_bottom(pose: Pose) -> Pose:
    """Hide the ears while the hips are low."""
    is_low = pose.world_m[Landmark.RIGHT_KNEE, 1] < -0.22
    return without(pose, "ear") if is_low else pose


def sliding_hip(share: float) -> Change:
    """Return the change that pulls the hip point toward the shoulder, by up to *share* of the trunk."""

    def slide(pose: Pose) -> Pose:
        image_px = pose.image_px.copy()
        for side in Side:
            hip, shoulder, knee = (Landmark[f"{side.name}_{part}"] for part in ("HIP", "SHOULDER", "KNEE"))
            trunk, thigh = (pose.image_px[other] - pose.image_px[hip] for other in (shoulder, knee))
            bend = -float(trunk @ thigh / np.linalg.norm(trunk) / np.linalg.norm(thigh))
            image_px[hip] += share * max(0.0, (bend - 0.5) / 0.5) * trunk
        return replace(pose, image_px=image_px)

    return slide


FADING = [{"lift_s": 0.6 + 0.2 * number} for number in range(6)]

SAMPLES: dict[str, dict[Status, list[Sample]]] = {
    "incomplete-lockout": {
        Status.OK: [sample("straight"), sample("within 6", plan={"lockout_deg": 6})],
        Status.FAULT: [
            sample("short of full extension by 15", plan={"lockout_deg": 15}),
            sample("far short", plan={"lockout_deg": 26, "bottom_deg": 75}),
        ],
        Status.NOT_ASSESSED: [
            sample("off the side view, more than 30", camera=OBLIQUE),
            sample("hip point is not steady", change=sliding_hip(0.5)),
        ],
    },
    "lumbar-overextension": {
        Status.OK: [sample(), sample(plan={"lockout_deg": -9})],
        Status.FAULT: [
            sample("past straight: more than hips extend", plan={"lockout_deg": -26}),
            sample("past your own usual top", reps=[{}, {}, {}, {}, {"lockout_deg": -15}]),
        ],
        Status.NOT_ASSESSED: [
            sample("that can be your build", plan={"lockout_deg": -16}),
            sample("off the side view, more than 30", camera=OBLIQUE, plan={"lockout_deg": -26}),
        ],
    },
    "no-squeeze": {
        Status.OK: [sample("held the top for")],
        Status.FAULT: [
            sample("held the top for 0.", plan={"hold_s": 0, "lift_s": 0.4, "lower_s": 0.45}, is_eased=False)
        ],
        Status.NOT_ASSESSED: [sample("off the side view, more than 60", camera=FRONT)],
    },
    "momentum": {
        Status.OK: [sample("lowered in")],
        Status.FAULT: [
            sample("lowered in 0.", plan={"lower_s": 0.33}),
            sample("lowered in 0.", plan={"lower_s": 0.9, "lift_s": 2.0}),
        ],
        Status.NOT_ASSESSED: [
            sample("the lowering is not in the clip", span=(0, 0.87)),
            sample("off the side view, more than 60", camera=FRONT),
        ],
    },
    "shallow-range": {
        Status.OK: [sample("100% of your fullest range")],
        Status.FAULT: [sample("of your fullest range", reps=[{}, {}, {}, {"bottom_share": 0.42}])],
        Status.NOT_ASSESSED: [
            sample("the clip begins in mid-lift", reps=[{"lift_s": 2}], span=(0.23, 1)),
            sample("off the side view, more than 30", camera=OBLIQUE),
        ],
    },
    "shin-angle": {
        Status.OK: [sample("off vertical at the top"), sample(posture={"shin_lean_deg": 12})],
        Status.FAULT: [
            sample("feet too close", posture={"shin_lean_deg": 28}),
            sample("feet too far out", posture={"shin_lean_deg": -28}, plan={"bottom_deg": 40}),
        ],
        Status.NOT_ASSESSED: [
            sample("not in the picture: shin_lean_deg", change=hide("ankle")),
            sample("off the side view, more than 30", camera=OBLIQUE),
        ],
    },
    "neck-posture": {
        Status.OK: [sample("head moved back by 0"), sample(posture={"neck_deg": 35})],
        Status.FAULT: [sample("head moved back by", posture={"neck_deg": lambda hip_deg: 40 - hip_deg})],
        Status.NOT_ASSESSED: [
            sample("not in the picture: neck_extension_deg", change=hide("ear")),
            sample("off the side view, more than 30", camera=OBLIQUE),
        ],
    },
    "overload": {
        Status.OK: [sample(reps=[{}] * 6)],
        Status.FAULT: [
            sample("lifts slowed", reps=FADING),
            sample("range shrank", reps=[{"lockout_deg": 2.0 * number} for number in range(6)]),
        ],
        Status.NOT_ASSESSED: [
            sample("a trend needs 5 full repetitions, the clip shows 2"),
            sample("off the side view", reps=[{}] * 6, camera=FRONT),
        ],
    },
}
"""Clips by rule and by what the rule must say of their last repetition (set rules: of the set)."""
