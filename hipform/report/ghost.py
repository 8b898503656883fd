"""Two lifters overlaid at the same phase of a repetition, normalised for size, position and direction."""

from __future__ import annotations

from collections import deque
from collections.abc import Iterable, Iterator

import numpy as np

from hipform.analysis.judged_reps import Rep
from hipform.kinematics.measures import SIDE_POINTS
from hipform.pose.poses import Pose
from hipform.report.curves import PHASES, follow_phases, phases_of
from hipform.types import FloatArray

POINTS = ("ear", "shoulder", "elbow", "wrist", "hip", "knee", "ankle", "heel", "foot_index")
"""Points of one side; a body has the points of the measured side, followed by those of the other side."""
_LINES = (
    ("ear", "shoulder"),
    ("shoulder", "elbow"),
    ("elbow", "wrist"),
    ("shoulder", "hip"),
    ("hip", "knee"),
    ("knee", "ankle"),
    ("ankle", "heel"),
    ("heel", "foot_index"),
    ("ankle", "foot_index"),
)
BONES = tuple(
    (POINTS.index(one) + side, POINTS.index(other) + side) for side in (0, len(POINTS)) for one, other in _LINES
)
"""Pairs of points to connect, as indices into the points of both sides."""
_ANCHORS = tuple(POINTS.index(name) for name in ("shoulder", "hip", "ankle", "wrist"))
_SHOULDER, _HIP = POINTS.index("shoulder"), POINTS.index("hip")


def trace(poses: Iterable[Pose], rep: Rep) -> FloatArray | None:
    """Return the body over the time of *rep*.

    Parameters
    ----------
    poses
        The clip's poses, in time order; read up to the end of the repetition.
    rep
        The repetition.

    Returns
    -------
    array or None
        Pixels, shape (101, 18, 2), NaN where unseen; ``None`` if the repetition is not completely in the clip.
    """
    follower = phases_of(rep, 2 * 2 * len(POINTS))
    if follower is None:
        return None
    landmarks = [int(SIDE_POINTS[side][name]) for side in (rep.side, rep.side.other) for name in POINTS]

    def frames() -> Iterator[tuple[float, FloatArray]]:
        for pose in poses:
            yield pose.t_s, pose.image_px[landmarks].ravel()
            if pose.t_s > follower.end_s:
                return

    deque(follow_phases([follower], frames()), maxlen=0)
    body = follower.values.reshape(PHASES, 2 * len(POINTS), 2)
    # Without a trunk there is no scale.
    return body if np.isfinite(body[:, _SHOULDER] - body[:, _HIP]).all(axis=1).any() else None


def laid_over(first: FloatArray, second: FloatArray) -> tuple[FloatArray, FloatArray]:
    """Return two bodies in trunk lengths, with the point that moves least in both at the origin.

    The second one is mirrored if that fits the first one better, because people film from either side.
    """
    anchor = min(_ANCHORS, key=lambda point: max(_travel(first, point), _travel(second, point)))
    one, other = (_in_trunks(body, anchor) for body in (first, second))
    mirrored = other * [-1.0, 1.0]
    return one, mirrored if _apart(one, mirrored) < _apart(one, other) else other


def _travel(body: FloatArray, point: int) -> float:
    """Return how far a point travels, in trunk lengths; infinite if it was never seen."""
    seen = body[np.isfinite(body[:, point]).all(axis=1), point]
    return float(np.ptp(seen, axis=0).sum()) / _trunk_px(body) if len(seen) else np.inf


def _in_trunks(body: FloatArray, anchor: int) -> FloatArray:
    placed: FloatArray = (body - np.nanmedian(body[:, anchor], axis=0)) / _trunk_px(body)
    return placed


def _trunk_px(body: FloatArray) -> float:
    return max(float(np.nanmedian(np.linalg.norm(body[:, _SHOULDER] - body[:, _HIP], axis=1))), 1.0)


def _apart(one: FloatArray, other: FloatArray) -> float:
    distance = np.abs(one - other)
    seen = distance[np.isfinite(distance)]
    return float(seen.mean()) if seen.size else np.inf
