"""The view from poses in two dimensions, and tracking of poses with unseen points."""

import math
from dataclasses import replace

import numpy as np
import pytest

from hipform.config import Settings
from hipform.kinematics.orientation import ViewReader, across_m, compute_near_side
from hipform.kinematics.tracking import Continuity, Tracker, swap_sides
from hipform.pose.poses import Landmark
from scripts.update_goldens import GOLDENS
from tests.landmark_files import native_poses, poses_of

FACE_AND_FEET = [
    landmark
    for landmark in Landmark
    if any(part in landmark.name for part in ("EYE", "EAR", "NOSE", "MOUTH", "HEEL", "FOOT"))
]


def flat(pose):
    return replace(pose, world_m=np.full_like(pose.world_m, math.nan))


def without(pose, landmarks):
    image_px = pose.image_px.copy()
    image_px[landmarks] = math.nan
    return replace(pose, image_px=image_px)


def test_a_given_view_is_taken_and_no_pose_asked():
    pose = flat(native_poses()[0])
    assert ViewReader(25.0).push(without(pose, list(Landmark))).off_deg == 25.0


@pytest.mark.parametrize(
    "golden", ["glute_bridge_phone_portrait", "hip_thrust_box", "glute_bridge_studio", "hip_thrust_dumbbell"]
)
def test_widths_tell_the_view_about_as_depth_does(golden):
    poses = [pose for pose in poses_of(GOLDENS / f"{golden}.npz") if pose.found]
    reader = ViewReader()

    from_widths = np.median([reader.push(flat(pose)).off_deg for pose in poses])

    # Widths cannot tell a camera that looks down from one that stands aside.
    across = np.array([across_m(pose) for pose in poses])
    all_off_deg = np.degrees(np.arctan2(np.hypot(across[:, 0], across[:, 1]), np.abs(across[:, 2])))
    assert from_widths == pytest.approx(np.median(all_off_deg), abs=16)


def test_from_the_front_widths_say_so_whatever_the_scale():
    pose = flat(native_poses()[0])
    image_px = pose.image_px.copy()
    for left, right, half in (
        (Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER, 80),
        (Landmark.LEFT_HIP, Landmark.RIGHT_HIP, 55),
    ):
        image_px[left], image_px[right] = (500 + half, 100), (500 - half, 100)
    image_px[[Landmark.LEFT_HIP, Landmark.RIGHT_HIP], 1] = 350

    for scale in (0.2, 1, 3):
        assert ViewReader().push(replace(pose, image_px=scale * image_px)).off_deg == pytest.approx(90)


def test_the_view_is_not_known_from_one_side_only():
    pose = flat(native_poses()[0])
    assert math.isnan(ViewReader().push(without(pose, [Landmark.LEFT_SHOULDER])).off_deg)


@pytest.mark.parametrize("swapped", [False, True])
def test_without_depth_the_side_that_is_seen_better_is_near(swapped):
    pose = flat(native_poses()[0])
    visibility = np.array([0.9 if landmark.name.startswith("LEFT") else 0.5 for landmark in Landmark])
    seen = replace(pose, visibility=visibility)
    assert math.copysign(1, compute_near_side(swap_sides(seen) if swapped else seen)) == (1 if swapped else -1)
    assert math.isnan(compute_near_side(replace(pose, visibility=np.ones(len(Landmark)))))


def test_swapped_sides_are_repaired_though_face_and_feet_are_not_seen():
    pose = without(native_poses()[0], FACE_AND_FEET)
    shift = np.array([0.6 if landmark.name.startswith("LEFT") else 0.0 for landmark in Landmark])
    apart = replace(pose, image_px=pose.image_px + 400 * shift[:, None])
    tracker = Tracker(Settings())
    tracker.push(apart)

    tracked = tracker.push(replace(swap_sides(apart), t_s=apart.t_s + 0.03))

    assert tracked.continuity is Continuity.FOLLOWED
    np.testing.assert_array_equal(tracked.pose.image_px, apart.image_px)


def test_a_jump_to_another_body_is_seen_though_a_hip_is_hidden():
    pose = without(native_poses()[0], [*FACE_AND_FEET, Landmark.RIGHT_HIP])
    tracker = Tracker(Settings())
    tracker.push(pose)
    assert (
        tracker.push(replace(pose, image_px=pose.image_px + 900, t_s=pose.t_s + 0.03)).continuity is Continuity.JUMPED
    )
