"""The catalogue of measures: one entry per quantity, each a pure function of one side's landmarks."""

from __future__ import annotations

import math
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from types import MappingProxyType

from hipform.kinematics import back_outline
from hipform.kinematics.angles import Vector, between, incline_deg, length, turn_deg, wrap_deg
from hipform.kinematics.reading_errors import base_u95
from hipform.pose.poses import Landmark, Pose, TrunkContour, per_pose
from hipform.types import Side

UP: Vector = (0.0, -1.0)
"""Unit vector that points up in an image. Basis: definition, y points down in images."""

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
        The measured arm: the one that holds the load, or in bird dog the one that is held out.
    other_hip, other_knee, other_ankle
        The other leg.
    facing
        +1 when flexing the hip turns the thigh counter-clockwise on the screen (standing: the lifter faces right),
        else -1.
    contour
        Outline of the trunk; ``None`` if it was not measured.
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
        """Return the landmarks of *side* in *pose*; the arm is that of *arm_side*, or of *side* if not given."""
        own, other, arm = SIDE_POINTS[side], SIDE_POINTS[side.other], SIDE_POINTS[arm_side or side]

        # Plain numbers: one conversion of all is quicker than picking eleven rows of an array.
        points = pose.image_px.tolist()

        def at(landmark: Landmark) -> Vector:
            x, y = points[landmark]
            return x, y

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


@dataclass(frozen=True, slots=True, kw_only=True)
class Measure:
    """One entry of the catalogue.

    Attributes
    ----------
    compute
        Function of a `SideView`; its name is that of the measure and ends with the unit.
    label
        Name for people.
    points
        Names of the landmarks it needs; unseen ones make it NaN.
    zero, positive
        What 0 and a positive value mean, for docs/how_it_works.md.
    held_u95, moving_u95
        95th percentile of the absolute error in a good side view while the hip is held at the top, and while it moves
        or is deeply flexed; in the measure's unit. Those of the trunk-thigh angle come from labelled people and
        rendered lifters, the others from rendered lifters with known joints.
    """

    compute: Callable[[SideView], float]
    label: str
    points: tuple[str, ...]
    zero: str
    positive: str
    held_u95: float
    moving_u95: float

    @property
    def unit(self) -> str:
        """Unit suffix of the measure's name."""
        return self.compute.__name__.rsplit("_", 1)[1]


_CATALOGUE: dict[str, Measure] = {}
MEASURES: Mapping[str, Measure] = MappingProxyType(_CATALOGUE)
"""Every measure by its name, in the order of the columns in frames.csv; each function below registers itself."""


def measure(
    label: str, points: tuple[str, ...], *, zero: str, positive: str, u95: tuple[float, float]
) -> Callable[[Callable[[SideView], float]], Callable[[SideView], float]]:
    """Return a decorator that registers a function in `MEASURES`.

    Parameters
    ----------
    label, points, zero, positive
        As in `Measure`.
    u95
        Its ``held_u95`` and ``moving_u95``.
    """

    def add(compute: Callable[[SideView], float]) -> Callable[[SideView], float]:
        held_u95, moving_u95 = u95
        _CATALOGUE[compute.__name__] = Measure(
            compute=compute,
            label=label,
            points=points,
            zero=zero,
            positive=positive,
            held_u95=held_u95,
            moving_u95=moving_u95,
        )
        return compute

    return add


@measure(
    "trunk-thigh angle",
    ("shoulder", "hip", "knee"),
    zero="shoulder-hip-knee in one straight line",
    positive="thigh forward; **negative = past straight**",
    u95=base_u95("trunk_thigh_flexion_deg"),
)
def trunk_thigh_flexion_deg(view: SideView) -> float:
    """Return the trunk-thigh angle: 0 straight, positive flexed, negative past straight."""
    return -view.facing * turn_deg(between(view.shoulder, view.hip), between(view.hip, view.knee))


@measure(
    "knee flexion", ("hip", "knee", "ankle"), zero="straight leg", positive="heel toward the buttock", u95=(7.0, 8.0)
)
def knee_flexion_deg(view: SideView) -> float:
    """Return 180 minus the included angle hip-knee-ankle: 0 straight, positive bent."""
    return view.facing * turn_deg(between(view.hip, view.knee), between(view.knee, view.ankle))


@measure("trunk incline", ("shoulder", "hip"), zero="level", positive="shoulder end higher", u95=(5.0, 8.0))
def trunk_incline_deg(view: SideView) -> float:
    """Return the angle of the trunk line to the horizontal: 0 level, positive when the shoulder is higher."""
    return incline_deg(between(view.hip, view.shoulder))


@measure("thigh incline", ("hip", "knee"), zero="level", positive="knee end higher", u95=(5.0, 8.0))
def thigh_incline_deg(view: SideView) -> float:
    """Return the angle of the thigh to the horizontal: 0 level, positive when the knee is higher."""
    return incline_deg(between(view.hip, view.knee))


@measure("shin lean", ("knee", "ankle"), zero="shank vertical", positive="knee ahead of the ankle", u95=(5.0, 7.0))
def shin_lean_deg(view: SideView) -> float:
    """Return the angle of the shank to the vertical: 0 upright, positive when the knee is ahead of the ankle."""
    return view.facing * turn_deg(UP, between(view.ankle, view.knee))


@measure(
    "neck extension",
    ("ear", "shoulder", "hip"),
    zero="ear in line with the trunk",
    positive="head thrown back",
    u95=(12.0, 12.0),
)
def neck_extension_deg(view: SideView) -> float:
    """Return the angle of the line shoulder-ear to the trunk line: 0 in line, positive when the head is thrown back."""
    return wrap_deg(-view.facing * turn_deg(between(view.hip, view.shoulder), between(view.shoulder, view.ear)))


@measure(
    "hip past the shoulder-knee line",
    ("shoulder", "hip", "knee"),
    zero="hip on the line shoulder-knee",
    positive="hip past it, in trunk lengths",
    u95=(0.06, 0.10),
)
def hip_offset_ratio(view: SideView) -> float:
    """Return how far the hip lies past the line shoulder-knee, in trunk lengths; negative while it hangs below.

    A second measure of lockout beside the angle, which does not depend on the length of the thigh.
    """
    line, trunk = between(view.shoulder, view.knee), between(view.shoulder, view.hip)
    if length(line) == 0.0 or length(trunk) == 0.0:
        return math.nan
    distance = (line[0] * trunk[1] - line[1] * trunk[0]) / length(line)
    return -view.facing * distance / length(trunk)


@measure(
    "hip height",
    ("shoulder", "hip", "ankle"),
    zero="hip level with the ankle",
    positive="higher, in trunk lengths",
    u95=(0.08, 0.12),
)
def hip_height_ratio(view: SideView) -> float:
    """Return the height of the hip above the ankle in trunk lengths."""
    trunk = length(between(view.shoulder, view.hip))
    return (view.ankle[1] - view.hip[1]) / trunk if trunk else math.nan


@measure("trunk lean", ("shoulder", "hip"), zero="trunk upright", positive="leaning forward", u95=(5.0, 8.0))
def trunk_lean_deg(view: SideView) -> float:
    """Return the angle of the trunk line to the vertical: 0 upright, positive forward, negative back."""
    return view.facing * turn_deg(UP, between(view.hip, view.shoulder))


@measure(
    "elbow flexion",
    ("arm_shoulder", "elbow", "wrist"),
    zero="straight arm",
    positive="bent; never negative",
    u95=(20.0, 20.0),
)
def elbow_flexion_deg(view: SideView) -> float:
    """Return 180 minus the included angle shoulder-elbow-wrist: 0 straight; elbows bend one way, so never negative."""
    return abs(turn_deg(between(view.arm_shoulder, view.elbow), between(view.elbow, view.wrist)))


@measure(
    "arm against the trunk",
    ("arm_shoulder", "wrist", "shoulder", "hip"),
    zero="arm along the trunk",
    positive="raised forward; 180 is overhead",
    u95=(8.0, 12.0),
)
def arm_elevation_deg(view: SideView) -> float:
    """Return the angle of the line shoulder-wrist to the trunk line: 0 along it, 180 overhead, forward positive."""
    return wrap_deg(view.facing * turn_deg(between(view.arm_shoulder, view.wrist), between(view.shoulder, view.hip)))


@measure(
    "wrist above the shoulder",
    ("arm_shoulder", "wrist", "shoulder", "hip"),
    zero="wrist level with the shoulder",
    positive="higher, in trunk lengths",
    u95=(0.12, 0.15),
)
def wrist_height_ratio(view: SideView) -> float:
    """Return the height of the wrist above the shoulder in trunk lengths; negative below it."""
    trunk = length(between(view.shoulder, view.hip))
    return (view.arm_shoulder[1] - view.wrist[1]) / trunk if trunk else math.nan


@measure(
    "wrist above the ankle",
    ("wrist", "ankle", "shoulder", "hip"),
    zero="wrist level with the ankle",
    positive="higher, in trunk lengths",
    u95=(0.12, 0.15),
)
def wrist_lift_ratio(view: SideView) -> float:
    """Return the height of the wrist above the ankle in trunk lengths."""
    trunk = length(between(view.shoulder, view.hip))
    return (view.ankle[1] - view.wrist[1]) / trunk if trunk else math.nan


@measure(
    "hands ahead of the legs",
    ("wrist", "hip", "knee", "ankle", "other_hip", "other_knee", "other_ankle"),
    zero="wrist on the line of the leg",
    positive="ahead of it, in thigh lengths",
    u95=(0.15, 0.20),
)
def load_ahead_ratio(view: SideView) -> float:
    """Return how far the wrist lies ahead of the legs at its own height, in thigh lengths; negative behind them.

    A leg is the line hip-knee-ankle, extended vertically above the hip and below the ankle; in a staggered stance the
    front leg counts.
    """
    thigh = length(between(view.hip, view.knee))
    legs = (view.hip, view.knee, view.ankle), (view.other_hip, view.other_knee, view.other_ankle)
    # `min` ignores NaN, but an unseen leg may be the front one.
    if any(math.isnan(x) for leg in legs for x, _ in leg):
        return math.nan
    ahead = min(view.facing * (view.wrist[0] - _leg_x(view.wrist[1], *leg)) for leg in legs)
    return ahead / thigh if thigh else math.nan


def _leg_x(y: float, hip: Vector, knee: Vector, ankle: Vector) -> float:
    """Return the x coordinate of a leg at height *y*."""
    return _x_at(y, hip, knee) if y < knee[1] else _x_at(y, knee, ankle)


def _x_at(y: float, upper: Vector, lower: Vector) -> float:
    """Return the x coordinate of a limb at height *y*, or of its end beyond it. NaN in, NaN out."""
    if not lower[1] > upper[1]:
        return upper[0] if lower[1] <= upper[1] else math.nan
    share = min(max((y - upper[1]) / (lower[1] - upper[1]), 0.0), 1.0)
    return upper[0] + share * (lower[0] - upper[0])


@measure(
    "shoulder height",
    ("shoulder", "hip", "ankle"),
    zero="shoulder level with the ankle",
    positive="higher, in trunk lengths",
    u95=(0.08, 0.12),
)
def shoulder_height_ratio(view: SideView) -> float:
    """Return the height of the shoulder above the ankle in trunk lengths."""
    trunk = length(between(view.shoulder, view.hip))
    return (view.ankle[1] - view.shoulder[1]) / trunk if trunk else math.nan


@measure(
    "other trunk-thigh angle",
    ("shoulder", "hip", "other_hip", "other_knee"),
    zero="as for the measured leg",
    positive="the same of the other leg",
    u95=(10.0, 15.0),
)
def other_trunk_thigh_flexion_deg(view: SideView) -> float:
    """Return the trunk-thigh angle of the other leg, signed as `trunk_thigh_flexion_deg`."""
    return -view.facing * turn_deg(between(view.shoulder, view.hip), between(view.other_hip, view.other_knee))


@measure(
    "other knee flexion",
    ("other_hip", "other_knee", "other_ankle"),
    zero="as for the measured leg",
    positive="the same of the other leg",
    u95=(12.0, 15.0),
)
def other_knee_flexion_deg(view: SideView) -> float:
    """Return the knee flexion of the other leg, signed as `knee_flexion_deg`."""
    return view.facing * turn_deg(between(view.other_hip, view.other_knee), between(view.other_knee, view.other_ankle))


@measure(
    "pelvis drop",
    ("hip", "other_hip"),
    zero="both hips level; from the front or behind",
    positive="the other hip is lower",
    u95=(6.0, 8.0),
)
def pelvis_drop_deg(view: SideView) -> float:
    """Return the angle of the line through both hips to the horizontal: 0 level, positive when the other hip is lower.

    It is meaningful only from the front or from behind; side-on, one hip hides the other.
    """
    across = abs(view.other_hip[0] - view.hip[0])
    down = view.other_hip[1] - view.hip[1]
    return math.degrees(math.atan2(down, across)) if across or down else math.nan


@measure(
    "hollow of the back",
    (),
    zero="outline of the back flat",
    positive="back hollow (negative: rounded), in trunk lengths",
    u95=(0.012, 0.015),
)
def back_hollow_ratio(view: SideView) -> float:
    """Return the depth of the hollow in the outline of the back, in trunk lengths; negative when rounded."""
    return back_outline.back_hollow_ratio(view.contour, view.facing) if view.contour else math.nan


@measure(
    "rise of the belly",
    (),
    zero="outline of the belly flat",
    positive="belly rises, in trunk lengths",
    u95=(0.015, 0.020),
)
def belly_bulge_ratio(view: SideView) -> float:
    """Return how far the outline of the belly rises over the line from ribs to groin, in trunk lengths."""
    return back_outline.belly_bulge_ratio(view.contour, view.facing) if view.contour else math.nan


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
        Side of the arm to measure; *side* if not given.

    Returns
    -------
    dict
        Value by measure name; NaN where a needed landmark is unseen.
    """
    return dict(zip(MEASURES, _values(pose, side, facing, arm_side or side), strict=True))


@per_pose
def _values(pose: Pose, side: Side, facing: int, arm_side: Side) -> tuple[float, ...]:
    view = SideView.of(pose, side, facing, arm_side)
    return tuple(measure.compute(view) for measure in MEASURES.values())
