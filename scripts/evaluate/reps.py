"""Which repetition found is which true one; counting, and the times of what was counted."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hipform.types import Rep
from scripts.evaluate.truth import TrueRep

MOMENTS = ("start_s", "top_start_s", "top_s", "top_end_s", "end_s", "lift_s", "hold_s", "lower_s")
"""Times of a repetition that are held against the truth: its moments, then its tempo."""


@dataclass(frozen=True, slots=True)
class Matching:
    """True repetitions with what was found of each, and what was counted besides.

    Attributes
    ----------
    pairs
        Every true repetition with the one found for it, or ``None``.
    extra
        Counted repetitions without a true one.
    """

    pairs: tuple[tuple[TrueRep, Rep | None], ...]
    extra: tuple[Rep, ...]


def match_reps(true: Sequence[TrueRep], found: Sequence[Rep]) -> Matching:
    """Give each true repetition the found one whose top lies in it; of several, the one nearest to its top."""
    free = list(found)
    pairs: list[tuple[TrueRep, Rep | None]] = []
    for rep in true:
        inside = [other for other in free if rep.start_s <= other.top_s <= rep.end_s]
        best = min(inside, key=lambda other: abs(top_error_s(rep, other)), default=None)
        if best is not None:
            free.remove(best)
        pairs.append((rep, best))
    return Matching(tuple(pairs), tuple(free))


def top_error_s(rep: TrueRep, found: Rep) -> float:
    """Return how far a found top lies outside the flat part of the true one; 0 within, positive is late."""
    return found.top_s - min(max(found.top_s, rep.flat_start_s), rep.flat_end_s)


@dataclass(frozen=True, slots=True)
class CountFigures:
    """How well clips were counted: clips, exact ones, those off by one, and the mean distance from the right number."""

    clips: int
    exact: int
    off_by_one: int
    mean_error: float | None


def count_error(counted: int, right: range) -> int:
    """Return how many repetitions a count is away from the nearest right number; positive is too many."""
    return counted - min(max(counted, right[0]), right[-1])


def count_figures(errors: Sequence[int]) -> CountFigures:
    """Summarise the counting errors of clips."""
    return CountFigures(
        clips=len(errors),
        exact=sum(error == 0 for error in errors),
        off_by_one=sum(abs(error) == 1 for error in errors),
        mean_error=sum(map(abs, errors)) / len(errors) if errors else None,
    )


@dataclass(frozen=True, slots=True)
class TimeFigures:
    """Errors of one moment over repetitions, seconds; ``None`` where there is none."""

    reps: int
    bias_s: float | None
    mean_s: float | None
    p95_s: float | None


def moment_errors_s(matching: Matching, moment: str) -> list[float]:
    """Return found minus true time of one of `MOMENTS`, for every repetition that has both."""
    found = [(rep, found) for rep, found in matching.pairs if found is not None]
    if moment == "top_s":
        return [top_error_s(rep, other) for rep, other in found]
    times = [(getattr(rep, moment), getattr(other, moment)) for rep, other in found]
    return [found_s - true_s for true_s, found_s in times if found_s is not None]


def time_figures(errors_s: Sequence[float]) -> TimeFigures:
    """Summarise time errors."""
    if not errors_s:
        return TimeFigures(0, None, None, None)
    size_s = np.abs(errors_s)
    return TimeFigures(
        reps=len(errors_s),
        bias_s=float(np.mean(errors_s)),
        mean_s=float(size_s.mean()),
        p95_s=float(np.percentile(size_s, 95)),
    )
