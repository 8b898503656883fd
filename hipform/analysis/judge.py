"""Judgement of movements: repetition, partial repetition or rejected movement, and the finding of every rule."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import groupby
from typing import TypedDict

import numpy as np

from hipform.analysis.judged_reps import Calibration, RejectedMovement, Rep
from hipform.config import Settings
from hipform.exercises.attribution import (
    ARCH_LIMIT,
    ROUNDING_LIMIT,
    arch_at_top,
    attribution,
    is_worth_showing,
    low_back_share,
)
from hipform.exercises.declaration import Baseline, Exercise, WorkingSide
from hipform.exercises.findings import LOCKOUT_RULE, Finding
from hipform.features.load import LOAD_STAYS_RADII
from hipform.features.rep_summary import RepSummary
from hipform.kinematics.lumbar_extension import (
    NO_DEPTH_NEUTRAL,
    NO_NEUTRAL,
    DepthNeutral,
    Neutral,
    lifter_depth_neutral,
    lifter_neutral,
)
from hipform.kinematics.reading_errors import interval_growth
from hipform.texts import english
from hipform.types import Estimate

SET_BASELINE = "set-baseline"
"""Name of the step that judges a set again with the lifter's range and usual top."""
CALIBRATION = "calibration"
"""Name of the step that judges a set with the lifter's calibration."""
_TOP_GAP_RATIO = 0.25
"""A movement is partial, not just shallow, if its top is short of the usual top by this share of the usual range.

Basis: guess, checked on real and rendered clips.
"""
_ELSEWHERE_TRUNKS = 0.25
"""Hips that start this much higher or lower than those of the set, in trunk lengths, are not at the bottom of a rep.

Basis: guess, checked on real and rendered clips.
"""
_NEAR_TOP_DEG = 8.0
"""Within this angle of the usual top, the low back is measured as at the top. Basis: guess."""
_SAME_VIEW_DEG = 15.0
"""Cameras that differ by more than this in their angle off the side view do not measure the same lockout.

Basis: guess.
"""
_FEET_STAY_TRUNKS = 0.1
"""Feet that stay seem to move by up to this, in trunk lengths.

Basis: tuned on real clips, holds in most bridges and thrusts of a camera that stands still.
"""
_FEET_RATIO = 2.0
"""Feet that move this many times as far as in the other repetitions have been put elsewhere. Basis: guess."""
_OTHER_KNEE_DEG = 15.0
"""Knees that differ by more than this at the top from those of the set are in another position.

Basis: guess, checked on real and rendered clips.
"""
_LEAST_PULSES = 4
"""This number of small movements in a row, between or after full repetitions, are pulses; fewer are shallow lifts.

Basis: guess.
"""
_OWN_TOP_REPS = 3
"""Repetitions needed to determine a lifter's usual top. Basis: guess."""


class WholeSet(TypedDict):
    """The judged part of a `SetResult`."""

    reps: tuple[Rep, ...]
    partial_reps: tuple[Rep, ...]
    rejected: tuple[RejectedMovement, ...]
    findings: tuple[Finding, ...]
    refined: tuple[str, ...]


_FEET_STAY_APART = (WorkingSide.STANCE, WorkingSide.FRONT)
"""What is measured where a foot stands in front, or alone, for more than one repetition."""


@dataclass(frozen=True, slots=True)
class _Reference:
    """Range and top of a full repetition of this lifter.

    Attributes
    ----------
    range_deg, top_deg
        The usual ones.
    leg_returns
        Whether a repetition begins with the leg back under the body: a leg that only dips is still held out.
    """

    range_deg: float
    top_deg: float = -math.inf
    leg_returns: bool = False

    def is_partial(self, rep: RepSummary, ratio: float) -> bool:
        """Return whether *rep* stopped short of the top; one that only started higher is a full but shallow one.

        If `leg_returns`, one that started higher is part of the repetition before it.
        """
        short_of_top = rep.lockout.value - self.top_deg > _TOP_GAP_RATIO * self.range_deg
        return rep.range.value < ratio * self.range_deg and (short_of_top or self.leg_returns)


class Judge:
    """Judge the movements of one set, in time order."""

    def __init__(self, exercise: Exercise, settings: Settings, calibration: Calibration | None = None) -> None:
        self._exercise = exercise
        self._settings = settings
        self._calibration = calibration
        self._candidates: list[RepSummary] = []
        self._uncounted: list[RejectedMovement] = []
        self._known_of, self._known = 0, Baseline()
        self._top_of, self._top_deg = 0, 0.0
        self.rep_count = 0
        self._early_partials = 0
        self._later_partials = 0

    @property
    def partial_count(self) -> int:
        """Partial repetitions to show; a single one before the first full one is usually set-up, and not shown yet."""
        return self._later_partials + (self._early_partials if self._early_partials > 1 else 0)

    def low_back_now(self, values: Mapping[str, float], view_off_deg: float) -> Estimate | None:
        """Return the lumbar extension of one frame relative to the lifter's neutral as known so far.

        Near the usual top it is compared with the neutral there, and deep in a hinge with the neutral at that depth;
        ``None`` elsewhere, and if the outline does not determine it.
        """
        scale = self._exercise.low_back
        if scale is None or not view_off_deg <= self._settings["view.low_back_deg"]:
            return None
        flexion_deg, reading_deg = values["trunk_thigh_flexion_deg"], scale.reading_deg(values)
        growth = interval_growth({"view_off_deg": view_off_deg})
        baseline = self._baseline_now(view_off_deg)
        if flexion_deg <= self._usual_top_deg() + _NEAR_TOP_DEG:
            found, limit = baseline.low_back_top.extension(reading_deg, growth * scale.top_u95_deg), ARCH_LIMIT
        else:
            depth_u95_deg = growth * scale.depth_u95_deg
            found = baseline.low_back_deep.extension_now(flexion_deg, reading_deg, depth_u95_deg)
            limit = ROUNDING_LIMIT
        return found if is_worth_showing(found, self._settings[limit]) else None

    def _baseline_now(self, view_off_deg: float) -> Baseline:
        """Return the lifter's reference so far; the part from the set changes only with a new movement."""
        if self._known_of != len(self._candidates):
            self._known_of, self._known = len(self._candidates), _baseline(self._candidates)
        return _calibrated(self._known, view_off_deg, self._calibration) if self._calibration else self._known

    def _usual_top_deg(self) -> float:
        """Return the usual top so far, 0 before the first one; it changes only with a new movement."""
        if self._top_of != len(self._candidates):
            self._top_of, self._top_deg = len(self._candidates), self._reference(self._candidates).top_deg
        return self._top_deg

    def movement(self, summary: RepSummary, broken_by: str | None = None) -> Rep | RejectedMovement:
        """Judge one movement with the knowledge of the set so far.

        Parameters
        ----------
        summary
            The movement.
        broken_by
            Why it was interrupted before the end of its top, if it was.
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

    def would_count(self, summary: RepSummary) -> bool:
        """Return whether `movement` would count *summary*, given the set so far."""
        partial = self._reference(self._candidates).is_partial(summary, self._settings["reps.partial_ratio"])
        return not partial and self.refusal(summary) is None

    @property
    def full_reps(self) -> list[RepSummary]:
        """The movements so far that are full repetitions, relative to all movements so far."""
        full, _ = self._full_and_partial()
        return [rep for rep in full if not self._is_lying_down(rep, full)]

    def _full_and_partial(self) -> tuple[list[RepSummary], list[RepSummary]]:
        """Return the full and the partial repetitions so far, relative to all movements so far."""
        ratio = self._settings["reps.partial_ratio"]
        is_pulse = _find_pulses([rep.range.value for rep in self._candidates], ratio)
        reference = self._reference([rep for rep, out in zip(self._candidates, is_pulse, strict=True) if not out])
        found: tuple[list[RepSummary], list[RepSummary]] = [], []
        for rep, out in zip(self._candidates, is_pulse, strict=True):
            found[out or reference.is_partial(rep, ratio)].append(rep)
        return found

    def leave_out_from(self, t_s: float) -> None:
        """Leave out the movements that reach their top, or are rejected, from *t_s* on."""
        self._candidates = [rep for rep in self._candidates if rep.timing.top_s < t_s]
        self._uncounted = [movement for movement in self._uncounted if movement.start_s < t_s]

    def whole_set(self) -> WholeSet:
        """Judge all movements again with the baseline of the whole set."""
        full, partial = self._full_and_partial()
        partial = [rep for rep in partial if not self._is_setting_up(rep, full)]
        stays = [not self._is_lying_down(rep, full) for rep in full]
        for rep, stay in zip(full, stays, strict=True):
            if not stay:
                self._refuse(
                    rep,
                    english(
                        "the feet moved and the knees did not stay bent as in the set: taking or leaving the position"
                    ),
                )
        full = [rep for rep, stay in zip(full, stays, strict=True) if stay]
        if self._exercise.working_side in _FEET_STAY_APART:
            full = _with_settled_sides(full)
        baseline = _baseline(full)
        self._known_of, self._known = len(self._candidates), baseline
        # A repetition without another one has no range to be compared with.
        alone = replace(baseline, best_range_deg=math.nan, best_rise_radii=math.nan)
        own = baseline if len(full) > 1 else alone
        return {
            "reps": tuple(self._rep(rep, number, own, partial=False) for number, rep in enumerate(full, 1)),
            "partial_reps": tuple(
                self._rep(rep, number, baseline, partial=True) for number, rep in enumerate(partial, 1)
            ),
            "rejected": tuple(sorted(self._uncounted, key=lambda movement: movement.start_s)),
            "findings": tuple(rule.assess(full, self._settings) for rule in self._exercise.set_rules),
            "refined": (SET_BASELINE, *([CALIBRATION] if self._calibration else [])),
        }

    def refusal(self, summary: RepSummary) -> str | None:
        """Return why *summary* is not a repetition; ``None`` if it is one."""
        settings = self._settings
        if summary.timing.lift_s is not None and summary.timing.lift_s < settings["reps.lift_min_s"]:
            return english("up in {s:.2f} s: a jump of the tracking, not a lift", s=summary.timing.lift_s)
        if summary.range.value < self._exercise.smallest_range_deg:
            return english("the hip moved by {deg:.0f} degrees only", deg=summary.range.value)
        if summary.features["load_rise_radii"] < LOAD_STAYS_RADII:
            return english("the bar stayed where it was")
        if self._exercise.feet_stay and summary.features["feet_move_trunks"] > settings["reps.feet_move_trunks"]:
            return english("the foot moved: stepping or setting up")
        if (
            summary.timing.start_s is None
            and summary.range.value < settings["reps.partial_ratio"] * self._range_so_far()
        ):
            return english("the clip starts mid-lift")
        return self._exercise.refusal(summary)

    def _is_setting_up(self, rep: RepSummary, full: Sequence[RepSummary]) -> bool:
        """Return whether a partial movement before or after the full ones started elsewhere, and reject it if so."""
        if not full or full[0].timing.top_s < rep.timing.top_s < full[-1].timing.top_s:
            return False
        usual_height = float(np.median([other.low["hip_height_ratio"] for other in full]))
        elsewhere = abs(rep.low["hip_height_ratio"] - usual_height) > _ELSEWHERE_TRUNKS
        if elsewhere:
            self._refuse(rep, english("started from a different position than the set's repetitions: setting up"))
        return elsewhere

    def _is_lying_down(self, rep: RepSummary, full: Sequence[RepSummary]) -> bool:
        """Return whether the first or last full movement is one of taking or leaving the position.

        The hip extends when the legs are stretched out on the floor, but then the feet move and the knees straighten.
        """
        others = [other for other in full if other is not rep]
        if not (self._exercise.feet_stay and len(others) > 1 and (rep is full[0] or rep is full[-1])):
            return False
        feet_trunks, usual_trunks = (_most_moved_trunks(reps) for reps in ([rep], others))
        least_trunks = max(_FEET_RATIO * usual_trunks, _FEET_RATIO * _FEET_STAY_TRUNKS)
        knee_deg = rep.top["knee_flexion_deg"] - float(np.median([one.top["knee_flexion_deg"] for one in others]))
        return feet_trunks > least_trunks and abs(knee_deg) > _OTHER_KNEE_DEG

    def _range_so_far(self) -> float:
        return self._reference(self._candidates).range_deg

    def _refuse(self, summary: RepSummary, reason: str) -> RejectedMovement:
        return self.refuse(summary.timing.seen_start_s, summary.timing.seen_end_s, reason)

    def refuse(self, start_s: float, end_s: float, reason: str) -> RejectedMovement:
        """Record a movement that is not counted."""
        self._uncounted.append(RejectedMovement(start_s=start_s, end_s=end_s, reason=reason))
        return self._uncounted[-1]

    def _reference(self, reps: Sequence[RepSummary]) -> _Reference:
        if not reps:
            return _Reference(self._exercise.usual_range_deg)
        return _Reference(
            float(np.median([rep.range.value for rep in reps])),
            float(np.median([rep.lockout.value for rep in reps])),
            leg_returns=self._exercise.working_side is WorkingSide.MOVING,
        )

    def _rep(self, summary: RepSummary, number: int, own: Baseline, *, partial: bool) -> Rep:
        baseline = _calibrated(own, summary.view_off_deg, self._calibration) if self._calibration else own
        findings = {rule.id: rule.assess(summary, baseline, self._settings) for rule in self._exercise.rules}
        arch = arch_at_top(summary, baseline, self._settings)
        shown = arch if arch and is_worth_showing(arch, self._settings[ARCH_LIMIT]) else None
        return Rep(
            number=number,
            partial=partial,
            side=summary.side,
            timing=summary.timing,
            lockout_trunk_thigh_flexion_deg=summary.lockout,
            bottom_trunk_thigh_flexion_deg=summary.bottom,
            range_deg=summary.range,
            lumbar_extension_deg=shown,
            low_back_share_ratio=low_back_share(shown) if shown else None,
            attribution=attribution(findings[LOCKOUT_RULE], summary, baseline, arch, self._settings),
            bar_mean_m_per_s=_bar_speed(summary, "bar_mean_m_per_s"),
            bar_peak_m_per_s=_bar_speed(summary, "bar_peak_m_per_s"),
            findings=tuple(findings.values()),
        )


def _with_settled_sides(reps: Sequence[RepSummary]) -> list[RepSummary]:
    """Return the repetitions of a set whose working leg is that of both neighbours where these agree.

    Nobody changes the feet for one repetition and back again: it is the landmarks that took one leg for the other.
    """
    settled = list(reps)
    for at in range(1, len(reps) - 1):
        if settled[at - 1].side is reps[at + 1].side:
            settled[at] = replace(reps[at], side=reps[at + 1].side)
    return settled


def _find_pulses(ranges_deg: Sequence[float], ratio: float) -> list[bool]:
    """Return which movements of a set are pulses: several in a row, each far smaller than the full repetitions.

    The second largest range stands for the full ones, so that one movement of setting up is not enough.
    """
    if len(ranges_deg) < _LEAST_PULSES + 2:
        return [False] * len(ranges_deg)
    least_deg = ratio * sorted(ranges_deg)[-2]
    found: list[bool] = []
    for is_small, run in groupby(range_deg < least_deg for range_deg in ranges_deg):
        length = len(list(run))
        found += [is_small and length >= _LEAST_PULSES] * length
    return found


def _most_moved_trunks(reps: Sequence[RepSummary]) -> float:
    """Return how far the feet moved in the repetition in which they moved most; NaN if they were not always seen."""
    return float(np.max([rep.features["feet_move_trunks"] for rep in reps]))


def _bar_speed(summary: RepSummary, name: str) -> Estimate | None:
    speed_m_per_s = summary.features[name]
    if not math.isfinite(speed_m_per_s):
        return None
    return Estimate(speed_m_per_s, summary.features["bar_speed_u95_ratio"] * speed_m_per_s, "m_per_s")


def _baseline(reps: Sequence[RepSummary]) -> Baseline:
    """Return the lifter's top, range and neutral; NaN where there are too few repetitions."""
    lockouts = [rep.lockout.value for rep in reps]
    tops_s = [rep.timing.top_s for rep in reps]
    rises = [rep.features["load_rise_radii"] for rep in reps]
    return Baseline(
        lockout_deg=float(np.median(lockouts)) if len(lockouts) >= _OWN_TOP_REPS else math.nan,
        best_range_deg=max((rep.range.value for rep in reps), default=math.nan),
        best_rise_radii=max((rise for rise in rises if math.isfinite(rise)), default=math.nan),
        low_back_top=lifter_neutral([rep.low_back_top_deg for rep in reps], tops_s),
        low_back_deep=lifter_depth_neutral([rep.low_back_levels_deg for rep in reps], tops_s),
    )


def _calibrated(own: Baseline, view_off_deg: float, calibration: Calibration) -> Baseline:
    """Return *own* with the values from the calibration; unchanged if the camera angles differ too much."""
    if not abs(view_off_deg - calibration.view_off_deg) <= _SAME_VIEW_DEG:
        return own
    top, levels = calibration.low_back_top_deg, calibration.low_back_levels_deg
    return replace(
        own,
        own_straight_deg=calibration.lockout_trunk_thigh_flexion_deg,
        low_back_top=NO_NEUTRAL if top is None else Neutral(top, calibration.low_back_top_scatter_deg),
        low_back_deep=DepthNeutral(np.array(levels, dtype=np.float64), calibration.low_back_levels_scatter_deg)
        if levels
        else NO_DEPTH_NEUTRAL,
        calibrated=True,
    )
