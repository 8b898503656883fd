"""What the outline of the trunk says of the low back."""

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from hipform.kinematics.back_outline import back_hollow_ratio, belly_bulge_ratio
from hipform.pose.poses import CONTOUR_STATIONS, TrunkContour

RIGHT, LEFT = 1, -1
STRAIGHT = np.full(len(CONTOUR_STATIONS), 0.2)


def hollowed(depth):
    """Return an outline with a smooth hollow of *depth* trunk lengths over the low back."""
    return STRAIGHT - depth * np.exp(-(((CONTOUR_STATIONS - 0.6) / 0.15) ** 2))


def back(outline, facing=RIGHT):
    return TrunkContour(STRAIGHT, outline) if facing == RIGHT else TrunkContour(outline, STRAIGHT)


def belly(outline):
    return TrunkContour(outline, STRAIGHT)


def test_a_hollow_back_is_positive_a_round_one_negative_a_straight_one_zero():
    depths = (0.1, -0.1, 0.0)
    hollow, round_, straight = (back_hollow_ratio(back(hollowed(depth)), RIGHT) for depth in depths)
    assert hollow == pytest.approx(-round_)
    assert 0.05 < hollow < 0.1
    assert straight == pytest.approx(0, abs=1e-12)


def test_the_back_is_behind_whichever_way_the_lifter_faces():
    outline = hollowed(0.1)
    assert back_hollow_ratio(back(outline, LEFT), LEFT) == back_hollow_ratio(back(outline), RIGHT)
    assert back_hollow_ratio(back(outline), LEFT) == pytest.approx(0)


def test_a_belly_that_rises_is_positive():
    assert belly_bulge_ratio(belly(hollowed(-0.1)), RIGHT) > 0.04
    assert belly_bulge_ratio(belly(hollowed(0.1)), RIGHT) < -0.04


@given(shift=st.floats(-0.1, 0.1), tilt=st.floats(-0.3, 0.3), depth=st.floats(-0.1, 0.1))
def test_landmarks_that_lie_a_little_off_change_nothing(shift, tilt, depth):
    outline = hollowed(depth)
    moved = outline + shift + tilt * CONTOUR_STATIONS
    assert back_hollow_ratio(back(moved), RIGHT) == pytest.approx(back_hollow_ratio(back(outline), RIGHT), abs=1e-9)


def test_what_is_hidden_is_not_guessed():
    unseen = hollowed(0.05)
    unseen[10] = math.nan
    arm = hollowed(0.05)
    arm[10] += 0.2
    for outline in (unseen, arm):
        assert math.isnan(back_hollow_ratio(back(outline), RIGHT))
        assert math.isnan(belly_bulge_ratio(belly(outline), RIGHT))
    assert math.isnan(back_hollow_ratio(TrunkContour.unseen(), RIGHT))


def test_what_happens_outside_the_chord_does_not_matter():
    outline = hollowed(0.05)
    outline[[0, 1, -1]] = math.nan
    assert back_hollow_ratio(back(outline), RIGHT) == pytest.approx(back_hollow_ratio(back(hollowed(0.05)), RIGHT))
