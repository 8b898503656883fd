"""Write an annotated clip as an mp4 that phones and browsers play."""

from __future__ import annotations

import contextlib
import math
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import av
from av.container import OutputContainer
from av.stream import Disposition
from av.video.reformatter import Interpolation

from hipform.errors import OutputError
from hipform.files import NewFile
from hipform.render.audio_copy import SoundTrack
from hipform.render.h264 import H264Stream, as_output_error, fine_time_base, require_encoder
from hipform.render.keyframes import encode_jpeg
from hipform.texts import english
from hipform.types import Image
from hipform.video.containers import create_mp4
from hipform.video.frames import ClipInfo

# At 720p with two threads, veryfast makes files a quarter of the size of superfast in about the same time; faster takes
# 40 % more time without any gain.
# The encoder keeps every frame of its lookahead and references in memory: with few of them it needs about 90 MB less at
# 1080p and a third less time, for about the same file size on clips with little motion. The simplest search below whole
# pixels (subme=1) takes a quarter to a third less time for 0.15 dB and at most 5 % of the file size.
_QUALITY = {
    "crf": "20",
    "preset": "veryfast",
    "x264-params": "rc-lookahead=2:sync-lookahead=0:bframes=1:ref=1:subme=1",
}
# Each thread keeps its own frames in memory; two threads keep up with any pose model.
_MAX_THREADS = 2
# What is drawn has thin coloured lines: the mean of four pixels keeps them smooth.
_COLOUR_SAMPLING = Interpolation.AREA
# Frequent key frames let a report jump to a repetition without delay.
_KEY_FRAME_EVERY_S = 2.0


class VideoSink:
    """Context manager that writes frames, with the times and the sound of their source, as H.264 in mp4.

    The file appears under its name only when complete: it is written under a hidden name beside it, renamed on normal
    exit and deleted if the block raises. Memory does not grow with the length of the clip, except for the frame index
    that mp4 needs.

    Parameters
    ----------
    path
        The mp4 to write; an existing file is replaced.
    info
        Frame size, nominal frame rate and time base of the source; frame times are exact in this time base.
    audio_from
        Clip with the sound to copy: AAC and MP3 unchanged, anything else converted to AAC. ``None`` for silence.
    cover_s
        Time of the frame used as the cover image in file lists; ``None`` for no cover.
    """

    def __init__(
        self, path: Path, info: ClipInfo, audio_from: Path | None = None, cover_s: float | None = None
    ) -> None:
        self._path = path
        self._info = info
        self._audio_from = audio_from
        self._cover_s = cover_s
        self._notes: list[str] = []
        self._sound: SoundTrack | None = None

    @property
    def notes(self) -> tuple[str, ...]:
        """Sentences about sound that was converted or lost."""
        return tuple(self._notes)

    def __enter__(self) -> Self:
        """Open the file.

        Raises
        ------
        OutputError
            If the folder is missing or not writable, or this installation cannot encode H.264.
        """
        require_encoder()
        self._new = NewFile(self._path)
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
                raise as_output_error(self._path, error) from error
            # The muxer may have rejected the header of the sound: continue without sound.
            self._notes = [english("The annotated video has no sound: mp4 does not support this one.")]
            self._audio_from = None
            self._sound.close()
            self._sound = None
            self._open()

    def _start(self) -> None:
        # mp4 stores a late start in the time scale of the movie, which is milliseconds unless set.
        timescale = fine_time_base(self._info.time_base).denominator
        options = {"movflags": "+faststart", "movie_timescale": str(timescale)}
        self._container: OutputContainer = create_mp4(self._new.temporary, options)
        self._stream = H264Stream(
            self._container, self._info, _QUALITY, _KEY_FRAME_EVERY_S, _MAX_THREADS, _COLOUR_SAMPLING
        )
        if self._audio_from is not None:
            self._sound = SoundTrack(self._audio_from, self._container, self._notes.append)
        if self._cover_s is not None:
            self._cover = self._container.add_stream("mjpeg", rate=1)
            self._cover.width, self._cover.height = self._info.width_px, self._info.height_px
            self._cover.pix_fmt = "yuvj420p"
            self._cover.disposition = Disposition.attached_pic

    def write(self, image: Image, t_s: float) -> None:
        """Write one frame.

        Parameters
        ----------
        image
            RGB image, shape (height, width, 3), of the size in `ClipInfo`; not kept.
        t_s
            Time in the source, strictly increasing.

        Raises
        ------
        OutputError
            If the disk is full or disconnected.
        ValueError
            If the frame has a different size, or the time does not increase.
        """
        is_first = self._stream.last_pts is None
        with self._disk_errors():
            packets = self._stream.encode(image, t_s)
            if is_first and self._sound is not None:
                self._sound.shift(self._stream.shift_s)
            self._container.mux(packets)
            if t_s == self._cover_s:
                self._write_cover(image)
            if self._sound is not None:
                self._sound.write_until(t_s)

    def _write_cover(self, image: Image) -> None:
        packet = av.Packet(encode_jpeg(image))
        packet.stream = self._cover
        packet.pts = packet.dts = 0
        self._container.mux(packet)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Finish and rename the file, or delete it if the block raised.

        Raises
        ------
        OutputError
            If the file could not be finished, or no frame was written.
        """
        try:
            if kind is None:
                self._finish()
        finally:
            self._discard()

    def _finish(self) -> None:
        if self._stream.last_pts is None:
            raise OutputError(f"Cannot write {self._path}: there were no frames to write.")
        with self._disk_errors():
            self._container.mux(self._stream.flush())
            if self._sound is not None:
                self._sound.write_until(math.inf)
            self._container.close()
            self._new.publish()

    def _discard(self) -> None:
        """Close everything and delete the file unless it was renamed.

        The file is deleted first: otherwise closing moves its index to the front, which takes long for a large file.
        """
        self._new.discard()
        if self._sound is not None:
            self._sound.close()
        if hasattr(self, "_container"):
            with contextlib.suppress(av.FFmpegError, OSError, ValueError):
                self._container.close()

    @contextlib.contextmanager
    def _disk_errors(self) -> Iterator[None]:
        try:
            yield
        except (av.FFmpegError, OSError) as error:
            raise as_output_error(self._path, error) from error
