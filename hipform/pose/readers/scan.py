"""Facts about the lifter from one pass over a whole file."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, field

import numpy as np

from hipform.pose.poses import Landmark
from hipform.types import FloatArray

_ACROSS = ((Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER), (Landmark.LEFT_HIP, Landmark.RIGHT_HIP))


@dataclass(slots=True)
class Scan:
    """The lifter over the whole file.

    Attributes
    ----------
    frames, found, most_people
        Number of frames, number of frames with the lifter, and largest number of people in a frame.
    first_s, last_s
        Times of the first and last frame.
    has_world
        Whether there are points in metres beside those in the image.
    low, high
        Smallest and largest coordinates seen, shape (2,) or (3,).
    axis_doubled
        Sum over the frames of the horizontal left-right axis, as a complex number with twice its angle, so that an axis
        and its opposite are the same.
    """

    frames: int = 0
    found: int = 0
    most_people: int = 0
    first_s: float = math.nan
    last_s: float = math.nan
    has_world: bool = False
    low: FloatArray = field(default_factory=lambda: np.array([math.inf]))
    high: FloatArray = field(default_factory=lambda: np.array([-math.inf]))
    axis_doubled: complex = 0j
    _depths: tuple[FloatArray, FloatArray] | None = None

    def note(self, placed: Mapping[Landmark, FloatArray]) -> None:
        """Add the lifter's points of one frame, each of shape (2,) or (3,)."""
        points = np.array(list(placed.values()))
        seen = points[np.isfinite(points[:, 0])]
        self.found += 1
        self.low, self.high = np.fmin(self.low, seen.min(axis=0)), np.fmax(self.high, seen.max(axis=0))
        if points.shape[1] == 3:
            least, most = self._depths or (points[:, 2], points[:, 2])
            self._depths = np.fmin(least, points[:, 2]), np.fmax(most, points[:, 2])
            self.axis_doubled += _axis_doubled(placed)

    @property
    def depth_span(self) -> float:
        """Largest range of the third coordinate of any single point; 0 in two dimensions."""
        if self._depths is None:
            return 0.0
        spans = self._depths[1] - self._depths[0]
        return float(spans[np.isfinite(spans)].max(initial=0.0))


def _axis_doubled(placed: Mapping[Landmark, FloatArray]) -> complex:
    """Return the horizontal left-right axis of shoulders and hips as in `Scan`; 0 if it was not seen."""
    spans = [placed[left] - placed[right] for left, right in _ACROSS if left in placed and right in placed]
    total = sum((complex(span[0], span[2]) for span in spans), 0j)
    return total**2 / abs(total) if math.isfinite(abs(total)) and total else 0j
