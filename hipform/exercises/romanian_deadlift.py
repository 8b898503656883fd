"""Romanian deadlift: from standing, hips back over nearly straight knees, bar or dumbbells close to the legs."""

from hipform.exercises.common_rules import OVERLOAD
from hipform.exercises.declaration import CameraAdvice, Exercise, Trait, Variant, WorkingSide
from hipform.exercises.postures import STANDING_LOAD_IN_FRONT
from hipform.exercises.standing_rules import HINGE_RULES, knee_dominant
from hipform.exercises.traits import (
    ARMS_HANG,
    HANDS_IN_FRONT,
    HANDS_LOW,
    HANDS_STAY_DOWN,
    KNEES_SOFT,
    NO_PRESS,
    STANDING,
    at_bottom,
)
from hipform.kinematics.lumbar_extension import BACK_FREE
from hipform.segmentation.turning_points import StartsAt

ROMANIAN_DEADLIFT = Exercise(
    slug="romanian-deadlift",
    name="Romanian deadlift",
    purpose="The loaded hinge: hip extensors worked where they are longest.",
    working_side=WorkingSide.STANCE,
    starts_at=StartsAt.TOP,
    smallest_range_deg=25,
    usual_range_deg=80,
    fastest_hip_deg_per_s=500,
    feet_stay=False,
    traits=(
        *STANDING,
        HANDS_LOW,
        HANDS_STAY_DOWN,
        NO_PRESS,
        ARMS_HANG,
        HANDS_IN_FRONT,
        KNEES_SOFT,
        Trait(of=at_bottom("thigh_incline_deg"), high=-40, tolerance=9),
    ),
    low_back=BACK_FREE,
    rules=(*HINGE_RULES, knee_dominant("knee-dominant.bend_deg")),
    set_rules=(OVERLOAD,),
    posture=STANDING_LOAD_IN_FRONT,
    camera=CameraAdvice(
        height_m=1.0,
        distance_m=3.0,
        advice="At the height of the hips, side-on, three metres away, head to feet in frame, plates included.",
    ),
    variants=(
        Variant(
            name="single-leg",
            note="One leg stands and the other swings back; the standing leg is measured.",
            working_side=WorkingSide.PLANTED,
        ),
        Variant(
            name="b-stance",
            note="Also called kickstand: one foot is behind for balance; the front leg works and is measured.",
            working_side=WorkingSide.FRONT,
        ),
    ),
)
