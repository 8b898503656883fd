"""The low-back gauge: how far the low back is arched or rounded against the lifter's own neutral."""

from __future__ import annotations

from hipform.render import canvas, theme
from hipform.render.canvas import Box, Point
from hipform.render.theme import Sizes
from hipform.types import Estimate, Image, change_text

_END_DEG = 30.0


class LowBackGauge:
    """A lying bar with the own neutral in its middle: right of it the low back is arched, left of it rounded.

    Beside the lockout gauge in landscape pictures, above it in portrait ones.

    Parameters
    ----------
    sizes
        Sizes of the picture drawn on.
    arched_from_deg
        Lumbar extension from which the low back counts as arched.
    beside
        Box of the lockout gauge.
    """

    def __init__(self, sizes: Sizes, arched_from_deg: float, beside: Box) -> None:
        self._sizes = s = sizes
        self._arched_from_deg = arched_from_deg
        height = 3 * s.pad + s.small_cap + s.part(0.05)
        if s.portrait:
            self.box = Box(beside.left, beside.top - s.margin - height, beside.right, beside.top - s.margin)
        else:
            right = beside.left - s.margin
            self.box = Box(right - s.part(0.5), beside.bottom - height, right, beside.bottom)
        self._high = self.box.top + 2 * s.pad + s.small_cap + s.part(0.012)
        self._low = self._high + s.part(0.035)

    def draw(self, image: Image, extension: Estimate | None) -> None:
        """Draw in place; ``None`` gives the greyed gauge."""
        s, box = self._sizes, self.box
        canvas.shade(image, box, s.pad)
        self._draw_words(image, extension)
        canvas.fill_box(image, self._piece(-_END_DEG, _END_DEG), theme.TRACK)
        if extension is not None:
            self._draw_value(image, extension)
        self._draw_marks(image)

    def _draw_value(self, image: Image, extension: Estimate) -> None:
        value, s = extension.value, self._sizes
        arched = value > self._arched_from_deg
        canvas.fill_box(image, self._piece(0.0, value), theme.SHORT if arched else theme.SKELETON)
        wider = s.part(0.008)
        canvas.tint_box(image, self._piece(value - extension.u95, value + extension.u95, wider), theme.WHITE, 0.45)
        canvas.stroke(image, [self._at(value, self._high), self._at(value, self._low)], theme.WHITE, s.part(0.008))

    def _draw_words(self, image: Image, extension: Estimate | None) -> None:
        """Write the value, and the word for the bracketed end over it."""
        s, box = self._sizes, self.box
        base = box.top + s.pad + s.small_cap
        cap_px = round(0.8 * s.small_cap)
        width = canvas.text_width("arched", cap_px)
        canvas.put_text(image, "arched", (box.right - s.pad - width, base), cap_px, theme.TEXT)
        text = f"low back {'?' if extension is None else change_text(extension.value)}"
        color = theme.MUTED if extension is None else theme.TEXT
        canvas.put_text(image, text, (box.left + s.pad, base), s.small_cap, color)

    def _draw_marks(self, image: Image) -> None:
        """Mark the neutral, and where arched begins."""
        s = self._sizes
        neutral = [self._at(0.0, self._high - s.part(0.008)), self._at(0.0, self._low + s.part(0.008))]
        canvas.stroke(image, neutral, theme.WHITE, s.part(0.003))
        over = self._high - s.part(0.012)
        begin, end = self._arched_from_deg, _END_DEG
        corners = ((begin, self._high), (begin, over), (end, over), (end, self._high))
        canvas.stroke(image, [self._at(degrees, y) for degrees, y in corners], theme.WHITE, s.part(0.004))

    def _at(self, extension_deg: float, y: int) -> Point:
        left, right = self.box.left + self._sizes.pad, self.box.right - self._sizes.pad
        share = (min(max(extension_deg, -_END_DEG), _END_DEG) + _END_DEG) / (2 * _END_DEG)
        return round(left + share * (right - left)), y

    def _piece(self, from_deg: float, to_deg: float, wider: int = 0) -> Box:
        first, second = sorted((self._at(from_deg, 0)[0], self._at(to_deg, 0)[0]))
        return Box(first, self._high - wider, second, self._low + wider)
