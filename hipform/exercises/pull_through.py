"""Pull-through: a hinge facing away from a cable or band that pulls back between the legs."""

from hipform.exercises.common_rules import OVERLOAD
from hipform.exercises.declaration import CameraAdvice, Exercise, WorkingSide
from hipform.exercises.postures import STANDING_LOAD_IN_FRONT
from hipform.exercises.standing_rules import HINGE_RULES, knee_dominant
from hipform.exercises.traits import (
    ARMS_REACH_BACK,
    HANDS_BETWEEN_LEGS,
    HANDS_LOW,
    HANDS_STAY_DOWN,
    KNEES_SOFT,
    NO_PRESS,
    STANDING,
)
from hipform.kinematics.lumbar_extension import BACK_FREE
from hipform.segmentation.turning_points import StartsAt

PULL_THROUGH = Exercise(
    slug="pull-through",
    name="Cable or band pull-through",
    purpose="The hinge with a pull that drives the hips back: learning to extend the hip with little load on the back.",
    working_side=WorkingSide.NEAR,
    starts_at=StartsAt.TOP,
    smallest_range_deg=25,
    usual_range_deg=80,
    fastest_hip_deg_per_s=500,
    feet_stay=False,
    traits=(*STANDING, NO_PRESS, HANDS_LOW, HANDS_STAY_DOWN, ARMS_REACH_BACK, HANDS_BETWEEN_LEGS, KNEES_SOFT),
    low_back=BACK_FREE,
    rules=(*HINGE_RULES, knee_dominant("knee-dominant.pull_through_deg")),
    set_rules=(OVERLOAD,),
    posture=STANDING_LOAD_IN_FRONT,
    camera=CameraAdvice(
        height_m=1.0,
        distance_m=3.0,
        advice=(
            "At the height of the hips, side-on, three metres away, head to feet in frame, "
            "nothing between camera and lifter."
        ),
    ),
)
