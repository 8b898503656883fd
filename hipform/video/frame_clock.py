"""Frame times as the clip states them, repaired where they do not increase."""

from __future__ import annotations

from fractions import Fraction

from hipform.texts import english

# Times that do not increase by at least this much are moved forward by it; a jump back by more than a second means that
# the clip's times restart.
_MIN_STEP_S = Fraction(1, 1000)
_RESTART_S = 1
# A longer jump forward is an error of the program that wrote the clip, and mp4 cannot store much more.
LONGEST_GAP_S = 1800
# So is a first frame further than this from zero: transport streams count to 26.5 hours before they restart.
_LATEST_START_S = 100_000
# Shorter missing stretches are not noted: phones skip frames, and sound often lasts longer.
MISSING_S = 1.0
_MAX_GAPS = 20


class FrameClock:
    """Gives each frame its own time and makes the times strictly increase.

    Parameters
    ----------
    time_base
        Unit of the stated times, seconds.
    fps
        Nominal frame rate, for the step where a time is missing.

    Attributes
    ----------
    repaired
        Times that were missing or out of order.
    leaps
        Implausible jumps, which were removed.
    gaps
        Sentences about stretches without frames, for people.
    """

    def __init__(self, time_base: Fraction, fps: float) -> None:
        self._time_base = time_base
        self._frame_ticks = max(1, round(1 / (fps * time_base)))
        self._step_ticks = max(1, round(_MIN_STEP_S / time_base))
        self._restart_ticks = round(_RESTART_S / time_base)
        self._latest_start_ticks = round(_LATEST_START_S / time_base)
        self._longest_gap_ticks = round(LONGEST_GAP_S / time_base)
        self._offset = 0
        self._last: int | None = None
        self.repaired = 0
        self.leaps = 0
        self.gaps: list[str] = []

    @property
    def last_s(self) -> float:
        """Time of the latest frame, seconds; 0 before the first."""
        return float((self._last or 0) * self._time_base)

    def time_s(self, stated: int | None) -> float:
        """Return the time in seconds of the next frame, whose time is *stated* in ticks of the time base."""
        before_s, is_first = self.last_s, self._last is None
        self._last = self._ticks(stated)
        if not is_first and self.last_s - before_s > MISSING_S and len(self.gaps) < _MAX_GAPS:
            self.gaps.append(
                english("There are no frames between {start:.1f} s and {end:.1f} s.", start=before_s, end=self.last_s)
            )
        return self.last_s

    def _ticks(self, stated: int | None) -> int:
        if self._last is None:
            self.repaired += stated is None
            return self._first_ticks(stated or 0)
        if stated is None:
            self.repaired += 1
            return self._last + self._frame_ticks
        ticks = stated + self._offset
        passed = ticks - self._last
        if self._step_ticks <= passed <= self._longest_gap_ticks:
            return ticks
        if -self._restart_ticks <= passed < self._step_ticks:
            self.repaired += 1
            return self._last + self._step_ticks
        self.leaps += ticks > self._last
        self.repaired += ticks < self._last
        self._offset += self._last + self._frame_ticks - ticks
        return self._last + self._frame_ticks

    def _first_ticks(self, stated: int) -> int:
        if abs(stated) <= self._latest_start_ticks:
            return stated
        self.leaps += 1
        self._offset = -stated
        return 0
