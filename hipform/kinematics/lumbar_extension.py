"""Lumbar extension from the outline of the trunk, relative to the lifter's neutral.

The line shoulder-hip-knee combines hip and low back. The outline separates them: when the low back arches, the hollow
of the back deepens, and on the floor, where the back is hidden, the belly rises. The depth of a neutral hollow differs
between people, clothes and cameras by more than any fault. Therefore a reading is only meaningful as a difference from
a reading of the same lifter at the same point of another repetition.
"""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

import numpy as np

from hipform.types import Estimate, FloatArray

TRUNK_SHARE_RATIO = 0.8
"""Rotation of the line shoulder-hip for each degree of lumbar extension, degrees, from rendered lifters.

Less than 1, because part of the lumbar spine lies below the shoulder's end of the line.

Basis: tuned.
"""

_GAIN_U95_RATIO = 0.4
"""Relative uncertainty of the gain from outline to lumbar extension, from rendered lifters. Basis: tuned."""


@dataclass(frozen=True, slots=True, kw_only=True)
class LowBackScale:
    """Conversion of the outline to degrees, by how the lifter is supported; see docs/accuracy.md for the fit.

    Attributes
    ----------
    hollow_deg, bulge_deg
        Degrees per trunk length of ``back_hollow_ratio`` and of ``belly_bulge_ratio``; 0 if that measure is not used.
    flexion_ratio
        Degrees per degree of trunk-thigh angle; corrects for the groin, which opens with the hip and lowers the belly,
        and for the skin of the buttock, which changes the outline of the back.
    top_u95_deg, depth_u95_deg
        Half-width of the 95 % interval of the difference between two neutral repetitions of one lifter: at the top of
        different sets, and deep in the movement at equal trunk-thigh angle; NaN if the outline is not used there.
    """

    hollow_deg: float = 0.0
    bulge_deg: float = 0.0
    flexion_ratio: float = 0.0
    top_u95_deg: float
    depth_u95_deg: float = math.nan

    def reading_deg(self, measures: Mapping[str, float]) -> float:
        """Return the lumbar extension relative to a zero that differs between lifters; NaN if the outline is hidden.

        Parameters
        ----------
        measures
            Values by name (`hipform.kinematics.measures.MEASURES`) at one point of a repetition.
        """
        parts = (
            (measures["back_hollow_ratio"], self.hollow_deg),
            (measures["belly_bulge_ratio"], self.bulge_deg),
            (measures["trunk_thigh_flexion_deg"], self.flexion_ratio),
        )
        return sum((value * weight for value, weight in parts if weight), 0.0)


# Standing, rendered lifters, whose clothes do not move, give 7; loose clothes and hanging arms of real ones give 20.
# A set says itself how much its own repetitions differ: `Neutral.own_u95_deg`.
BACK_FREE = LowBackScale(hollow_deg=610.0, top_u95_deg=20.0, depth_u95_deg=7.0)
BACK_ON_FLOOR = LowBackScale(bulge_deg=640.0, flexion_ratio=0.8, top_u95_deg=11.0)
BACK_ON_BENCH = LowBackScale(hollow_deg=400.0, flexion_ratio=-0.25, top_u95_deg=11.0)


@dataclass(frozen=True, slots=True)
class Neutral:
    """The lifter's neutral at one point of the repetition.

    Attributes
    ----------
    reading_deg
        `LowBackScale.reading_deg` of the neutral low back; NaN while unknown.
    scatter_deg
        Half-width of the 95 % interval of the scatter between the lifter's repetitions: folds of clothes, breathing;
        only for a neutral from another set, as `own_u95_deg` contains it.
    taken_until_s
        Time of the top of the last repetition that the neutral was taken from; repetitions up to then agree with it by
        construction. Minus infinity if there is none such.
    own_u95_deg
        Half-width of the 95 % interval of the difference of another neutral repetition of the same set; NaN if the
        neutral comes from another set.
    """

    reading_deg: float = math.nan
    scatter_deg: float = 0.0
    taken_until_s: float = -math.inf
    own_u95_deg: float = math.nan

    def extension(self, reading_deg: float, u95_deg: float) -> Estimate:
        """Return the lumbar extension of a reading relative to this neutral, positive when arched; NaN if unknown.

        Parameters
        ----------
        reading_deg
            `LowBackScale.reading_deg` of the repetition to judge.
        u95_deg
            Half-width for two neutral repetitions of different sets, including the effect of the view.
        """
        change_deg = reading_deg - self.reading_deg
        if math.isfinite(self.own_u95_deg):
            return _extension(change_deg, self.own_u95_deg, 0.0)
        return _extension(change_deg, u95_deg, self.scatter_deg)


def _extension(value_deg: float, u95_deg: float, spread_deg: float) -> Estimate:
    return Estimate(value_deg, math.hypot(u95_deg, spread_deg, _GAIN_U95_RATIO * value_deg), "deg")


NO_NEUTRAL = Neutral()
"""No neutral is known."""

_NORMAL_U95 = 1.96
"""Half-width of the 95 % interval of a normal distribution with a standard deviation of 1. Basis: definition."""
_SD_PER_MEDIAN_DEVIATION = 1.4826
"""Standard deviation of a normal distribution for a median absolute deviation of 1. Basis: definition."""

FIRST_REPS = 3
"""Number of first repetitions, before fatigue, that the lifter's neutral is taken from.

Basis: convention, coaching practice.
"""


_WHOLE_SET_REPS = 2 * FIRST_REPS
"""Fewest repetitions of which the first ones do not determine the median by themselves.

Basis: definition, the first `FIRST_REPS` are then no more than half of them.
"""
_USUAL_SD_DEG = 4.0
"""Standard deviation between neutral repetitions of a set, before its own are known.

Basis: tuned, 19 real sets of 17 people: from 0.3 to 18 degrees, half of them below 2.5.
"""
_USUAL_WEIGHT = 2.0
"""Number of repetitions that `_USUAL_SD_DEG` counts as.

Basis: tuned; with the usual value learned from other people the intervals hold 97 % of their neutral repetitions.
"""
_MEDIAN_VARIANCE_RATIO = 1.5
"""Variance of a median relative to that of a mean. Basis: definition, normal distribution, close to pi / 2."""


def lifter_neutral(readings_deg: Sequence[float], tops_s: Sequence[float]) -> Neutral:
    """Return the neutral of a set from the readings of its repetitions and the times of their tops, both in order.

    It is the median of the first `FIRST_REPS` that were seen, or the less arched of two. If the median of the whole set
    differs from it by no more than repetitions do by chance, that is the neutral, because it is more exact. In a set of
    at least `_WHOLE_SET_REPS` the first repetitions then agree with it no more than the others, so that all can be
    judged. A single repetition gives no neutral.
    """
    timed = [(reading, top_s) for reading, top_s in zip(readings_deg, tops_s, strict=True) if math.isfinite(reading)]
    seen = [reading for reading, _ in timed]
    if len(seen) < 2:
        return NO_NEUTRAL
    first, u95_deg = seen[:FIRST_REPS], _own_u95_deg(seen)
    until_s = timed[len(first) - 1][1]
    if len(first) < FIRST_REPS:
        return Neutral(min(first), taken_until_s=until_s, own_u95_deg=u95_deg)
    reading_deg, usual_deg = float(np.median(first)), float(np.median(seen))
    if abs(usual_deg - reading_deg) > u95_deg:
        return Neutral(reading_deg, taken_until_s=until_s, own_u95_deg=u95_deg)
    is_from_all = len(seen) >= _WHOLE_SET_REPS
    return Neutral(usual_deg, taken_until_s=-math.inf if is_from_all else until_s, own_u95_deg=u95_deg)


def _own_u95_deg(readings_deg: Sequence[float]) -> float:
    """Return the half-width of the 95 % interval of a neutral repetition's difference from the neutral of its set.

    The scatter of a few repetitions is known poorly, so it is combined with that of other sets. Its own is taken from
    the median deviation, so that a few arched repetitions do not widen it.
    """
    from scipy.special import stdtrit  # noqa: PLC0415 - takes as long to import as numpy; most commands judge no set

    count = len(readings_deg)
    own_sd_deg = scatter_deg(readings_deg) / _NORMAL_U95 if count >= FIRST_REPS else float(np.std(readings_deg, ddof=1))
    freedom = _USUAL_WEIGHT + count - 1
    variance = (_USUAL_WEIGHT * _USUAL_SD_DEG**2 + (count - 1) * own_sd_deg**2) / freedom
    of_neutral = _MEDIAN_VARIANCE_RATIO / min(count, FIRST_REPS)
    return float(stdtrit(freedom, 0.975)) * math.sqrt(variance * (1.0 + of_neutral))


def scatter_deg(readings_deg: Sequence[float]) -> float:
    """Return the half-width of the 95 % interval of *readings_deg* around their median, from the median deviation."""
    deviation_deg = float(np.median(np.abs(np.array(readings_deg) - np.median(readings_deg))))
    return _NORMAL_U95 * _SD_PER_MEDIAN_DEVIATION * deviation_deg


DEPTH_STEP_DEG = 5.0
"""Width of the steps of trunk-thigh angle in which readings are stored for comparison at equal depth. Basis: guess."""
N_DEPTHS = 36
"""Number of these steps. Basis: definition, 0 to 180 degrees."""
_SHALLOWEST_STEP = 8
"""First step that is compared. At less than 40 degrees the low back carries little load, so rounding is not judged
there.

Basis: guess.
"""
_COMPARED_STEPS = 3
"""Number of steps to compare, the deepest that both repetitions reached. Basis: guess."""


def by_depth(flexion_deg: FloatArray, readings_deg: FloatArray) -> FloatArray:
    """Return the median reading in each step of trunk-thigh angle, shape (`N_DEPTHS`,), NaN where none was seen.

    Parameters
    ----------
    flexion_deg, readings_deg
        Trunk-thigh angle and `LowBackScale.reading_deg` of the frames of one repetition, shape (n,).
    """
    levels = np.full(N_DEPTHS, np.nan)
    step = np.where(np.isfinite(readings_deg), flexion_deg // DEPTH_STEP_DEG, -1)
    for level in np.unique(step[(step >= 0) & (step < N_DEPTHS)]).astype(int):
        levels[level] = np.median(readings_deg[step == level])
    return levels


def _change(levels_deg: FloatArray, neutral_deg: FloatArray) -> float:
    """Return the mean difference over the deepest steps that both reached; NaN if those are too shallow."""
    both = np.flatnonzero(np.isfinite(levels_deg) & np.isfinite(neutral_deg))
    deepest = both[both >= _SHALLOWEST_STEP][-_COMPARED_STEPS:]
    return float(np.mean(levels_deg[deepest] - neutral_deg[deepest])) if len(deepest) else math.nan


@dataclass(frozen=True, slots=True, eq=False)
class DepthNeutral:
    """The lifter's neutral at every depth; the other fields are those of `Neutral`.

    Attributes
    ----------
    levels_deg
        Result of `by_depth`.
    """

    levels_deg: FloatArray
    scatter_deg: float = 0.0
    taken_until_s: float = -math.inf

    def extension(self, levels_deg: FloatArray, u95_deg: float) -> Estimate:
        """Return the lumbar extension at equal depth, negative when rounded; NaN if both share no depth."""
        return _extension(_change(levels_deg, self.levels_deg), u95_deg, self.scatter_deg)

    def extension_now(self, flexion_deg: float, reading_deg: float, u95_deg: float) -> Estimate:
        """Return the lumbar extension of a single frame at a trunk-thigh angle of *flexion_deg*."""
        # What `extension` makes of a repetition of one frame, without its arrays.
        step = flexion_deg // DEPTH_STEP_DEG
        is_compared = _SHALLOWEST_STEP <= step < N_DEPTHS
        change_deg = reading_deg - float(self.levels_deg[int(step)]) if is_compared else math.nan
        return _extension(change_deg, u95_deg, self.scatter_deg)


NO_DEPTH_NEUTRAL = DepthNeutral(np.full(N_DEPTHS, np.nan))
"""No neutral is known at any depth."""


def lifter_depth_neutral(levels_deg: Sequence[FloatArray], tops_s: Sequence[float]) -> DepthNeutral:
    """Return the neutral of a set from the levels of its repetitions and the times of their tops, both in order.

    It works like `lifter_neutral`, but takes the less rounded of two repetitions.
    """
    timed = [(levels, top_s) for levels, top_s in zip(levels_deg, tops_s, strict=True) if np.isfinite(levels).any()]
    if len(timed) < 2:
        return NO_DEPTH_NEUTRAL
    seen, until_s = [levels for levels, _ in timed], timed[min(len(timed), FIRST_REPS) - 1][1]
    if len(seen) < FIRST_REPS:
        first, second = seen
        return DepthNeutral(second if _change(second, first) > 0 else first, taken_until_s=until_s)
    neutral_deg = median_levels(seen[:FIRST_REPS])
    changes = [change for change in (_change(levels, neutral_deg) for levels in seen) if math.isfinite(change)]
    return DepthNeutral(neutral_deg, scatter_deg(changes) if changes else 0.0, until_s)


def median_levels(levels_deg: Sequence[FloatArray]) -> FloatArray:
    """Return the median of the seen values at each depth; NaN where none was seen."""
    stacked = np.array(levels_deg)
    seen = np.isfinite(stacked).any(axis=0)
    median = np.full(stacked.shape[1], np.nan)
    median[seen] = np.nanmedian(stacked[:, seen], axis=0)
    return median
