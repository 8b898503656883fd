"""Features of the load."""

from __future__ import annotations

import numpy as np

from hipform.features.registry import feature
from hipform.segmentation.traced_movement import TracedMovement


@feature
def load_seen_ratio(traced: TracedMovement) -> float:
    """Return the share of the lift in which a weight plate that moves with the lifter was seen."""
    return float(np.mean([np.isfinite(sample.load[0]) for sample in traced.samples[traced.trace.lift]]))
