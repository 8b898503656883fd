"""Writing an annotated clip as an mp4 that phones and browsers play."""

from __future__ import annotations

import contextlib
import logging
import math
import os
from collections.abc import Iterator
from fractions import Fraction
from pathlib import Path
from types import TracebackType
from typing import Final, Self

import av
import cv2
import numpy as np
from av.container import OutputContainer
from av.video.reformatter import ColorPrimaries, ColorRange, Colorspace, ColorTrc, VideoReformatter

from hipform.errors import OutputError
from hipform.files import create_beside, output_error, remove
from hipform.render.sound import SoundTrack
from hipform.types import ClipInfo, Image

_log = logging.getLogger(__name__)

_ENCODER: Final = "libx264"
# At 720p with two threads veryfast makes files a quarter of superfast's size in about the same time; faster costs 40 %
# more time for nothing.
# The encoder holds every frame it looks ahead to or back at: with few of them it takes some 90 MB less at 1080p and a
# third less time, for about the same size on footage that hardly moves.
_QUALITY = {"crf": "20", "preset": "veryfast", "x264-params": "rc-lookahead=2:sync-lookahead=0:bframes=1:ref=1"}
# Each thread holds frames of its own; two keep up with any pose model.
_MOST_THREADS = 2
# A key frame this often lets a report jump to a repetition without a wait.
_KEY_FRAME_EVERY_S = 2.0
_LEAST_TICKS_PER_S = 10_000
_MOST_TICKS_PER_S = 1_000_000


class VideoSink:
    """Context manager that writes pictures, with the times and the sound of their source, as H.264 in mp4.

    The file appears under its name only when it is whole: it is written beside it under a hidden name, which is renamed
    on normal exit and deleted when the block ends with any exception. Memory does not grow with the clip's length apart
    from the index of frames that mp4 needs.

    Pictures with an odd width or height get their last column or row twice, for the codec wants even ones. Colours are
    BT.709, limited range, and tagged so.

    Parameters
    ----------
    path
        The mp4 to write; an existing file is replaced.
    info
        Size of the pictures, nominal frame rate and the source's time base, in which the frame times are kept exactly.
    audio_from
        Clip whose sound is kept: AAC and MP3 as they are, anything else converted to AAC. None for silence.
    """

    def __init__(self, path: Path, info: ClipInfo, audio_from: Path | None = None) -> None:
        self._path = path
        self._info = info
        self._audio_from = audio_from
        self._notes: list[str] = []
        self._reformatter = VideoReformatter()
        self._time_base = _time_base(info.time_base)
        self._shift_s = Fraction(0)
        self._last_pts: int | None = None
        self._sound: SoundTrack | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """Plain sentences about sound that was converted or lost."""
        return tuple(self._notes)

    def __enter__(self) -> Self:
        """Open the file.

        Raises
        ------
        OutputError
            The folder is missing or closed to writing, or this installation cannot encode H.264.
        """
        if _ENCODER not in av.codecs_available:
            raise OutputError(
                "Cannot write video: this installation of PyAV has no H.264 encoder (libx264).",
                "Install PyAV from its wheels: pip install --force-reinstall av.",
            )
        self._temporary = create_beside(self._path)
        try:
            self._open()
        except BaseException:
            self._discard()
            raise
        return self

    def _open(self) -> None:
        self._start()
        try:
            self._container.start_encoding()
        except (av.FFmpegError, ValueError) as error:
            if self._sound is None:
                raise _as_output_error(self._path, error) from error
            # The sound's own header can be what the muxer refuses: the picture goes on without it.
            self._notes = ["The sound could not be kept: it does not fit into mp4."]
            self._audio_from = None
            self._sound.close()
            self._sound = None
            self._open()

    def _start(self) -> None:
        # mp4 states a late start in the movie's own unit, milliseconds unless told otherwise.
        options = {"movflags": "+faststart", "movie_timescale": str(self._time_base.denominator)}
        self._container: OutputContainer = av.open(str(self._temporary), "w", format="mp4", container_options=options)
        fps = self._info.fps if 0 < self._info.fps < 1000 else 30.0
        key_frames = str(max(1, round(_KEY_FRAME_EVERY_S * fps)))
        rate = Fraction(fps).limit_denominator(1001)
        self._stream = self._container.add_stream(_ENCODER, rate=rate, options={**_QUALITY, "g": key_frames})
        codec = self._stream.codec_context
        codec.width, codec.height = _even(self._info.width_px), _even(self._info.height_px)
        codec.pix_fmt = "yuv420p"
        codec.time_base = self._time_base
        self._stream.time_base = self._time_base
        codec.thread_count = min(_MOST_THREADS, os.cpu_count() or 1)
        codec.color_primaries, codec.color_trc = ColorPrimaries.BT709, ColorTrc.BT709
        codec.colorspace, codec.color_range = Colorspace.ITU709, ColorRange.MPEG
        if self._audio_from is not None:
            self._sound = SoundTrack(self._audio_from, self._container, self._notes.append)

    def write(self, image: Image, t_s: float) -> None:
        """Write one picture.

        Parameters
        ----------
        image
            RGB picture, shape (height, width, 3), as `ClipInfo` says; not kept.
        t_s
            Its time in the source, strictly increasing.

        Raises
        ------
        OutputError
            The disk is full or gone.
        ValueError
            The picture has another size, or the time does not increase.
        """
        if image.shape != (self._info.height_px, self._info.width_px, 3):
            raise ValueError(f"picture has shape {image.shape}, clip is {self._info.width_px} x {self._info.height_px}")
        with self._disk_errors():
            frame = self._converted(image)
            frame.pts, frame.time_base = self._pts(t_s), self._time_base
            self._container.mux(self._stream.encode(frame))
            if self._sound is not None:
                self._sound.write_until(t_s)

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
        if self._last_pts is None and t_s < 0:
            # mp4 would cut what lies before zero.
            self._shift_s = -Fraction(t_s)
            if self._sound is not None:
                self._sound.shift(self._shift_s)
        pts = round((Fraction(t_s) + self._shift_s) / self._time_base)
        if self._last_pts is not None and pts <= self._last_pts:
            raise ValueError(f"frame time {t_s} s does not increase")
        self._last_pts = pts
        return pts

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish and rename the file, or delete it when the block raised.

        Raises
        ------
        OutputError
            The file could not be finished, or no picture was written.
        """
        try:
            if kind is None:
                self._finish()
        finally:
            self._discard()

    def _finish(self) -> None:
        if self._last_pts is None:
            raise OutputError(f"Cannot write {self._path}: there was no picture to write.")
        with self._disk_errors():
            self._container.mux(self._stream.encode(None))
            if self._sound is not None:
                self._sound.write_until(math.inf)
            self._container.close()
            self._temporary.replace(self._path)
        for note in self._notes:
            _log.warning("%s", note)

    def _discard(self) -> None:
        """Close everything and delete what was not renamed.

        The name goes first: closing then has nothing to move the index in front of, which takes long in a large file.
        """
        remove(self._temporary)
        if self._sound is not None:
            self._sound.close()
        if hasattr(self, "_container"):
            with contextlib.suppress(av.FFmpegError, OSError, ValueError):
                self._container.close()
        remove(self._temporary)

    @contextlib.contextmanager
    def _disk_errors(self) -> Iterator[None]:
        try:
            yield
        except (av.FFmpegError, OSError) as error:
            raise _as_output_error(self._path, error) from error


def _as_output_error(path: Path, error: Exception) -> OutputError:
    number = getattr(error, "errno", None) or 0
    return output_error(path, OSError(number, getattr(error, "strerror", None) or str(error)))


def _even(length_px: int) -> int:
    return length_px + length_px % 2


def _time_base(source: Fraction) -> Fraction:
    """Return a unit that holds every multiple of the source's, and other times to a tenth of a millisecond."""
    ticks = source.denominator
    ticks *= max(1, math.ceil(_LEAST_TICKS_PER_S / ticks))
    return Fraction(1, min(ticks, _MOST_TICKS_PER_S))
