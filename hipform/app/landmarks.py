"""The first stage of an analysis: the landmarks of a clip, in a recording."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import closing
from dataclasses import replace
from pathlib import Path

from hipform.app.frame_sampling import FrameSampler
from hipform.app.progress import Progress
from hipform.pose import Landmarker, ModelName, RecordingWriter
from hipform.stages import prefetch
from hipform.types import ClipInfo, Frame, Pose
from hipform.video import VideoFile


def record_landmarks(
    path: Path,
    out: Path,
    *,
    model: ModelName,
    fast: bool,
    jobs: int | None,  # noqa: ARG001 - one process does it all for now
    progress: Progress,
) -> ClipInfo:
    """Find the landmarks of a clip and write them into a recording.

    Parameters
    ----------
    path
        The clip.
    out
        The recording to write.
    model
        Pose model.
    fast
        Look at as few frames as needed, by `FrameSampler`.
    jobs
        Most processes to use; ``None`` for all cores.
    progress
        Called after every frame.

    Returns
    -------
    ClipInfo
        What is known of the clip after it was read to its end.
    """
    times_s: list[float] = []
    with (
        VideoFile(path) as video,
        Landmarker(model) as landmarker,
        closing(prefetch(video)) as frames,
        RecordingWriter(out, video.info, model) as writer,
    ):
        for pose in _poses(frames, landmarker, fast=fast):
            writer.write(pose)
            times_s.append(pose.t_s)
            progress(pose.t_s, video.info.duration_s)
        writer.info = _with_fast_note(video.info, times_s) if fast else video.info
        return writer.info


def _poses(frames: Iterable[Frame], landmarker: Landmarker, *, fast: bool) -> Iterator[Pose]:
    """Yield the pose of each frame that is looked at: every one, or if *fast*, those that `FrameSampler` wants."""
    sampler = FrameSampler()
    for frame in frames:
        if fast and not sampler.wants(frame):
            continue
        pose = landmarker.detect(frame)
        if fast:
            sampler.push(pose)
        yield pose


def _with_fast_note(info: ClipInfo, times_s: list[float]) -> ClipInfo:
    """Return *info* with a note that not every frame was looked at."""
    frames, length_s = len(times_s), times_s[-1] - times_s[0]
    per_s = frames / length_s if length_s > 0 else frames
    note = f"Fast look: {frames} frames were looked at, {per_s:.0f} a second; what lies between was filled in."
    return replace(info, notes=(*info.notes, note))
