"""Where a fault is visible: at which moment of a repetition, and at which part of the body."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from hipform.pose.poses import Landmark

_LOW_BACK_SHARE = 0.75
"""The low back lies this far along the line from the shoulder to the hip. Basis: guess."""


@dataclass(frozen=True, slots=True)
class FaultPlace:
    """Where a fault is visible.

    Attributes
    ----------
    moment
        ``top`` or ``bottom`` of the repetition.
    start, end
        Landmarks of the left side; the place lies between their counterparts on the near side.
    share
        How far from *start* to *end* the place lies, 0..1.
    """

    moment: str
    start: Landmark
    end: Landmark
    share: float = 1.0


def _joint(moment: str, joint: Landmark) -> FaultPlace:
    return FaultPlace(moment, joint, joint)


def _low_back(moment: str) -> FaultPlace:
    return FaultPlace(moment, Landmark.LEFT_SHOULDER, Landmark.LEFT_HIP, _LOW_BACK_SHARE)


FAULT_PLACES: Mapping[str, FaultPlace] = {
    "incomplete-lockout": _joint("top", Landmark.LEFT_HIP),
    "lumbar-overextension": _low_back("top"),
    "no-squeeze": _joint("top", Landmark.LEFT_HIP),
    "shallow-range": _joint("bottom", Landmark.LEFT_HIP),
    "shin-angle": FaultPlace("top", Landmark.LEFT_KNEE, Landmark.LEFT_ANKLE, 0.5),
    "leg-too-high": _joint("top", Landmark.LEFT_KNEE),
    "lumbar-rounding": _low_back("bottom"),
    "knee-dominant": _joint("bottom", Landmark.LEFT_KNEE),
    "knees-not-locked": _joint("top", Landmark.LEFT_KNEE),
    "hips-shoot-up": _joint("bottom", Landmark.LEFT_HIP),
    "squatted-deadlift": _joint("bottom", Landmark.LEFT_HIP),
    "lean-back": _low_back("top"),
    "arm-lift": _joint("top", Landmark.LEFT_SHOULDER),
}
"""The place of each rule's fault; a rule that is missing here judges the whole movement or the set."""
