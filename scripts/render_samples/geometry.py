"""Small vector geometry: rotations, frames and signed sagittal angles.

World axes, metres: X forward (the way the lifter's toes point), Y to the lifter's left, Z up.
"""

from __future__ import annotations

import math
from collections.abc import Callable

import numpy as np
from numpy.typing import ArrayLike, NDArray
from scipy.optimize import brentq

Array = NDArray[np.float64]

FORWARD: Array = np.array([1.0, 0.0, 0.0])
LEFT: Array = np.array([0.0, 1.0, 0.0])
UP: Array = np.array([0.0, 0.0, 1.0])


def vec(*components: float) -> Array:
    """Build a float vector."""
    return np.array(components, dtype=np.float64)


def unit(vector: ArrayLike) -> Array:
    """Return the vector scaled to length one."""
    values = np.asarray(vector, dtype=np.float64)
    return np.asarray(values / np.linalg.norm(values))


def rotation(axis: ArrayLike, angle_deg: float) -> Array:
    """Return the right-handed 3x3 rotation about an axis."""
    x, y, z = unit(axis)
    angle_rad = np.radians(angle_deg)
    cross = np.array([[0.0, -z, y], [z, 0.0, -x], [-y, x, 0.0]])
    return np.asarray(np.eye(3) + np.sin(angle_rad) * cross + (1.0 - np.cos(angle_rad)) * cross @ cross)


def pitch(angle_deg: float) -> Array:
    """Rotate about the left axis: positive tips an upright body forward."""
    angle_rad = math.radians(angle_deg)
    c, s = math.cos(angle_rad), math.sin(angle_rad)
    return np.array([[c, 0.0, s], [0.0, 1.0, 0.0], [-s, 0.0, c]])


def yaw(angle_deg: float) -> Array:
    """Rotate about the vertical: positive turns the lifter to the left."""
    angle_rad = math.radians(angle_deg)
    c, s = math.cos(angle_rad), math.sin(angle_rad)
    return np.array([[c, -s, 0.0], [s, c, 0.0], [0.0, 0.0, 1.0]])


def direction(angle_deg: float) -> Array:
    """Return the sagittal unit vector at an angle above the forward axis."""
    angle_rad = np.radians(angle_deg)
    return vec(float(np.cos(angle_rad)), 0.0, float(np.sin(angle_rad)))


def sagittal(point: Array) -> Array:
    """Return a point or vector moved into the sagittal plane."""
    return np.asarray(point * vec(1.0, 0.0, 1.0))


def frame(along: ArrayLike, side: ArrayLike) -> Array:
    """Return a right-handed frame whose first column is `along` and second nearest to `side`."""
    first = unit(along)
    side = np.asarray(side, dtype=np.float64)
    second = unit(side - first * (side @ first))
    return np.stack([first, second, np.cross(first, second)], axis=1)


def align(along_from: ArrayLike, side_from: ArrayLike, along_to: ArrayLike, side_to: ArrayLike) -> Array:
    """Return the rotation that carries one (along, side) pair of directions onto another."""
    return np.asarray(frame(along_to, side_to) @ frame(along_from, side_from).T)


def wrap_deg(angle_deg: float) -> float:
    """Wrap an angle into [-180, 180)."""
    return (angle_deg + 180.0) % 360.0 - 180.0


def segment_pitch_deg(from_point: Array, to_point: Array) -> float:
    """Return the forward tip of a segment from the upward vertical, positive forward."""
    delta = to_point - from_point
    return float(np.degrees(np.arctan2(delta[0], delta[2])))


def rotation_pitch_deg(matrix: Array) -> float:
    """Return how far a body segment's rest-vertical axis is tipped forward."""
    return float(np.degrees(np.arctan2(matrix[0, 2], matrix[2, 2])))


def bend_deg(a: Array, b: Array, c: Array) -> float:
    """Return the signed sagittal bend at `b`: 0 straight, positive when `c` swings forward of line a-b.

    For shoulder-hip-knee this is hip flexion (negative past straight). For hip-knee-ankle it is minus the knee
    flexion.
    """
    first, second = b - a, c - b
    return wrap_deg(float(np.degrees(np.arctan2(second[2], second[0]) - np.arctan2(first[2], first[0]))))


def bend_3d_deg(a: Array, b: Array, c: Array) -> float:
    """Return the unsigned bend at `b` in space (any dimension): 0 when a-b-c is straight."""
    first, second = unit(b - a), unit(c - b)
    return float(np.degrees(np.arccos(np.clip(first @ second, -1.0, 1.0))))


def smooth_step(edge_low: float, edge_high: float, values: ArrayLike) -> Array:
    """Hermite step from 0 at `edge_low` to 1 at `edge_high` (edges may be given in falling order)."""
    ratio = np.clip((np.asarray(values, dtype=np.float64) - edge_low) / (edge_high - edge_low), 0.0, 1.0)
    return np.asarray(ratio * ratio * (3.0 - 2.0 * ratio))


def minimum_jerk(ratio: float) -> float:
    """Return the minimum-jerk position between 0 and 1 at a share of the movement's time."""
    r = min(max(ratio, 0.0), 1.0)
    return r**3 * (10.0 - 15.0 * r + 6.0 * r * r)


def lerp(low: float, high: float, share: float) -> float:
    """Interpolate linearly."""
    return low + (high - low) * share


def find_root(function: Callable[[float], float], low: float, high: float, *, steps: int = 8) -> float:
    """Return a root of a continuous function, or the best end where it never crosses zero.

    The interval is scanned first because angle functions may wrap; a jump is not a crossing.
    """
    points = np.linspace(low, high, steps + 1)
    values = [function(float(x)) for x in points]
    for x0, x1, f0, f1 in zip(points, points[1:], values, values[1:], strict=False):
        if (f0 > 0.0) != (f1 > 0.0) and abs(f0 - f1) < 120.0:
            return float(brentq(function, x0, x1, xtol=1e-5, rtol=1e-10))
    return float(points[int(np.argmin(np.abs(values)))])
