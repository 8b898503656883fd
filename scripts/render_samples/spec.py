"""What fully determines a clip, and a seeded sampler of such specifications."""

from __future__ import annotations

import dataclasses
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Literal, TypeVar

import numpy as np

from scripts.render_samples.bodies import body_names
from scripts.render_samples.exercises import EXERCISES, Exercise
from scripts.render_samples.faults import FAULTS, FaultRequest

TopKind = Literal["tee", "tank", "long"]
BottomKind = Literal["shorts", "leggings", "joggers"]
HairKind = Literal["short", "buzz", "bun", "bald"]
WallKind = Literal["plaster", "brick"]

SKIN_TONES = ("#f0c8a8", "#d9a888", "#c98f70", "#a8704c", "#7b4a30", "#553222")
HAIR_COLOURS = ("#120d0a", "#2a1c14", "#4a2e1a", "#8a6236", "#b8955a", "#8c8c8c")
CLOTHES_COLOURS = (
    "#16181c", "#23262b", "#4b5058", "#8a8f96", "#d8d8d4", "#f0eee8", "#2f5fa8", "#1e3a5c", "#b23f6e", "#8c2f2f",
    "#3d6b4a", "#c9a03c", "#6a4b8a",
)  # fmt: skip
SHOE_COLOURS = ("#dcdcdc", "#26282c", "#b03028", "#3a5a8c")
WALL_COLOURS = ("#9a9c9e", "#c8c4ba", "#6f7f8c", "#dedad2", "#4c5257", "#a8957c")
FLOOR_COLOURS = ("#34363a", "#5a4c3e", "#77797c", "#23282e", "#8a6f50")
FRAME_SIZES_PX = ((640, 360), (640, 360), (960, 540), (540, 960), (480, 640), (1280, 720))
FRAME_RATES = (24.0, 30.0, 30.0, 30.0, 30.0, 60.0)

Choice = TypeVar("Choice")


@dataclass(frozen=True)
class CameraSpec:
    """Where the camera stands and how it moves.

    Attributes
    ----------
    azimuth_deg
        0 is the exact side view of the lifter's right; positive from the feet (or front) side.
    height_m
        Height of the lens.
    distance_factor
        1 just fits the exercise into the frame.
    field_of_view_deg
        Vertical angle of view (of the shorter side, for portrait).
    roll_deg
        Tilt of the camera about its axis, positive clockwise.
    sway_m
        Size of a hand-held camera's wander; 0 stands on a tripod.
    mirrored
        Flip the image, so that the lifter's left is near and they face the other way.

    """

    azimuth_deg: float = 0.0
    height_m: float = 0.8
    distance_factor: float = 1.1
    field_of_view_deg: float = 34.0
    roll_deg: float = 0.0
    sway_m: float = 0.0
    mirrored: bool = False
    width_px: int = 960
    height_px: int = 540
    fps: float = 30.0


@dataclass(frozen=True)
class LookSpec:
    """Skin, hair and clothes; colours as #rrggbb."""

    skin: str = "#c98f70"
    hair: str = "#2a1c14"
    hair_kind: HairKind = "short"
    top: str = "#2f5fa8"
    top_kind: TopKind = "tee"
    bottom: str = "#23262b"
    bottom_kind: BottomKind = "shorts"
    shoe: str = "#dcdcdc"
    looseness: float = 0.5


@dataclass(frozen=True)
class SceneSpec:
    """Room, equipment and light."""

    wall_kind: WallKind = "plaster"
    wall: str = "#9a9c9e"
    floor: str = "#34363a"
    rack: bool = True
    plates: str = "none"
    light_azimuth_deg: float = 25.0
    exposure: float = 0.95
    bystander: str | None = None


@dataclass(frozen=True)
class PhotoSpec:
    """Effects of the camera's electronics on the image."""

    noise: float = 2.0
    blur_samples: int = 1
    shutter_share: float = 0.5
    crf: int = 23


@dataclass(frozen=True)
class ClipSpec:
    """Everything that determines a clip; equal specs give equal frames."""

    exercise: str
    body: str = "male_average"
    seed: int = 0
    reps: int = 2
    tempo_factor: float = 1.0
    variation_deg: float = 1.0
    faults: tuple[FaultRequest, ...] = ()
    camera: CameraSpec = field(default_factory=CameraSpec)
    look: LookSpec = field(default_factory=LookSpec)
    scene: SceneSpec = field(default_factory=SceneSpec)
    photo: PhotoSpec = field(default_factory=PhotoSpec)

    def __post_init__(self) -> None:
        exercise = EXERCISES.get(self.exercise)
        if exercise is None:
            raise ValueError(f"unknown exercise {self.exercise!r}; known: {', '.join(EXERCISES)}")
        for request in self.faults:
            if request.fault not in exercise.faults:
                known = ", ".join(exercise.faults)
                raise ValueError(f"{self.exercise} cannot show {request.fault!r}; it can show: {known}")
        if self.body not in body_names():
            raise ValueError(f"unknown body {self.body!r}; known: {', '.join(body_names())}")


def to_dict(spec: ClipSpec) -> dict[str, Any]:
    """Return a spec as plain data for JSON."""
    return dataclasses.asdict(spec)


def from_dict(data: Mapping[str, Any]) -> ClipSpec:
    """Read a spec back from plain data."""
    values = dict(data)
    values["faults"] = tuple(FaultRequest(f["fault"], f["amount"], tuple(f["reps"])) for f in values.get("faults", ()))
    for name, kind in (("camera", CameraSpec), ("look", LookSpec), ("scene", SceneSpec), ("photo", PhotoSpec)):
        if name in values:
            values[name] = kind(**values[name])
    return ClipSpec(**values)


def _pick(rng: np.random.Generator, options: Sequence[Choice]) -> Choice:
    return options[int(rng.integers(len(options)))]


def sample_camera(rng: np.random.Generator, *, widest_deg: float = 60.0) -> CameraSpec:
    """Draw a camera; most stand near the side view, as the product asks for."""
    near_side = rng.random() < 0.6
    spread_deg = 12.0 if near_side else widest_deg
    width_px, height_px = _pick(rng, FRAME_SIZES_PX)
    return CameraSpec(
        azimuth_deg=round(float(rng.uniform(-spread_deg, spread_deg)), 1),
        height_m=round(float(rng.uniform(0.35, 1.5)), 2),
        distance_factor=round(float(rng.uniform(1.05, 1.45)), 2),
        field_of_view_deg=round(float(rng.uniform(28.0, 52.0)), 1),
        roll_deg=round(float(rng.normal(0.0, 1.2)), 1),
        sway_m=round(float(rng.uniform(0.004, 0.02)), 3) if rng.random() < 0.35 else 0.0,
        mirrored=bool(rng.random() < 0.5),
        width_px=width_px,
        height_px=height_px,
        fps=_pick(rng, FRAME_RATES),
    )


def sample_look(rng: np.random.Generator, body: str) -> LookSpec:
    """Draw skin, hair and clothes that fit a body."""
    female = body.startswith("female")
    hair_kinds: tuple[HairKind, ...] = ("bun", "bun", "short") if female else ("short", "short", "buzz", "bald")
    return LookSpec(
        skin=_pick(rng, SKIN_TONES),
        hair=_pick(rng, HAIR_COLOURS),
        hair_kind=_pick(rng, hair_kinds),
        top=_pick(rng, CLOTHES_COLOURS),
        top_kind=_pick(rng, ("tee", "tank", "long")),
        bottom=_pick(rng, CLOTHES_COLOURS),
        bottom_kind=_pick(rng, ("leggings", "shorts") if female else ("shorts", "shorts", "joggers")),
        shoe=_pick(rng, SHOE_COLOURS),
        looseness=round(float(rng.uniform(0.0, 1.0)), 2),
    )


def sample_scene(rng: np.random.Generator, exercise: Exercise, lifter: str) -> SceneSpec:
    """Draw a room and what the lifter lifts."""
    others = [name for name in body_names() if name != lifter]
    return SceneSpec(
        wall_kind="brick" if rng.random() < 0.2 else "plaster",
        wall=_pick(rng, WALL_COLOURS),
        floor=_pick(rng, FLOOR_COLOURS),
        rack=bool(rng.random() < 0.6),
        plates=_pick(rng, exercise.plates),
        light_azimuth_deg=round(float(rng.uniform(-50.0, 60.0)), 0),
        exposure=round(float(rng.uniform(0.7, 1.15)), 2),
        bystander=_pick(rng, others) if rng.random() < 0.15 else None,
    )


def sample_photo(rng: np.random.Generator) -> PhotoSpec:
    """Draw the image quality."""
    return PhotoSpec(
        noise=round(float(rng.uniform(0.5, 5.0)), 1),
        blur_samples=3 if rng.random() < 0.15 else 1,
        shutter_share=round(float(rng.uniform(0.3, 0.7)), 2),
        crf=int(rng.integers(20, 32)),
    )


def sample_faults(rng: np.random.Generator, exercise: Exercise, reps: int) -> tuple[FaultRequest, ...]:
    """Draw no fault (a third of the time), or one in some or all repetitions."""
    if rng.random() < 1.0 / 3.0:
        return ()
    fault = FAULTS[_pick(rng, exercise.faults)]
    mild, strong = fault.amounts
    amount = round(float(rng.uniform(min(mild, strong), max(mild, strong))), 2)
    if fault.id == "shin-angle":
        amount = float(_pick(rng, fault.amounts))
    whole_set = fault.change is None or fault.id == "overload" or rng.random() < 0.5
    chosen = tuple(rep for rep in range(1, reps + 1) if rng.random() < 0.5) or (reps,)
    return (FaultRequest(fault.id, amount, () if whole_set else chosen),)


def sample_spec(seed: int, exercise: str | None = None) -> ClipSpec:
    """Return the clip specification of a seed."""
    rng = np.random.default_rng(seed)
    slug = exercise or _pick(rng, tuple(EXERCISES))
    declared = EXERCISES[slug]
    body = _pick(rng, body_names())
    reps = int(rng.integers(2, 5))
    return ClipSpec(
        exercise=slug,
        body=body,
        seed=seed,
        reps=reps,
        tempo_factor=round(float(rng.uniform(0.85, 1.35)), 2),
        variation_deg=round(float(rng.uniform(0.3, 1.5)), 2),
        faults=sample_faults(rng, declared, reps),
        camera=sample_camera(rng),
        look=sample_look(rng, body),
        scene=sample_scene(rng, declared, body),
        photo=sample_photo(rng),
    )
