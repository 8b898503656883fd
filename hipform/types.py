"""Values that every room uses, frozen where they are classes.

Arrays use NaN for what was not seen; results meant for people and files use ``None``. Times are the clip's own
timestamps in seconds, image points are pixels (x right, y down) of the upright frame, world points are metres
(x right, y down, z away from the camera), angles are degrees with the signs of `hipform.kinematics.measures`.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from enum import StrEnum

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]


Image = NDArray[np.uint8]


class Side(StrEnum):
    """A side of the lifter's body."""

    LEFT = "left"
    RIGHT = "right"

    @property
    def other(self) -> Side:
        """The opposite side."""
        return Side.RIGHT if self is Side.LEFT else Side.LEFT


@dataclass(frozen=True, slots=True)
class Estimate:
    """A measured value with its uncertainty.

    Attributes
    ----------
    value
        The measured value.
    u95
        Half-width of the interval that is meant to hold the true value in 95 of 100 cases, same unit.
    unit
        Unit suffix as in the measure's name: ``deg``, ``s``, ``ratio``, ``m_per_s``.
    """

    value: float
    u95: float
    unit: str


@dataclass(frozen=True, slots=True, kw_only=True)
class NoiseModel:
    """Accuracy of the landmarks of a source.

    Attributes
    ----------
    u95_scale
        Factor on the half-widths of the 95 % intervals in `hipform.kinematics.uncertainty`, which were measured with
        MediaPipe's heavy model; 1 for a source with the same accuracy.
    least_u95_deg
        Half-width below which the interval of an angle never falls, degrees, by the name of the measure: what is
        published about the source. An angle that is missing has no such limit.
    bias_ratio
        Share of the bias in `hipform.kinematics.reading_errors`, which was learned with MediaPipe; 0 for a source
        whose bias is not known.
    """

    u95_scale: float = 1.0
    least_u95_deg: Mapping[str, float] = field(default_factory=dict)
    bias_ratio: float = 0.0
