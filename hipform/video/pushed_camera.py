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

from hipform.errors import CameraError
from hipform.texts import english
from hipform.types import Image
from hipform.video.camera import CameraMode, CaptureClock, ClosedOnExit, camera_info, mode_of
from hipform.video.containers import MAX_INPUT_PX
from hipform.video.frames import Frame

_MOST_DAMAGED = 90
"""After this many damaged frames in a row (three seconds) the camera counts as disconnected."""


@dataclass(frozen=True, slots=True)
class PushedFrame:
    """A JPEG image, the time of its capture by the clock of its sender, seconds, and its number among all captured."""

    captured_s: float
    number: int
    jpeg: bytes


class PushedCamera(ClosedOnExit):
    """A camera that is given its frames; see `hipform.video.camera.Camera`.

    Frames wait without limit, so their sender must wait until it hears that they were taken. That is when the iteration
    goes on: a frame that nobody can use yet is neither encoded nor sent nor decoded.

    Parameters
    ----------
    name
        Name of the camera.
    mode
        Size and rate of its frames, as its sender states them. Frames of another size are scaled.
    on_taken
        Called whenever a frame was taken, so that its sender may send another.

    Attributes
    ----------
    first_s
        When the first frame was captured, seconds by the clock of its sender; NaN before.
    """

    is_paced = True

    def __init__(self, name: str, mode: CameraMode, on_taken: Callable[[], None]) -> None:
        self.info = camera_info(name, mode.width_px, mode.height_px, mode.fps)
        self.description = f"The {name} gives {mode_of(self.info)}."
        self.begun_s = time.monotonic()
        self.first_s = math.nan
        self._on_taken = on_taken
        self._frames: queue.SimpleQueue[PushedFrame | None] = queue.SimpleQueue()
        self._scaled = 0
        self.n_unsent = 0

    @property
    def notes(self) -> tuple[str, ...]:
        """Return notes about the frames so far."""
        note = english("{n} frames had a different size and were scaled.", n=self._scaled)
        return (note,) if self._scaled else ()

    def push(self, frame: PushedFrame) -> None:
        """Take a frame; any thread may call this."""
        self._frames.put(frame)

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
        clock, damaged, number = CaptureClock(), 0, math.inf
        while (pushed := self._frames.get()) is not None:
            self.n_unsent += int(max(0, pushed.number - number - 1))
            number = pushed.number
            image = decode_jpeg(pushed.jpeg)
            if image is None:
                self._on_taken()
                damaged += 1
                if damaged > _MOST_DAMAGED:
                    raise CameraError(f"The {self.info.name} sends no frames that hipform can read.")
                continue
            damaged = 0
            if math.isnan(self.first_s):
                self.first_s, self.begun_s = pushed.captured_s, time.monotonic()
            yield Frame(clock.time_s(pushed.captured_s), self._of_right_size(image))
            self._on_taken()

    def _of_right_size(self, image: Image) -> Image:
        if image.shape[:2] == (self.info.height_px, self.info.width_px):
            return image
        self._scaled += 1
        return np.asarray(cv2.resize(image, (self.info.width_px, self.info.height_px)), np.uint8)


def decode_jpeg(data: bytes) -> Image | None:
    """Return the RGB image in a JPEG file; ``None`` if it is damaged or larger than any frame may be."""
    # Not OpenCV, which would make room for whatever size the first bytes claim.
    decoder = av.VideoCodecContext.create("mjpeg", "r")
    decoder.options = {"max_pixels": str(MAX_INPUT_PX)}
    try:
        frames = decoder.decode(av.Packet(data))
        return np.ascontiguousarray(frames[0].to_ndarray(format="rgb24"), np.uint8) if frames else None
    except (av.FFmpegError, ValueError):
        return None
