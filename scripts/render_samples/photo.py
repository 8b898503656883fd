"""Camera effects: motion blur, noise, mirroring, compression."""

from __future__ import annotations

from fractions import Fraction
from pathlib import Path
from types import TracebackType

import av
import numpy as np
from numpy.typing import NDArray

from scripts.render_samples.geometry import Array
from scripts.render_samples.spec import PhotoSpec

Image = NDArray[np.uint8]


def shutter_times_s(time_s: float, fps: float, photo: PhotoSpec) -> list[float]:
    """Return the moments that are averaged into one frame, the frame's own time first."""
    open_s = photo.shutter_share / fps
    return [time_s + open_s * i / max(photo.blur_samples - 1, 1) for i in range(photo.blur_samples)]


def exposed(images: list[Image]) -> Array:
    """Average the images drawn while the shutter is open."""
    return np.asarray(np.mean(np.stack(images).astype(np.float64), axis=0))


def finished(picture: Array, photo: PhotoSpec, rng: np.random.Generator, *, mirrored: bool) -> Image:
    """Add sensor noise (mostly brightness, a little colour) and flip where wanted."""
    height, width, _ = picture.shape
    grain = rng.normal(0.0, photo.noise, (height, width, 1)) + rng.normal(0.0, 0.5 * photo.noise, picture.shape)
    image = np.clip(picture + grain, 0.0, 255.0).astype(np.uint8)
    return np.ascontiguousarray(image[:, ::-1]) if mirrored else image


class VideoWriter:
    """Writes an H.264 file that plays everywhere; use as a context manager."""

    def __init__(self, path: Path, width_px: int, height_px: int, fps: float, crf: int) -> None:
        self._container = av.open(str(path), mode="w", format="mp4", options={"movflags": "+faststart"})
        # The same frames shall give the same bytes: one thread, and without the macroblock tree, whose result
        # was seen to vary from run to run beside a software renderer.
        options = {"crf": str(crf), "preset": "medium", "threads": "1", "x264-params": "mbtree=0"}
        self._stream = self._container.add_stream("libx264", rate=Fraction(fps), options=options)
        self._stream.width, self._stream.height = width_px, height_px
        self._stream.pix_fmt = "yuv420p"

    def __enter__(self) -> VideoWriter:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        if kind is None:
            self._container.mux(self._stream.encode())
        self._container.close()

    def write(self, image: Image) -> None:
        """Append one frame, (height, width, 3) RGB."""
        self._container.mux(self._stream.encode(av.VideoFrame.from_ndarray(image, format="rgb24")))
