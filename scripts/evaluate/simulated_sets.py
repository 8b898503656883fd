"""Sets of rendered lifters without images: only joints, camera and faults, a thousand times faster than rendering."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict, astuple, dataclass, replace
from itertools import pairwise
from pathlib import Path
from typing import Any

import numpy as np
from scipy.interpolate import CubicSpline

from hipform.exercises import EXERCISES
from hipform.exercises.declaration import WorkingSide
from hipform.types import FloatArray
from scripts.evaluate.truth import TrueRep, true_faults, true_rep
from scripts.render_samples.camera import CameraRig, project
from scripts.render_samples.exercises import EXERCISES as RENDERED
from scripts.render_samples.faults import FAULTS, FaultRequest
from scripts.render_samples.lifting_set import LiftingSet, plan_set
from scripts.render_samples.skeleton import SIDE_NAME
from scripts.render_samples.spec import ClipSpec, sample_camera, sample_spec, to_dict
from scripts.render_samples.truth import landmarks, swap_sides
from scripts.render_samples.truth_files import rep_faults

FPS = 25.0
REPS = (5, 8)
"""Least and most repetitions of a set."""

SETS_A_FAULT = 40
CLEAN_SETS = 8
"""Sets with each fault, and sets without a fault of each exercise."""

WIDEST_DEG = 20.0
"""Largest angle of the camera off the side view."""

FRONTAL_DEG = (60.0, 85.0)
"""Angle of the camera for `FRONTAL`."""

FRONTAL = frozenset({"pelvis-drop"})
"""Faults that are only visible from the front."""

COMPARED = frozenset({"shallow-range"})
"""Faults that show only beside good repetitions of the same set."""

WHOLE_SET = frozenset({"overload", "shin-angle", "asymmetry"})
"""Faults of a set, not of single repetitions."""

_BEYOND_STRONG = 0.25
"""Amounts reach this share of the way from mild to strong beyond the strong one."""

_KNOTS = 9
"""Solved postures in a movement from one end to the other; splines between them are exact to a millimetre."""


@dataclass(frozen=True, slots=True)
class PlannedSet:
    """A set to simulate: its number, which decides the part it belongs to, its fault if any, and its specification."""

    number: int
    fault: str
    spec: ClipSpec


@dataclass(frozen=True, slots=True, eq=False)
class SimulatedSet:
    """A set without noise.

    Attributes
    ----------
    t_s
        Times of the n frames.
    names
        Names of the points, with left and right as seen in the image.
    image_px, world_m
        The points in the image, shape (n, points, 2), and in the camera's axes relative to the middle of the hips,
        shape (n, points, 3).
    facing
        +1 if the lifter looks to the right of the image, else -1.
    near_side
        ``left`` or ``right``.
    reps
        The true repetitions.
    """

    t_s: FloatArray
    names: tuple[str, ...]
    image_px: FloatArray
    world_m: FloatArray
    facing: int
    near_side: str
    reps: tuple[TrueRep, ...]


def planned_sets(a_fault: int = SETS_A_FAULT, clean: int = CLEAN_SETS) -> Iterator[PlannedSet]:
    """Yield sets with each fault, spread over the exercises that can show it, and clean sets of every exercise.

    Even numbers are for tuning, odd ones for reporting.
    """
    for place, fault in enumerate(FAULTS):
        slugs = [slug for slug, exercise in RENDERED.items() if fault in exercise.faults]
        for index in range(a_fault):
            # The exercise changes after every second set, so that both parts have sets of each.
            yield _planned(1000 * (place + 1) + index, fault, slugs[index // 2 % len(slugs)])
    for place, slug in enumerate(RENDERED):
        for index in range(clean):
            yield _planned(100_000 + 1000 * place + index, "", slug)


def _planned(number: int, fault: str, slug: str) -> PlannedSet:
    rng = np.random.default_rng([number, 7])
    reps = int(rng.integers(REPS[0], REPS[1] + 1))
    camera = sample_camera(rng, widest_deg=WIDEST_DEG)
    if fault in FRONTAL:
        azimuth_deg = round(float(rng.uniform(*FRONTAL_DEG)), 1)
        camera = replace(camera, azimuth_deg=azimuth_deg if rng.random() < 0.5 else -azimuth_deg)
    spec = replace(
        sample_spec(number, slug),
        reps=reps,
        # Repetitions that differ in nothing but faults share their postures; the landmarks' noise sets them apart.
        variation_deg=0.0,
        faults=_request(rng, fault, reps) if fault else (),
        camera=replace(camera, fps=FPS),
    )
    return PlannedSet(number, fault, spec)


def _request(rng: np.random.Generator, fault: str, reps: int) -> tuple[FaultRequest, ...]:
    """Return the fault in the whole set or in some of its repetitions, from just visible to gross."""
    mild, strong = FAULTS[fault].amounts
    amount = round(mild + float(rng.uniform(0.0, 1.0 + _BEYOND_STRONG)) * (strong - mild), 2)
    if fault == "shin-angle":
        amount = mild if rng.random() < 0.5 else strong
    whole = fault in WHOLE_SET or (fault not in COMPARED and rng.random() < 0.5)
    first = 2 if fault in COMPARED else 1
    some = tuple(rep for rep in range(first, reps + 1) if rng.random() < 0.5) or (reps,)
    return (FaultRequest(fault, amount, () if whole else some),)


def simulate(planned: PlannedSet, cache: Path) -> SimulatedSet:
    """Return the joints of a set; solved postures are kept in *cache*, which a changed renderer makes useless."""
    spec = planned.spec
    lifting_set = plan_set(spec)
    key = hashlib.sha256(json.dumps(to_dict(spec), sort_keys=True).encode()).hexdigest()[:16]
    file = cache / f"set-{key}.npz"
    if not file.exists():
        cache.mkdir(parents=True, exist_ok=True)
        _save_knots(file, lifting_set)
    with np.load(file) as kept:
        knots_s, names, points_m = kept["knots_s"], tuple(map(str, kept["names"])), kept["points_m"]
    t_s = np.array(lifting_set.frame_times_s(FPS))
    points_m = CubicSpline(knots_s, points_m)(t_s)
    return _filmed(spec, lifting_set, t_s, names, points_m)


def _save_knots(file: Path, lifting_set: LiftingSet) -> None:
    solved: dict[tuple[tuple[float, ...], str], dict[str, FloatArray]] = {}
    knots_s, found = _knots_s(lifting_set), []
    for time_s in knots_s:
        moment = lifting_set.timeline.at(time_s)
        # The way down passes the postures of the way up, and a lifter at rest keeps one.
        posture = tuple(round(float(value), 4) for value in astuple(moment.targets)), moment.side
        if posture not in solved:
            solved[posture] = landmarks(lifting_set.motion.pose(moment.targets, moment.side).posture)
        found.append(solved[posture])
    names = list(found[0])
    np.savez_compressed(file, knots_s=knots_s, names=names, points_m=[[one[name] for name in names] for one in found])


def _knots_s(lifting_set: LiftingSet) -> Sequence[float]:
    timeline = lifting_set.timeline
    ends_s = sorted({0.0, *(round(s.end_s, 9) for s in (*timeline.segments, *timeline.arm_segments))})
    knots_s = [0.0]
    for begin_s, end_s in pairwise(ends_s):
        knots_s += list(np.linspace(begin_s, end_s, _KNOTS)[1:])
    return knots_s


def _filmed(
    spec: ClipSpec, lifting_set: LiftingSet, t_s: FloatArray, names: tuple[str, ...], points_m: FloatArray
) -> SimulatedSet:
    rig = CameraRig(spec.camera, lifting_set.exercise.framing, lifting_set.body.scale, spec.seed)
    moves = spec.camera.sway_m > 0.0
    cameras = [rig.at(float(time_s)) for time_s in t_s] if moves else [rig.at(0.0)] * len(t_s)
    image_px = np.array([project(camera.matrix, points) for camera, points in zip(cameras, points_m, strict=True)])
    hips = [names.index("left_hip"), names.index("right_hip")]
    from_hips_m = points_m - points_m[:, hips].mean(axis=1, keepdims=True)
    world_m = np.einsum("nij,npj->npi", np.array([camera.rotation for camera in cameras]), from_hips_m)
    hip_deg = {side: _trunk_thigh_flexion_deg(names, points_m, side) for side in SIDE_NAME.values()}
    if spec.camera.mirrored:
        image_px[..., 0] = spec.camera.width_px - image_px[..., 0]
        world_m[..., 0] *= -1.0
    records = list(_records(spec, lifting_set))
    near = EXERCISES[spec.exercise].working_side is WorkingSide.NEAR
    short_side = "right" if spec.camera.mirrored else "left"
    reps = []
    for record, times in zip(records, lifting_set.timeline.reps, strict=True):
        own_deg = hip_deg["right" if near else SIDE_NAME[times.side]]
        rep = true_rep(record, t_s, own_deg, EXERCISES[spec.exercise].starts_at)
        reps.append(replace(rep, faults=true_faults(record, short_side)))
    return SimulatedSet(
        t_s=t_s,
        names=tuple(swap_sides(name) for name in names) if spec.camera.mirrored else names,
        image_px=image_px,
        world_m=world_m,
        facing=-1 if spec.camera.mirrored else 1,
        near_side="left" if spec.camera.mirrored else "right",
        reps=tuple(reps),
    )


def _trunk_thigh_flexion_deg(names: Sequence[str], points_m: FloatArray, side: str) -> FloatArray:
    """Return the sagittal trunk-thigh angle of a side in every frame, as `render_samples.geometry.bend_deg`."""
    shoulder, hip, knee = (points_m[:, names.index(f"{side}_{joint}")] for joint in ("shoulder", "hip", "knee"))
    trunk, thigh = hip - shoulder, knee - hip
    turned = np.degrees(np.arctan2(thigh[:, 2], thigh[:, 0]) - np.arctan2(trunk[:, 2], trunk[:, 0]))
    return np.asarray((turned + 180.0) % 360.0 - 180.0)


def _records(spec: ClipSpec, lifting_set: LiftingSet) -> Iterator[Mapping[str, Any]]:
    """Yield the part of each repetition's record in the truth that `true_rep` and `true_faults` read."""
    for times in lifting_set.timeline.reps:
        side = SIDE_NAME[times.side]
        seen_side = swap_sides(f"{side}_").removesuffix("_") if spec.camera.mirrored else side
        yield asdict(times) | {"side": seen_side, "faults": rep_faults(spec, times.rep)}
