"""One movement as arrays, split into lowering, lift and top; every feature is computed from it."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from hipform.config import Settings
from hipform.segmentation.samples import Sample
from hipform.segmentation.turning_points import Movement, StartsAt
from hipform.types import FloatArray

BoolArray = NDArray[np.bool_]

SMOOTH_S = 0.12
"""Width of the centred window for smoothing turning points; far below the 0.5 s of the fastest lift.

Basis: guess, checked on real and rendered clips.
"""
START_RATIO = 0.05
"""A lift starts where the angle was last within this share of its range from the bottom.

Basis: convention, as movement onset is defined in gait and reaching studies.
"""
LEVEL_BAND_DEG = 2.0
"""The level of a top or bottom is the median of the samples this close to its extreme.

Basis: guess, checked on real and rendered clips.
"""


def margin_deg(range_deg: float) -> float:
    """Return how far the hip leaves an end position before a movement over *range_deg* has begun, degrees.

    The same margin before the next end position ends it. The evaluation applies it to the true angles as well.
    """
    return max(LEVEL_BAND_DEG, START_RATIO * range_deg)


@dataclass(frozen=True, slots=True, eq=False)
class Trace:
    """The samples of one movement as arrays, with the indices that split it.

    ``below_top`` is the range of samples that contains the bottom at the start of the lift. ``lower_first`` and
    ``lower_last`` limit the lowering, which precedes the lift if repetitions start at the top; ``None`` if not seen.
    """

    t_s: FloatArray
    hip: FloatArray
    below_top: slice
    bottom: int
    start: int
    top_first: int
    top: int
    top_last: int
    lower_first: int | None
    lower_last: int | None

    @property
    def lift(self) -> slice:
        """The samples from the start of the lift to the end of the top."""
        return slice(self.start, self.top_last + 1)

    @property
    def top_range(self) -> slice:
        """The samples from the start to the end of the top."""
        return slice(self.top_first, self.top_last + 1)


@dataclass(frozen=True, slots=True, eq=False)
class TracedMovement:
    """A movement with its samples.

    Attributes
    ----------
    movement
        What `TurningPointFinder` found.
    samples
        Its n frames, in time order.
    columns
        Every measure over the frames, shape (n,), NaN where unseen.
    trace
        Times, smoothed trunk-thigh angle, and the indices of the parts of the movement.
    at_top, at_bottom
        Whether each frame is at the level of the top or of the bottom, shape (n,).
    settings
        Values in force.
    """

    movement: Movement
    samples: Sequence[Sample]
    columns: Mapping[str, FloatArray]
    trace: Trace
    at_top: BoolArray
    at_bottom: BoolArray
    settings: Settings

    @property
    def trunk_px(self) -> FloatArray:
        """Length of the trunk in the frames, pixels, shape (n,)."""
        return np.array([sample.trunk_px for sample in self.samples])

    @property
    def lift_load(self) -> FloatArray:
        """`Sample.load` in the m frames of the lift, shape (m, 5)."""
        return np.array([sample.load for sample in self.samples[self.trace.lift]])

    def top(self, name: str) -> float:
        """Return the median of a measure at the top; NaN if it was not seen there."""
        return median_of_seen(self.columns[name][self.at_top])

    def low(self, name: str) -> float:
        """Return the median of a measure at the bottom; NaN if it was not seen there."""
        return median_of_seen(self.columns[name][self.at_bottom])


def trace_movement(samples: Sequence[Sample], movement: Movement, settings: Settings) -> TracedMovement:
    """Split a movement into its parts and collect its measures as arrays.

    Parameters
    ----------
    samples
        Frames from before the bottom to the end of the lowering, in time order, at least one.
    movement
        What `TurningPointFinder` found in them.
    settings
        Values in force.
    """
    trace = _split(samples, movement, settings["reps.top_band_deg"])
    return TracedMovement(
        movement=movement,
        samples=samples,
        columns={name: np.array([sample.values[name] for sample in samples]) for name in samples[0].values},
        trace=trace,
        at_top=_near_level(trace.hip, trace.top_range, trace.top),
        at_bottom=_near_level(trace.hip, trace.below_top, trace.bottom),
        settings=settings,
    )


def smoothed(values: FloatArray, t_s: FloatArray, width_s: float = SMOOTH_S) -> FloatArray:
    """Return *values* after a centred running median and mean of *width_s*: without lag or one-frame spikes.

    Parameters
    ----------
    values, t_s
        Samples and their times, shape (n,).
    width_s
        Width of the window.

    Returns
    -------
    ndarray
        Shape (n,); the window shrinks at the ends.
    """
    if len(values) < 3:
        return values
    half = max(1, round(width_s / max(float(np.median(np.diff(t_s))), 1e-3) / 2))
    # Not `scipy.ndimage.median_filter`: unseen values are NaN, which can affect its results in other windows.
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(values, half, mode="edge"), 2 * half + 1)
    steady = np.median(windows, axis=1)
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(steady, half, mode="edge"), 2 * half + 1)
    return np.asarray(windows.mean(axis=1), dtype=np.float64)


def _split(samples: Sequence[Sample], movement: Movement, band_deg: float) -> Trace:
    """Find where the lift starts, the top begins and ends, and where the lowering is."""
    t_s = np.array([sample.t_s for sample in samples])
    hip = smoothed(np.array([sample.signal_deg for sample in samples]), t_s)
    from_top = movement.starts_at is StartsAt.TOP
    last = len(t_s) - 1
    begin = int(np.searchsorted(t_s, movement.turn_t_s if from_top else movement.start_t_s))
    # A repetition that ends at the top ends with the last sample; one that ends at the bottom left the top earlier.
    until = last if from_top or movement.end_t_s is None else int(np.searchsorted(t_s, movement.end_t_s))
    until = min(max(until, begin), last)
    top = begin + int(np.argmin(hip[begin : until + 1]))
    bottom = begin + int(np.argmax(hip[begin : top + 1]))
    near_bottom_deg = hip[bottom] - margin_deg(float(hip[bottom] - hip[top]))
    start = begin + int(np.flatnonzero(hip[begin : top + 1] >= near_bottom_deg)[-1])
    near_top = hip <= hip[top] + band_deg
    top_first = start + int(np.argmax(near_top[start : top + 1]))
    top_last = top + int(np.flatnonzero(near_top[top : until + 1])[-1])
    lowering: tuple[int | None, int | None] = None, None
    if not from_top:
        lowering = _lowering_after(hip, movement, top_last, until)
    elif movement.outward_seen:
        lowering = _lowering_before(hip, int(np.searchsorted(t_s, movement.start_t_s)), bottom)
    below_top = slice(begin if from_top else 0, top + 1)
    return Trace(t_s, hip, below_top, bottom, start, top_first, top, top_last, *lowering)


def _lowering_after(hip: FloatArray, movement: Movement, top_last: int, until: int) -> tuple[int | None, int | None]:
    """Return the start of the lowering after a top, and the first sample close to the bottom where it came to rest."""
    if movement.end_t_s is None or movement.end_deg - movement.turn_deg <= LEVEL_BAND_DEG:
        return None, None
    after = hip[top_last : until + 1]
    near_bottom_deg = after.max() - margin_deg(float(after.max() - after[0]))
    return top_last, top_last + int(np.argmax(after >= near_bottom_deg))


def _lowering_before(hip: FloatArray, begin: int, bottom: int) -> tuple[int | None, int | None]:
    """Return the last sample close to the top of the lowering before a bottom, and the first close to the bottom."""
    before = hip[begin : bottom + 1]
    near_deg = margin_deg(float(before.max() - before.min()))
    first = int(np.flatnonzero(before <= before.min() + near_deg)[-1])
    return begin + first, begin + first + int(np.argmax(before[first:] >= before.max() - near_deg))


def _near_level(hip: FloatArray, where: slice, extreme: int) -> BoolArray:
    mask = np.zeros(len(hip), dtype=bool)
    mask[where] = np.abs(hip[where] - hip[extreme]) <= LEVEL_BAND_DEG
    return mask


def highest_of_seen(values: FloatArray) -> float:
    """Return the 95th percentile of the seen values, a maximum that is robust to outliers; NaN if none was seen."""
    seen = values[np.isfinite(values)]
    return float(np.percentile(seen, 95)) if len(seen) else math.nan


def median_of_seen(values: FloatArray) -> float:
    """Return the median of the seen values; NaN if none was seen."""
    seen = values[np.isfinite(values)]
    return float(np.median(seen)) if len(seen) else math.nan
