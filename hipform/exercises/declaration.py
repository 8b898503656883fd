"""What an exercise and a rule are: declarations, read by the analyzer, the cues and the printed pages alike."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from enum import Enum, auto

from hipform.config import Settings
from hipform.exercises.findings import Finding, Severity, Status
from hipform.features.rep_summary import RepSummary
from hipform.kinematics.lumbar_extension import NO_DEPTH_NEUTRAL, NO_NEUTRAL, DepthNeutral, LowBackScale, Neutral
from hipform.kinematics.measures import MEASURES
from hipform.segmentation.turning_points import StartsAt
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
    low_back_top, low_back_deep
        The low back's own neutral at the top, and deep in the movement.
    own_straight_deg
        Trunk-thigh angle that the camera reads when this lifter is fully extended, from a calibration; 0 without one.
    calibrated
        Whether the neutral and the straight line come from a calibration.
    """

    lockout_deg: float = math.nan
    best_range_deg: float = math.nan
    low_back_top: Neutral = NO_NEUTRAL
    low_back_deep: DepthNeutral = NO_DEPTH_NEUTRAL
    own_straight_deg: float = 0.0
    calibrated: bool = False


SURE_RATIO = 1.2816 / 1.96
"""Share of the 95 % half-width by which a value must clear its limit: then the verdict is right in 9 of 10 cases."""


MOST_GUESSED_RATIO = 0.3
"""A top of which more than this share was extrapolated is counted, but none of its angles is judged."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Answer:
    """What the core of a rule measured, once everything it needs was seen.

    Attributes
    ----------
    text
        One plain sentence.
    measured
        The judged quantity with its uncertainty.
    limit
        The limit it is held against, same unit.
    fault_above
        Whether a value above the limit is the fault, or one below it.
    """

    text: str
    measured: Estimate
    limit: float
    fault_above: bool = True

    @property
    def excess(self) -> float:
        """How far past the limit; negative on the good side."""
        past_limit = self.measured.value - self.limit
        return past_limit if self.fault_above else -past_limit

    @property
    def status(self) -> Status:
        """``ok`` or ``fault`` when the value clears the limit by more than chance, else ``not_assessed``."""
        margin = SURE_RATIO * self.measured.u95
        return Status.FAULT if self.excess > margin else Status.OK if self.excess < -margin else Status.NOT_ASSESSED

    def finding(self, rule: str) -> Finding:
        """Return the answer as what *rule* says."""
        status = self.status
        too_close = f"too close to call against the limit of {self.limit:.3g}: {self.text}"
        return Finding(
            rule=rule,
            status=status,
            text=too_close if status is Status.NOT_ASSESSED else self.text,
            measured=self.measured,
            limit=self.limit,
            excess=self.excess if status is Status.FAULT else 0.0,
        )


class View(Enum):
    """What a rule must be able to see."""

    ANGLES = auto()
    TEMPO = auto()
    FRONT = auto()


VIEW_NOT_KNOWN = "the direction of the camera is not known"

Judgement = Callable[[RepSummary, Baseline, Settings], Answer | str]
"""Core of a rule: the answer, or why there is none."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Rule:
    """One fault that is looked for in every repetition.

    Attributes
    ----------
    id
        Stable name; also the section of its settings.
    title, short, reason
        What it is called, what stands over its column in a table, and why it matters, for people.
    severity
        Weight when one fault must be chosen.
    cue
        What to say to the lifter: at most six words, positive.
    went_well
        What to say when it was ok throughout.
    sight
        What the camera must be able to show.
    judge
        Core of the rule; called only when the view, the landmarks and `needs` allow it.
    limits
        Keys of the settings in the rule's section that its verdict depends on, the main one first.
    needs
        Measures that must be known at the top.
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

    def assess(self, rep: RepSummary, baseline: Baseline, settings: Settings, *, hip_may_hide: bool) -> Finding:
        """Judge one repetition; what could not be seen is ``not_assessed`` with the reason, never ``ok``.

        *hip_may_hide* asks for steadier landmarks, as an `Exercise` does whose load may cover the hip.
        """
        obstacle = self._obstacle(rep, settings, hip_may_hide=hip_may_hide)
        answer = obstacle or self.judge(rep, baseline, settings)
        if isinstance(answer, str):
            return Finding(rule=self.id, status=Status.NOT_ASSESSED, text=answer)
        return answer.finding(self.id)

    def _obstacle(self, rep: RepSummary, settings: Settings, *, hip_may_hide: bool) -> str | None:
        off_deg = rep.view_off_deg
        # Times show from any side; what a front view alone would hide of them is not known then either.
        if math.isnan(off_deg) and self.sight is not View.TEMPO:
            return VIEW_NOT_KNOWN
        if self.sight is View.FRONT and off_deg < settings["view.front_deg"]:
            return "shows from the front or from behind only"
        limit_deg = {View.ANGLES: settings["view.angles_deg"], View.TEMPO: settings["view.tempo_deg"]}.get(self.sight)
        if limit_deg is not None and off_deg > limit_deg:
            return f"camera about {off_deg:.0f} degrees off the side view, more than {limit_deg:.0f}"
        if self.sight is View.ANGLES and (unsure := _unsure_angles(rep, settings, hip_may_hide=hip_may_hide)):
            return unsure
        unseen = [MEASURES[name].label for name in self.needs if not math.isfinite(rep.top[name])]
        return f"not seen at the top: {', '.join(unseen)}" if unseen else None


def _unsure_angles(rep: RepSummary, settings: Settings, *, hip_may_hide: bool) -> str | None:
    """Return why no angle of *rep* may be judged; ``None`` if they may."""
    if rep.guessed_ratio > MOST_GUESSED_RATIO:
        return "shoulder, hip or knee is out of the picture at the top"
    steadiness = settings["view.segment_change_loaded_ratio" if hip_may_hide else "view.segment_change_ratio"]
    if not rep.features["segment_change_ratio"] <= steadiness:
        return "the hip point is not steady enough here, as when a plate or loose clothes hide the hip"
    return None


@dataclass(frozen=True, slots=True, kw_only=True)
class SetRule:
    """One fault that only a whole set can show; fields as in `Rule`."""

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
    """Which leg is measured: the near one, the one that stands, the one stretched out, or the one set further ahead."""

    NEAR = auto()
    PLANTED = auto()
    MOVING = auto()
    FRONT = auto()


MAX_PENALTY = 9.0
"""Most that one trait can speak against an exercise: three tolerances; beyond, further away is not more foreign."""
UNSEEN_PENALTY = 0.25
"""What a trait that cannot be seen speaks against it: a little, so that seen ones decide."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Trait:
    """A feature by which an exercise is told from other movements.

    Attributes
    ----------
    of
        The feature of a movement; NaN where it was not seen.
    low, high
        Interval it lies in.
    tolerance
        Distance outside at which it speaks clearly against the exercise.
    rejection_reason
        What a movement is that has it further outside: then it is no repetition of the exercise, whoever says so.
        Empty for a trait that merely tells the exercise from its relatives.
    """

    of: Callable[[RepSummary], float]
    low: float = -math.inf
    high: float = math.inf
    tolerance: float
    rejection_reason: str = ""

    def excess_tolerances(self, rep: RepSummary) -> float:
        """Return how far outside the feature lies, in tolerances: 0 inside, NaN if unseen."""
        value = self.of(rep)
        if math.isnan(value):
            return math.nan
        return max(self.low - value, value - self.high, 0.0) / self.tolerance

    def rejects(self, rep: RepSummary) -> bool:
        """Tell whether this trait alone makes *rep* something else; what was not seen rules nothing out."""
        return bool(self.rejection_reason) and self.excess_tolerances(rep) > 1.0

    def mismatch(self, rep: RepSummary) -> float:
        """Return how much the feature speaks against the exercise, from 0 to `MAX_PENALTY`."""
        if self.rejects(rep):
            return MAX_PENALTY
        excess = self.excess_tolerances(rep)
        return UNSEEN_PENALTY if math.isnan(excess) else min(excess**2, MAX_PENALTY)


@dataclass(frozen=True, slots=True, kw_only=True)
class Figure:
    """A lifter at the top, drawn with characters as seen from the side: ● is the head, ○ the hip, ■ the load.

    Attributes
    ----------
    rows
        Lines of the drawing, the highest first; the last stands on the ground.
    row_m
        Height of a line, metres.
    is_level
        Whether the body lies level: then the view from above shows it from head to feet, otherwise the way it faces.
    """

    rows: tuple[str, ...]
    row_m: float
    is_level: bool


@dataclass(frozen=True, slots=True, kw_only=True)
class Posture:
    """How the lifter is placed, and all that depends on it alone.

    Attributes
    ----------
    name
        The posture in a few words.
    family
        What it is called beside postures that no tracking confuses it with: lying, on all fours, prone, standing.
    may_look_standing
        Whether hips far above the ankles belong to the exercise. Otherwise a lifter who stands still has not taken the
        position yet, and live training waits with the countdown.
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
        The same in words, with what else matters.
    """

    height_m: float
    distance_m: float
    advice: str


VARIANT_MARK = ":"
"""Between an exercise and its variant on the command line and in results."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """A way to do an exercise that changes what is right; asked for as ``exercise:variant``.

    Attributes
    ----------
    name, note
        Word on the command line, and what it changes, in a sentence.
    working_side
        Leg that is measured, if it is another one.
    without
        Ids of rules that do not hold.
    """

    name: str
    note: str
    working_side: WorkingSide | None = None
    without: tuple[str, ...] = ()


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """One exercise: all that hipform knows of it.

    Attributes
    ----------
    slug, name, purpose
        Id on the command line, name for people, and a line of what it is for.
    working_side
        Leg that is measured.
    starts_at
        End of the range that a repetition starts from and comes back to.
    smallest_range_deg
        Least travel of the hip that can be a repetition at all.
    usual_range_deg
        Travel of an ordinary repetition; stands in for the set's own range until there is one.
    fastest_hip_deg_per_s
        Angular speed of the hip that no lifter reaches in this exercise; faster is a landmark that leapt.
    hip_may_hide
        Whether the load may cover the hip, so that its landmark needs closer checking.
    traits
        What tells it from other movements, those that rule a movement out first.
    rules, set_rules
        Faults looked for.
    posture
        How the lifter is placed.
    camera
        How to film it.
    u95_scale
        Factor by which angles are less sure than in other exercises, from rendered lifters.
    feet_stay
        Whether the measured foot stays where it is from bottom to top.
    low_back
        How the outline of the trunk tells of the low back; ``None`` where that was not shown to work.
    variants
        Ways to do it that change what is right.
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
    hip_may_hide: bool = False
    u95_scale: float = 1.0
    feet_stay: bool = True
    low_back: LowBackScale | None = None
    variants: tuple[Variant, ...] = ()

    @property
    def base_slug(self) -> str:
        """Slug of the exercise itself, whatever its variant."""
        return self.slug.split(VARIANT_MARK)[0]

    @property
    def has_sides(self) -> bool:
        """Whether one side works at a time, so that left and right are told apart."""
        return self.working_side is not WorkingSide.NEAR

    @property
    def all_rules(self) -> tuple[Rule | SetRule, ...]:
        """Rules of the repetition, then those of the set."""
        return (*self.rules, *self.set_rules)

    def rule(self, rule_id: str) -> Rule | SetRule:
        """Return the rule of that id.

        Raises
        ------
        KeyError
            If the exercise has no such rule.
        """
        return {rule.id: rule for rule in self.all_rules}[rule_id]

    def refusal(self, rep: RepSummary) -> str | None:
        """Return what makes *rep* something else than this exercise; ``None`` if nothing does."""
        return next((trait.rejection_reason for trait in self.traits if trait.rejects(rep)), None)

    def mismatch(self, rep: RepSummary) -> float:
        """Return how much speaks against *rep* being this exercise; 0 is a perfect fit."""
        small = 0.0 if rep.range.value >= self.smallest_range_deg else MAX_PENALTY
        return small + sum(trait.mismatch(rep) for trait in self.traits)

    def variant(self, name: str) -> Exercise:
        """Return the exercise as the variant of that name.

        Raises
        ------
        KeyError
            If it has no such variant.
        """
        chosen = {variant.name: variant for variant in self.variants}[name]
        return replace(
            self,
            slug=f"{self.slug}{VARIANT_MARK}{chosen.name}",
            name=f"{self.name}, {chosen.name}",
            working_side=chosen.working_side or self.working_side,
            rules=tuple(rule for rule in self.rules if rule.id not in chosen.without),
        )
