"""The sign table of `hipform.kinematics` as a test, and what must not change a measure."""

import math
from dataclasses import replace

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipform.kinematics.measures import MEASURES, SIDE_POINTS, measure_all
from hipform.types import Pose, Side
from tests.synthetic import (
    BENCH_M,
    BODY,
    Camera,
    Posture,
    lying,
    mirrored,
    moved,
    scaled,
    shoot,
    sit_up,
    squat,
    without,
)


def past_line_ratio(hip_deg):
    """Return how far the hip lies past the line shoulder-knee, from the triangle they form."""
    flexed = math.radians(hip_deg)
    chord_m = math.hypot(BODY.trunk_m + BODY.thigh_m * math.cos(flexed), BODY.thigh_m * math.sin(flexed))
    return -BODY.thigh_m * math.sin(flexed) / chord_m


def hanging(hip_height_m):
    return Posture(hip_m=(0.5, hip_height_m), trunk_deg=0, hip_deg=0, knee_deg=90)


SIGN_TABLE = [
    ("hip_flexion_deg", lying(0), 0),
    ("hip_flexion_deg", lying(40), 40),
    ("hip_flexion_deg", lying(-15), -15),
    ("hip_flexion_deg", squat(1), 95),
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
    ("hip_height_ratio", sit_up(10), None),
]
"""Measure, posture, and the value that its definition gives; None where only the sign is checked below."""

RISING = {
    "hip_flexion_deg": (lying(0), lying(30)),
    "knee_flexion_deg": (squat(0.1), squat(0.9)),
    "trunk_incline_deg": (sit_up(5), sit_up(40)),
    "thigh_incline_deg": (squat(0.9), squat(1.2)),
    "shin_lean_deg": (squat(0), squat(1)),
    "neck_extension_deg": (lying(0, neck_deg=-10), lying(0, neck_deg=10)),
    "hip_offset_ratio": (lying(40), lying(5)),
    "hip_height_ratio": (lying(40), lying(5)),
}
"""Movements in the positive direction of each measure."""

facings = pytest.mark.parametrize("facing", [1, -1], ids=["right", "left"])
sides = pytest.mark.parametrize("side", list(Side))


@facings
@sides
@pytest.mark.parametrize(("name", "posture", "expected"), [row for row in SIGN_TABLE if row[2] is not None])
def test_measure_has_the_value_of_its_definition(name, posture, expected, facing, side):
    pose = shoot(posture, camera=Camera(facing=facing))
    assert measure_all(pose, side, facing)[name] == pytest.approx(expected, abs=1e-9)


@facings
@pytest.mark.parametrize("name", MEASURES)
def test_measure_rises_in_its_positive_direction(name, facing):
    before, after = (
        measure_all(shoot(p, camera=Camera(facing=facing)), Side.RIGHT, facing)[name] for p in RISING[name]
    )
    assert after > before + 0.1


def test_sign_table_holds_every_measure():
    assert {row[0] for row in SIGN_TABLE} == set(MEASURES) == set(RISING)


SIGNED = ("hip_flexion_deg", "knee_flexion_deg", "shin_lean_deg", "neck_extension_deg", "hip_offset_ratio")


@pytest.mark.parametrize("name", MEASURES)
def test_facing_the_other_way_changes_the_sign_of_what_bends_and_nothing_else(name):
    pose = shoot(lying(35, neck_deg=12, shin_lean_deg=8))
    right, left = (measure_all(pose, Side.RIGHT, facing)[name] for facing in (1, -1))
    assert right != 0
    assert left == pytest.approx(-right if name in SIGNED else right)


postures = st.builds(
    Posture,
    hip_m=st.tuples(st.floats(0, 2), st.floats(0, 1)),
    trunk_deg=st.floats(-100, 60),
    hip_deg=st.floats(-30, 110),
    knee_deg=st.floats(0, 140),
    neck_deg=st.floats(-50, 50),
    other_hip_deg=st.floats(-30, 110),
    other_knee_deg=st.floats(0, 140),
)
both_facings = st.sampled_from([1, -1])


def same(measured, expected):
    """Compare two sets of measures; a half turn to the left is one to the right."""
    assert measured.keys() == expected.keys()
    apart = {name: math.remainder(measured[name] - expected[name], 360) for name in expected}
    assert apart == pytest.approx(dict.fromkeys(expected, 0), abs=1e-6)


@given(postures, both_facings, st.tuples(st.floats(-1000, 1000), st.floats(-1000, 1000)), st.floats(0.1, 10))
def test_place_and_size_in_the_picture_change_nothing(posture, facing, by_px, factor):
    pose = shoot(posture, camera=Camera(facing=facing))
    (changed,) = moved(scaled([pose], factor), by_px)
    for side in Side:
        same(measure_all(changed, side, facing), measure_all(pose, side, facing))


@given(postures, both_facings, st.integers(100, 4000))
def test_a_mirrored_picture_gives_the_other_side_facing_the_other_way(posture, facing, width_px):
    pose = shoot(posture, camera=Camera(facing=facing))
    (changed,) = mirrored([pose], width_px)
    for side in Side:
        same(measure_all(changed, side.other, -facing), measure_all(pose, side, facing))


@given(postures)
@settings(max_examples=30)
def test_seen_from_the_other_side_a_lifter_measures_the_same(posture):
    for side in Side:
        right = measure_all(shoot(posture, camera=Camera(facing=1)), side, 1)
        same(measure_all(shoot(posture, camera=Camera(facing=-1)), side, -1), right)


@pytest.mark.parametrize("part", ["ear", "shoulder", "hip", "knee", "ankle"])
def test_an_unseen_point_makes_nan_of_every_measure_that_needs_it_and_of_no_other(part):
    values = measure_all(without(shoot(lying(30)), part), Side.RIGHT, 1)
    assert {name for name, value in values.items() if math.isnan(value)} == {
        name for name, measure in MEASURES.items() if part in measure.points
    }


@pytest.mark.parametrize("name", MEASURES)
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
    assert measure_all(shoot(posture), side, 1)["hip_flexion_deg"] == pytest.approx(expected)


def test_catalogue_names_units_points_and_labels():
    for name, measure in MEASURES.items():
        assert name.endswith(f"_{measure.unit}")
        assert measure.unit in {"deg", "ratio"}
        assert set(measure.points) <= set(SIDE_POINTS[Side.LEFT])
        assert measure.label
