"""Text must be readable on whatever is filmed."""

import numpy as np
import pytest

from hipform.render import canvas, theme
from hipform.render.theme import Sizes


def _luminance(color):
    levels = np.array(color) / 255
    linear = np.where(levels <= 0.04045, levels / 12.92, ((levels + 0.055) / 1.055) ** 2.4)
    return float(linear @ (0.2126, 0.7152, 0.0722))


def contrast(first, second):
    darker, lighter = sorted((_luminance(first), _luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


@pytest.mark.parametrize("text", [theme.TEXT, theme.MUTED, theme.SHORT])
@pytest.mark.parametrize("behind", [(0, 0, 0), (128, 128, 128), (255, 255, 255)])
def test_text_on_the_panel_over_any_background(text, behind):
    assert contrast(text, theme.panel_over(behind)) >= 4.5


@pytest.mark.parametrize("style", [theme.CUE_BANNER, theme.PRAISE_BANNER])
def test_text_on_banners(style):
    assert contrast(style.text, style.fill) >= 4.5


@pytest.mark.parametrize(
    ("sign", "ground"),
    [
        (theme.WHITE, theme.REACHED),
        (theme.INK, theme.MUTED),
        (theme.REACHED, theme.panel_over((255, 255, 255))),
        (theme.SKELETON, theme.OUTLINE),
    ],
)
def test_signs_need_the_contrast_of_graphics(sign, ground):
    assert contrast(sign, ground) >= 3.0


@pytest.mark.parametrize("level", [0, 90, 255])
def test_the_panel_has_the_colour_the_contrast_was_computed_for(level):
    image = np.full((40, 60, 3), level, np.uint8)
    canvas.shade(image, canvas.Box(0, 0, 60, 40), 0)
    assert np.abs(image[20, 30].astype(int) - theme.panel_over((level, level, level))).max() <= 1


@pytest.mark.parametrize("size", [(1280, 720), (360, 640), (1080, 1920), (640, 656)])
def test_sizes_for_three_metres(size):
    sizes = Sizes(*size)
    assert min(sizes.count_cap, sizes.angle_cap) >= 0.055 * min(size)
    assert min(sizes.small_cap, sizes.phase_cap) >= 0.03 * min(size)


@pytest.mark.parametrize("cap_px", [11, 22, 43, 86])
def test_capitals_have_the_height_asked_for(cap_px):
    image = np.zeros((200, 200, 3), np.uint8)
    canvas.put_text(image, "H", (20, 150), cap_px, theme.WHITE)
    rows = np.flatnonzero(image.max(axis=(1, 2)) > 127)
    assert abs(rows[-1] - rows[0] + 1 - cap_px) <= 1


@pytest.mark.parametrize("sign", ["°", "±", "·", "…"])
def test_the_face_has_the_signs(sign):
    drawn = []
    for text in (sign, "?", "\U0001f9ff"):
        image = np.zeros((80, 80, 3), np.uint8)
        canvas.put_text(image, text, (20, 60), 40, theme.WHITE)
        drawn.append(image)
    assert drawn[0].any()
    assert not np.array_equal(drawn[0], drawn[1])
    assert not np.array_equal(drawn[0], drawn[2])
