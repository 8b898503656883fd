"""One arm raised and held: the sign by which a lifter starts and ends a set from where they stand."""

from __future__ import annotations

import math

import numpy as np

from hipform.kinematics.measures import SIDE_POINTS
from hipform.kinematics.tracking import trunk_length_px
from hipform.pose.poses import Pose
from hipform.types import Side

HELD_S = 2.0
"""An arm that is up for this long is a sign; nobody who adjusts a bar or waves holds one that long. Basis: guess."""
_LOST_S = 0.4
"""A shorter loss of the arm does not restart the time: the pose model drops a still wrist now and then.

Basis: guess.
"""
_RAISED_TRUNKS = 0.35
"""A raised wrist is at least this far above its shoulder, in trunk lengths; scratching one's head is lower.

Basis: guess.
"""
_SEEN = 0.5
"""Visibility, 0 to 1, from which the pose model has seen a point, rather than filled it in. Basis: guess."""


class ArmSignal:
    """Detect that exactly one arm is raised and held by an upright lifter; two raised arms press or swing something.

    Attributes
    ----------
    held_s
        How long the arm has been up, seconds; 0 if it is not, or if the sign has been given and the arm is still up.
    """

    def __init__(self) -> None:
        self.held_s = 0.0
        self._since_s = self._last_s = math.nan
        self._is_given = False

    def push(self, pose: Pose) -> bool:
        """Take the next pose, in time order, and return whether the sign is complete with it; once for each raise."""
        if is_one_arm_raised(pose):
            self._since_s = pose.t_s if math.isnan(self._since_s) else self._since_s
            self._last_s = pose.t_s
        elif not pose.t_s - self._last_s <= _LOST_S:
            self._since_s, self._is_given = math.nan, False
        held_s = 0.0 if math.isnan(self._since_s) else pose.t_s - self._since_s
        is_complete = held_s >= HELD_S and not self._is_given
        self._is_given = self._is_given or is_complete
        self.held_s = 0.0 if self._is_given else held_s
        return is_complete


def is_one_arm_raised(pose: Pose) -> bool:
    """Return whether the trunk is upright and exactly one arm points up."""
    if not pose.found:
        return False
    middle = pose.image_px[[[points[name] for points in SIDE_POINTS.values()] for name in ("shoulder", "hip")]].mean(1)
    across_px, down_px = middle[1] - middle[0]
    is_upright = bool(down_px > 2 * abs(across_px))
    return is_upright and sum(_is_raised(pose, side) for side in Side) == 1


def _is_raised(pose: Pose, side: Side) -> bool:
    arm = [SIDE_POINTS[side][name] for name in ("shoulder", "elbow", "wrist")]
    shoulder_px, elbow_px, wrist_px = pose.image_px[arm, 1]
    is_up = wrist_px < elbow_px and shoulder_px - wrist_px > _RAISED_TRUNKS * trunk_length_px(pose)
    return bool(is_up and np.all(pose.visibility[arm] >= _SEEN))
