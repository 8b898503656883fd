"""Features of the hip at its most extended."""

from __future__ import annotations

import math

import numpy as np

from hipform.features.registry import feature
from hipform.segmentation.traced_movement import TracedMovement, smoothed


@feature
def held_deg(traced: TracedMovement) -> float:
    """Return the most extended trunk-thigh angle that was held for the hold time of ``lumbar-overextension``.

    It is the smallest angle that was not exceeded for that time without interruption; NaN if the movement is shorter or
    the angle was not seen for so long. The signal that finds repetitions does not serve: where the load has carried it
    on, its level is not that of the angle.
    """
    t_s, hold_s = traced.trace.t_s, traced.settings["lumbar-overextension.hold_s"]
    hip = smoothed(traced.columns["trunk_thigh_flexion_deg"], t_s)
    best = math.nan
    for first in range(len(t_s)):
        last = int(np.searchsorted(t_s, t_s[first] + hold_s - 1e-9))
        if last >= len(t_s):
            break
        # NaN where a frame of the hold was not seen.
        worst = float(hip[first : last + 1].max())
        best = float(np.fmin(best, worst))
    return best
