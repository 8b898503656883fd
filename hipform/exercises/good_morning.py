"""Good morning: a hinge with the bar on the upper back."""

from hipform.exercises.common_rules import OVERLOAD
from hipform.exercises.declaration import CameraAdvice, Exercise, WorkingSide
from hipform.exercises.postures import STANDING_BAR_ON_BACK
from hipform.exercises.standing_rules import HINGE_RULES, knee_dominant
from hipform.exercises.traits import HANDS_AT_SHOULDERS, KNEES_SOFT, NO_PRESS, STANDING
from hipform.kinematics.lumbar_extension import BACK_FREE
from hipform.segmentation.turning_points import StartsAt

GOOD_MORNING = Exercise(
    slug="good-morning",
    name="Good morning",
    purpose="The hinge with the load far from the hip: light weight, long lever, straight back.",
    working_side=WorkingSide.NEAR,
    starts_at=StartsAt.TOP,
    smallest_range_deg=25,
    usual_range_deg=75,
    fastest_hip_deg_per_s=500,
    feet_stay=False,
    traits=(*STANDING, NO_PRESS, HANDS_AT_SHOULDERS, KNEES_SOFT),
    low_back=BACK_FREE,
    rules=(*HINGE_RULES, knee_dominant("knee-dominant.good_morning_deg")),
    set_rules=(OVERLOAD,),
    posture=STANDING_BAR_ON_BACK,
    camera=CameraAdvice(
        height_m=1.0,
        distance_m=3.0,
        advice="At the height of the hips, side-on, three metres away, head to feet in frame.",
    ),
)
