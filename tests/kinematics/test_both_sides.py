"""What the far side adds to the trunk-thigh angle of the measured one."""

import numpy as np
import pytest

from hipform.kinematics.both_sides import FAR_SHARE, MOST_DEG, ONE_LEG_MOST_DEG, far_side_change_deg, straightness
from hipform.kinematics.measures import SIDE_POINTS, SideView, trunk_thigh_flexion_deg
from hipform.pose.poses import Pose
from hipform.types import Side

STRAIGHT = {"shoulder": (0, 0), "hip": (100, 0), "knee": (200, 0)}


def pose(near, far):
    image_px = np.full((33, 2), np.nan)
    for side, joints in ((Side.RIGHT, near), (Side.LEFT, far)):
        for name, at in joints.items():
            image_px[SIDE_POINTS[side][name]] = at
    return Pose(0.0, image_px, np.full((33, 3), np.nan), np.ones(33))


def read_deg(seen):
    return trunk_thigh_flexion_deg(SideView.of(seen, Side.RIGHT, 1))


def change_deg(seen, *, both_legs_work=True):
    return far_side_change_deg(SideView.of(seen, Side.RIGHT, 1), seen, Side.RIGHT, both_legs_work=both_legs_work)


def test_a_hip_that_only_the_near_side_misplaces_is_read_closer_to_the_truth():
    seen = pose(STRAIGHT | {"hip": (100, 8)}, STRAIGHT)
    assert abs(read_deg(seen) + change_deg(seen)) == pytest.approx((1 - FAR_SHARE) * abs(read_deg(seen)), rel=0.02)


def test_the_leg_that_works_alone_keeps_its_thigh():
    other_thigh = pose(STRAIGHT, STRAIGHT | {"knee": (100, 100)})
    assert change_deg(other_thigh, both_legs_work=False) == 0.0
    assert change_deg(other_thigh) != 0.0
    assert change_deg(pose(STRAIGHT, STRAIGHT | {"hip": (100, 10)}), both_legs_work=False) != 0.0


def test_hips_that_the_model_pulls_towards_their_thighs_are_read_in_their_middle():
    """Side-on, both hips lie on one spot; the pull is that of a real bird dog."""
    seen = pose(STRAIGHT | {"hip": (100, -9)}, STRAIGHT | {"hip": (100, 9), "knee": (100, 100)})
    assert abs(read_deg(seen)) > MOST_DEG
    assert read_deg(seen) + change_deg(seen, both_legs_work=False) == pytest.approx(0.0, abs=0.1)


def test_a_far_hip_that_is_seen_badly_changes_a_working_leg_little():
    seen = pose(STRAIGHT, STRAIGHT | {"hip": (100, 90)})
    assert abs(change_deg(seen, both_legs_work=False)) == ONE_LEG_MOST_DEG


def test_a_far_side_that_is_seen_badly_changes_little():
    assert abs(change_deg(pose(STRAIGHT, STRAIGHT | {"hip": (100, 90)}))) == MOST_DEG


def test_a_far_side_that_is_not_seen_changes_nothing():
    assert change_deg(pose(STRAIGHT, {})) == 0.0


@pytest.mark.parametrize("knee", [(100, 100), (100, -100)], ids=["flexed", "past straight"])
def test_a_flexed_hip_is_that_of_the_near_side(knee):
    seen = pose(STRAIGHT | {"knee": knee}, STRAIGHT)
    assert (change_deg(seen) == 0.0) == (read_deg(seen) > 0)


def test_straightness_falls_from_one_to_zero():
    assert [straightness(deg) for deg in (-40.0, 25.0, 42.5, 60.0, 120.0)] == [1.0, 1.0, 0.5, 0.0, 0.0]
