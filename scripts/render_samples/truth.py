"""Ground truth of a frame: joints and angles.

The schema is described in docs/rendered_truth.md.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from scripts.render_samples.bodies import Body
from scripts.render_samples.camera import VirtualCamera, mirrored_matrix, project
from scripts.render_samples.geometry import (
    Array,
    bend_3d_deg,
    bend_deg,
    rotation_pitch_deg,
    segment_pitch_deg,
    vec,
    wrap_deg,
)
from scripts.render_samples.lifting_set import LiftingSet
from scripts.render_samples.skeleton import SIDE_NAME, SIDES, Posture
from scripts.render_samples.timeline import Moment

PAIRED_JOINTS = {
    "shoulder": "upperarm01",
    "elbow": "lowerarm01",
    "wrist": "wrist",
    "hip": "upperleg01",
    "knee": "lowerleg01",
    "ankle": "foot",
    "eye": "eye",
}
MIDLINE_JOINTS = {"lumbosacral": "spine05", "thoracolumbar": "spine02", "neck_base": "neck01"}


def landmarks(posture: Posture) -> dict[str, Array]:
    """Return named points of a posed body, m."""
    body = posture.body
    points: dict[str, Array] = {"nose": posture.point("head", _nose(body))}
    for side in SIDES:
        name = SIDE_NAME[side]
        for joint, bone in PAIRED_JOINTS.items():
            points[f"{name}_{joint}"] = posture.joint(f"{bone}.{side}")
        head, eye = body.head("head"), body.head(f"eye.{side}")
        ear = vec(float(head[0]) + 0.005, float(np.sign(eye[1])) * 0.075, float(eye[2]) - 0.02)
        points[f"{name}_ear"] = posture.point("head", ear)
        ankle = body.head(f"foot.{side}")
        heel = vec(float(ankle[0]) - 0.055, float(ankle[1]), 0.03)
        points[f"{name}_heel"] = posture.point(f"foot.{side}", heel)
        toe = body.head(f"toe2-1.{side}") + vec(0.03, 0.0, 0.0)
        points[f"{name}_foot_index"] = posture.point(f"foot.{side}", toe)
    for joint, bone in MIDLINE_JOINTS.items():
        points[joint] = posture.joint(bone)
    return points


def _nose(body: Body) -> Array:
    return body.surface_point(float(body.head("eye.L")[2]) - 0.035, front=True)


def body_angles(posture: Posture, neutral_line_deg: float) -> dict[str, float]:
    """Return the angles of a posed body, deg; signs as in docs/rendered_truth.md."""
    points = landmarks(posture)
    pelvis, low_back, thorax, head = (
        rotation_pitch_deg(posture.world_rotation(bone)) for bone in ("root", "spine03", "spine01", "head")
    )
    left_hip, right_hip = points["left_hip"], points["right_hip"]
    angles = {
        "trunk_lean_deg": segment_pitch_deg(posture.middle("upperleg01"), posture.middle("upperarm01")),
        "pelvis_pitch_deg": pelvis,
        "lumbar_extension_deg": wrap_deg(pelvis - low_back),
        "thoracic_extension_deg": wrap_deg(low_back - thorax),
        "neck_extension_deg": wrap_deg(thorax - head),
        "pelvis_left_higher_deg": float(
            np.degrees(np.arcsin((left_hip[2] - right_hip[2]) / np.linalg.norm(left_hip - right_hip)))
        ),
    }
    for side in SIDES:
        angles |= _side_angles(points, SIDE_NAME[side], pelvis + neutral_line_deg)
    return angles


def _side_angles(points: dict[str, Array], side: str, neutral_trunk_deg: float) -> dict[str, float]:
    shoulder, hip, knee, ankle, wrist = (
        points[f"{side}_{joint}"] for joint in ("shoulder", "hip", "knee", "ankle", "wrist")
    )
    hip_deg, knee_deg = bend_deg(shoulder, hip, knee), -bend_deg(hip, knee, ankle)
    arm = wrist - shoulder
    return {
        f"{side}_trunk_thigh_flexion_deg": hip_deg,
        f"{side}_trunk_thigh_flexion_3d_deg": float(np.copysign(bend_3d_deg(shoulder, hip, knee), hip_deg)),
        f"{side}_hip_joint_flexion_deg": wrap_deg(neutral_trunk_deg - segment_pitch_deg(knee, hip)),
        f"{side}_knee_flexion_deg": knee_deg,
        f"{side}_knee_flexion_3d_deg": float(np.copysign(bend_3d_deg(hip, knee, ankle), knee_deg)),
        f"{side}_shin_lean_deg": segment_pitch_deg(ankle, knee),
        f"{side}_arm_elevation_deg": float(np.degrees(np.arctan2(arm[0], -arm[2]))),
    }


def image_angles(pixels: dict[str, Array], facing: float) -> dict[str, float]:
    """Return the same angles as seen in the image, deg; `facing` is +1 when the lifter looks to its right."""
    upright = {name: vec(facing * float(p[0]), 0.0, -float(p[1])) for name, p in pixels.items()}
    angles = {}
    for side in ("left", "right"):
        shoulder, hip, knee, ankle = (upright[f"{side}_{j}"] for j in ("shoulder", "hip", "knee", "ankle"))
        angles[f"{side}_trunk_thigh_flexion_image_deg"] = bend_deg(shoulder, hip, knee)
        angles[f"{side}_knee_flexion_image_deg"] = -bend_deg(hip, knee, ankle)
    return angles


@dataclass(frozen=True)
class FrameTruth:
    """One frame: its moment, angles, joints in space (m) and in the image (px), and camera matrix."""

    index: int
    moment: Moment
    side: str
    angles: dict[str, float]
    points: dict[str, Array]
    pixels: dict[str, Array]
    matrix: Array


def swap_sides(name: str) -> str:
    """Return a name with left and right exchanged; names without a side stay as they are."""
    if name.startswith("left_"):
        return "right_" + name.removeprefix("left_")
    if name.startswith("right_"):
        return "left_" + name.removeprefix("right_")
    return name


def frame_truth(
    lifting_set: LiftingSet, index: int, moment: Moment, posture: Posture, camera: VirtualCamera, *, mirrored: bool
) -> FrameTruth:
    """Return the truth of a frame, in the mirrored world if the image is mirrored."""
    points = landmarks(posture)
    angles = body_angles(posture, lifting_set.motion.neutral_line_deg())
    matrix, side = camera.matrix, SIDE_NAME[moment.side]
    if mirrored:
        points = {swap_sides(name): point * vec(1.0, -1.0, 1.0) for name, point in points.items()}
        angles = {swap_sides(name): angle for name, angle in angles.items()}
        angles["pelvis_left_higher_deg"] *= -1.0
        matrix, side = mirrored_matrix(matrix, camera.width_px), swap_sides(f"{side}_").removesuffix("_")
    pixels = {name: project(matrix, point) for name, point in points.items()}
    angles |= image_angles(pixels, -1.0 if mirrored else 1.0)
    return FrameTruth(index, moment, side, angles, points, pixels, matrix)
