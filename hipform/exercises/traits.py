"""Traits that distinguish the exercises: posture, joint pattern, and position of the hands."""

from __future__ import annotations

import math
from collections.abc import Callable
from dataclasses import replace

from hipform.exercises.declaration import Trait
from hipform.features.rep_summary import RepSummary
from hipform.kinematics.posture import POSTURE

Feature = Callable[[RepSummary], float]


def at_top(name: str) -> Feature:
    """Return the feature that is the measure *name* at the top."""
    return lambda rep: rep.top[name]


def at_bottom(name: str) -> Feature:
    """Return the feature that is the measure *name* at the bottom."""
    return lambda rep: rep.low[name]


def feature(name: str) -> Feature:
    """Return one of `hipform.features.registry.FEATURES` as a function of the movement's summary."""
    return lambda rep: rep.features[name]


_BOTTOM, _HIGHEST = 0, 3
"""Rows of `RepSummary.postures`. Basis: definition."""


def _posture(row: int, name: str) -> Feature:
    """Return the feature that is a number of `POSTURE` at a row of `RepSummary.postures`."""
    column = POSTURE.index(name)
    return lambda rep: float(rep.postures[row, column])


def _legs_differ_deg(rep: RepSummary) -> float:
    """Return the larger of the differences between the legs in knee and hip flexion at the top, degrees."""
    top = rep.top
    names = ("knee_flexion_deg", "trunk_thigh_flexion_deg")
    differences = [abs(top[f"other_{name}"] - top[name]) for name in names]
    return max((difference for difference in differences if math.isfinite(difference)), default=math.nan)


def _arms_hang_deg(rep: RepSummary) -> float:
    """Return the angle of the arms to the vertical at the bottom, degrees: 0 hanging, negative reaching back."""
    return rep.low["arm_elevation_deg"] - rep.low["trunk_lean_deg"]


BOTH_LEGS = Trait(of=_legs_differ_deg, high=28, tolerance=14)
ONE_LEG = Trait(of=_legs_differ_deg, low=42, tolerance=14)

LYING = (
    Trait(
        of=at_top("trunk_incline_deg"),
        high=32,
        tolerance=14,
        rejection_reason="trunk upright at the top: sitting, standing or setting up",
    ),
    Trait(
        of=at_top("knee_flexion_deg"),
        # Heels far out leave the knee bent by 6 to 36 degrees at the top, and plates pull the knee landmark down.
        low=25,
        tolerance=22,
        rejection_reason="knee straight at the top: no foot planted",
    ),
    Trait(
        of=feature("thigh_share_ratio"),
        low=0.35,
        tolerance=0.15,
        rejection_reason="only the trunk moved, as in a sit-up",
    ),
    Trait(of=feature("hip_rise_trunks"), low=0.13, tolerance=0.11, rejection_reason="the hips did not rise"),
)
"""On the back, feet planted, hips lifted: traits of every bridge and thrust."""

PLATE_RATIO = 0.3
"""Share of a movement in which a plate is seen, from which the exercise is one with a barbell.

Basis: tuned on real clips.
"""
_PLATE_SEEN = Trait(of=feature("load_seen_ratio"), tolerance=0.2)
PLATE = replace(_PLATE_SEEN, low=PLATE_RATIO)
"""A bar with plates that moves with the lifter, which alone separates the thrust with a bar from the plain one."""
NO_PLATE = replace(_PLATE_SEEN, high=PLATE_RATIO)
"""No bar with plates that moves with the lifter: of every exercise that is not done with one."""

ON_THE_FLOOR = Trait(of=at_top("shoulder_height_ratio"), high=0.35, tolerance=0.15)
ON_A_BENCH = Trait(of=at_top("shoulder_height_ratio"), low=0.5, tolerance=0.15)


FACE_DOWN = Trait(
    of=at_top("trunk_lean_deg"),
    low=50,
    high=118,
    tolerance=22,
    rejection_reason="trunk not level, face down, at the top",
)
LEG_RISES = Trait(
    of=feature("thigh_share_ratio"),
    high=-0.3,
    tolerance=0.25,
    rejection_reason="the leg did not rise behind the hip",
)
FOOT_TRAVELS = Trait(
    of=feature("feet_move_trunks"),
    low=0.3,
    tolerance=0.1,
    rejection_reason="the foot stayed where it was, as in a plank",
)

ARM_HELD_OUT = Trait(
    of=_posture(_HIGHEST, "arm_elevation_difference"),
    low=0.7,
    tolerance=0.25,
    rejection_reason="both hands stayed on the floor, as in a donkey kick",
)
"""Angle between the arms in radians: at least 0.9 in the bird dogs of six people, under 0.4 in donkey kicks.

It is the largest of the lift, because the model may see the far arm on the floor again while it is held still.
"""
HANDS_ON_FLOOR = Trait(
    of=_posture(_HIGHEST, "arm_elevation_difference"),
    high=0.45,
    tolerance=0.2,
    rejection_reason="an arm was held out, as in a bird dog",
)
UNHURRIED = Trait(of=lambda rep: math.nan if rep.timing.lift_s is None else rep.timing.lift_s, low=0.4, tolerance=0.1)
"""A quicker lift of a leg or of the trunk alone is rather a jump of the tracking."""
HIPS_ON_HIGH_BENCH = Trait(
    of=_posture(_BOTTOM, "hip_above_ankle"),
    low=0.3,
    tolerance=0.2,
    rejection_reason="the legs did not hang below the hips: lying on the floor, as in a superman",
)

OTHER_HIP_BENT = Trait(
    of=at_top("other_trunk_thigh_flexion_deg"),
    low=55,
    tolerance=20,
    rejection_reason="the other hip was straight: not on hands and knees",
)
KNEELING = Trait(
    of=at_top("other_knee_flexion_deg"), low=62, tolerance=14, rejection_reason="the other knee was not on the floor"
)
NOT_KNEELING = Trait(
    of=at_top("other_knee_flexion_deg"),
    high=50,
    tolerance=14,
    rejection_reason="the other knee was on the floor, as in a bird dog",
)

FRONTAL_DEG = 60
"""Further than this off the side view, the inclination of a thigh that points at the camera is not known.

Basis: guess.
"""

_STRAIGHT_DEG = 45.0
"""A hip bent by less than this at the top, degrees, may be one that a lifter meant to straighten. Basis: guess."""


def _thigh_at_bottom_deg(rep: RepSummary) -> float:
    return math.nan if rep.view_off_deg > FRONTAL_DEG else rep.low["thigh_incline_deg"]


def _legs_of_straight_body_deg(rep: RepSummary) -> float:
    """Return the inclination of the thigh at the top; NaN if the hip is bent there, as one behind plates may seem."""
    is_known = rep.view_off_deg <= FRONTAL_DEG and rep.top["trunk_thigh_flexion_deg"] < _STRAIGHT_DEG
    return rep.top["thigh_incline_deg"] if is_known else math.nan


STANDING = (
    Trait(of=at_top("trunk_lean_deg"), low=-28, high=28, tolerance=17, rejection_reason="trunk not upright at the top"),
    Trait(of=at_top("hip_height_ratio"), low=1.0, tolerance=0.25, rejection_reason="not standing at the top"),
    Trait(
        of=lambda rep: rep.low["trunk_lean_deg"] - rep.top["trunk_lean_deg"],
        low=20,
        tolerance=10,
        rejection_reason="the trunk did not lean forward: no hinge",
    ),
    Trait(
        of=_thigh_at_bottom_deg,
        high=-18,
        tolerance=8,
        rejection_reason="thighs level at the bottom: a squat, not a hinge",
    ),
    Trait(
        of=_legs_of_straight_body_deg,
        high=-62,
        tolerance=8,
        rejection_reason="thighs not upright at the top, as in a back extension",
    ),
)
"""Upright at the top, hinged at the bottom: traits of every standing exercise."""

HANDS_LOW = Trait(of=at_bottom("wrist_height_ratio"), high=-0.55, tolerance=0.15)
HANDS_AT_SHOULDERS = Trait(of=at_bottom("wrist_height_ratio"), low=-0.35, tolerance=0.15)
HANDS_STAY_DOWN = Trait(of=feature("hands_peak_ratio"), high=-0.5, tolerance=0.12)
HANDS_COME_UP = Trait(of=feature("hands_peak_ratio"), low=-0.5, tolerance=0.12)
ARMS_HANG = Trait(of=_arms_hang_deg, low=-22, tolerance=8)
ARMS_REACH_BACK = Trait(of=_arms_hang_deg, high=-22, tolerance=8)
HANDS_IN_FRONT = Trait(of=at_bottom("load_ahead_ratio"), low=0.1, tolerance=0.15)
HANDS_BETWEEN_LEGS = Trait(of=at_bottom("load_ahead_ratio"), high=0.15, tolerance=0.3)
KNEES_SOFT = Trait(of=at_bottom("knee_flexion_deg"), high=48, tolerance=18)
KNEES_BENT = Trait(of=at_bottom("knee_flexion_deg"), low=55, tolerance=12)
HANDS_BELOW_THE_HEAD = Trait(
    of=_posture(_HIGHEST, "upper_wrist_above_shoulder"),
    high=0.6,
    tolerance=0.08,
    rejection_reason="a hand went overhead, as in a snatch or a press",
)
"""At most 0.58 trunk lengths in the swings of four people, at least 0.76 in a snatch, a thruster and a press."""
NO_PRESS = replace(HANDS_BELOW_THE_HEAD, overrulable=True)
"""Of a hinge: a hand overhead is no part of it, but who names the hinge may add a press at the top."""
HANDS_NEAR_THE_FLOOR = Trait(of=at_bottom("wrist_lift_ratio"), high=0.65, tolerance=0.15)
