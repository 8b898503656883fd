"""Live training without a camera: motions and recordings as the frames of a trainer."""

from dataclasses import replace

from hipform.config import Settings
from hipform.exercises import find_exercise
from hipform.feedback.camera_check import FrameCheck
from hipform.feedback.trainer import Trainer
from hipform.pose.poses import Pose
from hipform.pose.recording import Recording
from scripts.update_goldens import GOLDENS

FPS = 20


def sight(pose, **change):
    """Return a frame of a good camera."""
    usual = {"people": 1, "light_ratio": 0.4, "burnt_ratio": 0.02, "fps": 30.0}
    return FrameCheck(pose=pose, **(usual | change))


def after(poses, more):
    """Return *poses*, and *more* right behind them."""
    begin_s = poses[-1].t_s + 1 / FPS if poses else 0.0
    return [*poses, *(replace(pose, t_s=begin_s + pose.t_s - more[0].t_s) for pose in more)]


def held(pose, duration_s):
    """Return a lifter who does not move."""
    return [replace(pose, t_s=number / FPS) for number in range(round(duration_s * FPS))]


def nobody(duration_s):
    """Return an empty picture."""
    return [Pose.unseen(number / FPS) for number in range(round(duration_s * FPS))]


def in_a_row(*parts):
    """Return the poses of the parts one after the other."""
    poses = []
    for part in parts:
        poses = after(poses, list(part))
    return poses


def recorded(name):
    """Return picture and poses of a golden recording."""
    with Recording(GOLDENS / f"{name}.npz") as recording:
        return recording.info, list(recording)


def trainer_for(info, exercise=None, **how):
    """Return a trainer for an exercise by name; none recognises it."""
    return Trainer(info, find_exercise(exercise) if exercise else None, Settings(), **how)


def play(trainer, poses, **change):
    """Return the state after every frame."""
    return [trainer.push(sight(pose, **change)) for pose in poses]


def stages(states):
    """Return the stages in the order in which they came."""
    found = []
    for state in states:
        if not found or found[-1] != state.stage:
            found.append(state.stage)
    return found


def said(states, *kinds):
    """Return the words of some kinds, all by default, in order."""
    return [line.text for state in states for line in state.says if not kinds or line.kind in kinds]
