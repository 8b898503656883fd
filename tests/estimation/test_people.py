"""Who is in a clip, who is followed, and what part of the frame the pose model gets."""

import cv2
import numpy as np
import pytest

from hipform.app import landmarks, show_people
from hipform.app.followed_person import Followed, how_followed, is_better, is_worth_another_try
from hipform.errors import ConfigError, NoPersonError, OutputError
from hipform.estimation.people import (
    Area,
    Sighting,
    Sightings,
    _Search,
    areas_of,
    check_choice,
    check_seen,
    choose,
    people_in,
)
from hipform.estimation.segment_poses import AreaEstimator
from hipform.pose.mediapipe_pose import PeopleFinder
from hipform.pose.poses import Pose
from hipform.pose.recording import Recording, RecordingWriter
from hipform.video.frames import Frame
from hipform.video.video_file import VideoFile
from tests.samples import ROOT, SAMPLES
from tests.synthetic import SyntheticCamera, hinge, shoot
from tests.video.clips import quadrants
from tests.video.conftest import make_clip

__all__ = ["make_clip"]

SIZE_PX = (640, 360)


def body(x_px, hip_deg=10.0, px_per_m=100):
    camera = SyntheticCamera(px_per_m=px_per_m, origin_px=(x_px, 320))
    return shoot(hinge(hip_deg, knee_deg=10), 0.0, camera).image_px


def sightings(*people, shots=((0.0, 8),)):
    """Return what is seen of *people*: functions of the number of the look that give a body, or None."""
    seen = [Sighting(0.5 * look, 0, person(look)) for look in range(8) for person in people if person(look) is not None]
    return Sightings(seen=tuple(seen), shots=shots, size_px=SIZE_PX)


def coach(_look):
    return body(480, 10.0, px_per_m=110)


def lifter(look):
    return body(180, 20.0 + 60 * (look % 2))


def only_once(look):
    return body(560, px_per_m=40) if look == 3 else None


def test_people_are_numbered_from_the_left_and_passers_by_are_not_counted():
    (people,) = people_in(sightings(coach, lifter, only_once))
    assert [one.number for one in people] == [1, 2]
    assert people[0].centre_px[0] < people[1].centre_px[0]
    assert [len(one.seen) for one in people] == [8, 8]


@pytest.mark.parametrize(
    ("choice", "number"), [("left", 1), ("right", 2), ("nearest", 2), ("1", 1), ("2", 2), ("3", 2), ("auto", 1)]
)
def test_the_one_to_follow_is_who_was_asked_for_or_who_moves(choice, number):
    (people,) = people_in(sightings(coach, lifter))
    assert choose(people, choice).number == number
    assert choose([], choice) is None


def test_of_two_who_move_alike_the_nearest_is_the_lifter_and_not_the_mirror():
    def mirrored(look):
        return 0.7 * lifter(look) + np.array([300, 80])

    (people,) = people_in(sightings(mirrored, lifter))
    assert choose(people, "auto").number == 1


def test_a_body_seen_badly_at_times_is_one_person():
    def seen_badly(look):
        return lifter(look) if look % 3 else None

    def part_of_it(look):
        return None if look % 3 else 0.4 * body(180, 20.0) + 0.6 * body(180, 20.0).mean(axis=0) + np.array([0.0, 20.0])

    (people,) = people_in(sightings(seen_badly, part_of_it))
    assert [len(one.seen) for one in people] == [8]


@pytest.mark.parametrize("choice", ["", "0", "-1", "coach", "1.5", "²", "1" * 5000])
def test_nobody_is_called_that(choice):
    with pytest.raises(ConfigError, match="is no person"):
        check_choice(choice)


def test_a_number_that_nobody_has_in_any_shot_is_refused_unless_nobody_was_seen():
    found = sightings(coach, lifter, shots=((0.0, 8), (4.0, 3)))
    for choice in ("2", "left", "auto"):
        check_seen(found, choice)
    check_seen(sightings(), "3")
    with pytest.raises(ConfigError, match="no person 3 in the clip: its people are numbered up to 2"):
        check_seen(found, "3")


def test_the_area_ends_before_the_neighbour_and_is_the_whole_frame_where_nobody_is():
    found = sightings(coach, lifter, shots=((0.0, 8), (4.0, 3)))
    first, second = areas_of(found, "left")
    (people, nobody) = people_in(found)
    left, top, right, bottom = first.box_px
    assert left <= people[0].box_px[0] <= people[0].box_px[2] <= right < people[1].box_px[0]
    assert (top >= 0, bottom <= SIZE_PX[1], nobody) == (True, True, [])
    assert second == Area(start_s=4.0, box_px=(0, 0, *SIZE_PX))


@pytest.mark.parametrize(("scale", "is_whole"), [(2.0, True), (0.6, False)])
def test_somebody_alone_gets_an_area_only_if_small(scale, is_whole):
    (area,) = areas_of(sightings(lambda look: scale * lifter(look)), "auto")
    assert (area.box_px == (0, 0, *SIZE_PX)) == is_whole


def test_the_pose_model_gets_the_area_and_the_landmarks_are_those_of_the_frame():
    parts = []

    class Estimator:
        def detect(self, frame):
            parts.append(frame)
            return Pose(frame.t_s, np.zeros((33, 2)), np.zeros((33, 3)), np.ones(33), frame.shot)

    areas = (Area(start_s=0.0, box_px=(10, 20, 50, 60)), Area(start_s=1.0, box_px=(0, 0, 96, 64)))
    estimator = AreaEstimator(Estimator(), areas)
    poses = [estimator.detect(Frame(t_s, quadrants(96, 64), 7)) for t_s in (0.5, 1.0)]
    assert [part.image.shape[:2] for part in parts] == [(40, 40), (64, 96)]
    # A change of the area is a cut for the model, and none for the clip.
    assert ([part.shot for part in parts], [pose.shot for pose in poses]) == ([0, 1], [7, 7])
    assert [pose.image_px[0].tolist() for pose in poses] == [[10, 20], [0, 0]]


def test_somebody_far_away_is_found_in_a_part_of_the_frame():
    with VideoFile(SAMPLES / "deadlift_good.mp4") as video:
        near = cv2.resize(next(iter(video)).image, (320, 180), interpolation=cv2.INTER_AREA)
    far = np.full((720, 1280, 3), near.mean(axis=(0, 1)).astype(np.uint8), np.uint8)
    far[500 : 500 + near.shape[0], 500 : 500 + near.shape[1]] = near
    with PeopleFinder() as finder:
        assert finder.find(far) == ()
        (found,) = _Search(finder).look(far)
    low, high = found.min(axis=0), found.max(axis=0)
    assert (low >= (500, 500)).all()
    assert (high <= (500 + near.shape[1], 720)).all()


def test_another_try_needs_a_reason_and_must_not_be_worse():
    one, two = sightings(lifter), sightings(lifter, coach)
    jumping, lost = Followed(100, 98, 1), Followed(100, 10, 0)
    assert [is_worth_another_try(people, how) for people in (one, two) for how in (jumping, lost)] == [
        *(False, True),
        *(True, True),
    ]
    assert not is_worth_another_try(sightings(), lost)
    assert is_better(Followed(100, 97, 0), jumping)
    assert not is_better(Followed(100, 60, 0), jumping)
    assert not is_better(Followed(100, 98, 5), jumping)
    assert is_better(Followed(100, 95, 2), lost)


def recorded(path, points):
    with Recording(ROOT / "tests" / "goldens" / "other_squat.npz") as recording:
        info = recording.info
    with RecordingWriter(path, info, "lite") as writer:
        for number, point in enumerate(points):
            pose = Pose.unseen(number / 30)
            writer.write(pose if point is None else Pose(pose.t_s, point, pose.world_m, np.ones(33)))
    return path


def test_a_jump_to_somebody_else_is_doubtful_and_so_is_a_lost_body(tmp_path):
    steady = how_followed(recorded(tmp_path / "a.npz", [body(100)] * 20))
    jumped = how_followed(recorded(tmp_path / "b.npz", [body(100)] * 10 + [body(500)] * 10))
    lost = how_followed(recorded(tmp_path / "c.npz", [body(100)] * 10 + [None] * 10))
    assert [one.is_doubtful for one in (steady, jumped, lost)] == [False, True, True]
    assert (jumped.jumps, lost.found) == (1, 10)


def test_the_picture_shows_everybody_with_numbers(make_clip, tmp_path, monkeypatch):
    clip = make_clip("two.mp4", [np.full((360, 640, 3), 90, np.uint8)] * 40, fps=10)
    monkeypatch.setattr("hipform.app.contact_picture.look_for_people", lambda _path, _jobs: sightings(coach, lifter))
    first, second = show_people(clip, tmp_path / "people.jpg")
    assert first.startswith("Person 1: ")
    assert "seen in 8 of 8 looks, the hip moves 60°" in first
    assert "the hip moves 0°" in second
    assert (tmp_path / "people.jpg").read_bytes().startswith(b"\xff\xd8")
    monkeypatch.setattr("hipform.app.contact_picture.look_for_people", lambda _path, _jobs: sightings())
    with pytest.raises(NoPersonError, match=r"No person was found in two\.mp4"):
        show_people(clip, tmp_path / "nobody.jpg")
    assert not (tmp_path / "nobody.jpg").exists()


@pytest.mark.parametrize("name", ["monday.mp4", "people", "people.png"])
def test_the_picture_replaces_nothing_but_pictures(tmp_path, name):
    (tmp_path / name).write_bytes(b"another clip")
    with pytest.raises(OutputError, match=r"ends in \.jpg"):
        show_people(SAMPLES / "deadlift_good.mp4", tmp_path / name)
    assert (tmp_path / name).read_bytes() == b"another clip"


def test_people_are_looked_for_in_a_process_of_their_own(make_clip):
    with VideoFile(SAMPLES / "deadlift_good.mp4") as video:
        images = [frame.image for _, frame in zip(range(20), video, strict=False)]
    found = landmarks.look_for_people(make_clip("one.mp4", images, fps=10), 1)
    ((person,),) = people_in(found)
    assert found.shots == ((0.0, 4),)
    assert len(person.seen) == 4
