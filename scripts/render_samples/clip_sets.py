"""Sets of clips: the small committed one, and the large one that is rendered on demand."""

from __future__ import annotations

import csv
import hashlib
from collections.abc import Iterable
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from scripts.render_samples.clip_files import ClipFiles
from scripts.render_samples.exercises import EXERCISES
from scripts.render_samples.faults import FAULTS, FaultRequest
from scripts.render_samples.spec import CameraSpec, ClipSpec, PhotoSpec, sample_look, sample_scene, sample_spec
from scripts.render_samples.truth_files import LICENCE

MANIFEST = "manifest.csv"
MANIFEST_COLUMNS = ("exercise", "file", "reps", "faults", "view", "licence", "sha256", "seed")
WIDTH_PX, HEIGHT_PX = 960, 540
LARGEST_AZIMUTH_DEG = 8.0
QUICK_SHORT_SIDE_PX = 360
QUICK_FPS = 30.0
QUICK_REPS = 2


# A clip, and its files' path without ending.
ClipJob = tuple[ClipSpec, Path]


@dataclass(frozen=True)
class Sample:
    """One committed clip: exercise, body, number of reps, and its fault if any (reps empty: all)."""

    exercise: str
    body: str
    reps: int = 2
    fault: str = ""
    amount: float = 0.0
    fault_reps: tuple[int, ...] = ()
    plates: str = ""

    @property
    def name(self) -> str:
        """File name without ending."""
        return f"{self.exercise}_{self.fault or 'good'}"


SAMPLES = (
    Sample("glute-bridge", "female_average"),
    Sample("glute-bridge", "male_average", fault="incomplete-lockout", amount=20.0),
    Sample("glute-bridge", "female_tall", fault="lumbar-overextension", amount=25.0),
    Sample("single-leg-glute-bridge", "male_short"),
    Sample("single-leg-glute-bridge", "female_average", fault="pelvis-drop", amount=14.0),
    Sample("hip-thrust", "female_tall"),
    Sample("hip-thrust", "female_slim", 3, fault="no-squeeze", amount=0.15),
    Sample("hip-thrust", "male_average", fault="shin-angle", amount=-28.0),
    Sample("barbell-hip-thrust", "male_average", plates="small"),
    Sample("barbell-hip-thrust", "female_average", 3, "incomplete-lockout", 20.0, (2, 3), plates="none"),
    Sample("barbell-hip-thrust", "male_heavy", fault="lumbar-compensation", amount=15.0, plates="small"),
    Sample("bird-dog", "female_slim"),
    Sample("bird-dog", "male_average", fault="leg-too-high", amount=28.0),
    Sample("bird-dog", "female_heavy", fault="asymmetry", amount=22.0),
    Sample("pull-through", "female_average"),
    Sample("pull-through", "male_tall", fault="knee-dominant", amount=45.0),
    Sample("romanian-deadlift", "male_average", plates="small"),
    Sample("romanian-deadlift", "male_tall", fault="lumbar-rounding", amount=30.0, plates="medium"),
    Sample("romanian-deadlift", "female_tall", fault="knee-dominant", amount=45.0, plates="none"),
    Sample("deadlift", "male_heavy", plates="big"),
    Sample("deadlift", "male_short", fault="hips-shoot-up", amount=2.2, plates="big-red"),
    Sample("deadlift", "female_average", fault="lean-back", amount=18.0, plates="big"),
    Sample("kettlebell-swing", "female_tall", 4),
    Sample("kettlebell-swing", "male_average", 4, "knee-dominant", 45.0),
    Sample("kettlebell-swing", "male_heavy", 4, "arm-lift", 50.0),
    Sample("good-morning", "male_short", plates="small"),
    Sample("good-morning", "female_heavy", 3, "shallow-range", 55.0, (2, 3), plates="none"),
    Sample("reverse-hyperextension", "female_average"),
    Sample("reverse-hyperextension", "male_average", fault="leg-too-high", amount=26.0),
    Sample("hip-kickback", "female_average"),
    Sample("back-extension", "male_average"),
    Sample("hip-kickback", "male_tall", fault="leg-too-high", amount=28.0),
    Sample("back-extension", "female_average", fault="incomplete-lockout", amount=20.0),
)
"""In the order of their seeds: new ones go to the end."""


def sample_clip(index: int) -> ClipSpec:
    """Return the specification of a committed clip: near the side view, as the product asks people to film."""
    sample, seed = SAMPLES[index], 1000 + index
    rng = np.random.default_rng(seed)
    exercise = EXERCISES[sample.exercise]
    scene = sample_scene(rng, exercise, sample.body)
    faults = (FaultRequest(sample.fault, sample.amount, sample.fault_reps),) if sample.fault else ()
    return ClipSpec(
        exercise=sample.exercise,
        body=sample.body,
        seed=seed,
        reps=sample.reps,
        tempo_factor=0.95,
        variation_deg=0.8,
        faults=faults,
        camera=CameraSpec(
            azimuth_deg=round(float(rng.uniform(-LARGEST_AZIMUTH_DEG, LARGEST_AZIMUTH_DEG)), 1),
            height_m=round(float(rng.uniform(0.5, 1.0)), 2),
            distance_factor=round(float(rng.uniform(1.02, 1.15)), 2),
            mirrored=bool(rng.random() < 0.4),
            sway_m=0.006 if rng.random() < 0.2 else 0.0,
            width_px=WIDTH_PX,
            height_px=HEIGHT_PX,
        ),
        look=sample_look(rng, sample.body),
        scene=replace(scene, plates=sample.plates or "none"),
        photo=PhotoSpec(noise=round(float(rng.uniform(0.8, 2.5)), 1), crf=24),
    )


def describe_faults(spec: ClipSpec) -> str:
    """Return a clip's faults in words, such as `incomplete-lockout 20 deg (reps 2 3)`."""
    parts = []
    for request in spec.faults:
        reps = f" (reps {' '.join(map(str, request.reps))})" if request.reps else ""
        parts.append(f"{request.fault} {request.amount:g} {FAULTS[request.fault].unit}{reps}")
    return "; ".join(parts)


def describe_view(spec: ClipSpec) -> str:
    """Return the camera's view in words."""
    near = "left" if spec.camera.mirrored else "right"
    return f"{near} side, azimuth {spec.camera.azimuth_deg:g} deg"


def write_manifest(folder: Path, clips: Iterable[ClipJob]) -> None:
    """Write the manifest of finished clips."""
    with (folder / MANIFEST).open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(MANIFEST_COLUMNS)
        for spec, stem in clips:
            video = ClipFiles.of(stem).video
            digest = hashlib.sha256(video.read_bytes()).hexdigest()
            faults, view = describe_faults(spec), describe_view(spec)
            writer.writerow([spec.exercise, video.name, spec.reps, faults, view, LICENCE, digest, spec.seed])


def sample_jobs(folder: Path) -> list[ClipJob]:
    """Return every committed clip with the stem of its files."""
    return [(sample_clip(i), folder / sample.name) for i, sample in enumerate(SAMPLES)]


def quick(spec: ClipSpec) -> ClipSpec:
    """Return *spec* as a small clip of few frames and two repetitions; body, camera, scene and faults stay."""
    camera = spec.camera
    scale = min(1.0, QUICK_SHORT_SIDE_PX / min(camera.width_px, camera.height_px))
    width_px, height_px = (2 * round(scale * side / 2) for side in (camera.width_px, camera.height_px))
    faults = tuple(
        replace(request, reps=tuple(rep for rep in request.reps if rep <= QUICK_REPS) or (QUICK_REPS,))
        if request.reps
        else request
        for request in spec.faults
    )
    return replace(
        spec,
        reps=QUICK_REPS,
        faults=faults,
        camera=replace(camera, width_px=width_px, height_px=height_px, fps=min(camera.fps, QUICK_FPS)),
        photo=replace(spec.photo, blur_samples=1),
    )


def evaluation_jobs(
    folder: Path, count: int, first_seed: int, exercise: str | None, *, small: bool = False
) -> list[ClipJob]:
    """Return the clips of the big set: all exercises in turn (or one), one seed each; *small* ones render quickly."""
    slugs = [exercise] if exercise else list(EXERCISES)
    specs = [sample_spec(first_seed + i, slugs[i % len(slugs)]) for i in range(count)]
    specs = [quick(spec) for spec in specs] if small else specs
    return [(spec, folder / f"{spec.exercise}_{spec.seed:06d}") for spec in specs]
