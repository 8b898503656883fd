from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from hipform.config import Settings
from hipform.kinematics.load import HIP_BELOW_RADII, LoadFinder, behind_load, covers_hips, find_load
from hipform.kinematics.tracking import Continuity, Tracker
from hipform.pose.poses import Disc, Landmark, Pose

WRISTS = (Landmark.LEFT_WRIST, Landmark.RIGHT_WRIST)


def lift(disc_at, *, moves=WRISTS, n_frames=60, shot=0):
    """Return poses in which the landmarks *moves* go up and down by 100 px, each with the discs of *disc_at*."""
    poses = []
    for i in range(n_frames):
        rise_px = 50 * (1 - np.cos(2 * np.pi * i / 40))
        image_px = np.random.default_rng(i).normal((300, 200), 1, (33, 2))
        image_px[list(moves), 1] -= rise_px
        discs = tuple(Disc(np.array(place, float), np.array([40.0, 40.0]), 0.9) for place in disc_at(rise_px))
        poses.append(replace(Pose(i / 30, image_px, np.zeros((33, 3)), np.ones(33), shot), discs=discs))
    return poses


def loads(poses, known=None):
    finder = LoadFinder(known)
    return [finder.push(pose).discs for pose in poses]


def test_the_disc_that_moves_with_the_hands_is_the_load_from_its_first_frame_on():
    poses = lift(lambda rise: [(500, 100), (320, 220 - rise)])
    assert [discs[0].center_px[0] for discs in loads(poses, find_load(poses))] == [320] * len(poses)


def test_live_it_is_the_load_once_it_has_moved():
    found = loads(lift(lambda rise: [(320, 220 - rise)]))
    first = next(i for i, discs in enumerate(found) if discs)
    assert 5 <= first <= 20
    assert all(found[first:])


def test_later_poses_do_not_change_what_was_said_live():
    poses = lift(lambda rise: [(320, 220 - rise)])
    assert [bool(discs) for discs in loads(poses)[:30]] == [bool(discs) for discs in loads(poses[:30])]


@pytest.mark.parametrize(
    "moves",
    [
        pytest.param((), id="nothing moves"),
        pytest.param(WRISTS, id="only the hands move"),
    ],
)
def test_a_disc_on_the_wall_is_no_load(moves):
    poses = lift(lambda _: [(320, 220)], moves=moves)
    assert not any(loads(poses, find_load(poses)))


def test_a_disc_that_moves_alone_is_no_load():
    poses = lift(lambda rise: [(320, 220 - rise)], moves=())
    assert not any(loads(poses, find_load(poses)))


@pytest.mark.parametrize(("along", "is_load"), [(0.4, False), (1.0, False), (1.7, True)])
def test_half_an_edge_on_chest_or_buttock_is_no_load(along, is_load):
    poses = lift(lambda rise: [(320, 100 + 100 * along - rise)], moves=range(33))
    for pose in poses:
        pose.image_px[[Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER], 1] -= 100
    poses = [replace(pose, discs=(replace(pose.discs[0], confidence=0.5),)) for pose in poses]
    assert any(loads(poses, find_load(poses))) is is_load


def test_a_head_is_no_load():
    ears = (Landmark.LEFT_EAR, Landmark.RIGHT_EAR)
    poses = lift(lambda rise: [(300, 200 - rise)], moves=(*ears, *WRISTS))
    for pose in poses:
        pose.image_px[list(WRISTS), 0] += np.random.default_rng(1).normal(0, 20, 2) * np.cos(pose.t_s * 9)
    assert not any(loads(poses, find_load(poses)))


@pytest.mark.parametrize(("below_px", "is_load"), [(-55, True), (-70, False), (75, True), (95, False)])
def test_a_disc_far_above_or_below_the_hands_is_no_load(below_px, is_load):
    """A plate is as high as the hands that hold its bar; a buttock on the bench only moves like them."""
    poses = lift(lambda rise: [(320, 200 + below_px - rise)])
    for pose in poses:
        hips = [Landmark.LEFT_HIP, Landmark.RIGHT_HIP]
        pose.image_px[hips] = (500, 600)
    assert any(loads(poses, find_load(poses))) is is_load


def test_the_load_is_found_again_after_it_was_hidden():
    poses = lift(lambda rise: [(320, 220 - rise)])
    gone = [replace(pose, discs=()) if 20 <= i < 40 else pose for i, pose in enumerate(poses)]
    found = loads(gone, find_load(gone))
    assert all(found[:20])
    assert not any(found[20:40])
    assert all(found[40:])


def test_a_plate_followed_by_its_inner_ring_for_a_while_is_the_same_plate():
    poses = lift(lambda rise: [(320, 220 - rise)], n_frames=120)
    for i, pose in enumerate(poses):
        # The ring takes over within a few frames; the rim is back at once, which ends the first track.
        shrunk_px = 40.0 if i < 15 or i >= 60 else max(30.0, 40.0 - 2 * (i - 15))
        poses[i] = replace(pose, discs=(replace(pose.discs[0], radius_px=np.full(2, shrunk_px)),))
    found = loads(poses, find_load(poses))
    assert all(found)


def test_what_looks_like_a_moving_plate_for_a_moment_is_no_load():
    poses = lift(lambda rise: [(320, 220 - rise)], n_frames=150)
    brief = [pose if i < 21 else replace(pose, discs=()) for i, pose in enumerate(poses)]
    assert not any(loads(brief, find_load(brief)))
    assert all(loads(brief[:21], find_load(brief[:21])))


def test_a_ring_that_takes_over_from_the_rim_is_the_same_plate():
    poses = lift(lambda rise: [(320, 220 - rise)], n_frames=120)
    poses[60:] = [replace(p, discs=(replace(p.discs[0], radius_px=np.full(2, 30.0)),)) for p in poses[60:]]
    assert all(loads(poses, find_load(poses)))


def test_a_disc_whose_edge_is_hardly_seen_on_the_whole_is_no_load():
    poses = lift(lambda rise: [(345, 230 - rise)], n_frames=120)
    shown = [
        replace(pose, discs=(replace(pose.discs[0], confidence=0.5 if i < 40 else 0.35),))
        for i, pose in enumerate(poses)
    ]
    assert any(loads(shown[:40], find_load(shown[:40])))
    assert not any(loads(shown, find_load(shown)))


def test_discs_that_stay_do_not_prove_one_that_moved_for_a_moment():
    poses = lift(lambda rise: [(320, 220 - rise)], n_frames=150)
    stays = lift(lambda _: [(320, 170)], n_frames=150)
    shown = [*poses[:20], *(replace(pose, discs=()) for pose in poses[20:40]), *stays[40:]]
    assert not any(loads(shown, find_load(shown)))


def test_the_radius_of_the_load_is_that_of_its_rim():
    poses = lift(lambda rise: [(320, 220 - rise)], n_frames=120)
    for i, pose in enumerate(poses):
        edge_px = 40.0 if i % 20 < 8 else 33.0
        poses[i] = replace(pose, discs=(replace(pose.discs[0], radius_px=np.array([0.8, 1.0]) * edge_px),))
    found = loads(poses, find_load(poses))
    np.testing.assert_allclose([discs[0].radius_px for discs in found], [(32, 40)] * len(poses), rtol=0.02)


def test_a_plate_that_comes_closer_keeps_its_own_radius():
    poses = lift(lambda rise: [(320, 220 - rise)], n_frames=120)
    radii_px = np.linspace(40, 70, len(poses))
    poses = [
        replace(p, discs=(replace(p.discs[0], radius_px=np.full(2, r)),)) for p, r in zip(poses, radii_px, strict=True)
    ]
    found = loads(poses, find_load(poses))
    assert found[0][0].radius_px[1] < found[-1][0].radius_px[1]


def test_each_shot_has_its_own_load():
    poses = lift(lambda rise: [(320, 220 - rise)])
    later = [replace(pose, t_s=pose.t_s + 10) for pose in lift(lambda _: [(320, 220)], shot=1)]
    found = loads([*poses, *later], find_load([*poses, *later]))
    assert all(found[: len(poses)])
    assert not any(found[len(poses) :])


def test_of_two_plates_of_a_bar_one_is_the_load():
    poses = lift(lambda rise: [(320, 220 - rise), (450, 220 - rise)])
    assert {discs[0].center_px[0] for discs in loads(poses, find_load(poses))} == {320}


def lying(disc_px, hips_px=(300, 200)):
    """Return a lifter who lies with the shoulders on the right and a plate at *disc_px*."""
    image_px = np.full((33, 2), 0.0)
    for part, place in (("SHOULDER", (450, 190)), ("HIP", hips_px), ("KNEE", (180, 190)), ("ANKLE", (310, 210))):
        for side in ("LEFT", "RIGHT"):
            image_px[Landmark[f"{side}_{part}"]] = place
    disc = Disc(np.array(disc_px, float), np.array([50.0, 50.0]), 0.9)
    return Pose(0.0, image_px, np.zeros((33, 3)), np.ones(33), discs=(disc,)), disc


def test_the_hip_of_a_lifter_who_lies_is_below_the_bar():
    pose, disc = lying((300, 170), hips_px=(330, 150))
    hip_px = behind_load(pose, disc).image_px[Landmark.LEFT_HIP]
    assert hip_px == pytest.approx((300, 170 + HIP_BELOW_RADII * 50), abs=5)


def test_a_leg_that_folds_behind_the_plate_is_unseen():
    pose, disc = lying((300, 190))
    hidden = behind_load(pose, disc).image_px
    assert np.isnan(hidden[Landmark.LEFT_ANKLE]).all()
    assert np.isfinite(hidden[Landmark.LEFT_KNEE]).all()


@pytest.mark.parametrize(
    "disc_px",
    [pytest.param((450, 330), id="below the shoulders: standing"), pytest.param((100, 190), id="away from the hips")],
)
def test_a_plate_elsewhere_hides_no_hip(disc_px):
    pose, disc = lying(disc_px)
    assert not covers_hips(pose, disc)
    assert behind_load(pose, disc) is pose


def test_a_body_that_changes_beside_a_load_that_stays_is_the_same_body():
    pose, _ = lying((300, 190))
    astray = replace(pose, t_s=0.03, image_px=pose.image_px * 2.0)
    tracker = Tracker(Settings())
    tracker.push(pose)
    assert tracker.push(replace(astray, discs=())).continuity is Continuity.JUMPED
    tracker = Tracker(Settings())
    tracker.push(pose)
    assert tracker.push(astray).continuity is Continuity.FOLLOWED


REAL = np.load(Path(__file__).with_name("discs_of_real_clips.npz"))
"""Discs and some landmarks of real clips: time; x and y of `PARTS` left and right; the discs as in a recording."""
PARTS = [
    Landmark[f"{side}_{name}"] for name in ("EAR", "SHOULDER", "WRIST", "HIP", "KNEE") for side in ("LEFT", "RIGHT")
]


def real_poses(clip):
    """Return the poses of a real clip, with the discs that were found in it."""
    poses = []
    for row in REAL[clip].astype(float):
        image_px = np.full((33, 2), np.nan)
        image_px[PARTS] = row[1 : 1 + 2 * len(PARTS)].reshape(-1, 2)
        discs = tuple(Disc(disc[:2], disc[2:4], disc[4]) for disc in row[1 + 2 * len(PARTS) :].reshape(-1, 5))
        seen = tuple(disc for disc in discs if np.isfinite(disc.confidence))
        poses.append(replace(Pose(row[0], image_px, np.zeros((33, 3)), np.ones(33)), discs=seen))
    return poses


@pytest.mark.parametrize(
    "clip", ["bird_dog_crunch_one_side", "bird_dog_portrait", "deadlift_kettlebell_correct", "rdl_single_leg"]
)
def test_heads_knees_and_folds_of_clothes_are_no_load(clip):
    poses = real_poses(clip)
    assert any(len(pose.discs) for pose in poses)
    assert np.mean([bool(discs) for discs in loads(poses, find_load(poses))]) <= 0.01


@pytest.mark.parametrize(
    ("clip", "least"), [("ht_plates_side", 0.99), ("barbell_hip_thrust_m02", 0.99), ("deadlift_m04", 0.6)]
)
def test_plates_of_real_bars_are_the_load(clip, least):
    poses = real_poses(clip)
    assert np.mean([bool(discs) for discs in loads(poses, find_load(poses))]) >= least
