import math

import cv2
import numpy as np
import pytest

from hipform.pose.plate_detection import PlateTracker
from hipform.pose.poses import MAX_DISCS, Landmark, Pose
from hipform.video.frames import Frame

PX_PER_M = 200.0
SIZE_PX = (640, 480)
WALL = (230, 230, 40, 40)
STANDING_M = {
    "SHOULDER": (0.0, -0.5),
    "ELBOW": (0.05, -0.2),
    "WRIST": (0.1, 0.0),
    "HIP": (0.0, 0.0),
    "KNEE": (0.05, 0.4),
    "ANKLE": (0.0, 0.8),
}


def pose_at(t_s, hands_m):
    """Return a standing lifter whose hands are at *hands_m* relative to the hips."""
    image_px, world_m = np.full((33, 2), np.nan), np.full((33, 3), np.nan)
    for side in ("LEFT", "RIGHT"):
        for name, place in STANDING_M.items():
            x, y = hands_m if name == "WRIST" else place
            image_px[Landmark[f"{side}_{name}"]] = 320 + x * PX_PER_M, 240 + y * PX_PER_M
            world_m[Landmark[f"{side}_{name}"]] = x, y, 0.0
    return Pose(t_s, image_px, world_m, np.ones(33))


def frame_with(t_s, discs, shade=40):
    """Return a frame with a noisy bright background and a dark ellipse for each (x, y, radius x, radius y)."""
    image = np.random.default_rng(7).normal(170, 6, (*SIZE_PX[::-1], 3)).clip(0, 255).astype(np.uint8)
    for x, y, *radii in discs:
        cv2.ellipse(image, ((x, y), (2 * radii[0], 2 * radii[1]), 0), (shade,) * 3, -1, cv2.LINE_AA)
    return Frame(t_s, image)


def lift(discs_at, *, fps=30, n_frames=30):
    """Yield frame and pose of hands that rise by 40 cm; *discs_at* gives the discs for the place of the hands."""
    for i in range(n_frames):
        y_m = 0.3 - 0.2 * (1 - math.cos(math.pi * i / n_frames))
        hand_px = np.array([320 + 0.1 * PX_PER_M, 240 + y_m * PX_PER_M])
        yield frame_with(i / fps, discs_at(hand_px)), pose_at(i / fps, (0.1, y_m)), hand_px


@pytest.mark.parametrize("ratio", [1.0, 0.9, 0.7, 0.5])
def test_a_plate_is_followed_through_a_lift(ratio):
    tracker = PlateTracker()
    for frame, pose, hand_px in lift(lambda at: [(*at, 45 * ratio, 45)]):
        disc = tracker.find(frame, pose)[0]
        assert np.abs(disc.center_px - hand_px).max() < 0.03 * 90
        np.testing.assert_allclose(disc.radius_px, (45 * ratio, 45), rtol=0.06)
        assert disc.confidence > 0.8


def test_a_plate_is_followed_when_frames_are_skipped():
    tracker = PlateTracker()
    for frame, pose, hand_px in list(lift(lambda at: [(*at, 45, 45)]))[::5]:
        assert np.abs(tracker.find(frame, pose)[0].center_px - hand_px).max() < 0.03 * 90


def test_a_plate_that_is_lost_in_mid_lift_is_found_again_at_once():
    tracker = PlateTracker()
    for i, (frame, pose, hand_px) in enumerate(lift(lambda at: [(*at, 45, 45)])):
        if i in range(16, 19):
            assert tracker.find(frame_with(frame.t_s, []), pose) == ()
            continue
        discs = tracker.find(frame, pose)
        if i > 21:
            assert np.abs(discs[0].center_px - hand_px).max() < 6


def test_a_plate_before_a_wall_as_bright_as_it_is_known_by_its_looks():
    def drawn(frame, hand_px, shade):
        x, y = hand_px.round().astype(int).tolist()
        cv2.circle(frame.image, (x, y), 45, (shade,) * 3, -1, cv2.LINE_AA)
        for hole in ((15, -18), (-20, 4)):
            cv2.circle(frame.image, (x + hole[0], y + hole[1]), 10, (20,) * 3, -1, cv2.LINE_AA)
        return frame

    tracker = PlateTracker()
    for i, (frame, pose, hand_px) in enumerate(lift(lambda _: [])):
        shade = 120 if i < 10 else 170
        frame.image[:] = 170
        discs = tracker.find(drawn(frame, hand_px, shade), pose)
        near = [one for one in discs if np.abs(one.center_px - hand_px).max() < 6]
        assert any(np.abs(one.radius_px - 45).max() < 5 for one in near)


def test_the_near_plate_of_a_lifter_who_faces_the_camera_is_found():
    frame, pose, hand_px = next(lift(lambda at: [(at[0] + 205, at[1] + 60, 30, 45)]))
    assert PlateTracker().find(frame, pose) == ()
    pose.image_px[Landmark.LEFT_SHOULDER, 0] += 0.36 * PX_PER_M
    assert np.abs(PlateTracker().find(frame, pose)[0].center_px - hand_px - (205, 60)).max() < 4


def test_a_plate_that_moves_comes_before_one_on_the_wall():
    tracker = PlateTracker()
    both = [(hand_px, tracker.find(frame, pose)) for frame, pose, hand_px in lift(lambda at: [(*at, 45, 45), WALL])]
    hand_px, discs = both[-1]
    assert len(discs) == 2
    assert np.abs(discs[0].center_px - hand_px).max() < 3


def test_a_plate_whose_rim_is_covered_in_part_is_found():
    tracker = PlateTracker()
    frame, pose, hand_px = next(lift(lambda at: [(*at, 45, 45)]))
    frame.image[:, 376:] = 170
    assert np.abs(tracker.find(frame, pose)[0].center_px - hand_px).max() < 6


def test_nothing_round_nothing_found():
    tracker = PlateTracker()
    for frame, pose, _ in lift(lambda _: [], n_frames=12):
        assert tracker.find(frame, pose) == ()


def test_without_a_person_nothing_is_found():
    frame, pose, _ = next(lift(lambda at: [(*at, 45, 45)]))
    assert PlateTracker().find(frame, Pose.unseen(pose.t_s)) == ()


def test_a_cut_forgets_the_plate():
    tracker = PlateTracker()
    (frame, pose, _), (_, later, _) = list(lift(lambda at: [(*at, 45, 45)], n_frames=2))
    assert tracker.find(frame, pose)
    assert tracker.find(Frame(later.t_s, np.full_like(frame.image, 170), shot=1), later) == ()


def test_numbers_are_exact_in_float32_and_few():
    tracker = PlateTracker()
    frame, pose, _ = next(lift(lambda at: [(*at, 45, 45), *((x, 210, 28, 28) for x in range(210, 460, 65))]))
    discs = tracker.find(frame, pose)
    assert len(discs) == MAX_DISCS
    for disc in discs:
        for values in (disc.center_px, disc.radius_px, np.array(disc.confidence)):
            assert (values == values.astype(np.float32)).all()
