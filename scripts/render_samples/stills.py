"""Images of the bottom and the top of every repetition of a set in which one lifter shows every kind of low back.

A video of so many repetitions would take hours, and stills show the outline of the trunk just as well.
"""

from __future__ import annotations

import json
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np

from scripts.render_samples.faults import FaultRequest
from scripts.render_samples.photo import exposed, finished
from scripts.render_samples.spec import ClipSpec, sample_spec, to_dict
from scripts.render_samples.truth import body_angles

if TYPE_CHECKING:
    from scripts.render_samples.clip import ClipStage

TOPS: tuple[tuple[str, float] | None, ...] = (
    None,
    None,
    ("lumbar-compensation", 8.3),
    ("lumbar-compensation", 10.0),
    ("lumbar-compensation", 15.0),
    ("incomplete-lockout", 15.0),
    ("lumbar-overextension", 15.0),
    None,
    ("lumbar-compensation", 20.0),
    ("lumbar-overextension", 25.0),
)
"""Fault and amount of each repetition; the first two are the lifter's neutral."""
BOTTOMS: tuple[tuple[str, float] | None, ...] = (
    ("lumbar-rounding", 15.0),
    ("lumbar-rounding", 30.0),
    ("lumbar-rounding", 22.0),
)
"""What a hinge shows besides."""
STILLS_OF = ("glute-bridge", "hip-thrust", "romanian-deadlift", "deadlift")
HINGES = ("romanian-deadlift", "deadlift")
_LARGEST_AZIMUTH_DEG = 8.0


def stills_spec(exercise: str, seed: int) -> ClipSpec:
    """Return a lifter, room and side-on camera drawn from *seed*, and the set that shows every kind of low back."""
    drawn = sample_spec(seed, exercise)
    rng = np.random.default_rng([seed, 77])
    shown = TOPS + (BOTTOMS if exercise in HINGES else ())
    camera = replace(
        drawn.camera,
        azimuth_deg=round(float(rng.uniform(-_LARGEST_AZIMUTH_DEG, _LARGEST_AZIMUTH_DEG)), 1),
        height_m=round(float(rng.uniform(0.45, 1.1)), 2),
        distance_factor=round(float(rng.uniform(1.02, 1.25)), 2),
        field_of_view_deg=round(float(rng.uniform(30, 45)), 1),
        sway_m=0.0,
        width_px=640,
        height_px=360,
        fps=30.0,
    )
    return replace(
        drawn,
        reps=len(shown),
        faults=tuple(FaultRequest(*fault, (number,)) for number, fault in enumerate(shown, 1) if fault),
        camera=camera,
        scene=replace(drawn.scene, plates="none", bystander=None),
        photo=replace(drawn.photo, blur_samples=1),
    )


def stills_jobs(out: Path, count: int, first_seed: int) -> list[tuple[ClipSpec, Path]]:
    """Return what to render: *count* lifters in each exercise of `STILLS_OF`."""
    seeds = range(first_seed, first_seed + count)
    return [(stills_spec(slug, seed), out / f"{slug}_{seed:04d}.npz") for seed in seeds for slug in STILLS_OF]


def render_stills(job: tuple[ClipSpec, Path]) -> str:
    """Render one set as ``images`` (n, 360, 640, 3), ``rows`` (JSON, the truth) and ``spec``, if not there yet.

    Returns
    -------
    str
        What was done, for the terminal.
    """
    # Drawing needs a package that planning what to draw does not.
    from scripts.render_samples.clip import ClipStage

    spec, path = job
    if path.exists():
        return f"{path.name} was there"
    stage = ClipStage(spec)
    images = list(_images(stage))
    partial = path.with_suffix(".tmp.npz")
    np.savez_compressed(
        partial,
        images=np.array([image for image, _ in images]),
        rows=json.dumps([row for _, row in images]),
        spec=json.dumps(to_dict(spec)),
    )
    partial.replace(path)
    return f"{path.name}: {len(images)} images"


def _images(stage: ClipStage) -> Iterator[tuple[np.ndarray, dict[str, object]]]:
    spec, lifting_set = stage.spec, stage.lifting_set
    rng = np.random.default_rng([spec.seed, 5])
    neutral = lifting_set.motion.neutral_line_deg()
    for times in lifting_set.timeline.reps:
        top_s = times.top_s + 0.5 * lifting_set.plans[times.rep - 1].tempo.top_s
        start_s = times.start_s - 1e-4 if times.rep > 1 else 0.0
        bottom_s = 0.5 * (times.bottom_s + times.ascent_s) if lifting_set.exercise.starts_at_top else start_s
        fault = next((f.fault for f in spec.faults if times.rep in f.reps), None)
        for where, time_s in (("bottom", bottom_s), ("top", top_s)):
            _, posed = lifting_set.at(time_s)
            angles = body_angles(posed.posture, neutral)
            image = finished(exposed([stage.draw(time_s, posed)]), spec.photo, rng, mirrored=spec.camera.mirrored)
            truth = {name: angles[name] for name in ("lumbar_extension_deg", "right_hip_joint_flexion_deg")}
            yield image, {"rep": times.rep, "where": where, "fault": fault, **truth}
