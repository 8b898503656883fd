"""Single-leg glute bridge: supine, one foot planted, the other leg held up."""

from hipform.exercises.common_rules import BRIDGE_RULES, OVERLOAD
from hipform.exercises.declaration import CameraAdvice, Exercise, WorkingSide
from hipform.exercises.limb_rules import ASYMMETRY
from hipform.exercises.postures import SUPINE_ONE_LEG
from hipform.exercises.traits import LYING, NO_PLATE, ON_THE_FLOOR, ONE_LEG
from hipform.kinematics.lumbar_extension import BACK_ON_FLOOR

SINGLE_LEG_GLUTE_BRIDGE = Exercise(
    slug="single-leg-glute-bridge",
    name="Single-leg glute bridge",
    purpose="The bridge with twice the load on one side: shows and trains what the stronger leg hides.",
    working_side=WorkingSide.PLANTED,
    smallest_range_deg=12,
    usual_range_deg=35,
    fastest_hip_deg_per_s=400,
    traits=(*LYING, ON_THE_FLOOR, ONE_LEG, NO_PLATE),
    low_back=BACK_ON_FLOOR,
    rules=BRIDGE_RULES,
    set_rules=(OVERLOAD, ASYMMETRY),
    posture=SUPINE_ONE_LEG,
    camera=CameraAdvice(
        height_m=0.3,
        distance_m=2.5,
        advice=(
            "On the floor, lens at the height of the hips, side-on with the planted leg nearer, head to feet in frame."
        ),
    ),
)
