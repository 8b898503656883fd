"""Hip thrust: upper back on a bench, body weight, band or dumbbell."""

from hipform.exercises.base import Exercise, WorkingSide
from hipform.exercises.gates import BRIDGE_GATES
from hipform.exercises.rules import BRIDGE_RULES, OVERLOAD

HIP_THRUST = Exercise(
    slug="hip-thrust",
    name="Hip thrust",
    purpose="Hip extension through a long range with the most work at the top, where the glutes are shortest.",
    working_side=WorkingSide.NEAR,
    smallest_range_deg=15,
    usual_range_deg=70,
    fastest_hip_deg_per_s=400,
    gates=BRIDGE_GATES,
    rules=BRIDGE_RULES,
    set_rules=(OVERLOAD,),
    camera="At the height of the bench, side-on, two to three metres away, head to feet in the picture.",
)
