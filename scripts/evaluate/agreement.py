"""Compare the repetitions of one recording of a clip with those of another."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

from hipform.analysis.judged_reps import Rep
from hipform.exercises.findings import LOCKOUT_RULE, Status

LEFT_OUT = 3
"""Frames that the control omits at the start: a small change of what the pose model sees."""
_SAME_TOP_S = 0.3
"""Tops that are at most this far apart belong to the same repetition."""
_TEMPO = ("lift_s", "hold_s", "lower_s")


def matched(reps: Sequence[Rep], others: Sequence[Rep]) -> Iterator[tuple[Rep, Rep | None]]:
    """Yield each repetition with the one of *others* that has the same top, or ``None``; each is used once."""
    free = list(others)
    for rep in reps:
        near = [other for other in free if _apart_s(rep, other) <= _SAME_TOP_S]
        found = min(near, key=lambda other: abs(other.timing.top_s - rep.timing.top_s), default=None)
        if found:
            free.remove(found)
        yield rep, found


def _apart_s(one: Rep, other: Rep) -> float:
    return max(one.timing.top_start_s, other.timing.top_start_s) - min(one.timing.top_end_s, other.timing.top_end_s)


def compare(every: Sequence[Rep], other: Sequence[Rep]) -> dict[str, int | tuple[float, ...]]:
    """Return the fields of `Agreement` that follow from two lists of repetitions."""
    pairs = list(matched(every, other))
    both = [(rep, found) for rep, found in pairs if found]
    verdicts = [(rep.finding(LOCKOUT_RULE).status, found.finding(LOCKOUT_RULE).status) for rep, found in both]
    differ = [pair for pair in verdicts if pair[0] is not pair[1]]
    times = ((getattr(rep.timing, name), getattr(found.timing, name)) for rep, found in both for name in _TEMPO)
    return {
        "same": len(both) - len(differ),
        "unsure": sum(Status.NOT_ASSESSED in pair for pair in differ),
        "contradicted": sum(Status.NOT_ASSESSED not in pair for pair in differ),
        "missed": len(every) - len(both),
        "extra": len(other) - len(both),
        "changes_deg": tuple(
            found.lockout_trunk_thigh_flexion_deg.value - rep.lockout_trunk_thigh_flexion_deg.value
            for rep, found in both
        ),
        "changes_s": tuple(after - before for before, after in times if before is not None and after is not None),
    }
