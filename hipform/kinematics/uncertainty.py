"""Uncertainty of measured angles: half-widths of 95 % intervals, from errors on rendered lifters with known joints."""

from __future__ import annotations

import math
from enum import Enum, auto
from functools import lru_cache

from hipform.kinematics.measures import MEASURES


class Motion(Enum):
    """Whether the hip is at rest and extended, or is moving or flexed, which makes its angle less accurate."""

    HELD = auto()
    MOVING = auto()


SPEED_HELD_DEG_PER_S = 30.0
"""Below this speed the hip counts as held."""

_STATED_VIEW_DEG = 12.0
"""Typical value of the view estimate in a true side view."""
_GROWTH_AT_30_DEG = 1.8
"""Factor on the error when the camera is 30 degrees off the side view."""


# Every measure of a frame asks for the same view.
@lru_cache(maxsize=16)
def view_u95_scale(view_off_deg: float) -> float:
    """Return the factor on the intervals for a camera off the side view; 1 in the side view, NaN while unknown.

    Foreshortening grows with the square of the sine of the angle, so the factor does too.
    """
    if math.isnan(view_off_deg):
        return math.nan
    excess = max(0.0, view_off_deg - _STATED_VIEW_DEG)
    at_30 = math.sin(math.radians(30.0 - _STATED_VIEW_DEG)) ** 2
    return 1.0 + (_GROWTH_AT_30_DEG - 1.0) * math.sin(math.radians(min(excess, 90.0))) ** 2 / at_30


def u95_name(name: str) -> str:
    """Return the name of a measure's uncertainty: ``trunk_thigh_flexion_deg`` -> ``trunk_thigh_flexion_u95_deg``."""
    stem, unit = name.rsplit("_", 1)
    return f"{stem}_u95_{unit}"


def angle_u95_deg(name: str, motion: Motion, view_off_deg: float) -> float:
    """Return the half-width of the 95 % interval of a measure, in the measure's unit.

    Parameters
    ----------
    name
        Name in `hipform.kinematics.measures.MEASURES`.
    motion
        Whether the hip is held or moving.
    view_off_deg
        Angle off the side view; NaN gives NaN.
    """
    measure = MEASURES[name]
    return (measure.held_u95 if motion is Motion.HELD else measure.moving_u95) * view_u95_scale(view_off_deg)
