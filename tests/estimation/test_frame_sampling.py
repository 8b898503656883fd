"""Which frames the fast mode wants: seldom at rest, often in motion, at once when the picture changes."""

from dataclasses import replace
from itertools import pairwise

import numpy as np
import pytest

from hipform.estimation.frame_sampling import CHANGE, LONGEST_S, STEP_DEG, FrameSampler
from hipform.pose.poses import Pose
from hipform.video.frames import Frame
from tests.synthetic import RepPlan, RepSet, dropped, film_set

SIZE_PX = (640, 360)
GREY = np.full((SIZE_PX[1], SIZE_PX[0], 3), 90, np.uint8)


def looks(poses, picture=lambda _t_s: GREY):
    """Return the poses that are looked at, each in the picture of its time."""
    sampler, wanted = FrameSampler(), []
    for pose in poses:
        if sampler.wants(Frame(pose.t_s, picture(pose.t_s), pose.shot)):
            sampler.push(pose)
            wanted.append(pose)
    return wanted


def gaps_s(poses):
    return np.diff([pose.t_s for pose in poses])


def a_set(fps=30, **plan):
    plan = {"rest_s": 2.0, "lift_s": 0.6, "hold_s": 1.0, "lower_s": 0.8, "bottom_deg": 70.0} | plan
    reps = RepSet((RepPlan(**plan),) * 2)
    return reps, film_set(reps, fps=fps).poses


def checked(t_s, square_px=120):
    """Return a picture whose pattern moves to the right."""
    shift = round(400 * t_s)
    columns = ((np.arange(SIZE_PX[0]) + shift) // square_px % 2 * 160).astype(np.uint8)
    return np.ascontiguousarray(np.broadcast_to(columns[None, :, None], GREY.shape))


@pytest.mark.parametrize("fps", [24, 30, 60])
def test_no_two_looks_are_further_apart_than_the_longest(fps):
    _, poses = a_set(fps)
    assert max(gaps_s(looks(poses))) <= LONGEST_S + 1 / fps + 1e-6


@pytest.mark.parametrize("fps", [24, 30, 60])
def test_where_nothing_moves_looks_are_as_far_apart_as_they_may_be(fps):
    still = film_set(RepSet((RepPlan(bottom_deg=40.0, lockout_deg=40.0, rest_s=3.0),)), fps=fps).poses
    assert min(gaps_s(looks(still))) >= LONGEST_S - 1e-6


@pytest.mark.parametrize("fps", [24, 30, 60])
def test_a_set_takes_less_than_half_of_the_frames(fps):
    _, poses = a_set(fps)
    assert len(looks(poses)) < 0.5 * len(poses)


def test_in_motion_the_hip_turns_little_between_two_looks():
    reps, poses = a_set(60)
    wanted = looks(poses)
    # The first step out of a rest is not foreseen by poses alone; the picture is there for that.
    first_s = [reps.rep_times(number)[at] for number in (1, 2) for at in (0, 2)]
    foreseen = [
        abs(reps.angle_deg(now.t_s) - reps.angle_deg(before.t_s))
        for before, now in pairwise(wanted)
        if not any(start_s <= now.t_s <= start_s + 2 * LONGEST_S for start_s in first_s)
    ]
    assert foreseen
    assert max(foreseen) < 2 * STEP_DEG


def test_a_picture_that_changes_is_looked_at_before_the_poses_tell():
    still = film_set(RepSet((RepPlan(bottom_deg=40.0, lockout_deg=40.0, rest_s=3.0),)), fps=30).poses
    moving = looks(still, lambda t_s: checked(max(0.0, t_s - 2.0)))
    before, after = ([pose for pose in moving if (pose.t_s > 2.0) is is_after] for is_after in (False, True))
    assert min(gaps_s(before)) >= LONGEST_S - 1e-6
    assert max(gaps_s(after)) < LONGEST_S / 2


def test_a_light_that_changes_is_no_motion():
    still = film_set(RepSet((RepPlan(bottom_deg=40.0, lockout_deg=40.0, rest_s=3.0),)), fps=30).poses
    pattern = checked(0.0)
    brighter = looks(still, lambda t_s: np.clip(pattern + np.uint8(20 * (t_s % 1)), 0, 255).astype(np.uint8))
    assert min(gaps_s(brighter)) >= LONGEST_S - 1e-6
    assert CHANGE > 0


def test_a_cut_is_looked_at_at_once():
    _, poses = a_set()
    poses = [replace(pose, shot=int(pose.t_s >= 1.05)) for pose in poses]
    first = next(pose for pose in poses if pose.shot)
    assert first in looks(poses)


def test_nobody_is_looked_for_again_after_the_longest_time():
    _, poses = a_set()
    unseen = dropped(poses, lambda t_s: t_s < 2)
    wanted = looks(unseen)
    assert max(gaps_s(wanted)) <= LONGEST_S + 1 / 30 + 1e-6
    assert any(pose.found for pose in wanted)


def test_a_pose_out_of_the_picture_hides_no_change():
    outside = [replace(pose, image_px=pose.image_px + 5000.0) for pose in a_set()[1]]
    assert looks(outside, checked)


def test_run_again_wants_the_same():
    _, poses = a_set()
    assert looks(poses, checked) == looks(poses, checked)


def test_the_first_frame_is_always_looked_at():
    assert FrameSampler().wants(Frame(-3.2, GREY))
    assert looks([Pose.unseen(0.0), Pose.unseen(0.03)])[0].t_s == 0.0
