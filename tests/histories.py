"""Sets as the history keeps them, made on the spot."""

import hashlib
from datetime import UTC, datetime, timedelta

from hipform.exercises.findings import Status
from hipform.features.rep_timing import Tempo
from hipform.feedback.history_records import KeptRep, KeptSet, Tally
from hipform.training import DateSource, Load
from hipform.types import Estimate

START = datetime(2026, 9, 7, 18, 30, tzinfo=UTC)
"""A Monday."""


def kept_rep(number=1, *, lockout_deg=4.0, status=Status.OK, range_deg=70.0, lumbar_deg=None, partial=False, u95=5.0):
    """Return one repetition; with *status* ``None`` no angle of it could be judged."""
    return KeptRep(
        number=number,
        partial=partial,
        lockout=status or Status.NOT_ASSESSED,
        lockout_trunk_thigh_flexion_deg=Estimate(lockout_deg, u95, "deg") if status else None,
        range_deg=Estimate(range_deg, 2 * u95, "deg") if status else None,
        lumbar_extension_deg=None if lumbar_deg is None else Estimate(lumbar_deg, 8.0, "deg"),
        tempo=Tempo(lift_s=0.9, hold_s=0.6, lower_s=1.1),
    )


def kept_set(day=0, *, reps=None, name=None, number=1, findings=None, load_kg=None, **changes):
    """Return one set, *day* days after `START`; *findings* are (ok, fault, not assessed) by rule."""
    reps = [kept_rep(count) for count in range(1, 9)] if reps is None else reps
    name = name or f"set_{day}.mp4"
    tallies = {} if findings is None else findings
    facts = {
        "clip_sha256": hashlib.sha256(name.encode()).hexdigest(),
        "set_number": number,
        "clip_name": name,
        "athlete": "Ana",
        "exercise": "hip-thrust",
        "recorded_at": START + timedelta(days=day),
        "recorded_from": DateSource.CLIP,
        "load": None if load_kg is None else Load(kg=load_kg),
        "note": None,
        "model": "heavy",
        "hipform_version": "0.1.0",
        "reps": tuple(reps),
        "findings": {rule: Tally(ok=ok, fault=fault, not_assessed=n) for rule, (ok, fault, n) in tallies.items()},
    }
    return KeptSet(**{**facts, **changes})
