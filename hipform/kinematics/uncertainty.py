"""Uncertainty of measured angles: half-widths of 95 % intervals, learned from people and rendered lifters."""

from __future__ import annotations

from enum import Enum, auto

from hipform.kinematics.measures import MEASURES


class Motion(Enum):
    """Whether the hip is at rest and extended, or is moving or flexed, which makes its angle less accurate."""

    HELD = auto()
    MOVING = auto()


SPEED_HELD_DEG_PER_S = 30.0
"""Below this speed the hip counts as held."""


_UNITS_OF_SEVERAL_WORDS = ("m_per_s",)


def u95_name(name: str) -> str:
    """Return the name of a measure's uncertainty: ``trunk_thigh_flexion_deg`` -> ``trunk_thigh_flexion_u95_deg``."""
    unit = next((unit for unit in _UNITS_OF_SEVERAL_WORDS if name.endswith(f"_{unit}")), name.rsplit("_", 1)[1])
    stem = name.removesuffix(f"_{unit}")
    return f"{stem}_u95_{unit}"


def angle_u95_deg(name: str, motion: Motion, growth: float) -> float:
    """Return the half-width of the 95 % interval of a measure, in the measure's unit.

    Parameters
    ----------
    name
        Name in `hipform.kinematics.measures.MEASURES`.
    motion
        Whether the hip is held or moving.
    growth
        Factor from `hipform.kinematics.reading_errors.interval_growth`; NaN gives NaN.
    """
    measure = MEASURES[name]
    return (measure.held_u95 if motion is Motion.HELD else measure.moving_u95) * growth
