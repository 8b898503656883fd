"""The results of the analysis: judged repetitions, rejected movements, and whole sets."""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass

from hipform.exercises.findings import LOCKOUT_RULE, Finding, Status
from hipform.features.rep_timing import RepTiming
from hipform.pose.poses import Disc
from hipform.segmentation.phases import Phase
from hipform.types import Estimate, Side

_VELOCITY_LOSS_REPS = 3
"""Fewest repetitions with a bar speed from which a velocity loss is computed. Basis: guess."""
_WITHIN_SET_U95_RATIO = 0.05
"""Uncertainty of the bar's speed relative to that of the other repetitions of its set. Basis: guess."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rep:
    """One repetition.

    Attributes
    ----------
    number
        1-based position among the counted repetitions, or among the partial ones when `partial`.
    partial
        True when the range was clearly less than that of the set's full repetitions; partial ones are listed, not
        counted.
    side
        Side of the body that was measured.
    timing
        Times of its phases, and its tempo.
    lockout_trunk_thigh_flexion_deg
        Trunk-thigh angle held at the top; 0 is a straight line, negative past straight.
    bottom_trunk_thigh_flexion_deg
        Trunk-thigh angle at the bottom where the lift started.
    range_deg
        Bottom minus lockout.
    lumbar_extension_deg
        Extension of the low back at the top relative to the lifter's neutral, positive when arched; ``None`` if the
        outline of the trunk does not determine it, or not even as exactly as the limit of ``lumbar-overextension``.
    low_back_share_ratio
        Share of the last 30 degrees of the lift that came from the low back beyond its neutral.
    bar_mean_m_per_s, bar_peak_m_per_s
        Mean and highest speed of the bar on its way up; ``None`` if its plate was not seen all the way, or if its size
        is not known. Most of the uncertainty is that of the scale, which all repetitions of a set share.
    attribution
        Whether the lift was finished, and with hip or low back, in one line.
    findings
        One per rule of the exercise.
    """

    number: int
    partial: bool
    side: Side
    timing: RepTiming
    lockout_trunk_thigh_flexion_deg: Estimate
    bottom_trunk_thigh_flexion_deg: Estimate
    range_deg: Estimate
    lumbar_extension_deg: Estimate | None = None
    low_back_share_ratio: Estimate | None = None
    bar_mean_m_per_s: Estimate | None = None
    bar_peak_m_per_s: Estimate | None = None
    attribution: str = ""
    findings: tuple[Finding, ...] = ()

    @property
    def angles_judged(self) -> bool:
        """Whether view and landmarks allowed its angles to be judged, and not too roughly to be shown."""
        lockout = self.finding(LOCKOUT_RULE)
        if lockout.status is Status.NOT_ASSESSED:
            return lockout.has_figure
        return lockout.measured is not None and lockout.limit is not None

    def finding(self, rule: str) -> Finding:
        """Return the finding of *rule* on this repetition.

        Raises
        ------
        KeyError
            If the exercise has no such rule.
        """
        return {finding.rule: finding for finding in self.findings}[rule]


PICTURE_NAME = re.compile(r"(set_\d+_)?(rep|partial)_\d+_(top|bottom)\.jpg")
"""What `image_name` returns."""


def image_name(rep: Rep, moment: str, set_number: int | None) -> str:
    """Return the file name of the key frame image of *rep* at *moment* (top, bottom).

    Parameters
    ----------
    set_number
        Number of the set, if the clip has several.
    """
    stem = f"{'partial' if rep.partial else 'rep'}_{rep.number:02d}_{moment}.jpg"
    return stem if set_number is None else f"set_{set_number:02d}_{stem}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedMovement:
    """A movement that was detected but not counted, with the reason."""

    start_s: float
    end_s: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A stretch of the clip in which the athlete was not tracked, with the reason."""

    start_s: float
    end_s: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """The state of the analysis at one frame, as the overlay draws it and frames.csv lists it.

    Attributes
    ----------
    t_s
        Time of the frame.
    exercise, set_number
        Slug of the exercise that the set is judged as, and number of the current set in the clip, from 1.
    tracked
        Whether the athlete is tracked in this frame.
    side
        Side of the body that is measured.
    values
        Measures by name (`hipform.kinematics.measures.MEASURES`), NaN where unseen.
    u95
        Half-width of the 95 % interval of each of `values`.
    lumbar_extension_deg
        Extension of the low back relative to the lifter's neutral as known so far; ``None`` if the outline does not
        determine it, and between the top and the depths at which it can be compared.
    view_off_deg
        Angle of the camera off the side view, degrees; NaN until known.
    assessable
        Whether angles of this view may be judged.
    load
        The plate that the lifter moves; ``None`` where it is not seen.
    phase
        Phase of the repetition; idle while the athlete is not tracked.
    phase_s
        Time spent in this phase so far.
    rep_count, partial_count
        Repetitions of the current set finished so far.
    """

    t_s: float
    exercise: str
    set_number: int
    tracked: bool
    side: Side
    values: Mapping[str, float]
    u95: Mapping[str, float]
    lumbar_extension_deg: Estimate | None = None
    view_off_deg: float
    assessable: bool
    load: Disc | None = None
    phase: Phase
    phase_s: float
    rep_count: int
    partial_count: int


Event = Rep | RejectedMovement | Gap


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """The result of one pushed pose: the observation and the events that became certain with it."""

    observation: Observation
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """A lifter's full lockout and neutral low back in one exercise, as measured with one pose model.

    Attributes
    ----------
    exercise, model
        Slug of the exercise, without a variant, and name of the pose model.
    reps
        Number of repetitions that it was taken from; 0 for a held lockout.
    view_off_deg
        Angle of the camera off the side view, degrees.
    lockout_trunk_thigh_flexion_deg
        Measured trunk-thigh angle at full extension.
    low_back_top_deg, low_back_levels_deg
        Readings of the neutral low back at the top and by depth (`hipform.kinematics.lumbar_extension`); ``None`` if
        the outline did not show it.
    low_back_top_scatter_deg, low_back_levels_scatter_deg
        Half-widths of the 95 % intervals of the scatter between repetitions.
    """

    exercise: str
    model: str
    reps: int
    view_off_deg: float
    lockout_trunk_thigh_flexion_deg: float
    low_back_top_deg: float | None = None
    low_back_top_scatter_deg: float = 0.0
    low_back_levels_deg: tuple[float | None, ...] | None = None
    low_back_levels_scatter_deg: float = 0.0


@dataclass(frozen=True, slots=True, kw_only=True)
class SetResult:
    """All results of one set.

    Attributes
    ----------
    number
        1-based position in the clip.
    exercise
        Slug of the exercise that it was judged as.
    confidence
        Confidence that this is the exercise, 0..1; ``None`` if the user named it.
    alternative
        Slug of the exercise that it may be as well; ``None`` if it is clear.
    start_s, end_s
        Times of its first and last frame, including the rest around its repetitions.
    side
        Side on which most of the counted repetitions were measured; without any, the near side or the planted one.
    view_off_deg
        Median angle between the camera and the true side view; ``None`` if the landmarks do not determine it.
    camera_move_deg
        How far the camera must move around the lifter for a side view: positive toward the feet of a lifter on the
        back, the head of one who faces the floor, or the front of a standing one; ``None`` if it is not known.
    reps, partial_reps
        Counted and partial repetitions, in time order.
    rejected, gaps
        Movements not counted and stretches without tracking, with reasons.
    findings
        Verdicts on the set as a whole.
    refined
        Names of the steps that needed the whole set.
    """

    number: int
    exercise: str
    start_s: float
    end_s: float
    side: Side
    view_off_deg: float | None
    camera_move_deg: float | None = None
    confidence: float | None = None
    alternative: str | None = None
    reps: tuple[Rep, ...] = ()
    partial_reps: tuple[Rep, ...] = ()
    rejected: tuple[RejectedMovement, ...] = ()
    gaps: tuple[Gap, ...] = ()
    findings: tuple[Finding, ...] = ()
    refined: tuple[str, ...] = ()

    @property
    def velocity_loss(self) -> Estimate | None:
        """How much slower the bar rose in the last repetition than in the fastest one, 0..1.

        ``None`` with fewer than three repetitions, or if one of them has no bar speed. The size of the plate, which
        nobody may have measured, does not matter.
        """
        speeds = [rep.bar_mean_m_per_s.value for rep in self.reps if rep.bar_mean_m_per_s]
        if len(speeds) < max(_VELOCITY_LOSS_REPS, len(self.reps)):
            return None
        kept = speeds[-1] / max(speeds)
        return Estimate(1.0 - kept, kept * math.hypot(_WITHIN_SET_U95_RATIO, _WITHIN_SET_U95_RATIO), "ratio")
