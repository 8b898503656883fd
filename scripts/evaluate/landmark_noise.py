"""How the pose model errs, taken from its recordings of rendered clips, and applied to simulated joints.

A recording minus the true joints gives the error of every landmark in every frame, in trunk lengths, forward and up, of
the near and of the far side. A simulated frame takes the errors of a recorded frame of its exercise at the same depth
of the movement, on the same way (up or down), so that errors that depend on the posture stay with it, and errors that
belong together (both ends of a limb, image and depth) stay together. While the phase fits, the recording plays on, so
that the errors of successive frames belong together as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np

from hipform.pose.poses import N_LANDMARKS, Landmark, Pose
from hipform.pose.recording import Recording
from hipform.types import FloatArray
from scripts.evaluate.simulated_sets import SimulatedSet

POINTS = tuple(
    [("nose", "NOSE")]
    + [
        (f"{side}_{name}", f"{side.upper()}_{name.upper()}")
        for side in ("left", "right")
        for name in ("eye", "ear", "shoulder", "elbow", "wrist", "hip", "knee", "ankle", "heel", "foot_index")
    ]
)
"""Names of the points that the truth has, and their landmarks; the others stay unseen."""

_SAME_DEPTH = 0.06
"""Depths that differ by less than this are the same phase of a movement."""

_WAY_S = 0.1
"""The way up or down is that of the depth over this time before and after."""


@dataclass(frozen=True, slots=True, eq=False)
class LandmarkNoise:
    """The errors of one recording; near points come before far ones, lengths are trunk lengths, x is forward.

    Attributes
    ----------
    exercise
        What was recorded.
    phase
        Depth and way of every frame, see `_phase`, shape (n, 2).
    errors
        Errors in the image, then in space, by frame; NaN where the model found nobody; shape (n, values).
    visibility
        Of every point, by frame, shape (n, points).
    """

    exercise: str
    phase: FloatArray
    errors: FloatArray
    visibility: FloatArray


def near_first(near_side: str) -> list[str]:
    """Return the names of `POINTS` with the near side before the far one."""
    far = {"left": "right", "right": "left"}[near_side]
    own = [name for name, _ in POINTS if name.startswith(near_side)]
    return ["nose", *own, *(name.replace(near_side, far, 1) for name in own)]


def _phase(hip_deg: FloatArray, t_s: FloatArray) -> FloatArray:
    """Return depth and way of every frame, shape (n, 2).

    Depth goes from 0 at the top of the set to 1 at its bottom; the way is 1 down, -1 up, and 0 at rest.
    """
    low, high = np.percentile(hip_deg, [2, 98])
    depth = (hip_deg - low) / max(high - low, 1.0)
    change = np.interp(t_s + _WAY_S, t_s, depth) - np.interp(t_s - _WAY_S, t_s, depth)
    return np.column_stack([depth, np.where(np.abs(change) < _SAME_DEPTH, 0.0, np.sign(change))])


def _trunk(points: FloatArray, names: Sequence[str]) -> FloatArray:
    """Return the median distance from the middle of the shoulders to that of the hips."""
    shoulders, hips = ([names.index(f"{side}_{joint}") for side in ("left", "right")] for joint in ("shoulder", "hip"))
    trunk = points[:, shoulders].mean(axis=1) - points[:, hips].mean(axis=1)
    return np.asarray(np.median(np.linalg.norm(trunk, axis=1)))


def fit_noise(poses: Path, truth_json: Path) -> LandmarkNoise:
    """Return the errors of the recording *poses* of the rendered clip with the truth *truth_json*."""
    data = json.loads(truth_json.read_text(encoding="utf-8"))
    true_s = np.array(data["frames"]["time_s"])
    with Recording(poses) as recording:
        found = list(recording)
    at = np.abs(true_s[None, :] - np.array([pose.t_s for pose in found])[:, None]).argmin(axis=1)
    names = near_first(data["near_side"])
    order = [data["landmarks"].index(name) for name in names]
    landmark = dict(POINTS)
    marks = [Landmark[landmark[name]] for name in names]
    facing = -1.0 if data["spec"]["camera"]["mirrored"] else 1.0
    true_px = np.array(data["frames"]["landmarks_px"])[at][:, order]
    true_m = _camera_axes_m(data, at, order)
    image = np.array([pose.image_px[marks] for pose in found]) - true_px
    world = np.array([pose.world_m[marks] for pose in found]) - true_m
    image[..., 0] *= facing
    world[..., 0] *= facing
    errors = np.concatenate(
        [
            (image / _trunk(true_px, names)).reshape(len(at), -1),
            (world / _trunk(true_m, names)).reshape(len(at), -1),
        ],
        axis=1,
    )
    return LandmarkNoise(
        exercise=data["spec"]["exercise"],
        phase=_phase(_hip_deg(names, true_px, data["near_side"]), true_s[at]),
        errors=errors,
        visibility=np.array([pose.visibility[marks] for pose in found]),
    )


def _camera_axes_m(data: Mapping[str, Any], at: FloatArray, order: Sequence[int]) -> FloatArray:
    """Return the true points relative to the middle of the hips, in the axes of the camera: right, down, away."""
    points_m = np.array(data["frames"]["landmarks_m"])[at]
    names = list(data["landmarks"])
    hips = [names.index("left_hip"), names.index("right_hip")]
    from_hips_m = points_m - points_m[:, hips].mean(axis=1, keepdims=True)
    matrices = np.array(data["camera"]["matrices"]).reshape(-1, 3, 4)[:, :, :3]
    axes = np.array([_axes(matrix) for matrix in matrices])
    axes = axes[at] if len(axes) > 1 else np.repeat(axes, len(at), axis=0)
    return np.asarray(np.einsum("nij,npj->npi", axes, from_hips_m[:, order]))


def _axes(matrix: FloatArray) -> FloatArray:
    """Return the camera's axes in the world as rows, from the left 3x3 part of its matrix."""
    away = matrix[2] / np.linalg.norm(matrix[2])
    right = matrix[0] - (matrix[0] @ away) * away
    right = right / np.linalg.norm(right)
    down = matrix[1] - (matrix[1] @ away) * away - (matrix[1] @ right) * right
    return np.array([right, down / np.linalg.norm(down), away])


def _hip_deg(names: Sequence[str], points_px: FloatArray, side: str) -> FloatArray:
    """Return how far trunk and thigh are from one line in the image, degrees, without a sign."""
    shoulder, hip, knee = (points_px[:, names.index(f"{side}_{joint}")] for joint in ("shoulder", "hip", "knee"))
    trunk, thigh = hip - shoulder, knee - hip
    cosine = (trunk * thigh).sum(axis=1) / (np.linalg.norm(trunk, axis=1) * np.linalg.norm(thigh, axis=1))
    return np.asarray(np.degrees(np.arccos(np.clip(cosine, -1.0, 1.0))))


def noisy_poses(simulated: SimulatedSet, noise: LandmarkNoise, rng: np.random.Generator) -> Iterator[Pose]:
    """Yield the set as a pose model would see it that errs as in one recording."""
    names = near_first(simulated.near_side)
    order = [simulated.names.index(name) for name in names]
    landmark = dict(POINTS)
    marks = [Landmark[landmark[name]] for name in names]
    image_px, world_m = simulated.image_px[:, order], simulated.world_m[:, order]
    phase = _phase(_hip_deg(names, image_px, simulated.near_side), simulated.t_s)
    frames = _like_moments(phase, noise.phase, rng)
    errors = noise.errors[frames]
    n = len(names)
    image_error = errors[:, : 2 * n].reshape(-1, n, 2) * _trunk(image_px, names)
    world_error = errors[:, 2 * n :].reshape(-1, n, 3) * _trunk(world_m, names)
    image_error[..., 0] *= simulated.facing
    world_error[..., 0] *= simulated.facing
    for index, t_s in enumerate(simulated.t_s):
        pose = Pose.unseen(float(t_s))
        image, world, visibility = pose.image_px, pose.world_m, np.zeros(N_LANDMARKS)
        image[marks] = image_px[index] + image_error[index]
        world[marks] = world_m[index] + world_error[index]
        visibility[marks] = noise.visibility[frames[index]]
        yield Pose(float(t_s), image, world, visibility)


def _like_moments(phase: FloatArray, recorded: FloatArray, rng: np.random.Generator) -> list[int]:
    """Return for each frame of a set the frame of the recording whose errors it takes."""
    found: list[int] = []
    step = 1
    for one in phase:
        far = np.abs(recorded[:, 0] - one[0]) + (recorded[:, 1] != one[1])
        fitting = np.flatnonzero(far <= max(_SAME_DEPTH, float(far.min()) + 1e-9))
        following = found[-1] + step if found else -1
        if found and following not in fitting and found[-1] - step in fitting:
            # A hold that is longer than the recorded one is played back and forth.
            step, following = -step, found[-1] - step
        if following not in fitting:
            following = int(rng.choice(fitting)) if not found else int(fitting[np.abs(fitting - found[-1]).argmin()])
        found.append(following)
    return found
