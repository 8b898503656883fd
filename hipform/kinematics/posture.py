"""Postures in numbers that do not depend on where the camera stands, for telling exercises apart.

They come from the model's 3-D points: how trunk and limbs lie against the vertical and against each other. Left and
right are exchangeable; where they differ, a number says by how much.
"""

from __future__ import annotations

import numpy as np

from hipform.pose.poses import Landmark
from hipform.types import FloatArray

POSTURE = (
    "trunk_up",
    "chest_up",
    "hip_flexion_mean",
    "hip_flexion_difference",
    "knee_flexion_mean",
    "knee_flexion_difference",
    "thigh_up_mean",
    "thigh_up_difference",
    "shank_up_mean",
    "shank_up_difference",
    "arm_elevation_mean",
    "arm_elevation_difference",
    "elbow_flexion_mean",
    "elbow_flexion_difference",
    "hip_above_ankle",
    "hip_above_lower_ankle",
    "shoulder_above_hip",
    "shoulder_above_ankle",
    "nose_above_shoulder",
    "lower_wrist_above_shoulder",
    "upper_wrist_above_shoulder",
    "lower_wrist_above_hip",
    "upper_wrist_above_hip",
    "lower_wrist_above_ankle",
    "upper_wrist_above_ankle",
    "wrist_ahead_of_chest_mean",
    "wrist_ahead_of_chest_difference",
    "wrist_to_hip",
    "wrist_to_knee",
    "wrists_apart",
    "knees_apart",
    "ankles_apart",
    "ankle_ahead_difference",
    "ankle_above_difference",
)
"""Names of the numbers: angles in radians, lengths in trunk lengths; ``_up`` the sine of the angle to the floor."""

_PAIRED = ("SHOULDER", "ELBOW", "WRIST", "HIP", "KNEE", "ANKLE")
_LEFT = [Landmark[f"LEFT_{name}"] for name in _PAIRED]
_RIGHT = [Landmark[f"RIGHT_{name}"] for name in _PAIRED]
_UP = np.array([0.0, -1.0, 0.0])


def describe_postures(world_m: FloatArray) -> FloatArray:
    """Return the numbers of `POSTURE` for n frames.

    Parameters
    ----------
    world_m
        As in `hipform.pose.poses.Pose`, shape (n, 33, 3).

    Returns
    -------
    FloatArray
        Shape (n, 34); NaN where the source has no 3-D points or a point was not seen.
    """
    # Axes from here on: side, frame, space.
    sides = np.stack([world_m[:, _LEFT], world_m[:, _RIGHT]])
    shoulder, elbow, wrist, hip, knee, ankle = np.moveaxis(sides, 2, 0)
    chest_m, pelvis_m = shoulder.mean(axis=0), hip.mean(axis=0)
    trunk_m = np.linalg.norm(chest_m - pelvis_m, axis=-1)
    along = _unit(chest_m - pelvis_m)
    across = (shoulder + hip)[0] - (shoulder + hip)[1]
    across = _unit(across - _dot(across, along)[..., None] * along)
    # Across points to the lifter's left, along to the head: the chest faces along their cross product.
    ahead = np.cross(across, along)
    up = {name: part @ _UP / trunk_m for name, part in zip(_PAIRED, np.moveaxis(sides, 2, 0), strict=True)}
    shoulder_up, hip_up, ankle_up = (up[name].mean(axis=0) for name in ("SHOULDER", "HIP", "ANKLE"))
    wrists_up = np.sort(up["WRIST"], axis=0)
    apart = {name: np.linalg.norm(part[0] - part[1], axis=-1) / trunk_m for name, part in _parts(sides).items()}
    columns = [
        along @ _UP,
        ahead @ _UP,
        *_mean_and_difference(_sagittal_angle(knee - hip, -along, ahead)),
        *_mean_and_difference(_bend(hip, knee, ankle)),
        *_mean_and_difference(_unit(hip - knee) @ _UP),
        *_mean_and_difference(_unit(knee - ankle) @ _UP),
        *_mean_and_difference(_sagittal_angle(wrist - shoulder, -along, ahead)),
        *_mean_and_difference(_bend(shoulder, elbow, wrist)),
        hip_up - ankle_up,
        hip_up - up["ANKLE"].min(axis=0),
        shoulder_up - hip_up,
        shoulder_up - ankle_up,
        (world_m[:, Landmark.NOSE] - chest_m) @ _UP / trunk_m,
        *(wrists_up - shoulder_up),
        *(wrists_up - hip_up),
        *(wrists_up - ankle_up),
        *_mean_and_difference(_dot(wrist - chest_m, ahead) / trunk_m),
        np.linalg.norm(wrist - hip, axis=-1).mean(axis=0) / trunk_m,
        np.linalg.norm(wrist - knee, axis=-1).mean(axis=0) / trunk_m,
        apart["WRIST"],
        apart["KNEE"],
        apart["ANKLE"],
        abs(_dot(ankle[0] - ankle[1], ahead)) / trunk_m,
        np.ptp(up["ANKLE"], axis=0),
    ]
    return np.stack(columns, axis=1)


def _parts(sides: FloatArray) -> dict[str, FloatArray]:
    return dict(zip(_PAIRED, np.moveaxis(sides, 2, 0), strict=True))


def _unit(vectors: FloatArray) -> FloatArray:
    lengths = np.linalg.norm(vectors, axis=-1, keepdims=True)
    return np.asarray(vectors / np.maximum(lengths, 1e-9))


def _dot(first: FloatArray, second: FloatArray) -> FloatArray:
    return np.asarray((first * second).sum(axis=-1))


def _mean_and_difference(sides: FloatArray) -> tuple[FloatArray, FloatArray]:
    return sides.mean(axis=0), np.ptp(sides, axis=0)


def _sagittal_angle(segments: FloatArray, down: FloatArray, ahead: FloatArray) -> FloatArray:
    """Return the angle of segments from *down* toward *ahead*, radians, -pi/2 to 3 pi/2."""
    angle = np.arctan2(_dot(segments, ahead), _dot(segments, down))
    return np.asarray(np.where(angle < -np.pi / 2, angle + 2 * np.pi, angle))


def _bend(first: FloatArray, joint: FloatArray, last: FloatArray) -> FloatArray:
    """Return the bend of a limb at *joint*, radians, 0 straight."""
    return np.asarray(np.arccos(np.clip(_dot(_unit(joint - first), _unit(last - joint)), -1.0, 1.0)))
