"""Live training while it is filmed: camera, pose model, trainer, screen, voice and recording, each in its own time."""

from __future__ import annotations

import math
import queue
import shutil
import threading
import time
from collections import deque
from collections.abc import Callable, Sequence
from contextlib import ExitStack
from dataclasses import dataclass, replace
from pathlib import Path

import numpy as np

from hipform.config import Settings
from hipform.errors import CameraError, HipformError, OutputError
from hipform.exercises.base import Exercise
from hipform.feedback.camera_check import Sight
from hipform.feedback.trainer import Course, LiveStage, LiveState, Trainer
from hipform.render import Command, Display, LiveScreen, RawSink, Situation
from hipform.report.result import FILES
from hipform.sound import Voice
from hipform.sources import (
    Camera,
    CrowdFinder,
    CutDetector,
    Landmarker,
    ModelName,
    RecordingWriter,
    VideoFile,
    light_of,
)
from hipform.stages import Background, Newest
from hipform.types import Calibration, ClipInfo, Frame, Image, Pose

ROOM_BYTES = 100_000_000
"""Free room that is kept on the disk for the results, beside that for the annotated video."""
SILENT_S = 10.0
"""A camera that gives nothing for this long has gone away, whatever it says."""
FAREWELL_S = 10.0
"""How long the last summary stays on the screen before a training of a given number of sets ends."""
_NOTICE_S = 8.0
_RATE_OVER_S = 1.0
_LOOK_AROUND_EVERY_S = 2.0
_DISK_EVERY_S = 1.0
_POLL_S = 0.02
_WAITING_PICTURES = 8
"""Pictures that may wait to be encoded: they ride out a slow moment and take 20 MB at 720p."""

Watch = Callable[[LiveState], None]
"""Called in the main thread with the state of each picture, when it is on the screen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is asked for.

    Attributes
    ----------
    folder
        Where recording and results go.
    exercise
        What is going to be done; ``None`` recognises it.
    model
        Pose model to begin with.
    settings, calibrations
        As for `hipform.app.analyze`.
    n_sets, rest_s
        As for `hipform.feedback.trainer.Trainer`.
    mirrored
        Whether the picture is shown as in a mirror at first.
    record
        Whether the pictures are recorded.
    """

    folder: Path
    exercise: Exercise | None
    model: ModelName
    settings: Settings
    calibrations: Sequence[Calibration] = ()
    n_sets: int | None = None
    rest_s: float | None = None
    mirrored: bool = False
    record: bool = True


@dataclass(frozen=True, slots=True, kw_only=True)
class Filmed:
    """What was filmed.

    Attributes
    ----------
    info
        The recording, or the camera where nothing was recorded, with notes on how it went.
    model
        Pose model of all landmarks.
    course
        What was done when.
    recording
        The pictures; ``None`` where none were kept.
    poses
        The landmarks.
    """

    info: ClipInfo
    model: ModelName
    course: Course
    recording: Path | None
    poses: Path


class Pace:
    """Decides from what comes and what is done whether the pose model is too slow for this machine.

    It is too slow when it falls short in two windows in a row: a single one may be another program's doing. Nobody goes
    back to the larger model: what was too slow once would be so again.
    """

    WINDOW_S = 2.0
    ENOUGH_RATIO = 0.9
    ENOUGH_FPS = 30.0

    def __init__(self) -> None:
        self._begun: tuple[float, int] | None = None
        self._taken = 0
        self._slow_windows = 0

    def push(self, t_s: float, captured: int) -> bool:
        """Take the time of a frame that is looked at, and how many were captured so far; tell whether it is too slow."""
        if self._begun is None:
            self._begun = t_s, captured
        begun_s, before = self._begun
        spent_s = t_s - begun_s
        if spent_s < self.WINDOW_S:
            self._taken += 1
            return False
        needed_fps = min((captured - before) / spent_s, self.ENOUGH_FPS)
        is_slow = self._taken / spent_s < self.ENOUGH_RATIO * needed_fps
        self._slow_windows = self._slow_windows + 1 if is_slow else 0
        self._begun, self._taken = (t_s, captured), 1
        return self._slow_windows >= 2


@dataclass(frozen=True, slots=True, eq=False)
class _Picture:
    """One frame on its way to the screen."""

    image: Image
    pose: Pose
    state: LiveState


class _Keeper:
    """Keeps pictures and landmarks of one pose model, in step; without a picture taken, nothing is left of it."""

    def __init__(self, plan: Plan, info: ClipInfo, model: ModelName) -> None:
        self.video = plan.folder / FILES["recording"] if plan.record else None
        self._poses_path = plan.folder / FILES["poses"]
        self._info = info
        self._sink = RawSink(self.video, info) if self.video else None
        self._writer = RecordingWriter(self._poses_path, info, model)
        self.frames = 0
        self.problem = ""

    @property
    def bytes(self) -> int:
        """Size of the recording so far."""
        return self._sink.bytes if self._sink else 0

    def __enter__(self) -> _Keeper:
        with ExitStack() as stack:
            self._poses = stack.enter_context(ExitStack())
            self._poses.enter_context(self._writer)
            self._pictures = stack.enter_context(ExitStack())
            self._background: Background[Frame] | None = None
            if self._sink:
                self._pictures.enter_context(self._sink)
                self._background = self._pictures.enter_context(Background(self._record, _WAITING_PICTURES))
            stack.pop_all()
        return self

    def _record(self, frame: Frame) -> None:
        assert self._sink is not None
        self._sink.write(frame.image, frame.t_s)

    def put(self, frame: Frame, pose: Pose) -> None:
        """Keep one frame; waits where the disk cannot follow, so that what is judged is what is recorded."""
        if self._background:
            self._background.put(frame)
        self._writer.write(pose)
        self.frames += 1

    def close(self) -> None:
        """Finish the recording, as far as the disk allows; `problem` tells where it does not."""
        try:
            self._pictures.close()
        except OutputError as error:
            self.problem = error.what

    def finish(self, notes: Sequence[str]) -> ClipInfo:
        """Write the landmarks with what is known of their pictures, after `close`."""
        if self.video and self.video.exists():
            with VideoFile(self.video) as video:
                self._info = video.info
        self._info = replace(self._info, notes=tuple(notes))
        self._writer.info = self._info
        self._poses.close()
        return self._info

    def discard(self) -> None:
        """Leave nothing."""
        self.close()
        if self.video:
            self.video.unlink(missing_ok=True)
        self._poses.pop_all()
        self._writer.__exit__(CameraError, None, None)


class _Lookout:
    """Looks for other people now and then, in a thread of its own: it takes longer than a frame lasts."""

    def __init__(self) -> None:
        self._asked: Newest[Image] = Newest()
        self._people: int | None = None
        self._next_s = 0.0
        self._thread = threading.Thread(target=self._run, name="hipform-lookout", daemon=True)

    def __enter__(self) -> _Lookout:
        self._thread.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._asked.close()
        self._thread.join()

    def people(self, image: Image, t_s: float) -> int | None:
        """Return what was seen since the last time, and have *image* looked at when it is time for that."""
        if t_s >= self._next_s:
            self._next_s = t_s + _LOOK_AROUND_EVERY_S
            self._asked.put(image)
        people, self._people = self._people, None
        return people

    def _run(self) -> None:
        with CrowdFinder() as finder:
            for image in self._asked:
                self._people = finder.people(image)


class _Rate:
    """Frames a second of late."""

    def __init__(self) -> None:
        self._times: deque[float] = deque()

    def push(self, t_s: float) -> float:
        """Take the time of a frame; return the rate, NaN until it is known."""
        self._times.append(t_s)
        while t_s - self._times[0] > _RATE_OVER_S:
            self._times.popleft()
        spent_s = t_s - self._times[0]
        return (len(self._times) - 1) / spent_s if spent_s > _RATE_OVER_S / 2 else math.nan
