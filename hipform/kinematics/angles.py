"""Pure angle functions on 2-D image vectors (x right, y down) and on 3-D points. NaN in, NaN out."""

from __future__ import annotations

import math

Vector = tuple[float, float]


def between(start: Vector, end: Vector) -> Vector:
    """Return the vector from *start* to *end*."""
    return end[0] - start[0], end[1] - start[1]


def length(vector: Vector) -> float:
    """Return the length of *vector*."""
    return math.hypot(*vector)


def turn_deg(first: Vector, second: Vector) -> float:
    """Return the signed angle that turns *first* onto *second*.

    Parameters
    ----------
    first, second
        Image vectors (y down), any length.

    Returns
    -------
    float
        Degrees in (-180, 180], positive clockwise on the screen. Unlike an arc cosine it keeps its sign and its
        resolution around a straight line, which is where a lockout is judged. NaN if a vector is zero or NaN.
    """
    cross = first[0] * second[1] - first[1] * second[0]
    dot = first[0] * second[0] + first[1] * second[1]
    if cross == 0.0 and dot == 0.0:
        return math.nan
    return math.degrees(math.atan2(cross, dot))


def incline_deg(vector: Vector) -> float:
    """Return the angle of *vector* to the horizontal, -90..90, positive when it points up on the screen."""
    if vector == (0.0, 0.0):
        return math.nan
    return math.degrees(math.atan2(-vector[1], abs(vector[0])))


def wrap_deg(angle_deg: float) -> float:
    """Return *angle_deg* wrapped into (-180, 180]."""
    return -((180.0 - angle_deg) % 360.0 - 180.0)
