"""Features of the load."""

from __future__ import annotations

import math

import numpy as np

from hipform.features.registry import feature
from hipform.segmentation.traced_movement import TracedMovement, median_of_seen

LOAD_STAYS_RADII = 0.3
"""A load that rises by less than this during a lift, in its radii, was not lifted. Basis: tuned on real clips."""
_NEARLY_ALWAYS = 0.8
"""The load's path counts if the load was seen in at least this share of the samples. Basis: guess."""


@feature
def load_seen_ratio(traced: TracedMovement) -> float:
    """Return the share of the lift in which a weight plate that moves with the lifter was seen."""
    return float(np.isfinite(traced.lift_load[:, 0]).mean())


@feature
def load_rise_radii(traced: TracedMovement) -> float:
    """Return how far the load rose or sank during the lift, in its radii; NaN if it was not always seen."""
    load = traced.lift_load
    seen = load[np.isfinite(load[:, 0])]
    if len(seen) < _NEARLY_ALWAYS * len(load):
        return math.nan
    low, high = np.percentile(seen[:, 1], [5, 95])
    return float(high - low) / float(np.median(seen[:, 2]))


@feature
def load_radius_m(traced: TracedMovement) -> float:
    """Return the radius of the load if it is as far away as the body, metres; NaN if it was not seen in the lift."""
    return median_of_seen(traced.lift_load[:, 3])


@feature
def load_low_radii(traced: TracedMovement) -> float:
    """Return the lowest height of the load above the feet during the lift, in its radii; NaN if it was not seen."""
    load_px = traced.lift_load
    seen_px = load_px[np.isfinite(load_px[:, 4])]
    if not len(seen_px):
        return math.nan
    # The feet stay, so that one misread foot is an outlier; the load does not.
    feet_px = float(np.median(seen_px[:, 1] + seen_px[:, 4]))
    return (feet_px - float(seen_px[:, 1].max())) / float(np.median(seen_px[:, 2]))
