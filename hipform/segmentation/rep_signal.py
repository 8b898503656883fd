"""The signal whose turning points are repetitions: the trunk-thigh angle, and the height of the load where it is lost.

A plate hides the hip, or the hip leaves the picture; the bar goes on rising. Where the angle is not known in two
consecutive frames, the signal changes with the height of the load instead, so that it has no step where one takes over
from the other. Its level is then not that of the angle; turning points depend on differences only.
"""

from __future__ import annotations

import math
from collections import deque
from statistics import median

from hipform.pose.poses import Disc

DEG_PER_RADIUS = 40.0
"""Change of the trunk-thigh angle while a full-size plate rises by its radius (0.225 m); between that of a hip thrust
(45) and of a deadlift (35).

Basis: tuned on real clips.
"""
_RADII_KEPT = 61
"""Number of latest radii of the load whose median gives the scale; two seconds at 30 frames a second. Basis: guess."""
_START_DEG = 60.0
"""Level of the signal while the angle has never been known. Basis: guess."""
LONGEST_GAP_S = 0.5
"""Over a longer gap the signal does not continue. Basis: guess."""


class RepSignal:
    """Join angle and load into one continuous signal, one frame at a time."""

    def __init__(self) -> None:
        self._radii: deque[float] = deque(maxlen=_RADII_KEPT)
        self._t_s = self._value_deg = self._angle_deg = self._load_y_px = math.nan
        self._offset_deg = 0.0

    def push(self, t_s: float, angle_deg: float, load: Disc | None) -> float:
        """Add a frame and return the signal, degrees; NaN while neither is known.

        Parameters
        ----------
        angle_deg
            Trunk-thigh flexion; NaN where it is not known.
        load
            The plate that the lifter moves; ``None`` where it is not seen.
        """
        load_y_px = float(load.center_px[1]) if load else math.nan
        if load:
            self._radii.append(float(load.radius_px[1]))
        is_known = math.isfinite(angle_deg)
        if not is_known and not load:
            return math.nan
        if not t_s - self._t_s <= LONGEST_GAP_S:
            self._offset_deg = 0.0
            value_deg = angle_deg if is_known else _START_DEG
        elif is_known and math.isfinite(self._angle_deg):
            value_deg = angle_deg + self._offset_deg
        else:
            value_deg = self._value_deg + self._risen_deg(load_y_px)
            self._offset_deg = value_deg - angle_deg if is_known else self._offset_deg
        self._t_s, self._value_deg, self._angle_deg, self._load_y_px = t_s, value_deg, angle_deg, load_y_px
        return value_deg

    def _risen_deg(self, load_y_px: float) -> float:
        """Return the change of the signal by the load since the last frame; 0 if it was not seen in both."""
        change_deg = DEG_PER_RADIUS * (load_y_px - self._load_y_px) / median(self._radii) if self._radii else math.nan
        return change_deg if math.isfinite(change_deg) else 0.0
