"""What one movement amounts to: its times, its angles at bottom and top, and whether the landmarks can be trusted."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from itertools import pairwise
from typing import TypedDict

import numpy as np
from numpy.typing import NDArray

from hipform.config import Settings
from hipform.kinematics.low_back import N_DEPTHS, LowBackScale, by_depth
from hipform.kinematics.uncertainty import Motion, angle_u95_deg, view_growth
from hipform.segmentation.turning_points import IN_MOTION_S, Movement, StartsAt
from hipform.types import Estimate, FloatArray, RepTiming, Side

NDArrayBool = NDArray[np.bool_]

SMOOTH_S = 0.12
"""Width of the centred window that the turning points are read from; far below the 0.5 s of the quickest lift."""
START_RATIO = 0.05
"""A lift starts where the angle last stood within this share of its range of the bottom."""
NEARLY_UP_DEG = 15.0
"""From here on the hips have done their work: what rises then rises by the arms."""
_SMALLEST_RISE_TRUNKS = 0.05
"""A rise smaller than this counts as this much: shoulders that stay where they are divide by nothing."""
LEVEL_BAND_DEG = 2.0
"""The level of a top or bottom is the median of the samples this close to its extreme."""


@dataclass(frozen=True, slots=True, eq=False)
class Sample:
    """One tracked frame, reduced to what a repetition needs.

    Attributes
    ----------
    side
        Side of the body they were measured on.
    values
        Measures by name.
    view_off_deg
        Angle off the side view in this frame.
    guessed
        Whether shoulder, hip or knee lies a little outside the picture, where the model can only guess it.
    trunk_px, thigh_px
        Segment lengths in the picture.
    ankle_px
        Ankle position, shape (2,).
    look_s
        Time between the two frames that this sample lies between, where it was filled in; 0 for a frame itself.
    u95_scale
        Factor on all intervals, from the source of the landmarks.
    """

    t_s: float
    side: Side
    values: Mapping[str, float]
    view_off_deg: float
    guessed: bool
    trunk_px: float
    thigh_px: float
    ankle_px: FloatArray
    look_s: float = 0.0
    u95_scale: float = 1.0


@dataclass(frozen=True, slots=True, kw_only=True)
class RepSummary:
    """A movement in numbers; all that rules see of it.

    Attributes
    ----------
    timing
        When it was, and its tempo.
    lockout, bottom, range
        Trunk-thigh angle at the top and at the bottom, and their difference, degrees.
    top, low
        Median of every measure during the top and at the bottom; NaN where unseen.
    held_deg
        Most extended trunk-thigh angle that was kept up for the hold time of ``lumbar-overextension``; NaN if none was.
    thigh_share_ratio
        Part of the hip's range that the thigh turned through; the rest was the trunk.
    hip_rise_trunks, feet_move_trunks
        How far the hip rose and how far the feet went from bottom to top, in trunk lengths.
    segment_change_ratio
        Largest change of the trunk's or the thigh's length in the picture, of its median.
    low_back_top_deg, low_back_levels_deg
        `LowBackScale.reading_deg` at the top and `hipform.kinematics.low_back.by_depth`; NaN where the outline did not
        show it.
    low_back_top_u95_deg, low_back_levels_u95_deg
        Half-widths of the difference between two such readings of a neutral low back; NaN without a scale.
    early_rise_ratio
        How many times as far as the shoulder the hip rises in the first third of the hips' rise; NaN when neither rises
        or one was not seen.
    load_ahead_ratio
        How far ahead of the legs the hands get in the lower half of the lift, in thigh lengths.
    hands_lead_ratio
        Share of the hands' rise that is done when the hip is within `NEARLY_UP_DEG` of its top.
    hands_peak_ratio
        Highest point of the wrist above the shoulder, in trunk lengths.
    view_off_deg
        Median angle off the side view; NaN where the landmarks do not tell it.
    guessed_ratio
        Share of the top in which shoulder, hip or knee lay outside the picture and was guessed.
    band_growth
        Factor by which the exercise widens the bands of its measures.
    u95_scale
        Factor on all intervals, from the source of the landmarks.
    look_s
        Longest time between two frames that was filled in; 0 where none was.
    """

    side: Side
    timing: RepTiming
    lockout: Estimate
    bottom: Estimate
    range: Estimate
    top: Mapping[str, float]
    low: Mapping[str, float]
    held_deg: float
    thigh_share_ratio: float
    hip_rise_trunks: float
    feet_move_trunks: float
    segment_change_ratio: float
    early_rise_ratio: float
    load_ahead_ratio: float
    hands_lead_ratio: float
    hands_peak_ratio: float
    view_off_deg: float
    guessed_ratio: float
    band_growth: float = 1.0
    u95_scale: float = 1.0
    look_s: float = 0.0
    low_back_top_deg: float = math.nan
    low_back_levels_deg: FloatArray = field(default_factory=lambda: np.full(N_DEPTHS, np.nan))
    low_back_top_u95_deg: float = math.nan
    low_back_levels_u95_deg: float = math.nan

    def u95(self, name: str, motion: Motion) -> float:
        """Return the half-width of the 95 % band of a measure in this repetition, in the measure's unit."""
        return self.band_growth * self.u95_scale * angle_u95_deg(name, motion, self.view_off_deg)


def smoothed(values: FloatArray, t_s: FloatArray, width_s: float = SMOOTH_S) -> FloatArray:
    """Return *values* through a centred running median and mean of *width_s*: no lag, one-frame spikes gone.

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
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(values, half, mode="edge"), 2 * half + 1)
    steady = np.median(windows, axis=1)
    windows = np.lib.stride_tricks.sliding_window_view(np.pad(steady, half, mode="edge"), 2 * half + 1)
    return np.asarray(windows.mean(axis=1), dtype=np.float64)


@dataclass(frozen=True, slots=True, eq=False)
class _Trace:
    """The samples of one movement as arrays, with the indices that split it.

    ``below_top`` is where the bottom lies that the lift began from. ``lower_first`` and ``lower_last`` hold the
    lowering, which comes before the lift when a repetition starts at the top; ``None`` where it was not seen.
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
        return slice(self.start, self.top_last + 1)

    @property
    def at_top(self) -> slice:
        return slice(self.top_first, self.top_last + 1)


def summarise(
    samples: Sequence[Sample],
    movement: Movement,
    settings: Settings,
    band_growth: float = 1.0,
    low_back: LowBackScale | None = None,
) -> RepSummary:
    """Measure one movement from its samples.

    Parameters
    ----------
    samples
        Frames from before the bottom to the end of the lowering, in time order, at least one.
    movement
        What `TurnFinder` found in them.
    settings
        Values in force.
    band_growth
        Factor by which the exercise widens the bands.
    low_back
        How the outline of the trunk tells of the low back; ``None`` where it does not.
    """
    trace = _split(samples, movement, settings["reps.top_band_deg"])
    names = samples[0].values.keys()
    columns = {name: np.array([sample.values[name] for sample in samples]) for name in names}
    at_top = _near_level(trace.hip, trace.at_top, trace.top)
    at_bottom = _near_level(trace.hip, trace.below_top, trace.bottom)
    view = float(np.median([sample.view_off_deg for sample in samples[trace.lift]]))
    u95_scale = samples[0].u95_scale
    # From an unknown direction an angle is as unsure as from the worst one.
    held_u95_deg, moving_u95_deg = (
        band_growth * u95_scale * angle_u95_deg("hip_flexion_deg", motion, 90.0 if math.isnan(view) else view)
        for motion in (Motion.HELD, Motion.MOVING)
    )
    lockout = Estimate(_median(columns["hip_flexion_deg"][at_top]), held_u95_deg, "deg")
    bottom = Estimate(_median(columns["hip_flexion_deg"][at_bottom]), moving_u95_deg, "deg")
    return RepSummary(
        side=Counter(sample.side for sample, top in zip(samples, at_top, strict=True) if top).most_common(1)[0][0],
        timing=_timing(trace, movement),
        lockout=lockout,
        bottom=bottom,
        range=Estimate(bottom.value - lockout.value, math.hypot(bottom.u95, lockout.u95), "deg"),
        top={name: _median(column[at_top]) for name, column in columns.items()},
        low={name: _median(column[at_bottom]) for name, column in columns.items()},
        held_deg=_held(trace.t_s, trace.hip, settings["lumbar-overextension.hold_s"]),
        view_off_deg=view,
        guessed_ratio=float(np.mean([sample.guessed for sample in samples[trace.at_top]])),
        band_growth=band_growth,
        u95_scale=u95_scale,
        look_s=max(sample.look_s for sample in samples),
        **_low_back(samples, columns, at_top, view, low_back),
        **_checks(samples[trace.lift], columns, at_top, at_bottom),
        **_course(samples, columns, trace, at_bottom),
        feet_move_trunks=_feet_move(samples, at_top, at_bottom),
    )


def _timing(trace: _Trace, movement: Movement) -> RepTiming:
    t_s = trace.t_s
    lift_s, hold_s = (float(t_s[b] - t_s[a]) for a, b in pairwise((trace.start, trace.top_first, trace.top_last)))
    from_top = movement.starts_at is StartsAt.TOP
    first = trace.lower_first if from_top else trace.start
    last = trace.top_last if from_top else trace.lower_last
    start_seen = first is not None and (movement.start_seen or t_s[first] - t_s[0] > IN_MOTION_S)
    lift_seen = start_seen or from_top
    lowered = trace.lower_first is not None and trace.lower_last is not None and (start_seen or not from_top)
    return RepTiming(
        start_s=float(t_s[first]) if first is not None and start_seen else None,
        lift_start_s=float(t_s[trace.start]) if lift_seen else None,
        top_start_s=float(t_s[trace.top_first]),
        top_s=float(t_s[trace.top]),
        top_end_s=float(t_s[trace.top_last]),
        end_s=None if last is None else float(t_s[last]),
        lift_s=lift_s if lift_seen else None,
        hold_s=hold_s,
        lower_s=float(t_s[trace.lower_last] - t_s[trace.lower_first]) if lowered else None,
    )


def _split(samples: Sequence[Sample], movement: Movement, band_deg: float) -> _Trace:
    """Find where the lift starts, the top begins and ends, and where the lowering is."""
    t_s = np.array([sample.t_s for sample in samples])
    hip = smoothed(np.array([sample.values["hip_flexion_deg"] for sample in samples]), t_s)
    from_top = movement.starts_at is StartsAt.TOP
    last = len(t_s) - 1
    begin = int(np.searchsorted(t_s, movement.turn_t_s if from_top else movement.start_t_s))
    # A repetition that ends at its top is over only now; one that ends at the bottom left its top long ago.
    until = last if from_top or movement.end_t_s is None else int(np.searchsorted(t_s, movement.end_t_s))
    until = min(max(until, begin), last)
    top = begin + int(np.argmin(hip[begin : until + 1]))
    bottom = begin + int(np.argmax(hip[begin : top + 1]))
    margin_deg = max(LEVEL_BAND_DEG, START_RATIO * float(hip[bottom] - hip[top]))
    start = begin + int(np.flatnonzero(hip[begin : top + 1] >= hip[bottom] - margin_deg)[-1])
    near_top = hip <= hip[top] + band_deg
    top_first = start + int(np.argmax(near_top[start : top + 1]))
    top_last = top + int(np.flatnonzero(near_top[top : until + 1])[-1])
    lowering = (
        _lowering_before(hip, int(np.searchsorted(t_s, movement.start_t_s)), bottom)
        if from_top
        else _lowering_after(hip, movement, top_last, until)
    )
    below_top = slice(begin if from_top else 0, top + 1)
    return _Trace(t_s, hip, below_top, bottom, start, top_first, top, top_last, *lowering)


def _lowering_after(hip: FloatArray, movement: Movement, top_last: int, until: int) -> tuple[int | None, int | None]:
    """Return where the lowering after a top begins and is within reach of the bottom it came to rest at."""
    if movement.end_t_s is None or movement.end_deg - movement.turn_deg <= LEVEL_BAND_DEG:
        return None, None
    after = hip[top_last : until + 1]
    margin_deg = max(LEVEL_BAND_DEG, START_RATIO * float(after.max() - after[0]))
    return top_last, top_last + int(np.argmax(after >= after.max() - margin_deg))


def _lowering_before(hip: FloatArray, begin: int, bottom: int) -> tuple[int | None, int | None]:
    """Return where the lowering before a bottom last stood within reach of its top and first reaches the bottom."""
    before = hip[begin : bottom + 1]
    margin_deg = max(LEVEL_BAND_DEG, START_RATIO * float(before.max() - before.min()))
    first = int(np.flatnonzero(before <= before.min() + margin_deg)[-1])
    return begin + first, begin + first + int(np.argmax(before[first:] >= before.max() - margin_deg))


def _near_level(hip: FloatArray, where: slice, extreme: int) -> NDArrayBool:
    mask = np.zeros(len(hip), dtype=bool)
    mask[where] = np.abs(hip[where] - hip[extreme]) <= LEVEL_BAND_DEG
    return mask


def _held(t_s: FloatArray, hip: FloatArray, hold_s: float) -> float:
    """Return the smallest angle that was not exceeded for *hold_s* in one piece; NaN if the trace is shorter."""
    best = math.nan
    for first in range(len(t_s)):
        last = int(np.searchsorted(t_s, t_s[first] + hold_s - 1e-9))
        if last >= len(t_s):
            break
        worst = float(hip[first : last + 1].max())
        best = worst if math.isnan(best) else min(best, worst)
    return best


def _checks(
    lift: Sequence[Sample], columns: Mapping[str, FloatArray], at_top: NDArrayBool, at_bottom: NDArrayBool
) -> dict[str, float]:
    """Return the figures that tell a lift of the hip from a sit-up, a squat, a walk and a wrong landmark."""
    trunk_px = np.array([sample.trunk_px for sample in lift])
    thigh_px = np.array([sample.thigh_px for sample in lift])
    moved = {name: _median(column[at_bottom]) - _median(column[at_top]) for name, column in columns.items()}
    return {
        "thigh_share_ratio": moved["thigh_incline_deg"] / max(moved["hip_flexion_deg"], 1.0),
        "hip_rise_trunks": -moved["hip_height_ratio"],
        "segment_change_ratio": max(_change(trunk_px), _change(thigh_px)),
    }


class _LowBack(TypedDict, total=False):
    """Readings of the low back, as in `RepSummary`."""

    low_back_top_deg: float
    low_back_levels_deg: FloatArray
    low_back_top_u95_deg: float
    low_back_levels_u95_deg: float


def _low_back(
    samples: Sequence[Sample],
    columns: Mapping[str, FloatArray],
    at_top: NDArrayBool,
    view_off_deg: float,
    scale: LowBackScale | None,
) -> _LowBack:
    """Return the readings of the low back; an outline hidden in most frames may show the wrong thing in the others."""
    if scale is None:
        return {}
    growth = view_growth(view_off_deg)
    found: _LowBack = {
        "low_back_top_deg": scale.reading_deg({name: _mostly_seen(column[at_top]) for name, column in columns.items()}),
        "low_back_top_u95_deg": scale.top_u95_deg * growth,
    }
    if math.isfinite(scale.depth_u95_deg):
        readings_deg = np.array([scale.reading_deg(sample.values) for sample in samples])
        found["low_back_levels_deg"] = by_depth(columns["hip_flexion_deg"], readings_deg)
        found["low_back_levels_u95_deg"] = scale.depth_u95_deg * growth
    return found


def _mostly_seen(values: FloatArray) -> float:
    """Return the median; NaN unless at least half of the values were seen."""
    return _median(values) if np.isfinite(values).mean() >= 0.5 else math.nan


def _course(
    samples: Sequence[Sample],
    columns: Mapping[str, FloatArray],
    trace: _Trace,
    at_bottom: NDArrayBool,
) -> dict[str, float]:
    """Return the figures that tell how trunk, hips and hands move together; NaN where something was not seen."""
    trunk_px = np.array([sample.trunk_px for sample in samples])
    half_deg = (trace.hip[trace.start] + trace.hip[trace.top]) / 2
    half_up = trace.start + int(np.argmax(trace.hip[trace.start : trace.top + 1] <= half_deg))
    hands = columns["wrist_lift_ratio"]
    nearly_up = trace.start + int(
        np.argmax(trace.hip[trace.start : trace.top + 1] <= trace.hip[trace.top] + NEARLY_UP_DEG)
    )
    low, high = _median(hands[at_bottom]), _highest(hands[trace.lift])
    return {
        "early_rise_ratio": _early_rise(columns, trunk_px, trace),
        "load_ahead_ratio": _highest(columns["load_ahead_ratio"][trace.start : half_up + 1]),
        "hands_lead_ratio": (float(hands[nearly_up]) - low) / (high - low) if high > low else math.nan,
        "hands_peak_ratio": _highest(columns["wrist_height_ratio"][trace.lift]),
    }


def _early_rise(columns: Mapping[str, FloatArray], trunk_px: FloatArray, trace: _Trace) -> float:
    """Return how much further the hip rises than the shoulder in the first third of the rise; NaN where unseen.

    The rise begins when the hips leave their lowest point, not when the angle between trunk and thigh opens: hips that
    shoot up first keep that angle as it is.
    """
    hip_px, shoulder_px = (
        smoothed(
            columns[name][: trace.top_first + 1] * trunk_px[: trace.top_first + 1], trace.t_s[: trace.top_first + 1]
        )
        for name in ("hip_height_ratio", "shoulder_height_ratio")
    )
    if not np.isfinite(hip_px[-1]):
        return math.nan
    lowest_px = float(np.nanmin(hip_px))
    low = np.flatnonzero(hip_px <= lowest_px + START_RATIO * (hip_px[-1] - lowest_px))
    start, end = int(low[-1]), len(hip_px) - 1
    third = start + (end - start) // 3
    hip_rise_px, shoulder_rise_px = (float(height[third] - height[start]) for height in (hip_px, shoulder_px))
    least_px = _SMALLEST_RISE_TRUNKS * _median(trunk_px)
    if not max(hip_rise_px, shoulder_rise_px) > least_px:
        return math.nan
    return hip_rise_px / max(shoulder_rise_px, least_px)


def _highest(values: FloatArray) -> float:
    """Return the 95th percentile of what was seen: the highest without its leaps; NaN if nothing was."""
    seen = values[np.isfinite(values)]
    return float(np.percentile(seen, 95)) if len(seen) else math.nan


def _feet_move(samples: Sequence[Sample], at_top: NDArrayBool, at_bottom: NDArrayBool) -> float:
    """Return how far the ankle is elsewhere at the top than at the bottom, in trunk lengths; NaN where unseen.

    What it does in between is not asked: with the other leg in the air the model mistakes one ankle for the other while
    they move.
    """
    ankles_px = np.array([sample.ankle_px for sample in samples])
    ends = [[_median(ankles_px[where, axis]) for axis in (0, 1)] for where in (at_bottom, at_top)]
    return math.dist(*ends) / _median(np.array([sample.trunk_px for sample in samples]))


def _change(lengths_px: FloatArray) -> float:
    """Return the 5-95 % spread of a length, of its median."""
    low, middle, high = np.percentile(lengths_px, [5, 50, 95])
    return float((high - low) / middle) if middle else math.inf


def _median(values: FloatArray) -> float:
    seen = values[np.isfinite(values)]
    return float(np.median(seen)) if len(seen) else math.nan
