"""Functions that stand in for `find_poses` in child processes, which find them by their name."""

import os
import time

import numpy as np

from hipform import child_process
from hipform.estimation.segment_poses import FoundPoses, SegmentEnd
from hipform.pose.poses import Pose
from hipform.video.video_file import UntrustedIndexError, VideoFile, read_segment


def _pose(frame):
    """A pose that shows which frame it was made from."""
    pose = Pose.unseen(frame.t_s)
    pose.image_px[:] = frame.image.mean(), frame.t_s
    pose.world_m[:] = np.float32(frame.image.std())
    return pose


def see_something(report, path, model, segment, fast, areas=()):
    """Make a pose of every frame; a few lines of what `find_poses` does, without a model."""
    frames = list(read_segment(path, segment))
    before = frames[max(0, segment.begin - 1)].shot
    for frame in frames[segment.begin :]:
        pose = _pose(frame)
        report(
            FoundPoses(
                n_frames=1, poses=(Pose(pose.t_s, pose.image_px, pose.world_m, pose.visibility, frame.shot - before),)
            )
        )
    return SegmentEnd(n_cuts=frames[-1].shot - before)


def distrust(report, path, model, segment, fast, areas=()):
    """Find out in the last segment only that the clip must be read as a whole."""
    if segment is not None:
        if segment.begin:
            raise UntrustedIndexError
        return see_something(report, path, model, segment, fast)
    with VideoFile(path) as video:
        for frame in video:
            report(FoundPoses(n_frames=1, poses=(_pose(frame),)))
        return SegmentEnd(n_cuts=0, info=video.info)


def die(report, path, model, segment, fast, areas=()):
    """Be killed in the last segment."""
    if segment.begin:
        os.kill(os.getpid(), 9)
    return see_something(report, path, model, segment, fast)


def crash(report, path, model, segment, fast, areas=()):
    """Crash as native code does."""
    os.abort()


def hang(report, path, model, segment, fast, areas=()):
    """Never answer."""
    time.sleep(600)


def echo_until_end(report):
    """Send back what the parent sends."""
    while (message := child_process.inbox.get()) != "end":
        report(message)
