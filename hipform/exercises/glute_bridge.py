"""Glute bridge: supine, both feet planted."""

from hipform.exercises.base import Exercise, WorkingSide
from hipform.exercises.gates import BRIDGE_GATES
from hipform.exercises.rules import BRIDGE_RULES, OVERLOAD

GLUTE_BRIDGE = Exercise(
    slug="glute-bridge",
    name="Glute bridge",
    purpose="Hip extension without load: learning the squeeze, warming up, high repetitions.",
    working_side=WorkingSide.NEAR,
    smallest_range_deg=12,
    usual_range_deg=45,
    fastest_hip_deg_per_s=400,
    gates=BRIDGE_GATES,
    rules=BRIDGE_RULES,
    set_rules=(OVERLOAD,),
    camera=(
        "On the floor, lens at the height of the hips, side-on, two to three metres away, head to feet in the picture."
    ),
)
