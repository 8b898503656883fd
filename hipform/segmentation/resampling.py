"""Interpolation between sparse samples, so that windows, shares and medians weigh time, not processed frames."""

from __future__ import annotations

from collections.abc import Iterator

from hipform.segmentation.samples import Sample

SPARSE_S = 0.07
"""Gaps longer than those at about 15 frames a second are filled. Basis: definition, gaps of fast mode are longer."""
LONGEST_S = 0.3
"""Gaps longer than this are not filled, because the movement in between is not known.

Basis: guess, checked on real and rendered clips.
"""
STEP_S = 1 / 30
"""Interval between interpolated samples. Basis: convention, the usual frame rate."""


def samples_between(before: Sample, now: Sample) -> Iterator[Sample]:
    """Yield linearly interpolated samples between *before* and *now*, `STEP_S` apart; none if the gap is too long.

    Linear interpolation is accurate enough: at ten processed frames a second, the hip of a brisk deadlift deviates from
    it by half a degree. NaN stays NaN.
    """
    elapsed_s = now.t_s - before.t_s
    if not SPARSE_S < elapsed_s <= LONGEST_S or before.side is not now.side:
        return
    steps = round(elapsed_s / STEP_S)
    for step in range(1, steps):
        yield _mixed(before, now, step / steps)


def _mixed(before: Sample, now: Sample, share: float) -> Sample:
    """Return the interpolated sample at *share* of the way from *before* to *now*."""

    def mixed(one: float, other: float) -> float:
        return one + share * (other - one)

    return Sample(
        t_s=mixed(before.t_s, now.t_s),
        side=now.side,
        values={name: mixed(value, now.values[name]) for name, value in before.values.items()},
        view_off_deg=mixed(before.view_off_deg, now.view_off_deg),
        camera_move_deg=mixed(before.camera_move_deg, now.camera_move_deg),
        conditions={name: mixed(value, now.conditions[name]) for name, value in before.conditions.items()},
        extrapolated=before.extrapolated or now.extrapolated,
        trunk_px=mixed(before.trunk_px, now.trunk_px),
        thigh_px=mixed(before.thigh_px, now.thigh_px),
        ankle_px=before.ankle_px + share * (now.ankle_px - before.ankle_px),
        world_m=before.world_m + share * (now.world_m - before.world_m),
        signal_deg=mixed(before.signal_deg, now.signal_deg),
        is_hidden=before.is_hidden or now.is_hidden,
        load=before.load + share * (now.load - before.load),
        frame_gap_s=now.t_s - before.t_s,
        noise=now.noise,
    )
