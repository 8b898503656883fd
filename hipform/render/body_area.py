"""Area that the body covers over a whole clip, so that no panel covers the body."""

from __future__ import annotations

import math
from array import array
from functools import cached_property

import cv2
import numpy as np
from numpy.typing import NDArray

from hipform.kinematics.tracking import trunk_length_px
from hipform.pose.poses import Landmark, Pose
from hipform.render.canvas import Box

_CELLS = 72
"""Cells along the shorter side of the frame."""
_STEPS = np.linspace(0.0, 1.0, 7)
_BODY_MARGIN_TRUNKS = 0.22
"""How far the body extends beyond the lines between its landmarks, in trunk lengths."""
_HEAD_RATIO = 0.6
"""Distance from ears to crown, as a share of the distance from shoulders to ears."""
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
    """The part of the frame that the body covers at any time in a clip.

    Parameters
    ----------
    width_px, height_px
        Size of the frame.
    """

    def __init__(self, width_px: int, height_px: int) -> None:
        self._cell_px = max(1.0, min(width_px, height_px) / _CELLS)
        self._points = np.zeros((math.ceil(height_px / self._cell_px), math.ceil(width_px / self._cell_px)), np.uint8)
        self._trunks_px = array("f")

    def add(self, pose: Pose) -> None:
        """Add the body of one frame; does nothing if nobody was found."""
        if not pose.found:
            return
        points = pose.image_px
        starts, ends = points[_BONES[:, 0]], points[_BONES[:, 1]]
        along = starts[:, None] + _STEPS[:, None] * (ends - starts)[:, None]
        shoulders, ears = points[_SHOULDERS].mean(axis=0), points[_EARS].mean(axis=0)
        head = np.array([points[Landmark.NOSE], ears, ears + _HEAD_RATIO * (ears - shoulders)])
        body = np.concatenate([along.reshape(-1, 2), head])
        self._trunks_px.append(trunk_length_px(pose))
        rows, columns = self._points.shape
        cells = np.nan_to_num(body / self._cell_px, nan=-1.0, posinf=-1.0, neginf=-1.0)
        cells = cells[((cells >= 0) & (cells < (columns, rows))).all(axis=1)].astype(np.int64)
        self._points[cells[:, 1], cells[:, 0]] = 1

    @cached_property
    def _covered(self) -> NDArray[np.uint8]:
        """The cells of the landmarks and of the body around them, once all frames are added."""
        trunks_px = np.asarray(self._trunks_px)
        trunk_px = float(np.median(trunks_px[np.isfinite(trunks_px)])) if np.isfinite(trunks_px).any() else 0.0
        reach = min(math.ceil(_BODY_MARGIN_TRUNKS * trunk_px / self._cell_px), max(self._points.shape))
        shape = cv2.getStructuringElement(cv2.MORPH_ELLIPSE, (2 * reach + 1, 2 * reach + 1))
        return np.asarray(cv2.dilate(self._points, shape), np.uint8)

    def touches(self, box: Box) -> bool:
        """Return whether the body is in *box* at any time; call after all frames are added."""
        cell_px = self._cell_px
        rows = slice(max(0, math.floor(box.top / cell_px)), max(0, math.ceil(box.bottom / cell_px)))
        columns = slice(max(0, math.floor(box.left / cell_px)), max(0, math.ceil(box.right / cell_px)))
        return bool(self._covered[rows, columns].any())
