"""Where a fault is visible: at which moment of a repetition, and at which part of the body."""

from __future__ import annotations

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


HIP_AT_TOP, HIP_AT_BOTTOM = (_joint(moment, Landmark.LEFT_HIP) for moment in ("top", "bottom"))
KNEE_AT_TOP, KNEE_AT_BOTTOM = (_joint(moment, Landmark.LEFT_KNEE) for moment in ("top", "bottom"))
LOW_BACK_AT_TOP, LOW_BACK_AT_BOTTOM = (_low_back(moment) for moment in ("top", "bottom"))
SHOULDER_AT_TOP = _joint("top", Landmark.LEFT_SHOULDER)
SHIN_AT_TOP = FaultPlace("top", Landmark.LEFT_KNEE, Landmark.LEFT_ANKLE, 0.5)
