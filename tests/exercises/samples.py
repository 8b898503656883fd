"""A good, a bad and a drop-out clip for every rule, and a plain repetition in numbers to change at will."""

from __future__ import annotations

import importlib
import math
from collections.abc import Callable
from dataclasses import dataclass, fields, replace
from functools import cache

import numpy as np

from hipform.analysis.body import BodyReader
from hipform.analysis.judged_reps import SetResult
from hipform.config import Settings
from hipform.exercises import EXERCISES, traits
from hipform.exercises.declaration import Baseline
from hipform.exercises.findings import Status
from hipform.features.registry import FEATURES
from hipform.features.rep_summary import RepSummary, summarise
from hipform.features.rep_timing import RepTiming
from hipform.kinematics.lumbar_extension import N_DEPTHS, DepthNeutral, Neutral
from hipform.kinematics.measures import MEASURES
from hipform.pose.poses import Landmark, Pose
from hipform.segmentation.turning_points import StartsAt, TurningPointFinder
from hipform.types import Estimate, Side
from tests.synthetic import (
    SIDE_ON,
    RepPlan,
    SyntheticCamera,
    SyntheticClip,
    bottom_deg_of,
    changed,
    film,
    frame_times,
    performance_of,
    plan_of,
    posture_of,
    result_of,
    set_of,
    without,
)

FPS = 16

# ----------------------------------------------------------------------------------------------- repetitions in numbers

LYING = {"trunk_incline_deg": -10.0, "thigh_incline_deg": 20.0, "knee_flexion_deg": 95.0, "hip_height_ratio": 0.4}


def rep_summary(**changes) -> RepSummary:
    """Return a faultless repetition in numbers, with changes.

    Those of times, features, ``top`` and ``low`` are merged in.
    """
    plain = RepSummary(
        side=Side.RIGHT,
        timing=RepTiming(
            start_s=1.0,
            lift_start_s=None,
            top_start_s=1.8,
            top_s=2.0,
            top_end_s=2.4,
            end_s=3.4,
            lift_s=0.8,
            hold_s=0.6,
            lower_s=1.0,
        ),
        lockout=Estimate(0.0, 5.0, "deg"),
        bottom=Estimate(50.0, 10.0, "deg"),
        range=Estimate(50.0, 11.0, "deg"),
        top=dict.fromkeys(MEASURES, 0.0) | LYING,
        low=dict.fromkeys(MEASURES, 0.0) | LYING,
        features=dict.fromkeys(FEATURES, math.nan)
        | {
            "held_deg": 0.0,
            "thigh_share_ratio": 0.6,
            "hip_rise_trunks": 0.3,
            "feet_move_trunks": 0.02,
            "segment_change_ratio": 0.05,
            "early_rise_ratio": 1.0,
            "hands_lead_ratio": 0.5,
            "hands_peak_ratio": -0.8,
        },
        view_off_deg=5.0,
        extrapolated_ratio=0.0,
        low_back_top_deg=0.0,
        low_back_levels_deg=np.zeros(N_DEPTHS),
        low_back_top_u95_deg=10.0,
        low_back_levels_u95_deg=7.0,
    )
    return _changed(plain, **changes)


def _changed(rep: RepSummary, **changes) -> RepSummary:
    changes["features"] = {name: changes.pop(name) for name in FEATURES if name in changes}
    both = ("top", "low", "features")
    merged = {name: {**getattr(rep, name), **changes.pop(name)} for name in both if name in changes}
    times = {field.name: changes.pop(field.name) for field in fields(RepTiming) if field.name in changes}
    return replace(rep, timing=replace(rep.timing, **times), **merged, **changes)


def good_rep(slug: str, **changes) -> RepSummary:
    """Return a good repetition of an exercise as its clip measures, with changes as in `rep_summary`."""
    seen = {"load_seen_ratio": 1.0} if performance_of(slug).has_plate else {}
    return _changed(_measured(slug), **(seen | changes))


USUAL = Baseline(
    lockout_deg=0.0,
    best_range_deg=50.0,
    low_back_top=Neutral(0.0),
    low_back_deep=DepthNeutral(np.zeros(N_DEPTHS)),
)

# ---------------------------------------------------------------------------------------------------------------- clips

Change = Callable[[Pose], Pose]
_OF_PLAN = {field.name for field in fields(RepPlan)} | {"bottom_share"}


@dataclass(frozen=True)
class Sample:
    """A clip by its deviations from a good set.

    Attributes
    ----------
    every
        Deviations of every repetition: of its plan, as in `RepPlan`, or of its posture, as in
        `tests.synthetic.posture_of`. ``bottom_share`` is of the exercise's usual bottom; functions are called with the
        trunk-thigh angle.
    reps
        Deviations of each repetition on top of those; as many repetitions as entries.
    span
        Part of the clip's duration that is seen.
    says
        Part of the text that the rule's finding on the last repetition has.
    """

    every: tuple[tuple[str, object], ...] = ()
    reps: tuple[tuple[tuple[str, object], ...], ...] = ((), ())
    camera: SyntheticCamera = SIDE_ON
    change: Change | None = None
    is_eased: bool = True
    span: tuple[float, float] = (0.0, 1.0)
    says: str = ""


def sample(says: str = "", *, reps=({}, {}), camera=SIDE_ON, change=None, is_eased=True, span=(0.0, 1.0), **every):
    """Return a sample; dictionaries become hashable."""
    each = tuple(tuple(rep.items()) for rep in reps)
    return Sample(tuple(every.items()), each, camera, change, is_eased, span, says)


def clip_of(slug: str, what: Sample) -> SyntheticClip:
    """Return the clip of a sample in an exercise."""
    each = [dict(what.every) | dict(rep) for rep in what.reps]
    reps = set_of(slug, [_plan(slug, rep) for rep in each], is_eased=what.is_eased)

    def motion(t_s):
        hip_deg = reps.angle_deg(t_s)
        change = {key: value for key, value in each[reps.number_at(t_s) - 1].items() if key not in _OF_PLAN}
        how = {key: value(hip_deg) if callable(value) else value for key, value in change.items()}
        return posture_of(slug, **({"planted": what.camera.near} | how))(hip_deg)

    clip = film(motion, frame_times(reps.duration_s, performance_of(slug).fps), what.camera)
    start_s, end_s = (share * reps.duration_s for share in what.span)
    poses = [pose for pose in clip.poses if start_s <= pose.t_s <= end_s]
    return clip.but(changed(poses, what.change, lambda _: True) if what.change else poses)


def _plan(slug: str, rep: dict[str, object]) -> RepPlan:
    of_plan = {key: value for key, value in rep.items() if key in _OF_PLAN}
    share = of_plan.pop("bottom_share", 1.0)
    return plan_of(slug, **({"bottom_deg": share * bottom_deg_of(slug)} | of_plan))


def judged(slug: str, what: Sample) -> SetResult:
    """Return the result of a sample."""
    return _judged(slug, replace(what, says=""))


@cache
def _judged(slug: str, what: Sample) -> SetResult:
    return result_of(clip_of(slug, what), slug)


@cache
def _measured(slug: str) -> RepSummary:
    """Return the first movement of a good clip in numbers."""
    clip, exercise, settings = clip_of(slug, sample()), EXERCISES[slug], Settings()
    reader = BodyReader(clip.info, exercise.working_side, exercise.fastest_hip_deg_per_s, settings)
    finder = TurningPointFinder(settings["reps.turn_ratio"], exercise.smallest_range_deg, exercise.starts_at)
    seen = []
    for pose in clip.poses:
        seen.append(reader.push(pose).sample)
        if movement := finder.push(pose.t_s, seen[-1].values["trunk_thigh_flexion_deg"]):
            return summarise(seen, movement, settings)
    raise AssertionError(slug)


# ------------------------------------------------------------------------------------------------------- one per status

BRIDGES, STANDING, FACE_DOWN = (
    tuple(slug for slug, exercise in EXERCISES.items() if set(of_kind) <= set(exercise.traits))
    for of_kind in (traits.LYING, traits.STANDING, [traits.FACE_DOWN, traits.LEG_RISES, traits.FOOT_TRAVELS])
)

OBLIQUE = SyntheticCamera(azimuth_deg=58)
FRONT = SyntheticCamera(azimuth_deg=75)
FEET_CUT_OFF = SyntheticCamera(origin_px=(320, 760))

TOO_OBLIQUE = sample("off the side view; the limit is 55", camera=OBLIQUE)
FROM_THE_FRONT = sample("off the side view; the limit is 60", camera=FRONT)


def hide(*parts: str) -> Change:
    """Return the change that takes body parts out of sight."""
    return lambda pose: without(pose, *parts)


@cache
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


def ramp(hip_deg: float, from_deg: float, to_deg: float) -> float:
    """Return 0 at *from_deg* and below, 1 at *to_deg* and above, evenly in between."""
    return min(max((hip_deg - from_deg) / (to_deg - from_deg), 0.0), 1.0)


def no_outline(pose: Pose) -> Pose:
    """Return *pose* without an outline, as a recording of older landmarks has none."""
    return replace(pose, contour=None)


SIX = [{}] * 6
NO_HANDS, NO_FEET = hide("wrist"), hide("ankle", "heel", "foot_index")
LEFT, RIGHT = {"planted": Side.LEFT}, {"planted": Side.RIGHT}


def foot_down_between(hip_deg: float) -> float:
    """Return how far the other leg is held out when its foot comes down at every bottom."""
    return 1 - ramp(hip_deg, 30, 45)


BySlug = dict[str, dict[Status, list[Sample]]]

COMMON: BySlug = {
    "incomplete-lockout": {
        Status.OK: [sample("straight"), sample("straight, within", lockout_deg=3)],
        Status.FAULT: [
            sample("short of full extension by 18", lockout_deg=18),
            sample("far short", lockout_deg=26, bottom_deg=75),
        ],
        Status.NOT_ASSESSED: [TOO_OBLIQUE, sample("too long or too short for the trunk", change=sliding_hip(0.5))],
    },
    "lumbar-overextension": {
        Status.OK: [sample("low back about", reps=SIX)],
        Status.FAULT: [
            sample("past straight, further than hips extend", lockout_deg=-29),
            sample("past your usual top", reps=[*[{}] * 4, {"lockout_deg": -20}]),
        ],
        Status.NOT_ASSESSED: [
            sample("this may be your build", lockout_deg=-16),
            sample("one of the reference repetitions"),
            sample("off the side view; the limit is 55", camera=OBLIQUE, lockout_deg=-26),
        ],
    },
    "no-squeeze": {
        Status.OK: [sample("held the top for")],
        Status.FAULT: [sample("held the top for 0.", hold_s=0, lift_s=0.4, lower_s=0.45, is_eased=False)],
        Status.NOT_ASSESSED: [FROM_THE_FRONT],
    },
    "momentum": {
        Status.OK: [sample("lowered in"), sample("lowered in 1.", lower_s=1.6, lift_s=4.0)],
        Status.FAULT: [sample("lowered in 0.", lower_s=0.33), sample("lowered in 0.", lower_s=0.33, lift_s=2.0)],
        Status.NOT_ASSESSED: [FROM_THE_FRONT],
    },
    "shallow-range": {
        Status.OK: [sample("100% of your fullest range")],
        Status.FAULT: [sample("of your fullest range", reps=[{}, {}, {}, {"bottom_share": 0.42}])],
        Status.NOT_ASSESSED: [
            sample("the clip starts mid-lift", reps=[{"lift_s": 2, "lower_s": 2}], span=(0.23, 1)),
            TOO_OBLIQUE,
        ],
    },
    "overload": {
        Status.OK: [sample("over the set", reps=SIX)],
        Status.FAULT: [
            sample("lifts slowed", reps=[{"lift_s": 0.6 + 0.2 * number} for number in range(6)]),
            sample("range shrank", reps=[{"bottom_share": 1.0 - 0.05 * number} for number in range(6)]),
        ],
        Status.NOT_ASSESSED: [
            sample("a trend needs 5 full repetitions; this set has 2"),
            sample("off the side view", reps=SIX, camera=FRONT),
        ],
    },
    "shin-angle": {
        Status.OK: [sample("off vertical at the top"), sample(shin_lean_deg=12)],
        Status.FAULT: [
            sample("feet too close", shin_lean_deg=28),
            sample("feet too far out", shin_lean_deg=-28, bottom_deg=40),
        ],
        Status.NOT_ASSESSED: [sample("not seen at the top: shin lean", change=NO_FEET), TOO_OBLIQUE],
    },
    "lumbar-rounding": {
        Status.OK: [
            sample("rounder", reps=[{}, {}, {}, {"lumbar_deg": lambda hip_deg: -0.01 * hip_deg}]),
            sample("rounder", reps=[{}, {}, {}, {"bottom_share": 0.8, "lumbar_deg": lambda hip_deg: -0.01 * hip_deg}]),
            sample("straighter", reps=[{}, {}, {}, {"lumbar_deg": lambda hip_deg: 0.1 * hip_deg}]),
        ],
        Status.FAULT: [
            sample("rounder", reps=[{}, {}, {}, {"lumbar_deg": lambda hip_deg: -0.5 * hip_deg}]),
            sample("rounder", reps=[{}, {"lumbar_deg": lambda hip_deg: -0.5 * hip_deg}]),
            sample("rounder", reps=[{}, {}, {}, {"bottom_share": 0.8, "lumbar_deg": lambda hip_deg: -0.6 * hip_deg}]),
        ],
        Status.NOT_ASSESSED: [
            sample("or no other repetition allows a comparison", reps=[{}]),
            sample("your first repetitions are the reference for the others", reps=[{}, {}]),
            sample("was not seen deep", change=no_outline),
            TOO_OBLIQUE,
        ],
    },
    "lean-back": {
        Status.OK: [sample("the vertical at the top"), sample("6 ± 5 degrees behind", lockout_deg=-6)],
        Status.FAULT: [sample("behind", knee_deg=lambda hip_deg: 22 + 0.1 * hip_deg, shin_lean_deg=0)],
        Status.NOT_ASSESSED: [TOO_OBLIQUE],
    },
    "knee-dominant": {
        Status.OK: [sample("more at the bottom than standing")],
        Status.FAULT: [
            sample(
                "more at the bottom than standing",
                knee_deg=lambda hip_deg: 0.6 * hip_deg,
                shin_lean_deg=lambda hip_deg: 0.1 * hip_deg,
            )
        ],
        Status.NOT_ASSESSED: [sample("not seen at the top: knee flexion", camera=FEET_CUT_OFF), TOO_OBLIQUE],
    },
    "knees-not-locked": {
        Status.OK: [sample("degrees bent at the top")],
        Status.FAULT: [
            sample(
                "degrees bent at the top",
                knee_deg=lambda hip_deg: 28 + 0.4 * hip_deg,
                shin_lean_deg=lambda hip_deg: 16 - 0.03 * hip_deg,
            )
        ],
        Status.NOT_ASSESSED: [sample("not seen at the top: knee flexion", camera=FEET_CUT_OFF), TOO_OBLIQUE],
    },
    "hips-shoot-up": {
        Status.OK: [sample("times as far as the shoulders")],
        Status.FAULT: [
            sample(
                "times as far as the shoulders",
                knee_deg=lambda hip_deg: 75 * ramp(hip_deg, 80, 120),
                shin_lean_deg=lambda hip_deg: 12 * ramp(hip_deg, 80, 120),
            )
        ],
        Status.NOT_ASSESSED: [
            sample("the start of the lift or the feet were not seen", camera=FEET_CUT_OFF),
            sample("the start of the lift or the feet", reps=[{"lift_s": 2}], span=(0.27, 1)),
            TOO_OBLIQUE,
        ],
    },
    "squatted-deadlift": {
        Status.OK: [sample("degrees bent when the lift began")],
        Status.FAULT: [
            sample(
                "degrees bent when the lift began",
                knee_deg=lambda hip_deg: 116 * ramp(hip_deg, 0, 120),
                shin_lean_deg=lambda hip_deg: 40 * ramp(hip_deg, 0, 120),
            )
        ],
        Status.NOT_ASSESSED: [
            sample("the start of the lift or the feet were not seen", camera=FEET_CUT_OFF),
            TOO_OBLIQUE,
        ],
    },
    "arm-lift": {
        Status.OK: [sample("below the shoulders")],
        Status.FAULT: [sample("above the shoulders", arm_deg=lambda hip_deg: 115 - 153 * ramp(hip_deg, 0, 80) ** 0.5)],
        Status.NOT_ASSESSED: [sample("the hands are out of frame", change=NO_HANDS), TOO_OBLIQUE],
    },
    "leg-too-high": {
        Status.OK: [sample("the line of the trunk"), sample("above the line of the trunk", lockout_deg=-6)],
        Status.FAULT: [sample("far above the line of the trunk", lockout_deg=-28)],
        Status.NOT_ASSESSED: [
            TOO_OBLIQUE,
        ],
    },
    "asymmetry": {
        Status.OK: [sample("left and right", reps=[RIGHT, LEFT] * 2)],
        Status.FAULT: [
            sample("left and right", reps=[RIGHT, LEFT | {"lockout_deg": 20}] * 2),
        ],
        Status.NOT_ASSESSED: [
            sample("only one side was done"),
            sample("camera too far off the side view", reps=[RIGHT, LEFT] * 2, camera=OBLIQUE),
        ],
    },
}
"""Samples of each rule that several exercises have, for those without samples of their own."""

FROM_THE_TOP = {
    "momentum": {
        Status.NOT_ASSESSED: [
            sample("the lowering is not in the clip", reps=[{"lower_s": 2}, {}], span=(0.16, 0.62)),
            FROM_THE_FRONT,
        ],
    },
    "shallow-range": {
        # The lowering need not be in the clip.
        Status.OK: [sample("100% of your fullest range"), sample("of your fullest range", span=(0.2, 1))],
        Status.NOT_ASSESSED: [
            sample("the clip starts mid-lift", reps=[{"lift_s": 2, "lower_s": 2}], span=(0.62, 1)),
            TOO_OBLIQUE,
        ],
    },
}
FROM_THE_BOTTOM = {
    "momentum": {
        Status.NOT_ASSESSED: [sample("the lowering is not in the clip", span=(0, 0.87)), FROM_THE_FRONT],
    },
}


def samples_of(slug: str, rule_id: str) -> dict[Status, list[Sample]]:
    """Return the samples of a rule in an exercise, by what the rule must say of them (set rules: of the set).

    ``SAMPLES`` in the exercise's file in tests/exercise_samples take the place of the common ones of that rule and
    answer.
    """
    start = FROM_THE_TOP if EXERCISES[slug].starts_at is StartsAt.TOP else FROM_THE_BOTTOM
    own = dict(own_samples(slug, "SAMPLES"))
    return COMMON.get(rule_id, {}) | start.get(rule_id, {}) | own.get(rule_id, {})


def own_samples(slug: str, name: str):
    """Return a constant of the exercise's file in tests/exercise_samples; an empty tuple if it has none.

    ``SAMPLES`` are described at `samples_of`; ``REJECTED`` are cases of
    `tests.exercises.test_contract.test_each_trait_rules_out_on_its_own` and ``LIMITS`` of
    `tests.exercises.test_rules.OWN_LIMITS`, without the exercise.
    """
    return getattr(importlib.import_module(f"tests.exercise_samples.{slug.replace('-', '_')}"), name, ())
