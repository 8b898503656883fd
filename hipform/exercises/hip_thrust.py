"""Hip thrust: upper back on a bench, body weight, band or dumbbell."""

from hipform.exercises.common_rules import BRIDGE_RULES, OVERLOAD
from hipform.exercises.declaration import CameraAdvice, Exercise, WorkingSide
from hipform.exercises.postures import ON_BENCH
from hipform.exercises.traits import LYING, NO_PLATE, ON_A_BENCH
from hipform.kinematics.lumbar_extension import BACK_ON_BENCH

HIP_THRUST = Exercise(
    slug="hip-thrust",
    name="Hip thrust",
    purpose="Hip extension through a long range with the most work at the top, where the glutes are shortest.",
    working_side=WorkingSide.NEAR,
    smallest_range_deg=15,
    usual_range_deg=70,
    fastest_hip_deg_per_s=400,
    traits=(*LYING, ON_A_BENCH, NO_PLATE),
    low_back=BACK_ON_BENCH,
    rules=BRIDGE_RULES,
    set_rules=(OVERLOAD,),
    posture=ON_BENCH,
    camera=CameraAdvice(
        height_m=0.5,
        distance_m=2.5,
        advice="At the height of the bench, side-on, two to three metres away, head to feet in frame.",
    ),
)
