"""Orientation: the side near the camera, the direction that the lifter faces, and the angle off the side view."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace

import numpy as np

from hipform.kinematics.angles import between, turn_deg
from hipform.kinematics.measures import SIDE_POINTS
from hipform.kinematics.tracking import MIRROR_ORDER, trunk_length_px
from hipform.pose.poses import Landmark, Pose, per_pose
from hipform.types import Side

_LEFT_OF_TRUNK = [Landmark.LEFT_SHOULDER, Landmark.LEFT_HIP]
_RIGHT_OF_TRUNK = [Landmark.RIGHT_SHOULDER, Landmark.RIGHT_HIP]

SIDE_MEMORY_S = 2.0
"""Time constant of the evidence for a side: long enough to ignore a wobble, short enough for a lifter who turns.

Basis: guess, checked on real and rendered clips.
"""
PLANTED_MEMORY_S = 0.7
"""The same for the planted leg, which may change with every repetition.

Basis: guess, checked on real and rendered clips.
"""
STANCE_MEMORY_S = 0.05
"""The same for the front foot, which stays in place, so that a change means that the model swapped the legs.

Basis: guess, checked on real and rendered clips.
"""

_LOWER_THIGHS, _AHEAD_THIGHS = 0.4, 0.6
"""Feet further apart than this, in thigh lengths, are not beside each other.

Basis: guess, checked on real and rendered clips.
"""

SWITCH_MARGIN = 0.25
"""Hysteresis: how far the evidence (-1 to 1) must favour the other side before the near side changes.

Basis: guess, checked on real and rendered clips.
"""


@per_pose
def across_m(pose: Pose) -> tuple[float, float, float]:
    """Return the lifter's left-right axis, from right to left, from shoulders and hips, metres; NaN when unseen.

    The axes are those of the camera: x right, y down, z away.
    """
    # Plain numbers: for two pairs they are several times quicker than an array's mean.
    (ax, ay, az), (bx, by, bz) = (pose.world_m[_LEFT_OF_TRUNK] - pose.world_m[_RIGHT_OF_TRUNK]).tolist()
    return (ax + bx) / 2, (ay + by) / 2, (az + bz) / 2


@dataclass(frozen=True, slots=True)
class ViewAngles:
    """Where the camera stands.

    Attributes
    ----------
    azimuth_deg
        Angle around the lifter from the side view to the camera, -90 to 90: positive if the camera must move to the
        right on the screen for a side view. NaN if it is not known.
    tilt_deg
        How far the camera looks up or down at the lifter, 0 to 90; NaN if it is not known, and then the azimuth has no
        sign.
    near_side
        Side of the lifter nearer to the camera; ``None`` if the depth is not known.
    """

    azimuth_deg: float
    tilt_deg: float
    near_side: Side | None = None

    @property
    def off_deg(self) -> float:
        """Angle off the side view, 0 for a side view and 90 from the front or rear."""
        return abs(self.azimuth_deg)


def view_angles(across: tuple[float, float, float]) -> ViewAngles:
    """Return the view from the lifter's left-right axis in the axes of the camera; NaN in, NaN out."""
    x, y, z = across if across[2] < 0 else (-across[0], -across[1], -across[2])
    return ViewAngles(
        azimuth_deg=math.degrees(math.atan2(x, math.hypot(y, z))),
        tilt_deg=math.degrees(math.atan2(abs(y), math.hypot(x, z))),
        near_side=Side.RIGHT if across[2] > 0 else Side.LEFT,
    )


ACROSS_TRUNKS = 0.45
"""Length of the left-right axis of shoulders and hips, in trunk lengths: 0.43 to 0.59 on 14 recordings of real clips.

The low end is used, so that a view estimated from widths alone is too oblique rather than too good.

Basis: tuned on real clips.
"""
VIEW_MEMORY_S = 2.0
"""Time constant of the mean left-right axis. Angles of single frames are always positive, so that their mean would call
every side view oblique; the axis itself has errors of both signs, which cancel.

Basis: guess, checked on real and rendered clips.
"""
TRUNK_MEMORY_S = 20.0
"""Time constant for forgetting the longest trunk seen, so that a lifter may move away from the camera. Basis: guess."""


class ViewReader:
    """Estimate frame by frame how far the camera is off the side view.

    Poses with world landmarks determine it directly. For other poses it follows from the distance between left and
    right shoulder and hip, relative to the longest trunk seen so far. On 14 recordings of real clips, the median of a
    clip was within 16 degrees of that from world landmarks, up to 45 degrees off the side view.

    Parameters
    ----------
    given_deg
        The angle, if it is known; the poses are then ignored.
    """

    def __init__(self, given_deg: float | None = None) -> None:
        self._given_deg = given_deg
        self._trunk_px = 0.0
        self._last_s = math.nan
        self._across = np.zeros(3)
        self._across_s = math.nan

    def push(self, pose: Pose) -> ViewAngles:
        """Add the next pose, in time order, and return the view; NaN if it is not known."""
        if self._given_deg is not None:
            return ViewAngles(self._given_deg, math.nan)
        across = across_m(pose)
        if math.isnan(across[0]):
            return ViewAngles(self._from_widths_deg(pose), math.nan)
        kept = 0.0 if math.isnan(self._across_s) else math.exp((self._across_s - pose.t_s) / VIEW_MEMORY_S)
        self._across_s = pose.t_s
        # Where left and right are confused in some frames, the axis flips but the camera does not move.
        flip = 1.0 if float(np.dot(self._across, across)) >= 0.0 else -1.0
        self._across = kept * self._across + (1.0 - kept) * flip * np.array(across)
        return view_angles((float(self._across[0]), float(self._across[1]), float(self._across[2])))

    def _from_widths_deg(self, pose: Pose) -> float:
        x, y = (pose.image_px[_LEFT_OF_TRUNK] - pose.image_px[_RIGHT_OF_TRUNK]).mean(axis=0)
        trunk_px = trunk_length_px(pose)
        if not (math.isfinite(x) and trunk_px > 0):
            return math.nan
        kept = 0.0 if math.isnan(self._last_s) else math.exp((self._last_s - pose.t_s) / TRUNK_MEMORY_S)
        self._trunk_px, self._last_s = max(trunk_px, kept * self._trunk_px), pose.t_s
        return math.degrees(math.asin(min(math.hypot(x, y) / (ACROSS_TRUNKS * self._trunk_px), 1.0)))


@per_pose
def side_projection(pose: Pose) -> Pose:
    """Return *pose* with image points as a camera at the lifter's right side would see them.

    Parameters
    ----------
    pose
        Pose with world landmarks; points unseen in the image stay unseen.

    Returns
    -------
    Pose
        ``image_px`` is in millimetres around the hips instead of pixels; NaN when unseen.

    Notes
    -----
    The left-right axis of shoulders and hips, made level, is the new viewing direction; up stays up.
    """
    x, _, z = across_m(pose)
    ground = math.hypot(x, z)
    depth_x, depth_z = (x / ground, z / ground) if ground else (math.nan, math.nan)
    # Screen right of a camera that looks along (depth_x, depth_z) with y down is (depth_z, -depth_x).
    x_m = pose.world_m[:, 0] * depth_z - pose.world_m[:, 2] * depth_x
    image_px = 1000.0 * np.column_stack([x_m, pose.world_m[:, 1]])
    image_px[np.isnan(pose.image_px[:, 0])] = np.nan
    return Pose(pose.t_s, image_px, pose.world_m, pose.visibility, pose.shot)


def midline(pose: Pose) -> Pose:
    """Return *pose* with every image point replaced by the midpoint of its left and right partners."""
    image_px = (pose.image_px + pose.image_px[MIRROR_ORDER]) / 2
    return Pose(pose.t_s, image_px, pose.world_m, pose.visibility, pose.shot)


@per_pose
def compute_near_side(pose: Pose) -> float:
    """Return the evidence of one frame that the right side is near: -1 (left) to 1 (right); NaN when unseen.

    The depth of shoulders and hips has most weight; the visibility of knee and ankle adds to it, because the near leg
    hides the far one. Without world landmarks, visibility decides alone; NaN if both sides are equally visible.
    """
    across = across_m(pose)[2]
    hidden = float(
        pose.visibility[[Landmark.RIGHT_KNEE, Landmark.RIGHT_ANKLE]].mean()
        - pose.visibility[[Landmark.LEFT_KNEE, Landmark.LEFT_ANKLE]].mean()
    )
    if math.isnan(across):
        return float(np.clip(hidden / 0.3, -1, 1)) if hidden else math.nan
    return float(np.clip(across / 0.2, -1, 1)) * 0.7 + hidden * 0.3


def compute_stance_foot(pose: Pose) -> float:
    """Return the evidence of one frame that the right foot is the planted one: -1 (left) to 1 (right).

    The lower ankle counts as planted; 0 while both feet are on the ground. NaN when unseen.
    """
    lower_px = float(pose.image_px[Landmark.RIGHT_ANKLE, 1] - pose.image_px[Landmark.LEFT_ANKLE, 1])
    thigh_px = float(np.linalg.norm(pose.image_px[Landmark.RIGHT_HIP] - pose.image_px[Landmark.RIGHT_KNEE]))
    return float(np.clip(lower_px / max(thigh_px, 1.0) / 0.3, -1, 1))


def compute_front_foot(pose: Pose, facing: int) -> float:
    """Return the evidence of one frame that the right foot is in front: -1 (left) to 1 (right); NaN when unseen.

    *facing* is that of `hipform.kinematics.measures.SideView` for a standing lifter.
    """
    ahead_px = facing * float(pose.image_px[Landmark.RIGHT_ANKLE, 0] - pose.image_px[Landmark.LEFT_ANKLE, 0])
    thigh_px = float(np.linalg.norm(pose.image_px[Landmark.RIGHT_HIP] - pose.image_px[Landmark.RIGHT_KNEE]))
    return float(np.clip(ahead_px / max(thigh_px, 1.0) / 0.3, -1, 1))


def compute_stance(pose: Pose, facing: int) -> float:
    """Return the evidence of one frame that the right leg works alone: -1 (left) to 1 (right).

    A foot that is clearly lower stands alone, and one that is clearly in front takes the load; 0 while the feet are
    together. *facing* is that of `hipform.kinematics.measures.SideView`. NaN when unseen.
    """
    right_px, left_px = pose.image_px[Landmark.RIGHT_ANKLE], pose.image_px[Landmark.LEFT_ANKLE]
    thigh_px = max(float(np.linalg.norm(pose.image_px[Landmark.RIGHT_HIP] - pose.image_px[Landmark.RIGHT_KNEE])), 1.0)
    ahead, lower = facing * float(right_px[0] - left_px[0]) / thigh_px, float(right_px[1] - left_px[1]) / thigh_px
    if abs(lower) > _LOWER_THIGHS:
        return math.copysign(1.0, lower)
    if abs(ahead) > _AHEAD_THIGHS:
        return math.copysign(1.0, ahead)
    return math.nan if math.isnan(lower) else 0.0


def planted(pose: Pose, side: Side) -> Pose:
    """Return *pose* with the lower of the two feet on *side*.

    With one leg in the air the model sometimes assigns a foot to the wrong leg, mostly during movement; the planted leg
    is the one with the lower foot. Poses with an unseen ankle are returned unchanged.
    """
    own, other = SIDE_POINTS[side], SIDE_POINTS[side.other]
    if not pose.image_px[other["ankle"], 1] > pose.image_px[own["ankle"], 1]:
        return pose
    here, there = ([points[name] for name in ("ankle", "heel", "foot_index")] for points in (own, other))
    image_px = pose.image_px.copy()
    image_px[here], image_px[there] = pose.image_px[there], pose.image_px[here]
    return replace(pose, image_px=image_px)


@per_pose
def compute_facing(pose: Pose) -> float:
    """Return the evidence of one frame for the facing: a weighted sum of the sines of knee, hip and ankle flexion.

    A positive value means a facing of +1. Knees and ankles bend in one direction only, and hips mostly do; a straight
    joint contributes nothing, and neither does an unseen one. When the lifter stands straight, only the toes
    contribute. NaN when all joints are unseen.
    """
    evidence = []
    for points in SIDE_POINTS.values():
        joints = ("shoulder", "hip", "knee", "ankle", "foot_index")
        shoulder, hip, knee, ankle, toe = map(tuple, pose.image_px[[points[n] for n in joints]].tolist())
        thigh, shank = between(hip, knee), between(knee, ankle)
        evidence.append(math.sin(math.radians(turn_deg(thigh, shank))))
        evidence.append(-0.5 * math.sin(math.radians(turn_deg(between(shoulder, hip), thigh))))
        evidence.append(-0.5 * math.sin(math.radians(turn_deg(shank, between(ankle, toe)))))
    seen = [value for value in evidence if math.isfinite(value)]
    return sum(seen) if seen else math.nan


class Vote:
    """A decision from evidence gathered over time, with hysteresis.

    Parameters
    ----------
    margin
        How far the mean evidence must pass zero before the sign changes.
    memory_s
        Time constant of the mean.
    """

    def __init__(self, margin: float = SWITCH_MARGIN, memory_s: float = SIDE_MEMORY_S) -> None:
        self._margin = margin
        self._memory_s = memory_s
        self._mean = 0.0
        self._weight = 0.0
        self._last_t_s = math.nan
        self.sign = 0

    def push(self, t_s: float, evidence: float) -> int:
        """Add *evidence* (positive or negative, NaN ignored) at time *t_s* and return the sign in force, -1, 0 or 1."""
        if math.isnan(evidence):
            return self.sign
        elapsed_s = 1 / 30 if math.isnan(self._last_t_s) else t_s - self._last_t_s
        self._last_t_s = t_s
        keep = math.exp(-elapsed_s / self._memory_s)
        self._weight = self._weight * keep + (1 - keep)
        self._mean = self._mean * keep + evidence * (1 - keep)
        lean = self._mean / self._weight
        if self.sign == 0 or lean * self.sign < -self._margin:
            self.sign = 1 if lean > 0 else -1
        return self.sign


def side_of(sign: int) -> Side:
    """Return the side that the sign of a `Vote` stands for; right when undecided."""
    return Side.LEFT if sign < 0 else Side.RIGHT
