"""The task of a worker process: find the poses in one segment of a clip, or in the whole clip."""

from __future__ import annotations

import math
import time
from bisect import bisect_right
from collections.abc import Callable, Iterator
from contextlib import closing
from dataclasses import dataclass, replace
from itertools import count
from pathlib import Path

import numpy as np

from hipform.estimation.frame_sampling import FrameSampler
from hipform.estimation.people import Area
from hipform.pose.landmark_schema import PoseEstimator
from hipform.pose.plate_detection import PlateTracker
from hipform.pose.poses import Pose
from hipform.pose.sources import open_estimator
from hipform.stages import memory_given_back, prefetch
from hipform.video.frames import ClipInfo, Frame
from hipform.video.segments import Segment
from hipform.video.video_file import VideoFile, read_segment

_REPORTED_EVERY_S = 0.2
_MOST_POSES = 64
"""Most poses in one message, so that little data waits in a pipe."""


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundPoses:
    """The next poses of a segment.

    Attributes
    ----------
    n_frames
        Frames of the segment that were read since the last message, whether or not they were processed.
    poses
        In order of time. `Pose.shot` counts the cuts since the start of the segment.
    """

    n_frames: int
    poses: tuple[Pose, ...]


@dataclass(frozen=True, slots=True, kw_only=True)
class SegmentEnd:
    """The facts known once a segment has been read to its end.

    Attributes
    ----------
    n_cuts
        Cuts between shots in it, including one at its first frame.
    info
        The clip, including the notes from reading it to its end; ``None`` if it was not read as a whole.
    """

    n_cuts: int
    info: ClipInfo | None = None


def find_poses(
    report: Callable[[FoundPoses], None],
    path: Path,
    model: str,
    segment: Segment | None,
    fast: bool,  # noqa: FBT001 - arguments reach a child process by position
    areas: tuple[Area, ...] = (),
) -> SegmentEnd:
    """Find the poses of a segment, in a process that runs nothing else.

    Parameters
    ----------
    report
        Receives the poses as they are found, in small portions; also called without poses, as a sign of life.
    path
        The clip.
    model
        Name of the pose model.
    segment
        The segment; ``None`` for the whole clip, read from its start to its end.
    fast
        Whether to process only the frames that `FrameSampler` selects.
    areas
        The parts of the frames that the pose model gets, in order of time; empty for the whole frames.

    Raises
    ------
    UntrustedIndexError
        If the segment cannot be read separately from the rest.
    HipformError
        If the clip cannot be read or the model cannot be loaded.
    """
    with memory_given_back(), open_estimator(model) as whole:
        estimator = AreaEstimator(whole, areas) if areas else whole
        if segment is not None:
            n_cuts = _find(report, read_segment(path, segment), segment, estimator, fast=fast)
            return SegmentEnd(n_cuts=n_cuts)
        with VideoFile(path) as video:
            n_cuts = _find(report, iter(video), None, estimator, fast=fast)
            return SegmentEnd(n_cuts=n_cuts, info=video.info)


def _find(
    report: Callable[[FoundPoses], None],
    frames: Iterator[Frame],
    segment: Segment | None,
    estimator: PoseEstimator | AreaEstimator,
    *,
    fast: bool,
) -> int:
    """Send the poses of a segment, and return the number of cuts in it."""
    warm_up, begin = (segment.warm_up, segment.begin) if segment else (0, 0)
    sampler = FrameSampler() if fast else None
    plates = PlateTracker()
    outbox = _Outbox(report)
    shot_before = shot = 0
    with closing(prefetch(frames)) as ahead:
        for position, frame in zip(count(), ahead, strict=False):
            if position < begin:
                shot_before = frame.shot
            shot = frame.shot
            pose = _pose(frame, estimator, plates, sampler) if position >= warm_up else None
            outbox.add(pose, frame.shot - shot_before, is_kept=position >= begin)
    outbox.send()
    return shot - shot_before


def _pose(
    frame: Frame, estimator: PoseEstimator | AreaEstimator, plates: PlateTracker, sampler: FrameSampler | None
) -> Pose | None:
    """Return the pose in *frame* with the discs near it; ``None`` if the frame is skipped."""
    if sampler and not sampler.wants(frame):
        return None
    pose = estimator.detect(frame)
    if sampler:
        sampler.push(pose)
    return replace(pose, discs=plates.find(frame, pose))


class AreaEstimator:
    """Shows a pose model only the part of the frame around the person to follow.

    Parameters
    ----------
    estimator
        The pose model.
    areas
        The parts, in order of time. Where the part changes, the model starts anew, as it does at a cut.
    """

    def __init__(self, estimator: PoseEstimator, areas: tuple[Area, ...]) -> None:
        self._estimator = estimator
        self._areas = areas
        self._starts_s = [area.start_s for area in areas]

    def detect(self, frame: Frame) -> Pose:
        """Find the person in the part of *frame*; the landmarks are in pixels of the whole frame."""
        number = max(0, bisect_right(self._starts_s, frame.t_s) - 1)
        left, top, right, bottom = self._areas[number].box_px
        part = replace(frame, image=np.ascontiguousarray(frame.image[top:bottom, left:right]), shot=number)
        pose = self._estimator.detect(part)
        image_px = (pose.image_px + np.array([left, top])).astype(np.float32).astype(np.float64)
        return replace(pose, image_px=image_px, shot=frame.shot)


class _Outbox:
    """Collects poses and sends them at intervals."""

    def __init__(self, report: Callable[[FoundPoses], None]) -> None:
        self._report = report
        self._n_frames = 0
        self._poses: list[Pose] = []
        # The first message follows the first frame, so that a user soon sees that something happens.
        self._sent_s = -math.inf

    def add(self, pose: Pose | None, shot: int, *, is_kept: bool) -> None:
        if is_kept:
            self._n_frames += 1
            self._poses += [] if pose is None else [replace(pose, shot=shot)]
        if len(self._poses) >= _MOST_POSES or time.monotonic() - self._sent_s >= _REPORTED_EVERY_S:
            self.send()

    def send(self) -> None:
        self._report(FoundPoses(n_frames=self._n_frames, poses=tuple(self._poses)))
        self._n_frames, self._poses, self._sent_s = 0, [], time.monotonic()
