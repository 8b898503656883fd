"""Summary of one movement: its times, its angles at bottom and top, and the quality of its landmarks."""

from __future__ import annotations

import math
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

import numpy as np

from hipform.config import Settings
from hipform.features.low_back import low_back_readings
from hipform.features.registry import FEATURES
from hipform.features.rep_timing import RepTiming
from hipform.features.timing import rep_timing
from hipform.kinematics.lumbar_extension import N_DEPTHS, LowBackScale
from hipform.kinematics.posture import POSTURE, describe_postures
from hipform.kinematics.reading_errors import interval_growth
from hipform.kinematics.uncertainty import Motion, measure_u95
from hipform.segmentation.samples import Sample
from hipform.segmentation.traced_movement import TracedMovement, median_of_seen, trace_movement
from hipform.segmentation.turning_points import Movement
from hipform.types import Estimate, FloatArray, NoiseModel, Side


@dataclass(frozen=True, slots=True, kw_only=True)
class RepSummary:
    """The numbers of one movement; rules use nothing else.

    Attributes
    ----------
    timing
        Times of its phases, and its tempo.
    lockout, bottom, range
        Trunk-thigh angle at the top and at the bottom, and their difference, degrees.
    top, low
        Median of every measure during the top and at the bottom; NaN where unseen.
    features
        Every feature of `hipform.features.registry.FEATURES` by name; NaN where it was not seen.
    low_back_top_deg, low_back_levels_deg
        `LowBackScale.reading_deg` at the top and `hipform.kinematics.lumbar_extension.by_depth`; NaN where the
        outline did not show it.
    low_back_top_u95_deg, low_back_levels_u95_deg
        Half-widths of the difference between two such readings of a neutral low back; NaN without a scale.
    postures
        The numbers of `hipform.kinematics.posture.POSTURE` at the bottom, at the top, and their 5th and 95th percentile
        from the start of the lift to the end of the top, shape (4, 34); NaN where unseen.
    view_off_deg
        Median angle off the side view, degrees; NaN if the landmarks do not determine it.
    conditions
        Conditions besides the view that widen the intervals, by name in
        `hipform.kinematics.reading_errors.CONDITIONS`.
    extrapolated_ratio
        Share of the top in which shoulder, hip or knee was outside the image and was extrapolated.
    hidden_ratio
        Share of the top in which the load hides the hip.
    exercise_u95_scale
        Factor by which the exercise widens the intervals of its measures.
    noise
        Accuracy of the landmarks, from their source.
    trunk_turn_deg_per_s
        How fast the trunk turns during the top, degrees per second, not negative; NaN where it was not seen.
    hold_is_whole
        Whether the end of the top was seen; if the samples end in the hold, it lasted at least as long as measured.
    frame_gap_s
        Longest gap between two frames that was filled by interpolation, seconds; 0 if there was none.
    """

    side: Side
    timing: RepTiming
    lockout: Estimate
    bottom: Estimate
    range: Estimate
    top: Mapping[str, float]
    low: Mapping[str, float]
    features: Mapping[str, float]
    view_off_deg: float
    extrapolated_ratio: float
    hidden_ratio: float = 0.0
    conditions: Mapping[str, float] = field(default_factory=dict)
    exercise_u95_scale: float = 1.0
    noise: NoiseModel = field(default_factory=NoiseModel)
    frame_gap_s: float = 0.0
    hold_is_whole: bool = True
    trunk_turn_deg_per_s: float = math.nan
    low_back_top_deg: float = math.nan
    low_back_levels_deg: FloatArray = field(default_factory=lambda: np.full(N_DEPTHS, np.nan))
    low_back_top_u95_deg: float = math.nan
    low_back_levels_u95_deg: float = math.nan
    postures: FloatArray = field(default_factory=lambda: np.full((4, len(POSTURE)), np.nan))

    def u95(self, name: str, motion: Motion) -> float:
        """Return the half-width of the 95 % interval of a measure in this repetition, in the measure's unit."""
        return measure_u95(name, motion, self.growth, self.noise, self.exercise_u95_scale)

    @property
    def growth(self) -> float:
        """Factor by which view and landmarks widen the intervals; see `interval_growth`."""
        return interval_growth(self.all_conditions)

    @property
    def all_conditions(self) -> Mapping[str, float]:
        """The conditions that widen the intervals, the view included."""
        return {"view_off_deg": self.view_off_deg, **self.conditions}


def movement_conditions(traced: TracedMovement, features: Mapping[str, float]) -> dict[str, float]:
    """Return the conditions of a movement that widen the intervals: those of its top, and how steady it was."""
    at_top = [sample.conditions for sample, is_top in zip(traced.samples, traced.at_top, strict=True) if is_top]
    found = {name: median_of_seen(np.array([one[name] for one in at_top])) for name in at_top[0]}
    raw_deg = traced.columns["trunk_thigh_flexion_deg"][traced.trace.top_range]
    jitter_deg = float(np.std(raw_deg - traced.trace.hip[traced.trace.top_range]))
    return {**found, "segment_change_ratio": features["segment_change_ratio"], "jitter_deg": jitter_deg}


_MIN_SLOPE_SAMPLES = 3
"""Fewest samples to which a line is fitted. Basis: definition, two points say nothing about the noise of a slope."""

_UNSEEN_U95_DEG = 45.0
"""Half-width of the interval of an angle that follows from the height of the load alone.

Basis: guess, wide enough that nothing is judged.
"""


def _estimate(seen_deg: float, u95_deg: float, signal_deg: float) -> Estimate:
    """Return a trunk-thigh angle; where the body was not seen, that of the signal, which says little about it."""
    is_seen = math.isfinite(seen_deg)
    return Estimate(seen_deg if is_seen else signal_deg, u95_deg if is_seen else _UNSEEN_U95_DEG, "deg")


def summarise(
    samples: Sequence[Sample],
    movement: Movement,
    settings: Settings,
    exercise_u95_scale: float = 1.0,
    low_back: LowBackScale | None = None,
) -> RepSummary:
    """Measure one movement from its samples.

    Parameters
    ----------
    samples
        Frames from before the bottom to the end of the lowering, in time order, at least one.
    movement
        What `TurningPointFinder` found in them.
    settings
        Values in force.
    exercise_u95_scale
        Factor by which the exercise widens the intervals.
    low_back
        How the outline of the trunk is converted to lumbar extension; ``None`` if it is not used.
    """
    traced = trace_movement(samples, movement, settings)
    top, low = ({name: of(name) for name in traced.columns} for of in (traced.top, traced.low))
    view = float(np.median([sample.view_off_deg for sample in samples[traced.trace.lift]]))
    noise = samples[0].noise
    top_samples = samples[traced.trace.top_range]
    features = {name: compute(traced) for name, compute in FEATURES.items()}
    conditions = movement_conditions(traced, features)
    growth = interval_growth({"view_off_deg": view, **conditions})
    held_u95_deg, moving_u95_deg = (
        measure_u95("trunk_thigh_flexion_deg", motion, growth, noise, exercise_u95_scale)
        for motion in (Motion.HELD, Motion.MOVING)
    )
    trace = traced.trace
    lockout = _estimate(top["trunk_thigh_flexion_deg"], held_u95_deg, float(trace.hip[trace.top]))
    bottom = _estimate(low["trunk_thigh_flexion_deg"], moving_u95_deg, float(trace.hip[trace.bottom]))
    sides = Counter(sample.side for sample, is_top in zip(samples, traced.at_top, strict=True) if is_top)
    return RepSummary(
        side=sides.most_common(1)[0][0],
        timing=rep_timing(traced),
        lockout=lockout,
        bottom=bottom,
        range=Estimate(bottom.value - lockout.value, math.hypot(bottom.u95, lockout.u95), "deg"),
        top=top,
        low=low,
        features=features,
        conditions=conditions,
        view_off_deg=view,
        hidden_ratio=float(np.mean([sample.is_hidden for sample in top_samples])),
        extrapolated_ratio=float(np.mean([sample.extrapolated for sample in samples[traced.trace.top_range]])),
        exercise_u95_scale=exercise_u95_scale,
        noise=noise,
        hold_is_whole=traced.trace.top_last < len(samples) - 1,
        trunk_turn_deg_per_s=_trunk_turn_deg_per_s(traced),
        frame_gap_s=max(sample.frame_gap_s for sample in samples),
        **low_back_readings(traced, view, low_back),
        postures=_postures(traced),
    )


def _trunk_turn_deg_per_s(traced: TracedMovement) -> float:
    """Return how fast the trunk turns during the top: the slope of a line through its lean, without its sign."""
    top = traced.trace.top_range
    times_s = np.array([sample.t_s for sample in traced.samples[top]])
    lean_deg = traced.columns["trunk_lean_deg"][top]
    seen = np.isfinite(lean_deg)
    if np.count_nonzero(seen) < _MIN_SLOPE_SAMPLES:
        return math.nan
    return float(abs(np.polyfit(times_s[seen], lean_deg[seen], 1)[0]))


def _postures(traced: TracedMovement) -> FloatArray:
    """Return the postures of a movement as in `RepSummary.postures`."""
    postures = describe_postures(np.array([sample.world_m for sample in traced.samples]))
    seen = np.asarray(np.isfinite(postures).all(axis=1))
    parts = [postures[seen & at] for at in (traced.at_bottom, traced.at_top)]
    lift = postures[traced.trace.lift][seen[traced.trace.lift]]
    if not (len(lift) and all(len(part) for part in parts)):
        return np.full((4, len(POSTURE)), np.nan)
    return np.vstack([*(np.median(part, axis=0) for part in parts), np.percentile(lift, [5, 95], axis=0)])
