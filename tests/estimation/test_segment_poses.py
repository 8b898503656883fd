"""What a landmark process sends while it works."""

import math
from contextlib import nullcontext
from types import SimpleNamespace

from hipform.estimation import segment_poses
from hipform.pose.poses import Pose
from tests.video.clips import quadrants
from tests.video.conftest import make_clip

__all__ = ["make_clip"]


def test_the_first_frame_is_reported_at_once(make_clip, monkeypatch):
    blind = SimpleNamespace(detect=lambda frame: Pose.unseen(frame.t_s, frame.shot))
    monkeypatch.setattr(segment_poses, "open_estimator", lambda _model: nullcontext(blind))
    monkeypatch.setattr(segment_poses, "_REPORTED_EVERY_S", math.inf)
    messages = []
    segment_poses.find_poses(messages.append, make_clip("three.mp4", [quadrants()] * 3), "lite", None, False)
    assert [len(message.poses) for message in messages] == [1, 2]
