"""What of a set is worth keeping."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from hipform.analysis.judge import CALIBRATION
from hipform.analysis.judged_reps import Rep, SetResult
from hipform.exercises.findings import LOCKOUT_RULE, Status
from hipform.feedback.history_records import KeptRep, KeptSet, Tally
from hipform.training import DateSource, Training


def kept_set(
    found: SetResult, training: Training, *, clip_sha256: str, clip_name: str, model: str, hipform_version: str
) -> KeptSet:
    """Return what the history keeps of *found*.

    Raises
    ------
    ValueError
        If *training* names no athlete or has no date: then it cannot be put in its place.
    """
    athlete, recorded_at, recorded_from = _who_and_when(training)
    calibrated = CALIBRATION in found.refined
    return KeptSet(
        clip_sha256=clip_sha256,
        set_number=found.number,
        clip_name=clip_name,
        athlete=athlete,
        exercise=found.exercise,
        recorded_at=recorded_at,
        recorded_from=recorded_from,
        load=training.load,
        note=training.note,
        model=model,
        hipform_version=hipform_version,
        reps=tuple(_kept_rep(rep, calibrated=calibrated) for rep in (*found.reps, *found.partial_reps)),
        findings=_tallies(found),
    )


def _who_and_when(training: Training) -> tuple[str, datetime, DateSource]:
    if training.athlete is None or training.recorded_at is None or training.recorded_from is None:
        raise ValueError("a set of nobody, or without a date, cannot be kept")
    return training.athlete, training.recorded_at, training.recorded_from


def _kept_rep(rep: Rep, *, calibrated: bool) -> KeptRep:
    lockout = rep.finding(LOCKOUT_RULE)
    # Without a measured value the view or the landmarks were not good enough for any angle of this repetition; one that
    # is too close to call has its value, and leaving it out would bias every median.
    judged = lockout.measured is not None
    # Against the set's own first repetitions it has another zero in every set: the weeks could not be compared by it.
    lumbar = rep.lumbar_extension_deg if calibrated else None
    return KeptRep(
        number=rep.number,
        partial=rep.partial,
        lockout=lockout.status,
        lockout_trunk_thigh_flexion_deg=rep.lockout_trunk_thigh_flexion_deg if judged else None,
        range_deg=rep.range_deg if judged else None,
        lumbar_extension_deg=lumbar if judged else None,
        tempo=rep.timing.tempo,
    )


def _tallies(found: SetResult) -> dict[str, Tally]:
    findings = [finding for rep in found.reps for finding in rep.findings] + list(found.findings)
    counts = Counter((finding.rule, finding.status) for finding in findings)
    return {
        rule: Tally(
            ok=counts[rule, Status.OK],
            fault=counts[rule, Status.FAULT],
            not_assessed=counts[rule, Status.NOT_ASSESSED],
        )
        for rule in dict.fromkeys(finding.rule for finding in findings)
    }
