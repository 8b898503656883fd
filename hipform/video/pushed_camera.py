"""A camera whose frames another program sends, one by one: the browser's."""

from __future__ import annotations

import math
import queue
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass

import av
import cv2
import numpy as np
from av.video.reformatter import VideoReformatter

from hipform.errors import CameraError
from hipform.texts import english
from hipform.types import Image
from hipform.video.camera import CameraMode, CaptureClock, ClosedOnExit, camera_info, mode_of
from hipform.video.containers import MAX_INPUT_PX
from hipform.video.frames import Frame

_MOST_DAMAGED = 90
"""After this many damaged frames in a row (three seconds) the camera counts as disconnected."""
CLOCK_JUMP_S = 5.0
"""When the sender's clock advances by so much more or less than ours, it is another one: its page was opened again."""
_FASTEST_FPS = 120
"""No camera makes more frames, whatever the numbers of its frames claim."""


@dataclass(frozen=True, slots=True)
class PushedFrame:
    """A JPEG image, the time of its capture by the clock of its sender, seconds, and its number among all captured."""

    captured_s: float
    number: int
    jpeg: bytes


@dataclass(frozen=True, slots=True)
class _Arrival:
    """A frame, and when it came, seconds of `time.monotonic`."""

    frame: PushedFrame
    at_s: float


class PushedCamera(ClosedOnExit):
    """A camera that is given its frames; see `hipform.video.camera.Camera`.

    Frames wait without limit, so their sender must wait until it hears that they were taken. That is when the iteration
    goes on: a frame that nobody can use yet is neither encoded nor sent nor decoded.

    Parameters
    ----------
    name
        Name of the camera.
    mode
        Size and rate of its frames, as its sender states them. Frames of another size are scaled to fit, between bars
        where their shape differs: a phone that is turned must not stretch the lifter.
    on_taken
        Called whenever a frame was taken, so that its sender may send another.

    Attributes
    ----------
    first_s
        The moment of frame time 0, seconds by the clock of its sender; NaN before the first frame.
    """

    is_paced = True

    def __init__(self, name: str, mode: CameraMode, on_taken: Callable[[], None]) -> None:
        self.info = camera_info(name, mode.width_px, mode.height_px, mode.fps)
        self.description = f"The {name} gives {mode_of(self.info)}."
        self.begun_s = time.monotonic()
        self.first_s = math.nan
        self._on_taken = on_taken
        self._frames: queue.SimpleQueue[_Arrival | None] = queue.SimpleQueue()
        self._scaled = 0
        self._jumped_s = 0.0
        self.n_unsent = 0

    @property
    def notes(self) -> tuple[str, ...]:
        """Return notes about the frames so far."""
        note = english("{n} frames had a different size and were scaled to fit.", n=self._scaled)
        return (note,) if self._scaled else ()

    def push(self, frame: PushedFrame) -> None:
        """Take a frame; any thread may call this."""
        self._frames.put(_Arrival(frame, time.monotonic()))

    def close(self) -> None:
        """End the iteration."""
        self._frames.put(None)

    def __iter__(self) -> Iterator[Frame]:
        """Yield the frames with the times at which they were captured; skip damaged ones.

        Raises
        ------
        CameraError
            If there are too many damaged frames in a row.
        """
        clock, converter, damaged, last = CaptureClock(), VideoReformatter(), 0, None
        while (arrival := self._frames.get()) is not None:
            pushed = arrival.frame
            if last is not None:
                self._follow_clock(arrival, last)
            last = arrival
            image = decode_jpeg(pushed.jpeg, converter)
            if image is None:
                self._on_taken()
                damaged += 1
                if damaged > _MOST_DAMAGED:
                    raise CameraError("The {file} sends no frames that hipform can read.", file=self.info.name)
                continue
            damaged = 0
            if math.isnan(self.first_s):
                self.first_s, self.begun_s = pushed.captured_s, time.monotonic()
            yield Frame(clock.time_s(pushed.captured_s - self._jumped_s), self._of_right_size(image))
            self._on_taken()

    def _follow_clock(self, arrival: _Arrival, last: _Arrival) -> None:
        """Count the frames that were not sent since the *last* one, and take jumps of the sender's clock out."""
        passed_s, own_s = arrival.frame.captured_s - last.frame.captured_s, arrival.at_s - last.at_s
        if abs(passed_s - own_s) > CLOCK_JUMP_S:
            jump_s = passed_s - own_s
            self._jumped_s, self.first_s, passed_s = self._jumped_s + jump_s, self.first_s + jump_s, own_s
        unsent = max(0, arrival.frame.number - last.frame.number - 1)
        self.n_unsent += min(unsent, math.ceil(max(0.0, passed_s) * _FASTEST_FPS))

    def _of_right_size(self, image: Image) -> Image:
        height_px, width_px = image.shape[:2]
        if (height_px, width_px) == (self.info.height_px, self.info.width_px):
            return image
        self._scaled += 1
        scale = min(self.info.width_px / width_px, self.info.height_px / height_px)
        size_px = max(1, round(width_px * scale)), max(1, round(height_px * scale))
        left_px, top_px = (self.info.width_px - size_px[0]) // 2, (self.info.height_px - size_px[1]) // 2
        framed = np.zeros((self.info.height_px, self.info.width_px, 3), np.uint8)
        framed[top_px : top_px + size_px[1], left_px : left_px + size_px[0]] = cv2.resize(image, size_px)
        return framed


def decode_jpeg(data: bytes, converter: VideoReformatter) -> Image | None:
    """Return the RGB image in a JPEG file; ``None`` if it is damaged or larger than any frame may be.

    Preparing a *converter* takes as long as using it, so one serves all frames of a camera.
    """
    # Not OpenCV, which would make room for whatever size the first bytes claim.
    decoder = av.VideoCodecContext.create("mjpeg", "r")
    decoder.options = {"max_pixels": str(MAX_INPUT_PX)}
    try:
        frames = decoder.decode(av.Packet(data))
        if not frames:
            return None
        rgb = converter.reformat(frames[0], format="rgb24", threads=1)
        return np.ascontiguousarray(rgb.to_ndarray(), np.uint8)
    except (av.FFmpegError, ValueError):
        return None
