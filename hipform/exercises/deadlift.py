"""Deadlift: from the floor to standing, hip and knee together."""

from hipform.exercises.common_rules import OVERLOAD
from hipform.exercises.declaration import CameraAdvice, Exercise, Trait, Variant, WorkingSide
from hipform.exercises.postures import STANDING_LOAD_IN_FRONT
from hipform.exercises.standing_rules import (
    DEADLIFT_ROUNDING,
    HINGE_RULES,
    HIPS_SHOOT_UP,
    KNEES_NOT_LOCKED,
    SQUATTED_DEADLIFT,
)
from hipform.exercises.traits import (
    HANDS_LOW,
    HANDS_NEAR_THE_FLOOR,
    HANDS_STAY_DOWN,
    KNEES_BENT,
    NO_PRESS,
    STANDING,
    at_bottom,
)
from hipform.kinematics.lumbar_extension import BACK_FREE

DEADLIFT = Exercise(
    slug="deadlift",
    name="Deadlift",
    purpose="Lift the most from the floor: hips and knees extend together to a locked stand.",
    working_side=WorkingSide.NEAR,
    smallest_range_deg=30,
    usual_range_deg=110,
    fastest_hip_deg_per_s=600,
    feet_stay=False,
    traits=(
        *STANDING,
        HANDS_LOW,
        HANDS_STAY_DOWN,
        NO_PRESS,
        KNEES_BENT,
        HANDS_NEAR_THE_FLOOR,
        Trait(of=at_bottom("thigh_incline_deg"), low=-48, tolerance=9),
        Trait(of=at_bottom("knee_flexion_deg"), high=108, tolerance=12),
    ),
    low_back=BACK_FREE,
    rules=(
        *(DEADLIFT_ROUNDING if rule.id == DEADLIFT_ROUNDING.id else rule for rule in HINGE_RULES),
        HIPS_SHOOT_UP,
        SQUATTED_DEADLIFT,
        KNEES_NOT_LOCKED,
    ),
    set_rules=(OVERLOAD,),
    posture=STANDING_LOAD_IN_FRONT,
    camera=CameraAdvice(
        height_m=1.0,
        distance_m=3.0,
        advice=(
            "At the height of the hips, side-on, three metres away, head to feet in frame; "
            "knees and shins are not judged while plates hide them."
        ),
    ),
    variants=(
        Variant(
            name="trap-bar",
            note="The load is beside the legs, so the knees may bend more at the start.",
            without=("squatted-deadlift",),
        ),
        Variant(
            name="sumo",
            note="Wide, turned-out knees look bent from the side: the knees and the start of the lift are not judged.",
            without=("knees-not-locked", "hips-shoot-up", "squatted-deadlift"),
        ),
        Variant(
            name="stiff-leg",
            note="Straight knees let the hips start high, so whether hips or shoulders rise first is not judged.",
            without=("hips-shoot-up",),
        ),
    ),
)
