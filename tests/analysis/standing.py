"""Lifters who hinge, or kneel on all fours, as far as the analysis needs them."""

from __future__ import annotations

from hipform.types import Side
from tests.synthetic import BODY, SIDE_ON, Posture, RepPlan, RepSet, SyntheticCamera, SyntheticClip, film_set

KNEELING_M = 0.5
"""Height of the hips on hands and knees."""


def hinge(hip_deg: float) -> Posture:
    """Return a hinge over straight, upright legs, arms hanging."""
    trunk_deg = -90 - hip_deg
    # The forearm goes on 10 degrees further than the upper arm.
    arm_deg = -90 - trunk_deg - 5
    return Posture(hip_m=(0.6, 0.92), trunk_deg=trunk_deg, hip_deg=hip_deg, knee_deg=0.0, arm_deg=arm_deg)


def kneeling(leg: Side, *, arm: bool = True):
    """Return what bird dog looks like at a trunk-thigh angle of *leg*: it is stretched out, the other one kneels.

    The other side's *arm* goes out with the leg; without it both hands stay on the floor.
    """

    def posture(hip_deg: float) -> Posture:
        return Posture(
            hip_m=(0.9, BODY.thigh_m + 0.1),
            trunk_deg=180,
            hip_deg=hip_deg,
            knee_deg=hip_deg,
            arm_deg=85,
            working=leg,
            other_hip_deg=90.0,
            other_knee_deg=90.0,
            other_arm_deg=(85 + 95 * max(1 - hip_deg / 90, 0.0), 10.0) if arm else None,
        )

    return posture


def hinges(count: int = 3, **plan: float) -> RepSet:
    """Return a set that starts and ends standing; keywords as in `RepPlan`, its lift being the way down."""
    usual = {"lift_s": 1.2, "hold_s": 0.3, "lower_s": 1.0, "rest_s": 1.0, "lockout_deg": 80.0, "bottom_deg": 2.0}
    return RepSet((RepPlan(**(usual | plan)),) * count)


def film_hinges(reps: RepSet, camera: SyntheticCamera = SIDE_ON, **how: float) -> SyntheticClip:
    """Return the clip of a hinge."""
    return film_set(reps, hinge, camera, **how)
