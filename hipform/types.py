"""The values that travel through hipform, all frozen.

Arrays use NaN for what was not seen; results meant for people and files use ``None``. Times are the clip's own
timestamps in seconds, image points are pixels (x right, y down) of the upright picture, world points are metres
(x right, y down, z away from the camera), angles are degrees with the signs of `hipform.kinematics.measures`.
"""

from __future__ import annotations

import math
import re
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from enum import IntEnum, StrEnum
from fractions import Fraction

import numpy as np
from numpy.typing import NDArray

FloatArray = NDArray[np.float64]
Image = NDArray[np.uint8]


class Landmark(IntEnum):
    """The 33 body points of BlazePose, in the model's order; left and right are the lifter's own."""

    NOSE = 0
    LEFT_EYE_INNER = 1
    LEFT_EYE = 2
    LEFT_EYE_OUTER = 3
    RIGHT_EYE_INNER = 4
    RIGHT_EYE = 5
    RIGHT_EYE_OUTER = 6
    LEFT_EAR = 7
    RIGHT_EAR = 8
    MOUTH_LEFT = 9
    MOUTH_RIGHT = 10
    LEFT_SHOULDER = 11
    RIGHT_SHOULDER = 12
    LEFT_ELBOW = 13
    RIGHT_ELBOW = 14
    LEFT_WRIST = 15
    RIGHT_WRIST = 16
    LEFT_PINKY = 17
    RIGHT_PINKY = 18
    LEFT_INDEX = 19
    RIGHT_INDEX = 20
    LEFT_THUMB = 21
    RIGHT_THUMB = 22
    LEFT_HIP = 23
    RIGHT_HIP = 24
    LEFT_KNEE = 25
    RIGHT_KNEE = 26
    LEFT_ANKLE = 27
    RIGHT_ANKLE = 28
    LEFT_HEEL = 29
    RIGHT_HEEL = 30
    LEFT_FOOT_INDEX = 31
    RIGHT_FOOT_INDEX = 32


N_LANDMARKS = len(Landmark)


class Side(StrEnum):
    """A side of the lifter's body."""

    LEFT = "left"
    RIGHT = "right"

    @property
    def other(self) -> Side:
        """The opposite side."""
        return Side.RIGHT if self is Side.LEFT else Side.LEFT


class Phase(StrEnum):
    """Where in a repetition the lifter is."""

    IDLE = "idle"
    BOTTOM = "bottom"
    LIFT = "lift"
    TOP = "top"
    LOWER = "lower"


class Status(StrEnum):
    """The three answers of a rule. What was not seen is never ``ok``."""

    OK = "ok"
    FAULT = "fault"
    NOT_ASSESSED = "not_assessed"


class Severity(StrEnum):
    """How much a fault matters when there is room for one cue only, mildest first."""

    NOTE = "note"
    MINOR = "minor"
    MAJOR = "major"


@dataclass(frozen=True, slots=True, eq=False)
class Frame:
    """One decoded picture.

    Attributes
    ----------
    t_s
        Presentation time in the clip, seconds; strictly increasing.
    image
        Upright RGB picture, C-contiguous, shape (height, width, 3).
    shot
        Number of cuts seen before this frame; frames of different shots never belong to one repetition.
    """

    t_s: float
    image: Image
    shot: int = 0


CONTOUR_STATIONS: FloatArray = np.linspace(0.0, 1.1, 23)
"""Where `TrunkContour` is measured along the trunk: 0 the shoulder, 1 the hip, in trunk lengths."""


@dataclass(frozen=True, slots=True, eq=False)
class TrunkContour:
    """Distance of the person's outline from the line shoulder-hip, in trunk lengths.

    Attributes
    ----------
    counter_clockwise_ratio, clockwise_ratio
        On the side to which the line, seen from the shoulder, turns counter-clockwise or clockwise on the screen; at
        each of `CONTOUR_STATIONS`, NaN where it was not seen.
    """

    counter_clockwise_ratio: FloatArray
    clockwise_ratio: FloatArray

    def ventral_ratio(self, facing: int) -> FloatArray:
        """Return the outline of chest and belly; *facing* as in `hipform.kinematics.measures.SideView`."""
        return self.counter_clockwise_ratio if facing > 0 else self.clockwise_ratio

    def dorsal_ratio(self, facing: int) -> FloatArray:
        """Return the outline of the back and the buttock."""
        return self.ventral_ratio(-facing)

    @staticmethod
    def unseen() -> TrunkContour:
        """Return the outline of nobody."""
        return TrunkContour(np.full(len(CONTOUR_STATIONS), np.nan), np.full(len(CONTOUR_STATIONS), np.nan))


@dataclass(frozen=True, slots=True, eq=False)
class Pose:
    """Where the person's points are in one frame; what a source of landmarks can know is its `LandmarkSchema`.

    Attributes
    ----------
    t_s, shot
        As in `Frame`.
    image_px
        Landmarks in pixels, shape (33, 2); all NaN when nobody was found, and NaN for points that the source of the
        landmarks does not have.
    world_m
        Landmarks in metres around the middle of the hips, shape (33, 3); all NaN when nobody was found, and where the
        source knows the picture only.
    visibility
        The model's own estimate that a point is in the picture and not hidden, 0..1, shape (33,). High values do not
        prove that a point is right (a plate over the hip keeps it at 0.9). A source without such an estimate gives 1
        for points that it found and 0 for the others.
    contour
        The person's outline along the trunk; ``None`` where it was not looked for or nobody was found.
    """

    t_s: float
    image_px: FloatArray
    world_m: FloatArray
    visibility: FloatArray
    shot: int = 0
    contour: TrunkContour | None = None

    @property
    def found(self) -> bool:
        """Whether a person was found in this frame."""
        return bool(np.isfinite(self.image_px).any())

    @staticmethod
    def unseen(t_s: float, shot: int = 0) -> Pose:
        """Return a pose of nobody: NaN points, visibility 0."""
        return Pose(
            t_s,
            np.full((N_LANDMARKS, 2), np.nan),
            np.full((N_LANDMARKS, 3), np.nan),
            np.zeros(N_LANDMARKS),
            shot,
        )


class DateSource(StrEnum):
    """How it is known when a clip was recorded."""

    GIVEN = "given"
    CLIP = "clip"
    FILE = "file"

    @property
    def in_words(self) -> str:
        """What to say beside the date."""
        return {"given": "as given", "clip": "the clip's own time", "file": "the file's time"}[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class ClipInfo:
    """What is known of a clip before its frames are read.

    Attributes
    ----------
    name
        File name without its folder.
    width_px, height_px
        Size of the upright picture.
    fps
        Nominal frame rate; for progress and display only, never for time.
    duration_s
        Length if the container states it.
    time_base
        Unit of the frame times; sinks that keep the source's times write with it.
    has_audio
        Whether there is sound to keep.
    notes
        Plain sentences about what was done to make the clip readable, such as HDR tone mapping or unreadable frames.
    sha256
        Digest of the file, by which the same clip is known again.
    recorded_at, recorded_from
        Date and time of the recording with the offset to UTC, and how it is known.
    view_off_deg
        Angle of the camera off the side view where the user gave it, 0 to 90; ``None`` where the poses must tell.
    u95_scale
        Factor on the half-widths of the 95 % intervals, from the source of the landmarks (`hipform.pose.NoiseModel`).
    """

    name: str
    width_px: int
    height_px: int
    fps: float
    duration_s: float | None = None
    time_base: Fraction = Fraction(1, 90_000)
    has_audio: bool = False
    notes: tuple[str, ...] = ()
    sha256: str | None = None
    recorded_at: datetime | None = None
    recorded_from: DateSource | None = None
    view_off_deg: float | None = None
    u95_scale: float = 1.0


class LoadUnit(StrEnum):
    """The units a load may be given in."""

    KG = "kg"
    LB = "lb"

    @property
    def kg(self) -> float:
        """One of this unit in kilograms."""
        return {"kg": 1.0, "lb": 0.45359237}[self.value]


@dataclass(frozen=True, slots=True, kw_only=True)
class Load:
    """A weight on the bar, in the hands or on the hips.

    Attributes
    ----------
    kg
        The weight in kilograms.
    unit
        The unit it was given in, and is shown in.
    """

    kg: float
    unit: LoadUnit = LoadUnit.KG

    def __str__(self) -> str:
        return f"{round(self.kg / self.unit.kg, 2):g} {self.unit.value}"


@dataclass(frozen=True, slots=True, kw_only=True)
class Training:
    """What is known of a clip's sets beside what the picture shows.

    Attributes
    ----------
    athlete
        Who is in the clip, as the user calls them.
    load
        Weight that was moved, in every set of the clip.
    note
        What the user wants to be remembered.
    recorded_at, recorded_from
        As in `ClipInfo`; a date that the user gave goes before the clip's own.
    """

    athlete: str | None = None
    load: Load | None = None
    note: str | None = None
    recorded_at: datetime | None = None
    recorded_from: DateSource | None = None


@dataclass(frozen=True, slots=True)
class Estimate:
    """A measured value with its uncertainty.

    Attributes
    ----------
    value
        The measured value.
    u95
        Half-width of the interval that is meant to hold the true value in 95 of 100 cases, same unit.
    unit
        Unit suffix as in the measure's name: ``deg``, ``s``, ``ratio``.
    """

    value: float
    u95: float
    unit: str


LOCKOUT_RULE = "incomplete-lockout"
"""The rule every exercise has: whether the hip came to full extension."""


def format_joint_angle(flexion: Estimate) -> str:
    """Return a joint's flexion as people know the angle: "174° ± 5", 180 straight, more past straight.

    The uncertainty is rounded up: it is better to claim less. "not known" for NaN.
    """
    if not (math.isfinite(flexion.value) and math.isfinite(flexion.u95)):
        return "not known"
    return f"{180 - flexion.value:.0f}° ± {math.ceil(flexion.u95)}"


def format_angle(angle: Estimate) -> str:
    """Return an angle and its uncertainty, rounded up, as in "72° ± 10"."""
    return f"{angle.value:.0f}° ± {math.ceil(angle.u95)}"


def format_angle_change(change_deg: float) -> str:
    """Return a change in whole degrees with its sign, as in "+14°"; "0°" has none."""
    degrees = round(change_deg)
    return f"{degrees:+d}°" if degrees else "0°"


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one rule says of one repetition, or of the whole set.

    Attributes
    ----------
    rule
        Stable id of the rule, as in docs/EXERCISES.
    status
        ``ok``, ``fault`` or ``not_assessed``.
    measured
        The judged value; ``None`` when there was none to judge. A value too close to its limit is not assessed either.
    limit
        The limit it was held against, same unit as `measured`.
    excess
        How far past the limit, 0 for ok; ranks the faults of one rule.
    text
        One plain sentence: what was seen, or why nothing can be said.
    """

    rule: str
    status: Status
    text: str
    measured: Estimate | None = None
    limit: float | None = None
    excess: float = 0.0


TEMPO_PARTS = ("lift", "hold", "lower")
"""What the parts of a repetition are called, wherever a tempo is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tempo:
    """How long the parts of a repetition last.

    Attributes
    ----------
    lift_s, lower_s
        Lift and lowering; ``None`` where the clip did not show it.
    hold_s
        Time within 5 degrees of the top.
    """

    lift_s: float | None
    hold_s: float
    lower_s: float | None

    @property
    def parts(self) -> dict[str, float | None]:
        """The times by `TEMPO_PARTS`, seconds, in their order within a repetition."""
        return dict(zip(TEMPO_PARTS, (self.lift_s, self.hold_s, self.lower_s), strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class RepTiming(Tempo):
    """When a repetition and its parts begin and end, in clip time.

    Attributes
    ----------
    start_s, end_s
        Begin and end of the repetition: begin of the lift and end of the lowering, or where it starts at the top, begin
        of the lowering and end of the top. ``None`` where the clip began or ended first.
    lift_start_s
        Begin of the lift, the end of the bottom; ``None`` where the clip began first.
    top_start_s, top_s, top_end_s
        Begin of the top, moment of the most extended hip, end of the top.
    """

    start_s: float | None
    lift_start_s: float | None
    top_start_s: float
    top_s: float
    top_end_s: float
    end_s: float | None

    @property
    def tempo(self) -> Tempo:
        """How long the parts last, without when they were."""
        return Tempo(lift_s=self.lift_s, hold_s=self.hold_s, lower_s=self.lower_s)

    @property
    def seen_start_s(self) -> float:
        """Begin of what the clip shows of it: that of its lift or its top where the clip began later."""
        return next(t_s for t_s in (self.start_s, self.lift_start_s, self.top_start_s) if t_s is not None)

    @property
    def seen_end_s(self) -> float:
        """End of what the clip shows of the repetition: that of its top where the clip ended first."""
        return self.top_end_s if self.end_s is None else self.end_s


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
class Cue:
    """A short instruction for the lifter: at most six words, positive."""

    rule: str
    text: str
    is_praise: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCue:
    """A cue with its times in the clip.

    Attributes
    ----------
    start_s, end_s
        When it is shown; at *end_s* it is no more.
    rule, text, is_praise
        As in `Cue`.
    """

    start_s: float
    end_s: float
    rule: str
    text: str
    is_praise: bool = False


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


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRep:
    """One repetition as the history keeps it.

    Attributes
    ----------
    number, partial
        As in `Rep`.
    tempo
        How long its parts lasted.
    lockout
        Verdict of `LOCKOUT_RULE`.
    lockout_trunk_thigh_flexion_deg, range_deg, lumbar_extension_deg
        As in `Rep`; ``None`` where angles of that repetition may not be judged, or there was no such measure.
    """

    number: int
    partial: bool
    lockout: Status
    lockout_trunk_thigh_flexion_deg: Estimate | None
    range_deg: Estimate | None
    lumbar_extension_deg: Estimate | None
    tempo: Tempo


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How often a rule gave each of its answers in one set."""

    ok: int = 0
    fault: int = 0
    not_assessed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSet:
    """One set as the history keeps it.

    Attributes
    ----------
    clip_sha256, set_number
        Which set it is: file of the clip, and position in it.
    clip_name
        Name of that file.
    athlete, load, note, recorded_at, recorded_from
        As in `Training`.
    exercise
        Slug it was judged as, with its variant.
    model, hipform_version
        What found it.
    reps
        Counted and partial repetitions.
    findings
        Answers of each rule over the counted repetitions, or over the set, by rule.
    """

    clip_sha256: str
    set_number: int
    clip_name: str
    athlete: str
    exercise: str
    recorded_at: datetime
    recorded_from: DateSource
    load: Load | None
    note: str | None
    model: str
    hipform_version: str
    reps: tuple[KeptRep, ...]
    findings: Mapping[str, Tally]
