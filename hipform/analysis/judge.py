"""What a movement is - a repetition, a partial one, or none and why - and what every rule says of it."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TypedDict

import numpy as np

from hipform.config import Settings
from hipform.exercises.base import SAME_DEPTH_DEG, Baseline, Exercise
from hipform.reps.summary import RepSummary
from hipform.types import Finding, Rep, Uncounted

SET_BASELINE = "set-baseline"
"""Name of the step that judges a set again against the lifter's own range and usual top."""
_TOP_GAP_RATIO = 0.25
"""A movement is partial, not merely shallow, when its top stays this share of the usual range short of it."""
_ELSEWHERE_TRUNKS = 0.25
"""Hips this much higher or lower at the start than the set's, in trunk lengths, are not at the bottom of a rep."""
_OWN_TOP_REPS = 3
"""Repetitions it takes before a lifter has a usual top."""


class WholeSet(TypedDict):
    """The judged part of a `SetResult`."""

    reps: tuple[Rep, ...]
    partial_reps: tuple[Rep, ...]
    uncounted: tuple[Uncounted, ...]
    findings: tuple[Finding, ...]
    refined: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class _Reference:
    """What a full repetition of this lifter is."""

    range_deg: float
    top_deg: float = -math.inf

    def is_partial(self, rep: RepSummary, ratio: float) -> bool:
        """Tell whether *rep* stopped short of the top; one that only came down less is a shallow full one."""
        short_of_top = rep.lockout.value - self.top_deg > _TOP_GAP_RATIO * self.range_deg
        return rep.range.value < ratio * self.range_deg and short_of_top


class Judge:
    """Judge the movements of one set, in time order."""

    def __init__(self, exercise: Exercise, settings: Settings) -> None:
        self._exercise = exercise
        self._settings = settings
        self._candidates: list[RepSummary] = []
        self._uncounted: list[Uncounted] = []
        self.rep_count = 0
        self._early_partials = 0
        self._later_partials = 0

    @property
    def partial_count(self) -> int:
        """Partial repetitions to show; a single one before the first full one is mostly setting up, and waits."""
        return self._later_partials + (self._early_partials if self._early_partials > 1 else 0)

    def movement(self, summary: RepSummary, broken_by: str | None = None) -> Rep | Uncounted:
        """Judge one movement with what is known of the set so far.

        Parameters
        ----------
        summary
            The movement.
        broken_by
            Why it was interrupted before its top was over, if it was.
        """
        reason = broken_by or self.refusal(summary)
        if reason:
            return self._refuse(summary, reason)
        before = self._candidates
        self._candidates = [*before, summary]
        partial = self._reference(before).is_partial(summary, self._settings["reps.partial_ratio"])
        self._later_partials += partial and self.rep_count > 0
        self._early_partials += partial and self.rep_count == 0
        self.rep_count += not partial
        number = self._early_partials + self._later_partials if partial else self.rep_count
        return self._rep(summary, number, _baseline(before), partial=partial)

    def whole_set(self) -> WholeSet:
        """Judge all movements again, each against the whole set."""
        reference = self._reference(self._candidates)
        ratio = self._settings["reps.partial_ratio"]
        full = [rep for rep in self._candidates if not reference.is_partial(rep, ratio)]
        partial = [rep for rep in self._candidates if reference.is_partial(rep, ratio)]
        partial = [rep for rep in partial if not self._is_setting_up(rep, full)]
        baseline = _baseline(full)
        return {
            "reps": tuple(self._rep(rep, number, baseline, partial=False) for number, rep in enumerate(full, 1)),
            "partial_reps": tuple(
                self._rep(rep, number, baseline, partial=True) for number, rep in enumerate(partial, 1)
            ),
            "uncounted": tuple(sorted(self._uncounted, key=lambda movement: movement.start_s)),
            "findings": tuple(rule.assess(full, self._settings) for rule in self._exercise.set_rules),
            "refined": (SET_BASELINE,),
        }

    def refusal(self, summary: RepSummary) -> str | None:
        """Return why *summary* is no repetition at all; ``None`` if it is one."""
        settings = self._settings
        if summary.lift_s is not None and summary.lift_s < settings["reps.lift_min_s"]:
            return f"up in {summary.lift_s:.2f} s: a jump of the tracking, not a lift"
        if summary.range.value < self._exercise.smallest_range_deg:
            return f"the hip moved by {summary.range.value:.0f} degrees only"
        if self._exercise.feet_stay and summary.feet_move_trunks > settings["reps.feet_move_trunks"]:
            return "the foot moved: stepping or setting up"
        if summary.start_s is None and summary.range.value < settings["reps.partial_ratio"] * self._range_so_far():
            return "the clip begins in mid-lift"
        return self._exercise.refusal(summary)

    def _is_setting_up(self, rep: RepSummary, full: Sequence[RepSummary]) -> bool:
        """Refuse a partial movement before or after the full ones that did not begin where they do."""
        if not full or full[0].top_s < rep.top_s < full[-1].top_s:
            return False
        usual_height = float(np.median([other.low["hip_height_ratio"] for other in full]))
        elsewhere = abs(rep.low["hip_height_ratio"] - usual_height) > _ELSEWHERE_TRUNKS
        if elsewhere:
            self._refuse(rep, "began from another position than the set's repetitions: setting up")
        return elsewhere

    def _range_so_far(self) -> float:
        return self._reference(self._candidates).range_deg

    def _refuse(self, summary: RepSummary, reason: str) -> Uncounted:
        start_s = summary.top_start_s if summary.start_s is None else summary.start_s
        return self.refuse(start_s, summary.top_end_s if summary.end_s is None else summary.end_s, reason)

    def refuse(self, start_s: float, end_s: float, reason: str) -> Uncounted:
        """Note a movement that is not counted."""
        self._uncounted.append(Uncounted(start_s=start_s, end_s=end_s, reason=reason))
        return self._uncounted[-1]

    def _reference(self, reps: Sequence[RepSummary]) -> _Reference:
        if not reps:
            return _Reference(self._exercise.usual_range_deg)
        return _Reference(
            float(np.median([rep.range.value for rep in reps])), float(np.median([rep.lockout.value for rep in reps]))
        )

    def _rep(self, summary: RepSummary, number: int, baseline: Baseline, *, partial: bool) -> Rep:
        return Rep(
            number=number,
            partial=partial,
            side=summary.side,
            start_s=summary.start_s,
            top_start_s=summary.top_start_s,
            top_s=summary.top_s,
            top_end_s=summary.top_end_s,
            end_s=summary.end_s,
            lift_s=summary.lift_s,
            hold_s=summary.hold_s,
            lower_s=summary.lower_s,
            lift_start_s=summary.lift_start_s,
            lockout_hip_flexion_deg=summary.lockout,
            bottom_hip_flexion_deg=summary.bottom,
            range_deg=summary.range,
            findings=tuple(
                rule.assess(summary, baseline, self._settings, hip_may_hide=self._exercise.hip_may_hide)
                for rule in self._exercise.rules
            ),
        )


def _baseline(reps: Sequence[RepSummary]) -> Baseline:
    """Return the lifter's own top and range; NaN where there are too few repetitions for one."""
    lockouts = [rep.lockout.value for rep in reps]
    bottom_seen = [rep for rep in reps if rep.lift_s is not None]
    usual_bottom_deg = float(np.median([rep.bottom.value for rep in bottom_seen])) if bottom_seen else math.nan
    # The first lift of a swing or a deadlift often begins elsewhere: with the load taken from the floor.
    first = next((rep for rep in bottom_seen if abs(rep.bottom.value - usual_bottom_deg) <= SAME_DEPTH_DEG), None)
    return Baseline(
        lockout_deg=float(np.median(lockouts)) if len(lockouts) >= _OWN_TOP_REPS else float("nan"),
        best_range_deg=max((rep.range.value for rep in reps), default=float("nan")),
        first_chord_ratio=first.trunk_chord_ratio if first else math.nan,
        first_bottom_deg=first.bottom.value if first else math.nan,
    )
