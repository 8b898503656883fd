"""Cameras as sources of frames: built-in and USB cameras, network streams, and a video file that acts as a camera."""

from __future__ import annotations

import contextlib
import errno
import os
import re
import sys
import threading
import time
from abc import ABC, abstractmethod
from collections.abc import Iterator
from contextlib import ExitStack
from dataclasses import dataclass, replace
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Protocol, Self
from urllib.parse import urlsplit

import av
import cv2
import numpy as np
from av.container import InputContainer
from av.video.stream import VideoStream

from hipform.errors import CameraError, one_line
from hipform.texts import english
from hipform.types import Image
from hipform.video.containers import MAX_INPUT_PX, has_known_codec, open_bytes, open_rtsp
from hipform.video.frame_image import FrameConverter
from hipform.video.frames import ClipInfo, Frame
from hipform.video.http_stream import HttpStream
from hipform.video.origin import filming_time
from hipform.video.rtsp_relay import RtspRelay
from hipform.video.video_file import VideoFile

TICKS_PER_S = 90_000
"""Times of capture are whole ticks, so that a recording stores them exactly."""

_URL = re.compile(r"(https?|rtsps?)://", re.IGNORECASE)
_HTTP = re.compile(r"https?:", re.IGNORECASE)
_PICTURE_TIMEOUT_S = 10.0
"""A stream without a frame for this long is not a video stream or is disconnected, whatever data arrives."""
_READ_TIMEOUT_S = 5.0
_MOST_DAMAGED = 90
"""After this many damaged frames in a row (three seconds) the camera counts as disconnected."""
# The interfaces with which OpenCV's indices and the names of cv2_enumerate_cameras refer to the same camera.
_BACKENDS = {"linux": cv2.CAP_V4L2, "darwin": cv2.CAP_AVFOUNDATION, "win32": cv2.CAP_DSHOW}
# USB 2 is too slow for 30 uncompressed frames a second of 720p or more.
_COMPRESSED = cv2.VideoWriter.fourcc(*"MJPG")
_USUAL_FPS = 30.0
_LIST_THEM = "`hipform cameras` lists them."
# Every eighth pixel in each direction is enough to measure brightness.
_SPARSE = 8
_BURNT = 250
_LUMA = np.array([0.299, 0.587, 0.114])


@dataclass(frozen=True, slots=True)
class CameraMode:
    """The mode to request from a camera, which provides the closest one it has."""

    width_px: int = 1280
    height_px: int = 720
    fps: float = 30.0

    def __str__(self) -> str:
        return f"{self.width_px} x {self.height_px} at {self.fps:g} frames a second"


class Camera(Protocol):
    """A source of frames that continues until it is closed or disconnected.

    Use as a context manager, and iterate once, in a separate thread; `close` may be called from another thread.

    Attributes
    ----------
    info
        Size and rate of the frames.
    description
        The camera and its mode, in one line.
    begun_s
        The value of `time.monotonic` at frame time 0; known from the first frame on.
    waits
        Whether the source waits for its consumer: a file that is not played in real time.
    is_paced
        Whether another frame is asked for only when the last one was taken: by a source that waits, and by one whose
        sender would otherwise prepare frames in vain.
    n_unsent
        Number of frames that the camera made so far and its sender did not send, to keep up.

    Raises
    ------
    CameraError
        While iterating, if the camera is disconnected.
    """

    info: ClipInfo
    description: str
    begun_s: float
    waits: bool
    is_paced: bool
    n_unsent: int

    @property
    def notes(self) -> tuple[str, ...]:
        """Return notes about the frames so far."""

    def __iter__(self) -> Iterator[Frame]: ...

    def __enter__(self) -> Self: ...

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None: ...

    def close(self) -> None:
        """End the iteration and free the camera."""


class ClosedOnExit(ABC):
    """A camera that closes itself at the end of the block; in real time, without regard to its consumer."""

    waits = False
    is_paced = False
    n_unsent = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self.close()

    @abstractmethod
    def close(self) -> None:
        """See `Camera.close`."""


def open_camera(name: str, mode: CameraMode | None = None, *, realtime: bool = False) -> Camera:
    """Open a camera.

    Parameters
    ----------
    name
        Index or name from `list_cameras` (part of a name is enough if it is unique), the address of a stream, or a
        video file.
    mode
        The mode to request; ignored for streams and files.
    realtime
        Whether a file is played in real time, as a camera would deliver it; otherwise it waits for its consumer.

    Raises
    ------
    CameraError
        If there is no such camera, or it cannot be used.
    InputError
        If a file cannot be read.
    """
    if is_stream(name):
        return StreamCamera(name)
    if _is_index(name):
        return DeviceCamera(int(name), mode or CameraMode())
    if Path(name).exists():
        return FileCamera(Path(name), realtime=realtime)
    return DeviceCamera(_index_of(name), mode or CameraMode())


def is_stream(name: str) -> bool:
    """Return whether *name* is the address of a network camera."""
    return bool(_URL.match(name))


def is_device(name: str) -> bool:
    """Return whether *name* refers to a camera of this computer, not to a stream or a file."""
    return not is_stream(name) and (_is_index(name) or not Path(name).exists())


def _is_index(name: str) -> bool:
    return name.isdecimal() and len(name) < 4


# ------------------------------------------------------------------------------------------------------------- devices


@dataclass(frozen=True, slots=True, kw_only=True)
class FoundCamera:
    """A camera of this computer.

    Attributes
    ----------
    index, name
        Its index and name.
    gives
        The mode that it provides; empty if it provides no image.
    problem
        Why it provides no image; empty if it does.
    """

    index: int
    name: str
    gives: str = ""
    problem: str = ""


def list_cameras(mode: CameraMode) -> list[FoundCamera]:
    """Return the cameras of this computer; each is opened briefly to see what it provides when asked for *mode*."""
    return [_tried(index, name, mode) for index, name in sorted(_camera_names().items())]


def _tried(index: int, name: str, mode: CameraMode) -> FoundCamera:
    try:
        with DeviceCamera(index, mode) as camera:
            return FoundCamera(index=index, name=name, gives=mode_of(camera.info))
    except CameraError as error:
        return FoundCamera(index=index, name=name, problem=error.what)


def _camera_names() -> dict[int, str]:
    """Return the names of all cameras by index."""
    from cv2_enumerate_cameras import enumerate_cameras  # noqa: PLC0415 - loads the system's interfaces

    backend = _BACKENDS.get(sys.platform, cv2.CAP_ANY)
    return {camera.index: one_line(camera.name or f"camera {camera.index}") for camera in enumerate_cameras(backend)}


def _index_of(name: str) -> int:
    """Return the index of the only camera whose name contains *name*, ignoring case."""
    names = _camera_names()
    fitting = [index for index, known in names.items() if name.casefold() in known.casefold()]
    if len(fitting) == 1:
        return fitting[0]
    if fitting:
        raise CameraError(f"The names of several cameras contain {name!r}.", f"Give the index: {_LIST_THEM}")
    here = ", ".join(f"{index} {known}" for index, known in sorted(names.items())) or "none"
    raise CameraError(f"There is no camera or file called {name!r}.", f"Cameras here: {here}.")


class DeviceCamera(ClosedOnExit):
    """A built-in or USB camera; see `Camera`.

    Raises
    ------
    CameraError
        If there is no camera with that index, it is in use, or access is denied.
    """

    notes: tuple[str, ...] = ()

    def __init__(self, index: int, mode: CameraMode) -> None:
        # Otherwise OpenCV would print its own messages about failing cameras beside hipform's error.
        cv2.utils.logging.setLogLevel(cv2.utils.logging.LOG_LEVEL_SILENT)
        self._index = index
        self._closed = threading.Event()
        self._is_read = False
        backend = _BACKENDS.get(sys.platform, cv2.CAP_ANY)
        self._capture = cv2.VideoCapture(index, backend)
        self._capture.set(cv2.CAP_PROP_FOURCC, _COMPRESSED)
        self._capture.set(cv2.CAP_PROP_FRAME_WIDTH, mode.width_px)
        self._capture.set(cv2.CAP_PROP_FRAME_HEIGHT, mode.height_px)
        self._capture.set(cv2.CAP_PROP_FPS, mode.fps)
        is_there, first = self._capture.read()
        if not is_there:
            self._capture.release()
            raise _unusable(index)
        height, width = first.shape[:2]
        fps = self._capture.get(cv2.CAP_PROP_FPS)
        self.info = camera_info(f"camera {index}", width, height, fps if 1 <= fps <= 1000 else _USUAL_FPS)
        got = mode_of(self.info)
        self.description = f"Camera {index} gives {got}" + ("." if got == str(mode) else f"; {mode} was asked for.")
        self.begun_s = time.monotonic()

    def close(self) -> None:
        """End the iteration, which then frees the camera itself because OpenCV may be reading from it."""
        self._closed.set()
        if not self._is_read:
            self._capture.release()

    def __iter__(self) -> Iterator[Frame]:
        """Yield frames with the time at which each was captured."""
        self._is_read = True
        clock = CaptureClock()
        try:
            while not self._closed.is_set():
                # The time is taken before decoding, so that decoding does not count as latency of the frame.
                is_there = self._capture.grab()
                now_s = time.monotonic()
                if not is_there:
                    raise CameraError(f"Camera {self._index} was disconnected.", "Check its cable.")
                is_whole, picture = self._capture.retrieve()
                if not is_whole:
                    # One damaged frame is no reason to end a training session.
                    continue
                self.begun_s = clock.begun_s(now_s)
                yield Frame(clock.time_s(now_s), np.asarray(cv2.cvtColor(picture, cv2.COLOR_BGR2RGB), np.uint8))
        finally:
            self._capture.release()


def _unusable(index: int) -> CameraError:
    """Return the error for a camera that cannot be used, as specific as the system allows."""
    device = Path(f"/dev/video{index}")
    if sys.platform == "linux" and not device.exists():
        return CameraError(f"There is no camera {index}.", f"Plug it in, or choose another: {_LIST_THEM}")
    if sys.platform == "linux" and not os.access(device, os.R_OK | os.W_OK):
        return CameraError(
            f"You have no permission to use camera {index}: {device} is not accessible.", "Join the group `video`."
        )
    if sys.platform == "darwin":
        hint = "Close programs that use it, and allow it under System Settings, Privacy & Security, Camera."
    elif sys.platform == "win32":
        hint = "Close programs that use it, and allow it under Settings, Privacy & security, Camera."
    else:
        hint = "Close programs that use it, or choose another: " + _LIST_THEM
    return CameraError(f"Camera {index} provides no image: it is missing, in use, or not allowed.", hint)


class CaptureClock:
    """Converts moments of capture to frame times: starting at 0, in whole ticks, strictly increasing."""

    def __init__(self) -> None:
        self._begun_s: float | None = None
        self._last_ticks = -1

    def begun_s(self, now_s: float) -> float:
        """Return the moment of frame time 0, which is that of the first frame."""
        if self._begun_s is None:
            self._begun_s = now_s
        return self._begun_s

    def time_s(self, now_s: float) -> float:
        """Return the frame time of a frame captured at *now_s*."""
        ticks = round((now_s - self.begun_s(now_s)) * TICKS_PER_S)
        self._last_ticks = max(ticks, self._last_ticks + 1)
        return self._last_ticks / TICKS_PER_S


def camera_info(name: str, width_px: int, height_px: int, fps: float) -> ClipInfo:
    """Return the facts about what a camera films from now on."""
    recorded_at, recorded_from = filming_time()
    return ClipInfo(
        name=name,
        width_px=width_px,
        height_px=height_px,
        fps=fps,
        time_base=Fraction(1, TICKS_PER_S),
        recorded_at=recorded_at,
        recorded_from=recorded_from,
    )


def mode_of(info: ClipInfo) -> str:
    """Return size and rate of a camera's frames in words."""
    return str(CameraMode(info.width_px, info.height_px, round(info.fps, 2)))


# ------------------------------------------------------------------------------------------------------------- streams


class StreamCamera(ClosedOnExit):
    """A network camera, such as a phone with an IP camera app; see `Camera`.

    Frame times are times of arrival, because the times that such apps state in the stream are often invented.

    Raises
    ------
    CameraError
        If nothing answers at the address, or the stream is not a video.
    """

    def __init__(self, url: str) -> None:
        self._name = _without_password(url)
        self._closed = threading.Event()
        self._is_read = False
        self._connection: HttpStream | RtspRelay | None = None
        self._until_s = time.monotonic() + _PICTURE_TIMEOUT_S
        with ExitStack() as opened:
            try:
                self._container = opened.enter_context(self._open(url, opened))
                stream = next(one for one in self._container.streams.video if has_known_codec(one))
                stream.codec_context.options = {"max_pixels": str(MAX_INPUT_PX)}
                self._pictures = self._decoded(stream)
                first = next(self._pictures)
            except (av.FFmpegError, OSError, StopIteration, ValueError) as error:
                raise self._silent(error) from error
            self._maker = FrameConverter(first, stream.sample_aspect_ratio)
            fps = float(stream.average_rate or stream.guessed_rate or 0)
            self.info = camera_info(
                self._name, self._maker.width_px, self._maker.height_px, fps if 1 <= fps <= 120 else _USUAL_FPS
            )
            self._opened = opened.pop_all()
        self.description = f"{self._name} gives {self.info.width_px} x {self.info.height_px}."
        self.begun_s = time.monotonic()

    def _open(self, url: str, opened: ExitStack) -> InputContainer:
        if not _HTTP.match(url):
            self._connection = relay = opened.enter_context(RtspRelay(url, _PICTURE_TIMEOUT_S))
            return open_rtsp(relay.url, _PICTURE_TIMEOUT_S, _READ_TIMEOUT_S)
        self._connection = stream = opened.enter_context(contextlib.closing(HttpStream(url, _PICTURE_TIMEOUT_S)))
        return open_bytes(stream, "mpjpeg" if stream.media_type.startswith("multipart/") else None)

    def _silent(self, error: Exception) -> CameraError:
        lost = self._connection.problem if self._connection else ""
        reason = lost or getattr(error, "strerror", None) or "there is no video that hipform can read"
        return CameraError(
            f"{self._name} provides no image: {reason}.",
            "Check the address, and that the phone and this computer are in the same network.",
        )

    @property
    def notes(self) -> tuple[str, ...]:
        """Return notes about the frames so far."""
        count = self._maker.refitted
        return (english("{n} frames had a different shape and were padded with black bars.", n=count),) if count else ()

    def close(self) -> None:
        """End the iteration, which then closes the connection itself because it may be reading from it."""
        self._closed.set()
        if self._connection:
            self._connection.shut()
        if not self._is_read:
            self._opened.close()

    def __iter__(self) -> Iterator[Frame]:
        """Yield frames with the time at which each arrived."""
        self._is_read = True
        clock = CaptureClock()
        with self._opened:
            while not self._closed.is_set():
                try:
                    decoded = next(self._pictures)
                    now_s = time.monotonic()
                    image = self._maker.convert(decoded)
                except (av.FFmpegError, OSError, StopIteration) as error:
                    raise CameraError(f"{self._name} was disconnected.", "Check the network and the phone.") from error
                self.begun_s = clock.begun_s(now_s)
                yield Frame(clock.time_s(now_s), image)

    def _decoded(self, stream: VideoStream) -> Iterator[av.VideoFrame]:
        """Yield the frames that can be decoded; skip damaged ones, but raise the last error after too many in a row."""
        damaged = 0
        for packet in self._container.demux():
            if time.monotonic() > self._until_s:
                raise TimeoutError(errno.ETIMEDOUT, "the data holds no frame that hipform can read")
            # A packet without data would signal the end of the stream to the decoder.
            if packet.stream.index != stream.index or not packet.size:
                continue
            try:
                pictures = stream.decode(packet)
            except av.FFmpegError:
                damaged += 1
                if damaged > _MOST_DAMAGED:
                    raise
                continue
            if pictures:
                damaged = 0
                self._until_s = time.monotonic() + _PICTURE_TIMEOUT_S
                if isinstance(self._connection, HttpStream):
                    self._connection.allow_next_picture()
            yield from pictures


def _without_password(url: str) -> str:
    """Return *url* without user, password and query, because it is displayed and stored."""
    try:
        parts = urlsplit(url)
    except ValueError as error:
        raise CameraError("The address of the camera is not valid.", "Copy it as the phone's app shows it.") from error
    host = parts.netloc.rpartition("@")[2]
    return one_line(f"{parts.scheme}://{host}{parts.path}")


# --------------------------------------------------------------------------------------------------------------- files


class FileCamera(ClosedOnExit):
    """A video file that acts as a camera; see `Camera`. Its frames keep the times of the file, but start at 0 or later.

    Parameters
    ----------
    path
        A video file.
    realtime
        Whether each frame is delivered at its time; otherwise as soon as the previous one is taken.
    """

    notes: tuple[str, ...] = ()

    def __init__(self, path: Path, *, realtime: bool) -> None:
        self._video = VideoFile(path)
        self._closed = threading.Event()
        self.waits = self.is_paced = not realtime
        recorded_at, recorded_from = filming_time()
        self.info = replace(
            self._video.info,
            sha256=None,
            recorded_at=recorded_at,
            recorded_from=recorded_from,
            has_audio=False,
            duration_s=None,
        )
        self.description = f"{path.name} plays as a camera: {mode_of(self.info)}."
        self.begun_s = time.monotonic()

    def close(self) -> None:
        """End the iteration."""
        self._closed.set()

    def __iter__(self) -> Iterator[Frame]:
        """Yield the frames, in real time if that was requested."""
        late_s: float | None = None
        for frame in self._video:
            if late_s is None:
                late_s = max(0.0, -frame.t_s)
                self.begun_s = time.monotonic() - frame.t_s - late_s
            t_s = frame.t_s + late_s
            ahead_s = 0.0 if self.waits else self.begun_s + t_s - time.monotonic()
            if self._closed.wait(max(0.0, ahead_s)):
                break
            yield Frame(t_s, frame.image)
        self._video.close()


# --------------------------------------------------------------------------------------------------------------- light


def light_of(image: Image) -> tuple[float, float]:
    """Return the brightness of an image and its overexposed share, both 0..1, from a subset of its pixels."""
    luma = image[::_SPARSE, ::_SPARSE] @ _LUMA
    return float(luma.mean()) / 255.0, float((luma >= _BURNT).mean())
