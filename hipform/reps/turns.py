"""Find movements in one signal, causally: bottom, top, and the moment the lowering is done.

The signal is an angle that falls while the lifter lifts (hip flexion) and rises while the lifter lowers. A turn counts
once the signal has come back from its extreme by a share of the set's own range: hysteresis that noise and wobble do
not cross.
"""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from statistics import median

from hipform.types import Phase

SETTLED_DEG = 2.0
"""A lowering that grows by less than this in `SETTLED_S` has come to rest."""
SETTLED_S = 0.2
PAUSE_S = 1.0
"""A rest on the way up that is longer than this may be where the lift began: the lifter lay down first."""
DONE_RATIO = 0.6
"""Share of the lift that must be lowered again before a mere halt can end the repetition."""
FORGOTTEN_S = 20.0
"""A bottom that lies further back than this, in a long rest, is not the one the lift begins from."""
IN_MOTION_S = 0.1
"""A lift that begins this soon after the first sample began before it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Movement:
    """One movement up, with or without the lowering after it.

    Attributes
    ----------
    bottom_t_s, bottom_deg
        Where the lift began.
    top_t_s, top_deg
        The most extended point.
    end_t_s, end_deg
        Where the lowering came to rest or turned; ``None`` and NaN if that was not seen.
    start_seen
        False when the signal was already falling as it came into view.
    pause
        Time and angle at which the movement went on after its last long rest on the way up; ``None`` if it had none.
    """

    bottom_t_s: float
    bottom_deg: float
    top_t_s: float
    top_deg: float
    end_t_s: float | None = None
    end_deg: float = math.nan
    start_seen: bool = True
    pause: tuple[float, float] | None = None

    def after_pause(self) -> Movement:
        """Return the part after the rest, a movement of its own."""
        assert self.pause is not None
        return replace(self, bottom_t_s=self.pause[0], bottom_deg=self.pause[1], start_seen=True, pause=None)

    @property
    def range_deg(self) -> float:
        """How far the hip travelled up."""
        return self.bottom_deg - self.top_deg


class TurnFinder:
    """Turn samples of a signal into movements, one sample at a time.

    Parameters
    ----------
    turn_ratio
        Share of the typical range that makes a turn.
    smallest_turn_deg
        Least turn, and the only one in force until a movement was accepted by `accept`.
    """

    def __init__(self, turn_ratio: float, smallest_turn_deg: float) -> None:
        self._turn_ratio = turn_ratio
        self._smallest_turn_deg = smallest_turn_deg
        self._ranges_deg: list[float] = []
        self.reset()

    def reset(self) -> None:
        """Forget the movement under way, as after a cut; what is known of the set's range stays."""
        self.phase = Phase.IDLE
        self._first_t_s = math.nan
        self._high = (math.nan, -math.inf)
        self._low = (math.nan, math.inf)
        self._grown = (math.nan, -math.inf)
        self._sunk = (math.nan, math.inf)
        self._rested: tuple[float, float] | None = None
        self._pause: tuple[float, float] | None = None
        self._bottom: tuple[float, float] | None = None

    def accept(self, range_deg: float) -> None:
        """Say that a movement was a repetition, so that its range counts for the set's own range."""
        self._ranges_deg = [*self._ranges_deg[-8:], range_deg]

    @property
    def turn_deg(self) -> float:
        """Turn in force."""
        if not self._ranges_deg:
            return self._smallest_turn_deg
        return max(self._smallest_turn_deg, self._turn_ratio * median(self._ranges_deg))

    @property
    def in_lift(self) -> bool:
        """Whether a lift has begun and its repetition is not over."""
        return self._bottom is not None

    @property
    def bottom_t_s(self) -> float:
        """Time of the bottom the present or next lift starts from; NaN before the first sample."""
        return self._bottom[0] if self._bottom else self._high[0]

    def push(self, t_s: float, value_deg: float) -> Movement | None:
        """Take a sample; return the movement that it ends, if it does."""
        if math.isnan(self._first_t_s):
            self._first_t_s = t_s
        if self._bottom is None:
            self._wait_for_lift(t_s, value_deg)
            return None
        if self.phase in (Phase.LIFT, Phase.TOP):
            self._follow_lift(t_s, value_deg)
            return None
        return self._follow_lowering(t_s, value_deg)

    def finish(self) -> Movement | None:
        """Return the movement that was still under way when the samples ended, if any."""
        if self._bottom is None:
            return None
        movement = self._movement(None)
        self.reset()
        return movement

    def _wait_for_lift(self, t_s: float, value_deg: float) -> None:
        if value_deg >= self._high[1] or t_s - self._high[0] > FORGOTTEN_S:
            self._high = (t_s, value_deg)
        if value_deg < self._high[1] - self.turn_deg:
            self._begin_lift(t_s, value_deg)

    def _begin_lift(self, t_s: float, value_deg: float) -> None:
        self._bottom, self._low, self._sunk = self._high, (t_s, value_deg), (t_s, value_deg)
        self._rested = self._pause = None
        self.phase = Phase.LIFT

    def _follow_lift(self, t_s: float, value_deg: float) -> None:
        if value_deg < self._sunk[1] - SETTLED_DEG:
            if t_s - self._sunk[0] > PAUSE_S:
                self._rested = (t_s, self._low[1])
            self._sunk = (t_s, value_deg)
        if self._rested and value_deg < self._rested[1] - self.turn_deg:
            self._pause, self._rested = self._rested, None
        if value_deg < self._low[1]:
            self._low = (t_s, value_deg)
        self.phase = Phase.TOP if t_s - self._sunk[0] > SETTLED_S else Phase.LIFT
        if value_deg > self._low[1] + self.turn_deg:
            self.phase, self._high, self._grown = Phase.LOWER, (t_s, value_deg), (t_s, value_deg)

    def _follow_lowering(self, t_s: float, value_deg: float) -> Movement | None:
        if value_deg > self._high[1]:
            self._high = (t_s, value_deg)
        if value_deg > self._grown[1] + SETTLED_DEG:
            self._grown = (t_s, value_deg)
        assert self._bottom is not None
        lowered = self._high[1] - self._low[1]
        done = lowered >= DONE_RATIO * (self._bottom[1] - self._low[1])
        if value_deg < self._high[1] - self.turn_deg:
            movement = self._movement(self._high)
            self._begin_lift(t_s, value_deg)
            return movement
        if done and t_s - self._grown[0] > SETTLED_S:
            movement = self._movement(self._high)
            self._bottom, self.phase = None, Phase.BOTTOM
            return movement
        return None

    def _movement(self, end: tuple[float, float] | None) -> Movement:
        assert self._bottom is not None
        return Movement(
            bottom_t_s=self._bottom[0],
            bottom_deg=self._bottom[1],
            top_t_s=self._low[0],
            top_deg=self._low[1],
            end_t_s=end[0] if end else None,
            end_deg=end[1] if end else math.nan,
            start_seen=self._bottom[0] - self._first_t_s > IN_MOTION_S,
            pause=self._pause,
        )
