"""Cues: what is said to the lifter, and when a video shows it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True, kw_only=True)
class Cue:
    """A short instruction for the lifter: at most six words, positive."""

    rule: str
    text: str
    is_praise: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class ShownCue:
    """A cue with its times in the clip.

    Attributes
    ----------
    start_s, end_s
        When it is shown; at *end_s* it is no more.
    rule, text, is_praise
        As in `Cue`.
    """

    start_s: float
    end_s: float
    rule: str
    text: str
    is_praise: bool = False
