"""Declarations of exercises and rules, which the analyzer, the cues and the generated pages read."""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

from hipform.config import Settings
from hipform.exercises.fault_places import FaultPlace
from hipform.exercises.findings import Finding, Severity, Status, is_rough
from hipform.features.rep_summary import RepSummary
from hipform.kinematics.lumbar_extension import NO_DEPTH_NEUTRAL, NO_NEUTRAL, DepthNeutral, LowBackScale, Neutral
from hipform.kinematics.measures import MEASURES
from hipform.kinematics.reading_errors import MAX_GROWTH, widest_reason
from hipform.segmentation.turning_points import StartsAt
from hipform.texts import english
from hipform.types import Estimate


@dataclass(frozen=True, slots=True)
class Baseline:
    """The lifter's own reference within a set.

    Attributes
    ----------
    lockout_deg
        Median trunk-thigh angle at the top of the repetitions so far; NaN before there are three.
    best_range_deg
        Largest range of a repetition so far; NaN before the first.
    best_rise_radii
        Largest rise of the load in a repetition so far, in radii of its plate; NaN before the first that showed it.
    low_back_top, low_back_deep
        The lifter's neutral low back at the top, and deep in the movement.
    own_straight_deg
        Trunk-thigh angle that the camera measures when this lifter is fully extended, from a calibration; 0 without
        one.
    calibrated
        Whether the neutral and `own_straight_deg` come from a calibration.
    """

    lockout_deg: float = math.nan
    best_range_deg: float = math.nan
    best_rise_radii: float = math.nan
    low_back_top: Neutral = NO_NEUTRAL
    low_back_deep: DepthNeutral = NO_DEPTH_NEUTRAL
    own_straight_deg: float = 0.0
    calibrated: bool = False


SURE_RATIO = 1.2816 / 1.96
"""Share of the 95 % half-width by which a value must clear its limit, so that the verdict is right in 9 of 10 cases.

Basis: definition, quantiles of the normal distribution.
"""


WIDE_GROWTH = 1.3
"""From this factor on the intervals, the text of a close call says what widened them. Basis: guess."""
_PROPER_NAMES = ("Romanian",)
MAX_TRUNK_TURN_DEG_PER_S = 45.0
"""A trunk that turns faster than this at the top contradicts it: the legs were misread.

Of 76 counted repetitions of real people whose legs were seen, the fastest turned at 43.

Basis: tuned.
"""
MAX_EXTRAPOLATED_RATIO = 0.3
"""If more than this share of a top was extrapolated, the repetition is counted but none of its angles is judged.

Basis: guess.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """The measurement of a rule, once everything it needs was seen.

    Attributes
    ----------
    text
        One plain sentence for the lifter.
    measured
        The judged quantity with its uncertainty.
    limit
        The limit that `measured` is compared with, in the same unit.
    fault_above
        Whether a value above the limit is the fault; otherwise a value below it is.
    rough_text
        What to say instead of `text` if the value `is_rough`; empty for a general sentence.
    """

    text: str
    measured: Estimate
    limit: float
    fault_above: bool = True
    rough_text: str = ""

    @property
    def excess(self) -> float:
        """Distance past the limit; negative on the good side."""
        past_limit = self.measured.value - self.limit
        return past_limit if self.fault_above else -past_limit

    @property
    def status(self) -> Status:
        """``ok`` or ``fault`` if the value clears the limit by more than its uncertainty, else ``not_assessed``."""
        margin = SURE_RATIO * self.measured.u95
        return Status.FAULT if self.excess > margin else Status.OK if self.excess < -margin else Status.NOT_ASSESSED

    @property
    def is_rough(self) -> bool:
        """Whether the interval is much wider than the limit, so that the value itself must not be shown."""
        return is_rough(self.measured, self.limit)

    def finding(self, rule: str, why_wide: str = "") -> Finding:
        """Return the answer as the finding of *rule*; its text has no number if the value `is_rough`.

        *why_wide* is what widened the interval, if anything.
        """
        status = self.status
        open_text = english("{what}; {why}", what=self._open_text, why=why_wide) if why_wide else self._open_text
        return Finding(
            rule=rule,
            status=status,
            text=open_text if status is Status.NOT_ASSESSED else self._verdict_text,
            measured=self.measured,
            limit=self.limit,
            excess=self.excess if status is Status.FAULT else 0.0,
        )

    @property
    def _open_text(self) -> str:
        if self.is_rough:
            return english("measured too roughly to judge")
        # A limit is named where its unit says what it is; a ratio or a score says nothing to a lifter.
        if self.measured.unit == "deg":
            limit = english("{deg:.3g} degrees", deg=self.limit)
        elif self.measured.unit == "s":
            limit = english("{s:.3g} s", s=self.limit)
        else:
            return english("too close to call: {what}", what=self.text)
        return english("too close to call against the limit of {limit}: {what}", limit=limit, what=self.text)

    @property
    def _verdict_text(self) -> str:
        if not self.is_rough:
            return self.text
        if self.rough_text:
            return self.rough_text
        if self.excess > 0:
            return english("past the limit by more than the measurement error")
        return english("within the limit by more than the measurement error")


class View(Enum):
    """What a rule must be able to see."""

    ANGLES = auto()
    TEMPO = auto()


HIP_HIDDEN = english("a plate hides the hip at the top")
VIEW_NOT_KNOWN = english("the camera's direction is not known")

Judgement = Callable[[RepSummary, Baseline, Settings], Answer | str]
"""Core of a rule; returns the answer, or the reason why there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One fault to check for in every repetition.

    Attributes
    ----------
    id
        Stable name; also the section of its settings.
    title, short, reason
        Name, column heading and reason why the fault matters, for people.
    severity
        Weight when a single fault must be chosen.
    cue
        What to say to the lifter: at most six words, positive.
    went_well
        What to say when every repetition was ok.
    sight
        What the camera must be able to see.
    judge
        Core of the rule; called only when the view, the landmarks and `needs` allow it.
    limits
        Keys of the settings that the verdict depends on, the main one first.
    needs
        Measures that must be known at the top.
    judge_by_load
        Core of the rule where a plate hides the hip; ``None`` if the path of the load does not answer it.
    place
        Where the fault is visible; ``None`` if the rule judges the whole movement.
    """

    id: str
    title: str
    short: str
    reason: str
    severity: Severity
    cue: str
    went_well: str
    sight: View
    judge: Judgement
    limits: tuple[str, ...]
    needs: tuple[str, ...] = ()
    judge_by_load: Judgement | None = None
    place: FaultPlace | None = None

    def assess(self, rep: RepSummary, baseline: Baseline, settings: Settings) -> Finding:
        """Judge one repetition; return ``not_assessed`` with the reason, never ``ok``, if something was not seen."""
        if self.judge_by_load and _is_hip_hidden(rep):
            answer = self.judge_by_load(rep, baseline, settings)
        else:
            answer = self._obstacle(rep, settings) or self.judge(rep, baseline, settings)
        if isinstance(answer, str):
            return Finding(rule=self.id, status=Status.NOT_ASSESSED, text=answer)
        is_wide = self.sight is View.ANGLES and rep.growth > WIDE_GROWTH and not _is_hip_hidden(rep)
        return answer.finding(self.id, why_wide=widest_reason(rep.all_conditions) if is_wide else "")

    def _obstacle(self, rep: RepSummary, settings: Settings) -> str | None:
        off_deg = rep.view_off_deg
        # Tempo is visible from every side, so an unknown view does not prevent judging it.
        if math.isnan(off_deg) and self.sight is not View.TEMPO:
            return VIEW_NOT_KNOWN
        limit_deg = {View.ANGLES: settings["view.angles_deg"], View.TEMPO: settings["view.tempo_deg"]}.get(self.sight)
        if limit_deg is not None and off_deg > limit_deg:
            return english(
                "camera about {deg:.0f} degrees off the side view; the limit is {limit:.0f}",
                deg=off_deg,
                limit=limit_deg,
            )
        if self.sight is View.ANGLES and (unsure := _unsure_angles(rep)):
            return unsure
        unseen = [MEASURES[name].label for name in self.needs if not math.isfinite(rep.top[name])]
        return english("not seen at the top: {what}", what=", ".join(unseen)) if unseen else None


def _is_hip_hidden(rep: RepSummary) -> bool:
    """Return whether a plate hides the hip for too long at the top for any angle of it."""
    return rep.hidden_ratio > MAX_EXTRAPOLATED_RATIO


def _unsure_angles(rep: RepSummary) -> str | None:
    """Return why the angles of *rep* may not be judged; ``None`` if they may."""
    if rep.extrapolated_ratio > MAX_EXTRAPOLATED_RATIO:
        return english("shoulder, hip or knee is out of frame at the top")
    if _is_hip_hidden(rep):
        return HIP_HIDDEN
    if rep.trunk_turn_deg_per_s > MAX_TRUNK_TURN_DEG_PER_S:
        return english("the trunk still turns at the top, so the hip or the legs were misread")
    return widest_reason(rep.all_conditions) if rep.growth >= MAX_GROWTH else None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRule:
    """One fault that only a whole set can show; the fields are those of `Rule`."""

    id: str
    title: str
    short: str
    reason: str
    severity: Severity
    cue: str
    went_well: str
    judge: Callable[[Sequence[RepSummary], Settings], Answer | str]
    limits: tuple[str, ...]

    def assess(self, reps: Sequence[RepSummary], settings: Settings) -> Finding:
        """Judge the counted repetitions of a set."""
        answer = self.judge(reps, settings)
        if isinstance(answer, str):
            return Finding(rule=self.id, status=Status.NOT_ASSESSED, text=answer)
        return answer.finding(self.id)


class WorkingSide(Enum):
    """The leg to measure: the one near the camera, the standing one, the one held out, or the one in front.

    ``STANCE`` follows the lifter: the leg that stands alone or in front if the feet are apart, otherwise the near one.
    """

    NEAR = auto()
    STANCE = auto()
    PLANTED = auto()
    MOVING = auto()
    FRONT = auto()


MAX_PENALTY = 9.0
"""Largest penalty of one trait: that of three tolerances. A larger distance carries no more information.

Basis: definition, the square of three tolerances.
"""
UNSEEN_PENALTY = 0.25
"""Penalty of a trait that cannot be seen; small, so that the visible traits decide.

Basis: guess, checked on real and rendered clips.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trait:
    """A feature that distinguishes an exercise from other movements.

    Attributes
    ----------
    of
        The feature of a movement; NaN where it was not seen.
    low, high
        Interval in which the feature lies during the exercise.
    tolerance
        Distance outside the interval that is clear evidence against the exercise.
    rejection_reason
        Why a movement further outside than that is not a repetition, even if the user named the exercise. Empty for a
        trait that only distinguishes the exercise from similar ones.
    overrulable
        Whether a user who names the exercise overrules the rejection; it then holds for the recognition alone.
    """

    of: Callable[[RepSummary], float]
    low: float = -math.inf
    high: float = math.inf
    tolerance: float
    rejection_reason: str = ""
    overrulable: bool = False

    def excess_tolerances(self, rep: RepSummary) -> float:
        """Return how far outside the interval the feature lies, in tolerances; 0 inside, NaN if unseen."""
        value = self.of(rep)
        if math.isnan(value):
            return math.nan
        return max(self.low - value, value - self.high, 0.0) / self.tolerance

    def rejects(self, rep: RepSummary) -> bool:
        """Return whether this trait alone rules *rep* out; an unseen feature rules nothing out."""
        return bool(self.rejection_reason) and self.excess_tolerances(rep) > 1.0

    def mismatch(self, rep: RepSummary) -> float:
        """Return the penalty of the feature, from 0 to `MAX_PENALTY`."""
        if self.rejects(rep):
            return MAX_PENALTY
        excess = self.excess_tolerances(rep)
        return UNSEEN_PENALTY if math.isnan(excess) else min(excess**2, MAX_PENALTY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A side view of the lifter at the top, drawn with characters: ● is the head, ○ the hip, ■ the load.

    Attributes
    ----------
    rows
        Lines of the drawing, from top to bottom; the last one is at ground level.
    row_m
        Height of a line, metres.
    is_level
        Whether the body is horizontal. If so, the view from above shows it from head to feet; otherwise it shows the
        direction that the lifter faces.
    """

    rows: tuple[str, ...]
    row_m: float
    is_level: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Posture:
    """The lifter's posture, and everything that depends on it alone.

    Attributes
    ----------
    name
        The posture in a few words.
    family
        Group of postures that tracking does not confuse with others: lying, on all fours, prone, standing.
    may_look_standing
        Whether hips far above the ankles are part of the exercise. If not, a lifter who stands still has not taken the
        position yet, and live training delays the countdown.
    figure
        Drawing of the lifter at the top.
    """

    name: str
    family: str
    may_look_standing: bool
    figure: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class CameraAdvice:
    """How to film an exercise.

    Attributes
    ----------
    height_m, distance_m
        Height of the lens above the floor, and distance from the lifter.
    advice
        The same in words, with further advice.
    """

    height_m: float
    distance_m: float
    advice: str


VARIANT_MARK = ":"
"""Separates an exercise from its variant on the command line and in results."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A way to do an exercise that changes which rules apply; selected as ``exercise:variant``.

    Attributes
    ----------
    name, note
        Word on the command line, and a sentence that says what changes.
    working_side
        Leg to measure, if it differs from that of the exercise.
    without
        Ids of the rules that do not apply.
    """

    name: str
    note: str
    working_side: WorkingSide | None = None
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """One exercise and everything that hipform knows about it.

    Attributes
    ----------
    slug, name, purpose
        Id on the command line, name for people, and one line about its purpose.
    working_side
        Leg to measure.
    starts_at
        End of the range where a repetition starts and ends.
    smallest_range_deg
        Smallest range of the hip that can be a repetition.
    usual_range_deg
        Range of an ordinary repetition; used until the range of the set is known.
    fastest_hip_deg_per_s
        Angular speed of the hip that no lifter reaches in this exercise; a faster hip is a landmark that jumped.
    traits
        What distinguishes it from other movements; traits that rule a movement out come first.
    rules, set_rules
        Faults to check for in each repetition and in the whole set.
    posture
        Posture of the lifter.
    camera
        How to film it.
    feet_stay
        Whether the measured foot stays in place from bottom to top.
    low_back
        How the outline of the trunk is converted to lumbar extension; ``None`` if that was not shown to work.
    variants
        Ways to do it that change which rules apply.
    bar_speed_at_max
        Mean speed of the bar in a lift of the one-repetition maximum, with its spread over lifters, m/s; ``None`` if no
        study shows that the maximum can be estimated from it.

    Raises
    ------
    ValueError
        If the slug is not made of lower-case words and hyphens.
    TypeError
        If a value is not of its type, for files of users are not type-checked.
    """

    slug: str
    name: str
    purpose: str
    working_side: WorkingSide
    smallest_range_deg: float
    usual_range_deg: float
    fastest_hip_deg_per_s: float
    traits: tuple[Trait, ...]
    rules: tuple[Rule, ...]
    set_rules: tuple[SetRule, ...]
    posture: Posture
    camera: CameraAdvice
    starts_at: StartsAt = StartsAt.BOTTOM
    feet_stay: bool = True
    low_back: LowBackScale | None = None
    variants: tuple[Variant, ...] = ()
    bar_speed_at_max: Estimate | None = None

    def __post_init__(self) -> None:
        if not _SLUG.fullmatch(str(self.slug)):
            raise ValueError(f"the slug {self.slug!r} is not made of lower-case words and hyphens")
        wrong = [name for name, kind in _KINDS.items() if not isinstance(getattr(self, name), kind)]
        wrong += [name for name in _NUMBERS if not _is_positive(getattr(self, name))]
        wrong += [name for name, kind in _TUPLES.items() if not _is_tuple_of(getattr(self, name), kind)]
        if wrong:
            raise TypeError(f"{', '.join(wrong)} of the exercise {self.slug} must be of the declared type")

    @property
    def base_slug(self) -> str:
        """Slug of the exercise itself, whatever its variant."""
        return self.slug.split(VARIANT_MARK)[0]

    @property
    def name_in_sentence(self) -> str:
        """The name without a capital, but for a word that has one anywhere."""
        return self.name if self.name.startswith(_PROPER_NAMES) else self.name[:1].lower() + self.name[1:]

    @property
    def has_sides(self) -> bool:
        """Whether one side works at a time, so that left and right are judged separately."""
        return self.working_side not in (WorkingSide.NEAR, WorkingSide.STANCE)

    @property
    def names_leg(self) -> bool:
        """Whether one leg may work more than the other, so that every repetition names the one that was measured."""
        return self.working_side is not WorkingSide.NEAR

    @property
    def all_rules(self) -> tuple[Rule | SetRule, ...]:
        """The rules for a repetition, followed by those for the set."""
        return (*self.rules, *self.set_rules)

    @property
    def limits(self) -> frozenset[str]:
        """Keys of the settings that its rules read as limits."""
        return frozenset(key for rule in self.all_rules for key in rule.limits)

    def rule(self, rule_id: str) -> Rule | SetRule:
        """Return the rule with the id *rule_id*.

        Raises
        ------
        KeyError
            If the exercise has no such rule.
        """
        return {rule.id: rule for rule in self.all_rules}[rule_id]

    def fault_place(self, rule_id: str) -> FaultPlace | None:
        """Return where the fault of a rule is visible; ``None`` for a rule of the set or of the whole movement."""
        return next((rule.place for rule in self.rules if rule.id == rule_id), None)

    def rejection(self, rep: RepSummary) -> str | None:
        """Return why the recognition does not take *rep* for this exercise; ``None`` if it may be one."""
        return next((trait.rejection_reason for trait in self.traits if trait.rejects(rep)), None)

    def refusal(self, rep: RepSummary) -> str | None:
        """Return why *rep* is not a repetition of this exercise even if that was named; ``None`` if it may be one."""
        binding = (trait for trait in self.traits if not trait.overrulable)
        return next((trait.rejection_reason for trait in binding if trait.rejects(rep)), None)

    def mismatch(self, rep: RepSummary) -> float:
        """Return the total penalty of *rep* as this exercise; 0 is a perfect fit."""
        small = 0.0 if rep.range.value >= self.smallest_range_deg else MAX_PENALTY
        return small + sum(trait.mismatch(rep) for trait in self.traits)

    def is_seen(self, rep: RepSummary) -> bool:
        """Return whether most of what distinguishes the exercise was seen in *rep*."""
        unseen = sum(math.isnan(trait.excess_tolerances(rep)) for trait in self.traits)
        return 2 * unseen < len(self.traits)

    def variant(self, name: str) -> Exercise:
        """Return the variant of this exercise called *name*.

        Raises
        ------
        KeyError
            If the exercise has no such variant.
        """
        chosen = {variant.name: variant for variant in self.variants}[name]
        return replace(
            self,
            slug=f"{self.slug}{VARIANT_MARK}{chosen.name}",
            name=f"{self.name}, {chosen.name}",
            working_side=chosen.working_side or self.working_side,
            rules=tuple(rule for rule in self.rules if rule.id not in chosen.without),
        )


_SLUG = re.compile(rf"[a-z][a-z0-9]*(-[a-z0-9]+)*({VARIANT_MARK}[a-z0-9]+(-[a-z0-9]+)*)?")
_KINDS: dict[str, type] = {
    "name": str,
    "purpose": str,
    "working_side": WorkingSide,
    "posture": Posture,
    "camera": CameraAdvice,
    "starts_at": StartsAt,
}
_NUMBERS = ("smallest_range_deg", "usual_range_deg", "fastest_hip_deg_per_s")
_TUPLES: dict[str, type] = {"traits": Trait, "rules": Rule, "set_rules": SetRule, "variants": Variant}


def _is_positive(value: object) -> bool:
    return isinstance(value, int | float) and 0 < value < math.inf


def _is_tuple_of(value: object, kind: type) -> bool:
    return isinstance(value, tuple) and all(isinstance(one, kind) for one in value)
