"""State of the finished sets at any moment of their clip: set, phase, counts, and the movement in progress."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass
from itertools import zip_longest

from hipform.analysis.judged_reps import RejectedMovement, Rep, SetResult
from hipform.exercises import find_exercise
from hipform.segmentation.phases import Phase
from hipform.segmentation.turning_points import StartsAt

REJECTION_SHOWN_S = 2.5
"""A rejected movement is shown for this long after its end, or until the next repetition starts.

Basis: guess, time to read one line.
"""

_Mark = tuple[float, Phase]
"""The start time of a phase, and the phase."""


@dataclass(frozen=True, slots=True, kw_only=True)
class SetMoment:
    """The state of the finished sets at one moment.

    Attributes
    ----------
    number, exercise
        Set that the moment belongs to, and its exercise.
    phase, phase_s
        Phase of the repetition in progress, and the time since its start, or since the athlete is seen if that is
        later: a clip may begin in mid-lift. Between two repetitions that start at the bottom the phase is bottom,
        otherwise idle.
    rep_count, partial_count
        Repetitions of the set that are over.
    rep
        The repetition in progress, counted or partial; ``None`` between two.
    last_rep
        The last finished repetition, counted or partial; ``None`` before the first of the set.
    rejected
        The rejected movement in progress or just finished.
    """

    number: int
    exercise: str
    phase: Phase
    phase_s: float
    rep_count: int
    partial_count: int
    rep: Rep | None
    last_rep: Rep | None
    rejected: RejectedMovement | None


class SetTimeline:
    """Looks up the state of the finished sets of a clip at any moment.

    Parameters
    ----------
    sets
        All sets of the clip, at least one, in time order.
    """

    def __init__(self, sets: Sequence[SetResult]) -> None:
        self._sets = [_OneSet(found) for found in sets]
        self._starts_s = [found.start_s for found in sets]

    def at(self, t_s: float) -> SetMoment:
        """Return the state at the moment *t_s*."""
        return self._sets[max(0, bisect_right(self._starts_s, t_s) - 1)].at(t_s)


class _OneSet:
    def __init__(self, found: SetResult) -> None:
        self._found = found
        self._reps = sorted((*found.reps, *found.partial_reps), key=lambda rep: rep.timing.seen_start_s)
        self._begins_s = [rep.timing.seen_start_s for rep in self._reps]
        self._marks = _phase_marks(found, self._reps)
        self._mark_times_s = [t_s for t_s, _ in self._marks]

    def at(self, t_s: float) -> SetMoment:
        found = self._found
        begun = self._reps[: bisect_right(self._begins_s, t_s)]
        over = [rep for rep in begun if rep.timing.seen_end_s <= t_s]
        since_s, phase = self._marks[max(0, bisect_right(self._mark_times_s, t_s) - 1)]
        return SetMoment(
            number=found.number,
            exercise=found.exercise,
            phase=phase,
            phase_s=max(0.0, t_s - since_s),
            rep_count=sum(not rep.partial for rep in over),
            partial_count=sum(rep.partial for rep in over),
            rep=begun[-1] if begun and t_s < begun[-1].timing.seen_end_s else None,
            last_rep=max(over, key=lambda rep: rep.timing.seen_end_s, default=None),
            rejected=self._rejected(t_s, begun[-1] if begun else None),
        )

    def _rejected(self, t_s: float, latest: Rep | None) -> RejectedMovement | None:
        """Return the last rejected movement, unless a repetition has started since or it ended too long ago."""
        shown = [
            movement
            for movement in self._found.rejected
            if movement.start_s <= t_s < movement.end_s + REJECTION_SHOWN_S
        ]
        last = max(shown, key=lambda movement: movement.start_s, default=None)
        if last is None or (latest and (t_s < latest.timing.seen_end_s or latest.timing.seen_start_s >= last.start_s)):
            return None
        return last


def _phase_marks(found: SetResult, reps: Sequence[Rep]) -> list[_Mark]:
    """Return the starts of all phases, in time order; a repetition that follows at once ends the previous one early."""
    starts_at = find_exercise(found.exercise).starts_at
    interruptions_s = [gap.start_s for gap in found.gaps] + [movement.start_s for movement in found.rejected]
    marks: list[_Mark] = [(found.start_s, Phase.IDLE)]
    for rep, following in zip_longest(reps, reps[1:]):
        next_s = following.timing.seen_start_s if following else math.inf
        if rep.timing.lift_start_s is None:
            marks.append((max(marks[-1][0], _followed_since_s(found, rep.timing.top_start_s)), Phase.LIFT))
        marks += [mark for mark in _marks_of(rep, starts_at, is_followed=following is not None) if mark[0] < next_s]
        between_s = [start_s for start_s in interruptions_s if rep.timing.seen_end_s <= start_s < next_s]
        if between_s:
            marks.append((min(between_s), Phase.IDLE))
    return marks


def _followed_since_s(found: SetResult, t_s: float) -> float:
    """Return since when the athlete has been followed at *t_s* without a gap or a rejected movement in between."""
    ends_s = [gap.end_s for gap in found.gaps] + [movement.end_s for movement in found.rejected]
    return max([found.start_s, *(end_s for end_s in ends_s if end_s <= t_s)])


def _marks_of(rep: Rep, starts_at: StartsAt, *, is_followed: bool) -> list[_Mark]:
    """Return the starts of the phases of one repetition and of the phase after it, without unseen phases.

    A repetition that starts at the top is followed by idle, not by top, because its hold is over.
    """
    marks: list[_Mark] = []
    if starts_at is StartsAt.TOP and rep.timing.start_s is not None and rep.timing.lower_s is not None:
        marks += [(rep.timing.start_s, Phase.LOWER), (rep.timing.start_s + rep.timing.lower_s, Phase.BOTTOM)]
    if rep.timing.lift_start_s is not None:
        marks.append((rep.timing.lift_start_s, Phase.LIFT))
    marks.append((rep.timing.top_start_s, Phase.TOP))
    if starts_at is StartsAt.TOP:
        return [*marks, (rep.timing.top_end_s, Phase.IDLE)]
    if rep.timing.end_s is None:
        # The clip may end at the top: its last frame shows no lowering yet.
        return [*marks, (math.nextafter(rep.timing.top_end_s, math.inf), Phase.LOWER)]
    marks += [(rep.timing.top_end_s, Phase.LOWER), (rep.timing.end_s, Phase.BOTTOM if is_followed else Phase.IDLE)]
    return marks
