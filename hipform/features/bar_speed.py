"""Features of the speed of the bar, from the path of its plate and the plate's diameter."""

from __future__ import annotations

import math
from functools import lru_cache

import numpy as np

from hipform.features.load import LOAD_STAYS_RADII
from hipform.features.registry import feature
from hipform.segmentation.traced_movement import START_RATIO, TracedMovement, smoothed
from hipform.types import FloatArray

FULL_SIZE_M = 0.45
"""Diameter of a full-size plate. Basis: convention, rules of IPF and IWF."""
_FITS_BODY = (0.7, 1.6)
"""A plate is taken for a full-size one if the body's size agrees within these factors. Basis: tuned on real clips."""
_SIZE_U95_RATIO = 0.05
"""Uncertainty of the scale from the edge of the plate in the image. Basis: guess."""
_ASSUMED_SIZE_U95_RATIO = 0.1
"""Uncertainty of the scale from the size of a plate that nobody measured. Basis: guess."""
_LONGEST_GAP_S = 0.2
"""Over a longer gap in the bar's path no speed is computed. Basis: guess."""
_PEAK_OVER_S = 0.1
"""Peak speed is the highest mean over this time; over a single frame it would be the noise of the disc's centre.

Basis: guess.
"""


@feature
def bar_mean_m_per_s(traced: TracedMovement) -> float:
    """Return the mean speed at which the bar rose, from the first to the last 5 percent of its way up."""
    rise = _rise(traced)
    if rise is None:
        return math.nan
    t_s, height_m = rise
    return float((height_m[-1] - height_m[0]) / (t_s[-1] - t_s[0]))


@feature
def bar_peak_m_per_s(traced: TracedMovement) -> float:
    """Return the highest speed at which the bar rose, over a tenth of a second."""
    rise = _rise(traced)
    if rise is None:
        return math.nan
    t_s, height_m = rise
    ahead_m = np.interp(t_s + _PEAK_OVER_S, t_s, height_m)
    return float((ahead_m - height_m).max() / _PEAK_OVER_S)


@feature
def bar_speed_u95_ratio(traced: TracedMovement) -> float:
    """Return the half-width of the 95 % interval of both speeds, relative to them: from scale and frame rate."""
    rise = _rise(traced)
    if rise is None:
        return math.nan
    t_s, _ = rise
    size = _SIZE_U95_RATIO if traced.settings["bar.plate_diameter_m"] > 0 else _ASSUMED_SIZE_U95_RATIO
    return math.hypot(size, float(np.median(np.diff(t_s)) / (t_s[-1] - t_s[0])))


# Three features look at the same movement, one after the other.
@lru_cache(maxsize=1)
def _rise(traced: TracedMovement) -> tuple[FloatArray, FloatArray] | None:
    """Return times and heights of the bar in metres from the start to the end of its way up.

    ``None`` if it was not seen, or stayed where it was.
    """
    load = traced.lift_load
    t_s = traced.trace.t_s[traced.trace.lift]
    seen = np.isfinite(load[:, 0])
    t_s, load = t_s[seen], load[seen]
    if len(t_s) < 4 or np.diff(t_s).max() > _LONGEST_GAP_S:
        return None
    radius_m = _radius_m(load, traced)
    if radius_m is None:
        return None
    height_m = smoothed(-load[:, 1] * (radius_m / float(np.median(load[:, 2]))), t_s)
    top = int(height_m.argmax())
    bottom = int(height_m[: top + 1].argmin())
    rise_m = float(height_m[top] - height_m[bottom])
    # The noise of its centre lifts a disc that lies still, too.
    if rise_m < LOAD_STAYS_RADII * radius_m:
        return None
    margin_m = START_RATIO * rise_m
    start = bottom + int(np.flatnonzero(height_m[bottom : top + 1] <= height_m[bottom] + margin_m)[-1])
    end = start + int(np.argmax(height_m[start : top + 1] >= height_m[top] - margin_m))
    return (t_s[start : end + 1], height_m[start : end + 1]) if end > start else None


def _radius_m(load: FloatArray, traced: TracedMovement) -> float | None:
    """Return the plate's radius: as the user stated it, or that of a full-size plate if the body's size agrees."""
    stated_m = traced.settings["bar.plate_diameter_m"]
    if stated_m > 0:
        return stated_m / 2
    low, high = _FITS_BODY
    fits = low <= float(np.median(load[:, 3])) / (FULL_SIZE_M / 2) <= high
    return FULL_SIZE_M / 2 if fits else None
