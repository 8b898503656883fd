"""What the analysis hands out: judged repetitions, what was rejected, and whole sets."""

from __future__ import annotations

import re
from collections.abc import Mapping
from dataclasses import dataclass

from hipform.exercises.findings import LOCKOUT_RULE, Finding
from hipform.features.rep_timing import RepTiming
from hipform.segmentation.phases import Phase
from hipform.types import Estimate, Side


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
        Side of the body the angles were measured on.
    timing
        When it was, and its tempo.
    lockout_trunk_thigh_flexion_deg
        Trunk-thigh angle held at the top; 0 is a straight line, negative past straight.
    bottom_trunk_thigh_flexion_deg
        Trunk-thigh angle at the bottom the lift began from.
    range_deg
        Bottom minus lockout.
    lumbar_extension_deg
        Extension of the low back at the top against the lifter's own neutral, positive arching; ``None`` where the
        outline of the trunk does not tell.
    low_back_share_ratio
        Share of the last 30 degrees of the lift that came from the low back beyond the own neutral.
    attribution
        Whether the lift was finished, and with what, in one line.
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
    attribution: str = ""
    findings: tuple[Finding, ...] = ()

    @property
    def angles_judged(self) -> bool:
        """Whether its angles could be measured: view and landmarks allowed it."""
        return self.finding(LOCKOUT_RULE).measured is not None

    def finding(self, rule: str) -> Finding:
        """Return what *rule* says of this repetition.

        Raises
        ------
        KeyError
            If the exercise has no such rule.
        """
        return {finding.rule: finding for finding in self.findings}[rule]


PICTURE_NAME = re.compile(r"(set_\d+_)?(rep|partial)_\d+_(top|bottom)\.jpg")
"""What `picture_name` returns."""


def picture_name(rep: Rep, moment: str, set_number: int | None) -> str:
    """Return the file name of the picture of *rep*'s *moment* (top, bottom).

    Parameters
    ----------
    set_number
        Number of the set, where the clip has several.
    """
    stem = f"{'partial' if rep.partial else 'rep'}_{rep.number:02d}_{moment}.jpg"
    return stem if set_number is None else f"set_{set_number:02d}_{stem}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RejectedMovement:
    """A movement that was seen and not counted, with the reason."""

    start_s: float
    end_s: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Gap:
    """A stretch of the clip that could not be followed, with the reason."""

    start_s: float
    end_s: float
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Observation:
    """What the analyzer knows at one frame: all that the overlay draws and frames.csv lists.

    Attributes
    ----------
    t_s
        Time of the frame.
    exercise, set_number
        Slug of the exercise it is judged as, and number of the running set in the clip, from 1.
    tracked
        Whether the athlete is followed in this frame.
    side
        Near side in use.
    values
        Measures by name (`hipform.kinematics.measures.MEASURES`), NaN where unseen.
    u95
        Half-width of the 95 % band for each of `values`.
    lumbar_extension_deg
        Extension of the low back against the lifter's own neutral as known so far; ``None`` where the outline does not
        tell, and between the top and the depths at which it can be compared.
    view_off_deg
        How far the camera is off the side view, degrees; NaN until known.
    assessable
        Whether angles of this view may be judged.
    phase
        Phase of the repetition; idle while the athlete is not followed.
    phase_s
        Time spent in this phase so far.
    rep_count, partial_count
        Repetitions of the running set finished so far.
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
    phase: Phase
    phase_s: float
    rep_count: int
    partial_count: int


Event = Rep | RejectedMovement | Gap


@dataclass(frozen=True, slots=True, kw_only=True)
class Step:
    """What one pushed pose brought: the observation and the events that became certain with it."""

    observation: Observation
    events: tuple[Event, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Calibration:
    """A lifter's own full lockout and neutral low back in one exercise, as one pose model reads them.

    Attributes
    ----------
    exercise, model
        Slug of the exercise, without a variant, and name of the pose model.
    reps
        Repetitions it was taken from; 0 when the lockout was held still.
    view_off_deg
        Camera's angle off the side view.
    lockout_trunk_thigh_flexion_deg
        Trunk-thigh angle that is read at full extension.
    low_back_top_deg, low_back_levels_deg
        Readings of the neutral low back at the top and by depth (`hipform.kinematics.lumbar_extension`); ``None`` where
        the
        outline did not show it.
    low_back_top_scatter_deg, low_back_levels_scatter_deg
        Half-widths of the 95 % intervals in which the repetitions scatter.
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
    """All that was found in one set.

    Attributes
    ----------
    number
        1-based position in the clip.
    exercise
        Slug of the exercise it was judged as.
    confidence
        How sure it is that this is the exercise, 0..1; ``None`` when the user named it.
    start_s, end_s
        Times of the first and last frame that belong to it, the rest around its repetitions included.
    side
        Side that most of the counted repetitions were measured on; without any the near one, or the one that stood.
    view_off_deg
        Median angle between the camera and the true side view; ``None`` when the landmarks do not tell it.
    reps, partial_reps
        Counted and partial repetitions, in time order.
    rejected, gaps
        Movements not counted and stretches not followed, with reasons.
    findings
        Verdicts on the set as a whole.
    refined
        Names of the steps that only the whole set allowed.
    """

    number: int
    exercise: str
    start_s: float
    end_s: float
    side: Side
    view_off_deg: float | None
    confidence: float | None = None
    reps: tuple[Rep, ...] = ()
    partial_reps: tuple[Rep, ...] = ()
    rejected: tuple[RejectedMovement, ...] = ()
    gaps: tuple[Gap, ...] = ()
    findings: tuple[Finding, ...] = ()
    refined: tuple[str, ...] = ()
