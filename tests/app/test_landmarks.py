"""Landmarks by segments: the same whatever the number of processes, and never wrong when one of them is lost."""

import hashlib
import subprocess
import sys
from dataclasses import replace
from fractions import Fraction

import cv2
import numpy as np
import psutil
import pytest

from hipform.app import landmarks
from hipform.app.landmarks import record_landmarks
from hipform.app.task_progress import no_progress
from hipform.errors import HipformError, WorkerLostError
from hipform.estimation.people import Sightings
from hipform.pose.mediapipe_pose import Landmarker
from hipform.pose.recording import Recording
from hipform.pose.sources import noise_of
from hipform.video.video_file import VideoFile
from scripts.app_process import LIMIT_S, wait_until
from tests import workers
from tests.samples import ROOT, SAMPLES
from tests.video.clips import quadrants
from tests.video.conftest import make_clip

__all__ = ["make_clip"]

EVERY = 4
"""Frames of the sample that are left out but one: the pose model shall have little to do."""


@pytest.fixture
def lifter(make_clip):
    return lambda length_s: lifter_clip(make_clip, length_s)


def lifter_clip(make_clip, length_s):
    """Return a clip with two cuts in it, in few frames, in which a plate goes up and down below the hips."""
    with VideoFile(SAMPLES / "hip_thrust_short.mp4") as video:
        images = [frame.image.copy() for frame in video][::EVERY]
    for i, image in enumerate(images):
        center_px = (340, round(265 + 15 * np.sin(i / 4)))
        cv2.circle(image, center_px, 34, (235,) * 3, -1, cv2.LINE_AA)
        cv2.circle(image, center_px, 30, (20,) * 3, -1, cv2.LINE_AA)
    images += [np.ascontiguousarray(image[::-1, ::-1]) for image in images[:5]] + images
    step = 1000 * length_s // len(images)
    return make_clip(
        "lifter.mkv",
        images,
        pts=[number * step for number in range(len(images))],
        time_base=Fraction(1, 1000),
        options={"g": "9", "bf": "2"},
    )


@pytest.fixture
def plain(make_clip, monkeypatch):
    """A clip of 20 s without anybody in it, in which nobody is looked for, and with a cut."""
    nobody = Sightings(seen=(), shots=((0.0, 1),), size_px=(1, 1))
    monkeypatch.setattr(landmarks, "look_for_people", lambda _path, _jobs: nobody)
    images = [quadrants()] * 90 + [quadrants()[::-1, ::-1].copy()] * 110
    return make_clip("plain.mp4", images, fps=10, options={"g": "25"})


def record(path, out, *, model="lite", fast=False, jobs=1, progress=no_progress):
    return record_landmarks(path, out, model=model, fast=fast, jobs=jobs, progress=progress)


def digest(path):
    return hashlib.sha256(path.read_bytes()).hexdigest()


def poses_of(path):
    with Recording(path) as recording:
        return recording.info, list(recording)


@pytest.mark.parametrize(("fast", "length_s", "counts"), [(False, 17, (0, 2)), (True, 9, (0, 2))])
def test_the_recording_is_the_same_with_any_number_of_processes(lifter, tmp_path, fast, length_s, counts):
    path = lifter(length_s)
    infos = [record(path, tmp_path / f"{jobs}.npz", fast=fast, jobs=jobs) for jobs in counts]
    assert len({digest(tmp_path / f"{jobs}.npz") for jobs in counts}) == 1
    assert all(info == infos[0] for info in infos)
    with VideoFile(path) as video:
        frames = list(video)
    info, poses = poses_of(tmp_path / "2.npz")
    assert info == replace(infos[0], noise=noise_of("lite"))
    assert sum(pose.found for pose in poses) > 0.7 * len(poses)
    assert sum(bool(pose.discs) for pose in poses) > 0.5 * len(poses)
    shots = {frame.t_s: frame.shot for frame in frames}
    assert all(shots[pose.t_s] == pose.shot for pose in poses)
    assert poses[-1].shot == 2
    if fast:
        assert len(poses) < len(frames)
        assert info.notes[-1].startswith("Fast mode: ")
    else:
        assert [pose.t_s for pose in poses] == [frame.t_s for frame in frames]


def test_a_clip_that_is_not_cut_is_seen_as_by_one_pose_model(make_clip, tmp_path):
    with VideoFile(SAMPLES / "hip_thrust_short.mp4") as video:
        path = make_clip("short.mp4", [frame.image for frame in video][:20])
    record(path, tmp_path / "poses.npz")
    with VideoFile(path) as video, Landmarker("lite") as landmarker:
        expected = [landmarker.detect(frame) for frame in video]
    for pose, same in zip(poses_of(tmp_path / "poses.npz")[1], expected, strict=True):
        np.testing.assert_array_equal(pose.image_px, same.image_px)


def test_a_clip_that_cannot_be_cut_is_read_as_a_whole(plain, tmp_path, monkeypatch):
    monkeypatch.setattr(landmarks, "find_poses", workers.distrust)
    info = record(plain, tmp_path / "poses.npz", jobs=2)
    with VideoFile(plain) as video:
        times_s = [frame.t_s for frame in video]
        assert info == video.info
    assert [pose.t_s for pose in poses_of(tmp_path / "poses.npz")[1]] == times_s


def test_poses_come_in_order_with_the_shots_of_the_whole_clip(plain, tmp_path, monkeypatch):
    monkeypatch.setattr(landmarks, "find_poses", workers.see_something)
    reported = []
    record(plain, tmp_path / "poses.npz", jobs=3, progress=lambda t_s, length_s: reported.append((t_s, length_s)))
    with VideoFile(plain) as video:
        frames = list(video)
    poses = poses_of(tmp_path / "poses.npz")[1]
    assert [(pose.t_s, pose.shot) for pose in poses] == [(frame.t_s, frame.shot) for frame in frames]
    assert poses[-1].shot == 1
    assert reported == sorted(reported)
    assert reported[-1] == (pytest.approx(20), pytest.approx(20))


@pytest.mark.parametrize(
    ("function", "error", "words"),
    [
        (workers.die, WorkerLostError, "ended from outside .* memory runs out"),
        (workers.crash, HipformError, "crashed"),
        (workers.hang, HipformError, "did not respond for 1 s"),
    ],
)
def test_a_lost_process_costs_one_line_and_leaves_nothing(plain, tmp_path, monkeypatch, function, error, words):
    monkeypatch.setattr(landmarks, "find_poses", function)
    monkeypatch.setattr(landmarks, "_SILENCE_S", 1.0 if function is workers.hang else LIMIT_S)
    out = tmp_path / "out"
    out.mkdir()
    with pytest.raises(error, match=words) as caught:
        record(plain, out / "poses.npz", jobs=2)
    assert type(caught.value) is error
    assert list(out.iterdir()) == []
    wait_until(lambda: psutil.Process().children() == [])


def test_an_interruption_ends_every_process(plain, tmp_path, monkeypatch):
    monkeypatch.setattr(landmarks, "find_poses", workers.see_something)

    def interrupt(t_s, length_s):
        raise KeyboardInterrupt

    with pytest.raises(KeyboardInterrupt):
        record(plain, tmp_path / "poses.npz", jobs=2, progress=interrupt)
    wait_until(lambda: psutil.Process().children() == [])
    assert not (tmp_path / "poses.npz").exists()


def test_a_clip_that_changes_meanwhile_is_refused(plain, tmp_path, monkeypatch):
    monkeypatch.setattr(landmarks, "find_poses", workers.see_something)

    def grow(t_s, length_s):
        with plain.open("ab") as file:
            file.write(b"x")

    with pytest.raises(HipformError, match="changed while it was being read"):
        record(plain, tmp_path / "poses.npz", progress=grow)


UNTOUCHED = """
import os, sys
from pathlib import Path
from hipform.app.landmarks import record_landmarks

environment = dict(os.environ)
record_landmarks(Path(sys.argv[1]), Path(sys.argv[2]), model="lite", fast=False, jobs=1, progress=lambda *_: None)
assert dict(os.environ) == environment
print([name for name in sys.modules if name.partition(".")[0] in ("mediapipe", "matplotlib", "sounddevice")])
"""


def test_the_process_of_the_caller_is_left_as_it_was(make_clip, tmp_path):
    # A program of its own: another test may have loaded MediaPipe here.
    path = make_clip("clip.mp4", [quadrants()] * 4)
    out = tmp_path / "poses.npz"
    done = subprocess.run(
        [sys.executable, "-c", UNTOUCHED, path, out], capture_output=True, text=True, check=False, cwd=ROOT
    )
    assert (done.stdout, done.stderr) == ("[]\n", "")
    assert len(poses_of(out)[1]) == 4
