"""H.264 video stream in an open mp4, for every video hipform writes: size, colours and times."""

from __future__ import annotations

import math
import os
from collections.abc import Mapping, Sequence
from fractions import Fraction
from pathlib import Path
from typing import Final

import av
import cv2
import numpy as np
from av.container import OutputContainer
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, Interpolation, VideoReformatter

from hipform.errors import OutputError
from hipform.files import output_error
from hipform.types import Image
from hipform.video.frames import ClipInfo

_ENCODER: Final = "libx264"
_MIN_TICKS_PER_S = 10_000
_MAX_TICKS_PER_S = 1_000_000


def require_encoder() -> None:
    """Raise an error if this installation cannot encode H.264.

    Raises
    ------
    OutputError
        If PyAV was built without libx264.
    """
    if _ENCODER not in av.codecs_available:
        raise OutputError(
            "Cannot write video: this installation of PyAV has no H.264 encoder (libx264).",
            "Install PyAV from its wheels: pip install --force-reinstall av.",
        )


def as_output_error(path: Path, error: Exception) -> OutputError:
    """Return *error*, raised while writing *path*, as an error for the user."""
    number = getattr(error, "errno", None) or 0
    return output_error(path, OSError(number, getattr(error, "strerror", None) or str(error)))


def fine_time_base(source: Fraction) -> Fraction:
    """Return a time base that represents every tick of *source* exactly, and other times to 0.1 ms."""
    ticks = source.denominator
    ticks *= max(1, math.ceil(_MIN_TICKS_PER_S / ticks))
    return Fraction(1, min(ticks, _MAX_TICKS_PER_S))


class H264Stream:
    """The video stream of an mp4 that is being written.

    The codec needs an even width and height: the last column or row of odd frames is repeated. Colours are BT.709,
    limited range, and tagged as such.

    Parameters
    ----------
    container
        The mp4; its header must not be written yet.
    info
        Frame size, nominal frame rate and time base of the source; frame times are exact in this time base.
    options
        Quality and speed of the encoder.
    key_frame_every_s
        Interval between key frames, seconds.
    max_threads
        Maximum number of encoder threads.
    colour_sampling
        How the one colour of each square of four pixels is found.

    Attributes
    ----------
    last_pts
        Time of the last frame in units of the stream; ``None`` before the first.
    shift_s
        Delay of all times, so that mp4 does not cut off a source that starts before zero.
    """

    def __init__(
        self,
        container: OutputContainer,
        info: ClipInfo,
        options: Mapping[str, str],
        key_frame_every_s: float,
        max_threads: int,
        colour_sampling: Interpolation,
    ) -> None:
        self._info = info
        self._colour_sampling = colour_sampling
        self._reformatter = VideoReformatter()
        self._time_base = fine_time_base(info.time_base)
        self.shift_s = Fraction(0)
        self.last_pts: int | None = None
        fps = info.fps if 0 < info.fps < 1000 else 30.0
        key_frames = str(max(1, round(key_frame_every_s * fps)))
        rate = Fraction(fps).limit_denominator(1001)
        self._stream = container.add_stream(_ENCODER, rate=rate, options={**options, "g": key_frames})
        codec = self._stream.codec_context
        codec.width, codec.height = _even(info.width_px), _even(info.height_px)
        codec.pix_fmt = "yuv420p"
        codec.time_base = self._time_base
        self._stream.time_base = self._time_base
        codec.thread_count = min(max_threads, os.cpu_count() or 1)
        codec.color_primaries, codec.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        codec.colorspace, codec.color_range = Colorspace.ITU709, ColorRange.MPEG

    def encode(self, image: Image, t_s: float) -> Sequence[av.Packet[av.VideoStream]]:
        """Encode one frame and return the finished packets.

        Parameters
        ----------
        image
            RGB image, shape (height, width, 3), of the size in `ClipInfo`; not kept.
        t_s
            Time in the source, strictly increasing.

        Raises
        ------
        ValueError
            If the frame has a different size, or the time does not increase.
        """
        if image.shape != (self._info.height_px, self._info.width_px, 3):
            raise ValueError(
                f"the frame has shape {image.shape}, the clip is {self._info.width_px} x {self._info.height_px}"
            )
        frame = self._converted(image)
        frame.pts, frame.time_base = self._pts(t_s), self._time_base
        return self._stream.encode(frame)

    def flush(self) -> Sequence[av.Packet[av.VideoStream]]:
        """Return the packets that the encoder still holds."""
        return self._stream.encode(None)

    def _converted(self, image: Image) -> av.VideoFrame:
        height, width = image.shape[:2]
        if width % 2 or height % 2:
            padded = cv2.copyMakeBorder(image, 0, height % 2, 0, width % 2, cv2.BORDER_REPLICATE)
            image = np.asarray(padded, np.uint8)
        frame = av.VideoFrame.from_numpy_buffer(np.ascontiguousarray(image), format="rgb24")
        # More threads take more processor time, which encoder and pose model need.
        return self._reformatter.reformat(
            frame,
            format="yuv420p",
            dst_colorspace=Colorspace.ITU709,
            dst_color_range=ColorRange.MPEG,
            interpolation=self._colour_sampling,
            threads=1,
        )

    def _pts(self, t_s: float) -> int:
        if self.last_pts is None and t_s < 0:
            # mp4 would cut off frames before zero.
            self.shift_s = -Fraction(t_s)
        pts = round((Fraction(t_s) + self.shift_s) / self._time_base)
        if self.last_pts is not None and pts <= self.last_pts:
            raise ValueError(f"frame time {t_s} s does not increase")
        self.last_pts = pts
        return pts


def _even(length_px: int) -> int:
    return length_px + length_px % 2
