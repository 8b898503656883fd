"""The images embedded in a page, in number and size limited by a budget."""

from __future__ import annotations

import base64
from collections.abc import Callable
from dataclasses import dataclass

from hipform.analysis.judged_reps import Rep, SetResult
from hipform.report.result_folder import ResultFolder

Shrink = Callable[[bytes, int], tuple[bytes, int, int] | None]
"""Shrinks a JPEG to a maximum side in pixels; returns it with width and height, or ``None`` if it is not a JPEG."""

BUDGET_BYTES = 1_400_000
"""Budget of JPEG bytes for one page: a third more as base64, which leaves room for the rest within 3 MB."""
LARGE_PX, MIDDLE_PX = 860, 600
_SMALL_PX = ((24, 460), (60, 400), (140, 340))
"""Longest side of a card's image by the number of images, and the longest side beyond."""
_SMALLEST_PX = 300


@dataclass(frozen=True, slots=True)
class Picture:
    """An image embedded in a page.

    Attributes
    ----------
    source
        The image as a data URL.
    width_px, height_px
        Its size.
    text
        Alternative text for people who cannot see the image.
    """

    source: str
    width_px: int
    height_px: int
    text: str


class Album:
    """Embeds images of one folder in a page until its budget is used up."""

    def __init__(self, folder: ResultFolder, shrink: Shrink, budget_bytes: int = BUDGET_BYTES) -> None:
        self._folder = folder
        self._shrink = shrink
        self._left_bytes = budget_bytes
        self._asked: set[tuple[int, bool, int, str]] = set()
        self._given: set[tuple[int, bool, int, str]] = set()

    @property
    def asked(self) -> int:
        """Number of different images that were requested and exist in the folder."""
        return len(self._asked)

    @property
    def given(self) -> int:
        """Number of those that fitted in the budget."""
        return len(self._given)

    def take(self, found: SetResult, rep: Rep, moment: str, longest_px: int, text: str) -> Picture | None:
        """Return the image of *rep*'s *moment* (top, bottom); ``None`` if it is missing or does not fit."""
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
    """Return the longest side of each small image, given their number."""
    return next((px for most, px in _SMALL_PX if pictures <= most), _SMALLEST_PX)
