"""A contact picture of the people in a clip, with the numbers by which they are chosen."""

from __future__ import annotations

from collections.abc import Sequence

import cv2
import numpy as np

from hipform.types import FloatArray, Image

_WIDTH_PX = 960
_FRAME = (255, 214, 0)
_INK = (0, 0, 0)


def draw_people(image: Image, boxes_px: Sequence[FloatArray]) -> Image:
    """Return a frame, `_WIDTH_PX` wide, with a numbered box around each person, from the left.

    Parameters
    ----------
    image
        RGB image.
    boxes_px
        Left, top, right and bottom of each person, shape (4,).
    """
    scale = _WIDTH_PX / image.shape[1]
    size = (_WIDTH_PX, max(1, round(scale * image.shape[0])))
    picture = np.ascontiguousarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), dtype=np.uint8)
    for number, box_px in enumerate(boxes_px, 1):
        left, top, right, bottom = (round(scale * float(side)) for side in box_px)
        cv2.rectangle(picture, (left, top), (right, bottom), _FRAME, 3)
        corner = max(0, left), max(0, top)
        cv2.rectangle(picture, corner, (corner[0] + 34 * len(str(number)) + 10, corner[1] + 52), _FRAME, cv2.FILLED)
        at = corner[0] + 8, corner[1] + 42
        cv2.putText(picture, str(number), at, cv2.FONT_HERSHEY_SIMPLEX, 1.5, _INK, 4, cv2.LINE_AA)
    return picture


def stacked(pictures: Sequence[Image]) -> Image:
    """Return *pictures* of equal width below each other."""
    return np.concatenate(pictures)
