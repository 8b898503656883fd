"""What may be said about a repetition as a whole: what was not judged is never fine, never best and never praised."""

from __future__ import annotations

from collections.abc import Sequence

from hipform.analysis.judged_reps import Rep, SetResult
from hipform.exercises.attribution import is_arched
from hipform.exercises.common_rules import LUMBAR_OVEREXTENSION
from hipform.exercises.declaration import Exercise, Rule
from hipform.exercises.findings import LOCKOUT_RULE, Finding, Severity, Status
from hipform.exercises.standing_rules import LUMBAR_ROUNDING
from hipform.feedback.coach import fault_severity, worst_fault
from hipform.texts import english

JUDGED_SHARE = 2 / 3
"""A statement about a set needs verdicts on at least this share of its repetitions. Basis: guess."""

LOW_BACK_RULES = frozenset({LUMBAR_OVEREXTENSION.id, LUMBAR_ROUNDING.id})


def key_rules(exercise: Exercise) -> tuple[Rule, ...]:
    """Return the rules without whose verdict a repetition is not called fine: those for major faults."""
    return tuple(rule for rule in exercise.rules if rule.severity is Severity.MAJOR)


def unjudged_key_rules(exercise: Exercise, rep: Rep) -> tuple[Rule, ...]:
    """Return the key rules that were not judged in *rep*, or that the version that judged it did not have."""
    judged = {finding.rule for finding in rep.findings if finding.status is not Status.NOT_ASSESSED}
    return tuple(rule for rule in key_rules(exercise) if rule.id not in judged)


def rep_status(exercise: Exercise, rep: Rep) -> Status:
    """Return ``fault`` if there is any fault, ``ok`` if there is none and all key rules were judged."""
    if any(finding.status is Status.FAULT for finding in rep.findings):
        return Status.FAULT
    return Status.NOT_ASSESSED if unjudged_key_rules(exercise, rep) else Status.OK


def status_text(exercise: Exercise, rep: Rep) -> str:
    """Return `rep_status` in a few words."""
    faults = sum(finding.status is Status.FAULT for finding in rep.findings)
    if faults:
        return english("1 fault") if faults == 1 else english("{n} faults", n=faults)
    unjudged = unjudged_key_rules(exercise, rep)
    if not unjudged:
        return english("no fault seen")
    if any(rule.id == LOCKOUT_RULE for rule in unjudged):
        return english("lockout too close to call") if rep.angles_judged else english("lockout not judged")
    what = english("low back") if any(rule.id in LOW_BACK_RULES for rule in unjudged) else unjudged[0].short
    if any(rule.id == LOCKOUT_RULE for rule in key_rules(exercise)):
        return english("locked out, {what} not judged", what=what)
    return english("{what} not judged", what=what)


def best_and_worst(exercise: Exercise, reps: Sequence[Rep]) -> tuple[Rep, Rep] | None:
    """Return the best and the worst of the repetitions whose angles were judged; ``None`` if nothing can be said.

    The severity and the number of faults decide; among equals, how close the top came to straight. A repetition with an
    unjudged key rule may have the worst fault of all, so it is never the best one; and none with a fault is the best
    while that is open.
    """
    ranked = ranked_reps(exercise, reps)
    best = next((rep for rep in ranked if not unjudged_key_rules(exercise, rep)), None)
    if best is None or ranked[-1] is best or fault_weight(exercise, best) > fault_weight(exercise, ranked[0]):
        return None
    return best, ranked[-1]


def ranked_reps(exercise: Exercise, reps: Sequence[Rep]) -> list[Rep]:
    """Return the repetitions whose angles were judged, those with the fewest faults and the straightest top first."""
    judged = [rep for rep in reps if rep.angles_judged]
    return sorted(judged, key=lambda rep: (*fault_weight(exercise, rep), abs(_lockout_deg(rep))))


def _lockout_deg(rep: Rep) -> float:
    return rep.lockout_trunk_thigh_flexion_deg.value


def fault_weight(exercise: Exercise, rep: Rep) -> tuple[int, int]:
    """Return the weight of the most severe fault, 0 if there is none, and the number of faults."""
    worst = worst_fault(exercise, rep.findings)
    return (fault_severity(exercise, worst)[0] + 1 if worst else 0), sum(f.status is Status.FAULT for f in rep.findings)


def low_back_status(exercise: Exercise, found: SetResult) -> Status:
    """Return ``fault`` if a low-back rule found one, ``ok`` if each was judged fine in most repetitions of the set."""
    rules = [rule.id for rule in exercise.rules if rule.id in LOW_BACK_RULES]
    by_rule = [[f for rep in found.reps for f in rep.findings if f.rule == rule] for rule in rules]
    if any(finding.status is Status.FAULT for findings in by_rule for finding in findings):
        return Status.FAULT
    fine = bool(rules) and all(_mostly_ok(findings, len(found.reps)) for findings in by_rule)
    return Status.OK if fine else Status.NOT_ASSESSED


def _mostly_ok(findings: Sequence[Finding], n_reps: int) -> bool:
    """Return whether a rule was ok in at least `JUDGED_SHARE` of *n_reps* repetitions and found no fault."""
    statuses = [finding.status for finding in findings]
    return Status.FAULT not in statuses and n_reps > 0 and statuses.count(Status.OK) >= JUDGED_SHARE * n_reps


def is_praised(rule: str, found: SetResult) -> bool:
    """Return whether to say that *rule*, of a repetition or of the set, went well.

    "You did not arch" needs more than the absence of a fault: the low back must have been seen, and without an arch.
    """
    of_set = [finding for finding in found.findings if finding.rule == rule]
    if of_set:
        return _mostly_ok(of_set, 1)
    if rule == LUMBAR_OVEREXTENSION.id:
        arches = [rep.lumbar_extension_deg for rep in found.reps if rep.lumbar_extension_deg]
        if len(arches) < JUDGED_SHARE * len(found.reps) or any(is_arched(arch) for arch in arches):
            return False
    return _mostly_ok([f for rep in found.reps for f in rep.findings if f.rule == rule], len(found.reps))
