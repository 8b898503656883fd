"""Drawing primitives on RGB images: text, panels, outlined strokes.

All of them draw in place and clip at the edge of the image.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache
from itertools import pairwise

import cv2
import numpy as np

from hipform.render import theme
from hipform.render.theme import Rgb
from hipform.types import FloatArray, Image

Point = tuple[int, int]

# Below this size the strokes of the font vanish; such images are icons, not for reading.
_SMALLEST_FONT_PX = 5
# Points beyond this are in no image, and would overflow the fixed-point arithmetic of cv2's strokes.
_FAR_PX = 30_000.0


@dataclass(frozen=True, slots=True)
class Box:
    """Axis-parallel rectangle in pixels; right and bottom are exclusive."""

    left: int
    top: int
    right: int
    bottom: int

    @property
    def width(self) -> int:
        """Width in pixels."""
        return self.right - self.left

    @property
    def height(self) -> int:
        """Height in pixels."""
        return self.bottom - self.top

    def moved_into(self, width: int, height: int) -> Box:
        """Return the box moved, not resized, to lie inside an image of this size as far as it fits."""
        left = max(0, min(self.left, width - self.width))
        top = max(0, min(self.top, height - self.height))
        return Box(left, top, left + self.width, top + self.height)

    def overlap(self, other: Box) -> int:
        """Return the shared area in square pixels."""
        across = min(self.right, other.right) - max(self.left, other.left)
        down = min(self.bottom, other.bottom) - max(self.top, other.top)
        return max(0, across) * max(0, down)


@lru_cache(maxsize=1)
def _face() -> cv2.FontFace:
    return cv2.FontFace("sans")


def _font_px(cap_px: int) -> int:
    return round(cap_px / theme.CAP_OVER_SIZE)


@lru_cache(maxsize=512)
def text_width(text: str, cap_px: int, weight: int = theme.MEDIUM) -> int:
    """Return the width in pixels of *text* with capitals *cap_px* high."""
    rect = cv2.getTextSize((0, 0), text, (0, 0), _face(), max(1, _font_px(cap_px)), weight)
    return int(rect[2])


def put_text(image: Image, text: str, at: Point, cap_px: int, color: Rgb, weight: int = theme.MEDIUM) -> None:
    """Write *text* with its baseline starting at *at*; skip text too small to read."""
    if _font_px(cap_px) >= _SMALLEST_FONT_PX:
        cv2.putText(image, text, at, color, _face(), _font_px(cap_px), weight)


def fitting_cap(text: str, cap_px: int, width_px: int, weight: int = theme.MEDIUM) -> int:
    """Return the largest capital height up to *cap_px* with which *text* is no wider than *width_px*."""
    while cap_px > 1 and text_width(text, cap_px, weight) > width_px:
        cap_px -= 1
    return cap_px


@lru_cache(maxsize=64)
def _corner_mask(width: int, height: int, radius: int) -> Image:
    mask = np.zeros((height, width), np.uint8)
    _rounded(mask, Box(0, 0, width, height), radius, (255, 255, 255))
    return mask


def _rounded(image: Image, box: Box, radius: int, color: Rgb) -> None:
    radius = max(0, min(radius, box.width // 2 - 1, box.height // 2 - 1))
    left, top, right, bottom = box.left, box.top, box.right - 1, box.bottom - 1
    cv2.rectangle(image, (left + radius, top), (right - radius, bottom), color, cv2.FILLED)
    cv2.rectangle(image, (left, top + radius), (right, bottom - radius), color, cv2.FILLED)
    for x in (left + radius, right - radius):
        for y in (top + radius, bottom - radius):
            cv2.circle(image, (x, y), radius, color, cv2.FILLED, cv2.LINE_AA)


def _visible(image: Image, box: Box) -> tuple[Image, slice, slice] | None:
    height, width = image.shape[:2]
    left, top = max(0, box.left), max(0, box.top)
    right, bottom = min(width, box.right), min(height, box.bottom)
    if right <= left or bottom <= top:
        return None
    rows, columns = slice(top - box.top, bottom - box.top), slice(left - box.left, right - box.left)
    return image[top:bottom, left:right], rows, columns


def shade(image: Image, box: Box, radius: int) -> None:
    """Lay the translucent dark panel with rounded corners over *box*."""
    part = _visible(image, box)
    if part is None:
        return
    region, rows, columns = part
    dark = cv2.convertScaleAbs(region, alpha=1 - theme.PANEL_ALPHA, beta=theme.PANEL_LEVEL * theme.PANEL_ALPHA)
    cv2.copyTo(dark, _corner_mask(box.width, box.height, radius)[rows, columns], region)


def fill_box(image: Image, box: Box, color: Rgb, radius: int = 0) -> None:
    """Fill *box* opaquely; an empty box draws nothing."""
    if box.width <= 0 or box.height <= 0:
        return
    if radius:
        _rounded(image, box, radius, color)
    else:
        cv2.rectangle(image, (box.left, box.top), (box.right - 1, box.bottom - 1), color, cv2.FILLED)


def tint_box(image: Image, box: Box, color: Rgb, alpha: float) -> None:
    """Blend *color* over *box* with opacity *alpha*."""
    part = _visible(image, box)
    if part is not None:
        region = part[0]
        region[:] = cv2.addWeighted(region, 1 - alpha, np.full_like(region, color), alpha, 0)


def tint_polygon(image: Image, points_px: FloatArray, color: Rgb, alpha: float) -> None:
    """Blend *color* over a polygon, points of shape (n, 2), touching only its bounding box."""
    left, top = np.floor(points_px.min(axis=0)).astype(int)
    right, bottom = np.ceil(points_px.max(axis=0)).astype(int) + 1
    part = _visible(image, Box(int(left), int(top), int(right), int(bottom)))
    if part is None:
        return
    region, rows, columns = part
    tinted = region.copy()
    corners = np.round(points_px - (left + columns.start, top + rows.start)).astype(np.int32)
    cv2.fillPoly(tinted, [corners], color, cv2.LINE_AA)
    region[:] = cv2.addWeighted(region, 1 - alpha, tinted, alpha, 0)


def to_point(point_px: FloatArray) -> Point | None:
    """Return the nearest pixel, or ``None`` if the point is NaN or far outside any image."""
    x, y = float(point_px[0]), float(point_px[1])
    if not (abs(x) < _FAR_PX and abs(y) < _FAR_PX):
        return None
    return round(x), round(y)


def stroke(image: Image, points: list[Point], color: Rgb, thickness: int, outline: int = 0) -> None:
    """Draw a polyline, with a dark edge of *outline* pixels if that is not 0."""
    chain = [np.array(points, np.int32)]
    if outline:
        cv2.polylines(image, chain, False, theme.OUTLINE, thickness + 2 * outline, cv2.LINE_AA)
    cv2.polylines(image, chain, False, color, thickness, cv2.LINE_AA)


def dashed(image: Image, start: Point, end: Point, color: Rgb, thickness: int, outline: int = 0) -> None:
    """Draw a dashed line; dash and gap follow the thickness."""
    length = float(np.hypot(end[0] - start[0], end[1] - start[1]))
    # Enough dashes to be visible on a phone, few enough that a distant end point costs nothing.
    count = 2 * int(np.clip(length / (6 * max(1, thickness)), 1, 60)) + 1
    steps = np.linspace(0, 1, count + 1)
    knots = [(round(start[0] + s * (end[0] - start[0])), round(start[1] + s * (end[1] - start[1]))) for s in steps]
    for first, second in list(pairwise(knots))[::2]:
        stroke(image, [first, second], color, thickness, outline)


def dot(image: Image, center: Point, radius: int, color: Rgb, outline: int) -> None:
    """Draw a disc with a dark edge."""
    cv2.circle(image, center, radius + outline, theme.OUTLINE, cv2.FILLED, cv2.LINE_AA)
    cv2.circle(image, center, radius, color, cv2.FILLED, cv2.LINE_AA)


def ring(image: Image, center: Point, radius: int, color: Rgb, thickness: int, outline: int) -> None:
    """Draw a circle with a dark outline in place."""
    cv2.circle(image, center, radius, theme.OUTLINE, thickness + 2 * outline, cv2.LINE_AA)
    cv2.circle(image, center, radius, color, thickness, cv2.LINE_AA)


def check_mark(image: Image, center: Point, size: int, color: Rgb) -> None:
    """Draw a check mark about *size* pixels wide."""
    x, y = center
    third = size / 3
    points = [
        (round(x - 1.3 * third), round(y)),
        (round(x - 0.3 * third), round(y + third)),
        (round(x + 1.5 * third), round(y - third)),
    ]
    stroke(image, points, color, max(1, size // 5))


def check_badge(image: Image, center: Point, radius: int) -> None:
    """Draw the sign for *reached*: a white check mark on a green disc."""
    dot(image, center, radius, theme.REACHED, max(1, radius // 10))
    check_mark(image, center, round(radius * 1.1), theme.WHITE)


def cross_badge(image: Image, center: Point, radius: int) -> None:
    """Draw the sign for *wrong*: a dark cross on an orange diamond."""
    x, y = center
    far, arm = round(1.2 * radius), round(0.42 * radius)
    fill_polygon(image, [(x - far, y), (x, y - far), (x + far, y), (x, y + far)], theme.SHORT)
    thickness = max(1, radius // 4)
    stroke(image, [(x - arm, y - arm), (x + arm, y + arm)], theme.INK, thickness)
    stroke(image, [(x - arm, y + arm), (x + arm, y - arm)], theme.INK, thickness)


def question_badge(image: Image, center: Point, radius: int) -> None:
    """Draw the sign for *not known*: a question mark on a grey disc."""
    dot(image, center, radius, theme.MUTED, max(1, radius // 10))
    cap_px = max(1, round(radius * 1.2))
    half = text_width("?", cap_px, theme.BOLD) // 2
    put_text(image, "?", (center[0] - half, center[1] + cap_px // 2), cap_px, theme.INK, theme.BOLD)


def fill_polygon(image: Image, points: list[Point], color: Rgb) -> None:
    """Fill a polygon."""
    cv2.fillPoly(image, [np.array(points, np.int32)], color, cv2.LINE_AA)
