"""Kettlebell swing: a two-hand swing to chest height, driven by the hips."""

import math

from hipform.exercises.common_rules import LUMBAR_OVEREXTENSION, OVERLOAD
from hipform.exercises.declaration import CameraAdvice, Exercise, Trait, WorkingSide
from hipform.exercises.postures import STANDING_ARMS_OUT
from hipform.exercises.standing_rules import (
    ARM_LIFT,
    HANDS_LEAD,
    LEAN_BACK,
    LUMBAR_ROUNDING,
    NO_FLOAT,
    SQUATTED_SWING,
    STANDING_LOCKOUT,
    STANDING_RANGE,
)
from hipform.exercises.traits import HANDS_BELOW_THE_HEAD, HANDS_BETWEEN_LEGS, HANDS_COME_UP, HANDS_LOW, STANDING
from hipform.kinematics.lumbar_extension import BACK_FREE

KETTLEBELL_SWING = Exercise(
    slug="kettlebell-swing",
    name="Kettlebell swing",
    purpose="Hip extension at speed: the hips throw the bell, the arms only follow.",
    working_side=WorkingSide.NEAR,
    smallest_range_deg=30,
    usual_range_deg=80,
    fastest_hip_deg_per_s=900,
    feet_stay=False,
    traits=(
        *STANDING,
        HANDS_LOW,
        HANDS_BETWEEN_LEGS,
        HANDS_COME_UP,
        HANDS_BELOW_THE_HEAD,
        Trait(of=lambda rep: math.nan if rep.timing.lift_s is None else rep.timing.lift_s, high=0.9, tolerance=0.3),
    ),
    low_back=BACK_FREE,
    rules=(
        STANDING_LOCKOUT,
        LUMBAR_OVEREXTENSION,
        SQUATTED_SWING,
        LUMBAR_ROUNDING,
        HANDS_LEAD,
        ARM_LIFT,
        NO_FLOAT,
        LEAN_BACK,
        STANDING_RANGE,
    ),
    set_rules=(OVERLOAD,),
    posture=STANDING_ARMS_OUT,
    camera=CameraAdvice(
        height_m=1.0,
        distance_m=3.0,
        advice=(
            "At the height of the hips, side-on, three metres away, head to feet in frame, "
            "with room above for the bell."
        ),
    ),
)
