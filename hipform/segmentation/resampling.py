"""Sparse samples filled up, so that every window, share and median of a repetition weighs time, not looks."""

from __future__ import annotations

from collections.abc import Iterator

from hipform.segmentation.samples import Sample

SPARSE_S = 0.07
"""Samples further apart than those of 15 frames a second are filled up."""
LONGEST_S = 0.3
"""What lies between samples further apart than this is not known."""
STEP_S = 1 / 30


def samples_between(before: Sample, now: Sample) -> Iterator[Sample]:
    """Yield samples on the straight way from *before* to *now*, `STEP_S` apart; none where that way is not known.

    Angles change evenly enough between two looks: at ten looks a second the hip of a brisk deadlift strays half a
    degree from the straight way. NaN stays NaN.
    """
    elapsed_s = now.t_s - before.t_s
    if not SPARSE_S < elapsed_s <= LONGEST_S or before.side is not now.side:
        return
    steps = round(elapsed_s / STEP_S)
    for step in range(1, steps):
        yield _mixed(before, now, step / steps)


def _mixed(before: Sample, now: Sample, share: float) -> Sample:
    """Return the sample that lies *share* of the way from *before* to *now*."""

    def mixed(one: float, other: float) -> float:
        return one + share * (other - one)

    return Sample(
        t_s=mixed(before.t_s, now.t_s),
        side=now.side,
        values={name: mixed(value, now.values[name]) for name, value in before.values.items()},
        view_off_deg=mixed(before.view_off_deg, now.view_off_deg),
        extrapolated=before.extrapolated or now.extrapolated,
        trunk_px=mixed(before.trunk_px, now.trunk_px),
        thigh_px=mixed(before.thigh_px, now.thigh_px),
        ankle_px=before.ankle_px + share * (now.ankle_px - before.ankle_px),
        frame_gap_s=now.t_s - before.t_s,
        u95_scale=now.u95_scale,
    )
