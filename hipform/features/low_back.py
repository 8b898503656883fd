"""Readings of the low back from the outline of the trunk."""

from __future__ import annotations

import math
from typing import TypedDict

import numpy as np

from hipform.kinematics.lumbar_extension import LowBackScale, by_depth
from hipform.kinematics.reading_errors import interval_growth
from hipform.segmentation.traced_movement import TracedMovement, median_of_seen
from hipform.types import FloatArray


class LowBackReadings(TypedDict, total=False):
    """Readings of the low back; the fields are those of `RepSummary`."""

    low_back_top_deg: float
    low_back_levels_deg: FloatArray
    low_back_top_u95_deg: float
    low_back_levels_u95_deg: float


def low_back_readings(traced: TracedMovement, view_off_deg: float, scale: LowBackScale | None) -> LowBackReadings:
    """Return the readings of the low back; empty without a scale.

    If the outline is hidden in most frames, it may be wrong in the others, so the readings are then NaN.
    """
    if scale is None:
        return {}
    growth = interval_growth({"view_off_deg": view_off_deg})
    top = {name: _mostly_seen(column[traced.at_top]) for name, column in traced.columns.items()}
    found: LowBackReadings = {
        "low_back_top_deg": scale.reading_deg(top),
        "low_back_top_u95_deg": scale.top_u95_deg * growth,
    }
    if math.isfinite(scale.depth_u95_deg):
        readings_deg = np.array([scale.reading_deg(sample.values) for sample in traced.samples])
        found["low_back_levels_deg"] = by_depth(traced.columns["trunk_thigh_flexion_deg"], readings_deg)
        found["low_back_levels_u95_deg"] = scale.depth_u95_deg * growth
    return found


def _mostly_seen(values: FloatArray) -> float:
    """Return the median; NaN unless at least half of the values were seen."""
    return median_of_seen(values) if np.isfinite(values).mean() >= 0.5 else math.nan
