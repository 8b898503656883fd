"""Record the camera's video, playable at any moment, even after a crash."""

from __future__ import annotations

import contextlib
import os
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import av
from av.container import OutputContainer
from av.video.reformatter import Interpolation

from hipform.errors import OutputError
from hipform.files import output_error
from hipform.folder_handle import FolderHandle
from hipform.render.h264 import H264Stream, as_output_error, fine_time_base, require_encoder
from hipform.types import Image
from hipform.video.containers import create_mp4
from hipform.video.frames import ClipInfo

# The fastest preset of x264, with no frame held back, leaves the processor to pose model and window. The quality is
# high enough that the pose model finds the same landmarks in the recording as in the camera's frames.
_QUALITY = {"crf": "18", "preset": "ultrafast", "tune": "zerolatency"}
_MAX_THREADS = 1
# Four pixels of a camera's frame share one colour already. To take one of them saves a third of the conversion, and
# comes 1 dB closer to the frame than a mean with other neighbours.
_COLOUR_SAMPLING = Interpolation.POINT
_KEY_FRAME_EVERY_S = 1.0
"""Largest loss in a crash: the file is complete up to the last key frame."""


class RawSink:
    """Context manager that records frames with their capture times, as H.264 in mp4.

    The file has its final name from the start and is written in fragments, so that a crash loses at most the last
    second. On leaving the block, also by an exception, it becomes an ordinary mp4. An empty recording is deleted.

    Parameters
    ----------
    path
        The mp4 to write; it must not exist yet.
    info
        Frame size, nominal frame rate and time base; frame times are exact in this time base.

    Attributes
    ----------
    frames
        Number of frames recorded so far.
    bytes
        Encoded size so far.
    """

    def __init__(self, path: Path, info: ClipInfo) -> None:
        self._path = path
        self._info = info
        self.frames = 0
        self.bytes = 0

    def __enter__(self) -> Self:
        """Open the file.

        Raises
        ------
        OutputError
            If the folder is missing or not writable, the file exists, or this installation cannot encode H.264.
        """
        require_encoder()
        _claim(self._path)
        timescale = fine_time_base(self._info.time_base).denominator
        options = {
            "movflags": "+frag_keyframe+delay_moov+default_base_moof+hybrid_fragmented",
            "movie_timescale": str(timescale),
            "flush_packets": "1",
        }
        try:
            self._container: OutputContainer = create_mp4(self._path, options)
            self._container.metadata["creation_time"] = datetime.now(UTC).isoformat(timespec="seconds")
            self._stream = H264Stream(
                self._container, self._info, _QUALITY, _KEY_FRAME_EVERY_S, _MAX_THREADS, _COLOUR_SAMPLING
            )
            self._container.start_encoding()
        except (av.FFmpegError, OSError) as error:
            self._remove()
            raise as_output_error(self._path, error) from error
        return self

    def write(self, image: Image, t_s: float) -> None:
        """Record one frame.

        Parameters
        ----------
        image
            RGB image, shape (height, width, 3), of the size in `ClipInfo`; not kept.
        t_s
            Capture time, 0 or later, strictly increasing.

        Raises
        ------
        OutputError
            If the disk is full or disconnected.
        ValueError
            If the frame has a different size, or the time does not increase.
        """
        try:
            packets = self._stream.encode(image, t_s)
            self._container.mux(packets)
        except (av.FFmpegError, OSError) as error:
            raise as_output_error(self._path, error) from error
        self.frames += 1
        self.bytes += sum(packet.size for packet in packets)

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        """Turn the file into an ordinary mp4.

        Raises
        ------
        OutputError
            If the disk is full or disconnected, unless the block raised; the file is still playable.
        """
        try:
            if self.frames:
                self._container.mux(self._stream.flush())
            self._container.close()
        except (av.FFmpegError, OSError) as failure:
            if kind is None:
                raise as_output_error(self._path, failure) from failure
        finally:
            if not self.frames:
                self._remove()

    def _remove(self) -> None:
        """Delete an empty recording; a failure must not hide the error that led here."""
        with contextlib.suppress(OSError):
            self._path.unlink()


def _claim(path: Path) -> None:
    """Create the empty file: an existing recording is never replaced, and no link is followed."""
    try:
        with FolderHandle(path.parent) as folder:
            os.close(folder.create(path.name))
    except FileExistsError as error:
        raise OutputError(f"The recording {path} already exists.", "Choose another folder with --out.") from error
    except OSError as error:
        raise output_error(path, error) from error
