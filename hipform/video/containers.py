"""The only access to FFmpeg: PyAV opens every file and stream here, and none of them can lead to another resource."""

from __future__ import annotations

from collections.abc import Mapping
from io import RawIOBase
from pathlib import Path

import av
from av.container import InputContainer, OutputContainer
from av.stream import Stream

MAX_INPUT_PX = 40_000_000
"""Pixels of the largest frame that is decoded."""

# Formats that hold everything in one file. Excluded are formats that refer to other files, devices or the web (hls,
# dash, concat, sdp, numbered images) or turn arbitrary data into images (text, subtitles).
_FILE_FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,m4v,h264,hevc,av1,obu,ivf,asf,flv,live_flv,ogg,mxf,"
    "gif,apng,nut,dv,rm,wtv,y4m,yuv4mpegpipe,vob,wav,mp3,flac,aac,aiff"
)
_STREAM_FORMATS = "mpjpeg,mjpeg,jpeg_pipe,mpegts,h264,hevc,matroska,webm,mov,mp4,flv,live_flv,asf"
# A local file may only refer to files, and bytes that hipform passes on may refer to nothing.
_FILE_ONLY = {"protocol_whitelist": "file"}
_NOTHING = {"protocol_whitelist": "none"}
# Video and sound use the one open connection; over UDP, the other side could name further ports.
_RTSP_ONLY = {
    "protocol_whitelist": "rtsp,tcp",
    "format_whitelist": "rtsp",
    "rtsp_transport": "tcp",
    "fflags": "nobuffer",
}
_MAX_PIXELS = {"max_pixels": str(MAX_INPUT_PX)}


def open_clip(path: Path) -> InputContainer:
    """Open a local file for reading, whatever its name.

    Raises
    ------
    av.FFmpegError
        If the file cannot be read, or its format is not one that holds everything in one file.
    """
    options = {**_FILE_ONLY, **_MAX_PIXELS, "format_whitelist": _FILE_FORMATS}
    return av.open(_file_url(path), "r", options=options, metadata_errors="ignore")


def create_mp4(path: Path, options: Mapping[str, str]) -> OutputContainer:
    """Open a local file for writing an mp4; its content is replaced.

    Parameters
    ----------
    path
        The file, whatever its name.
    options
        Options of FFmpeg's mp4 writer.

    Raises
    ------
    av.FFmpegError, OSError
        If the file cannot be written.
    """
    return av.open(_file_url(path), "w", format="mp4", container_options={**_FILE_ONLY, **options})


def open_bytes(source: RawIOBase, container_format: str | None) -> InputContainer:
    """Open a stream that hipform reads itself; FFmpeg receives its bytes and cannot open anything.

    Parameters
    ----------
    source
        Read from its start, by the thread that reads the container; it stays open.
    container_format
        FFmpeg's name of the format; ``None`` detects it from the bytes.

    Raises
    ------
    av.FFmpegError
        If the bytes are not a video.
    Exception
        Any error that reading *source* raises.
    """
    options = {**_NOTHING, **_MAX_PIXELS, "format_whitelist": _STREAM_FORMATS, "fflags": "nobuffer"}
    return av.open(source, "r", format=container_format, options=options, metadata_errors="ignore")


def open_rtsp(url: str, open_timeout_s: float, read_timeout_s: float) -> InputContainer:
    """Open an RTSP stream over a single TCP connection.

    FFmpeg follows redirects, so *url* must be that of a `hipform.video.rtsp_relay.RtspRelay`, which blocks them.

    Raises
    ------
    av.FFmpegError
        If nothing answers at the address, or the stream is not a video.
    """
    options = {**_RTSP_ONLY, **_MAX_PIXELS}
    timeouts_s = (open_timeout_s, read_timeout_s)
    return av.open(url, "r", format="rtsp", options=options, timeout=timeouts_s, metadata_errors="ignore")


def has_known_codec(stream: Stream) -> bool:
    """Return whether FFmpeg knows the codec of *stream*."""
    # PyAV declares a codec context for every stream, but returns `None` for unknown codecs.
    codec: object = stream.codec_context
    return codec is not None


def _file_url(path: Path) -> str:
    """Return *path* as a URL, because FFmpeg would interpret a name such as "concat:a" or "http:b" as a protocol.

    A Python file object is not used, because PyAV mistakes a short write to it for a complete one, and loses an
    interruption that arrives in one of its methods.
    """
    return f"file:{path.absolute()}"
