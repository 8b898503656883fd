"""The result of a rule: status, severity and finding."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from hipform.types import Estimate


class Status(StrEnum):
    """The three possible verdicts of a rule. Something that was not seen is never ``ok``."""

    OK = "ok"
    FAULT = "fault"
    NOT_ASSESSED = "not_assessed"


class Severity(StrEnum):
    """How much a fault matters when there is room for one cue only, mildest first."""

    NOTE = "note"
    MINOR = "minor"
    MAJOR = "major"


ROUGH_LIMITS = 1.5
"""A value whose half-width exceeds this many limits is too rough to be shown as a number. Basis: guess."""
LOCKOUT_RULE = "incomplete-lockout"
"""The rule that every exercise has: whether the hip reached full extension."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Finding:
    """The verdict of one rule on one repetition, or on the whole set.

    Attributes
    ----------
    rule
        Stable id of the rule, as in docs/EXERCISES.
    status
        ``ok``, ``fault`` or ``not_assessed``.
    measured
        The judged value; ``None`` if there was none. It may be set for ``not_assessed``: too close to the limit.
    limit
        The limit that `measured` was compared with, in the same unit.
    excess
        Distance past the limit, 0 for ok; ranks the faults of one rule.
    text
        One plain sentence: what was seen, or why the rule was not assessed.
    """

    rule: str
    status: Status
    text: str
    measured: Estimate | None = None
    limit: float | None = None
    excess: float = 0.0

    @property
    def has_figure(self) -> bool:
        """Whether a value was measured that may be shown, because its interval is not much wider than the limit."""
        return self.measured is not None and self.limit is not None and not is_rough(self.measured, self.limit)


def is_rough(measured: Estimate, limit: float) -> bool:
    """Return whether the interval is much wider than *limit*, so that the value itself must not be shown."""
    return measured.u95 > ROUGH_LIMITS * abs(limit)
