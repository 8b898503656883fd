"""Cuts between shots, both hard cuts and dissolves.

Frames are compared as 64x36 thumbnails by two measures, each 0 for equal and about 1 for unrelated frames:

*structure* is one minus the correlation of brightness; exposure, flashes and flicker do not change it;
*colour* is the share of pixels that changed their colour class; movement in the frame does not change it.

A hard cut changes both, or the structure completely. In a dissolve, neighbouring frames differ little, but the middle
frame is the mean of both ends, which movement does not produce.
"""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass

import cv2
import numpy as np
from numpy.typing import NDArray

from hipform.types import Image

# Limits measured on 29 clips of real training (13,600 frames, 24 to 60 fps). Neighbouring frames within a shot:
# structure at most 0.28, sum of both at most 0.31 (0.5 in animated logos). At the cuts: structure 0.81 to 1.13, sum
# 1.31 to 1.90. Random frames of two different clips: sum over 0.75 in 99 of 100 pairs.
CUT_STRUCTURE = 0.3
CUT_SUM = 0.75
# Dissolves: the two real ones had structure 0.20 and 0.24, colour 0.15 and 0.08, middle / structure 0.017 and 0.031;
# movement of the same structure had middle / structure of at least 0.07.
DISSOLVE_STRUCTURE = 0.18
DISSOLVE_COLOUR = 0.06
DISSOLVE_MIDDLE = 0.035
DISSOLVE_SPANS = (8, 16, 24)  # Frames: what lies within 0.3 to 1 s at 25 to 30 fps.

THUMBNAIL = (64, 36)
"""Width and height of the thumbnails that are compared, pixels."""
_COLOUR_CLASSES = 6  # Per channel.
# Brightness variance of sensor and codec noise in a thumbnail; keeps two black frames from looking unrelated.
_NOISE_VARIANCE = 25.0


@dataclass(frozen=True, slots=True, eq=False)
class _Thumbnail:
    luma: NDArray[np.float32]
    colours: NDArray[np.float32]


class CutDetector:
    """Detects the frames that start a new shot, from the images alone and one at a time."""

    def __init__(self) -> None:
        self._before: deque[_Thumbnail] = deque(maxlen=max(DISSOLVE_SPANS))
        self._settling = 0

    def push(self, image: Image) -> bool:
        """Process the next frame of the clip.

        Parameters
        ----------
        image
            RGB image, shape (height, width, 3).

        Returns
        -------
        bool
            Whether it is the first of a new shot; False for the first frame of the clip. A dissolve is reported once,
            while it runs.
        """
        now = _thumbnail(image)
        self._settling = max(0, self._settling - 1)
        is_cut = bool(self._before) and _is_hard_cut(self._before[-1], now)
        if not is_cut and not self._settling and self._in_dissolve(now):
            is_cut = True
            self._settling = max(DISSOLVE_SPANS)
        if is_cut:
            self._before.clear()
        self._before.append(now)
        return is_cut

    def _in_dissolve(self, now: _Thumbnail) -> bool:
        spans = (span for span in DISSOLVE_SPANS if span <= len(self._before))
        return any(_is_dissolve(self._before[-span], self._before[-(span // 2)], now) for span in spans)


def _is_hard_cut(before: _Thumbnail, now: _Thumbnail) -> bool:
    structure = structure_change(before.luma, now.luma)
    return structure >= CUT_STRUCTURE and structure + _colour(before, now) >= CUT_SUM


def _is_dissolve(first: _Thumbnail, middle: _Thumbnail, now: _Thumbnail) -> bool:
    structure = structure_change(first.luma, now.luma)
    if structure < DISSOLVE_STRUCTURE or _colour(first, now) < DISSOLVE_COLOUR:
        return False
    mean = np.asarray((first.luma + now.luma) / 2, np.float32)
    return structure_change(middle.luma, mean) <= DISSOLVE_MIDDLE * structure


def structure_change(one: NDArray[np.float32], other: NDArray[np.float32]) -> float:
    """Return how far two thumbnails of brightness differ in structure: see the docstring of this module."""
    one = one - one.mean()
    other = other - other.mean()
    covariance = float(np.vdot(one, other)) / one.size + _NOISE_VARIANCE
    variances = [float(np.vdot(luma, luma)) / luma.size + _NOISE_VARIANCE for luma in (one, other)]
    return float(1 - covariance / np.sqrt(variances[0] * variances[1]))


def _colour(one: _Thumbnail, other: _Thumbnail) -> float:
    return float(np.abs(one.colours - other.colours).sum()) / 2


def brightness(image: Image) -> NDArray[np.float32]:
    """Return the brightness of an RGB image, scaled to `THUMBNAIL`."""
    return cv2.cvtColor(_shrunk(image), cv2.COLOR_RGB2GRAY).astype(np.float32)


def _shrunk(image: Image) -> Image:
    width, height = THUMBNAIL
    # Not every pixel of a large frame is read: a sparse sample is averaged.
    sparse = cv2.resize(image, (2 * width, 2 * height), interpolation=cv2.INTER_NEAREST)
    return np.asarray(cv2.resize(sparse, THUMBNAIL, interpolation=cv2.INTER_AREA), np.uint8)


def _thumbnail(image: Image) -> _Thumbnail:
    small = _shrunk(image)
    classes = [_COLOUR_CLASSES] * 3
    counts = cv2.calcHist([small], [0, 1, 2], None, classes, [0, 256] * 3)
    luma = cv2.cvtColor(small, cv2.COLOR_RGB2GRAY)
    return _Thumbnail(luma.astype(np.float32), (counts.ravel() / (THUMBNAIL[0] * THUMBNAIL[1])).astype(np.float32))
