"""Single-leg glute bridge: supine, one foot planted, the other leg held up."""

from hipform.exercises.base import Exercise, WorkingSide
from hipform.exercises.gates import BRIDGE_GATES
from hipform.exercises.rules import BRIDGE_RULES, OVERLOAD

SINGLE_LEG_GLUTE_BRIDGE = Exercise(
    slug="single-leg-glute-bridge",
    name="Single-leg glute bridge",
    purpose="The bridge with twice the load on one side: shows and trains what the stronger leg hides.",
    working_side=WorkingSide.PLANTED,
    smallest_range_deg=12,
    usual_range_deg=35,
    fastest_hip_deg_per_s=400,
    gates=BRIDGE_GATES,
    rules=BRIDGE_RULES,
    set_rules=(OVERLOAD,),
    camera=(
        "On the floor, lens at the height of the hips, "
        "side-on with the planted leg nearer, head to feet in the picture."
    ),
)
