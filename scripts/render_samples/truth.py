"""Ground truth: joints and angles of every frame, measures of every repetition, and their files.

The schema is described in docs/rendered_truth.md.
"""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np

from scripts.render_samples.bodies import Body
from scripts.render_samples.camera import VirtualCamera, mirrored_matrix, project
from scripts.render_samples.contacts import ContactReport
from scripts.render_samples.faults import FAULTS, HOLD_BAND_DEG
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
from scripts.render_samples.plan import Moment, RepTimes
from scripts.render_samples.skeleton import SIDE_NAME, SIDES, Posture, Side
from scripts.render_samples.spec import ClipSpec, to_dict

SCHEMA_VERSION = 1
LICENCE = "CC0-1.0"

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
SPEED_STEP_S = 0.004
FINE_STEP_S = 0.002


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
    """Return the same bends as seen in the picture, deg; `facing` is +1 when the lifter looks to its right."""
    upright = {name: vec(facing * float(p[0]), 0.0, -float(p[1])) for name, p in pixels.items()}
    angles = {}
    for side in ("left", "right"):
        shoulder, hip, knee, ankle = (upright[f"{side}_{j}"] for j in ("shoulder", "hip", "knee", "ankle"))
        angles[f"{side}_trunk_thigh_flexion_image_deg"] = bend_deg(shoulder, hip, knee)
        angles[f"{side}_knee_flexion_image_deg"] = -bend_deg(hip, knee, ankle)
    return angles


@dataclass(frozen=True)
class FrameTruth:
    """One frame: its moment, angles, joints in space (m) and in the picture (px), and camera matrix."""

    index: int
    moment: Moment
    side: str
    angles: dict[str, float]
    points: dict[str, Array]
    pixels: dict[str, Array]
    matrix: Array


def _swap_sides(name: str) -> str:
    if name.startswith("left_"):
        return "right_" + name.removeprefix("left_")
    if name.startswith("right_"):
        return "left_" + name.removeprefix("right_")
    return name


def frame_truth(
    lifting_set: LiftingSet, index: int, moment: Moment, posture: Posture, camera: VirtualCamera, *, mirrored: bool
) -> FrameTruth:
    """Return the truth of a frame, in the mirrored world where the picture is mirrored."""
    points = landmarks(posture)
    angles = body_angles(posture, lifting_set.motion.neutral_line_deg())
    matrix, side = camera.matrix, SIDE_NAME[moment.side]
    if mirrored:
        points = {_swap_sides(name): point * vec(1.0, -1.0, 1.0) for name, point in points.items()}
        angles = {_swap_sides(name): angle for name, angle in angles.items()}
        angles["pelvis_left_higher_deg"] *= -1.0
        matrix, side = mirrored_matrix(matrix, camera.width_px), _swap_sides(f"{side}_").removesuffix("_")
    pixels = {name: project(matrix, point) for name, point in points.items()}
    angles |= image_angles(pixels, -1.0 if mirrored else 1.0)
    return FrameTruth(index, moment, side, angles, points, pixels, matrix)


@dataclass(frozen=True)
class RepMeasures:
    """What a repetition truly was; the working side's angles at the middle of its hold and of its turn.

    `range_deg` is the hip's range; `hold_s` the time within 5 degrees of the top; `turn_speed_deg_s` the hip's speed
    just before the bottom; `hip_shoulder_rise_ratio` how much further the hips rise than the shoulders in the first
    third of the lifting time; `load_ahead_bottom_m` how far the wrists are ahead of the ankles.
    """

    hip_top_deg: float
    hip_joint_top_deg: float
    lumbar_top_deg: float
    knee_top_deg: float
    shin_lean_top_deg: float
    trunk_lean_top_deg: float
    neck_top_deg: float
    pelvis_drop_top_deg: float
    arm_top_deg: float
    hip_bottom_deg: float
    lumbar_bottom_deg: float
    knee_bottom_deg: float
    load_ahead_bottom_m: float
    range_deg: float
    hold_s: float
    lifting_s: float
    lowering_s: float
    turn_speed_deg_s: float
    hip_shoulder_rise_ratio: float


def _hip_deg(lifting_set: LiftingSet, time_s: float) -> float:
    return lifting_set.timeline.at(time_s).targets.hip_deg


def _turn_times_s(lifting_set: LiftingSet, times: RepTimes) -> tuple[float, float]:
    """Return the middles of a rep's hold at the top and of its turn at the bottom."""
    tempo = lifting_set.plans[times.rep - 1].tempo
    top_s = times.top_s + 0.5 * tempo.top_s
    bottom_end_s = times.ascent_s if lifting_set.exercise.starts_at_top else times.end_s + tempo.bottom_s
    bottom_start_s = times.bottom_s if lifting_set.exercise.starts_at_top else times.end_s
    return top_s, 0.5 * (bottom_start_s + bottom_end_s)


def _hold_s(lifting_set: LiftingSet, top_s: float) -> float:
    """Return how long the hip stays near its top, on both sides of `top_s`."""
    top_deg = _hip_deg(lifting_set, top_s)

    def reach(direction: float) -> float:
        span_s = 0.0
        end_s = lifting_set.timeline.duration_s
        while 0.0 <= top_s + direction * span_s <= end_s:
            if abs(_hip_deg(lifting_set, top_s + direction * span_s) - top_deg) > HOLD_BAND_DEG:
                break
            span_s += FINE_STEP_S
        return span_s

    return reach(-1.0) + reach(1.0)


def _rise_ratio(lifting_set: LiftingSet, times: RepTimes) -> float:
    third_s = times.ascent_s + (times.top_s - times.ascent_s) / 3.0
    low, high = (lifting_set.at(t)[1].posture for t in (times.ascent_s, third_s))
    hip_m, shoulder_m = (high.middle(b)[2] - low.middle(b)[2] for b in ("upperleg01", "upperarm01"))
    return float(hip_m / shoulder_m) if abs(shoulder_m) > 0.01 else float("nan")


def measure_rep(lifting_set: LiftingSet, times: RepTimes) -> RepMeasures:
    """Measure one repetition on solved postures and the exact timeline."""
    neutral_deg = lifting_set.motion.neutral_line_deg()
    top_s, bottom_s = _turn_times_s(lifting_set, times)
    side = SIDE_NAME[times.side]
    top_posture, low_posture = (lifting_set.at(t)[1].posture for t in (top_s, bottom_s))
    top, low = body_angles(top_posture, neutral_deg), body_angles(low_posture, neutral_deg)
    # Lying or kneeling, the pelvis drops on the side whose leg does not carry.
    free = _free_side(lifting_set, times.side)
    drop_deg = top["pelvis_left_higher_deg"] * (-1.0 if free == "L" else 1.0)
    wrist_m, ankle_m = low_posture.middle("wrist")[0], low_posture.middle("foot")[0]
    from_top = lifting_set.exercise.starts_at_top
    lowering_s = times.bottom_s - times.start_s if from_top else times.end_s - times.descent_s
    turn_s = times.bottom_s if from_top else times.end_s
    before_deg = _hip_deg(lifting_set, turn_s - SPEED_STEP_S)
    return RepMeasures(
        hip_top_deg=top[f"{side}_trunk_thigh_flexion_deg"],
        hip_joint_top_deg=top[f"{side}_hip_joint_flexion_deg"],
        lumbar_top_deg=top["lumbar_extension_deg"],
        knee_top_deg=top[f"{side}_knee_flexion_deg"],
        shin_lean_top_deg=top[f"{side}_shin_lean_deg"],
        trunk_lean_top_deg=top["trunk_lean_deg"],
        neck_top_deg=top["neck_extension_deg"],
        pelvis_drop_top_deg=drop_deg,
        arm_top_deg=_arm_top_deg(lifting_set, times, top_s, side),
        hip_bottom_deg=low[f"{side}_trunk_thigh_flexion_deg"],
        lumbar_bottom_deg=low["lumbar_extension_deg"],
        knee_bottom_deg=low[f"{side}_knee_flexion_deg"],
        load_ahead_bottom_m=float(wrist_m - ankle_m),
        range_deg=low[f"{side}_trunk_thigh_flexion_deg"] - top[f"{side}_trunk_thigh_flexion_deg"],
        hold_s=_hold_s(lifting_set, top_s),
        lifting_s=times.top_s - times.ascent_s,
        lowering_s=lowering_s,
        turn_speed_deg_s=(_hip_deg(lifting_set, turn_s) - before_deg) / SPEED_STEP_S,
        hip_shoulder_rise_ratio=_rise_ratio(lifting_set, times),
    )


def _free_side(lifting_set: LiftingSet, working: Side) -> Side:
    """Return the side whose hip may drop: the moving one in a bird dog, else the one that does not work."""
    moving_works = lifting_set.exercise.alternates_sides
    return working if moving_works else ("L" if working == "R" else "R")


def _arm_top_deg(lifting_set: LiftingSet, times: RepTimes, top_s: float, side: str) -> float:
    """Return the arms' highest elevation near the top (a swing's arms go on rising after the hips have locked)."""
    hold_s = lifting_set.plans[times.rep - 1].tempo.top_s
    neutral_deg = lifting_set.motion.neutral_line_deg()
    moments_s = (top_s - 0.25 * hold_s, top_s, top_s + 0.25 * hold_s)
    return max(body_angles(lifting_set.at(t)[1].posture, neutral_deg)[f"{side}_arm_elevation_deg"] for t in moments_s)


# -- files -----------------------------------------------------------------------------------------------------


def angle_names(frames: list[FrameTruth]) -> list[str]:
    """Return the angle columns of the CSV file."""
    return sorted(frames[0].angles)


def write_csv(path: Path, frames: list[FrameTruth]) -> None:
    """Write time, phase and angles of every frame."""
    names = angle_names(frames)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["frame", "time_s", "rep", "phase", "working_side", *names])
        for frame in frames:
            moment = frame.moment
            values = [f"{frame.angles[name]:.2f}" for name in names]
            row = [frame.index, f"{moment.time_s:.5f}", moment.rep, moment.phase.value, frame.side]
            writer.writerow([*row, *values])


def rep_records(spec: ClipSpec, lifting_set: LiftingSet) -> Iterator[dict[str, Any]]:
    """Yield times, measures and faults of each repetition."""
    for times in lifting_set.timeline.reps:
        faults = [
            {
                "fault": request.fault,
                "rule": FAULTS[request.fault].rule,
                "amount": request.amount,
                "unit": FAULTS[request.fault].unit,
                "measure": FAULTS[request.fault].measure.value,
            }
            for request in spec.faults
            if request.concerns(times.rep)
        ]
        side = SIDE_NAME[times.side]
        record = asdict(times) | {"side": _swap_sides(f"{side}_")[:-1] if spec.camera.mirrored else side}
        yield _rounded(record) | {"measures": _rounded(asdict(measure_rep(lifting_set, times))), "faults": faults}


def _rounded(record: dict[str, Any]) -> dict[str, Any]:
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in record.items()}


def write_json(
    path: Path, spec: ClipSpec, lifting_set: LiftingSet, frames: list[FrameTruth], contacts: ContactReport
) -> None:
    """Write the clip's specification, reps, camera and joints."""
    names = list(frames[0].points)
    still = spec.camera.sway_m == 0.0
    matrices = [frame.matrix for frame in (frames[:1] if still else frames)]
    data = {
        "schema_version": SCHEMA_VERSION,
        "licence": LICENCE,
        "spec": to_dict(spec),
        "near_side": "left" if spec.camera.mirrored else "right",
        "reps": list(rep_records(spec, lifting_set)),
        "contacts": _rounded(asdict(contacts)),
        "camera": {
            "width_px": spec.camera.width_px,
            "height_px": spec.camera.height_px,
            "fps": spec.camera.fps,
            "matrices": [[round(float(x), 5) for x in matrix.ravel()] for matrix in matrices],
        },
        "landmarks": names,
        "frames": {
            "time_s": [round(frame.moment.time_s, 5) for frame in frames],
            "landmarks_m": [[_round_all(frame.points[name], 4) for name in names] for frame in frames],
            "landmarks_px": [[_round_all(frame.pixels[name], 1) for name in names] for frame in frames],
        },
    }
    path.write_text(json.dumps(data, separators=(",", ":")), encoding="utf-8")


def _round_all(values: Array, digits: int) -> list[float]:
    return [round(float(value), digits) for value in values]
