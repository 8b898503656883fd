"""The low-back gauge: how far the low back is arched or rounded relative to the lifter's neutral."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hipform.feedback.angle_text import format_angle_change
from hipform.render import canvas, theme
from hipform.render.canvas import Box, Point
from hipform.render.theme import Sizes
from hipform.texts import ENGLISH, Texts
from hipform.types import Estimate, Image

_END_DEG = 30.0


@dataclass(frozen=True, slots=True)
class BackEnd:
    """An end of the gauge at which the exercise has a fault.

    Attributes
    ----------
    word
        Word shown for the fault.
    sign
        1 for arching, -1 for rounding.
    from_deg
        Start of the fault, degrees from the lifter's neutral, positive.
    is_at_fault
        Whether a value beyond `from_deg` is shown as a fault; not if the repetition was judged without this fault.
    """

    word: str
    sign: int
    from_deg: float
    is_at_fault: bool


class LowBackGauge:
    """A horizontal bar with the lifter's neutral in the middle: arched is to the right, rounded to the left.

    Parameters
    ----------
    sizes
        Sizes for the image drawn on.
    box
        Panel of the gauge.
    texts
        The texts in the language of the drawing.
    """

    def __init__(self, sizes: Sizes, box: Box, texts: Texts = ENGLISH) -> None:
        self._sizes = s = sizes
        self._texts = texts
        self.box = box
        self._high = box.top + 2 * s.pad + s.small_cap + s.part(0.012)
        self._low = self._high + s.part(0.035)

    def draw(self, image: Image, extension: Estimate | None, ends: Sequence[BackEnd]) -> None:
        """Draw in place; grey the gauge if *extension* is ``None``."""
        canvas.shade(image, self.box, self._sizes.pad)
        self._draw_words(image, extension, ends)
        canvas.fill_box(image, self._piece(-_END_DEG, _END_DEG), theme.TRACK)
        if extension is not None:
            self._draw_value(image, extension, ends)
        self._draw_marks(image, ends)

    def _draw_value(self, image: Image, extension: Estimate, ends: Sequence[BackEnd]) -> None:
        value, s = extension.value, self._sizes
        is_fault = any(end.is_at_fault and end.sign * value > end.from_deg for end in ends)
        canvas.fill_box(image, self._piece(0.0, value), theme.SHORT if is_fault else theme.SKELETON)
        wider = s.part(0.008)
        canvas.tint_box(image, self._piece(value - extension.u95, value + extension.u95, wider), theme.WHITE, 0.45)
        canvas.stroke(image, [self._at(value, self._high), self._at(value, self._low)], theme.WHITE, s.part(0.008))

    def _draw_words(self, image: Image, extension: Estimate | None, ends: Sequence[BackEnd]) -> None:
        """Write the value in the middle, and the word of each fault above its end."""
        s, box = self._sizes, self.box
        base = box.top + s.pad + s.small_cap
        angle = "?" if extension is None else format_angle_change(extension.value)
        text = self._texts("low back {angle}", angle=angle)
        color = theme.MUTED if extension is None else theme.TEXT
        small_cap = round(0.75 * s.small_cap)
        for end in ends:
            word = self._texts(end.word)
            width = canvas.text_width(word, small_cap)
            x = box.right - s.pad - width if end.sign > 0 else box.left + s.pad
            canvas.put_text(image, word, (x, base), small_cap, theme.TEXT)
        beside = max((canvas.text_width(self._texts(end.word), small_cap) for end in ends), default=0) + 2 * s.pad
        cap_px = canvas.fitting_cap(text, s.small_cap, box.width - 2 * beside)
        x = (box.left + box.right - canvas.text_width(text, cap_px)) // 2
        canvas.put_text(image, text, (x, base), cap_px, color)

    def _draw_marks(self, image: Image, ends: Sequence[BackEnd]) -> None:
        """Mark the neutral and the start of each fault."""
        s = self._sizes
        neutral = [self._at(0.0, self._high - s.part(0.008)), self._at(0.0, self._low + s.part(0.008))]
        canvas.stroke(image, neutral, theme.WHITE, s.part(0.003))
        over = self._high - s.part(0.012)
        for end in ends:
            start, far = end.sign * end.from_deg, end.sign * _END_DEG
            corners = ((start, self._high), (start, over), (far, over), (far, self._high))
            canvas.stroke(image, [self._at(degrees, y) for degrees, y in corners], theme.WHITE, s.part(0.004))

    def _at(self, extension_deg: float, y: int) -> Point:
        left, right = self.box.left + self._sizes.pad, self.box.right - self._sizes.pad
        share = (min(max(extension_deg, -_END_DEG), _END_DEG) + _END_DEG) / (2 * _END_DEG)
        return round(left + share * (right - left)), y

    def _piece(self, from_deg: float, to_deg: float, wider: int = 0) -> Box:
        first, second = sorted((self._at(from_deg, 0)[0], self._at(to_deg, 0)[0]))
        return Box(first, self._high - wider, second, self._low + wider)
