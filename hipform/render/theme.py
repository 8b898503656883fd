"""Colours and sizes of everything hipform draws, in one place.

The hues are those of Okabe and Ito, distinct for all common kinds of colour blindness. No meaning depends on a hue
alone: every state also has a shape or a word. Colours are RGB, 0..255.
"""

from __future__ import annotations

from dataclasses import dataclass

Rgb = tuple[int, int, int]

WHITE: Rgb = (255, 255, 255)
INK: Rgb = (16, 16, 16)
GREY: Rgb = (176, 176, 176)
SKY_BLUE: Rgb = (86, 180, 233)
BLUISH_GREEN: Rgb = (0, 158, 115)
ORANGE: Rgb = (230, 159, 0)
YELLOW: Rgb = (240, 228, 66)

TEXT = WHITE
MUTED = GREY
OUTLINE = INK
SKELETON = SKY_BLUE
REACHED = BLUISH_GREEN
SHORT = ORANGE
TRACK: Rgb = (92, 92, 92)
STRIP: Rgb = (32, 32, 32)

# The panel is dark enough to keep the contrast of its text in front of a white wall.
PANEL_LEVEL = 16
PANEL_ALPHA = 0.82
INTERVAL_ALPHA = 0.45
WEDGE_ALPHA = 0.35

BOLD = 700
MEDIUM = 500
# Height of a capital letter of the built-in face over its nominal size, measured from 8 to 100 px.
CAP_OVER_SIZE = 0.75


@dataclass(frozen=True, slots=True)
class BannerStyle:
    """Opaque fill and text colour of a banner."""

    fill: Rgb
    text: Rgb


CUE_BANNER = BannerStyle(YELLOW, INK)
PRAISE_BANNER = BannerStyle(BLUISH_GREEN, INK)


def panel_over(background: Rgb) -> Rgb:
    """Return the colour of the translucent panel over *background*."""
    red, green, blue = (round(level * (1 - PANEL_ALPHA) + PANEL_LEVEL * PANEL_ALPHA) for level in background)
    return red, green, blue


@dataclass(frozen=True, slots=True)
class Sizes:
    """Lengths in pixels for one frame size.

    Everything scales with the shorter side, so that a portrait phone clip and a landscape laptop window are equally
    readable from three metres. Text sizes are heights of capitals; only text too long for its panel, such as a title,
    is smaller than 3 % of the shorter side.
    """

    width_px: int
    height_px: int

    @property
    def short_px(self) -> int:
        """Shorter side of the frame."""
        return min(self.width_px, self.height_px)

    @property
    def portrait(self) -> bool:
        """Whether the frame is higher than wide; a square counts as portrait."""
        return self.height_px >= self.width_px

    def part(self, fraction: float) -> int:
        """Return *fraction* of the shorter side, at least one pixel."""
        return max(1, round(self.short_px * fraction))

    @property
    def margin(self) -> int:
        """Distance between panels, and from the edge of the frame."""
        return self.part(0.022)

    @property
    def pad(self) -> int:
        """Distance between a panel's edge and its text."""
        return self.part(0.02)

    @property
    def count_cap(self) -> int:
        """Capital height of the rep counter."""
        return self.part(0.12)

    @property
    def angle_cap(self) -> int:
        """Capital height of the angle at the hip."""
        return self.part(0.06)

    @property
    def phase_cap(self) -> int:
        """Capital height of the phase word and of banners."""
        return self.part(0.046)

    @property
    def small_cap(self) -> int:
        """Capital height of all secondary text."""
        return self.part(0.031)

    @property
    def check_cap(self) -> int:
        """Capital height of the camera check."""
        return self.part(0.042)

    @property
    def bone(self) -> int:
        """Thickness of trunk and thigh."""
        return self.part(0.011)

    @property
    def thin_bone(self) -> int:
        """Thickness of the other segments."""
        return self.part(0.006)

    @property
    def joint(self) -> int:
        """Radius of a joint."""
        return self.part(0.011)

    @property
    def outline(self) -> int:
        """Width of the dark edge around lines and dots."""
        return self.part(0.0035)
