"""What a live training writes to disk while it is filmed: the video and the landmarks."""

from __future__ import annotations

import contextlib
import hashlib
import shutil
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np

from hipform.errors import OutputError
from hipform.pose.poses import Pose
from hipform.pose.recording import RecordingWriter
from hipform.render import RawSink
from hipform.report.result import FILES
from hipform.stages import Background
from hipform.video.frames import ClipInfo, Frame
from hipform.video.video_file import VideoFile

_MAX_WAITING_FRAMES = 8
"""Frames that may wait to be encoded: enough for a slow moment, 20 MB at 720p."""
DISK_RESERVE_BYTES = 100_000_000
"""Disk space that is kept free for the results, besides that for the annotated video."""


class _DiscardedError(Exception):
    """The recording is discarded: raised inside the landmark writer, so that it writes no file."""


class Recorder:
    """Record the video and the landmarks of one pose model, frame by frame.

    Parameters
    ----------
    folder
        Folder for both.
    info
        Size and rate of the camera's frames.
    model
        Pose model of the landmarks.
    record
        Whether to record the video.

    Attributes
    ----------
    video, poses
        Files of the video, ``None`` without one, and of the landmarks.
    frames
        Number of frames recorded so far.
    problem
        Why the recording ended early; empty if it did not.
    """

    def __init__(self, folder: Path, info: ClipInfo, model: str, *, record: bool) -> None:
        self.video = folder / FILES["recording"] if record else None
        self.poses = folder / FILES["poses"]
        self.frames = 0
        self.problem = ""
        self._info = info
        self._digest = hashlib.sha256()
        self._sink = RawSink(self.video, info) if self.video else None
        self._writer = RecordingWriter(self.poses, info, model)
        self._landmarks, self._frames = ExitStack(), ExitStack()
        self._background: Background[Frame] | None = None
        if self._sink:
            self._frames.enter_context(self._sink)
            self._background = self._frames.enter_context(Background(self._record, _MAX_WAITING_FRAMES))
        self._landmarks.enter_context(self._writer)

    @property
    def bytes(self) -> int:
        """Size of the video so far."""
        return self._sink.bytes if self._sink else 0

    def has_disk_space(self) -> bool:
        """Return whether the disk has space for the results."""
        # The annotated video needs about as much as the recording so far.
        return shutil.disk_usage(self.poses.parent).free >= DISK_RESERVE_BYTES + self.bytes

    def _record(self, frame: Frame) -> None:
        assert self._sink is not None
        self._sink.write(frame.image, frame.t_s)

    def put(self, frame: Frame, pose: Pose) -> None:
        """Record one frame; wait if the disk is slow, so that every judged frame is recorded.

        Raises
        ------
        OutputError
            If the disk is full or disconnected.
        """
        if self._background:
            self._background.put(frame)
        self._writer.write(pose)
        self._digest.update(np.float64(pose.t_s).tobytes() + pose.image_px.tobytes())
        self.frames += 1

    def close(self) -> None:
        """Finish the video; if the disk does not allow that, `problem` holds the reason."""
        try:
            self._frames.close()
        except OutputError as error:
            self.problem = self.problem or error.what

    def finish(self, notes: Sequence[str]) -> ClipInfo:
        """Write the landmarks and the facts of their video; call after `close`.

        Raises
        ------
        OutputError
            If the landmarks cannot be written.
        """
        if self.video and self.video.exists():
            with VideoFile(self.video) as video:
                self._info = video.info
        else:
            # Without a video file, the landmarks identify the training in the history.
            self._info = replace(self._info, sha256=self._digest.hexdigest())
        self._info = replace(self._info, notes=tuple(notes))
        self._writer.info = self._info
        self._landmarks.close()
        return self._info

    def discard(self) -> None:
        """Delete the recording; an older landmark file stays."""
        self.close()
        if self.video:
            self.video.unlink(missing_ok=True)
        with contextlib.suppress(_DiscardedError), self._landmarks:
            raise _DiscardedError
