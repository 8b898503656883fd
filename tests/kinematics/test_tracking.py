from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hipform.config import Settings
from hipform.kinematics.measures import SIDE_POINTS
from hipform.kinematics.tracking import MIRROR_ORDER, Continuity, Tracker, swap_sides, trunk_length_px
from hipform.pose.poses import N_LANDMARKS, Landmark, Pose
from hipform.types import Side
from tests.synthetic import (
    BODY,
    RepSet,
    SyntheticCamera,
    between_times,
    bridge,
    changed,
    cut_at,
    dropped,
    film_set,
    frame_times,
    lying,
    mislabelled,
    moved,
    scaled,
    shoot,
    single_leg,
)

REPS = RepSet.of(1)
TRUNK_PX = BODY.trunk_m * SyntheticCamera().px_per_m


@pytest.fixture(scope="module")
def poses():
    return film_set(REPS, bridge, fps=30).poses


def track(poses, **settings_):
    tracker = Tracker(Settings({f"tracking.{key}": value for key, value in settings_.items()}))
    return [tracker.push(pose) for pose in poses]


def continuities(poses):
    return [tracked.continuity for tracked in track(poses)]


def runs(poses):
    """Return the continuities without repetition."""
    seen = continuities(poses)
    return [name for index, name in enumerate(seen) if index == 0 or name is not seen[index - 1]]


# ------------------------------------------------------------------------------------------------------- left and right


def test_mirror_order_pairs_left_with_right():
    assert [MIRROR_ORDER[MIRROR_ORDER[landmark]] for landmark in Landmark] == list(Landmark)
    for landmark in Landmark:
        partner = Landmark(MIRROR_ORDER[landmark])
        assert (landmark is partner) == (landmark is Landmark.NOSE)
        assert partner.name.replace("LEFT", "*").replace("RIGHT", "*") == landmark.name.replace("LEFT", "*").replace(
            "RIGHT", "*"
        )


def test_swapping_twice_changes_nothing():
    pose = shoot(lying(30, planted=Side.LEFT), camera=SyntheticCamera(azimuth_deg=40))
    twice = swap_sides(swap_sides(pose))
    for name in ("image_px", "world_m", "visibility"):
        assert np.array_equal(getattr(twice, name), getattr(pose, name))
        assert not np.array_equal(getattr(swap_sides(pose), name), getattr(pose, name))


SWAPPABLE = {
    "single leg from the side": film_set(REPS, single_leg(Side.RIGHT)).poses,
    "bridge from the front": film_set(REPS, bridge, SyntheticCamera(azimuth_deg=60)).poses,
    "bridge facing left": film_set(REPS, bridge, SyntheticCamera(facing=-1, azimuth_deg=50)).poses,
}


@pytest.mark.parametrize("clip", SWAPPABLE)
@given(start_s=st.floats(0.2, 2.5), length_s=st.floats(0.04, 1))
@settings(max_examples=15)
def test_swapped_labels_are_repaired(clip, start_s, length_s):
    true = SWAPPABLE[clip]
    swapped = changed(true, mislabelled, between_times(start_s, start_s + length_s))
    for tracked, pose in zip(track(swapped), true, strict=True):
        assert np.array_equal(tracked.pose.image_px, pose.image_px)
        assert np.array_equal(tracked.pose.world_m, pose.world_m)
        assert np.array_equal(tracked.pose.visibility, pose.visibility)


LEGS = {side: [SIDE_POINTS[side][name] for name in ("knee", "ankle", "heel", "foot_index")] for side in Side}


def with_other_leg(pose):
    """Return *pose* as a model gives it that takes one leg for the other and leaves the trunk as it was."""
    image_px, world_m = pose.image_px.copy(), pose.world_m.copy()
    for points, true in ((image_px, pose.image_px), (world_m, pose.world_m)):
        for side in Side:
            points[LEGS[side]] = true[LEGS[side.other]]
    return replace(pose, image_px=image_px, world_m=world_m)


def without_depth(pose):
    return replace(pose, world_m=np.full_like(pose.world_m, np.nan))


@pytest.mark.parametrize("seen", [lambda pose: pose, without_depth], ids=["with depth", "without depth"])
def test_a_leg_taken_for_the_other_at_first_does_not_exchange_the_sides(seen):
    """The legs are apart throughout, so that sides once exchanged would never change back."""
    true = film_set(REPS, single_leg(Side.RIGHT), SyntheticCamera(azimuth_deg=15)).poses
    wrong = [seen(pose) for pose in changed(true, with_other_leg, between_times(0, 0.2))]
    assert all(tracked.pose is pose for tracked, pose in zip(track(wrong), wrong, strict=True))


@pytest.mark.parametrize("clip", SWAPPABLE)
@pytest.mark.parametrize("every", [1, 6])
def test_right_labels_are_left_alone(clip, every):
    true = SWAPPABLE[clip][::every]
    assert all(tracked.pose is pose for tracked, pose in zip(track(true), true, strict=True))


def test_a_camera_that_pans_swaps_no_labels(poses):
    """From the side both legs look alike, and every point moves."""
    panned = [moved([pose], (12.0 * index, 0))[0] for index, pose in enumerate(poses)]
    assert all(tracked.pose is pose for tracked, pose in zip(track(panned), panned, strict=True))


def test_labels_are_not_compared_across_a_cut():
    true = SWAPPABLE["bridge from the front"]
    swapped = [swap_sides(pose) if pose.shot else pose for pose in cut_at(true, 1.0)]
    assert all(tracked.pose is pose for tracked, pose in zip(track(swapped), swapped, strict=True))


# --------------------------------------------------------------------------------------------------------------- losses


def test_an_unbroken_clip_is_followed_throughout(poses):
    assert runs(poses) == [Continuity.STARTED, Continuity.FOLLOWED]


def test_nobody_is_lost_from_the_first_frame():
    assert runs([Pose.unseen(t_s) for t_s in frame_times(2)]) == [Continuity.LOST]


def test_a_late_entry_starts(poses):
    assert runs(dropped(poses, between_times(0, 1))) == [Continuity.LOST, Continuity.STARTED, Continuity.FOLLOWED]


@pytest.mark.parametrize("loss_s", [0.05, 0.3, 0.5])
def test_a_short_loss_is_bridged(poses, loss_s):
    seen = runs(dropped(poses, between_times(1.0, 1.0 + loss_s)))
    assert seen == [Continuity.STARTED, Continuity.FOLLOWED, Continuity.BRIDGED, Continuity.FOLLOWED]


@pytest.mark.parametrize("loss_s", [0.65, 1.5])
def test_a_long_loss_is_bridged_at_first_and_then_lost(poses, loss_s):
    lost = dropped(poses, between_times(1.0, 1.0 + loss_s))
    assert runs(lost) == [
        Continuity.STARTED,
        Continuity.FOLLOWED,
        Continuity.BRIDGED,
        Continuity.LOST,
        Continuity.STARTED,
        Continuity.FOLLOWED,
    ]
    bridged = [pose.t_s for pose, how in zip(lost, continuities(lost), strict=True) if how is Continuity.BRIDGED]
    assert max(bridged) == pytest.approx(1.0 - 1 / 30 + 0.5, abs=1 / 30)


def test_the_bridge_is_a_setting(poses):
    lost = dropped(poses, between_times(1.0, 1.3))
    assert Continuity.LOST in [tracked.continuity for tracked in track(lost, bridge_s=0.1)]
    assert Continuity.LOST not in [tracked.continuity for tracked in track(lost, bridge_s=0.4)]


def test_unseen_poses_stay_unseen(poses):
    lost = dropped(poses, between_times(1.0, 1.3))
    for tracked, pose in zip(track(lost), lost, strict=True):
        assert tracked.pose.found == pose.found


# ------------------------------------------------------------------------------------------------------- cuts and jumps


def test_a_cut_is_seen_on_the_first_frame_of_the_new_shot_only(poses):
    cut = cut_at(poses, 1.0)
    seen = continuities(cut)
    assert [pose.t_s for pose, how in zip(cut, seen, strict=True) if how is Continuity.CUT] == [
        min(pose.t_s for pose in cut if pose.shot)
    ]


def test_the_first_shot_seen_need_not_be_the_clips_first(poses):
    """A later set of the clip is followed by a tracker of its own."""
    later = [replace(pose, shot=3) for pose in poses]
    assert runs(later) == [Continuity.STARTED, Continuity.FOLLOWED]


def test_a_cut_to_nobody_stays_lost_until_somebody_comes(poses):
    cut = dropped(cut_at(poses, 1.0), between_times(1.0, 1.2))
    assert runs(cut) == [
        Continuity.STARTED,
        Continuity.FOLLOWED,
        Continuity.CUT,
        Continuity.LOST,
        Continuity.STARTED,
        Continuity.FOLLOWED,
    ]


def test_who_comes_after_a_cut_is_not_held_against_who_was_there_before(poses):
    elsewhere = moved(dropped(cut_at(poses, 0.99), between_times(0.99, 1.2)), (4 * TRUNK_PX, 0))
    seen = runs([*poses[:30], *elsewhere[30:]])
    assert Continuity.JUMPED not in seen


def jump_after(poses, change):
    """Return the continuities when everything from 1 s on is changed."""
    return continuities([*poses[:30], *change(poses[30:])])


@pytest.mark.parametrize(
    ("trunks", "is_jump"),
    [(0.3, False), (0.6, False), (0.7, True), (3.0, True)],
    ids=["wobble", "quick", "jump", "far"],
)
@pytest.mark.parametrize("direction", [(1, 0), (-1, 0), (0, 1), (0.6, -0.8)])
def test_a_body_that_moves_too_far_between_frames_is_another_one(poses, trunks, is_jump, direction):
    by_px = tuple(trunks * TRUNK_PX * part for part in direction)
    seen = jump_after(poses, lambda rest: moved(rest, by_px))
    # Between two frames a body may travel 0.45 trunk lengths and what six a second amount to: 0.65.
    assert (seen[30] is Continuity.JUMPED) == is_jump
    assert seen.count(Continuity.JUMPED) == is_jump


@pytest.mark.parametrize(
    ("factor", "is_jump"),
    [(1.5, False), (1.8, True), (1 / 1.5, False), (1 / 1.8, True)],
    ids=["1.5", "1.8", "2/3", "5/9"],
)
def test_a_body_that_changes_its_size_between_frames_is_another_one(poses, factor, is_jump):
    def resized(rest):
        middle = poses[30].image_px[[11, 12, 23, 24]].mean(axis=0)
        return moved(scaled(moved(rest, -middle), factor), middle)

    assert jump_after(poses, resized).count(Continuity.JUMPED) == is_jump


def test_a_body_may_go_further_while_it_was_not_seen(poses):
    lost = dropped(poses, between_times(1.0, 1.3))
    here = [pose.t_s < 1.3 for pose in poses]
    there = moved(lost, (1.5 * TRUNK_PX, 0))
    seen = continuities([old if before else new for before, old, new in zip(here, lost, there, strict=True)])
    assert Continuity.JUMPED not in seen


def test_a_body_that_walks_in_after_a_long_loss_at_another_size_is_taken_up(poses):
    later = [replace(pose, t_s=pose.t_s + 5) for pose in scaled(poses, 1.8)]
    absent = [Pose.unseen(poses[-1].t_s + step / 10) for step in range(1, 15)]
    assert runs([*poses, *absent, *later])[-2:] == [Continuity.STARTED, Continuity.FOLLOWED]


def test_a_jump_keeps_the_new_bodys_own_labels(poses):
    other = [swap_sides(pose) for pose in moved(poses[30:], (4 * TRUNK_PX, 0))]
    tracked = track([*poses[:30], *other])
    assert tracked[30].pose is other[0]


def test_points_partly_unseen_are_followed(poses):
    def half(pose):
        image_px = pose.image_px.copy()
        image_px[[Landmark.LEFT_ANKLE, Landmark.LEFT_KNEE]] = np.nan
        return replace(pose, image_px=image_px)

    assert runs(changed(poses, half, between_times(1, 1.5))) == [Continuity.STARTED, Continuity.FOLLOWED]


def test_trunk_length_is_in_pixels(poses):
    assert trunk_length_px(poses[0]) == pytest.approx(TRUNK_PX)
    assert np.isnan(trunk_length_px(Pose.unseen(0.0)))
    assert poses[0].image_px.shape == (N_LANDMARKS, 2)
