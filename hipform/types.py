"""Values that every room uses, frozen where they are classes.

Arrays use NaN for what was not seen; results meant for people and files use ``None``. Times are the clip's own
timestamps in seconds, image points are pixels (x right, y down) of the upright frame, world points are metres
(x right, y down, z away from the camera), angles are degrees with the signs of `hipform.kinematics.measures`.
"""

from __future__ import annotations

from dataclasses import dataclass
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
