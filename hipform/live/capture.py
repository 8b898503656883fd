"""Capture: read the camera in a thread of its own."""

from __future__ import annotations

import math
import threading
import time

from hipform.errors import CameraError
from hipform.stages import Newest
from hipform.video.camera import Camera
from hipform.video.frames import Frame

SILENT_S = 10.0
"""A camera that delivers no frame for this long counts as disconnected, whatever it reports."""


class Capture:
    """Read frames from a camera; the newest frame replaces one that is still waiting.

    Frames may be dropped this way, but time stays true: each frame carries the time of its capture.

    Parameters
    ----------
    camera
        Open camera.

    Attributes
    ----------
    camera
        As given.
    frames
        The captured frames; iterating raises the camera's error after the last frame.
    dropped
        Number of frames dropped to keep up since `count_afresh`, here or by the camera's sender.
    """

    def __init__(self, camera: Camera) -> None:
        self.camera = camera
        self.frames: Newest[Frame] = Newest()
        self._arrived_s = math.inf
        self._n_before = 0

    @property
    def dropped(self) -> int:
        """See above."""
        return self.frames.dropped + self.camera.n_unsent - self._n_before

    def count_afresh(self) -> None:
        """Forget the frames that were dropped so far."""
        self._n_before += self.dropped

    def start(self) -> None:
        """Start the thread."""
        threading.Thread(target=self._run, name="hipform-capture", daemon=True).start()

    def _run(self) -> None:
        error: BaseException | None = None
        try:
            for frame in self.camera:
                self._arrived_s = time.monotonic()
                self.frames.put(frame)
                if self.camera.is_paced:
                    # It cannot send another one meanwhile.
                    self._arrived_s = math.inf
                    self.frames.wait_until_taken()
                    self._arrived_s = time.monotonic()
        except BaseException as raised:  # noqa: BLE001 - passed on, whatever it is, to the thread that takes the frames
            error = raised
        self.frames.close(error)

    def check_is_alive(self) -> None:
        """End the frames with a `CameraError` when the camera has been silent for `SILENT_S`."""
        if time.monotonic() - self._arrived_s > SILENT_S and not self.camera.waits:
            self.frames.close(CameraError("{file} stopped sending frames.", file=self.camera.info.name))
            self._arrived_s = math.inf

    def close(self) -> None:
        """End the frames and close the camera."""
        self.frames.close()
        self.camera.close()
