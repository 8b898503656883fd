"""The lockout gauge: how straight the hip is now and was in this repetition, and where full extension starts."""

from __future__ import annotations

import math
from dataclasses import dataclass

from hipform.render import canvas, theme
from hipform.render.canvas import Box, Point
from hipform.render.theme import Sizes
from hipform.texts import ENGLISH, Texts
from hipform.types import Image

# The bar shows the part of the range in which lockout is decided; a deep bottom position just empties it.
_EMPTY_DEG = 90.0
_END_DEG = 195.0
_STRAIGHT_DEG = 180.0


@dataclass(frozen=True, slots=True)
class Reading:
    """Values shown on the gauge, as trunk-thigh angles (180 is straight).

    Attributes
    ----------
    now_deg, u95_deg
        Current angle and the half-width of its 95 % interval; NaN if unknown.
    reached_deg
        Straightest angle of the current or just finished repetition; NaN if none.
    is_full
        Whether full extension is shown as reached.
    is_short
        Whether `reached_deg` is shown as short of full extension.
    full_to_deg
        Angle at which the range shown as full ends; infinity for the end of the gauge.
    """

    now_deg: float
    u95_deg: float
    reached_deg: float
    is_full: bool
    is_short: bool
    full_to_deg: float = math.inf


class Gauge:
    """A bar that fills as the hip extends.

    Parameters
    ----------
    sizes
        Sizes for the image drawn on.
    full_from_deg
        Trunk-thigh angle from which the hip counts as fully extended, degrees.
    box
        Panel of the gauge; the bar is vertical if the panel is higher than wide.
    texts
        The texts in the language of the drawing.
    """

    def __init__(self, sizes: Sizes, full_from_deg: float, box: Box, texts: Texts = ENGLISH) -> None:
        self._texts = texts
        self._sizes = sizes
        self._full_from_deg = full_from_deg
        self._upright = box.height > box.width
        self.box = box
        self._start, self._end, self._low, self._high = self._bar()

    def _bar(self) -> tuple[int, int, int, int]:
        """Return start and end along the bar and its two edges across; along grows with the angle."""
        s, box = self._sizes, self.box
        if self._upright:
            across = box.right - s.part(0.038)
            return box.bottom - s.part(0.03), box.top + s.part(0.14), across - s.part(0.042), across
        across = box.bottom - s.part(0.038)
        return box.left + s.part(0.03), box.right - s.part(0.14), across - s.part(0.042), across

    def draw(self, image: Image, reading: Reading) -> None:
        """Draw in place; grey the gauge if the current angle is unknown."""
        canvas.shade(image, self.box, self._sizes.pad)
        canvas.fill_box(image, self._piece(_EMPTY_DEG, _END_DEG), theme.TRACK)
        if not math.isfinite(reading.now_deg):
            canvas.question_badge(image, self._badge_at(), self._sizes.part(0.042))
            return
        color = theme.REACHED if reading.is_full else theme.SKELETON
        canvas.fill_box(image, self._piece(_EMPTY_DEG, reading.now_deg), color)
        self._draw_zone(image, min(reading.full_to_deg, _END_DEG))
        self._draw_now(image, reading)
        if math.isfinite(reading.reached_deg):
            self._draw_reached(image, reading)
        if reading.is_full:
            canvas.check_badge(image, self._badge_at(), self._sizes.part(0.042))

    def _draw_zone(self, image: Image, full_to_deg: float) -> None:
        s = self._sizes
        inner, outer = self._low - s.part(0.008), self._low - s.part(0.024)
        ends_deg = (self._full_from_deg, self._full_from_deg, full_to_deg, full_to_deg)
        corners = list(zip(ends_deg, (inner, outer, outer, inner), strict=True))
        canvas.stroke(image, [self._at(deg, across) for deg, across in corners], theme.WHITE, s.part(0.005))
        straight = [self._at(_STRAIGHT_DEG, self._low), self._at(_STRAIGHT_DEG, self._high)]
        canvas.stroke(image, straight, theme.WHITE, s.part(0.003))
        word = self._texts("full")
        width = canvas.text_width(word, s.small_cap)
        x, y = self._at((self._full_from_deg + full_to_deg) / 2, outer)
        beside, above = (x - s.part(0.01) - width, y + s.small_cap // 2), (x - width // 2, y - s.part(0.014))
        canvas.put_text(image, word, beside if self._upright else above, s.small_cap, theme.TEXT)

    def _draw_now(self, image: Image, reading: Reading) -> None:
        now, u95 = reading.now_deg, reading.u95_deg
        if math.isfinite(u95):
            wider = self._sizes.part(0.008)
            interval = self._piece(now - u95, now + u95, wider)
            canvas.tint_box(image, interval, theme.WHITE, theme.INTERVAL_ALPHA)
        ends = [self._at(now, self._low), self._at(now, self._high)]
        canvas.stroke(image, ends, theme.WHITE, self._sizes.part(0.008), self._sizes.outline)

    def _draw_reached(self, image: Image, reading: Reading) -> None:
        """Draw a pointer at the outer edge of the bar."""
        near, far = self._high + self._sizes.part(0.004), self._high + self._sizes.part(0.03)
        half = self._sizes.part(0.016)
        tip, back = self._at(reading.reached_deg, near), self._at(reading.reached_deg, far)
        if self._upright:
            points = [tip, (back[0], back[1] - half), (back[0], back[1] + half)]
        else:
            points = [tip, (back[0] - half, back[1]), (back[0] + half, back[1])]
        canvas.fill_polygon(image, points, theme.SHORT if reading.is_short else theme.WHITE)

    def _badge_at(self) -> Point:
        s, box = self._sizes, self.box
        if self._upright:
            return (box.left + box.right) // 2, box.top + s.part(0.07)
        return box.right - s.part(0.07), (box.top + box.bottom) // 2

    def _along(self, angle_deg: float) -> int:
        share = (min(max(angle_deg, _EMPTY_DEG), _END_DEG) - _EMPTY_DEG) / (_END_DEG - _EMPTY_DEG)
        return round(self._start + share * (self._end - self._start))

    def _at(self, angle_deg: float, across: int) -> Point:
        along = self._along(angle_deg)
        return (across, along) if self._upright else (along, across)

    def _piece(self, from_deg: float, to_deg: float, wider: int = 0) -> Box:
        first, second = sorted((self._along(from_deg), self._along(to_deg)))
        low, high = self._low - wider, self._high + wider
        return Box(low, first, high, second) if self._upright else Box(first, low, second, high)
