"""What a rule says: a status, a severity, a finding."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hipform.types import Estimate


class Status(StrEnum):
    """The three answers of a rule. What was not seen is never ``ok``."""

    OK = "ok"
    FAULT = "fault"
    NOT_ASSESSED = "not_assessed"


class Severity(StrEnum):
    """How much a fault matters when there is room for one cue only, mildest first."""

    NOTE = "note"
    MINOR = "minor"
    MAJOR = "major"


LOCKOUT_RULE = "incomplete-lockout"
"""The rule every exercise has: whether the hip came to full extension."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """What one rule says of one repetition, or of the whole set.

    Attributes
    ----------
    rule
        Stable id of the rule, as in docs/EXERCISES.
    status
        ``ok``, ``fault`` or ``not_assessed``.
    measured
        The judged value; ``None`` when there was none to judge. A value too close to its limit is not assessed either.
    limit
        The limit it was held against, same unit as `measured`.
    excess
        How far past the limit, 0 for ok; ranks the faults of one rule.
    text
        One plain sentence: what was seen, or why nothing can be said.
    """

    rule: str
    status: Status
    text: str
    measured: Estimate | None = None
    limit: float | None = None
    excess: float = 0.0
