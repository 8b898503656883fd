"""Which repetition found is which true one; counting, and the times of what was counted."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from hipform.analysis.judged_reps import Rep
from scripts.evaluate.truth import TrueRep

MOMENTS = ("start_s", "top_start_s", "top_s", "top_end_s", "end_s", "lift_s", "hold_s", "lower_s")
"""Times of a repetition that are compared with the truth: its moments, then its tempo."""


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
    """Give each true repetition the found one whose top lies in it; of several, the one nearest to its top.

    A top that ends a repetition may last beyond it: whoever stands until the next descent still stands at the top.
    """
    free = list(found)
    pairs: list[tuple[TrueRep, Rep | None]] = []
    for rep in true:
        inside = [other for other in free if rep.start_s <= other.timing.top_s <= max(rep.end_s, rep.top_end_s)]
        best = min(inside, key=lambda other: abs(top_error_s(rep, other)), default=None)
        if best is not None:
            free.remove(best)
        pairs.append((rep, best))
    return Matching(tuple(pairs), tuple(free))


def top_error_s(rep: TrueRep, found: Rep) -> float:
    """Return how far a found top lies outside the flat part of the true one; 0 within, positive is late."""
    return found.timing.top_s - min(max(found.timing.top_s, rep.flat_start_s), rep.flat_end_s)


@dataclass(frozen=True, slots=True)
class CountFigures:
    """How well clips were counted.

    Attributes
    ----------
    clips, exact, off_by_one
        How many there are, and how many counts were right and off by one.
    mean_error, worst_error
        Mean and largest distance from the right number; ``None`` without clips.
    """

    clips: int
    exact: int
    off_by_one: int
    mean_error: float | None
    worst_error: int | None


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
        worst_error=max(map(abs, errors), default=None),
    )


@dataclass(frozen=True, slots=True)
class MomentError:
    """How late one of `MOMENTS` of one repetition was found, or how long, seconds."""

    clip: str
    model: str
    moment: str
    error_s: float


def moment_errors(matching: Matching, clip: str, model: str) -> Iterator[MomentError]:
    """Yield found minus true time of every moment that a repetition has in both."""
    for rep, found in matching.pairs:
        if found is None:
            continue
        yield MomentError(clip, model, "top_s", top_error_s(rep, found))
        for moment, true_s in rep.moments.items():
            found_s = getattr(found.timing, moment)
            if found_s is not None:
                yield MomentError(clip, model, moment, found_s - true_s)


@dataclass(frozen=True, slots=True)
class TimeFigures:
    """Errors of one moment over repetitions, seconds; ``None`` where there is none."""

    clips: int
    reps: int
    bias_s: float | None
    mean_s: float | None
    p95_s: float | None


def time_figures(errors: Sequence[MomentError]) -> TimeFigures:
    """Summarise time errors."""
    if not errors:
        return TimeFigures(0, 0, None, None, None)
    errors_s = np.array([error.error_s for error in errors])
    size_s = np.abs(errors_s)
    return TimeFigures(
        clips=len({error.clip for error in errors}),
        reps=len(errors),
        bias_s=float(errors_s.mean()),
        mean_s=float(size_s.mean()),
        p95_s=float(np.percentile(size_s, 95)),
    )
