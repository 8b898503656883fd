"""What makes a movement a bridge or thrust and not a sit-up, a squat or a walk to the bench."""

from __future__ import annotations

from hipform.exercises.base import Gate

TRUNK_LEVEL_DEG = 35.0
"""At the top of a bridge or thrust the trunk lies; standing and sitting it does not."""
KNEE_BENT_DEG = 35.0
"""At the top the planted knee is bent by about 90 degrees; standing and in a plank it is straight."""
THIGH_SHARE_RATIO = 0.2
"""In a bridge or thrust the thigh takes part in the turn; in a sit-up it lies still."""
HIP_RISE_TRUNKS = 0.08
"""The hips leave the ground; in a sit-up they stay."""

BRIDGE_GATES = (
    Gate(
        passes=lambda rep: not rep.top["trunk_incline_deg"] > TRUNK_LEVEL_DEG,
        reason="trunk upright at the top: sitting, standing or setting up",
    ),
    Gate(
        passes=lambda rep: not rep.top["knee_flexion_deg"] < KNEE_BENT_DEG,
        reason="knee straight at the top: no foot planted",
    ),
    Gate(
        passes=lambda rep: not rep.thigh_share_ratio < THIGH_SHARE_RATIO,
        reason="only the trunk moved, as in a sit-up",
    ),
    Gate(
        passes=lambda rep: not rep.hip_rise_trunks < HIP_RISE_TRUNKS,
        reason="the hips did not rise",
    ),
)
"""Gates of every bridge and thrust; the analyzer adds those that any exercise has (feet, duration, losses)."""
