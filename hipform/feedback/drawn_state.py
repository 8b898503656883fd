"""What is drawn on one frame besides the body: for files from the finished sets, live from what is known so far."""

from __future__ import annotations

import math
from bisect import bisect_right
from collections.abc import Sequence
from dataclasses import dataclass

from hipform.analysis.frame_measures import FrameMeasures
from hipform.analysis.judged_reps import Observation, Rep, SetResult
from hipform.analysis.set_timeline import SetMoment, SetTimeline
from hipform.config import Settings
from hipform.exercises import find_exercise
from hipform.exercises.findings import LOCKOUT_RULE, Status
from hipform.exercises.limb_rules import LEG_TOO_HIGH
from hipform.feedback import voice_lines
from hipform.feedback.cues import Cue, ShownCue
from hipform.segmentation.phases import Phase
from hipform.texts import english

_HIP = "trunk_thigh_flexion_deg"
ARCHING_RULE, ROUNDING_RULE = "lumbar-overextension", "lumbar-rounding"
"""Rules shown at the two ends of the low-back gauge."""
_STRAIGHTEST_DEG = 240.0
"""No hip extends further past straight than this; behind plates, the pose model may place the knee at the chest.

Basis: guess.
"""


@dataclass(frozen=True, slots=True, kw_only=True)
class DrawnState:
    """All that is drawn on one frame besides the body itself.

    Attributes
    ----------
    seen
        Measures, phase and counts.
    angle_deg
        Trunk-thigh angle, degrees, 180 is straight; NaN while the athlete is not tracked or no hip can have the angle.
    is_judged
        Whether this angle may be judged.
    why_not
        Reason why it may not, in short lines; empty if there is none to show.
    is_full
        Whether to show full extension as reached, and not passed by a leg that is too high; live, before the verdict,
        the angle alone decides.
    full_to_deg
        Angle, degrees, past which a leg is too high, so that it is no full extension; infinity where none can be.
    reached_deg
        Straightest angle of the current or just finished repetition, degrees; NaN if none was judged.
    is_short
        Whether `reached_deg` is short of full extension.
    back_faults
        Low-back rules whose limit the gauge may show as exceeded.
    cue, last_rep
        Cue on the banner, and last finished repetition of the set.
    rejection
        Why the current or just finished movement does not count; empty for none.
    """

    seen: Observation
    angle_deg: float
    is_judged: bool
    why_not: tuple[str, ...] = ()
    is_full: bool = False
    full_to_deg: float = math.inf
    reached_deg: float = math.nan
    is_short: bool = False
    back_faults: frozenset[str] = frozenset()
    cue: Cue | None = None
    last_rep: Rep | None = None
    rejection: str = ""


class ResultStates:
    """Drawn states of a file, from its finished sets.

    Parameters
    ----------
    sets, cues
        As in the result.
    settings
        Values in force.
    """

    def __init__(self, sets: Sequence[SetResult], cues: Sequence[ShownCue], settings: Settings) -> None:
        self._timeline = SetTimeline(sets)
        self._cues = cues
        self._cue_starts_s = [cue.start_s for cue in cues]
        self._settings = settings

    def at(self, measures: FrameMeasures) -> DrawnState:
        """Return the drawn state of the frame with these measures."""
        moment = self._timeline.at(measures["t_s"])
        seen = Observation(
            **measures,
            exercise=moment.exercise,
            set_number=moment.number,
            phase=moment.phase,
            phase_s=moment.phase_s,
            rep_count=moment.rep_count,
            partial_count=moment.partial_count,
        )
        reached_deg, status = _lockout(moment, seen.t_s)
        why_not = _why_not_judged(seen, self._settings)
        if not why_not and moment.rep and not moment.rep.angles_judged:
            why_not = (english("angle"), english("not judged"))
        back_rep = moment.rep or moment.last_rep
        return DrawnState(
            seen=seen,
            angle_deg=_angle_deg(seen),
            is_judged=seen.tracked and not why_not,
            why_not=why_not,
            is_full=status is Status.OK and moment.phase is Phase.TOP and not _is_too_high(moment.rep),
            full_to_deg=_full_to_deg(seen.exercise, self._settings),
            reached_deg=reached_deg,
            is_short=status is Status.FAULT,
            back_faults=frozenset(_faults(back_rep) & {ARCHING_RULE, ROUNDING_RULE}) if back_rep else frozenset(),
            cue=self._cue_at(seen.t_s),
            last_rep=moment.last_rep,
            rejection=voice_lines.not_counted(moment.rejected).text if moment.rejected else "",
        )

    def _cue_at(self, t_s: float) -> Cue | None:
        n_started = bisect_right(self._cue_starts_s, t_s)
        shown = self._cues[n_started - 1] if n_started else None
        if shown is None or t_s >= shown.end_s:
            return None
        return Cue(rule=shown.rule, text=shown.text, is_praise=shown.is_praise)


class LiveStates:
    """Drawn states during a live set, from what is known so far.

    Call `at` for every frame, in order: the straightest angle of the current repetition is remembered.

    Parameters
    ----------
    settings
        Values in force.
    """

    def __init__(self, settings: Settings) -> None:
        self._settings = settings
        self._full_from_deg = 180.0 - settings["incomplete-lockout.short_deg"]
        self._best = _BestSoFar()

    def at(self, seen: Observation, cue: Cue | None, last_rep: Rep | None, shot: int = 0) -> DrawnState:
        """Return the drawn state of the frame with this observation, in this *shot* of the recording."""
        angle_deg, why_not = _angle_deg(seen), _why_not_judged(seen, self._settings)
        judged_deg = math.nan if why_not else angle_deg
        best_deg = self._best.update(judged_deg, seen.phase, (shot, seen.exercise, seen.set_number))
        is_over = seen.phase not in (Phase.LIFT, Phase.TOP)
        full_to_deg = _full_to_deg(seen.exercise, self._settings)
        return DrawnState(
            seen=seen,
            angle_deg=angle_deg,
            is_judged=seen.tracked and not why_not,
            why_not=why_not,
            is_full=self._full_from_deg <= judged_deg <= full_to_deg,
            full_to_deg=full_to_deg,
            reached_deg=best_deg,
            is_short=is_over and best_deg < self._full_from_deg,
            back_faults=frozenset((ARCHING_RULE, ROUNDING_RULE)),
            cue=cue,
            last_rep=last_rep,
        )


def _angle_deg(seen: Observation) -> float:
    """Return the trunk-thigh angle, degrees; NaN if it is unknown, or is none that a hip can have."""
    angle_deg = 180.0 - seen.values.get(_HIP, math.nan) if seen.tracked else math.nan
    return angle_deg if angle_deg <= _STRAIGHTEST_DEG else math.nan


def _faults(rep: Rep) -> set[str]:
    return {finding.rule for finding in rep.findings if finding.status is Status.FAULT}


def _is_too_high(rep: Rep | None) -> bool:
    return rep is not None and LEG_TOO_HIGH in _faults(rep)


def _full_to_deg(exercise: str, settings: Settings) -> float:
    """Return the trunk-thigh angle from which a leg is too high, infinity where none can be."""
    rules = [rule for rule in find_exercise(exercise).rules if rule.id == LEG_TOO_HIGH]
    return 180.0 + settings[rules[0].limits[0]] if rules else math.inf


def _lockout(moment: SetMoment, t_s: float) -> tuple[float, Status | None]:
    """Return the judged angle of the current or last repetition, NaN if it was not judged, and the verdict."""
    rep = moment.last_rep if moment.rep is None else moment.rep
    if rep is None or t_s < rep.timing.top_start_s:
        return math.nan, None
    found = rep.finding(LOCKOUT_RULE)
    if found.status is Status.NOT_ASSESSED or found.measured is None:
        return math.nan, found.status
    return 180.0 - found.measured.value, found.status


def _why_not_judged(seen: Observation, settings: Settings) -> tuple[str, ...]:
    if not seen.tracked:
        return ()
    if math.isnan(seen.view_off_deg):
        # The user cannot correct anything before the view is known.
        return (english("estimating"), english("the view"))
    if seen.view_off_deg > settings["view.angles_deg"]:
        return (english("turn camera"), english("side-on"))
    if not seen.assessable:
        return (english("joints out"), english("of frame"))
    return () if math.isfinite(_angle_deg(seen)) else (english("hip"), english("not in view"))


class _BestSoFar:
    """The straightest angle since the current lift started."""

    def __init__(self) -> None:
        self._deg = math.nan
        self._phase = Phase.IDLE
        self._stretch: tuple[int, str, int] | None = None

    def update(self, angle_deg: float, phase: Phase, stretch: tuple[int, str, int]) -> float:
        """Return the straightest angle so far; NaN before the first lift of a *stretch* (shot, exercise and set)."""
        began = phase is Phase.LIFT and self._phase not in (Phase.LIFT, Phase.TOP)
        if began or stretch != self._stretch:
            self._deg = math.nan
        if began or math.isfinite(self._deg) or phase in (Phase.LIFT, Phase.TOP):
            self._deg = max(self._deg, angle_deg) if math.isfinite(self._deg) else angle_deg
        self._phase, self._stretch = phase, stretch
        return self._deg
