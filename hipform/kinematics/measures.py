"""The catalogue of measures: one entry per quantity, each a pure function of one side's landmarks."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from hipform.kinematics.angles import Vector, between, incline_deg, length, turn_deg, wrap_deg
from hipform.types import Landmark, Pose, Side

UP: Vector = (0.0, -1.0)

SIDE_POINTS: Mapping[Side, Mapping[str, Landmark]] = {
    side: {
        name: Landmark[f"{side.name}_{name.upper()}"]
        for name in ("ear", "shoulder", "elbow", "wrist", "hip", "knee", "ankle", "heel", "foot_index")
    }
    for side in Side
}


@dataclass(frozen=True, slots=True)
class SideView:
    """The landmarks of one side in pixels, and which way the lifter faces.

    Attributes
    ----------
    ear, shoulder, hip, knee, ankle
        Image points, pixels; NaN where unseen.
    facing
        +1 when flexing the hip turns the thigh counter-clockwise on the screen (standing: the lifter faces right),
        else -1.
    """

    ear: Vector
    shoulder: Vector
    hip: Vector
    knee: Vector
    ankle: Vector
    facing: int

    @staticmethod
    def of(pose: Pose, side: Side, facing: int) -> SideView:
        """Pick the landmarks of *side* from *pose*."""
        points = SIDE_POINTS[side]

        def at(name: str) -> Vector:
            x, y = pose.image_px[points[name]]
            return float(x), float(y)

        return SideView(at("ear"), at("shoulder"), at("hip"), at("knee"), at("ankle"), facing)


def hip_flexion_deg(view: SideView) -> float:
    """Return the trunk-thigh angle: 0 straight, positive flexed, negative past straight."""
    return -view.facing * turn_deg(between(view.shoulder, view.hip), between(view.hip, view.knee))


def knee_flexion_deg(view: SideView) -> float:
    """Return 180 minus the included angle hip-knee-ankle: 0 straight, positive bent."""
    return view.facing * turn_deg(between(view.hip, view.knee), between(view.knee, view.ankle))


def trunk_incline_deg(view: SideView) -> float:
    """Return the trunk line against the horizontal: 0 level, positive when the shoulder is higher."""
    return incline_deg(between(view.hip, view.shoulder))


def thigh_incline_deg(view: SideView) -> float:
    """Return the thigh against the horizontal: 0 level, positive when the knee is higher."""
    return incline_deg(between(view.hip, view.knee))


def shin_lean_deg(view: SideView) -> float:
    """Return the shank against the vertical: 0 upright, positive when the knee is ahead of the ankle."""
    return view.facing * turn_deg(UP, between(view.ankle, view.knee))


def neck_extension_deg(view: SideView) -> float:
    """Return the line shoulder-ear against the trunk line: 0 in line, positive when the head is thrown back."""
    return wrap_deg(-view.facing * turn_deg(between(view.hip, view.shoulder), between(view.shoulder, view.ear)))


def hip_offset_ratio(view: SideView) -> float:
    """Return how far the hip lies past the line shoulder-knee, in trunk lengths; negative while it hangs below.

    A second witness of lockout beside the angle: it does not divide by the length of the thigh.
    """
    line, trunk = between(view.shoulder, view.knee), between(view.shoulder, view.hip)
    if length(line) == 0.0 or length(trunk) == 0.0:
        return math.nan
    distance = (line[0] * trunk[1] - line[1] * trunk[0]) / length(line)
    return -view.facing * distance / length(trunk)


def hip_height_ratio(view: SideView) -> float:
    """Return the height of the hip above the ankle in trunk lengths."""
    trunk = length(between(view.shoulder, view.hip))
    return (view.ankle[1] - view.hip[1]) / trunk if trunk else math.nan


@dataclass(frozen=True, slots=True)
class Measure:
    """One entry of the catalogue.

    Attributes
    ----------
    compute
        Function of a `SideView`.
    points
        Names of the landmarks it needs; unseen ones make it NaN.
    label
        Words for people.
    """

    compute: Callable[[SideView], float]
    points: tuple[str, ...]
    label: str

    @property
    def unit(self) -> str:
        """Unit suffix of the measure's name."""
        return self.compute.__name__.rsplit("_", 1)[1]


MEASURES: Mapping[str, Measure] = MappingProxyType(
    {
        measure.compute.__name__: measure
        for measure in (
            Measure(hip_flexion_deg, ("shoulder", "hip", "knee"), "trunk-thigh angle"),
            Measure(knee_flexion_deg, ("hip", "knee", "ankle"), "knee flexion"),
            Measure(trunk_incline_deg, ("shoulder", "hip"), "trunk incline"),
            Measure(thigh_incline_deg, ("hip", "knee"), "thigh incline"),
            Measure(shin_lean_deg, ("knee", "ankle"), "shin lean"),
            Measure(neck_extension_deg, ("ear", "shoulder", "hip"), "neck extension"),
            Measure(hip_offset_ratio, ("shoulder", "hip", "knee"), "hip past the shoulder-knee line"),
            Measure(hip_height_ratio, ("shoulder", "hip", "ankle"), "hip height"),
        )
    }
)


def measure_all(pose: Pose, side: Side, facing: int) -> dict[str, float]:
    """Compute every measure of the catalogue for one side.

    Parameters
    ----------
    pose
        Landmarks; unseen points NaN.
    side
        Side of the body to measure.
    facing
        +1 or -1, see `SideView`.

    Returns
    -------
    dict
        Value by measure name; NaN where a needed landmark is unseen.
    """
    view = SideView.of(pose, side, facing)
    return {name: measure.compute(view) for name, measure in MEASURES.items()}
