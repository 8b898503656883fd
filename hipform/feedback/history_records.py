"""Sets and repetitions as the history stores them."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from hipform.exercises.findings import Status
from hipform.features.rep_timing import Tempo
from hipform.training import DateSource, Load
from hipform.types import Estimate


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptRep:
    """One repetition as the history stores it.

    Attributes
    ----------
    number, partial
        As in `Rep`.
    tempo
        Durations of its phases.
    lockout
        Verdict of `LOCKOUT_RULE`.
    lockout_trunk_thigh_flexion_deg, range_deg, lumbar_extension_deg
        As in `Rep`; ``None`` if the angles of the repetition may not be judged, or the measure is missing.
    bar_mean_m_per_s
        As in `Rep`.
    """

    number: int
    partial: bool
    lockout: Status
    lockout_trunk_thigh_flexion_deg: Estimate | None
    range_deg: Estimate | None
    lumbar_extension_deg: Estimate | None
    tempo: Tempo
    bar_mean_m_per_s: Estimate | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Tally:
    """How often a rule returned each status in one set."""

    ok: int = 0
    fault: int = 0
    not_assessed: int = 0


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptSet:
    """One set as the history stores it.

    Attributes
    ----------
    clip_sha256, set_number
        Hash of the clip file, and position of the set in it.
    clip_name
        Name of that file.
    athlete, load, note, recorded_at, recorded_from
        As in `Training`.
    exercise
        Slug of the exercise, with its variant.
    model, hipform_version
        Pose model and version of hipform that produced it.
    reps
        Counted and partial repetitions.
    findings
        Tally of each rule over the counted repetitions, or over the set, by rule.
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

    @property
    def short_id(self) -> str:
        """Id of the set for people: the start of the clip's hash, and the number of the set."""
        return f"{self.clip_sha256[:8]}-{self.set_number}"
