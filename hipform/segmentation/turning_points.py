"""Find movements in one signal, causally: their start, their turning point, and the end of their return.

The signal is hip flexion. A repetition that starts at the bottom (a bridge) goes to the top and back; one that starts
at the top (a Romanian deadlift) goes to the bottom and back. A turning point counts once the signal has come back from
its extreme by a share of the set's range: a hysteresis that noise and wobble do not exceed.

In every exercise, a repetition is one lift from a bottom to a top. What comes before its bottom or after its top need
not be seen: the first lift of a clip may lack its lowering, and so may the last one.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from enum import Enum
from statistics import median

from hipform.segmentation.phases import Phase

SETTLED_DEG = 2.0
"""A return that progresses by less than this in `SETTLED_S` has come to rest.

Basis: guess, checked on real and rendered clips.
"""
SETTLED_S = 0.2
"""Time over which that progress is measured. Basis: guess, checked on real and rendered clips."""
STUCK_S = 1.0
"""A longer halt ends the return even if it is a sticking point or a short lockout.

Basis: guess, checked on real and rendered clips.
"""
PAUSE_S = 1.0
"""A longer rest on the outward path may be the real start of the movement: the lifter lay down first.

Basis: guess, checked on real and rendered clips.
"""
DONE_RATIO = 0.6
"""Share of the return that must be complete before a halt can end the repetition.

Basis: guess, checked on real and rendered clips.
"""
_NEARLY_UP_RATIO = 0.85
"""Share of the lowering before it after which a lift is practically up.

Basis: guess, checked on real and rendered clips.
"""
_ENDING_RATIO = 0.92
"""Share of the return after which a repetition is practically over.

Basis: guess, checked on real and rendered clips.
"""
_HALTED_S = 0.1
"""A return that has progressed far enough and halts for this long is practically over too.

Basis: guess, checked on real and rendered clips.
"""
_AS_FAR_RATIO = 0.95
"""Share of the set's range after which a lift that the clip cuts off had reached its top.

Basis: guess, checked on real and rendered clips.
"""
FORGOTTEN_S = 20.0
"""A possible start further back than this, during a long rest, is not the start of the movement.

Basis: guess, checked on real and rendered clips.
"""
IN_MOTION_S = 0.1
"""A movement that starts this soon after the first sample had started before it.

Basis: guess, checked on real and rendered clips.
"""

NOISE_TURN = 3.8
"""Smallest reversal of a turning point in mean second differences of the signal.

That is 7.4 standard deviations of noise that is independent from frame to frame, whose second difference is 1.95 of
them on average.

Basis: definition, more than the highest and the lowest of 10 s of such noise differ by.
"""
NOISE_S = 3.0
"""Time over which that mean runs. Basis: guess."""
NOISE_GAP_S = 0.1
"""Samples further apart say nothing about the noise. Basis: definition, sparse frames are filled in more closely."""
NOISE_SPIKE_DEG = 20.0
"""A larger second difference is a jump of the landmarks, and counts as this much. Basis: guess."""


class StartsAt(Enum):
    """The end of the range of motion where a repetition starts; the value multiplies the signal so that it falls first.

    A repetition from the bottom starts with decreasing hip flexion, one from the top with increasing hip flexion.
    """

    BOTTOM = 1
    TOP = -1

    @property
    def done_ratio(self) -> float:
        """Share of the return after which a halt of `SETTLED_S` ends the repetition.

        A lowering may come to rest anywhere; a lift that halts before it is nearly up is at its sticking point.
        """
        return DONE_RATIO if self is StartsAt.BOTTOM else _NEARLY_UP_RATIO


_PHASES = {
    StartsAt.BOTTOM: {},
    StartsAt.TOP: {
        Phase.BOTTOM: Phase.TOP,
        Phase.LIFT: Phase.LOWER,
        Phase.TOP: Phase.BOTTOM,
        Phase.LOWER: Phase.LIFT,
    },
}


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One movement from one end of the range to the other, with or without the return.

    Attributes
    ----------
    starts_at
        The end at which it started.
    start_t_s, start_deg
        Time and angle of its start; those of the turning point if the outward path was not seen.
    turn_t_s, turn_deg
        Time and angle of its turning point, the most extended or the most flexed point.
    end_t_s, end_deg
        Time and angle at which the return came to rest or turned; ``None`` and NaN if that was not seen.
    start_seen
        False if the signal was already moving at the first sample.
    top_seen
        False if the samples ended before the lift was complete.
    pause
        Time and angle at which the movement continued after its last long rest; ``None`` if it had none.
    """

    starts_at: StartsAt
    start_t_s: float
    start_deg: float
    turn_t_s: float
    turn_deg: float
    end_t_s: float | None = None
    end_deg: float = math.nan
    start_seen: bool = True
    top_seen: bool = True
    pause: tuple[float, float] | None = None

    @property
    def outward_seen(self) -> bool:
        """Whether the path to the turning point was seen; False for a lift to the top whose lowering was not seen."""
        return self.start_t_s < self.turn_t_s

    def after_pause(self) -> Movement:
        """Return the part after the rest as a separate movement."""
        assert self.pause is not None
        return replace(self, start_t_s=self.pause[0], start_deg=self.pause[1], start_seen=True, pause=None)


class TurningPointFinder:
    """Find the movements in a signal, one sample at a time.

    Parameters
    ----------
    turn_ratio
        Share of the typical range by which the signal must reverse for a turning point.
    smallest_turn_deg
        Smallest reversal for a turning point; used alone until `accept` was called.
    starts_at
        End of the range at which a repetition starts.
    straight_deg
        Angle of the hip from which on it is straight: a lift that ends there in mid-motion was at its top.

    Notes
    -----
    Internally, the sign of the signal is chosen so that a movement always starts with a fall.
    """

    def __init__(
        self,
        turn_ratio: float,
        smallest_turn_deg: float,
        starts_at: StartsAt = StartsAt.BOTTOM,
        straight_deg: float = -math.inf,
    ) -> None:
        self._starts_at = starts_at
        self._straight_deg = straight_deg
        self._turn_ratio = turn_ratio
        self._smallest_turn_deg = smallest_turn_deg
        self._ranges_deg: list[float] = []
        self.reset()

    def reset(self) -> None:
        """Discard the movement in progress, as after a cut, but keep the ranges of the set."""
        self._leg = Phase.IDLE
        self._first_t_s = self._last_t_s = math.nan
        self._high = (math.nan, -math.inf)
        self._low = (math.nan, math.inf)
        self._is_first = True
        self._lowest = self._low_before_high = (math.nan, math.inf)
        self._came_deg = 0.0
        self._last_values = math.nan, math.nan
        self._jerk_deg, self._jerk_samples = 0.0, 0
        self._grown = (math.nan, -math.inf)
        self._sunk = (math.nan, math.inf)
        self._rested: tuple[float, float] | None = None
        self._pause: tuple[float, float] | None = None
        self._start: tuple[float, float] | None = None

    def accept(self, range_deg: float) -> None:
        """Accept a movement as a repetition, so that its range contributes to that of the set."""
        self._ranges_deg = [*self._ranges_deg[-8:], range_deg]

    @property
    def turn_deg(self) -> float:
        """Reversal that currently makes a turning point, degrees."""
        usual_deg = median(self._ranges_deg) if self._ranges_deg else 0.0
        return max(self._smallest_turn_deg, self._turn_ratio * usual_deg, NOISE_TURN * self._jerk_deg)

    @property
    def phase(self) -> Phase:
        """Where in the repetition the lifter is."""
        return _PHASES[self._starts_at].get(self._leg, self._leg)

    @property
    def under_way(self) -> bool:
        """Whether a movement has begun and its repetition is not over."""
        return self._start is not None

    @property
    def start_t_s(self) -> float:
        """Time of the start of the present or next movement; NaN before the first sample."""
        return self._start[0] if self._start else self._high[0]

    @property
    def ending(self) -> Movement | None:
        """The movement in progress, once it is practically over; it may still continue, and its times are not final."""
        if self._start is None or self._leg is not Phase.LOWER:
            return None
        halted = self._back_share >= self._starts_at.done_ratio and self._last_t_s - self._grown[0] > _HALTED_S
        return self._movement(self._high) if halted or self._back_share >= _ENDING_RATIO else None

    @property
    def gone_there(self) -> Movement | None:
        """The movement in progress without its return, while it halts or returns; ``None`` while it goes on."""
        return self._movement(None) if self._start is not None and self._leg is not Phase.LIFT else None

    def push(self, t_s: float, value_deg: float) -> Movement | None:
        """Add a sample; return the movement that it ends, if any."""
        value_deg *= self._starts_at.value
        self._note_noise(t_s, value_deg)
        self._last_t_s = t_s
        if math.isnan(self._first_t_s):
            self._first_t_s = t_s
        if self._start is None:
            return self._wait(t_s, value_deg)
        if self._leg in (Phase.LIFT, Phase.TOP):
            self._follow_there(t_s, value_deg)
            return None
        return self._follow_back(t_s, value_deg)

    def _note_noise(self, t_s: float, value_deg: float) -> None:
        """Take a sample into the running mean of the signal's second difference, which noise makes large."""
        elapsed_s = t_s - self._last_t_s
        before, at = self._last_values if elapsed_s <= NOISE_GAP_S else (math.nan, math.nan)
        self._last_values = at, value_deg
        if math.isfinite(before):
            self._jerk_samples += 1
            share = max(elapsed_s / NOISE_S, 1.0 / self._jerk_samples)
            self._jerk_deg += share * (min(abs(value_deg - 2.0 * at + before), NOISE_SPIKE_DEG) - self._jerk_deg)

    def finish(self) -> Movement | None:
        """Return the movement that was in progress when the samples ended, if any."""
        if self._start is None:
            has_halted = self._last_t_s - self._grown[0] > SETTLED_S
            return self._first_return(is_up=has_halted or -self._high[1] <= self._straight_deg)
        # A lift to the top is complete when it is nearly there; a lowering whose end was not seen is not.
        is_back = self._leg is Phase.LOWER and -self._high[1] <= self._straight_deg
        is_up = self._back_share >= self._starts_at.done_ratio or is_back
        risen = self._starts_at is StartsAt.TOP and is_up
        movement = self._movement(self._high if risen else None)
        self.reset()
        return movement

    def _wait(self, t_s: float, value_deg: float) -> Movement | None:
        if value_deg <= self._lowest[1]:
            self._lowest = (t_s, value_deg)
        if value_deg >= self._high[1] or t_s - self._high[0] > FORGOTTEN_S:
            self._high, self._low_before_high = (t_s, value_deg), self._lowest
        if value_deg > self._grown[1] + SETTLED_DEG:
            self._grown = (t_s, value_deg)
        turns = value_deg < self._high[1] - self.turn_deg
        found = self._first_return() if turns or t_s - self._grown[0] > STUCK_S else None
        if turns:
            self._begin(t_s, value_deg)
        return found

    def _first_return(self, *, is_up: bool = True) -> Movement | None:
        """Return the lift to the top whose lowering was not seen, if there was one, and only once."""
        low, high = self._low_before_high, self._high
        is_lift = self._starts_at is StartsAt.TOP and self._is_first and high[1] - low[1] > self.turn_deg
        if not is_lift:
            return None
        self._is_first = False
        return self._movement_between(low, low, high if is_up else None)

    def _begin(self, t_s: float, value_deg: float) -> None:
        self._start, self._low, self._sunk = self._high, (t_s, value_deg), (t_s, value_deg)
        self._came_deg = self._high[1] - self._low_before_high[1]
        self._rested = self._pause = None
        self._is_first = False
        self._leg = Phase.LIFT

    def _follow_there(self, t_s: float, value_deg: float) -> None:
        if value_deg < self._sunk[1] - SETTLED_DEG:
            if t_s - self._sunk[0] > PAUSE_S:
                self._rested = (t_s, self._low[1])
            self._sunk = (t_s, value_deg)
        if self._rested and value_deg < self._rested[1] - self.turn_deg:
            self._pause, self._rested = self._rested, None
        if value_deg < self._low[1]:
            self._low = (t_s, value_deg)
        self._leg = Phase.TOP if t_s - self._sunk[0] > SETTLED_S else Phase.LIFT
        if value_deg > self._low[1] + self.turn_deg:
            self._leg, self._high, self._grown = Phase.LOWER, (t_s, value_deg), (t_s, value_deg)

    def _follow_back(self, t_s: float, value_deg: float) -> Movement | None:
        if value_deg > self._high[1]:
            self._high = (t_s, value_deg)
        if value_deg > self._grown[1] + SETTLED_DEG:
            self._grown = (t_s, value_deg)
        share = self._back_share
        rest_s = t_s - self._grown[0]
        settled = share >= self._starts_at.done_ratio and rest_s > SETTLED_S
        stuck = share >= DONE_RATIO and rest_s > STUCK_S
        if value_deg < self._high[1] - self.turn_deg:
            movement = self._movement(self._high)
            self._lowest = self._low_before_high = self._low
            self._begin(t_s, value_deg)
            return movement
        if settled or stuck:
            movement = self._movement(self._high)
            self._lowest = self._low_before_high = self._low
            self._start, self._leg = None, Phase.BOTTOM
            return movement
        return None

    @property
    def _back_share(self) -> float:
        """Share of the outward path that has been returned; 0 before the turning point."""
        assert self._start is not None
        if self._leg is not Phase.LOWER:
            return 0.0
        return (self._high[1] - self._low[1]) / (self._start[1] - self._low[1])

    @property
    def _top_seen(self) -> bool:
        """Whether a lift from the bottom was complete: it halted, turned, straightened the hip, or was nearly done.

        That is as far as earlier lifts went, or most of the way that the clip shows the lifter going down before it.
        """
        if self._leg is not Phase.LIFT or self._low[1] <= self._straight_deg:
            return True
        assert self._start is not None
        went_deg = self._start[1] - self._low[1]
        usual_deg = median(self._ranges_deg) if self._ranges_deg else math.inf
        is_up_again = self._came_deg > self.turn_deg and went_deg >= _NEARLY_UP_RATIO * self._came_deg
        return went_deg >= _AS_FAR_RATIO * usual_deg or is_up_again

    def _movement(self, end: tuple[float, float] | None) -> Movement:
        assert self._start is not None
        return self._movement_between(self._start, self._low, end)

    def _movement_between(
        self, start: tuple[float, float], low: tuple[float, float], end: tuple[float, float] | None
    ) -> Movement:
        """Return the movement between three points (time, angle); the end is ``None`` if it was not seen."""
        sign = self._starts_at.value
        return Movement(
            starts_at=self._starts_at,
            start_t_s=start[0],
            start_deg=sign * start[1],
            turn_t_s=low[0],
            turn_deg=sign * low[1],
            end_t_s=end[0] if end else None,
            end_deg=sign * end[1] if end else math.nan,
            top_seen=self._top_seen if self._starts_at is StartsAt.BOTTOM else end is not None,
            start_seen=start[0] - self._first_t_s > IN_MOTION_S,
            pause=(self._pause[0], sign * self._pause[1]) if self._pause else None,
        )
