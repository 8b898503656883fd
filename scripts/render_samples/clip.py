"""Render a clip from its specification and write its files."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache
from pathlib import Path

import numpy as np

from scripts.render_samples.bodies import load_body
from scripts.render_samples.camera import CameraRig
from scripts.render_samples.clip_files import ClipFiles
from scripts.render_samples.contacts import check_contacts
from scripts.render_samples.geometry import direction, rotation, vec
from scripts.render_samples.lifting_set import LiftingSet, plan_set
from scripts.render_samples.mesh import Mesh
from scripts.render_samples.motion.base import PosedFrame
from scripts.render_samples.photo import Image, VideoWriter, exposed, finished, shutter_times_s
from scripts.render_samples.renderer import Light, Renderer
from scripts.render_samples.scene import moving_equipment, room, static_equipment
from scripts.render_samples.skeleton import SIDES, HandPose, Posture, mirrored
from scripts.render_samples.spec import ClipSpec, LookSpec, sample_look
from scripts.render_samples.truth import FrameTruth, frame_truth
from scripts.render_samples.truth_files import write_csv, write_json
from scripts.render_samples.wardrobe import DressedBody

LIGHT_HEIGHT = 1.5
BYSTANDER_PLACE_M = (-1.15, 1.2)
PARTIAL_SUFFIX = "-partial"


@lru_cache(maxsize=4)
def _dressed(body: str, look: LookSpec) -> DressedBody:
    return DressedBody(load_body(body), look)


# One context per process and size: a worker renders many clips.
_renderer = lru_cache(maxsize=6)(Renderer)


class Bystander:
    """Someone who stands in the background and shifts their weight."""

    def __init__(self, body: str, seed: int) -> None:
        rng = np.random.default_rng([seed, 4])
        self._body = load_body(body)
        self._dressed = _dressed(body, sample_look(rng, body))
        self._turn_deg = float(rng.uniform(-150.0, 150.0))
        self._phase = float(rng.uniform(0.0, 6.0))

    def _posture(self, time_s: float) -> Posture:
        posture = Posture(self._body)
        lean_deg = 2.5 * np.sin(0.9 * time_s + self._phase)
        posture.set_spine(0.0, lumbar_deg=-float(lean_deg), neck_deg=4.0 * float(np.sin(0.5 * time_s)))
        for side in SIDES:
            shoulder = posture.joint(f"upperarm01.{side}")
            wrist = mirrored(shoulder, side) + 0.5 * self._body.scale * direction(-86.0) + vec(0.0, 0.07, 0.0)
            hand = HandPose(vec(0.1, 0.0, -1.0), vec(1.0, -0.2, 0.0), curl_deg=20.0)
            posture.set_arm(side, mirrored(wrist, side), vec(-1.0, 0.4, 0.0), hand)
        return posture

    def meshes(self, time_s: float) -> tuple[list[Mesh], Mesh]:
        """Return what is seen, and what throws the shadow."""
        posture = self._posture(time_s)
        seen = [self._moved(mesh) for mesh in self._dressed.meshes(posture)]
        return seen, self._moved(self._dressed.shadow(posture))

    def _moved(self, mesh: Mesh) -> Mesh:
        turn = rotation((0.0, 0.0, 1.0), self._turn_deg)
        place = vec(BYSTANDER_PLACE_M[0], BYSTANDER_PLACE_M[1], 0.022)
        return replace(mesh, vertices=mesh.vertices @ turn.T + place, normals=mesh.normals @ turn.T)


class ClipStage:
    """Everything needed to draw any moment of a clip."""

    def __init__(self, spec: ClipSpec) -> None:
        self.spec = spec
        self.lifting_set: LiftingSet = plan_set(spec)
        exercise, body = self.lifting_set.exercise, self.lifting_set.body
        self.rig = CameraRig(spec.camera, exercise.framing, body.scale, spec.seed)
        self._lifter = _dressed(spec.body, spec.look)
        self._bystander = Bystander(spec.scene.bystander, spec.seed) if spec.scene.bystander else None
        _, first = self.lifting_set.at(0.0)
        self._still = room(spec.scene, spec.seed)
        self._still += static_equipment(exercise, self.lifting_set.motion.benches, first)
        self._renderer = _renderer(spec.camera.width_px, spec.camera.height_px)
        azimuth_rad = np.radians(spec.scene.light_azimuth_deg)
        framing = exercise.framing
        self._light = Light(
            direction=vec(float(np.sin(azimuth_rad)), -float(np.cos(azimuth_rad)), LIGHT_HEIGHT),
            exposure=spec.scene.exposure,
            centre=body.scale * vec(framing.centre_x_m, 0.0, 0.6),
        )

    def draw(self, time_s: float, posed: PosedFrame) -> Image:
        """Draw one sharp image."""
        moving = self._lifter.meshes(posed.posture)
        moving += moving_equipment(self.lifting_set.exercise, self.spec.scene.plates, posed)
        shadows = [self._lifter.shadow(posed.posture)]
        if self._bystander:
            seen, shadow = self._bystander.meshes(time_s)
            moving, shadows = moving + seen, [*shadows, shadow]
        return self._renderer.render(self._still, moving, shadows, self.rig.at(time_s), self._light)

    def frames(self) -> Iterator[tuple[Image, FrameTruth]]:
        """Yield every frame with its truth."""
        spec, camera = self.spec, self.spec.camera
        self._renderer.forget()
        rng = np.random.default_rng([spec.seed, 5])
        for index, time_s in enumerate(self.lifting_set.frame_times_s(camera.fps)):
            moment, posed = self.lifting_set.at(time_s)
            truth = frame_truth(
                self.lifting_set, index, moment, posed.posture, self.rig.at(time_s), mirrored=camera.mirrored
            )
            later = shutter_times_s(time_s, camera.fps, spec.photo)[1:]
            images = [self.draw(time_s, posed), *(self.draw(t, self.lifting_set.at(t)[1]) for t in later)]
            yield finished(exposed(images), spec.photo, rng, mirrored=camera.mirrored), truth


def render_clip(spec: ClipSpec, stem: Path) -> ClipFiles:
    """Render a clip to `stem`.mp4, .json and .csv; files appear under their names only when complete."""
    stage = ClipStage(spec)
    files, partial = ClipFiles.of(stem), ClipFiles.of(stem.with_name(stem.name + PARTIAL_SUFFIX))
    stem.parent.mkdir(parents=True, exist_ok=True)
    camera = spec.camera
    truths = []
    with VideoWriter(partial.video, camera.width_px, camera.height_px, camera.fps, spec.photo.crf) as writer:
        for image, truth in stage.frames():
            writer.write(image)
            truths.append(truth)
    write_csv(partial.angles, truths)
    write_json(partial.data, spec, stage.lifting_set, truths, check_contacts(stage.lifting_set))
    for temporary, final in zip(partial.all, files.all, strict=True):
        temporary.replace(final)
    return files
