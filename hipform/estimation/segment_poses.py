"""What a worker process does: find the poses in one segment of a clip, or in all of it."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

from hipform.estimation.frame_sampling import FrameSampler
from hipform.pose.landmark_schema import PoseEstimator
from hipform.pose.model_files import ModelName
from hipform.pose.poses import Pose
from hipform.pose.sources import open_estimator
from hipform.stages import give_large_blocks_back, memory_given_back, prefetch
from hipform.video.frames import ClipInfo, Frame
from hipform.video.segments import Segment
from hipform.video.video_file import VideoFile, read_segment

_REPORTED_EVERY_S = 0.2
_MOST_POSES = 64
"""Poses of one message: what waits in a pipe stays small."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPoses:
    """The next poses of a segment.

    Attributes
    ----------
    n_frames
        Frames of the segment that were read since the last message, whether or not they were looked at.
    poses
        In order of time. `Pose.shot` counts the cuts from the begin of the segment on.
    """

    n_frames: int
    poses: tuple[Pose, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentEnd:
    """What is known when a segment was read to its end.

    Attributes
    ----------
    n_cuts
        Cuts between shots in it; one at its first frame counts.
    info
        The clip, with the notes that reading it to its end has brought; ``None`` where it was not read as a whole.
    """

    n_cuts: int
    info: ClipInfo | None = None


def find_poses(
    tell: Callable[[FoundPoses], None],
    path: Path,
    model: ModelName,
    segment: Segment | None,
    fast: bool,  # noqa: FBT001 - arguments reach a child process by position
) -> SegmentEnd:
    """Find the poses of a segment, in a process that runs nothing else.

    Parameters
    ----------
    tell
        Takes the poses as they are found, in small portions; also called with none, as a sign of life.
    path
        The clip.
    model
        Name of the pose model.
    segment
        The segment; ``None`` for the whole clip, read from its start to its end.
    fast
        Whether to look only at the frames that `FrameSampler` wants.

    Raises
    ------
    UntrustedIndexError
        If the segment cannot be read apart from the rest.
    HipformError
        If the clip cannot be read or the model cannot be loaded.
    """
    give_large_blocks_back()
    with memory_given_back(), open_estimator(model) as estimator:
        if segment is not None:
            n_cuts = _find(tell, read_segment(path, segment), segment, estimator, fast=fast)
            return SegmentEnd(n_cuts=n_cuts)
        with VideoFile(path) as video:
            n_cuts = _find(tell, iter(video), None, estimator, fast=fast)
            return SegmentEnd(n_cuts=n_cuts, info=video.info)


def _find(
    tell: Callable[[FoundPoses], None],
    frames: Iterator[Frame],
    segment: Segment | None,
    estimator: PoseEstimator,
    *,
    fast: bool,
) -> int:
    """Send the poses of a segment, and return the number of cuts in it."""
    warm_up, begin = (segment.warm_up, segment.begin) if segment else (0, 0)
    sampler = FrameSampler() if fast else None
    outbox = _Outbox(tell)
    shot_before = shot = 0
    with closing(prefetch(frames)) as ahead:
        for position, frame in zip(count(), ahead, strict=False):
            if position < begin:
                shot_before = frame.shot
            shot = frame.shot
            pose = _pose(frame, estimator, sampler) if position >= warm_up else None
            outbox.add(pose, frame.shot - shot_before, is_kept=position >= begin)
    outbox.send()
    return shot - shot_before


def _pose(frame: Frame, estimator: PoseEstimator, sampler: FrameSampler | None) -> Pose | None:
    """Return what is found in *frame*; ``None`` where it is not looked at."""
    if sampler and not sampler.wants(frame):
        return None
    pose = estimator.detect(frame)
    if sampler:
        sampler.push(pose)
    return pose


class _Outbox:
    """Gathers what is found and sends it now and then."""

    def __init__(self, tell: Callable[[FoundPoses], None]) -> None:
        self._tell = tell
        self._n_frames = 0
        self._poses: list[Pose] = []
        self._sent_s = time.monotonic()

    def add(self, pose: Pose | None, shot: int, *, is_kept: bool) -> None:
        if is_kept:
            self._n_frames += 1
            self._poses += [] if pose is None else [replace(pose, shot=shot)]
        if len(self._poses) >= _MOST_POSES or time.monotonic() - self._sent_s >= _REPORTED_EVERY_S:
            self.send()

    def send(self) -> None:
        self._tell(FoundPoses(n_frames=self._n_frames, poses=tuple(self._poses)))
        self._n_frames, self._poses, self._sent_s = 0, [], time.monotonic()
