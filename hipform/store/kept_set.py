"""Conversion of a set result to the record that the history stores."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from hipform.analysis.judge import CALIBRATION
from hipform.analysis.judged_reps import Rep, SetResult
from hipform.exercises.findings import LOCKOUT_RULE, Status
from hipform.feedback.history_records import KeptRep, KeptSet, Tally
from hipform.training import DateSource, Training


def kept_set(
    result: SetResult, training: Training, *, clip_sha256: str, clip_name: str, model: str, hipform_version: str
) -> KeptSet:
    """Return the record of *result* for the history.

    Raises
    ------
    ValueError
        If *training* has no athlete or no date.
    """
    athlete, recorded_at, recorded_from = _who_and_when(training)
    calibrated = CALIBRATION in result.refined
    return KeptSet(
        clip_sha256=clip_sha256,
        set_number=result.number,
        clip_name=clip_name,
        athlete=athlete,
        exercise=result.exercise,
        recorded_at=recorded_at,
        recorded_from=recorded_from,
        load=training.load,
        note=training.note,
        model=model,
        hipform_version=hipform_version,
        reps=tuple(_kept_rep(rep, calibrated=calibrated) for rep in (*result.reps, *result.partial_reps)),
        findings=_tallies(result),
    )


def _who_and_when(training: Training) -> tuple[str, datetime, DateSource]:
    if training.athlete is None or training.recorded_at is None or training.recorded_from is None:
        raise ValueError("the history needs an athlete and a date for each set")
    return training.athlete, training.recorded_at, training.recorded_from


def _kept_rep(rep: Rep, *, calibrated: bool) -> KeptRep:
    lockout = rep.finding(LOCKOUT_RULE)
    # Without a measured value, view or landmarks were not good enough for any angle of this repetition. One that is too
    # close to call has a value, and dropping it would bias every median.
    judged = lockout.measured is not None
    # Relative to the first repetitions of its set, the zero differs between sets, so weeks could not be compared.
    lumbar = rep.lumbar_extension_deg if calibrated else None
    return KeptRep(
        number=rep.number,
        partial=rep.partial,
        lockout=lockout.status,
        lockout_trunk_thigh_flexion_deg=rep.lockout_trunk_thigh_flexion_deg if judged else None,
        range_deg=rep.range_deg if judged else None,
        lumbar_extension_deg=lumbar if judged else None,
        tempo=rep.timing.tempo,
        bar_mean_m_per_s=rep.bar_mean_m_per_s,
    )


def _tallies(result: SetResult) -> dict[str, Tally]:
    findings = [finding for rep in result.reps for finding in rep.findings] + list(result.findings)
    counts = Counter((finding.rule, finding.status) for finding in findings)
    return {
        rule: Tally(
            ok=counts[rule, Status.OK],
            fault=counts[rule, Status.FAULT],
            not_assessed=counts[rule, Status.NOT_ASSESSED],
        )
        for rule in dict.fromkeys(finding.rule for finding in findings)
    }
