"""MediaPipe's pose landmarker, without console output or network access, and with reproducible results.

This is the only file that imports mediapipe, and only at the first frame, because the import takes a second.
"""

from __future__ import annotations

import logging
import os
import re
import sys
import tempfile
import textwrap
import threading
import time
from collections.abc import Iterator
from contextlib import ExitStack, contextmanager
from functools import cache, partial
from types import ModuleType, TracebackType
from typing import Any, Self

import cv2
import numpy as np

from hipform.errors import ModelError
from hipform.pose.body_outline import trunk_contour
from hipform.pose.landmark_schema import LandmarkSchema, PoseModel
from hipform.pose.model_files import MODEL_NAMES, ModelName, model_path
from hipform.pose.poses import Landmark, Pose, TrunkContour
from hipform.types import FloatArray, Image, NoiseModel
from hipform.video.frame_image import MAX_SIDE_PX
from hipform.video.frames import Frame

_log = logging.getLogger(__name__)

# MediaPipe sends usage metrics when a landmarker closes, and has no option to turn that off. Its curl uses these
# variables; a proxy on the discard port refuses at once, without a name look-up. The user's `no_proxy` would bypass it.
_NO_TELEMETRY = {
    "https_proxy": "http://127.0.0.1:9",
    "HTTPS_PROXY": "http://127.0.0.1:9",
    "no_proxy": "",
    "NO_PROXY": "",
}
# mediapipe imports them for plots and microphones, and hipform uses neither: the first writes a list of fonts into the
# user's home directory, the other opens every sound device.
_NOT_NEEDED = ("matplotlib", "matplotlib.pyplot", "sounddevice")
# Matches the level of messages, not their text, which changes with every version; all of them go into the log.
_NOISE = re.compile(rb"(VERBOSE|INFO|WARNING): |[VIW]\d{4} \d\d:\d\d:")

# MediaPipe's error messages name every stage that they passed through.
_LONGEST_REASON = 300

_SHOULDERS = (Landmark.LEFT_SHOULDER, Landmark.RIGHT_SHOULDER)
_HIPS = (Landmark.LEFT_HIP, Landmark.RIGHT_HIP)

# The person detector does not find more people in larger images.
_CROWD_SIDE_PX = 640
_MOST_PEOPLE = 4

# The environment and file descriptor 2 are shared by the whole process.
_process_lock = threading.RLock()


class Landmarker:
    """Finds the 33 body points of one person, frame by frame.

    Use as a context manager: closing it frees the model's memory. Tracking restarts when `Frame.shot` changes. While it
    is open, the process cannot access the web by https: see README, Privacy. One landmarker serves one clip and one
    thread at a time.

    Parameters
    ----------
    model
        ``lite``, ``full`` or ``heavy``.

    Raises
    ------
    ModelError
        If the model is missing or was changed, or (in `detect`) cannot be loaded.
    """

    def __init__(self, model: ModelName) -> None:
        self.model = model
        self._path = model_path(model)
        self._task: Any = None
        self._shot = 0
        self._last_ms = 0
        self._offset_ms = 0
        self._chatty = False

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    def close(self) -> None:
        """Free the model; `detect` would load it again."""
        if self._task is not None:
            # It prints messages at its end, too.
            with _quiet_stderr():
                self._task.close()
            self._task = None
            _telemetry_block.release()

    def detect(self, frame: Frame) -> Pose:
        """Find the person in *frame*.

        Parameters
        ----------
        frame
            Frames of one clip in order. Times that repeat or jump back are allowed.

        Returns
        -------
        Pose
            Points in pixels of ``frame.image`` and in metres, and the outline of the trunk; all NaN if nobody was
            found. Points outside the image are extrapolated by the model: their `Pose.visibility` is low. Every number
            is exact in float32, so that a recording is judged like the live clip.

        Raises
        ------
        ModelError
            If the model cannot be loaded.
        """
        if self._task is not None and frame.shot != self._shot:
            self.close()
        if self._task is not None and not self._chatty:
            return self._detect(frame)
        # The libraries print messages when a model is loaded and again when the first person is seen.
        with _quiet_stderr():
            return self._detect(frame)

    def _detect(self, frame: Frame) -> Pose:
        if self._task is None:
            self._load()
            self._chatty = True
            self._shot = frame.shot
            self._offset_ms = self._last_ms + 1 - round(frame.t_s * 1000)
        pixels = _for_model(frame.image)
        mediapipe, _ = _mediapipe()
        picture = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=pixels)
        result = self._task.detect_for_video(picture, self._timestamp_ms(frame.t_s))
        if not result.pose_landmarks:
            return Pose.unseen(frame.t_s, frame.shot)
        self._chatty = False
        return _pose(frame, result.pose_landmarks[0], result.pose_world_landmarks[0], result.segmentation_masks[0])

    def _load(self) -> None:
        _, tasks = _mediapipe()
        begin_s = time.perf_counter()
        _telemetry_block.acquire()
        options = tasks.vision.PoseLandmarkerOptions(
            base_options=tasks.BaseOptions(model_asset_path=str(self._path)),
            running_mode=tasks.vision.RunningMode.VIDEO,
            num_poses=1,
            output_segmentation_masks=True,
        )
        try:
            self._task = tasks.vision.PoseLandmarker.create_from_options(options)
        except (OSError, RuntimeError, ValueError) as error:
            _telemetry_block.release()
            reason = textwrap.shorten(str(error), _LONGEST_REASON, placeholder=" ...")
            raise ModelError(f"The pose model {self._path} cannot be loaded: {reason}.") from error
        _log.info("model %s loaded in %.2f s, on the CPU", self.model, time.perf_counter() - begin_s)

    def _timestamp_ms(self, t_s: float) -> int:
        """Return the frame's time as the model requires it: whole milliseconds that strictly increase."""
        stamp_ms = round(t_s * 1000) + self._offset_ms
        if stamp_ms <= self._last_ms:
            self._offset_ms += self._last_ms + 1 - stamp_ms
            stamp_ms = self._last_ms + 1
        self._last_ms = stamp_ms
        return stamp_ms


_SCHEMA = LandmarkSchema(keypoints=frozenset(Landmark), has_world=True, has_visibility=True, has_contour=True)

_MODEL_NOISE = {
    "heavy": NoiseModel(bias_ratio=1.0),
    "full": NoiseModel(u95_scale=1.4, bias_ratio=1.0),
    "lite": NoiseModel(u95_scale=1.5, bias_ratio=1.0),
}
"""The intervals were learned with the heavy model.

At 49 labelled tops of 21 people, the intervals of the heavy model hold 84 % of the errors of the full one, and 94 % if
they are 1.4 times as wide; at 17 tops of 13 people they hold 88 % of the errors of the lite one, and 94 % if they are
1.5 times as wide. On rendered lifters the lite model errs 1.1 times as much as the full one.
"""

POSE_MODELS = tuple(
    PoseModel(name=name, schema=_SCHEMA, noise=_MODEL_NOISE[name], make=partial(Landmarker, name))
    for name in MODEL_NAMES
)
"""MediaPipe's three models."""


class PeopleFinder:
    """Finds several people in a single image.

    Use as a context manager, in one thread. It takes several times as long as tracking one person and misses many
    people (seven of ten pairs of rendered lifters), so not finding a second one means nothing. On single lifters it
    gave no false alarm.
    """

    def __init__(self) -> None:
        self._task: Any = None
        self._chatty = True

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if self._task is not None:
            with _quiet_stderr():
                self._task.close()
            self._task = None
            _telemetry_block.release()

    def find(self, image: Image) -> tuple[FloatArray, ...]:
        """Return the landmarks of each person, pixels of *image*, shape (33, 2)."""
        mediapipe, _ = _mediapipe()
        picture = mediapipe.Image(image_format=mediapipe.ImageFormat.SRGB, data=_fitted(image, _CROWD_SIDE_PX))
        if self._chatty:
            # The messages come with the model and when the first person is seen.
            with _quiet_stderr():
                found = self._detect(picture)
        else:
            found = self._detect(picture)
        self._chatty = self._chatty and not found
        height, width = image.shape[:2]
        return tuple(np.array([(point.x * width, point.y * height) for point in one]) for one in found)

    def _detect(self, picture: Any) -> list[Any]:
        if self._task is None:
            self._load()
        poses: list[Any] = self._task.detect(picture).pose_landmarks
        return poses

    def count_crowd(self, image: Image) -> int | None:
        """Return the number of people if several are seen; ``None`` if that is not known."""
        count = len(self.find(image))
        return count if count > 1 else None

    def _load(self) -> None:
        _, tasks = _mediapipe()
        _telemetry_block.acquire()
        options = tasks.vision.PoseLandmarkerOptions(
            base_options=tasks.BaseOptions(model_asset_path=str(model_path("lite"))),
            running_mode=tasks.vision.RunningMode.IMAGE,
            num_poses=_MOST_PEOPLE,
        )
        self._task = tasks.vision.PoseLandmarker.create_from_options(options)


@cache
def _mediapipe() -> tuple[Any, Any]:
    """Return mediapipe and its tasks, imported without `_NOT_NEEDED`."""
    stand_ins: dict[str, Any] = {name: ModuleType(name) for name in _NOT_NEEDED if name not in sys.modules}
    if "matplotlib" in stand_ins:
        stand_ins["matplotlib"].pyplot = stand_ins["matplotlib.pyplot"]
    sys.modules.update(stand_ins)
    try:
        import mediapipe  # noqa: PLC0415 - see the module's docstring
        from mediapipe.tasks import python as tasks  # noqa: PLC0415
    finally:
        for name in stand_ins:
            del sys.modules[name]
    return mediapipe, tasks


def _for_model(image: Image) -> Image:
    """Return *image* no larger than the frames of clips.

    Scaling Full HD down further does not help: the landmarks stay the same and a frame takes 17 ms instead of 12.
    """
    return _fitted(image, MAX_SIDE_PX)


def _fitted(image: Image, side_px: int) -> Image:
    """Return *image* with sides of at most *side_px*, C-contiguous because MediaPipe reads the raw pointer."""
    scale = side_px / max(image.shape[:2])
    if scale < 1:
        size = (max(1, round(image.shape[1] * scale)), max(1, round(image.shape[0] * scale)))
        image = np.asarray(cv2.resize(image, size, interpolation=cv2.INTER_AREA), np.uint8)
    return np.ascontiguousarray(image)


def _pose(frame: Frame, in_picture: list[Any], in_world: list[Any], mask: Any) -> Pose:
    height, width = frame.image.shape[:2]
    image_px = np.array([(point.x * width, point.y * height) for point in in_picture])
    world_m = np.array([(point.x, point.y, point.z) for point in in_world])
    visibility = np.array([point.visibility for point in in_picture])
    return Pose(
        frame.t_s,
        _as_float32(image_px),
        _as_float32(world_m),
        _as_float32(visibility),
        frame.shot,
        _contour(mask, image_px / (width, height)),
    )


def _contour(mask: Any, points: FloatArray) -> TrunkContour:
    """Return the outline of the trunk; *points* are landmarks relative to the image size, shape (33, 2).

    The trunk line joins the midpoints of shoulders and hips, because the outline is that of the whole body.
    """
    # A view of the model's memory, which is freed with the result.
    inside = np.squeeze(mask.numpy_view())
    size_px = (inside.shape[1], inside.shape[0])
    shoulder_px, hip_px = (points[list(pair)].mean(axis=0) * size_px for pair in (_SHOULDERS, _HIPS))
    found = trunk_contour(inside, shoulder_px, hip_px)
    return TrunkContour(_as_float32(found.counter_clockwise_ratio), _as_float32(found.clockwise_ratio))


def _as_float32(values: FloatArray) -> FloatArray:
    return values.astype(np.float32).astype(np.float64)


class _TelemetryBlock:
    """Keeps `_NO_TELEMETRY` in the environment while any landmarker is open.

    No sender of metrics is left once the last one closes; then the user's proxy settings are restored, for example for
    a browser that is started later.
    """

    def __init__(self) -> None:
        self._holders = 0
        self._before: dict[str, str | None] = {}

    def acquire(self) -> None:
        with _process_lock:
            if self._holders == 0:
                self._before = {name: os.environ.get(name) for name in _NO_TELEMETRY}
                os.environ.update(_NO_TELEMETRY)
            self._holders += 1

    def release(self) -> None:
        with _process_lock:
            self._holders -= 1
            if self._holders:
                return
            for name, value in self._before.items():
                if value is None:
                    os.environ.pop(name, None)
                else:
                    os.environ[name] = value


_telemetry_block = _TelemetryBlock()


@contextmanager
def _quiet_stderr() -> Iterator[None]:
    """Hold back what native code writes to standard error, drop known messages, and write the rest at the end.

    No environment variable suppresses them (tried: GLOG_minloglevel, TF_CPP_MIN_LOG_LEVEL, ABSL_MIN_LOG_LEVEL).
    """
    with _process_lock, ExitStack() as stack:
        try:
            held = stack.enter_context(tempfile.TemporaryFile())
            terminal = os.dup(2)
        except OSError:  # There is no standard error to silence, or no folder for the temporary file.
            yield
            return
        _flush_stderr()
        os.dup2(held.fileno(), 2)
        failed = False
        try:
            yield
        except Exception:
            failed = True
            raise
        finally:
            _flush_stderr()
            os.dup2(terminal, 2)
            os.close(terminal)
            held.seek(0)
            lines = held.readlines()
            for line in lines:
                _log.debug("%s", line.decode(errors="replace").rstrip())
            rest = b"".join(line for line in lines if not _NOISE.match(line))
            # An error is reported in its own single line.
            if rest and not failed:
                os.write(2, rest)


def _flush_stderr() -> None:
    if sys.stderr is not None:
        sys.stderr.flush()
