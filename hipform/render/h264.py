"""Pictures as a stream of H.264 in an open mp4: size, colours and times, for every video hipform writes."""

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
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, VideoReformatter

from hipform.errors import OutputError
from hipform.files import output_error
from hipform.types import Image
from hipform.video.frames import ClipInfo

_ENCODER: Final = "libx264"
_LEAST_TICKS_PER_S = 10_000
_MOST_TICKS_PER_S = 1_000_000


def require_encoder() -> None:
    """Refuse an installation that cannot encode H.264.

    Raises
    ------
    OutputError
        PyAV was built without libx264.
    """
    if _ENCODER not in av.codecs_available:
        raise OutputError(
            "Cannot write video: this installation of PyAV has no H.264 encoder (libx264).",
            "Install PyAV from its wheels: pip install --force-reinstall av.",
        )


def as_output_error(path: Path, error: Exception) -> OutputError:
    """Return the one clear line for what writing *path* raised."""
    number = getattr(error, "errno", None) or 0
    return output_error(path, OSError(number, getattr(error, "strerror", None) or str(error)))


def fine_time_base(source: Fraction) -> Fraction:
    """Return a unit that holds every multiple of the source's, and other times to a tenth of a millisecond."""
    ticks = source.denominator
    ticks *= max(1, math.ceil(_LEAST_TICKS_PER_S / ticks))
    return Fraction(1, min(ticks, _MOST_TICKS_PER_S))


class PictureStream:
    """The stream of pictures of an mp4 that is being written.

    Pictures with an odd width or height get their last column or row twice, for the codec wants even ones. Colours are
    BT.709, limited range, and tagged so.

    Parameters
    ----------
    container
        The mp4; its header must not be written yet.
    info
        Size of the pictures, nominal frame rate and the source's time base, in which the frame times are kept exactly.
    options
        Quality and speed of the encoder.
    key_frame_every_s
        A key frame is written this often.
    most_threads
        Threads of the encoder at most.

    Attributes
    ----------
    last_pts
        Time of the last picture in units of the stream; ``None`` before the first.
    shift_s
        How much later all times are written: a source that begins before zero, where mp4 would cut it off.
    """

    def __init__(
        self,
        container: OutputContainer,
        info: ClipInfo,
        options: Mapping[str, str],
        key_frame_every_s: float,
        most_threads: int,
    ) -> None:
        self._info = info
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
        codec.thread_count = min(most_threads, os.cpu_count() or 1)
        codec.color_primaries, codec.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        codec.colorspace, codec.color_range = Colorspace.ITU709, ColorRange.MPEG

    def encode(self, image: Image, t_s: float) -> Sequence[av.Packet[av.VideoStream]]:
        """Return the packets that one more picture brings.

        Parameters
        ----------
        image
            RGB picture, shape (height, width, 3), as `ClipInfo` says; not kept.
        t_s
            Its time in the source, strictly increasing.

        Raises
        ------
        ValueError
            The picture has another size, or the time does not increase.
        """
        if image.shape != (self._info.height_px, self._info.width_px, 3):
            raise ValueError(f"picture has shape {image.shape}, clip is {self._info.width_px} x {self._info.height_px}")
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
        return self._reformatter.reformat(
            frame, format="yuv420p", dst_colorspace=Colorspace.ITU709, dst_color_range=ColorRange.MPEG
        )

    def _pts(self, t_s: float) -> int:
        if self.last_pts is None and t_s < 0:
            # mp4 would cut what lies before zero.
            self.shift_s = -Fraction(t_s)
        pts = round((Fraction(t_s) + self.shift_s) / self._time_base)
        if self.last_pts is not None and pts <= self.last_pts:
            raise ValueError(f"frame time {t_s} s does not increase")
        self.last_pts = pts
        return pts


def _even(length_px: int) -> int:
    return length_px + length_px % 2
