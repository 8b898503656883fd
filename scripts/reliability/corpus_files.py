"""Odd inputs that are broken files, no videos, or lie under odd names and at odd places."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import cv2
import numpy as np

from scripts.reliability.case import INPUT, NOBODY, OK, QUICK_VPX, Case, Images
from scripts.reliability.clips import (
    SAMPLE,
    Form,
    with_streams,
    write,
)

# ------------------------------------------------------------------------------------------------- broken files


def broken_files() -> Iterator[Case]:
    """Yield clips that are cut off, damaged or incomplete."""
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
    yield Case(name="WebM without a duration", make=_live_matroska("a.webm", codec="libvpx", options=QUICK_VPX), reps=1)
    yield Case(name="a hole of zeros in the middle", make=_with_hole, codes=(OK, INPUT, NOBODY))
    yield Case(name="rubbish after the end", make=_with_rubbish, reps=1)


def _cut(name: str, share: float, **form: Any) -> Callable[[Path, Images], Path]:
    def make(folder: Path, images: Images) -> Path:
        path = write(folder / name, images, Form(**form))
        data = path.read_bytes()
        path.write_bytes(data[: max(1, int(share * len(data)))])
        return path

    return make


def _flipped(name: str, flips: int) -> Callable[[Path, Images], Path]:
    def make(folder: Path, images: Images) -> Path:
        path = write(folder / name, images)
        data = bytearray(path.read_bytes())
        random = np.random.default_rng(len(data) + flips)
        for place in random.integers(0, len(data), flips):
            data[place] ^= 1 << int(random.integers(8))
        path.write_bytes(data)
        return path

    return make


def _without_index(folder: Path, images: Images) -> Path:
    path = write(folder / "a.avi", images, Form(codec="mpeg4"))
    data = path.read_bytes()
    path.write_bytes(data[: data.rindex(b"idx1")])
    return path


def _live_matroska(name: str, **form: Any) -> Callable[[Path, Images], Path]:
    def make(folder: Path, images: Images) -> Path:
        return write(folder / name, images, Form(**form, container_options={"live": "1"}))

    return make


def _with_hole(folder: Path, images: Images) -> Path:
    path = write(folder / "a.mp4", images)
    data = bytearray(path.read_bytes())
    third = len(data) // 3
    data[third : 2 * third] = bytes(third)
    path.write_bytes(data)
    return path


def _with_rubbish(folder: Path, images: Images) -> Path:
    path = write(folder / "a.mp4", images)
    with path.open("ab") as file:
        file.write(np.random.default_rng(1).bytes(100_000))
    return path


# ---------------------------------------------------------------------------------------------------- no video


def no_videos() -> Iterator[Case]:
    """Yield files that hold no video."""
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
    yield Case(name="a still image", make=_still, codes=(INPUT, NOBODY))
    yield Case(name="sound only", make=_sound_only, codes=(INPUT,), says="sound")
    yield Case(name="sound with a cover image", make=_sound_with_cover, codes=(INPUT,))


_PLAYLIST = b"#EXTM3U\n#EXT-X-TARGETDURATION:9\n#EXTINF:9,\nhttp://127.0.0.1:9/a.ts\n#EXT-X-ENDLIST\n"


def _bytes(name: str, data: bytes) -> Callable[[Path, Images], Path]:
    def make(folder: Path, _images: Images) -> Path:
        path = folder / name
        path.write_bytes(data)
        return path

    return make


def _still(folder: Path, images: Images) -> Path:
    path = folder / "a.png"
    path.write_bytes(cv2.imencode(".png", images[0])[1].tobytes())
    return path


def _sound_only(folder: Path, _images: Images) -> Path:
    return with_streams(folder / "a.m4a", [], audio=True)


def _sound_with_cover(folder: Path, images: Images) -> Path:
    return with_streams(folder / "a.mp4", [], cover=images[0], audio=True)


# ---------------------------------------------------------------------------------------------- names and places


def odd_names() -> Iterator[Case]:
    """Yield healthy clips under names that a program may misread."""
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


def _named(name: str) -> Callable[[Path, Images], Path]:
    def make(folder: Path, images: Images) -> Path:
        plain = write(folder / "plain.mp4", images, Form(audio=True))
        return plain.rename(folder / name)

    return make


def odd_places() -> Iterator[Case]:
    """Yield paths that lead to no ordinary file."""
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


def _pipe(folder: Path, _images: Images) -> Path:
    os.mkfifo(folder / "a.mp4")
    return folder / "a.mp4"


def _link(folder: Path, _images: Images) -> Path:
    (folder / "a.mp4").symlink_to(SAMPLE)
    return folder / "a.mp4"


def _link_to_itself(folder: Path, _images: Images) -> Path:
    (folder / "a.mp4").symlink_to(folder / "a.mp4")
    return folder / "a.mp4"


def _read_only(folder: Path, images: Images) -> Path:
    path = write(folder / "a.mp4", images)
    path.chmod(0o444)
    return path
