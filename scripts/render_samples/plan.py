"""The plan of each repetition: the targets of its ends, and the way between them.

A repetition runs between two sets of posture targets: `bottom` (hips most flexed) and `top` (hips most extended).
Faults are changes to these targets or to the tempo; the motions know nothing of faults.
"""

from __future__ import annotations

from dataclasses import dataclass, fields, replace
from enum import StrEnum

from scripts.render_samples.geometry import lerp, smooth_step
from scripts.render_samples.skeleton import Side

# The low back moves in the last part of the way to an end, as lifters do when the hip has run out of range.
SPINE_STARTS_AT_SHARE = 0.35
# A swing's arms start just after the hips, keep floating up when the hips have locked, and fall ahead of them.
HANGING_ARM_DEG = 13.0
ARMS_START_LATE_S = 0.05
ARMS_FLOAT_SHARE_OF_HOLD = 0.5


class Phase(StrEnum):
    """Part of a repetition."""

    SETUP = "setup"
    CONCENTRIC = "concentric"
    TOP = "top"
    ECCENTRIC = "eccentric"
    BOTTOM = "bottom"
    FINISH = "finish"


@dataclass(frozen=True)
class Targets:
    """Posture at one end of a repetition.

    Attributes
    ----------
    hip_deg
        Trunk-thigh flexion of the working side, in the sagittal plane: 0 straight, negative past straight.
    knee_deg
        Knee flexion of the working side, where the exercise leaves it free.
    lumbar_deg, thoracic_deg, neck_deg
        Extension of a part of the spine: positive arches, negative rounds.
    pelvis_drop_deg
        Slope of the line between the hip joints, positive when the unsupported side is lower.
    arm_deg
        Elevation of the arms from hanging, positive forward and up (swing).
    load_drift_m
        How far the load is held ahead of where it should be.

    """

    hip_deg: float = 0.0
    knee_deg: float = 0.0
    lumbar_deg: float = 0.0
    thoracic_deg: float = 0.0
    neck_deg: float = 0.0
    pelvis_drop_deg: float = 0.0
    arm_deg: float = 0.0
    load_drift_m: float = 0.0

    def toward(self, other: Targets, share: float) -> Targets:
        """Interpolate all targets linearly."""
        values = {f.name: lerp(getattr(self, f.name), getattr(other, f.name), share) for f in fields(self)}
        return Targets(**values)


@dataclass(frozen=True)
class Tempo:
    """Durations of a repetition's phases, s.

    `bottom_speed_deg_s` and `top_speed_deg_s` are the hip's speeds just before and after a turn; zero comes to rest.
    """

    concentric_s: float
    top_s: float
    eccentric_s: float
    bottom_s: float
    bottom_speed_deg_s: float = 0.0
    top_speed_deg_s: float = 0.0

    def scaled(self, factor: float) -> Tempo:
        """Slow all phases down by a factor."""
        return replace(
            self,
            concentric_s=self.concentric_s * factor,
            top_s=self.top_s * factor,
            eccentric_s=self.eccentric_s * factor,
            bottom_s=self.bottom_s * factor,
        )


@dataclass(frozen=True)
class RepPlan:
    """One repetition: its two ends, tempo and working side.

    On the way up, `knee_lead` above 1 lets the knees straighten early and `hip_lag` above 1 the hips late, so that the
    hips rise ahead of the shoulders.
    """

    bottom: Targets
    top: Targets
    tempo: Tempo
    side: Side = "R"
    knee_lead: float = 1.0
    hip_lag: float = 1.0

    @property
    def range_deg(self) -> float:
        """Hip range from bottom to top."""
        return self.bottom.hip_deg - self.top.hip_deg


def blend(bottom: Targets, top: Targets, share: float, knee_lead: float = 1.0, hip_lag: float = 1.0) -> Targets:
    """Return the posture between the ends; 0 is the bottom, 1 the top."""
    up = float(smooth_step(SPINE_STARTS_AT_SHARE, 1.0, share))
    down = float(smooth_step(SPINE_STARTS_AT_SHARE, 1.0, 1.0 - share))
    knee_share = 1.0 - (1.0 - min(max(share, 0.0), 1.0)) ** knee_lead
    return replace(
        bottom.toward(top, share),
        hip_deg=lerp(bottom.hip_deg, top.hip_deg, min(max(share, 0.0), 1.0) ** hip_lag),
        pelvis_drop_deg=bottom.pelvis_drop_deg * down + top.pelvis_drop_deg * up,
        lumbar_deg=bottom.lumbar_deg * down + top.lumbar_deg * up,
        thoracic_deg=bottom.thoracic_deg * down + top.thoracic_deg * up,
        knee_deg=lerp(bottom.knee_deg, top.knee_deg, knee_share),
    )


def eased(ratio: float, start_slope: float = 0.0, end_slope: float = 0.0) -> float:
    """Return the quintic way from 0 to 1 with given end slopes and no end acceleration (minimum jerk at 0, 0)."""
    r = min(max(ratio, 0.0), 1.0)
    cubic = 10.0 - 6.0 * start_slope - 4.0 * end_slope
    quartic = -15.0 + 8.0 * start_slope + 7.0 * end_slope
    quintic = 6.0 - 3.0 * start_slope - 3.0 * end_slope
    return start_slope * r + cubic * r**3 + quartic * r**4 + quintic * r**5
