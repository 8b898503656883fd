"""Writing an annotated clip as an mp4 that phones and browsers play."""

from __future__ import annotations

import contextlib
import logging
import math
from collections.abc import Iterator
from pathlib import Path
from types import TracebackType
from typing import Self

import av
from av.container import OutputContainer
from av.stream import Disposition

from hipform.errors import OutputError
from hipform.files import NewFile
from hipform.render.audio_copy import SoundTrack
from hipform.render.h264 import PictureStream, as_output_error, fine_time_base, require_encoder
from hipform.render.keyframes import encode_jpeg
from hipform.types import Image
from hipform.video.containers import create_mp4
from hipform.video.frames import ClipInfo

_log = logging.getLogger(__name__)

# At 720p with two threads veryfast makes files a quarter of superfast's size in about the same time; faster costs 40 %
# more time for nothing.
# The encoder holds every frame it looks ahead to or back at: with few of them it takes some 90 MB less at 1080p and a
# third less time, for about the same size on footage that hardly moves.
_QUALITY = {"crf": "20", "preset": "veryfast", "x264-params": "rc-lookahead=2:sync-lookahead=0:bframes=1:ref=1"}
# Each thread holds frames of its own; two keep up with any pose model.
_MOST_THREADS = 2
# A key frame this often lets a report jump to a repetition without a wait.
_KEY_FRAME_EVERY_S = 2.0


class VideoSink:
    """Context manager that writes pictures, with the times and the sound of their source, as H.264 in mp4.

    The file appears under its name only when it is whole: it is written beside it under a hidden name, which is renamed
    on normal exit and deleted when the block ends with any exception. Memory does not grow with the clip's length apart
    from the index of frames that mp4 needs.

    Parameters
    ----------
    path
        The mp4 to write; an existing file is replaced.
    info
        Size of the pictures, nominal frame rate and the source's time base, in which the frame times are kept exactly.
    audio_from
        Clip whose sound is kept: AAC and MP3 as they are, anything else converted to AAC. None for silence.
    cover_s
        Time of the picture that stands for the video where files are listed. None for none.
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
        """Plain sentences about sound that was converted or lost."""
        return tuple(self._notes)

    def __enter__(self) -> Self:
        """Open the file.

        Raises
        ------
        OutputError
            The folder is missing or closed to writing, or this installation cannot encode H.264.
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
            # The sound's own header can be what the muxer refuses: the picture goes on without it.
            self._notes = ["The sound could not be kept: it does not fit into mp4."]
            self._audio_from = None
            self._sound.close()
            self._sound = None
            self._open()

    def _start(self) -> None:
        # mp4 states a late start in the movie's own unit, milliseconds unless told otherwise.
        timescale = fine_time_base(self._info.time_base).denominator
        options = {"movflags": "+faststart", "movie_timescale": str(timescale)}
        self._container: OutputContainer = create_mp4(self._new.temporary, options)
        self._stream = PictureStream(self._container, self._info, _QUALITY, _KEY_FRAME_EVERY_S, _MOST_THREADS)
        if self._audio_from is not None:
            self._sound = SoundTrack(self._audio_from, self._container, self._notes.append)
        if self._cover_s is not None:
            self._cover = self._container.add_stream("mjpeg", rate=1)
            self._cover.width, self._cover.height = self._info.width_px, self._info.height_px
            self._cover.pix_fmt = "yuvj420p"
            self._cover.disposition = Disposition.attached_pic

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
        if self._stream.last_pts is None:
            raise OutputError(f"Cannot write {self._path}: there was no picture to write.")
        with self._disk_errors():
            self._container.mux(self._stream.flush())
            if self._sound is not None:
                self._sound.write_until(math.inf)
            self._container.close()
            self._new.publish()
        for note in self._notes:
            _log.warning("%s", note)

    def _discard(self) -> None:
        """Close everything and delete what was not renamed.

        The name goes first: closing then has nothing to move the index in front of, which takes long in a large file.
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
