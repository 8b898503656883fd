"""How sure a measured angle is: half-widths of 95 % bands, from errors on rendered lifters with known joints."""

from __future__ import annotations

import math
from collections.abc import Mapping
from enum import Enum, auto
from types import MappingProxyType


class Motion(Enum):
    """Whether the hip rests extended, or moves or is flexed; then it is read later and less sharply."""

    HELD = auto()
    MOVING = auto()


SPEED_HELD_DEG_PER_S = 30.0
"""Below this the hip counts as held."""

_SIDE_VIEW_U95: Mapping[str, tuple[float, float]] = MappingProxyType(
    {
        "hip_flexion_deg": (5.0, 10.0),
        "knee_flexion_deg": (7.0, 8.0),
        "trunk_incline_deg": (5.0, 8.0),
        "thigh_incline_deg": (5.0, 8.0),
        "shin_lean_deg": (5.0, 7.0),
        "neck_extension_deg": (12.0, 12.0),
        "hip_offset_ratio": (0.06, 0.10),
        "hip_height_ratio": (0.08, 0.12),
        "trunk_lean_deg": (5.0, 8.0),
        "elbow_flexion_deg": (20.0, 20.0),
        "arm_elevation_deg": (8.0, 12.0),
        "wrist_height_ratio": (0.12, 0.15),
        "wrist_lift_ratio": (0.12, 0.15),
        "load_ahead_ratio": (0.15, 0.20),
        "shoulder_height_ratio": (0.08, 0.12),
        "other_hip_flexion_deg": (10.0, 15.0),
        "other_knee_flexion_deg": (12.0, 15.0),
        "pelvis_drop_deg": (6.0, 8.0),
        "back_hollow_ratio": (0.012, 0.015),
        "belly_bulge_ratio": (0.015, 0.020),
    }
)
"""95th percentile of the absolute error in a side view: held at the top, and moving or deeply flexed.

Clothes and build of real people add a bias that rendered lifters do not have: it shifts a whole set, not one
repetition.
"""

_STATED_VIEW_DEG = 12.0
"""The view estimate reads about this much in a true side view."""
_GROWTH_AT_30_DEG = 1.8
"""Growth of the error when the camera stands 30 degrees off the side view."""


def view_growth(view_off_deg: float) -> float:
    """Return the factor by which a camera off the side view widens the bands; 1 in the side view, NaN while unknown.

    Foreshortening grows with the square of the sine of the angle, so the factor does too.
    """
    if math.isnan(view_off_deg):
        return math.nan
    excess = max(0.0, view_off_deg - _STATED_VIEW_DEG)
    at_30 = math.sin(math.radians(30.0 - _STATED_VIEW_DEG)) ** 2
    return 1.0 + (_GROWTH_AT_30_DEG - 1.0) * math.sin(math.radians(min(excess, 90.0))) ** 2 / at_30


def u95_name(name: str) -> str:
    """Return what the uncertainty of a measure is called: ``hip_flexion_deg`` -> ``hip_flexion_u95_deg``."""
    stem, unit = name.rsplit("_", 1)
    return f"{stem}_u95_{unit}"


def angle_u95_deg(name: str, motion: Motion, view_off_deg: float) -> float:
    """Return the half-width of the 95 % band of a measure, in the measure's unit.

    Parameters
    ----------
    name
        Name in `hipform.kinematics.measures.MEASURES`.
    motion
        Whether the joint rests.
    view_off_deg
        Angle off the side view; NaN gives NaN.
    """
    held, moving = _SIDE_VIEW_U95[name]
    return (held if motion is Motion.HELD else moving) * view_growth(view_off_deg)
