"""Barbell hip thrust: a bar across the hips, with plates that may hide them."""

from hipform.exercises.common_rules import BRIDGE_RULES, OVERLOAD
from hipform.exercises.declaration import CameraAdvice, Exercise, WorkingSide
from hipform.exercises.postures import ON_BENCH
from hipform.exercises.traits import LYING, ON_A_BENCH, PLATE
from hipform.kinematics.lumbar_extension import BACK_ON_BENCH
from hipform.types import Estimate

SPEED_AT_MAX = Estimate(0.29, 0.08, "m_per_s")
"""Mean speed of the bar at the one-repetition maximum.

0.25 m/s with a standard deviation of 0.03 in 102 men over the whole way up; hipform leaves out the first and the last
twentieth of the way, which are slow, so that its speeds are higher by 5 to 30 %.

Basis: literature, de Hoyo and others, J Strength Cond Res 35(8), 2075-2081, 2021.
"""

BARBELL_HIP_THRUST = Exercise(
    slug="barbell-hip-thrust",
    name="Barbell hip thrust",
    purpose="The heavy hip thrust: strength at full hip extension.",
    working_side=WorkingSide.NEAR,
    smallest_range_deg=15,
    usual_range_deg=70,
    fastest_hip_deg_per_s=400,
    traits=(*LYING, ON_A_BENCH, PLATE),
    low_back=BACK_ON_BENCH,
    rules=BRIDGE_RULES,
    bar_speed_at_max=SPEED_AT_MAX,
    set_rules=(OVERLOAD,),
    posture=ON_BENCH,
    camera=CameraAdvice(
        height_m=0.6,
        distance_m=2.5,
        advice=(
            "At the height of the bench, side-on, two to three metres away, head to feet in frame; "
            "small plates, or a lens a little higher than the plates, so that the near hip shows."
        ),
    ),
)
