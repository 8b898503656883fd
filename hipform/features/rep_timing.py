"""When a repetition and its parts take place, and its tempo."""

from __future__ import annotations

from dataclasses import dataclass

TEMPO_PARTS = ("lift", "hold", "lower")
"""What the parts of a repetition are called, wherever a tempo is shown."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Tempo:
    """How long the parts of a repetition last.

    Attributes
    ----------
    lift_s, lower_s
        Lift and lowering; ``None`` where the clip did not show it.
    hold_s
        Time within 5 degrees of the top.
    """

    lift_s: float | None
    hold_s: float
    lower_s: float | None

    @property
    def parts(self) -> dict[str, float | None]:
        """The times by `TEMPO_PARTS`, seconds, in their order within a repetition."""
        return dict(zip(TEMPO_PARTS, (self.lift_s, self.hold_s, self.lower_s), strict=True))


@dataclass(frozen=True, slots=True, kw_only=True)
class RepTiming(Tempo):
    """When a repetition and its parts begin and end, in clip time.

    Attributes
    ----------
    start_s, end_s
        Begin and end of the repetition: begin of the lift and end of the lowering, or where it starts at the top, begin
        of the lowering and end of the top. ``None`` where the clip began or ended first.
    lift_start_s
        Begin of the lift, the end of the bottom; ``None`` where the clip began first.
    top_start_s, top_s, top_end_s
        Begin of the top, moment of the most extended hip, end of the top.
    """

    start_s: float | None
    lift_start_s: float | None
    top_start_s: float
    top_s: float
    top_end_s: float
    end_s: float | None

    @property
    def tempo(self) -> Tempo:
        """How long the parts last, without when they were."""
        return Tempo(lift_s=self.lift_s, hold_s=self.hold_s, lower_s=self.lower_s)

    @property
    def seen_start_s(self) -> float:
        """Begin of what the clip shows of it: that of its lift or its top where the clip began later."""
        return next(t_s for t_s in (self.start_s, self.lift_start_s, self.top_start_s) if t_s is not None)

    @property
    def seen_end_s(self) -> float:
        """End of what the clip shows of the repetition: that of its top where the clip ended first."""
        return self.top_end_s if self.end_s is None else self.end_s
