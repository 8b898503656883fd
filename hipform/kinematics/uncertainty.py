"""Uncertainty of measured angles: half-widths of 95 % intervals, learned from people and rendered lifters."""

from __future__ import annotations

from enum import Enum, auto

from hipform.kinematics.measures import MEASURES
from hipform.types import NoiseModel


class Motion(Enum):
    """Whether the hip is at rest and extended, or is moving or flexed, which makes its angle less accurate."""

    HELD = auto()
    MOVING = auto()


SPEED_HELD_DEG_PER_S = 30.0
"""Below this speed the hip counts as held. Basis: tuned on rendered lifters with known joints."""


_UNITS_OF_SEVERAL_WORDS = ("m_per_s",)


def u95_name(name: str) -> str:
    """Return the name of a measure's uncertainty: ``trunk_thigh_flexion_deg`` -> ``trunk_thigh_flexion_u95_deg``."""
    unit = next((unit for unit in _UNITS_OF_SEVERAL_WORDS if name.endswith(f"_{unit}")), name.rsplit("_", 1)[1])
    stem = name.removesuffix(f"_{unit}")
    return f"{stem}_u95_{unit}"


def measure_u95(
    name: str, motion: Motion, growth: float, noise: NoiseModel | None = None, exercise_u95_scale: float = 1.0
) -> float:
    """Return the half-width of the 95 % interval of a measure, in the measure's unit.

    Parameters
    ----------
    name
        Name in `hipform.kinematics.measures.MEASURES`.
    motion
        Whether the hip is held or moving.
    growth
        Factor from `hipform.kinematics.reading_errors.interval_growth`; NaN gives NaN.
    noise
        Accuracy of the landmarks; that of MediaPipe's heavy model if it is not given.
    exercise_u95_scale
        Factor by which the exercise widens the intervals.
    """
    measure = MEASURES[name]
    learned = measure.held_u95 if motion is Motion.HELD else measure.moving_u95
    noise = noise or NoiseModel()
    return max(exercise_u95_scale * noise.u95_scale * learned, noise.least_u95_deg.get(name, 0.0)) * growth
