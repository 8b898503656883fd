"""How fast a camera and this machine are: frames a second, and whether the pose model keeps up."""

from __future__ import annotations

import math
from collections import deque

_RATE_OVER_S = 1.0


class Pace:
    """Decides from what comes and what is done whether the pose model is too slow for this machine.

    It is too slow when it falls short in two windows in a row: a single one may be another program's doing. Nobody goes
    back to the larger model: what was too slow once would be so again.
    """

    WINDOW_S = 2.0
    ENOUGH_RATIO = 0.9
    ENOUGH_FPS = 30.0

    def __init__(self) -> None:
        self._begun: tuple[float, int] | None = None
        self._taken = 0
        self._slow_windows = 0

    def push(self, t_s: float, captured: int) -> bool:
        """Take the time of a frame that is looked at and how many were captured so far; tell whether it is too slow."""
        if self._begun is None:
            self._begun = t_s, captured
        begun_s, before = self._begun
        spent_s = t_s - begun_s
        if spent_s < self.WINDOW_S:
            self._taken += 1
            return False
        needed_fps = min((captured - before) / spent_s, self.ENOUGH_FPS)
        is_slow = self._taken / spent_s < self.ENOUGH_RATIO * needed_fps
        self._slow_windows = self._slow_windows + 1 if is_slow else 0
        self._begun, self._taken = (t_s, captured), 1
        return self._slow_windows >= 2


class Rate:
    """Frames a second of late."""

    def __init__(self) -> None:
        self._times: deque[float] = deque()

    def push(self, t_s: float) -> float:
        """Take the time of a frame; return the rate, NaN until it is known."""
        self._times.append(t_s)
        while t_s - self._times[0] > _RATE_OVER_S:
            self._times.popleft()
        spent_s = t_s - self._times[0]
        return (len(self._times) - 1) / spent_s if spent_s > _RATE_OVER_S / 2 else math.nan
