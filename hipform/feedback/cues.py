"""Cues: short instructions for the lifter, and when a video shows them."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """A short, positive instruction for the lifter, at most six words."""

    rule: str
    text: str
    is_praise: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCue:
    """A cue with its times in the clip.

    Attributes
    ----------
    start_s, end_s
        Interval in which it is shown; *end_s* is excluded.
    rule, text, is_praise
        As in `Cue`.
    """

    start_s: float
    end_s: float
    rule: str
    text: str
    is_praise: bool = False
