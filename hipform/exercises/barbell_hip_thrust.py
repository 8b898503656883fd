"""Barbell hip thrust: a bar across the hips, whose plates may hide them."""

from hipform.exercises.base import Exercise, WorkingSide
from hipform.exercises.gates import BRIDGE_GATES
from hipform.exercises.rules import BRIDGE_RULES, OVERLOAD

BARBELL_HIP_THRUST = Exercise(
    slug="barbell-hip-thrust",
    name="Barbell hip thrust",
    purpose="The heavy hip thrust: strength at full hip extension.",
    working_side=WorkingSide.NEAR,
    smallest_range_deg=15,
    usual_range_deg=70,
    fastest_hip_deg_per_s=400,
    gates=BRIDGE_GATES,
    hip_may_hide=True,
    rules=BRIDGE_RULES,
    set_rules=(OVERLOAD,),
    camera=(
        "At the height of the bench, side-on, two to three metres away, head to feet in the picture; "
        "small plates, or a lens a little higher than the plates, so that the near hip shows."
    ),
)
