"""Glute bridge: supine, shoulders on the floor, both feet planted."""

from hipform.exercises.common_rules import BRIDGE_RULES, OVERLOAD
from hipform.exercises.declaration import CameraAdvice, Exercise, Variant, WorkingSide
from hipform.exercises.postures import SUPINE
from hipform.exercises.traits import BOTH_LEGS, LYING, NO_PLATE, ON_THE_FLOOR
from hipform.kinematics.lumbar_extension import BACK_ON_FLOOR

GLUTE_BRIDGE = Exercise(
    slug="glute-bridge",
    name="Glute bridge",
    purpose="Hip extension without load: learning the squeeze, warming up, high repetitions.",
    working_side=WorkingSide.NEAR,
    smallest_range_deg=12,
    usual_range_deg=45,
    fastest_hip_deg_per_s=400,
    traits=(*LYING, ON_THE_FLOOR, BOTH_LEGS, NO_PLATE),
    low_back=BACK_ON_FLOOR,
    rules=BRIDGE_RULES,
    set_rules=(OVERLOAD,),
    posture=SUPINE,
    camera=CameraAdvice(
        height_m=0.3,
        distance_m=2.5,
        advice=(
            "On the floor, lens at the height of the hips, side-on, two to three metres away, head to feet in frame."
        ),
    ),
    variants=(
        Variant(
            name="feet-elevated",
            note="Feet on a box, so the shins need not be vertical at the top.",
            without=("shin-angle",),
        ),
    ),
)
