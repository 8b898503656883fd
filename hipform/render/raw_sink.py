"""The recording of what the camera gave: playable at every moment, whatever happens to the program."""

from __future__ import annotations

import contextlib
import os
from datetime import UTC, datetime
from pathlib import Path
from types import TracebackType
from typing import Self

import av
from av.container import OutputContainer

from hipform.errors import OutputError
from hipform.files import output_error
from hipform.folder_handle import FolderHandle
from hipform.render.h264 import PictureStream, as_output_error, fine_time_base, require_encoder
from hipform.types import Image
from hipform.video.containers import create_mp4
from hipform.video.frames import ClipInfo

# As quick as x264 gets, and no frame held back: pose model and window need the processor more. Fine enough that the
# pose model finds the same in the recording as in the camera's own picture.
_QUALITY = {"crf": "18", "preset": "ultrafast", "tune": "zerolatency"}
_MOST_THREADS = 1
_KEY_FRAME_EVERY_S = 1.0
"""What a crash can cost: the file is whole up to the last key frame."""


class RawSink:
    """Context manager that records pictures, with the times of their capture, as H.264 in mp4.

    The file has its final name from the beginning and is written in fragments, so that a program or computer that dies
    leaves everything up to the last second; on leaving the block, also by an exception, it becomes an ordinary mp4.
    A recording without a picture is removed.

    Parameters
    ----------
    path
        The mp4 to write; nothing may be there yet.
    info
        Size of the pictures, nominal frame rate and the unit of the times, which are kept exactly.

    Attributes
    ----------
    frames
        Pictures recorded so far.
    bytes
        Size of what was encoded so far.
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
            The folder is missing or closed to writing, there is a file of that name, or this installation cannot encode
            H.264.
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
            self._stream = PictureStream(self._container, self._info, _QUALITY, _KEY_FRAME_EVERY_S, _MOST_THREADS)
            self._container.start_encoding()
        except (av.FFmpegError, OSError) as error:
            self._remove()
            raise as_output_error(self._path, error) from error
        return self

    def write(self, image: Image, t_s: float) -> None:
        """Record one picture.

        Parameters
        ----------
        image
            RGB picture, shape (height, width, 3), as `ClipInfo` says; not kept.
        t_s
            Time of its capture, 0 or later, strictly increasing.

        Raises
        ------
        OutputError
            The disk is full or gone.
        ValueError
            The picture has another size, or the time does not increase.
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
        """Make an ordinary mp4 of it.

        Raises
        ------
        OutputError
            The disk is full or gone; what is there can be played all the same. Not when the block raised.
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
        """Remove what holds no picture; a failure to do so must not hide the error that led here."""
        with contextlib.suppress(OSError):
            self._path.unlink()


def _claim(path: Path) -> None:
    """Make an empty file of that name: footage is never replaced, and no link that appears meanwhile is followed."""
    try:
        with FolderHandle(path.parent) as folder:
            os.close(folder.create(path.name))
    except FileExistsError as error:
        raise OutputError(f"{path} is a recording already.", "Choose another folder with --out.") from error
    except OSError as error:
        raise output_error(path, error) from error
