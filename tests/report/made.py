"""Results made by hand, for what no clip at hand shows."""

from hipform.analysis.judged_reps import Rep, SetResult
from hipform.exercises import find_exercise
from hipform.exercises.findings import Finding, Status
from hipform.features.rep_timing import RepTiming
from hipform.feedback.set_summary import summarise_set
from hipform.report.result import SCHEMA_VERSION, AnalysisResult, ClipSummary
from hipform.types import Estimate, Side

EXERCISE = "hip-thrust"


def finding(rule, status=Status.OK, value=5.0):
    measured = Estimate(value, 5.0, "deg")
    limit, excess = 10.0, 6.0 if status is Status.FAULT else 0.0
    return Finding(rule=rule, status=status, text=f"text of {rule}", measured=measured, limit=limit, excess=excess)


def unseen(rule):
    return Finding(rule=rule, status=Status.NOT_ASSESSED, text="camera in the wrong place")


def rep(number, *, start_s=0.0, end_s=4.0, lockout_deg=3.0, faults=(), judged=True, lift_s=1.0, hold_s=1.0, **changes):
    """Return a repetition of the hip thrust; *faults* are ids of rules."""
    rules = [rule.id for rule in find_exercise(EXERCISE).rules]
    findings = [
        finding(rule, Status.FAULT if rule in faults else Status.OK) if judged else unseen(rule) for rule in rules
    ]
    begin_s = 0.0 if start_s is None else start_s
    fields = {
        "number": number,
        "partial": False,
        "side": Side.RIGHT,
        "timing": RepTiming(
            start_s=start_s,
            lift_start_s=start_s,
            top_start_s=begin_s + 1,
            top_s=begin_s + 1.5,
            top_end_s=begin_s + 2,
            end_s=end_s,
            lift_s=lift_s,
            hold_s=hold_s,
            lower_s=None if end_s is None else 1.5,
        ),
        "lockout_trunk_thigh_flexion_deg": Estimate(lockout_deg, 5.0, "deg"),
        "bottom_trunk_thigh_flexion_deg": Estimate(80.0, 10.0, "deg"),
        "range_deg": Estimate(80.0 - lockout_deg, 11.0, "deg"),
        "findings": tuple(findings),
    }
    return Rep(**{**fields, **changes})


def result(*sets, name="clip.mp4", **changes):
    """Return a result of sets, each given as its repetitions."""
    found = tuple(
        SetResult(
            number=at,
            exercise=EXERCISE,
            start_s=0.0,
            end_s=60.0,
            side=Side.RIGHT,
            view_off_deg=8.0,
            reps=tuple(rep for rep in reps if not rep.partial),
            partial_reps=tuple(rep for rep in reps if rep.partial),
            findings=(Finding(rule="overload", status=Status.NOT_ASSESSED, text="a trend needs 5"),),
        )
        for at, reps in enumerate(sets, 1)
    )
    fields = {
        "schema_version": SCHEMA_VERSION,
        "hipform_version": "0",
        "clip": ClipSummary(
            name=name, width_px=640, height_px=360, frames=100, frames_with_person=99, start_s=0.0, end_s=60.0
        ),
        "model": "lite",
        "analysed_at": "2026-11-02T18:30:00+01:00",
        "settings": {},
        "sets": found,
        "summaries": tuple(summarise_set(find_exercise(EXERCISE), one) for one in found),
    }
    return AnalysisResult(**{**fields, **changes})
