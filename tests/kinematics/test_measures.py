"""The sign table of `hipform.kinematics` as a test, and what must not change a measure."""

import math
from dataclasses import fields, replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipform.kinematics.lumbar_extension import BACK_FREE, BACK_ON_FLOOR
from hipform.kinematics.measures import MEASURES, SIDE_POINTS, SideView, measure_all
from hipform.pose.poses import Landmark, Pose
from hipform.types import Side
from tests.synthetic import (
    BENCH_M,
    BODY,
    Posture,
    SyntheticCamera,
    lying,
    mirrored,
    moved,
    outline,
    scaled,
    shoot,
    sit_up,
    squat,
)


def past_line_ratio(hip_deg):
    """Return how far the hip lies past the line shoulder-knee, from the triangle they form."""
    flexed = math.radians(hip_deg)
    chord_m = math.hypot(BODY.trunk_m + BODY.thigh_m * math.cos(flexed), BODY.thigh_m * math.sin(flexed))
    return -BODY.thigh_m * math.sin(flexed) / chord_m


def hanging(hip_height_m):
    return Posture(hip_m=(0.5, hip_height_m), trunk_deg=0, hip_deg=0, knee_deg=90)


SIGN_TABLE = [
    ("trunk_thigh_flexion_deg", lying(0), 0),
    ("trunk_thigh_flexion_deg", lying(40), 40),
    ("trunk_thigh_flexion_deg", lying(-15), -15),
    ("trunk_thigh_flexion_deg", squat(1), 95),
    ("knee_flexion_deg", squat(0), 0),
    ("knee_flexion_deg", squat(1), 105),
    ("knee_flexion_deg", hanging(0.5), 90),
    ("trunk_incline_deg", sit_up(0), 0),
    ("trunk_incline_deg", sit_up(35), 35),
    ("trunk_incline_deg", lying(0), -lying(0).trunk_deg),
    ("trunk_incline_deg", lying(70, shoulder_height_m=BENCH_M), -lying(70, shoulder_height_m=BENCH_M).trunk_deg),
    ("thigh_incline_deg", hanging(0.5), 0),
    ("thigh_incline_deg", sit_up(0), 50),
    ("thigh_incline_deg", Posture(hip_m=(0.5, 0.5), trunk_deg=0, hip_deg=-20, knee_deg=60), -20),
    ("shin_lean_deg", lying(0), 0),
    ("shin_lean_deg", lying(0, shin_lean_deg=15), 15),
    ("shin_lean_deg", lying(0, shin_lean_deg=-15), -15),
    ("shin_lean_deg", squat(1), 30),
    ("neck_extension_deg", lying(20), 0),
    ("neck_extension_deg", lying(20, neck_deg=25), 25),
    ("neck_extension_deg", lying(20, neck_deg=-25), -25),
    ("hip_offset_ratio", lying(0), 0),
    ("hip_offset_ratio", lying(50), past_line_ratio(50)),
    ("hip_offset_ratio", lying(-20), past_line_ratio(-20)),
    ("hip_height_ratio", hanging(0.5), 0.42 / 0.5),
    ("hip_height_ratio", hanging(0.21), 0.42 / 0.5),
    ("hip_height_ratio", squat(0), 0.84 / 0.5),
    ("shoulder_height_ratio", squat(0), 1.34 / 0.5),
    ("shoulder_height_ratio", hanging(0.5), 0.42 / 0.5),
    ("trunk_lean_deg", squat(0), 0),
    ("trunk_lean_deg", squat(1), 90 - 105 + 95 - 60),
    ("trunk_lean_deg", Posture(hip_m=(0.5, 0.5), trunk_deg=-70, hip_deg=0, knee_deg=0), -20),
    ("trunk_lean_deg", hanging(0.5), -90),
    ("other_trunk_thigh_flexion_deg", lying(40), 40),
    (
        "other_trunk_thigh_flexion_deg",
        Posture(hip_m=(0.5, 0.5), trunk_deg=0, hip_deg=20, knee_deg=60, other_hip_deg=-15),
        -15,
    ),
    ("other_knee_flexion_deg", squat(1), 105),
    ("other_knee_flexion_deg", lying(20, planted=Side.RIGHT), 0),
]
"""Measure, posture, and the value that its definition gives."""

RISING = {
    "trunk_thigh_flexion_deg": (lying(0), lying(30)),
    "knee_flexion_deg": (squat(0.1), squat(0.9)),
    "trunk_incline_deg": (sit_up(5), sit_up(40)),
    "thigh_incline_deg": (squat(0.9), squat(1.2)),
    "shin_lean_deg": (squat(0), squat(1)),
    "neck_extension_deg": (lying(0, neck_deg=-10), lying(0, neck_deg=10)),
    "hip_offset_ratio": (lying(40), lying(5)),
    "hip_height_ratio": (lying(40), lying(5)),
    "trunk_lean_deg": (sit_up(20), sit_up(60)),
    "shoulder_height_ratio": (sit_up(20), sit_up(60)),
    "other_trunk_thigh_flexion_deg": (lying(0), lying(30)),
    "other_knee_flexion_deg": (squat(0.1), squat(0.9)),
}
"""Movements in the positive direction of each measure."""

facings = pytest.mark.parametrize("facing", [1, -1], ids=["right", "left"])
sides = pytest.mark.parametrize("side", list(Side))


@facings
@pytest.mark.parametrize(("name", "posture", "expected"), SIGN_TABLE)
def test_measure_has_the_value_of_its_definition(name, posture, expected, facing):
    pose = shoot(posture, camera=SyntheticCamera(facing=facing))
    assert measure_all(pose, Side.RIGHT, facing)[name] == pytest.approx(expected, abs=1e-9)


@facings
@pytest.mark.parametrize("name", RISING)
def test_measure_rises_in_its_positive_direction(name, facing):
    before, after = (
        measure_all(shoot(p, camera=SyntheticCamera(facing=facing)), Side.RIGHT, facing)[name] for p in RISING[name]
    )
    assert after > before + 0.1


STANDING = {
    "ear": (0, -20),
    "shoulder": (0, 0),
    "hip": (0, 100),
    "knee": (0, 180),
    "ankle": (0, 260),
    "arm_shoulder": (0, 0),
    "elbow": (0, 60),
    "wrist": (0, 110),
    "other_hip": (0, 100),
    "other_knee": (0, 180),
    "other_ankle": (0, 260),
}
"""A lifter who stands and faces right, by hand: trunk 100, thigh and shank 80 pixels long, arms hanging."""
HINGED = {"shoulder": (80, 40), "arm_shoulder": (80, 40), "wrist": (60, 150), "knee": (20, 180)}
"""The hip stays, the trunk leans forward, the knee goes ahead of the ankle."""

HAND_TABLE = [
    ("elbow_flexion_deg", {}, 0),
    ("elbow_flexion_deg", {"wrist": (50, 60)}, 90),
    ("elbow_flexion_deg", {"wrist": (-50, 60)}, 90),
    ("arm_elevation_deg", {}, 0),
    ("arm_elevation_deg", {"wrist": (110, 0)}, 90),
    ("arm_elevation_deg", {"wrist": (-50, 50)}, -45),
    ("arm_elevation_deg", {"wrist": (0, -110)}, 180),
    # Horizontal trunk, arm hanging down: raised forward by a right angle.
    ("arm_elevation_deg", {"shoulder": (100, 100), "arm_shoulder": (100, 100), "wrist": (100, 210)}, 90),
    ("wrist_height_ratio", {}, -1.1),
    ("wrist_height_ratio", {"wrist": (90, 0)}, 0),
    ("wrist_height_ratio", {"wrist": (0, -110)}, 1.1),
    # The arm is that of the other shoulder, the trunk that of the measured side.
    ("wrist_height_ratio", {"arm_shoulder": (0, 10)}, -1.0),
    ("wrist_lift_ratio", {}, 1.5),
    ("wrist_lift_ratio", {"wrist": (0, 260)}, 0),
    ("wrist_lift_ratio", {"wrist": (0, 280)}, -0.2),
    ("load_ahead_ratio", {}, 0),
    ("load_ahead_ratio", {"wrist": (40, 110)}, 0.5),
    ("load_ahead_ratio", {"wrist": (-40, 110)}, -0.5),
    # Against the thigh, the shank, and straight on from the hip and from the ankle.
    ("load_ahead_ratio", {"knee": (60, 160), "wrist": (60, 130)}, (60 - 30) / math.hypot(60, 60)),
    ("load_ahead_ratio", {"knee": (60, 160), "wrist": (60, 210)}, (60 - 30) / math.hypot(60, 60)),
    ("load_ahead_ratio", {"knee": (60, 160), "wrist": (60, 40)}, 60 / math.hypot(60, 60)),
    ("load_ahead_ratio", {"knee": (60, 160), "wrist": (60, 300)}, 60 / math.hypot(60, 60)),
    # Of two legs apart the front one counts, whichever is measured.
    ("load_ahead_ratio", {"other_knee": (40, 180), "other_ankle": (40, 260), "wrist": (60, 200)}, 0.25),
    ("load_ahead_ratio", {"other_knee": (-40, 180), "other_ankle": (-40, 260), "wrist": (60, 200)}, 0.75),
    ("pelvis_drop_deg", {"other_hip": (20, 100)}, 0),
    ("pelvis_drop_deg", {"other_hip": (20, 120)}, 45),
    ("pelvis_drop_deg", {"other_hip": (-20, 120)}, 45),
    ("pelvis_drop_deg", {"other_hip": (20, 80)}, -45),
    ("back_hollow_ratio", {}, 10 / BACK_FREE.hollow_deg),
    ("belly_bulge_ratio", {}, 10 / BACK_ON_FLOOR.bulge_deg),
]
"""Measure, what is elsewhere than in `STANDING`, and the value that its definition gives."""


def by_hand(changes, facing=1):
    """Return `STANDING` with changes; mirrored when facing left."""
    points = {name: (facing * x, y) for name, (x, y) in {**STANDING, **changes}.items()}
    return SideView(**points, facing=facing, contour=outline(10.0, facing))


@facings
@pytest.mark.parametrize(("name", "changes", "expected"), HAND_TABLE)
def test_measure_of_arm_and_pelvis_has_the_value_of_its_definition(name, changes, expected, facing):
    found = MEASURES[name].compute(by_hand(changes, facing))
    assert math.remainder(found - expected, 360) == pytest.approx(0, abs=1e-9)


def test_sign_tables_hold_every_measure():
    in_tables = {row[0] for row in SIGN_TABLE}, {row[0] for row in HAND_TABLE}
    assert set.union(*in_tables) == set(MEASURES)
    assert set(RISING) == in_tables[0]


@pytest.mark.parametrize("name", MEASURES)
def test_every_measure_says_what_it_is(name):
    declared = MEASURES[name]
    assert all((declared.label, declared.zero, declared.positive))
    assert declared.compute.__name__ == name
    assert declared.unit in {"deg", "ratio"}


SIGNED = (
    "trunk_thigh_flexion_deg",
    "knee_flexion_deg",
    "shin_lean_deg",
    "neck_extension_deg",
    "hip_offset_ratio",
    "trunk_lean_deg",
    "arm_elevation_deg",
    "load_ahead_ratio",
    "other_trunk_thigh_flexion_deg",
    "other_knee_flexion_deg",
)


@pytest.mark.parametrize("name", [name for name, measure in MEASURES.items() if measure.points])
def test_facing_the_other_way_changes_the_sign_of_what_bends_and_nothing_else(name):
    posture = lying(35, neck_deg=12, shin_lean_deg=8)
    # Of two legs apart it would be the other one that is compute_front_foot when facing the other way.
    pose = shoot(posture) if name == "load_ahead_ratio" else tilted(shoot(posture, camera=OBLIQUE), 7)
    right, left = (measure_all(pose, Side.RIGHT, facing)[name] for facing in (1, -1))
    assert right != 0
    assert left == pytest.approx(-right if name in SIGNED else right)


def test_facing_the_other_way_back_and_belly_change_places():
    view = by_hand({})
    assert MEASURES["back_hollow_ratio"].compute(view) > 0
    assert MEASURES["back_hollow_ratio"].compute(replace(view, facing=-1)) < 0


OBLIQUE = SyntheticCamera(azimuth_deg=20)
"""Side-on both hips lie behind each other, where no pelvis has a tilt."""


def tilted(pose, by_px):
    """Return *pose* with the left hip lower."""
    image_px = pose.image_px.copy()
    image_px[Landmark.LEFT_HIP, 1] += by_px
    return replace(pose, image_px=image_px)


postures = st.builds(
    Posture,
    hip_m=st.tuples(st.floats(0, 2), st.floats(0, 1)),
    trunk_deg=st.floats(-100, 60),
    hip_deg=st.floats(-30, 110),
    knee_deg=st.floats(0, 140),
    neck_deg=st.floats(-50, 50),
    arm_deg=st.floats(-60, 170),
    other_hip_deg=st.floats(-30, 110),
    other_knee_deg=st.floats(0, 140),
)
both_facings = st.sampled_from([1, -1])


def same(measured, expected):
    """Compare two sets of measures; a half turn to the left is one to the right."""
    assert measured.keys() == expected.keys()
    apart = {name: math.remainder(measured[name] - expected[name], 360) for name in expected}
    assert apart == pytest.approx(dict.fromkeys(expected, 0), abs=1e-6)


arms = st.sampled_from([None, *Side])


def oblique(posture, facing, tilt_px=5):
    return tilted(shoot(posture, camera=replace(OBLIQUE, facing=facing, azimuth_deg=20 * facing)), tilt_px)


@given(postures, both_facings, arms, st.tuples(st.floats(-1000, 1000), st.floats(-1000, 1000)), st.floats(0.1, 10))
def test_place_and_size_in_the_picture_change_nothing(posture, facing, arm, by_px, factor):
    pose = oblique(posture, facing)
    (changed,) = moved(scaled([pose], factor), by_px)
    for side in Side:
        same(measure_all(changed, side, facing, arm), measure_all(pose, side, facing, arm))


@given(postures, both_facings, arms, st.integers(100, 4000))
def test_a_mirrored_picture_gives_the_other_side_facing_the_other_way(posture, facing, arm, width_px):
    pose = oblique(posture, facing)
    (changed,) = mirrored([pose], width_px)
    other_arm = arm.other if arm else None
    for side in Side:
        same(measure_all(changed, side.other, -facing, other_arm), measure_all(pose, side, facing, arm))


@given(postures)
@settings(max_examples=30)
def test_seen_from_the_other_side_a_lifter_measures_the_same(posture):
    for side in Side:
        right = measure_all(oblique(posture, 1), side, 1)
        same(measure_all(oblique(posture, -1), side, -1), right)


@pytest.mark.parametrize("part", [part.name for part in fields(SideView) if part.name not in ("facing", "contour")])
def test_an_unseen_point_makes_nan_of_every_measure_that_needs_it_and_of_no_other(part):
    hidden = by_hand({**HINGED, "wrist": (60, 220), "other_hip": (10, 100)} | {part: (math.nan, math.nan)})
    assert {name for name, measure in MEASURES.items() if math.isnan(measure.compute(hidden))} == {
        name for name, measure in MEASURES.items() if part in measure.points
    }


@pytest.mark.parametrize("side", list(Side))
def test_a_view_takes_each_point_from_its_side(side):
    view = SideView.of(shoot(lying(30, planted=Side.LEFT), camera=OBLIQUE), side, 1, side.other)
    pose = shoot(lying(30, planted=Side.LEFT), camera=OBLIQUE)
    for part in fields(SideView)[:-2]:
        is_other = part.name.startswith(("arm_", "other_")) or part.name in ("elbow", "wrist")
        landmark = SIDE_POINTS[side.other if is_other else side][part.name.split("_")[-1]]
        assert getattr(view, part.name) == tuple(pose.image_px[landmark])


def test_the_arm_is_that_of_the_measured_side_unless_another_is_named():
    pose = shoot(lying(30))
    pose.image_px[Landmark.LEFT_WRIST] += (15, -25)
    own, same_side, other = (measure_all(pose, Side.LEFT, 1, *arm) for arm in ((), (Side.LEFT,), (Side.RIGHT,)))
    assert str(own) == str(same_side)
    assert {name for name in MEASURES if own[name] != pytest.approx(other[name], nan_ok=True)} == {
        name for name, measure in MEASURES.items() if "wrist" in measure.points
    }


@pytest.mark.parametrize("name", [name for name, measure in MEASURES.items() if measure.points])
def test_points_that_coincide_give_nan_or_a_number_but_no_error(name):
    pose = shoot(lying(30))
    heap = replace(pose, image_px=pose.image_px * 0 + 100.0)
    assert math.isnan(measure_all(heap, Side.LEFT, 1)[name])


def test_nobody_measures_nan():
    assert all(math.isnan(value) for value in measure_all(Pose.unseen(0.0), Side.RIGHT, 1).values())


@sides
def test_only_the_asked_side_is_measured(side):
    posture = replace(lying(30), working=Side.LEFT, other_hip_deg=60.0, other_knee_deg=0.0)
    expected = {Side.LEFT: 30, Side.RIGHT: 60}[side]
    assert measure_all(shoot(posture), side, 1)["trunk_thigh_flexion_deg"] == pytest.approx(expected)


def test_catalogue_names_units_points_and_labels():
    for name, measure in MEASURES.items():
        assert name.endswith(f"_{measure.unit}")
        assert measure.unit in {"deg", "ratio"}
        assert set(measure.points) <= {part.name for part in fields(SideView)}
        assert measure.label
