"""Small clips made on the spot, not filmed, each with one peculiarity."""

from collections.abc import Callable, Iterable
from fractions import Fraction
from pathlib import Path

import av
import numpy as np
import pytest
from av.video.reformatter import ColorRange, Colorspace

from tests.video.clips import quadrants


@pytest.fixture
def make_clip(tmp_path) -> Callable[..., Path]:
    def make(
        name="clip.mp4",
        images: Iterable[np.ndarray] | None = None,
        *,
        fps=30,
        codec="libx264",
        pix_fmt="yuv420p",
        pts: list[int] | None = None,
        time_base: Fraction | None = None,
        colorspace: int | None = None,
        color_range: int = ColorRange.MPEG,
        tags: dict[str, int] | None = None,
        aspect: Fraction | None = None,
        turn: dict[str, object] | None = None,
        options: dict[str, str] | None = None,
        audio: bool = False,
        container_options: dict[str, str] | None = None,
        metadata: dict[str, str] | None = None,
    ) -> Path:
        images = [quadrants()] * 10 if images is None else list(images)
        path = tmp_path / name
        with av.open(f"file:{path}", "w", format=_format(name), container_options=container_options or {}) as container:
            container.metadata.update(metadata or {})
            stream = container.add_stream(codec, rate=fps, options=options or {})
            stream.height, stream.width = images[0].shape[:2]
            stream.pix_fmt = pix_fmt
            if time_base:
                stream.codec_context.time_base = time_base
            if aspect:
                stream.codec_context.sample_aspect_ratio = aspect
            if turn:
                stream.set_display_rotation(**turn)
            for key, value in (tags or {}).items():
                setattr(stream.codec_context, key, value)
            sound = container.add_stream("aac", rate=16_000) if audio else None
            for i, image in enumerate(images):
                frame = av.VideoFrame.from_ndarray(image, format="rgb24").reformat(
                    format=pix_fmt, dst_colorspace=colorspace or Colorspace.SMPTE170M, dst_color_range=color_range
                )
                frame.pts = i if pts is None else pts[i]
                frame.time_base = time_base or Fraction(1, fps)
                for key, value in (tags or {}).items():
                    setattr(frame, key, value)
                container.mux(stream.encode(frame))
            container.mux(stream.encode())
            if sound:
                _add_silence(container, sound)
        return path

    return make


def _format(name):
    return {"mkv": "matroska", "h264": "h264"}.get(name.rsplit(".", 1)[-1])


def _add_silence(container, stream):
    frame = av.AudioFrame.from_ndarray(np.zeros((1, 16_000), np.float32), format="fltp", layout="mono")
    frame.sample_rate = 16_000
    container.mux(stream.encode(frame))
    container.mux(stream.encode())


@pytest.fixture
def make_sound(tmp_path):
    def make(name="sound.m4a"):
        path = tmp_path / name
        with av.open(str(path), "w") as container:
            _add_silence(container, container.add_stream("aac", rate=16_000))
        return path

    return make
