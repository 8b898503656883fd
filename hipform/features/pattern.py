"""Features of how trunk, thighs, hips and feet move, which separate a hip lift from a sit-up, a squat or a walk."""

from __future__ import annotations

import math

import numpy as np

from hipform.features.registry import feature
from hipform.segmentation.traced_movement import START_RATIO, TracedMovement, median_of_seen, smoothed
from hipform.types import FloatArray

_SMALLEST_RISE_TRUNKS = 0.05
"""Smallest rise used as a divisor, because shoulders that stay in place do not rise. Basis: guess."""


@feature
def thigh_share_ratio(traced: TracedMovement) -> float:
    """Return the share of the hip's range that came from the thigh; the rest came from the trunk."""
    thigh_deg, hip_deg = (
        traced.low(name) - traced.top(name) for name in ("thigh_incline_deg", "trunk_thigh_flexion_deg")
    )
    return thigh_deg / max(hip_deg, 1.0)


@feature
def hip_rise_trunks(traced: TracedMovement) -> float:
    """Return how far the hip rose from bottom to top, in trunk lengths."""
    return traced.top("hip_height_ratio") - traced.low("hip_height_ratio")


@feature
def feet_move_trunks(traced: TracedMovement) -> float:
    """Return the distance between the ankle's positions at top and bottom, in trunk lengths; NaN where unseen.

    Its path in between is ignored: with the other leg in the air, the model confuses the ankles while they move.
    """
    ankles_px = np.array([sample.ankle_px for sample in traced.samples])
    ends = [[median_of_seen(ankles_px[at, axis]) for axis in (0, 1)] for at in (traced.at_bottom, traced.at_top)]
    return math.dist(*ends) / median_of_seen(traced.trunk_px)


@feature
def segment_change_ratio(traced: TracedMovement) -> float:
    """Return the larger relative change of trunk and thigh length in the image during the lift."""
    lift = traced.samples[traced.trace.lift]
    trunk_px, thigh_px = ([sample.trunk_px for sample in lift], [sample.thigh_px for sample in lift])
    return max(_change(np.array(trunk_px)), _change(np.array(thigh_px)))


def _change(lengths_px: FloatArray) -> float:
    """Return the range from the 5th to the 95th percentile of a length, relative to its median."""
    seen_px = lengths_px[np.isfinite(lengths_px)]
    if len(seen_px) < len(lengths_px) / 2:
        return math.nan
    low, middle, high = np.percentile(seen_px, [5, 50, 95])
    return float((high - low) / middle) if middle else math.inf


@feature
def early_rise_ratio(traced: TracedMovement) -> float:
    """Return the ratio of hip rise to shoulder rise in the first third of the hips' rise.

    The rise starts when the hips leave their lowest point, not when the trunk-thigh angle opens: hips that shoot up
    first do not change that angle. NaN if neither rises, or if one was not seen.
    """
    columns, trunk_px, trace = traced.columns, traced.trunk_px, traced.trace
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
    least_px = _SMALLEST_RISE_TRUNKS * median_of_seen(trunk_px)
    if not max(hip_rise_px, shoulder_rise_px) > least_px:
        return math.nan
    return hip_rise_px / max(shoulder_rise_px, least_px)
