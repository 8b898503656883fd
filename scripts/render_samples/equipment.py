"""Sizes of what is lifted."""

from __future__ import annotations

from dataclasses import dataclass

BAR_RADIUS_M = 0.0145
SLEEVE_RADIUS_M = 0.025
BAR_PAD_RADIUS_M = 0.05
SLEEVE_START_M = 0.66
BAR_HALF_LENGTH_M = 1.1


@dataclass(frozen=True)
class Plate:
    """A weight plate."""

    radius_m: float
    thickness_m: float
    colour: str


PLATE_SETS: dict[str, tuple[Plate, ...]] = {
    "none": (),
    "small": (Plate(0.15, 0.04, "#26272a"),),
    "medium": (Plate(0.19, 0.045, "#4a4d52"), Plate(0.12, 0.03, "#26272a")),
    "big": (Plate(0.225, 0.05, "#1f2a55"),),
    "big-red": (Plate(0.225, 0.055, "#7a1f1f"), Plate(0.15, 0.03, "#26272a")),
}
