"""Conversion of the points of a file to pixels: unchanged, scaled to the image, or projected to a side view."""

from __future__ import annotations

import cmath
import math
from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from hipform.pose.readers.keypoint_file import Person, Space
from hipform.pose.readers.scan import Scan
from hipform.types import FloatArray

PX_PER_M = 500.0
"""Scale of the image that markers are projected to; no measure depends on it."""
_LEAST_DEPTH_M = 0.005
"""Markers whose third coordinate changes by less have no depth: Sports2D gives each marker a fixed one."""
_MOST_METRES = 50.0
_LEAST_PIXELS = 10.0
_MOST_PIXELS = 1e5
_MARGIN_RATIO = 0.05

Placed = tuple[FloatArray, FloatArray | None]


@dataclass(frozen=True, slots=True, eq=False)
class Placement:
    """A conversion of points to pixels.

    Attributes
    ----------
    size_px
        Width and height of the image.
    place
        Returns pixels, shape (k, 2), and metres in the axes of the camera, shape (k, 3), if they are known.
    is_3d
        Whether the file's own coordinates are three-dimensional.
    """

    size_px: tuple[int, int]
    place: Callable[[Person], Placed]
    is_3d: bool = False


def find_placement(space: Space, scan: Scan, size_px: tuple[int, int] | None) -> Placement:
    """Return the conversion of the points of a file to pixels.

    Raises
    ------
    ValueError
        If the coordinates are implausible for the format.
    """
    largest = float(np.abs([*scan.low, *scan.high]).max())
    if space is Space.METRES:
        if largest > _MOST_METRES:
            raise ValueError(f"its markers are up to {largest:.0f} m away: are they in pixels? Use the file in metres")
        return _in_space(scan) if scan.depth_span > _LEAST_DEPTH_M else _in_plane(scan)
    if space is Space.SHARES:
        assert size_px is not None
        return _shares(size_px, largest)
    if largest > _MOST_PIXELS:
        raise ValueError("its points lie beyond any image")
    if float((scan.high - scan.low).max()) < _LEAST_PIXELS:
        raise ValueError(f"all its points lie within {_LEAST_PIXELS:.0f} pixels: are they relative coordinates?")
    # The image size is unknown, except that the image contains the points.
    width_px, height_px = size_px or (max(1, math.ceil(side)) for side in scan.high)
    return Placement((width_px, height_px), lambda person: (person.points, person.world_m))


def _shares(size_px: tuple[int, int], largest: float) -> Placement:
    if largest > 100:
        raise ValueError("its points are not relative coordinates: are they pixels?")
    return Placement(size_px, lambda person: (person.points * size_px, person.world_m))


def _in_plane(scan: Scan) -> Placement:
    """Return the placement of markers in one plane, y up."""
    low, high = scan.low[:2], scan.high[:2]
    margin = _MARGIN_RATIO * float((high - low).max())
    left, top = low[0] - margin, high[1] + margin
    width_m, height_m = (float(side) for side in high - low + 2 * margin)

    def place(person: Person) -> Placed:
        x, y = person.points[:, 0], person.points[:, 1]
        return PX_PER_M * np.column_stack([x - left, top - y]), None

    return Placement(_size_px(width_m, height_m), place)


def _in_space(scan: Scan) -> Placement:
    """Return the placement of markers in space, as seen by a distant camera at the lifter's side.

    The camera looks along the lifter's average left-right axis; a lifter who turns is seen obliquely, which the metres
    show.
    """
    axis = cmath.sqrt(scan.axis_doubled)
    if not abs(axis) > 0:
        raise ValueError("left and right shoulder or hip are never seen together, so the side view is not known")
    # With y down and z reversed, the axes have the same handedness as those of a camera.
    depth_x, depth_z = axis.real / abs(axis), -axis.imag / abs(axis)
    reach = float(np.abs([scan.low[[0, 2]], scan.high[[0, 2]]]).max()) * math.sqrt(2)
    margin = _MARGIN_RATIO * float(scan.high[1] - scan.low[1])
    top = float(scan.high[1]) + margin

    def place(person: Person) -> Placed:
        x, y, z = person.points[:, 0], -person.points[:, 1], -person.points[:, 2]
        across, away = x * depth_z - z * depth_x, x * depth_x + z * depth_z
        image_px = PX_PER_M * np.column_stack([across + reach, y + top])
        return image_px, np.column_stack([across, y, away])

    return Placement(_size_px(2 * reach, float(scan.high[1] - scan.low[1]) + 2 * margin), place, is_3d=True)


def _size_px(width_m: float, height_m: float) -> tuple[int, int]:
    return max(1, math.ceil(PX_PER_M * width_m)), max(1, math.ceil(PX_PER_M * height_m))
