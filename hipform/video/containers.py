"""The one way to FFmpeg: every file and stream that PyAV opens is opened here, and leads nowhere else."""

from __future__ import annotations

from collections.abc import Mapping
from io import RawIOBase
from pathlib import Path

import av
from av.container import InputContainer, OutputContainer
from av.stream import Stream

MAX_INPUT_PX = 40_000_000
"""Pixels of the largest picture that is decoded."""

# Families that hold everything in one file. Left out are those that lead to other files, devices or the web (hls, dash,
# concat, sdp, numbered pictures) or make a picture of anything (text, subtitles).
_FILE_FORMATS = (
    "mov,mp4,m4a,3gp,3g2,mj2,matroska,webm,avi,mpegts,mpeg,mpegvideo,m4v,h264,hevc,av1,obu,ivf,asf,flv,live_flv,ogg,mxf,"
    "gif,apng,nut,dv,rm,wtv,y4m,yuv4mpegpipe,vob,wav,mp3,flac,aac,aiff"
)
_STREAM_FORMATS = "mpjpeg,mjpeg,jpeg_pipe,mpegts,h264,hevc,matroska,webm,mov,mp4,flv,live_flv,asf"
# A local file may not lead to any other place, and bytes that are handed over not even to a file.
_FILE_ONLY = {"protocol_whitelist": "file"}
_NOTHING = {"protocol_whitelist": "none"}
# Pictures and sound come through the one connection that is open; over UDP, the other side could name further ports.
_RTSP_ONLY = {
    "protocol_whitelist": "rtsp,tcp",
    "format_whitelist": "rtsp",
    "rtsp_transport": "tcp",
    "fflags": "nobuffer",
}
_MAX_PIXELS = {"max_pixels": str(MAX_INPUT_PX)}


def open_clip(path: Path) -> InputContainer:
    """Open a local file for reading, whatever its name looks like.

    Raises
    ------
    av.FFmpegError
        The file cannot be read, or its format is none that holds everything in one file.
    """
    options = {**_FILE_ONLY, **_MAX_PIXELS, "format_whitelist": _FILE_FORMATS}
    return av.open(_file_url(path), "r", options=options, metadata_errors="ignore")


def create_mp4(path: Path, options: Mapping[str, str]) -> OutputContainer:
    """Open a local file for writing an mp4, in place of what it holds.

    Parameters
    ----------
    path
        The file, whatever its name looks like.
    options
        Options of FFmpeg's mp4 writer.

    Raises
    ------
    av.FFmpegError, OSError
        The file cannot be written.
    """
    return av.open(_file_url(path), "w", format="mp4", container_options={**_FILE_ONLY, **options})


def open_bytes(source: RawIOBase, container_format: str | None) -> InputContainer:
    """Open a stream that hipform itself reads from its place; FFmpeg sees its bytes and can open nothing.

    Parameters
    ----------
    source
        Read from its beginning on, by whichever thread reads the container; stays open.
    container_format
        FFmpeg's name of the format; ``None`` finds it out from the bytes.

    Raises
    ------
    av.FFmpegError
        The bytes are no video.
    Exception
        What reading *source* raises.
    """
    options = {**_NOTHING, **_MAX_PIXELS, "format_whitelist": _STREAM_FORMATS, "fflags": "nobuffer"}
    return av.open(source, "r", format=container_format, options=options, metadata_errors="ignore")


def open_rtsp(url: str, open_timeout_s: float, read_timeout_s: float) -> InputContainer:
    """Open an RTSP stream, with everything through the one TCP connection.

    FFmpeg follows redirects: *url* is that of a `hipform.video.rtsp_relay.RtspRelay`, which lets none through.

    Raises
    ------
    av.FFmpegError
        Nothing answers there, or it is no video.
    """
    options = {**_RTSP_ONLY, **_MAX_PIXELS}
    timeouts_s = (open_timeout_s, read_timeout_s)
    return av.open(url, "r", format="rtsp", options=options, timeout=timeouts_s, metadata_errors="ignore")


def has_known_codec(stream: Stream) -> bool:
    """Return whether FFmpeg knows the codec of *stream*."""
    # PyAV declares a codec context for every stream, and gives `None` for those of unknown codecs.
    codec: object = stream.codec_context
    return codec is not None


def _file_url(path: Path) -> str:
    """Return *path* for FFmpeg, which would take a name such as "concat:a" or "http:b" for a protocol.

    An address is used and not a Python file object: PyAV takes a short write to such an object for a whole one, and
    drops an interruption that arrives in one of its methods.
    """
    return f"file:{path.absolute()}"
