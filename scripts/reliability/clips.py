"""Clips with one peculiarity each, made from a sample."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from fractions import Fraction
from itertools import chain
from pathlib import Path
from typing import Any

import av
import numpy as np
from av.video.reformatter import ColorRange, Colorspace

from hipform.types import Image
from scripts.paths import SAMPLES

SAMPLE = SAMPLES / "hip_thrust_short.mp4"
FPS = 30
TS_TICKS_PER_S = 90_000
_PICTURE_FOLLOWS = b"\x00\x00\x01\xe0"


def sample_images(clip: Path = SAMPLE) -> list[Image]:
    """Return every frame of *clip*, RGB."""
    with av.open(str(clip)) as container:
        return [np.ascontiguousarray(frame.to_ndarray(format="rgb24")) for frame in container.decode(video=0)]


@dataclass(frozen=True, kw_only=True)
class Form:
    """How a clip is written: everything that a phone, camera or editor may do differently.

    Attributes
    ----------
    codec, pix_fmt, options
        Encoder, pixel format and encoder options.
    times
        Presentation time of every frame in units of `time_base`; evenly spaced if not given.
    turn
        Display matrix, as `av.VideoStream.set_display_rotation` takes it.
    aspect
        Width of a stored pixel divided by its height.
    tags
        Fields of the codec context and of every frame, such as transfer curve or field order.
    audio
        Whether a second of silence goes with it.
    container
        Format and options of the container; by the file's name if not given.
    """

    codec: str = "libx264"
    pix_fmt: str = "yuv420p"
    options: dict[str, str] = field(default_factory=dict)
    fps: int = FPS
    time_base: Fraction | None = None
    times: Sequence[int] | None = None
    turn: dict[str, Any] | None = None
    aspect: Fraction | None = None
    color_range: int = ColorRange.MPEG
    colorspace: int = Colorspace.SMPTE170M
    tags: dict[str, Any] = field(default_factory=dict)
    audio: bool = False
    container: str | None = None
    container_options: dict[str, str] = field(default_factory=dict)


def write(path: Path, images: Iterable[Image], form: Form | None = None) -> Path:
    """Write *images* to *path* as *form* says."""
    form = form or Form()
    with av.open(
        f"file:{path}", "w", format=form.container, container_options=dict(form.container_options)
    ) as container:
        images = iter(images)
        first = next(images)
        stream = _add_stream(container, form, first.shape[1], first.shape[0])
        sound: Any = container.add_stream("aac", rate=16_000) if form.audio else None
        for frame in _frames(chain([first], images), form):
            container.mux(stream.encode(frame))
        container.mux(stream.encode(None))
        if sound is not None:
            container.mux(sound.encode(_silence()))
            container.mux(sound.encode(None))
    return path


def _add_stream(container: Any, form: Form, width_px: int, height_px: int) -> Any:
    stream = container.add_stream(form.codec, rate=form.fps, options=dict(form.options))
    stream.width, stream.height, stream.pix_fmt = width_px, height_px, form.pix_fmt
    if form.time_base:
        stream.codec_context.time_base = form.time_base
    if form.aspect:
        stream.codec_context.sample_aspect_ratio = form.aspect
    if form.turn:
        stream.set_display_rotation(**form.turn)
    for key, value in form.tags.items():
        setattr(stream.codec_context, key, value)
    return stream


def _frames(images: Iterable[Image], form: Form) -> Iterator[av.VideoFrame]:
    for number, image in enumerate(images):
        frame = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(
            format=form.pix_fmt, dst_colorspace=form.colorspace, dst_color_range=form.color_range
        )
        frame.pts = number if form.times is None else form.times[number]
        frame.time_base = form.time_base or Fraction(1, form.fps)
        for key, value in form.tags.items():
            setattr(frame, key, value)
        yield frame


def _silence() -> av.AudioFrame:
    frame = av.AudioFrame.from_ndarray(np.zeros((1, 16_000), np.float32), format="fltp", layout="mono")
    frame.sample_rate = 16_000
    return frame


def with_retimed_packets(source: Path, target: Path, retime: Callable[[Any], Any]) -> Path:
    """Copy *source*'s packets, the times of each changed by *retime*."""
    with av.open(str(source)) as read, av.open(str(target), "w") as written:
        stream = read.streams.video[0]
        copy = written.add_stream_from_template(stream)
        for packet in read.demux(stream):
            if packet.dts is not None:
                changed = retime(packet)
                changed.stream = copy
                written.mux(changed)
    return target


def with_stated_times(stream: Path, retime: Callable[[int, int], int]) -> Path:
    """Change the times that a transport stream states, byte by byte: no writer would write such times.

    *retime* takes the number of a frame and its time in units of 1/90000 s, and returns the time to state.
    """
    data = bytearray(stream.read_bytes())
    place, number = data.find(_PICTURE_FOLLOWS), 0
    while place >= 0:
        field = data[place + 9 : place + 14]
        ticks = (field[0] >> 1 & 7) << 30 | field[1] << 22 | field[2] >> 1 << 15 | field[3] << 7 | field[4] >> 1
        ticks = retime(number, ticks)
        data[place + 9 : place + 14] = bytes(
            (
                field[0] & 0xF0 | ticks >> 29 & 0x0E | 1,
                ticks >> 22 & 0xFF,
                ticks >> 14 & 0xFE | 1,
                ticks >> 7 & 0xFF,
                ticks << 1 & 0xFE | 1,
            )
        )
        place, number = data.find(_PICTURE_FOLLOWS, place + 14), number + 1
    stream.write_bytes(data)
    return stream


def with_streams(
    path: Path,
    images: Sequence[Image],
    *,
    cover: Image | None = None,
    second: Sequence[Image] = (),
    audio: bool = False,
) -> Path:
    """Write a clip with streams in this order: a cover image, video of *images*, video of *second*, silence."""
    with av.open(str(path), "w") as container:
        streams: list[tuple[Any, Iterable[Any]]] = []
        if cover is not None:
            stream: Any = container.add_stream("mjpeg", rate=1)
            stream.width, stream.height, stream.pix_fmt = cover.shape[1], cover.shape[0], "yuvj420p"
            stream.disposition = av.stream.Disposition.attached_pic
            streams.append((stream, [av.VideoFrame.from_ndarray(cover, format="rgb24").reformat(format="yuvj420p")]))
        for pictures in (images, second):
            if pictures:
                stream = _add_stream(container, Form(), pictures[0].shape[1], pictures[0].shape[0])
                streams.append((stream, _frames(pictures, Form())))
        if audio:
            streams.append((container.add_stream("aac", rate=16_000), [_silence()]))
        for stream, frames in streams:
            for frame in frames:
                container.mux(stream.encode(frame))
            container.mux(stream.encode(None))
    return path
