"""Frame rate of the camera, and whether the pose model keeps up with it."""

from __future__ import annotations

import math
from collections import deque

_RATE_WINDOW_S = 1.0


class Pace:
    """Decides whether the pose model is too slow for this machine.

    The model is too slow if it falls behind in two consecutive windows; another program may cause a single one. The
    larger model is not tried again: it would be too slow again.
    """

    WINDOW_S = 2.0
    MIN_RATIO = 0.9
    MAX_NEEDED_FPS = 25.0
    """More is not needed: a top of a third of a second is seen in eight frames. Browsers rarely send more."""

    def __init__(self) -> None:
        self._window_start: tuple[float, int] | None = None
        self._n_processed = 0
        self._slow_windows = 0

    def push(self, t_s: float, captured: int) -> bool:
        """Take the time of a processed frame and the number captured so far; return whether the model is too slow."""
        if self._window_start is None:
            self._window_start = t_s, captured
        start_s, captured_before = self._window_start
        elapsed_s = t_s - start_s
        if elapsed_s < self.WINDOW_S:
            self._n_processed += 1
            return False
        needed_fps = min((captured - captured_before) / elapsed_s, self.MAX_NEEDED_FPS)
        is_slow = self._n_processed / elapsed_s < self.MIN_RATIO * needed_fps
        self._slow_windows = self._slow_windows + 1 if is_slow else 0
        self._window_start, self._n_processed = (t_s, captured), 1
        return self._slow_windows >= 2


class Rate:
    """Recent frame rate, frames per second."""

    def __init__(self) -> None:
        self._times: deque[float] = deque()

    def push(self, t_s: float) -> float:
        """Take the time of a frame and return the frame rate; NaN until it is known."""
        self._times.append(t_s)
        while t_s - self._times[0] > _RATE_WINDOW_S:
            self._times.popleft()
        elapsed_s = t_s - self._times[0]
        return (len(self._times) - 1) / elapsed_s if elapsed_s > _RATE_WINDOW_S / 2 else math.nan
