"""What an exercise and a rule are: declarations, read by the analyzer, the cues and the printed pages alike."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from enum import Enum, auto

from hipform.config import Settings
from hipform.reps.summary import RepSummary
from hipform.types import Estimate, Finding, Severity, Status


@dataclass(frozen=True, slots=True)
class Baseline:
    """The lifter's own reference within a set.

    Attributes
    ----------
    lockout_deg
        Median trunk-thigh angle at the top of the repetitions so far; NaN before there are three.
    best_range_deg
        Largest range of a repetition so far; NaN before the first.
    """

    lockout_deg: float = math.nan
    best_range_deg: float = math.nan


SURE_RATIO = 1.2816 / 1.96
"""Share of the 95 % half-width by which a value must clear its limit: then the verdict is right in 9 of 10 cases."""


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

    def finding(self, rule: str) -> Finding:
        """Judge: ``ok`` or ``fault`` when the value clears the limit by more than chance, else ``not_assessed``."""
        past_limit = self.measured.value - self.limit
        excess = past_limit if self.fault_above else -past_limit
        margin = SURE_RATIO * self.measured.u95
        status = Status.FAULT if excess > margin else Status.OK if excess < -margin else Status.NOT_ASSESSED
        too_close = f"too close to call against the limit of {self.limit:.3g}: {self.text}"
        return Finding(
            rule=rule,
            status=status,
            text=too_close if status is Status.NOT_ASSESSED else self.text,
            measured=self.measured,
            limit=self.limit,
            excess=excess if status is Status.FAULT else 0.0,
        )


class Sight(Enum):
    """What a rule must be able to see."""

    ANGLES = auto()
    TEMPO = auto()


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
    needs
        Measures that must be known at the top.
    judge
        Core of the rule; called only when the view, the landmarks and `needs` allow it.
    """

    id: str
    title: str
    short: str
    reason: str
    severity: Severity
    cue: str
    went_well: str
    sight: Sight
    judge: Callable[[RepSummary, Baseline, Settings], Answer | str]
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
        limit_deg = settings["view.angles_deg" if self.sight is Sight.ANGLES else "view.tempo_deg"]
        if math.isnan(rep.view_off_deg):
            return "the direction of the camera is not known"
        if rep.view_off_deg > limit_deg:
            return f"camera about {rep.view_off_deg:.0f} degrees off the side view, more than {limit_deg:.0f}"
        steadiness = settings["view.segment_change_loaded_ratio" if hip_may_hide else "view.segment_change_ratio"]
        if self.sight is Sight.ANGLES and not rep.segment_change_ratio <= steadiness:
            return "the hip point is not steady enough here, as when a plate or loose clothes hide the hip"
        unseen = [name for name in self.needs if not math.isfinite(rep.top[name])]
        if unseen:
            return f"not in the picture: {', '.join(unseen)}"
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

    def assess(self, reps: Sequence[RepSummary], settings: Settings) -> Finding:
        """Judge the counted repetitions of a set."""
        answer = self.judge(reps, settings)
        if isinstance(answer, str):
            return Finding(rule=self.id, status=Status.NOT_ASSESSED, text=answer)
        return answer.finding(self.id)


class WorkingSide(Enum):
    """Which leg the angles are measured on."""

    NEAR = auto()
    PLANTED = auto()


@dataclass(frozen=True, slots=True, kw_only=True)
class Gate:
    """A condition without which a movement is not a repetition of the exercise.

    Attributes
    ----------
    passes
        Whether the movement meets it; a value that is not known (NaN) must pass.
    reason
        Why a movement that does not is not counted.
    """

    passes: Callable[[RepSummary], bool]
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Exercise:
    """One exercise: all that hipform knows of it.

    Attributes
    ----------
    slug, name, purpose
        Id on the command line, name for people, and a line of what it is for.
    working_side
        Leg that is measured.
    smallest_range_deg
        Least travel of the hip that can be a repetition at all.
    usual_range_deg
        Travel of an ordinary repetition; stands in for the set's own range until there is one.
    fastest_hip_deg_per_s
        Angular speed of the hip that no lifter reaches in this exercise; faster is a landmark that leapt.
    hip_may_hide
        Whether the load may cover the hip, so that its landmark needs closer checking.
    gates
        Conditions of a repetition, checked in order.
    rules, set_rules
        Faults looked for.
    camera
        How to place the camera.
    """

    slug: str
    name: str
    purpose: str
    working_side: WorkingSide
    smallest_range_deg: float
    usual_range_deg: float
    fastest_hip_deg_per_s: float
    gates: tuple[Gate, ...]
    rules: tuple[Rule, ...]
    set_rules: tuple[SetRule, ...]
    camera: str
    hip_may_hide: bool = False

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
