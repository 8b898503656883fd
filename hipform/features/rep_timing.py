"""The times of a repetition and its phases, and its tempo."""

from __future__ import annotations

from dataclasses import dataclass

TEMPO_PARTS = ("lift", "hold", "lower")
"""Names of the parts of a repetition wherever a tempo is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tempo:
    """Durations of the parts of a repetition.

    Attributes
    ----------
    lift_s, lower_s
        Duration of lift and lowering; ``None`` if the clip does not show it.
    hold_s
        Time within 5 degrees of the top.
    """

    lift_s: float | None
    hold_s: float
    lower_s: float | None

    @property
    def parts(self) -> dict[str, float | None]:
        """The durations by `TEMPO_PARTS`, seconds, in their order within a repetition."""
        return dict(zip(TEMPO_PARTS, (self.lift_s, self.hold_s, self.lower_s), strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class RepTiming(Tempo):
    """Start and end of a repetition and its parts, in clip time.

    Attributes
    ----------
    start_s, end_s
        Start and end of the repetition: start of the lift and end of the lowering, or, if it starts at the top, start
        of the lowering and end of the top. ``None`` if the clip started later or ended earlier.
    lift_start_s
        Start of the lift, which is the end of the bottom; ``None`` if the clip started later.
    top_start_s, top_s, top_end_s
        Start of the top, moment of the most extended hip, end of the top.
    """

    start_s: float | None
    lift_start_s: float | None
    top_start_s: float
    top_s: float
    top_end_s: float
    end_s: float | None

    @property
    def tempo(self) -> Tempo:
        """The durations of the parts without their times."""
        return Tempo(lift_s=self.lift_s, hold_s=self.hold_s, lower_s=self.lower_s)

    @property
    def seen_start_s(self) -> float:
        """Start of the visible part of the repetition: that of its lift or its top if the clip started later."""
        return next(t_s for t_s in (self.start_s, self.lift_start_s, self.top_start_s) if t_s is not None)

    @property
    def seen_end_s(self) -> float:
        """End of the visible part of the repetition: that of its top if the clip ended earlier."""
        return self.top_end_s if self.end_s is None else self.end_s
