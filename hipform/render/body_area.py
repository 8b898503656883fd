"""Where in the picture the body is over a whole clip, so that nothing is laid over it."""

from __future__ import annotations

import math

import numpy as np
from numpy.typing import NDArray

from hipform.kinematics.tracking import trunk_length_px
from hipform.render.canvas import Box
from hipform.types import FloatArray, Landmark, Pose

_CELLS = 72
"""Cells along the shorter side of the picture."""
_STEPS = np.linspace(0.0, 1.0, 7)
_FLESH_TRUNKS = 0.22
"""How far the body reaches beyond the lines between its landmarks, in trunk lengths."""
_HEAD_RATIO = 0.6
"""How far the crown lies beyond the ears, as a share of the way from the shoulders to them."""
_SIDES = (
    (Landmark.LEFT_SHOULDER, Landmark.LEFT_ELBOW),
    (Landmark.LEFT_ELBOW, Landmark.LEFT_WRIST),
    (Landmark.LEFT_WRIST, Landmark.LEFT_INDEX),
    (Landmark.LEFT_SHOULDER, Landmark.LEFT_HIP),
    (Landmark.LEFT_HIP, Landmark.LEFT_KNEE),
    (Landmark.LEFT_KNEE, Landmark.LEFT_ANKLE),
    (Landmark.LEFT_ANKLE, Landmark.LEFT_HEEL),
    (Landmark.LEFT_HEEL, Landmark.LEFT_FOOT_INDEX),
)
_BONES = np.array([(first + side, second + side) for first, second in _SIDES for side in (0, 1)])
_SHOULDERS = [Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER]
_EARS = [Landmark.LEFT_EAR, Landmark.RIGHT_EAR]


class BodyArea:
    """The part of the picture that the body covers in any frame of a clip.

    Parameters
    ----------
    width_px, height_px
        Size of the picture.
    """

    def __init__(self, width_px: int, height_px: int) -> None:
        self._cell_px = max(1.0, min(width_px, height_px) / _CELLS)
        rows, columns = math.ceil(height_px / self._cell_px), math.ceil(width_px / self._cell_px)
        self._covered = np.zeros((rows, columns), dtype=np.bool_)

    def add(self, pose: Pose) -> None:
        """Add the body of one frame; nothing is added where nobody was found."""
        if not pose.found:
            return
        points = pose.image_px
        starts, ends = points[_BONES[:, 0]], points[_BONES[:, 1]]
        along = starts[:, None] + _STEPS[:, None] * (ends - starts)[:, None]
        shoulders, ears = points[_SHOULDERS].mean(axis=0), points[_EARS].mean(axis=0)
        head = np.array([points[Landmark.NOSE], ears, ears + _HEAD_RATIO * (ears - shoulders)])
        body = np.concatenate([along.reshape(-1, 2), head])
        reach_px = _FLESH_TRUNKS * trunk_length_px(pose)
        self._cover(body[np.isfinite(body).all(axis=1)], reach_px if math.isfinite(reach_px) else 0.0)

    def _cover(self, points: FloatArray, reach_px: float) -> None:
        """Mark the squares of *reach_px* around points, shape (n, 2)."""
        rows, columns = self._covered.shape
        reach = min(reach_px / self._cell_px, float(max(rows, columns)))
        spread = np.linspace(-reach, reach, 2 * math.ceil(reach) + 1)
        grid = np.stack(np.meshgrid(spread, spread), axis=-1).reshape(-1, 2)
        cells = np.clip(points / self._cell_px, -1e6, 1e6)
        at = np.unique(np.floor(cells[:, None] + grid).reshape(-1, 2).astype(np.int64), axis=0)
        inside = (at >= 0).all(axis=1) & (at[:, 0] < columns) & (at[:, 1] < rows)
        self._covered[at[inside, 1], at[inside, 0]] = True

    def touches(self, box: Box) -> bool:
        """Tell whether the body is anywhere in *box* at any time."""
        return bool(self._part(box).any())

    def _part(self, box: Box) -> NDArray[np.bool_]:
        cell_px = self._cell_px
        top, left = max(0, math.floor(box.top / cell_px)), max(0, math.floor(box.left / cell_px))
        return self._covered[
            top : max(0, math.ceil(box.bottom / cell_px)), left : max(0, math.ceil(box.right / cell_px))
        ]
