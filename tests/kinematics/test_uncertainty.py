import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hipform.kinematics.measures import MEASURES
from hipform.kinematics.reading_errors import CONDITIONS, MAX_GROWTH, exercise_reading, interval_growth, widest_reason
from hipform.kinematics.uncertainty import Motion, measure_u95

every_measure = pytest.mark.parametrize("name", MEASURES)
every_condition = pytest.mark.parametrize("condition", CONDITIONS)


def growth(condition="view_off_deg", value=0.0):
    return interval_growth({"view_off_deg": 0.0, condition: value})


@every_condition
@given(first=st.floats(0, 90), second=st.floats(0, 90))
def test_an_interval_never_narrows_when_a_condition_gets_worse(condition, first, second):
    assert growth(condition, min(first, second)) <= growth(condition, max(first, second))


def test_a_steady_lifter_in_a_side_view_widens_nothing():
    assert growth("view_off_deg", 0) == growth("view_off_deg", 12) == 1.0


@every_condition
def test_an_implausible_condition_leaves_nothing_known_and_is_the_reason(condition):
    conditions = {"view_off_deg": 0.0, condition: CONDITIONS[condition].refused}
    assert interval_growth(conditions) == MAX_GROWTH
    assert widest_reason(conditions)


@every_condition
def test_what_is_not_known_widens_nothing_but_the_view(condition):
    assert growth(condition, math.nan) == (MAX_GROWTH if condition == "view_off_deg" else 1.0)
    assert "nan" not in widest_reason({condition: math.nan})


def test_without_a_bad_condition_there_is_no_reason():
    assert widest_reason({"view_off_deg": 5.0}) == ""


@every_measure
def test_a_moving_joint_is_never_surer_than_a_held_one(name):
    assert 0 < measure_u95(name, Motion.HELD, 1.0) <= measure_u95(name, Motion.MOVING, 1.0)


@every_measure
@pytest.mark.parametrize("motion", Motion)
def test_every_measure_has_an_interval_that_widens_with_the_view(name, motion):
    intervals = [measure_u95(name, motion, growth("view_off_deg", view)) for view in (0, 30, 40, 50, 60)]
    assert all(narrow < wide for narrow, wide in itertools.pairwise(intervals))


@every_measure
def test_an_unknown_growth_has_no_interval(name):
    assert math.isnan(measure_u95(name, Motion.HELD, math.nan))


def test_lying_lifters_read_too_flexed_and_standing_ones_hardly():
    assert exercise_reading("glute-bridge").bias_deg > 3
    assert abs(exercise_reading("deadlift").bias_deg) < 2
    assert exercise_reading("no such exercise").bias_deg == 0
