"""Measure how well the outline of the trunk shows the low back, on stills of rendered lifters with known angles.

The stills come from ``python -m scripts.render_samples stills``. The scales of
`hipform.kinematics.lumbar_extension` were fitted on lifters of even seed; those of odd seed are for reporting.
"""

from __future__ import annotations

import json
import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from hipform.exercises import EXERCISES
from hipform.kinematics.lumbar_extension import lifter_neutral
from hipform.kinematics.measures import SIDE_POINTS, measure_all
from hipform.kinematics.orientation import compute_facing, compute_near_side
from hipform.pose.mediapipe_pose import Landmarker
from hipform.pose.model_files import ModelName
from hipform.pose.poses import Pose, TrunkContour
from hipform.pose.recording import Recording, RecordingWriter
from hipform.types import Estimate, FloatArray, Side
from hipform.video.frames import ClipInfo, Frame
from scripts.evaluate.runs import cache_folder, sha256_of

NEUTRAL_REPS = 2
"""The first repetitions of the stills are good."""
_SETTLE, _AGAIN = 18, 4
"""How often the first image of a kind, and each further one, is shown to the model, which follows movement."""
_STEP_S = 0.2


@dataclass(frozen=True, slots=True, eq=False)
class Still:
    """One image: what is true and what was measured.

    Attributes
    ----------
    exercise, seed
        Which lifter.
    rep, where, fault
        Number of the repetition, ``top`` or ``bottom``, and its fault.
    lumbar_deg, hip_deg
        True lumbar extension and true flexion of the hip itself.
    line_deg
        Trunk-thigh angle as measured.
    reading_deg
        As `LowBackScale.reading_deg`; NaN where the outline shows nothing.
    inputs
        The measures behind the reading, and ``trunk_over_thigh_ratio``.
    outline_ratio
        Dorsal and ventral outline of the trunk, shape (2, 23).
    """

    exercise: str
    seed: int
    rep: int
    where: str
    fault: str
    lumbar_deg: float
    hip_deg: float
    line_deg: float
    reading_deg: float
    inputs: Mapping[str, float]
    outline_ratio: FloatArray


def read_stills(folder: Path, model: ModelName, cache_root: Path) -> list[Still]:
    """Find the landmarks of every image of *folder*, or read them from the cache, and pair them with the truth."""
    return [still for path in sorted(folder.glob("*.npz")) for still in _lifter(path, model, cache_root)]


def _lifter(path: Path, model: ModelName, cache_root: Path) -> Iterator[Still]:
    with np.load(path) as data:
        rows, spec = json.loads(str(data["rows"])), json.loads(str(data["spec"]))
        poses_path = cache_folder(sha256_of(path), model, cache_root) / "poses.npz"
        if not poses_path.exists():
            _find_landmarks(data["images"], rows, model, poses_path)
    with Recording(poses_path) as recording:
        poses = list(recording)
    order = _order(rows)
    facing = 1 if np.nansum([compute_facing(pose) for pose in poses]) > 0 else -1
    near = Side.RIGHT if np.nanmedian([compute_near_side(pose) for pose in poses]) > 0 else Side.LEFT
    scale = EXERCISES[spec["exercise"]].low_back
    assert scale is not None, "stills are of exercises with a scale"
    for index, pose in zip(order, poses, strict=True):
        row, measures = rows[index], measure_all(pose, near, facing)
        fault = row["fault"]
        yield Still(
            exercise=spec["exercise"],
            seed=int(spec["seed"]),
            rep=row["rep"],
            where=row["where"],
            fault=(fault[0] if isinstance(fault, list) else fault) or "",
            lumbar_deg=row["lumbar_extension_deg"],
            hip_deg=row["right_hip_joint_flexion_deg"],
            line_deg=measures["trunk_thigh_flexion_deg"],
            reading_deg=scale.reading_deg(measures),
            inputs=measures | {"trunk_over_thigh_ratio": _trunk_over_thigh(pose, near)},
            outline_ratio=_outline(pose, facing),
        )


def _trunk_over_thigh(pose: Pose, side: Side) -> float:
    """Return the straight distance from shoulder to hip, of that from hip to knee."""
    shoulder, hip, knee = (pose.image_px[SIDE_POINTS[side][name]] for name in ("shoulder", "hip", "knee"))
    return float(np.linalg.norm(shoulder - hip) / np.linalg.norm(hip - knee))


def _outline(pose: Pose, facing: int) -> FloatArray:
    contour = pose.contour or TrunkContour.unseen()
    return np.array([contour.dorsal_ratio(facing), contour.ventral_ratio(facing)])


def _order(rows: Sequence[Mapping[str, object]]) -> list[int]:
    """Return the indices of the images in the order they are shown: the bottoms, then the tops."""
    return [index for where in ("bottom", "top") for index, row in enumerate(rows) if row["where"] == where]


def _find_landmarks(images: FloatArray, rows: Sequence[Mapping[str, object]], model: ModelName, path: Path) -> None:
    info = ClipInfo(name=path.parent.name, width_px=images.shape[2], height_px=images.shape[1], fps=1 / _STEP_S)
    path.parent.mkdir(parents=True, exist_ok=True)
    shown, before = 0, ""
    with Landmarker(model) as landmarker, RecordingWriter(path, info, model) as writer:
        for index in _order(rows):
            where = str(rows[index]["where"])
            pose = Pose.unseen(0.0)
            for _ in range(_AGAIN if where == before else _SETTLE):
                shown += 1
                pose = landmarker.detect(Frame(shown * _STEP_S, np.ascontiguousarray(images[index])))
            writer.write(pose)
            before = where


@dataclass(frozen=True, slots=True)
class Change:
    """A repetition relative to the lifter's neutral: the true change, the estimate, and the lockout angle."""

    still: Still
    true_deg: float
    found: Estimate
    lockout_deg: float


def changes(stills: Iterable[Still], where: str) -> list[Change]:
    """Return every repetition after the neutral ones, relative to the neutral of a set of it and the good ones."""
    by_lifter: dict[tuple[str, int], list[Still]] = {}
    for still in stills:
        if still.where == where:
            by_lifter.setdefault((still.exercise, still.seed), []).append(still)
    return [change for own in by_lifter.values() for change in _lifter_changes(own, where)]


def _lifter_changes(own: Sequence[Still], where: str) -> Iterator[Change]:
    scale = EXERCISES[own[0].exercise].low_back
    assert scale is not None
    good = [still for still in own if not still.fault]
    true_deg = float(np.mean([still.lumbar_deg for still in good if still.rep <= NEUTRAL_REPS]))
    for still in own:
        if still.rep > NEUTRAL_REPS:
            lifting_set = sorted({*good, still}, key=lambda one: one.rep)
            neutral = lifter_neutral([one.reading_deg for one in lifting_set], [one.rep for one in lifting_set])
            if where == "bottom":
                neutral = replace(neutral, own_u95_deg=math.nan)
            found = neutral.extension(still.reading_deg, scale.depth_u95_deg)
            yield Change(still, still.lumbar_deg - true_deg, found, still.line_deg)
