"""Landmarks of kinematic lifters: rendered samples without pixels, so that thousands of views cost minutes.

The joints of a rendered lifter are projected by its camera; errors like those of a pose model are added.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace

import numpy as np

from hipform.kinematics.tracking import MIRROR_ORDER
from hipform.pose.poses import N_LANDMARKS, Landmark, Pose
from hipform.types import FloatArray
from hipform.video.frames import ClipInfo
from scripts.render_samples.camera import CameraRig, VirtualCamera, project
from scripts.render_samples.lifting_set import plan_set
from scripts.render_samples.spec import sample_camera, sample_spec
from scripts.render_samples.truth import landmarks

FPS = 15.0
WIDEST_DEG = 90.0
CLIP_BIAS_M, JITTER_M, DEPTH_GROWTH = 0.02, 0.012, 2.0
JITTER_MEMORY = 0.8
_STANDS_FOR = {"EYE_INNER": "eye", "EYE_OUTER": "eye", "PINKY": "wrist", "INDEX": "wrist", "THUMB": "wrist"}


@dataclass(frozen=True)
class KinematicClip:
    """A clip as poses, with the exercise that it shows, or `scripts.evaluate.clips.NOTHING`."""

    exercise: str
    info: ClipInfo
    poses: list[Pose]


def _point_name(landmark: Landmark) -> str:
    name = landmark.name
    if name == "NOSE" or name.startswith("MOUTH"):
        return "nose"
    side, part = name.split("_", 1)
    return f"{side.lower()}_{_STANDS_FOR.get(part, part.lower())}"


POINT_NAMES = [_point_name(landmark) for landmark in Landmark]


def poses_of(points_m: FloatArray, cameras: list[VirtualCamera], rng: np.random.Generator) -> Iterator[Pose]:
    """Yield the poses of lifters with errors of a pose model; *points_m* has shape (n, 33, 3)."""
    grown = np.array([1.0, 1.0, DEPTH_GROWTH])
    bias_m = rng.normal(0.0, CLIP_BIAS_M, (N_LANDMARKS, 3)) * grown
    depth_scale = rng.uniform(0.7, 1.1)
    jitter_m = np.zeros((N_LANDMARKS, 3))
    for index, (points, camera) in enumerate(zip(points_m, cameras, strict=True)):
        fresh = rng.normal(0.0, JITTER_M, (N_LANDMARKS, 3)) * grown
        jitter_m = JITTER_MEMORY * jitter_m + np.sqrt(1 - JITTER_MEMORY**2) * fresh
        seen = (points - camera.position) @ camera.rotation.T + bias_m + jitter_m
        image_px = project(camera.intrinsics @ np.eye(3, 4), seen)
        world_m = seen - seen[[Landmark.LEFT_HIP, Landmark.RIGHT_HIP]].mean(axis=0)
        near = seen[:, 2] < np.median(seen[:, 2]) + 0.1
        yield Pose(index / FPS, image_px, world_m * [1.0, 1.0, depth_scale], np.where(near, 0.95, 0.75))


def exercise_clips(seed: int, exercise: str, views: int) -> Iterator[KinematicClip]:
    """Yield kinematic clips of one set of an exercise, seen from several cameras."""
    rng = np.random.default_rng([seed, 31])
    spec = sample_spec(seed, exercise)
    lifting = plan_set(replace(spec, reps=2))
    times_s = lifting.frame_times_s(FPS)
    points = [landmarks(lifting.at(t_s)[1].posture) for t_s in times_s]
    points_m = np.array([[one[name] for name in POINT_NAMES] for one in points])
    for view in range(views):
        azimuth_deg = rng.normal(0.0, 15.0) if rng.random() < 0.4 else rng.uniform(-WIDEST_DEG, WIDEST_DEG)
        camera = replace(sample_camera(rng), azimuth_deg=float(azimuth_deg), fps=FPS)
        rig = CameraRig(replace(camera, mirrored=False), lifting.exercise.framing, lifting.body.scale, seed + view)
        poses = list(poses_of(points_m, [rig.at(t_s) for t_s in times_s], rng))
        if camera.mirrored:
            poses = [_mirrored(pose, camera.width_px) for pose in poses]
        name = f"{exercise}-{seed}-{view}"
        yield KinematicClip(
            exercise, ClipInfo(name=name, width_px=camera.width_px, height_px=camera.height_px, fps=FPS), poses
        )


def _mirrored(pose: Pose, width_px: int) -> Pose:
    image_px = (pose.image_px * [-1.0, 1.0] + [width_px, 0.0])[MIRROR_ORDER]
    return replace(
        pose,
        image_px=image_px,
        world_m=(pose.world_m * [-1.0, 1.0, 1.0])[MIRROR_ORDER],
        visibility=pose.visibility[MIRROR_ORDER],
    )
