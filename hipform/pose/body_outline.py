"""The outline of the trunk, as distances from the trunk line on either side."""

from __future__ import annotations

import cv2
import numpy as np
from numpy.typing import NDArray

from hipform.pose.poses import CONTOUR_STATIONS, TrunkContour
from hipform.types import FloatArray

Mask = NDArray[np.float32]

MASK_EDGE = 0.5
"""Mask confidence at the edge of the person."""
REACH_TRUNKS = 0.7
"""A back or belly is never further from the trunk line; an arm, the floor or another person may be."""


def trunk_contour(mask: Mask, shoulder_px: FloatArray, hip_px: FloatArray) -> TrunkContour:
    """Measure the outline of the trunk.

    Parameters
    ----------
    mask
        Confidence 0..1 that a pixel belongs to the person, shape (height, width).
    shoulder_px, hip_px
        Midpoints of the shoulders and of the hips in pixels of the mask, shape (2,).

    Returns
    -------
    TrunkContour
        NaN where the trunk line leaves the person, the outline is outside the image, or there is none within reach.
    """
    along_px = hip_px - shoulder_px
    trunk_px = float(np.hypot(*along_px))
    if not (np.isfinite(trunk_px) and trunk_px >= 1.0):
        return TrunkContour.unseen()
    # Rotated counter-clockwise on the screen, where y points down.
    outward = np.array([along_px[1], -along_px[0]]) / trunk_px
    starts_px = shoulder_px + CONTOUR_STATIONS[:, None] * along_px
    return TrunkContour(
        _edge_px(mask, starts_px, outward, REACH_TRUNKS * trunk_px) / trunk_px,
        _edge_px(mask, starts_px, -outward, REACH_TRUNKS * trunk_px) / trunk_px,
    )


def _edge_px(mask: Mask, starts_px: FloatArray, outward: FloatArray, reach_px: float) -> FloatArray:
    """Return the distance from each start to the edge of the person; NaN where it was not seen."""
    steps_px = np.arange(0.0, reach_px + 1.0)
    points_px = (starts_px[:, None, :] + steps_px[:, None] * outward).astype(np.float32)
    # Outside the image the mask is NaN, and so is every edge beyond it.
    inside = cv2.remap(
        mask,
        points_px[:, :, 0],
        points_px[:, :, 1],
        cv2.INTER_LINEAR,
        borderMode=cv2.BORDER_CONSTANT,
        borderValue=float("nan"),
    )
    ended = ~(inside >= MASK_EDGE)
    seen = np.flatnonzero(ended.any(axis=1) & ~ended[:, 0])
    last = np.argmax(ended[seen], axis=1) - 1
    before, after = (inside[seen, step].astype(np.float64) for step in (last, last + 1))
    edge_px = np.full(len(starts_px), np.nan)
    edge_px[seen] = steps_px[last] + (before - MASK_EDGE) / (before - after)
    return edge_px
