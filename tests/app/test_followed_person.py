"""Analyses of clips with several people, on their side or in slow motion, with a stand-in for the pose model."""

import av
import numpy as np
import pytest

from hipform.app import analyze
from hipform.errors import ConfigError
from hipform.estimation.people import Sighting, Sightings
from hipform.kinematics.upright import turn_clockwise
from hipform.report.result import FILES
from tests.estimators import use_estimator
from tests.synthetic import RepPlan, RepSet, SyntheticCamera, lying, shoot
from tests.video.conftest import make_clip

__all__ = ["make_clip"]

REPS = RepSet((RepPlan(bottom_deg=45), RepPlan(bottom_deg=45)))
CAMERA = SyntheticCamera(px_per_m=90, origin_px=(120, 200))
WHOLE = (240, 320)


class Seer:
    """Sees a lifter who does nothing in whole frames, and the set in a part of them."""

    sees_all = False

    def __enter__(self):
        return self

    def __exit__(self, *_error):
        return None

    def detect(self, frame):
        is_part = self.sees_all or frame.image.shape[:2] != WHOLE
        return shoot(REPS.motion()(frame.t_s) if is_part else lying(45), frame.t_s, CAMERA)


class AllSeer(Seer):
    sees_all = True


class TurnedSeer(AllSeer):
    """Sees the set on its side and at half the speed."""

    def detect(self, frame):
        pose = super().detect(type(frame)(frame.t_s / 2, frame.image))
        turned = turn_clockwise(turn_clockwise(turn_clockwise(pose.image_px))) + np.array([0, WHOLE[1]])
        return type(pose)(frame.t_s, turned, pose.world_m, pose.visibility)


@pytest.fixture
def clip(make_clip):
    return make_clip("set.mp4", [np.full((*WHOLE, 3), 90, np.uint8)] * int(10 * REPS.duration_s), fps=10)


@pytest.fixture
def two_people(monkeypatch):
    """Let everybody look and see a lifter at the left, and somebody at the right who does nothing."""

    def see(_path, _jobs):
        seen = []
        for look in range(8):
            lifter = shoot(lying(10 + 40 * (look % 2)), 0.0, CAMERA).image_px
            other = shoot(lying(10), 0.0, CAMERA).image_px / 3 + np.array([200, 0])
            seen += [Sighting(look / 2, 0, lifter / 2), Sighting(look / 2, 0, other)]
        return Sightings(seen=tuple(seen), shots=((0.0, 8),), size_px=WHOLE[::-1])

    def use(seer):
        use_estimator(monkeypatch, seer)
        monkeypatch.setattr("hipform.app.landmarks.look_for_people", see)

    return use


def test_somebody_else_is_followed_where_the_first_body_does_nothing(clip, two_people):
    two_people(Seer)
    result = analyze(clip, exercise="glute-bridge")
    assert [len(found.reps) for found in result.sets] == [2]
    assert result.clip.notes[-1].startswith(
        "Up to 2 people are in the frame. Followed was number 1 from the left, whose"
    )


def test_nobody_else_is_looked_for_where_the_lifter_was_followed(clip, two_people):
    two_people(AllSeer)
    result = analyze(clip, exercise="glute-bridge")
    assert [len(found.reps) for found in result.sets] == [2]
    assert result.clip.notes == ()


def test_the_person_that_was_asked_for_is_followed_at_once(clip, two_people):
    two_people(Seer)
    result = analyze(clip, exercise="glute-bridge", person="right")
    assert result.clip.notes == (
        "Up to 2 people are in the frame. Followed was number 2 from the left, as you chose (right).",
    )
    with pytest.raises(ConfigError, match="'coach' is no person"):
        analyze(clip, exercise="glute-bridge", person="coach")
    with pytest.raises(ConfigError, match="no person 3 in the clip"):
        analyze(clip, exercise="glute-bridge", person="3")


def test_a_clip_on_its_side_and_in_slow_motion_is_shown_as_it_was(make_clip, tmp_path, monkeypatch):
    use_estimator(monkeypatch, TurnedSeer)
    images = [np.full((320, 240, 3), 90, np.uint8)] * int(20 * REPS.duration_s)
    clip = make_clip("slow.mp4", images, fps=10, audio=True)
    result = analyze(clip, exercise="glute-bridge", speed=2.0, out=tmp_path / "out")
    assert [len(found.reps) for found in result.sets] == [2]
    assert (result.clip.width_px, result.clip.height_px) == (320, 240)
    assert (result.clip.speed, result.clip.turned_deg) == (2.0, 90)
    with av.open(str(tmp_path / "out" / FILES["video"])) as made:
        times_s = [frame.time for frame in made.decode(video=0)]
        assert made.streams.video[0].width == 320
        assert not made.streams.audio
    assert times_s[-1] == pytest.approx((len(images) - 1) / 20, abs=0.01)
    again = analyze(tmp_path / "out" / FILES["poses"], exercise="glute-bridge")
    assert (again.clip.speed, again.clip.turned_deg, len(again.sets[0].reps)) == (2.0, 90, 2)
