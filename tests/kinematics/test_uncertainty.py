import itertools
import math

import pytest
from hypothesis import given
from hypothesis import strategies as st

from hipform.kinematics.measures import MEASURES
from hipform.kinematics.uncertainty import Motion, angle_u95_deg, view_u95_scale

every_measure = pytest.mark.parametrize("name", MEASURES)


@given(st.floats(0, 90), st.floats(0, 90))
def test_band_never_narrows_further_off_the_side_view(first, second):
    assert view_u95_scale(min(first, second)) <= view_u95_scale(max(first, second))


def test_band_grows_from_the_view_that_a_true_side_view_reads_as():
    assert view_u95_scale(0) == view_u95_scale(12) == 1.0
    assert view_u95_scale(20) > 1.1


def test_band_is_1_8_times_as_wide_at_30_degrees():
    assert view_u95_scale(30) == pytest.approx(1.8)


@every_measure
def test_a_moving_joint_is_never_surer_than_a_held_one(name):
    assert 0 < angle_u95_deg(name, Motion.HELD, 0) <= angle_u95_deg(name, Motion.MOVING, 0)


@every_measure
@pytest.mark.parametrize("motion", Motion)
def test_every_measure_has_a_band_that_widens_with_the_view(name, motion):
    bands = [angle_u95_deg(name, motion, view) for view in (0, 20, 40, 60, 80, 90)]
    assert all(narrow < wide for narrow, wide in itertools.pairwise(bands))


@every_measure
def test_an_unknown_view_has_no_band(name):
    assert math.isnan(angle_u95_deg(name, Motion.HELD, math.nan))


def test_a_true_side_view_earns_a_ten_degree_lockout_verdict_and_an_oblique_one_does_not():
    assert angle_u95_deg("trunk_thigh_flexion_deg", Motion.HELD, 0) == 5.0
    assert angle_u95_deg("trunk_thigh_flexion_deg", Motion.HELD, 40) > 10
