"""A set in words: counts, lockouts, the one thing to change, what went well, what was not judged."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass

from hipform.analysis.judge import CALIBRATION
from hipform.analysis.judged_reps import SetResult
from hipform.config import SETTINGS
from hipform.exercises.common_rules import SHALLOW_RANGE
from hipform.exercises.declaration import Exercise, Rule, SetRule
from hipform.exercises.findings import LOCKOUT_RULE, Finding, Status
from hipform.feedback.camera_check import OFF_SIDE_DEG, move_camera
from hipform.feedback.coach import fault_severity
from hipform.feedback.reasons import reasons_in_words
from hipform.feedback.rep_verdict import LOW_BACK_RULES, is_praised
from hipform.texts import english
from hipform.types import Side

_NO_ANGLES = english("no angle is judged")
_LESS_SURE = english("the low back is not judged, and angles are less certain")
ONLY_CHANGES = english(
    "hip or low back: the outline of the trunk shows only changes from your first repetitions; a calibration is "
    "needed to see an arch that all of them share"
)
"""Shown when the low back was measured relative to the set itself."""
HIP_OR_LOW_BACK = english(
    "hip or low back: this angle cannot separate them, so a hip that stops short looks straight if the low "
    "back makes up for it"
)
"""Shown when the low back was not measured: the verdict must not claim more than its angle can show."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """Summary of a set: sentences for people and the counts behind them.

    Attributes
    ----------
    headline
        Sentence with the repetitions counted, partial and locked out.
    reps, partial_reps, locked_out, lockout_unknown
        Counts; ``lockout_unknown`` counts repetitions whose lockout could not be judged.
    one_thing
        The one thing to change, with its reason; ``None`` if nothing stands out.
    one_thing_rule, one_thing_cue
        Its rule and its cue.
    went_well, not_judged, rejected
        One sentence for each item; `not_judged` includes the reason.
    camera_advice
        How to move the camera if it is off the side view, or how to place it if the view prevented a judgement; else
        ``None``.
    """

    headline: str
    reps: int
    partial_reps: int
    locked_out: int
    lockout_unknown: int
    one_thing: str | None
    one_thing_rule: str | None
    one_thing_cue: str | None
    went_well: tuple[str, ...]
    not_judged: tuple[str, ...]
    rejected: tuple[str, ...]
    camera_advice: str | None

    @property
    def status(self) -> Status:
        """The set in one sign: ``fault`` if there is something to change, ``ok`` if a lockout was judged full."""
        if self.one_thing:
            return Status.FAULT
        return Status.OK if self.locked_out else Status.NOT_ASSESSED


def summarise_set(exercise: Exercise, result: SetResult) -> Summary:
    """Return the summary of *result*."""
    lockouts = [rep.finding(LOCKOUT_RULE).status for rep in result.reps]
    locked, unknown = lockouts.count(Status.OK), lockouts.count(Status.NOT_ASSESSED)
    rule_id = _one_thing(exercise, result)
    rule = exercise.rule(rule_id) if rule_id else None
    not_judged = (*reasons_in_words(exercise, _by_rule(result)), *_low_back_caveat(result))
    return Summary(
        headline=_headline(exercise, result, locked, unknown),
        reps=len(result.reps),
        partial_reps=len(result.partial_reps),
        locked_out=locked,
        lockout_unknown=unknown,
        one_thing=_one_thing_in_words(result, rule) if rule else None,
        one_thing_rule=rule_id,
        one_thing_cue=rule.cue if rule else None,
        went_well=tuple(_went_well(exercise, result)),
        not_judged=not_judged,
        rejected=tuple(
            english(
                "{start:.1f}-{end:.1f} s: {reason}", start=movement.start_s, end=movement.end_s, reason=movement.reason
            )
            for movement in result.rejected
        ),
        camera_advice=_camera_advice(exercise, result),
    )


def _one_thing_in_words(result: SetResult, rule: Rule | SetRule) -> str:
    return english(
        "{title} ({how_often}). {reason}", title=rule.title, how_often=_how_often(result, rule.id), reason=rule.reason
    )


def _camera_advice(exercise: Exercise, result: SetResult) -> str | None:
    """Return what to change about the camera and what is lost until then; ``None`` if it is not the problem."""
    move_deg = result.camera_move_deg
    if move_deg is not None and abs(move_deg) > OFF_SIDE_DEG and result.reps:
        is_lost = abs(move_deg) > SETTINGS["view.angles_deg"].default
        move = move_camera(abs(move_deg), exercise, is_positive=move_deg > 0)
        return english("{move}; until then {lost}.", move=move, lost=_NO_ANGLES if is_lost else _LESS_SURE)
    return exercise.camera.advice if _is_camera_the_problem(result) else None


def _low_back_caveat(result: SetResult) -> tuple[str, ...]:
    """Return what a full lockout does not show about the low back; empty if a calibration shows it."""
    full = [rep for rep in result.reps if rep.finding(LOCKOUT_RULE).status is Status.OK]
    if not full or (CALIBRATION in result.refined and all(rep.lumbar_extension_deg for rep in full)):
        return ()
    return (ONLY_CHANGES if all(rep.lumbar_extension_deg for rep in full) else HIP_OR_LOW_BACK,)


def _headline(exercise: Exercise, result: SetResult, locked: int, unknown: int) -> str:
    count = len(result.reps)
    text = _counted(exercise, result)
    if result.partial_reps:
        text = english("{counted}, plus {partial}", counted=text, partial=n_partial_reps(len(result.partial_reps)))
    if not count:
        return english("{counted}.", counted=text)
    if unknown == count:
        return english("{counted}; lockout could not be judged.", counted=text)
    if unknown:
        return english(
            "{counted}, {n} of {of} locked out, {unknown} could not be judged.",
            counted=text,
            n=locked,
            of=count - unknown,
            unknown=unknown,
        )
    return english("{counted}, {n} of {of} locked out.", counted=text, n=locked, of=count)


def _counted(exercise: Exercise, result: SetResult) -> str:
    """Return the number of repetitions, and of those of each side if there are sides."""
    if not result.reps:
        return english("No repetition counted")
    reps = n_reps(len(result.reps))
    if not exercise.has_sides:
        return english("{reps} counted", reps=reps)
    counts = Counter(rep.side for rep in result.reps)
    sides = {
        side: english("{n} left", n=n) if side is Side.LEFT else english("{n} right", n=n) for side, n in counts.items()
    }
    return english(
        "{reps} counted ({sides})", reps=reps, sides=", ".join(sides[side] for side in Side if side in sides)
    )


def _one_thing(exercise: Exercise, result: SetResult) -> str | None:
    """Return the rule to work on: the most severe, then the most frequent fault, then the furthest past its limit."""
    faults = [f for f in _all_findings(result) if f.status is Status.FAULT]
    often = Counter(fault.rule for fault in faults)
    if not faults:
        return None
    return max(
        faults, key=lambda f: (fault_severity(exercise, f)[0], often[f.rule], fault_severity(exercise, f)[1])
    ).rule


def _went_well(exercise: Exercise, result: SetResult) -> list[str]:
    return [rule.went_well for rule in exercise.all_rules if is_praised(rule.id, result)]


def _is_camera_the_problem(result: SetResult) -> bool:
    """Return whether the camera is the likely problem: no repetition counted, or a rule could measure none of them.

    Rules that compare repetitions are left open by a short set from any camera, and a close call by a value that was
    measured well.
    """
    comparing = {*LOW_BACK_RULES, SHALLOW_RANGE.id}
    seen = ((finding for finding in rep.findings if finding.rule not in comparing) for rep in result.reps)
    rules = zip(*seen, strict=True)
    return not result.reps or any(
        all(f.status is Status.NOT_ASSESSED and not f.has_figure for f in rule) for rule in rules
    )


def _by_rule(result: SetResult) -> dict[str, list[Finding]]:
    by_rule: dict[str, list[Finding]] = {}
    for finding in _all_findings(result):
        by_rule.setdefault(finding.rule, []).append(finding)
    return by_rule


def _all_findings(result: SetResult) -> list[Finding]:
    return [finding for rep in result.reps for finding in rep.findings] + list(result.findings)


def _how_often(result: SetResult, rule_id: str) -> str:
    faults = [f for rep in result.reps for f in rep.findings if f.rule == rule_id and f.status is Status.FAULT]
    return faults_of_reps(len(faults), len(result.reps)) if faults else english("over the set")


def faults_of_reps(n: int, of: int) -> str:
    """Return in how many of the repetitions something was seen."""
    return english("{n} of 1 rep", n=n) if of == 1 else english("{n} of {of} reps", n=n, of=of)


def n_reps(n: int) -> str:
    """Return a number of repetitions."""
    return english("1 rep") if n == 1 else english("{n} reps", n=n)


def n_partial_reps(n: int) -> str:
    """Return a number of partial repetitions."""
    return english("1 partial rep") if n == 1 else english("{n} partial reps", n=n)
