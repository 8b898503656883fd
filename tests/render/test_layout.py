"""No panel ever covers the body, whatever the picture and wherever the body is."""

from dataclasses import replace

import numpy as np
import pytest

from hipform.render import BodyArea, Needs, find_layout
from hipform.render.canvas import Box
from hipform.render.theme import Sizes

SIZES = [(1280, 720), (720, 1280), (640, 640), (640, 480), (1920, 800), (360, 202)]
every_size = pytest.mark.parametrize("size", SIZES, ids=str)
NEEDS = [Needs(), Needs(low_back=False), Needs(lockout=False, low_back=False, line=False)]


def boxes_of(layout):
    boxes = [layout.reps, layout.phase, layout.lockout, layout.low_back]
    return [box for box in boxes if box] + ([layout.line] if layout.line != layout.reps else [])


def area_of(make, size, scale=1.0, shift=(0.0, 0.0)):
    """Return the area of the lying lifter, scaled about the middle of the picture and moved by parts of its size."""
    area, pose = BodyArea(*size), make.pose(*size)
    middle = np.array(size) / 2
    area.add(replace(pose, image_px=middle + scale * (pose.image_px - middle) + np.array(shift) * size))
    return area


@every_size
@pytest.mark.parametrize("needs", NEEDS)
@pytest.mark.parametrize("scale", [0.3, 1.0, 2.5])
@pytest.mark.parametrize("shift", [(0, 0), (0.3, -0.2), (-0.3, 0.3)])
def test_no_panel_covers_the_body_or_another(make, size, needs, scale, shift):
    area = area_of(make, size, scale, shift)
    layout = find_layout(Sizes(*size), area, needs)
    boxes = boxes_of(layout)
    assert len(boxes) == 2 + needs.lockout + needs.low_back + needs.line
    whole = Box(0, 0, size[0], layout.height_px)
    for number, box in enumerate(boxes):
        assert box.overlap(whole) == box.width * box.height
        assert box.top >= size[1] or not area.touches(box)
        assert not any(box.overlap(other) for other in boxes[number + 1 :])


@every_size
def test_a_body_that_covers_the_frame_gets_a_strip_below_it(make, size):
    area, pose = BodyArea(*size), make.pose(*size)
    for x in np.linspace(-0.6, 0.6, 9):
        for y in np.linspace(-0.8, 0.6, 9):
            area.add(replace(pose, image_px=pose.image_px + np.array((x, y)) * size))
    layout = find_layout(Sizes(*size), area, Needs())
    assert layout.height_px > size[1]
    assert all(box.top >= size[1] for box in boxes_of(layout))


def test_a_small_lifter_leaves_space_for_all_panels_in_the_frame(make):
    for size in ((1280, 720), (720, 1280)):
        layout = find_layout(Sizes(*size), area_of(make, size, 0.3), Needs())
        assert layout.height_px == size[1]


def test_without_a_body_the_panels_are_in_the_corners(make):
    layout, margin = make.layout(), Sizes(1280, 720).margin
    assert (layout.reps.left, layout.reps.top) == (margin, margin)
    assert layout.lockout.right == 1280 - margin
    assert (layout.phase.right, layout.phase.top) == pytest.approx((layout.lockout.left, margin), abs=0.03 * 720)
    assert layout.low_back.bottom == 720 - margin


def test_the_area_includes_the_body_around_the_bones_and_the_head(make):
    pose = make.pose(1280, 720)
    area = BodyArea(1280, 720)
    area.add(pose)
    hip = pose.image_px[24]
    assert area.touches(Box(int(hip[0]), int(hip[1]) + 15, int(hip[0]) + 2, int(hip[1]) + 17))
    assert not area.touches(Box(0, 0, 200, 100))


def test_the_area_covers_all_frames(make):
    area = BodyArea(1280, 720)
    for shift in (0, 500):
        pose = make.pose(1280, 720)
        area.add(replace(pose, image_px=pose.image_px + np.array((shift, 0))))
    x, y = (int(value) for value in make.pose(1280, 720).image_px[24])
    assert area.touches(Box(x, y, x + 1, y + 1))
    assert area.touches(Box(x + 500, y, x + 501, y + 1))
