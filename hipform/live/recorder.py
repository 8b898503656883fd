"""What a live training leaves on the disk while it is filmed: its pictures and its landmarks."""

from __future__ import annotations

import contextlib
import hashlib
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import replace
from pathlib import Path

import numpy as np

from hipform.errors import OutputError
from hipform.pose.model_files import ModelName
from hipform.pose.poses import Pose
from hipform.pose.recording import RecordingWriter
from hipform.render import RawSink
from hipform.report.result import FILES
from hipform.stages import Background
from hipform.video.frames import ClipInfo, Frame
from hipform.video.video_file import VideoFile

_WAITING_PICTURES = 8
"""Pictures that may wait to be encoded: they ride out a slow moment and take 20 MB at 720p."""


class _DiscardedError(Exception):
    """What was filmed is not wanted: leaving the writer of the landmarks with it writes none."""


class Footage:
    """What is filmed with one pose model: pictures and landmarks, kept in step.

    Parameters
    ----------
    folder
        Where both go.
    info
        The camera's picture.
    model
        Pose model of the landmarks.
    record
        Whether pictures are kept.

    Attributes
    ----------
    video, poses
        The recording, ``None`` where no pictures are kept, and the landmarks.
    frames
        Frames kept so far.
    problem
        Why the recording ended early; empty if it did not.
    """

    def __init__(self, folder: Path, info: ClipInfo, model: ModelName, *, record: bool) -> None:
        self.video = folder / FILES["recording"] if record else None
        self.poses = folder / FILES["poses"]
        self.frames = 0
        self.problem = ""
        self._info = info
        self._digest = hashlib.sha256()
        self._sink = RawSink(self.video, info) if self.video else None
        self._writer = RecordingWriter(self.poses, info, model)
        self._landmarks, self._pictures = ExitStack(), ExitStack()
        self._background: Background[Frame] | None = None
        if self._sink:
            self._pictures.enter_context(self._sink)
            self._background = self._pictures.enter_context(Background(self._record, _WAITING_PICTURES))
        self._landmarks.enter_context(self._writer)

    @property
    def bytes(self) -> int:
        """Size of the recording so far."""
        return self._sink.bytes if self._sink else 0

    def _record(self, frame: Frame) -> None:
        assert self._sink is not None
        self._sink.write(frame.image, frame.t_s)

    def put(self, frame: Frame, pose: Pose) -> None:
        """Keep one frame; waits where the disk cannot follow, so that what is judged is what is recorded.

        Raises
        ------
        OutputError
            The disk is full or gone.
        """
        if self._background:
            self._background.put(frame)
        self._writer.write(pose)
        self._digest.update(np.float64(pose.t_s).tobytes() + pose.image_px.tobytes())
        self.frames += 1

    def close(self) -> None:
        """Finish the recording, as far as the disk allows; `problem` tells where it does not."""
        try:
            self._pictures.close()
        except OutputError as error:
            self.problem = self.problem or error.what

    def finish(self, notes: Sequence[str]) -> ClipInfo:
        """Write the landmarks with what is known of their pictures, after `close`.

        Raises
        ------
        OutputError
            They cannot be written.
        """
        if self.video and self.video.exists():
            with VideoFile(self.video) as video:
                self._info = video.info
        else:
            # There is no file to know the training by again, for the history; its landmarks are as good.
            self._info = replace(self._info, sha256=self._digest.hexdigest())
        self._info = replace(self._info, notes=tuple(notes))
        self._writer.info = self._info
        self._landmarks.close()
        return self._info

    def discard(self) -> None:
        """Leave nothing; the landmarks of another time are not touched."""
        self.close()
        if self.video:
            self.video.unlink(missing_ok=True)
        with contextlib.suppress(_DiscardedError), self._landmarks:
            raise _DiscardedError
