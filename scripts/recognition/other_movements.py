"""Stick figures: movements that a recognition must leave alone, and exercises of which there are no clips of people.

A movement goes from one posture to another and back. Angles are in degrees, in the sagittal plane.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, fields, replace
from itertools import pairwise

import numpy as np

from hipform.types import FloatArray
from hipform.video.frames import ClipInfo
from scripts.evaluate.clips import NOTHING
from scripts.recognition.kinematic_clips import FPS, POINT_NAMES, KinematicClip, poses_of
from scripts.render_samples.camera import VirtualCamera

SPREAD_DEG = 7.0
FLOOR_M = 0.04


@dataclass(frozen=True, kw_only=True)
class Figure:
    """A stick figure.

    Attributes
    ----------
    lean
        Trunk from upright: 90 is face down, -90 face up.
    hip_l, hip_r, knee_l, knee_r, elbow_l, elbow_r
        Flexion.
    arm_l, arm_r
        Arm from the trunk: 0 along it, 180 overhead, forward positive.
    raised_m
        Height of the lowest point above the floor.
    """

    lean: float = 0.0
    hip_l: float = 0.0
    hip_r: float = 0.0
    knee_l: float = 0.0
    knee_r: float = 0.0
    arm_l: float = 5.0
    arm_r: float = 5.0
    elbow_l: float = 10.0
    elbow_r: float = 10.0
    raised_m: float = 0.0

    @staticmethod
    def even(
        lean: float, hip: float, knee: float, arm: float = 5.0, elbow: float = 10.0, raised_m: float = 0.0
    ) -> Figure:
        """Return a figure whose sides do the same."""
        return Figure(
            lean=lean,
            hip_l=hip,
            hip_r=hip,
            knee_l=knee,
            knee_r=knee,
            arm_l=arm,
            arm_r=arm,
            elbow_l=elbow,
            elbow_r=elbow,
            raised_m=raised_m,
        )

    def toward(self, other: Figure, share: float) -> Figure:
        """Return the figure *share* of the way to another one."""
        mixed = {f.name: (1 - share) * getattr(self, f.name) + share * getattr(other, f.name) for f in fields(self)}
        return Figure(**mixed)


_even, _stand = Figure.even, Figure()
_all_fours = Figure.even(85, 85, 90, 85, 5)
OTHERS: dict[str, tuple[Figure, ...]] = {
    "squat": (_stand, _even(35, 110, 115, 40)),
    "deep squat": (_stand, _even(30, 125, 135, 90)),
    "back squat": (_even(3, 0, 0, 45, 130), _even(42, 115, 110, 45, 130)),
    "goblet squat": (_even(0, 0, 0, 40, 130), _even(25, 115, 125, 40, 130)),
    "half squat": (_stand, _even(30, 70, 75, 60)),
    "overhead squat": (_even(0, 0, 0, 175, 0), _even(30, 110, 120, 190, 0)),
    "thruster": (_even(0, 0, 0, 175, 0), _even(25, 110, 120, 50, 140)),
    "dumbbell thruster": (_even(0, 0, 0, 170, 5), _even(30, 95, 105, 35, 135)),
    "overhead press": (_even(0, 0, 5, 175, 0), _even(0, 0, 5, 30, 140)),
    "push press": (_even(0, 0, 0, 175, 0), _even(5, 25, 40, 30, 140)),
    "curl": (_even(0, 0, 5, 5, 10), _even(5, 10, 10, 15, 130)),
    "snatch": (_even(50, 75, 45, 50, 5), Figure(arm_l=5, arm_r=178, elbow_r=0)),
    "snatch from hang": (
        Figure(lean=45, hip_l=65, hip_r=65, knee_l=35, knee_r=35, arm_l=20, arm_r=30),
        Figure(arm_r=178),
    ),
    "barbell snatch": (_even(55, 110, 90, 60, 0), _even(0, 0, 0, 170, 0)),
    "clean": (_even(55, 110, 90, 60, 0), _even(0, 0, 5, 45, 145)),
    "kettlebell clean": (_even(50, 75, 40, 45, 5), Figure(arm_l=5, arm_r=25, elbow_r=140)),
    "clean and press": (_even(50, 100, 80, 55, 0), _even(0, 0, 0, 45, 140), _even(0, 0, 0, 175, 0)),
    "high pull": (_even(50, 90, 70, 50, 5), _even(0, 0, 0, 70, 110)),
    "upright row": (_even(5, 5, 5, 10, 10), _even(0, 0, 5, 70, 115)),
    "bent-over row": (_even(60, 75, 25, 62, 5), _even(50, 65, 25, 10, 100)),
    "pendlay row": (_even(80, 100, 35, 80, 5), _even(65, 85, 35, 10, 100)),
    "one-arm row": (
        Figure(lean=70, hip_l=80, hip_r=80, knee_l=30, knee_r=30, arm_l=75, arm_r=70),
        Figure(lean=62, hip_l=70, hip_r=70, knee_l=30, knee_r=30, arm_l=75, arm_r=-10, elbow_r=100),
    ),
    "lunge": (_stand, Figure(lean=10, hip_l=95, hip_r=-15, knee_l=90, knee_r=95)),
    "reverse lunge": (_stand, Figure(lean=20, hip_l=100, hip_r=0, knee_l=85, knee_r=85)),
    "split squat": (
        Figure(lean=5, hip_l=25, hip_r=-25, knee_l=10, knee_r=20),
        Figure(lean=15, hip_l=95, hip_r=-5, knee_l=95, knee_r=90),
    ),
    "step-up": (Figure(lean=15, hip_l=90, hip_r=10, knee_l=85, knee_r=10), _stand),
    "knee raise": (_stand, Figure(lean=-3, hip_l=100, knee_l=95)),
    "standing leg curl": (_stand, Figure(hip_l=5, knee_l=95, lean=5)),
    "standing kickback": (
        Figure(lean=20, hip_l=20, hip_r=20, arm_l=60, arm_r=60),
        Figure(lean=25, hip_l=-15, hip_r=25, arm_l=60, arm_r=60),
    ),
    "cable kickback": (
        Figure(lean=45, hip_l=75, knee_l=60, hip_r=50, knee_r=10, arm_l=85, arm_r=85),
        Figure(lean=45, hip_l=-5, knee_l=15, hip_r=50, knee_r=10, arm_l=85, arm_r=85),
    ),
    "sit-up": (_even(-90, 50, 105, 60, 90), _even(-25, 110, 105, 60, 90)),
    "straight sit-up": (_even(-90, 0, 5, 150, 10), _even(-15, 75, 5, 90, 10)),
    "crunch": (_even(-90, 70, 105, 120, 120), _even(-65, 90, 105, 120, 120)),
    "leg raise": (_even(-90, 5, 5, 5, 10), _even(-90, 85, 10, 5, 10)),
    "knees to chest": (_even(-90, 30, 60, 5, 10), _even(-88, 115, 110, 5, 10)),
    "v-up": (_even(-90, 0, 0, 175, 5), _even(-45, 85, 5, 120, 5)),
    "dead bug": (
        Figure(lean=-90, hip_l=90, hip_r=90, knee_l=90, knee_r=90, arm_l=90, arm_r=90),
        Figure(lean=-90, hip_l=10, hip_r=90, knee_l=10, knee_r=90, arm_l=90, arm_r=170),
    ),
    "frog kick on the back": (_even(-90, 100, 120, 10), _even(-90, 50, 20, 10)),
    "push-up": (_even(75, 5, 0, 75, 5), _even(88, 5, 0, 15, 110)),
    "knee push-up": (_even(65, 15, 75, 70, 5), _even(85, 20, 80, 10, 110)),
    "plank pike": (_even(80, 0, 0, 90, 90), _even(110, 60, 0, 120, 70)),
    "plank to down dog": (_even(78, 5, 0, 78, 5), _even(135, 95, 5, 175, 5)),
    "mountain climber": (
        _even(75, 5, 5, 75, 5),
        Figure(lean=78, hip_l=115, knee_l=110, hip_r=5, knee_r=5, arm_l=78, arm_r=78),
    ),
    "burpee": (_stand, _even(70, 125, 130, 70, 5), _even(78, 5, 0, 78, 5)),
    "superman": (_even(90, 0, 5, 165, 10), _even(75, -15, 10, 175, 10)),
    "superman arms back": (_even(90, 0, 5, 10, 10), _even(68, -10, 5, 5, 10)),
    "swimmer": (_even(88, 0, 5, 165, 10), Figure(lean=78, hip_l=-20, hip_r=5, arm_l=160, arm_r=190)),
    "prone leg lift": (
        _even(90, 0, 5, 120, 90),
        Figure(lean=90, hip_l=-25, knee_l=5, arm_l=120, arm_r=120, elbow_l=90, elbow_r=90),
    ),
    "frog lift prone": (_even(90, 15, 95, 120, 90), _even(90, -15, 95, 120, 90)),
    "donkey kick": (_all_fours, replace(_all_fours, hip_l=5, knee_l=85)),
    "donkey kick high": (_all_fours, replace(_all_fours, hip_l=-15, knee_l=75)),
    "straight leg donkey kick": (replace(_all_fours, hip_l=60, knee_l=10), replace(_all_fours, hip_l=-10, knee_l=5)),
    "back extension": (_even(130, 85, 5, 150, 120, 0.1), _even(45, 0, 5, 150, 120, 0.1)),
    "back extension arms crossed": (_even(120, 80, 8, 40, 130, 0.1), _even(45, 5, 8, 40, 130, 0.1)),
    "level back extension": (_even(165, 80, 5, 40, 130, 0.8), _even(88, 3, 5, 40, 130, 0.8)),
    "knee to elbow": (_all_fours, replace(_all_fours, hip_l=120, knee_l=110)),
    "cat cow": (_all_fours, replace(_all_fours, lean=95, hip_l=100, hip_r=100)),
    "child's pose": (_all_fours, _even(75, 150, 150, 165, 5)),
    "nordic curl": (_even(0, 5, 90, 40, 60), _even(65, 10, 40, 60, 60)),
    "kneeling hip thrust": (_even(35, 100, 145, 20, 30), _even(0, 5, 95, 10, 20)),
    "glute-ham raise": (_even(88, 5, 5, 40, 100, 0.6), _even(5, 5, 85, 40, 100, 0.6)),
    "sit down": (_stand, _even(15, 95, 90, 30, 40)),
    "chair rise": (_even(5, 92, 95, 40, 60), _even(2, 2, 2, 10, 20)),
    "rowing machine": (_even(10, 105, 125, 80, 5, 0.3), _even(-20, 60, 15, 10, 100, 0.3)),
    "leg press": (_even(-50, 130, 110, 30, 40, 0.3), _even(-50, 80, 15, 30, 40, 0.3)),
    "leg extension": (_even(-5, 85, 95, 10, 30, 0.3), _even(-8, 82, 15, 10, 30, 0.3)),
    "jumping jack": (_stand, _even(0, 0, 5, 175, 5)),
    "box jump": (_stand, _even(40, 80, 80, -30, 10), _even(15, 60, 60, 60, 20)),
    "walk": (
        Figure(hip_l=28, hip_r=-12, knee_l=10, knee_r=25, arm_l=-15, arm_r=20),
        Figure(hip_l=-12, hip_r=28, knee_l=25, knee_r=10, arm_l=20, arm_r=-15),
    ),
    "side bend of a lying leg": (_even(-90, 0, 5, 20), Figure(lean=-90, hip_l=70, knee_l=10)),
}
"""Postures that each movement goes through and back."""
SHOWS = {
    "donkey kick": "hip-kickback",
    "donkey kick high": "hip-kickback",
    "straight leg donkey kick": "hip-kickback",
    "back extension": "back-extension",
    "back extension arms crossed": "back-extension",
    "level back extension": "back-extension",
}
"""The exercise that a movement of `OTHERS` is; the others are none."""


def _varied(figure: Figure, shift: dict[str, float]) -> Figure:
    return replace(figure, **{name: getattr(figure, name) + by for name, by in shift.items()})


def other_clip(seed: int, name: str) -> KinematicClip:
    """Return a kinematic clip of one of `OTHERS`."""
    rng = np.random.default_rng([seed, 32])
    shift = {f.name: float(rng.normal(0.0, SPREAD_DEG)) for f in fields(Figure) if f.name != "raised_m"}
    if rng.random() < 0.5:
        shift |= {f"{part}_r": shift[f"{part}_l"] for part in ("hip", "knee", "arm", "elbow")}
    way = [_varied(figure, shift) for figure in OTHERS[name]]
    if rng.random() < 0.5:
        way = [_swapped(figure) for figure in way]
    figures = list(_played([*way, *way[-2::-1]], rng))
    points_m = np.array([_points_m(figure) for figure in figures])
    camera = _camera(rng)
    poses = list(poses_of(points_m, [camera] * len(figures), rng))
    info = ClipInfo(name=f"{name}-{seed}", width_px=camera.width_px, height_px=camera.height_px, fps=FPS)
    return KinematicClip(SHOWS.get(name, NOTHING), info, poses)


def _swapped(figure: Figure) -> Figure:
    sides = {name: getattr(figure, name) for name in (f.name for f in fields(Figure))}
    other = {"l": "r", "r": "l"}
    renamed = {n if n in {"lean", "raised_m"} else n[:-1] + other[n[-1]]: value for n, value in sides.items()}
    return Figure(**renamed)


def _played(way: list[Figure], rng: np.random.Generator) -> Iterator[Figure]:
    """Yield the frames of three repetitions, with halts at the ends."""
    for _ in range(3):
        move_s, halt_s = rng.uniform(0.5, 1.6), rng.uniform(0.1, 0.6)
        for start, end in pairwise(way):
            steps = max(2, round(move_s * FPS))
            for step in range(steps):
                yield start.toward(end, 0.5 - 0.5 * float(np.cos(np.pi * step / steps)))
            yield from [end] * round(halt_s * FPS)


def _camera(rng: np.random.Generator) -> VirtualCamera:
    azimuth = np.radians(rng.normal(0.0, 20.0) if rng.random() < 0.4 else rng.uniform(-90.0, 90.0))
    azimuth += np.pi * (rng.random() < 0.5)
    distance_m, height_m = rng.uniform(3.0, 5.0), rng.uniform(0.3, 1.5)
    position = np.array([distance_m * np.sin(azimuth), -distance_m * np.cos(azimuth), height_m])
    forward = np.array([0.0, 0.0, 0.6]) - position
    forward /= np.linalg.norm(forward)
    right = np.cross(forward, [0.0, 0.0, 1.0])
    right /= np.linalg.norm(right)
    turn = np.stack([right, np.cross(forward, right), forward])
    intrinsics = np.array([[900.0, 0.0, 480.0], [0.0, 900.0, 360.0], [0.0, 0.0, 1.0]])
    return VirtualCamera(intrinsics, turn, position, 960, 720)


def _points_m(figure: Figure) -> FloatArray:
    """Return the 33 landmarks, x forward, y left, z up, metres, the lowest one near the floor."""

    def way(angle_deg: float, length_m: float) -> FloatArray:
        """Return a step; 0 is down, 90 forward."""
        angle = np.radians(angle_deg)
        return np.array([length_m * np.sin(angle), 0.0, -length_m * np.cos(angle)])

    down = -figure.lean  # direction from shoulder to hip
    hip = np.zeros(3)
    shoulder = hip - way(down, 0.50)
    head = shoulder - way(down, 0.22)
    points = {"nose": head + way(down + 90, 0.11)}
    for side, sign in (("left", 1.0), ("right", -1.0)):
        s = side[0]
        hip_deg, knee_deg, arm_deg, elbow_deg = (
            getattr(figure, f"{part}_{s}") for part in ("hip", "knee", "arm", "elbow")
        )
        out_hip, out_shoulder = np.array([0.0, sign * 0.1, 0.0]), np.array([0.0, sign * 0.17, 0.0])
        knee = hip + way(down + hip_deg, 0.42)
        ankle = knee + way(down + hip_deg - knee_deg, 0.42)
        elbow = shoulder + way(down + arm_deg, 0.29)
        wrist = elbow + way(down + arm_deg + elbow_deg, 0.25)
        shank = down + hip_deg - knee_deg
        points |= {
            f"{side}_hip": hip + out_hip,
            f"{side}_knee": knee + out_hip,
            f"{side}_ankle": ankle + out_hip,
            f"{side}_heel": ankle + way(shank, 0.05) + out_hip,
            f"{side}_foot_index": ankle + way(shank + 80, 0.17) + out_hip,
            f"{side}_shoulder": shoulder + out_shoulder,
            f"{side}_elbow": elbow + out_shoulder,
            f"{side}_wrist": wrist + out_shoulder,
            f"{side}_ear": head + out_hip * 0.7,
            f"{side}_eye": head + way(down + 90, 0.09) + out_hip * 0.3,
        }
    found = np.array([points[name] for name in POINT_NAMES])
    found[:, 2] += FLOOR_M + figure.raised_m - found[:, 2].min()
    found[:, 0] -= found[[27, 28], 0].mean() if abs(figure.lean) < 70 else 0.0
    return found
