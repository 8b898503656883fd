"""The pictures inside a page: as many, and as large, as the page has room for."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass

from hipform.analysis.judged_reps import Rep, SetResult
from hipform.report.result_folder import ResultFolder

Shrink = Callable[[bytes, int], tuple[bytes, int, int] | None]
"""Takes a JPEG and a length in pixels; returns it at most that long, with width and height, ``None`` if it is none."""

BUDGET_BYTES = 1_400_000
"""JPEG bytes of one page: as text a third more, which leaves room for the rest in 3 MB."""
LARGE_PX, MIDDLE_PX = 860, 600
_SMALL_PX = ((24, 460), (60, 400), (140, 340))
"""Longest side of a card's picture by the number of pictures there are, and beyond."""
_SMALLEST_PX = 300


@dataclass(frozen=True, slots=True)
class Picture:
    """A picture inside a page.

    Attributes
    ----------
    source
        The picture itself, as a data address.
    width_px, height_px
        Its size.
    text
        What it shows, for who does not see it.
    """

    source: str
    width_px: int
    height_px: int
    text: str


class Album:
    """Takes pictures of one folder into a page until its room is used up."""

    def __init__(self, folder: ResultFolder, shrink: Shrink, budget_bytes: int = BUDGET_BYTES) -> None:
        self._folder = folder
        self._shrink = shrink
        self._left_bytes = budget_bytes
        self._asked: set[tuple[int, bool, int, str]] = set()
        self._given: set[tuple[int, bool, int, str]] = set()

    @property
    def asked(self) -> int:
        """Number of pictures that lie in the folder and were asked for, each counted once."""
        return len(self._asked)

    @property
    def given(self) -> int:
        """Number of those that the page has room for."""
        return len(self._given)

    def take(self, found: SetResult, rep: Rep, moment: str, longest_px: int, text: str) -> Picture | None:
        """Return the picture of *rep*'s *moment* (top, bottom), if it is there and fits."""
        jpeg = self._folder.picture(found, rep, moment)
        shrunk = self._shrink(jpeg, longest_px) if jpeg else None
        if shrunk is None:
            return None
        data, width_px, height_px = shrunk
        key = found.number, rep.partial, rep.number, moment
        self._asked.add(key)
        if len(data) > self._left_bytes:
            return None
        self._given.add(key)
        self._left_bytes -= len(data)
        return Picture(f"data:image/jpeg;base64,{base64.b64encode(data).decode()}", width_px, height_px, text)


def small_px(pictures: int) -> int:
    """Return the longest side of each of that many small pictures."""
    return next((px for most, px in _SMALL_PX if pictures <= most), _SMALLEST_PX)
