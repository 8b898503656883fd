"""Features of the arms while the hips rise."""

from __future__ import annotations

import math

import numpy as np

from hipform.features.registry import feature
from hipform.segmentation.traced_movement import TracedMovement, highest_of_seen

NEARLY_UP_DEG = 15.0
"""Within this angle of the top the hips have done their work, and any further rise comes from the arms.

Basis: guess.
"""


@feature
def hands_lead_ratio(traced: TracedMovement) -> float:
    """Return the share of the hands' rise that is done when the hip is within `NEARLY_UP_DEG` of its top."""
    trace, hands = traced.trace, traced.columns["wrist_lift_ratio"]
    rising_deg = trace.hip[trace.start : trace.top + 1]
    nearly_up = trace.start + int(np.argmax(rising_deg <= trace.hip[trace.top] + NEARLY_UP_DEG))
    low, high = traced.low("wrist_lift_ratio"), highest_of_seen(hands[trace.lift])
    return (float(hands[nearly_up]) - low) / (high - low) if high > low else math.nan


@feature
def hands_peak_ratio(traced: TracedMovement) -> float:
    """Return the highest point of the wrist above the shoulder, in trunk lengths."""
    return highest_of_seen(traced.columns["wrist_height_ratio"][traced.trace.lift])
