"""How the exercise of a set was determined, in words."""

from __future__ import annotations

from hipform.analysis.judged_reps import SetResult
from hipform.exercises import find_exercise
from hipform.texts import english


def recognised_text(found: SetResult) -> str:
    """Return how sure the recognition was, and what else it may be; empty if the user named the exercise."""
    if found.confidence is None:
        return ""
    sure = english("recognised, {share:.0%} confidence", share=found.confidence)
    if found.alternative is None:
        return sure
    other = find_exercise(found.alternative).name_in_sentence
    return english("{sure}; it may be a {exercise}", sure=sure, exercise=other)
