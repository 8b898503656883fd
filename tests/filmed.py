"""A camera and a pose model that are made up: a synthetic lifter is filmed in no time."""

import threading
from contextlib import ExitStack
from dataclasses import replace
from fractions import Fraction

import numpy as np

from hipform.app.live_training import train
from hipform.config import Settings
from hipform.exercises import find_exercise
from hipform.live import inference
from hipform.live.training_plan import TrainingPlan
from hipform.pose.poses import Pose
from hipform.sound import SoundMode, Voice
from hipform.video.frames import Frame
from scripts.app_process import LIMIT_S
from tests.synthetic import SyntheticCamera, film_exercise

FPS = 15
"""Frames a second: enough for repetitions of a second or two, and half the work of a usual camera."""
SMALL = SyntheticCamera(px_per_m=100, origin_px=(107.0, 207.0), width_px=320, height_px=240)
INFO = replace(SMALL.info, name="camera 0", time_base=Fraction(1, 90_000))


def bridges(reps=3, still_s=2.0):
    """Return poses of a lifter who lies still for the camera check and then does glute bridges."""
    clip = film_exercise("glute-bridge", reps, SMALL, fps=FPS)
    held = [replace(clip.poses[0], t_s=number / FPS) for number in range(round(FPS * still_s))]
    poses = [*held, *(replace(pose, t_s=pose.t_s + still_s) for pose in clip.poses)]
    return [replace(pose, t_s=round(pose.t_s * 90_000) / 90_000) for pose in poses]


def nobody(after, lasts_s):
    """Return poses of an empty room after the last of *after*."""
    return [Pose.unseen(after[-1].t_s + (1 + number) / FPS) for number in range(round(FPS * lasts_s))]


class FakeCamera:
    """Gives one grey picture for each pose, its number in a corner; *fails* is raised after the last one."""

    description = "Camera 0 is made up."
    notes = ()
    info = INFO
    begun_s = 0.0

    def __init__(self, poses, *, waits=True, fails=None, hangs=False):
        self.poses = poses
        self.waits = self.is_paced = waits
        self.n_unsent = 0
        self.given = 0
        self._fails = fails
        self._hangs = hangs
        self._closed = threading.Event()

    def __iter__(self):
        for pose in self.poses:
            if self._closed.is_set():
                return
            image = np.full((240, 320, 3), 128, np.uint8)
            image[0, 0] = *divmod(self.given, 256), 0
            self.given += 1
            yield Frame(pose.t_s, image)
        if self._hangs and self._closed.wait(LIMIT_S):
            return
        if self._fails:
            raise self._fails

    def close(self):
        self._closed.set()


def fake_landmarker(poses):
    """Return a class that finds in each picture the pose of its number, whatever model and time."""

    class Fake:
        def __init__(self, model):
            self.model = model

        def detect(self, frame):
            high, low, _ = map(int, frame.image[0, 0])
            return replace(poses[256 * high + low], t_s=frame.t_s, shot=frame.shot)

        def close(self):
            pass

    return Fake


class FakePeopleFinder:
    """Sees nobody else."""

    def __enter__(self):
        return self

    def __exit__(self, *_):
        pass

    def count_crowd(self, _image):
        return None


def patch(monkeypatch, poses):
    """Let *poses* be what the pose model finds."""
    monkeypatch.setattr(inference, "open_estimator", fake_landmarker(poses))
    monkeypatch.setattr(inference, "PeopleFinder", FakePeopleFinder)


def plan_for(folder, exercise="glute-bridge", **how):
    """Return a plan for glute bridges."""
    named = find_exercise(exercise) if exercise else None
    return TrainingPlan(folder=folder, exercise=named, model=how.pop("model", "full"), settings=Settings(), **how)


def filmed(camera, plan, **how):
    """Film in silence."""
    with ExitStack() as stack:
        voice = how.pop("voice", None) or stack.enter_context(Voice(SoundMode.OFF))
        return train(camera, plan, voice, **how)
