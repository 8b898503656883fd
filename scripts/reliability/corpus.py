"""The world's bad video: one case for each way a clip can be odd, broken or no clip at all, made from a sample."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from fractions import Fraction
from pathlib import Path
from typing import Any

import cv2
import numpy as np
from av.video.reformatter import ColorRange, Colorspace, ColorTrc

from hipform.types import Image
from scripts.reliability.clips import (
    FPS,
    SAMPLE,
    TS_TICKS_PER_S,
    Form,
    with_retimed_packets,
    with_stated_times,
    with_streams,
    write,
)

OK, INPUT, NOBODY, OUTPUT = 0, 4, 5, 6
"""Exit codes that a case may end with; the full table is `hipform.errors.EXIT_CODES`."""

Pictures = Sequence[Image]

_QUICK_VPX = {"deadline": "realtime", "cpu-used": "8"}


@dataclass(frozen=True, kw_only=True)
class Case:
    """One odd input.

    Attributes
    ----------
    name
        What is odd about it.
    make
        Writes it into a folder, from the pictures of a set of one repetition; returns what to give to hipform.
    codes
        Exit codes that are right.
    reps
        Repetitions that must be counted all the same; ``None`` where the oddity leaves that open.
    says
        A word that the one line of complaint, or the notes of the result, must hold.
    is_heavy
        Whether making it takes seconds.
    """

    name: str
    make: Callable[[Path, Pictures], Path | str]
    codes: tuple[int, ...] = (OK,)
    reps: int | None = None
    says: str = ""
    is_heavy: bool = False


def cases() -> list[Case]:
    """Return every case, each of another name."""
    found = [
        *_broken(),
        *_no_video(),
        *_codecs(),
        *_shapes(),
        *_times(),
        *_scenes(),
        *_streams(),
        *_names(),
        *_places(),
    ]
    assert len({case.name for case in found}) == len(found)
    return found


# ------------------------------------------------------------------------------------------------- broken files


def _broken() -> Iterator[Case]:
    index_first = {"movflags": "+faststart"}
    fragments = {"movflags": "+frag_keyframe+empty_moov"}
    for share in (0.0005, 0.01, 0.1, 0.5, 0.95):
        named = f"{share:.2%}"
        yield Case(name=f"MP4 cut off after {named}", make=_cut("a.mp4", share), codes=(INPUT,))
        yield Case(
            name=f"MP4, index first, cut off after {named}",
            make=_cut("a.mp4", share, container_options=index_first),
            codes=(OK, INPUT, NOBODY),
        )
        yield Case(
            name=f"streamed MP4 cut off after {named}",
            make=_cut("a.mp4", share, container_options=fragments),
            codes=(OK, INPUT, NOBODY),
        )
        yield Case(name=f"MKV cut off after {named}", make=_cut("a.mkv", share), codes=(OK, INPUT, NOBODY))
        yield Case(name=f"transport stream cut off after {named}", make=_cut("a.ts", share), codes=(OK, INPUT, NOBODY))
    for name in ("a.mp4", "a.mkv", "a.ts", "a.avi"):
        for flips in (3, 300):
            codes = (OK, INPUT, NOBODY)
            yield Case(name=f"{name[2:].upper()}, {flips} bits flipped", make=_flipped(name, flips), codes=codes)
    yield Case(name="AVI without its index", make=_without_index, codes=(OK,), reps=1)
    yield Case(name="MKV without a duration", make=_live_matroska("a.mkv"), reps=1)
    yield Case(
        name="WebM without a duration", make=_live_matroska("a.webm", codec="libvpx", options=_QUICK_VPX), reps=1
    )
    yield Case(name="a hole of zeros in the middle", make=_with_hole, codes=(OK, INPUT, NOBODY))
    yield Case(name="rubbish after the end", make=_with_rubbish, reps=1)


def _cut(name: str, share: float, **form: Any) -> Callable[[Path, Pictures], Path]:
    def make(folder: Path, images: Pictures) -> Path:
        path = write(folder / name, images, Form(**form))
        data = path.read_bytes()
        path.write_bytes(data[: max(1, int(share * len(data)))])
        return path

    return make


def _flipped(name: str, flips: int) -> Callable[[Path, Pictures], Path]:
    def make(folder: Path, images: Pictures) -> Path:
        path = write(folder / name, images)
        data = bytearray(path.read_bytes())
        random = np.random.default_rng(len(data) + flips)
        for place in random.integers(0, len(data), flips):
            data[place] ^= 1 << int(random.integers(8))
        path.write_bytes(data)
        return path

    return make


def _without_index(folder: Path, images: Pictures) -> Path:
    path = write(folder / "a.avi", images, Form(codec="mpeg4"))
    data = path.read_bytes()
    path.write_bytes(data[: data.rindex(b"idx1")])
    return path


def _live_matroska(name: str, **form: Any) -> Callable[[Path, Pictures], Path]:
    def make(folder: Path, images: Pictures) -> Path:
        return write(folder / name, images, Form(**form, container_options={"live": "1"}))

    return make


def _with_hole(folder: Path, images: Pictures) -> Path:
    path = write(folder / "a.mp4", images)
    data = bytearray(path.read_bytes())
    third = len(data) // 3
    data[third : 2 * third] = bytes(third)
    path.write_bytes(data)
    return path


def _with_rubbish(folder: Path, images: Pictures) -> Path:
    path = write(folder / "a.mp4", images)
    with path.open("ab") as file:
        file.write(np.random.default_rng(1).bytes(100_000))
    return path


# ---------------------------------------------------------------------------------------------------- no video


def _no_video() -> Iterator[Case]:
    yield Case(name="empty file", make=_bytes("a.mp4", b""), codes=(INPUT,), says="empty")
    yield Case(name="zeros", make=_bytes("a.mp4", bytes(100_000)), codes=(INPUT,))
    yield Case(name="random bytes", make=_bytes("a.mp4", np.random.default_rng(2).bytes(100_000)), codes=(INPUT,))
    yield Case(name="text named mp4", make=_bytes("a.mp4", b"three sets of ten\n" * 500), codes=(INPUT,))
    yield Case(
        name="a page named mp4",
        make=_bytes("a.mp4", b"<!doctype html><video src=http://127.0.0.1/a.mp4>"),
        codes=(INPUT,),
    )
    yield Case(name="a playlist named mp4", make=_bytes("a.mp4", _PLAYLIST), codes=(INPUT,))
    yield Case(
        name="a list of clips named mp4",
        make=_bytes("a.mp4", b"ffconcat version 1.0\nfile /etc/passwd\n"),
        codes=(INPUT,),
    )
    yield Case(name="a zip named npz", make=_bytes("a.npz", b"PK\x03\x04" + bytes(1000)), codes=(INPUT,))
    yield Case(name="a still picture", make=_still, codes=(INPUT, NOBODY))
    yield Case(name="sound only", make=_sound_only, codes=(INPUT,), says="sound")
    yield Case(name="sound with a cover picture", make=_sound_with_cover, codes=(INPUT,))


_PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n"


def _bytes(name: str, data: bytes) -> Callable[[Path, Pictures], Path]:
    def make(folder: Path, _images: Pictures) -> Path:
        path = folder / name
        path.write_bytes(data)
        return path

    return make


def _still(folder: Path, images: Pictures) -> Path:
    path = folder / "a.png"
    path.write_bytes(cv2.imencode(".png", images[0])[1].tobytes())
    return path


def _sound_only(folder: Path, _images: Pictures) -> Path:
    return with_streams(folder / "a.m4a", [], audio=True)


def _sound_with_cover(folder: Path, images: Pictures) -> Path:
    return with_streams(folder / "a.mp4", [], cover=images[0], audio=True)


# ------------------------------------------------------------------------------------------- codecs and colours


def _codecs() -> Iterator[Case]:
    yield _coded("HEVC", "a.mp4", codec="libx265", options={"x265-params": "log-level=none"})
    yield _coded("VP8", "a.webm", codec="libvpx", options=_QUICK_VPX)
    yield _coded("VP9", "a.webm", codec="libvpx-vp9", options=_QUICK_VPX)
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
            make=_written("a.mp4", pix_fmt="yuv420p10le", tags={"color_trc": trc, "colorspace": Colorspace.BT2020}),
            says="HDR",
        )
    yield _coded("interlaced", "a.mp4", options={"x264-params": "tff=1"})


def _written(name: str, **form: Any) -> Callable[[Path, Pictures], Path]:
    return lambda folder, images: write(folder / name, images, Form(**form))


def _coded(name: str, file: str, **form: Any) -> Case:
    return Case(name=name, make=_written(file, **form), reps=1)


# ------------------------------------------------------------------------------------------------ sizes and turns


def _shapes() -> Iterator[Case]:
    for degrees in (90, 180, 270):
        yield Case(name=f"filmed turned by {degrees} degrees", make=_turned(degrees), reps=1)
    yield Case(name="wide pixels", make=_squeezed(2), reps=1, says="not square")
    yield Case(name="tall pixels", make=_squeezed(Fraction(1, 2)), reps=1, says="not square")
    yield Case(name="absurd pixel aspect", make=_written("a.mp4", aspect=Fraction(1000, 1)), reps=1)
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


def _turned(degrees: int) -> Callable[[Path, Pictures], Path]:
    def make(folder: Path, images: Pictures) -> Path:
        turned = [np.ascontiguousarray(np.rot90(image, -degrees // 90)) for image in images]
        return write(folder / "a.mp4", turned, Form(turn={"degrees": degrees}))

    return make


def _squeezed(aspect: Fraction | int) -> Callable[[Path, Pictures], Path]:
    def make(folder: Path, images: Pictures) -> Path:
        height, width = images[0].shape[:2]
        width, height = (width // 2, height) if aspect > 1 else (width, height // 2)
        return write(folder / "a.mp4", _scaled(images, width, height), Form(aspect=Fraction(aspect)))

    return make


def _scaled(images: Pictures, width: int, height: int) -> Iterator[Image]:
    for image in images:
        yield np.asarray(cv2.resize(image, (width, height), interpolation=cv2.INTER_AREA), np.uint8)


def _resized(
    width: int, height: int, name: str = "a.mp4", count: int | None = None, **form: Any
) -> Callable[[Path, Pictures], Path]:
    return lambda folder, images: write(folder / name, _scaled(images[:count], width, height), Form(**form))


def _size_changes(folder: Path, images: Pictures) -> Path:
    # A bare stream may change its size between two pictures; players follow.
    first = write(folder / "first.h264", images[: len(images) // 2], Form(container="h264"))
    rest = list(_scaled(images[len(images) // 2 :], 320, 240))
    second = write(folder / "second.h264", rest, Form(container="h264"))
    path = folder / "a.h264"
    path.write_bytes(first.read_bytes() + second.read_bytes())
    return path


# --------------------------------------------------------------------------------------------------------- times


def _times() -> Iterator[Case]:
    yield Case(name="one picture", make=_few(1), codes=(OK, NOBODY), reps=0)
    yield Case(name="two pictures", make=_few(2), codes=(OK, NOBODY), reps=0)
    yield Case(name="1 picture a second", make=_thinned(30, 1))
    yield Case(name="5 pictures a second", make=_thinned(6, 5))
    yield Case(name="240 pictures a second", make=_repeated(8, 240), reps=1)
    yield Case(name="variable frame rate", make=_timed(_wobbling), reps=1)
    yield Case(name="a gap of two seconds", make=_timed(_with_gap), says="no pictures between")
    yield Case(name="a gap of a year", make=_timed(_with_year), reps=1, says="left out")
    yield Case(name="times that go back", make=_retimed(_backward), codes=(OK,))
    yield Case(name="times that begin anew", make=_begins_anew, codes=(OK,))
    yield Case(name="all times the same", make=_retimed(_stopped), codes=(OK,))
    yield Case(name="begins before zero", make=_shifted(Fraction(-1), "nut"), reps=1)
    yield Case(name="begins after an hour", make=_shifted(Fraction(3600), "mp4"), reps=1)
    yield Case(name="begins after a year", make=_shifted(Fraction(365 * 24 * 3600), "mkv"), reps=1)
    yield Case(name="edit list that leaves out the beginning", make=_shifted(Fraction(-1, 2), "mp4"), codes=(OK,))
    yield Case(name="a time base of nanoseconds", make=_fine_time_base, reps=1)


def _few(count: int) -> Callable[[Path, Pictures], Path]:
    return lambda folder, images: write(folder / "a.mp4", images[:count])


def _thinned(every: int, fps: int) -> Callable[[Path, Pictures], Path]:
    return lambda folder, images: write(folder / "a.mp4", images[::every], Form(fps=fps))


def _repeated(times: int, fps: int) -> Callable[[Path, Pictures], Path]:
    return lambda folder, images: write(
        folder / "a.mp4", (image for image in images for _ in range(times)), Form(fps=fps)
    )


def _timed(times_of: Callable[[int], list[int]]) -> Callable[[Path, Pictures], Path]:
    def make(folder: Path, images: Pictures) -> Path:
        form = Form(time_base=Fraction(1, 1000), times=times_of(len(images)))
        return write(folder / "a.mkv", images, form)

    return make


def _wobbling(count: int) -> list[int]:
    random = np.random.default_rng(3)
    return [int(t_ms) for t_ms in np.cumsum(random.integers(20, 47, count))]


def _with_gap(count: int) -> list[int]:
    return [round(1000 * i / FPS) + 2000 * (i > count // 2) for i in range(count)]


def _with_year(count: int) -> list[int]:
    year_ms = 365 * 24 * 3600 * 1000
    return [round(1000 * i / FPS) + year_ms * (i > count // 2) for i in range(count)]


def _retimed(retime: Callable[[int, int], int]) -> Callable[[Path, Pictures], Path]:
    def make(folder: Path, images: Pictures) -> Path:
        # Without pictures that lead to later ones every packet states one time only.
        form = Form(options={"bf": "0"}, container_options={"muxdelay": "0"})
        return with_stated_times(write(folder / "a.ts", images, form), retime)

    return make


def _backward(number: int, ticks: int) -> int:
    return ticks - TS_TICKS_PER_S // 6 if number % 10 == 9 else ticks


def _stopped(_number: int, _ticks: int) -> int:
    return TS_TICKS_PER_S


def _shifted(shift: Fraction, container: str) -> Callable[[Path, Pictures], Path]:
    def retime(packet: Any) -> Any:
        ticks = round(shift / packet.time_base)
        packet.pts += ticks
        packet.dts += ticks
        return packet

    def make(folder: Path, images: Pictures) -> Path:
        plain = write(folder / "plain.mp4", images)
        return with_retimed_packets(plain, folder / f"a.{container}", retime)

    return make


def _begins_anew(folder: Path, images: Pictures) -> Path:
    part = write(folder / "part.ts", images)
    path = folder / "a.ts"
    path.write_bytes(part.read_bytes() * 2)
    return path


def _fine_time_base(folder: Path, images: Pictures) -> Path:
    times = [round(i * 1_000_000_000 / FPS) for i in range(len(images))]
    return write(folder / "a.nut", images, Form(time_base=Fraction(1, 1_000_000_000), times=times, codec="ffv1"))


# --------------------------------------------------------------------------------------------------------- scenes


def _scenes() -> Iterator[Case]:
    yield Case(name="all black", make=_painted(np.zeros_like), codes=(NOBODY,))
    yield Case(name="noise", make=_painted(_noise), codes=(NOBODY,))
    yield Case(name="every picture the same", make=_painted(None), codes=(OK,), reps=0)
    yield Case(name="the lifter leaves", make=_leaving, codes=(OK,))
    yield Case(name="nobody at first", make=_coming, codes=(OK,))
    yield Case(name="two people", make=_crowd(2), codes=(OK,))
    yield Case(name="five people", make=_crowd(5), codes=(OK,))
    yield Case(name="a mirror", make=_mirrored, codes=(OK,))
    yield Case(name="split screen", make=_split, codes=(OK,))
    yield Case(name="upside down", make=_upside_down, codes=(OK, NOBODY))


def _noise(image: Image) -> Image:
    return np.random.default_rng(int(image[0, 0, 0])).integers(0, 256, image.shape, np.uint8)


def _painted(paint: Callable[[Image], Any] | None) -> Callable[[Path, Pictures], Path]:
    def make(folder: Path, images: Pictures) -> Path:
        return write(folder / "a.mp4", (images[0] if paint is None else paint(image) for image in images))

    return make


def _empty_room(images: Pictures) -> Image:
    return np.full_like(images[0], 110)


def _leaving(folder: Path, images: Pictures) -> Path:
    return write(folder / "a.mp4", [*images[: len(images) // 2], *[_empty_room(images)] * 60])


def _coming(folder: Path, images: Pictures) -> Path:
    return write(folder / "a.mp4", [*[_empty_room(images)] * 60, *images])


def _crowd(people: int) -> Callable[[Path, Pictures], Path]:
    def make(folder: Path, images: Pictures) -> Path:
        return write(folder / "a.mp4", (np.hstack([image[:, ::2]] * people)[:, : 2 * (640 // 2)] for image in images))

    return make


def _mirrored(folder: Path, images: Pictures) -> Path:
    return write(folder / "a.mp4", (np.hstack([image[:, ::2], image[:, ::-2]]) for image in images))


def _split(folder: Path, images: Pictures) -> Path:
    later = [*images[len(images) // 2 :], *images[: len(images) // 2]]
    return write(folder / "a.mp4", (np.vstack([a[::2], b[::2]]) for a, b in zip(images, later, strict=True)))


def _upside_down(folder: Path, images: Pictures) -> Path:
    return write(folder / "a.mp4", (np.ascontiguousarray(image[::-1]) for image in images))


# -------------------------------------------------------------------------------------------------------- streams


def _streams() -> Iterator[Case]:
    yield Case(name="with sound", make=_written("a.mp4", audio=True), reps=1)
    yield Case(name="a cover picture as first stream", make=_with_cover, reps=1)
    yield Case(name="two video streams", make=_two_streams, reps=1)
    yield Case(name="an unknown codec", make=_unknown_codec, codes=(INPUT,))


def _with_cover(folder: Path, images: Pictures) -> Path:
    return with_streams(folder / "a.mp4", images, cover=np.full((64, 64, 3), 200, np.uint8))


def _two_streams(folder: Path, images: Pictures) -> Path:
    return with_streams(folder / "a.mp4", images, second=[np.zeros_like(image) for image in images])


def _unknown_codec(folder: Path, images: Pictures) -> Path:
    path = write(folder / "a.mp4", images)
    path.write_bytes(path.read_bytes().replace(b"avc1", b"zzz1"))
    return path


# ---------------------------------------------------------------------------------------------- names and places


def _names() -> Iterator[Case]:
    names = {
        "spaces": "my best set.mp4",
        "quotes": 'Ana\'s "heavy" set.mp4',
        "markup": "<img src=x onerror=alert(1)>.mp4",
        "rich markup": "[bold red]set.mp4",
        "a formula": "=1+1.mp4",
        "emoji and accents": "Hüftstoß 🏋️.mp4",
        "a percent sign": "50% %03d %s.mp4",
        "a colon": "http:clip.mp4",
        "a star": "set*?[1].mp4",
        "255 bytes": "x" * 251 + ".mp4",
        "no ending": "clip",
        "a wrong ending": "clip.txt",
    }
    if os.name != "nt":
        names |= {
            "a newline": "set\nof hip\r\nthrusts.mp4",
            "an escape": "a\x1b[31mred.mp4",
            "no Unicode": "a\udcff.mp4",
        }
    for what, name in names.items():
        yield Case(name=f"name with {what}", make=_named(name), reps=1)


def _named(name: str) -> Callable[[Path, Pictures], Path]:
    def make(folder: Path, images: Pictures) -> Path:
        plain = write(folder / "plain.mp4", images, Form(audio=True))
        return plain.rename(folder / name)

    return make


def _places() -> Iterator[Case]:
    yield Case(name="missing", make=lambda folder, _: folder / "gone.mp4", codes=(INPUT,), says="does not exist")
    yield Case(name="a folder", make=lambda folder, _: folder, codes=(INPUT,), says="folder")
    yield Case(name="a web address", make=lambda _folder, _images: "http://127.0.0.1:9/a.mp4", codes=(INPUT,))
    yield Case(name="an rtsp address", make=lambda _folder, _images: "rtsp://127.0.0.1:9/a", codes=(INPUT,))
    yield Case(name="a protocol of ffmpeg's", make=lambda _folder, _images: "concat:a|b", codes=(INPUT,))
    yield Case(name="a path of 5,000 letters", make=lambda folder, _: folder / ("x" * 5000), codes=(INPUT,))
    if hasattr(os, "mkfifo"):
        yield Case(name="a pipe", make=_pipe, codes=(INPUT,), says="pipe")
        yield Case(name="a device", make=lambda _folder, _images: Path(os.devnull), codes=(INPUT,), says="device")
        yield Case(name="a link", make=_link, reps=1)
        yield Case(name="a link to itself", make=_link_to_itself, codes=(INPUT,))
        yield Case(name="read-only", make=_read_only, reps=1)


def _pipe(folder: Path, _images: Pictures) -> Path:
    os.mkfifo(folder / "a.mp4")
    return folder / "a.mp4"


def _link(folder: Path, _images: Pictures) -> Path:
    (folder / "a.mp4").symlink_to(SAMPLE)
    return folder / "a.mp4"


def _link_to_itself(folder: Path, _images: Pictures) -> Path:
    (folder / "a.mp4").symlink_to(folder / "a.mp4")
    return folder / "a.mp4"


def _read_only(folder: Path, images: Pictures) -> Path:
    path = write(folder / "a.mp4", images)
    path.chmod(0o444)
    return path
