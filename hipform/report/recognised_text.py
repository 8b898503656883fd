"""How the exercise of a set was determined, in words."""

from __future__ import annotations

from hipform.analysis.judged_reps import SetResult
from hipform.exercises import find_exercise


def recognised_text(found: SetResult) -> str:
    """Return how sure the recognition was, and what else it may be; empty if the user named the exercise."""
    if found.confidence is None:
        return ""
    sure = f"recognised, {found.confidence:.0%} confidence"
    if found.alternative is None:
        return sure
    other = find_exercise(found.alternative).name_in_sentence
    return f"{sure}; it may be a {other}"
