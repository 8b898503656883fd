"""Odd inputs in an unusual codec, colour format, image size or set of streams."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, ColorTrc

from hipform.types import Image
from scripts.reliability.case import INPUT, NOBODY, OK, QUICK_VPX, Case, Images, written
from scripts.reliability.clips import (
    Form,
    with_streams,
    write,
)

# ------------------------------------------------------------------------------------------- codecs and colours


def odd_codecs() -> Iterator[Case]:
    """Yield clips in every codec and colour format that a camera or an editor may write."""
    yield _coded("HEVC", "a.mp4", codec="libx265", options={"x265-params": "log-level=none"})
    yield _coded("VP8", "a.webm", codec="libvpx", options=QUICK_VPX)
    yield _coded("VP9", "a.webm", codec="libvpx-vp9", options=QUICK_VPX)
    yield _coded("AV1", "a.mp4", codec="libsvtav1", options={"preset": "12"})
    yield _coded("Motion JPEG", "a.avi", codec="mjpeg", pix_fmt="yuvj420p")
    yield _coded("ProRes", "a.mov", codec="prores_ks", pix_fmt="yuv422p10le")
    yield _coded("MPEG-2", "a.ts", codec="mpeg2video")
    yield _coded("MPEG-4 Part 2", "a.avi", codec="mpeg4")
    yield _coded("animated GIF", "a.gif", codec="gif", pix_fmt="rgb8", fps=25)
    yield _coded("bare H.264 stream", "a.h264", container="h264")
    yield _coded("lossless FFV1", "a.mkv", codec="ffv1")
    yield _coded("10 bits", "a.mp4", pix_fmt="yuv420p10le")
    yield _coded("4:4:4", "a.mp4", pix_fmt="yuv444p")
    yield _coded("grey", "a.mkv", codec="ffv1", pix_fmt="gray")
    yield _coded("alpha", "a.mov", codec="qtrle", pix_fmt="argb")
    yield _coded("full range", "a.mp4", color_range=ColorRange.JPEG, tags={"color_range": ColorRange.JPEG})
    for name, trc in (("HLG", ColorTrc.ARIB_STD_B67), ("PQ", ColorTrc.SMPTE2084)):
        yield Case(
            name=f"HDR ({name})",
            make=written("a.mp4", pix_fmt="yuv420p10le", tags={"color_trc": trc, "colorspace": Colorspace.BT2020}),
            says="HDR",
        )
    yield _coded("interlaced", "a.mp4", options={"x264-params": "tff=1"})


def _coded(name: str, file: str, **form: Any) -> Case:
    return Case(name=name, make=written(file, **form), reps=1)


# ------------------------------------------------------------------------------------------------ sizes and turns


def odd_sizes() -> Iterator[Case]:
    """Yield clips that are rotated, very small, very large or made of pixels that are not square."""
    for degrees in (90, 180, 270):
        yield Case(name=f"filmed turned by {degrees} degrees", make=_turned(degrees), reps=1)
    yield Case(name="wide pixels", make=_squeezed(2), reps=1, says="not square")
    yield Case(name="tall pixels", make=_squeezed(Fraction(1, 2)), reps=1, says="not square")
    yield Case(name="absurd pixel aspect", make=written("a.mp4", aspect=Fraction(1000, 1)), reps=1)
    yield Case(name="1 x 1", make=_resized(1, 1, codec="ffv1", name="a.mkv"), codes=(NOBODY,))
    yield Case(name="2 x 2", make=_resized(2, 2), codes=(NOBODY,))
    yield Case(name="1 pixel high", make=_resized(640, 1, codec="ffv1", name="a.mkv"), codes=(NOBODY,))
    yield Case(name="odd sides", make=_resized(641, 359, pix_fmt="yuv444p"), reps=1)
    yield Case(name="tiny", make=_resized(96, 54), codes=(OK, NOBODY))
    yield Case(name="8K", make=_resized(7680, 4320, count=12, options={"preset": "ultrafast"}), is_heavy=True)
    yield Case(
        name="larger than 40 megapixels",
        make=_resized(8000, 6000, count=2, options={"preset": "ultrafast"}),
        is_heavy=True,
        codes=(INPUT,),
        says="larger",
    )
    yield Case(name="wider than 8192", make=_resized(9000, 64, count=2), codes=(INPUT,), says="larger")
    yield Case(name="changes its size", make=_size_changes, codes=(OK, NOBODY))


def _turned(degrees: int) -> Callable[[Path, Images], Path]:
    def make(folder: Path, images: Images) -> Path:
        turned = [np.ascontiguousarray(np.rot90(image, -degrees // 90)) for image in images]
        return write(folder / "a.mp4", turned, Form(turn={"degrees": degrees}))

    return make


def _squeezed(aspect: Fraction | int) -> Callable[[Path, Images], Path]:
    def make(folder: Path, images: Images) -> Path:
        height, width = images[0].shape[:2]
        width, height = (width // 2, height) if aspect > 1 else (width, height // 2)
        return write(folder / "a.mp4", _scaled(images, width, height), Form(aspect=Fraction(aspect)))

    return make


def _scaled(images: Images, width: int, height: int) -> Iterator[Image]:
    for image in images:
        yield np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _resized(
    width: int, height: int, name: str = "a.mp4", count: int | None = None, **form: Any
) -> Callable[[Path, Images], Path]:
    return lambda folder, images: write(folder / name, _scaled(images[:count], width, height), Form(**form))


def _size_changes(folder: Path, images: Images) -> Path:
    # A bare stream may change its size between two frames; players adapt.
    first = write(folder / "first.h264", images[: len(images) // 2], Form(container="h264"))
    rest = list(_scaled(images[len(images) // 2 :], 320, 240))
    second = write(folder / "second.h264", rest, Form(container="h264"))
    path = folder / "a.h264"
    path.write_bytes(first.read_bytes() + second.read_bytes())
    return path


# -------------------------------------------------------------------------------------------------------- streams


def odd_streams() -> Iterator[Case]:
    """Yield clips with further streams, or with one that cannot be decoded."""
    yield Case(name="with sound", make=written("a.mp4", audio=True), reps=1)
    yield Case(name="a cover image as first stream", make=_with_cover, reps=1)
    yield Case(name="two video streams", make=_two_streams, reps=1)
    yield Case(name="an unknown codec", make=_unknown_codec, codes=(INPUT,))


def _with_cover(folder: Path, images: Images) -> Path:
    return with_streams(folder / "a.mp4", images, cover=np.full((64, 64, 3), 200, np.uint8))


def _two_streams(folder: Path, images: Images) -> Path:
    return with_streams(folder / "a.mp4", images, second=[np.zeros_like(image) for image in images])


def _unknown_codec(folder: Path, images: Images) -> Path:
    path = write(folder / "a.mp4", images)
    path.write_bytes(path.read_bytes().replace(b"avc1", b"zzz1"))
    return path
