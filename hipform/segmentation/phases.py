"""The phases of a repetition."""

from __future__ import annotations

from enum import StrEnum


class Phase(StrEnum):
    """Phase of a repetition."""

    IDLE = "idle"
    BOTTOM = "bottom"
    LIFT = "lift"
    TOP = "top"
    LOWER = "lower"
