"""Features of the position of the load."""

from __future__ import annotations

import math

import numpy as np

from hipform.features.registry import feature
from hipform.segmentation.traced_movement import TracedMovement, highest_of_seen

_NEARLY_ALWAYS = 0.8


@feature
def load_seen_ratio(traced: TracedMovement) -> float:
    """Return the share of the lift in which a weight plate that moves with the lifter was seen."""
    return float(np.mean([np.isfinite(sample.load[0]) for sample in traced.samples[traced.trace.lift]]))


@feature
def load_rise_radii(traced: TracedMovement) -> float:
    """Return how far the load rose or sank during the lift, in its radii; NaN if it was not always seen."""
    load = np.array([sample.load for sample in traced.samples])[traced.trace.lift]
    seen = load[np.isfinite(load[:, 0])]
    if len(seen) < _NEARLY_ALWAYS * len(load):
        return math.nan
    low, high = np.percentile(seen[:, 1], [5, 95])
    return float(high - low) / float(np.median(seen[:, 2]))


@feature
def load_ahead_ratio(traced: TracedMovement) -> float:
    """Return how far ahead of the legs the hands get in the lower half of the lift, in thigh lengths."""
    trace = traced.trace
    half_deg = (trace.hip[trace.start] + trace.hip[trace.top]) / 2
    half_up = trace.start + int(np.argmax(trace.hip[trace.start : trace.top + 1] <= half_deg))
    return highest_of_seen(traced.columns["load_ahead_ratio"][trace.start : half_up + 1])
