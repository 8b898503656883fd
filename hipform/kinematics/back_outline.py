"""The low back, measured from the outline of the trunk, because landmarks exist only for shoulder and hip.

An arched low back deepens the hollow of the back and lifts the belly; a rounded one fills the hollow. People and
clothes differ more than a fault changes the outline, so only the change within one set, at the same point of the
repetition, is meaningful.
"""

from __future__ import annotations

import math
from functools import cache

import numpy as np
from numpy.typing import NDArray

from hipform.pose.poses import CONTOUR_STATIONS, TrunkContour
from hipform.types import FloatArray

_BACK = (0.15, 1.05)
"""Stations along the trunk (0 shoulder, 1 hip) from below the shoulder blade to the buttock: the ends of the chord
over the hollow of the back.

Basis: convention, read off outlines of real and rendered trunks.
"""
_BELLY = (0.3, 1.1)
"""Stations along the trunk from the ribs to the groin.

Basis: convention, read off outlines of real and rendered trunks.
"""
_MIDDLE_SHARE = 0.4
"""Share of the chord, about its middle, over which the outline is averaged: one wrinkle of a shirt counts little.

Basis: guess.
"""
_LARGEST_STEP_RATIO = 0.1
"""An outline that moves further than this between two stations, in trunk lengths, is not the trunk but an arm, the
floor or a bench.

Basis: tuned on real and rendered clips.
"""


def back_hollow_ratio(contour: TrunkContour, facing: int) -> float:
    """Return the depth of the hollow of the back between shoulder blade and buttock, in trunk lengths.

    Positive when hollow, negative when rounded; NaN if part of the back is hidden. A shift or small rotation of the
    trunk line does not change it, so the landmarks need not be exact.
    """
    return -_bulge(contour.dorsal_ratio(facing), *_BACK)


def belly_bulge_ratio(contour: TrunkContour, facing: int) -> float:
    """Return how far the belly rises over the chord from ribs to groin, in trunk lengths; NaN if it is hidden.

    Use it for lying exercises only: the groin also opens and closes with the hip, and arms that hang or hold a load are
    mistaken for the belly.
    """
    return _bulge(contour.ventral_ratio(facing), *_BELLY)


def _bulge(outline: FloatArray, begin: float, end: float) -> float:
    """Return the mean height of the middle of *outline* over its chord from *begin* to *end*."""
    part, middle = _parts(begin, end)
    across, height = CONTOUR_STATIONS[part], outline[part]
    # The comparison is also False for NaN. Ufuncs give the same numbers as `diff`, `all` and `mean`, in half the time.
    if not np.abs(height[1:] - height[:-1]).max() <= _LARGEST_STEP_RATIO:
        return math.nan
    chord = np.interp(across, across[[0, -1]], height[[0, -1]])
    above = (height - chord)[middle]
    return float(np.add.reduce(above) / len(above))


@cache
def _parts(begin: float, end: float) -> tuple[NDArray[np.bool_], NDArray[np.bool_]]:
    """Return which stations lie between *begin* and *end*, and which of those belong to the middle."""
    half = (end - begin) / 2
    from_middle = np.abs(CONTOUR_STATIONS - (begin + end) / 2)
    part = from_middle <= half + 1e-9
    return part, from_middle[part] <= _MIDDLE_SHARE * half + 1e-9
