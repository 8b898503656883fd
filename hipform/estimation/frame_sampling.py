"""Selection of frames for fast mode: few while nothing moves, all of them during fast movement.

Skipping a frame loses more than that frame. The pose model searches for the athlete at the last position and smooths
its landmarks over the frames that it processed: after a large movement it loses the body, or lags behind it. So the
next frame must be processed before the athlete has moved far, by two criteria. The last poses give the speed of the
hip, and with it the time at which it will have turned by `STEP_DEG`. In addition, a thumbnail of every skipped frame is
compared with that of the last processed one, which detects a drop after a long rest at once. At a top or a bottom the
hip is slow, and frames `LONGEST_S` apart are enough.
"""

from __future__ import annotations

import math
from collections import deque

import numpy as np
from numpy.typing import NDArray

from hipform.kinematics.measures import SIDE_POINTS, SideView, trunk_thigh_flexion_deg
from hipform.pose.poses import Pose
from hipform.types import Side
from hipform.video.cuts import THUMBNAIL, brightness, structure_change
from hipform.video.frames import Frame

LONGEST_S = 0.2
"""Longest gap between processed frames; shorter than gaps that the analyzer fills, and than a halt that ends a rep."""
STEP_DEG = 8.0
"""Largest rotation of the hip between two processed frames, predicted from its speed at the first."""
CHANGE = 0.05
"""Largest change of the athlete's part of the image between two processed frames, by `cuts.structure_change`."""

_SPEED_OVER_S = 0.1
"""Span over which the hip's speed is measured; over single frames landmark noise dominates."""
_SPEED_WITHIN_S = 0.3
_MARGIN_RATIO = 0.1
"""Margin around the athlete's joints, relative to their extent, of the part of a thumbnail that is compared."""
_LEAST_THUMBNAIL_PX = 4
_CLOCK_S = 0.002
"""Frame times are rounded, so a frame this close to the due time is processed."""
_JOINTS = [SIDE_POINTS[side][name] for side in Side for name in ("shoulder", "hip", "knee", "ankle")]

_Patch = tuple[slice, slice]
_WHOLE: _Patch = (slice(None), slice(None))


class FrameSampler:
    """Choose the frames to process, one at a time.

    Call `wants` for every frame of a clip. If it returns True, pass the pose of that frame to `push` before the next
    frame.
    """

    def __init__(self) -> None:
        self._due_s = -math.inf
        self._shot: int | None = None
        self._brightness: NDArray[np.float32] = np.zeros(THUMBNAIL[::-1], np.float32)
        self._patch = _WHOLE
        self._size_px = (1, 1)
        self._seen: deque[tuple[float, tuple[float, ...]]] = deque()

    def wants(self, frame: Frame) -> bool:
        """Return whether to process *frame*, the next one of the clip."""
        now = brightness(frame.image)
        is_due = frame.t_s >= self._due_s - _CLOCK_S or frame.shot != self._shot
        if not is_due and structure_change(self._brightness[self._patch], now[self._patch]) < CHANGE:
            return False
        self._brightness, self._shot = now, frame.shot
        self._size_px = (frame.image.shape[1], frame.image.shape[0])
        return True

    def push(self, pose: Pose) -> None:
        """Add the pose of the frame that `wants` selected last."""
        self._due_s = pose.t_s + LONGEST_S
        self._patch = _WHOLE
        if not pose.found:
            self._seen.clear()
            return
        self._patch = _patch_of(pose, self._size_px)
        speed_deg_per_s = self._speed_deg_per_s(pose)
        if speed_deg_per_s * LONGEST_S > STEP_DEG:
            self._due_s = pose.t_s + STEP_DEG / speed_deg_per_s

    def _speed_deg_per_s(self, pose: Pose) -> float:
        """Return the speed of the faster hip since the frame closest to `_SPEED_OVER_S` ago; 0 if there is none."""
        while self._seen and pose.t_s - self._seen[0][0] > _SPEED_WITHIN_S:
            self._seen.popleft()
        hips_deg = tuple(trunk_thigh_flexion_deg(SideView.of(pose, side, 1)) for side in Side)
        before = min(self._seen, key=lambda seen: abs(pose.t_s - seen[0] - _SPEED_OVER_S), default=None)
        self._seen.append((pose.t_s, hips_deg))
        if before is None:
            return 0.0
        then_s, then_deg = before
        turned_deg = max(abs(now - then) for now, then in zip(hips_deg, then_deg, strict=True))
        return turned_deg / (pose.t_s - then_s)


def _patch_of(pose: Pose, size_px: tuple[int, int]) -> _Patch:
    """Return the part of a thumbnail that shows the athlete; the whole thumbnail if that part is tiny."""
    points = pose.image_px[_JOINTS] / size_px * THUMBNAIL
    low, high = points.min(axis=0), points.max(axis=0)
    margin = _MARGIN_RATIO * float((high - low).max())
    first = np.clip(np.floor(low - margin), 0, THUMBNAIL).astype(int)
    last = np.clip(np.ceil(high + margin), 0, THUMBNAIL).astype(int)
    if (last - first).min() < _LEAST_THUMBNAIL_PX:
        return _WHOLE
    return slice(int(first[1]), int(last[1])), slice(int(first[0]), int(last[0]))
