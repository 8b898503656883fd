"""The catalogue of measures: one entry per quantity, each a pure function of one side's landmarks."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from hipform.kinematics import back_outline
from hipform.kinematics.angles import Vector, between, incline_deg, length, turn_deg, wrap_deg
from hipform.types import Landmark, Pose, Side, TrunkContour

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
        Image points of the measured side, pixels; NaN where unseen.
    arm_shoulder, elbow, wrist
        The arm that is measured: the one that holds the load, in bird dog the one that is held out.
    other_hip, other_knee, other_ankle
        The other leg.
    facing
        +1 when flexing the hip turns the thigh counter-clockwise on the screen (standing: the lifter faces right),
        else -1.
    contour
        Outline of the trunk; ``None`` where it was not looked for.
    """

    ear: Vector
    shoulder: Vector
    hip: Vector
    knee: Vector
    ankle: Vector
    arm_shoulder: Vector
    elbow: Vector
    wrist: Vector
    other_hip: Vector
    other_knee: Vector
    other_ankle: Vector
    facing: int
    contour: TrunkContour | None = None

    @staticmethod
    def of(pose: Pose, side: Side, facing: int, arm_side: Side | None = None) -> SideView:
        """Pick the landmarks of *side* from *pose*; the arm is that of *arm_side*, the same side if not given."""
        own, other, arm = SIDE_POINTS[side], SIDE_POINTS[side.other], SIDE_POINTS[arm_side or side]

        def at(landmark: Landmark) -> Vector:
            x, y = pose.image_px[landmark]
            return float(x), float(y)

        return SideView(
            ear=at(own["ear"]),
            shoulder=at(own["shoulder"]),
            hip=at(own["hip"]),
            knee=at(own["knee"]),
            ankle=at(own["ankle"]),
            arm_shoulder=at(arm["shoulder"]),
            elbow=at(arm["elbow"]),
            wrist=at(arm["wrist"]),
            other_hip=at(other["hip"]),
            other_knee=at(other["knee"]),
            other_ankle=at(other["ankle"]),
            facing=facing,
            contour=pose.contour,
        )


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


def trunk_lean_deg(view: SideView) -> float:
    """Return the trunk line against the vertical: 0 upright, positive leaning forward, negative leaning back."""
    return view.facing * turn_deg(UP, between(view.hip, view.shoulder))


def elbow_flexion_deg(view: SideView) -> float:
    """Return 180 minus the included angle shoulder-elbow-wrist: 0 straight; elbows bend one way, so never negative."""
    return abs(turn_deg(between(view.arm_shoulder, view.elbow), between(view.elbow, view.wrist)))


def arm_elevation_deg(view: SideView) -> float:
    """Return the line shoulder-wrist against the trunk line: 0 along the trunk, 180 overhead, forward positive."""
    return wrap_deg(view.facing * turn_deg(between(view.arm_shoulder, view.wrist), between(view.shoulder, view.hip)))


def wrist_height_ratio(view: SideView) -> float:
    """Return the height of the wrist above the shoulder in trunk lengths; negative below it."""
    trunk = length(between(view.shoulder, view.hip))
    return (view.arm_shoulder[1] - view.wrist[1]) / trunk if trunk else math.nan


def wrist_lift_ratio(view: SideView) -> float:
    """Return the height of the wrist above the ankle in trunk lengths."""
    trunk = length(between(view.shoulder, view.hip))
    return (view.ankle[1] - view.wrist[1]) / trunk if trunk else math.nan


def load_ahead_ratio(view: SideView) -> float:
    """Return how far the wrist lies ahead of the legs at its own height, in thigh lengths; negative behind them.

    A leg is the line hip-knee-ankle, continued straight up from the hip and straight down from the ankle; in a
    staggered stance the foremost one counts.
    """
    thigh = length(between(view.hip, view.knee))
    legs = (view.hip, view.knee, view.ankle), (view.other_hip, view.other_knee, view.other_ankle)
    # `min` passes over NaN: of a leg that is not seen nobody knows whether it is the foremost one.
    if any(math.isnan(x) for leg in legs for x, _ in leg):
        return math.nan
    ahead = min(view.facing * (view.wrist[0] - _leg_x(view.wrist[1], *leg)) for leg in legs)
    return ahead / thigh if thigh else math.nan


def _leg_x(y: float, hip: Vector, knee: Vector, ankle: Vector) -> float:
    """Return where a leg is at height *y*."""
    return _x_at(y, hip, knee) if y < knee[1] else _x_at(y, knee, ankle)


def _x_at(y: float, upper: Vector, lower: Vector) -> float:
    """Return where a limb is at height *y*; its end beyond it. NaN in, NaN out."""
    if not lower[1] > upper[1]:
        return upper[0] if lower[1] <= upper[1] else math.nan
    share = min(max((y - upper[1]) / (lower[1] - upper[1]), 0.0), 1.0)
    return upper[0] + share * (lower[0] - upper[0])


def shoulder_height_ratio(view: SideView) -> float:
    """Return the height of the shoulder above the ankle in trunk lengths."""
    trunk = length(between(view.shoulder, view.hip))
    return (view.ankle[1] - view.shoulder[1]) / trunk if trunk else math.nan


def other_hip_flexion_deg(view: SideView) -> float:
    """Return the trunk-thigh angle of the other leg, signed as `hip_flexion_deg`."""
    return -view.facing * turn_deg(between(view.shoulder, view.hip), between(view.other_hip, view.other_knee))


def other_knee_flexion_deg(view: SideView) -> float:
    """Return the knee flexion of the other leg, signed as `knee_flexion_deg`."""
    return view.facing * turn_deg(between(view.other_hip, view.other_knee), between(view.other_knee, view.other_ankle))


def pelvis_drop_deg(view: SideView) -> float:
    """Return the line through both hips against the horizontal: 0 level, positive when the other hip is lower.

    It shows from the front or from behind; side-on both hips lie behind each other and it means nothing.
    """
    across = abs(view.other_hip[0] - view.hip[0])
    down = view.other_hip[1] - view.hip[1]
    return math.degrees(math.atan2(down, across)) if across or down else math.nan


def back_hollow_ratio(view: SideView) -> float:
    """Return how deep the outline of the back is hollowed, in trunk lengths; negative when rounded."""
    return back_outline.back_hollow_ratio(view.contour, view.facing) if view.contour else math.nan


def belly_bulge_ratio(view: SideView) -> float:
    """Return how far the outline of the belly rises over the line from ribs to groin, in trunk lengths."""
    return back_outline.belly_bulge_ratio(view.contour, view.facing) if view.contour else math.nan


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
            Measure(trunk_lean_deg, ("shoulder", "hip"), "trunk lean"),
            Measure(elbow_flexion_deg, ("arm_shoulder", "elbow", "wrist"), "elbow flexion"),
            Measure(arm_elevation_deg, ("arm_shoulder", "wrist", "shoulder", "hip"), "arm against the trunk"),
            Measure(wrist_height_ratio, ("arm_shoulder", "wrist", "shoulder", "hip"), "wrist above the shoulder"),
            Measure(wrist_lift_ratio, ("wrist", "ankle", "shoulder", "hip"), "wrist above the ankle"),
            Measure(
                load_ahead_ratio,
                ("wrist", "hip", "knee", "ankle", "other_hip", "other_knee", "other_ankle"),
                "hands ahead of the legs",
            ),
            Measure(shoulder_height_ratio, ("shoulder", "hip", "ankle"), "shoulder height"),
            Measure(other_hip_flexion_deg, ("shoulder", "hip", "other_hip", "other_knee"), "other trunk-thigh angle"),
            Measure(other_knee_flexion_deg, ("other_hip", "other_knee", "other_ankle"), "other knee flexion"),
            Measure(pelvis_drop_deg, ("hip", "other_hip"), "pelvis drop"),
            Measure(back_hollow_ratio, (), "hollow of the back"),
            Measure(belly_bulge_ratio, (), "rise of the belly"),
        )
    }
)


def measure_all(pose: Pose, side: Side, facing: int, arm_side: Side | None = None) -> dict[str, float]:
    """Compute every measure of the catalogue for one side.

    Parameters
    ----------
    pose
        Landmarks; unseen points NaN.
    side
        Side of the body to measure.
    facing
        +1 or -1, see `SideView`.
    arm_side
        Side of the arm that goes with it; the same if not given.

    Returns
    -------
    dict
        Value by measure name; NaN where a needed landmark is unseen.
    """
    view = SideView.of(pose, side, facing, arm_side)
    return {name: measure.compute(view) for name, measure in MEASURES.items()}
