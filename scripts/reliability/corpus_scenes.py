"""Odd inputs with unusual frame times or an unusual scene."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from fractions import Fraction
from pathlib import Path
from typing import Any

import numpy as np

from hipform.types import Image
from scripts.reliability.case import INPUT, NOBODY, OK, Case, Images
from scripts.reliability.clips import (
    FPS,
    TS_TICKS_PER_S,
    Form,
    with_retimed_packets,
    with_stated_times,
    write,
)

# --------------------------------------------------------------------------------------------------------- times


def odd_times() -> Iterator[Case]:
    """Yield clips with unusual frame rates and frame times."""
    yield Case(name="one frame", make=_few(1), codes=(INPUT,), says="a single picture")
    yield Case(name="two frames", make=_few(2), codes=(OK, NOBODY), reps=0)
    yield Case(name="2 frames a second", make=_thinned(15, 2))
    yield Case(name="5 frames a second", make=_thinned(6, 5))
    yield Case(name="240 frames a second", make=_repeated(8, 240), reps=1)
    yield Case(name="variable frame rate", make=_timed(_wobbling), reps=1)
    yield Case(name="a gap of two seconds", make=_timed(_with_gap), says="no frames between")
    yield Case(name="a gap of a year", make=_timed(_with_year), reps=1, says="removed")
    yield Case(name="times that go back", make=_retimed(_backward), codes=(OK,))
    yield Case(name="times that restart", make=_restarts, codes=(OK,))
    yield Case(name="all times the same", make=_retimed(_stopped), codes=(OK,))
    yield Case(name="starts before zero", make=_shifted(Fraction(-1), "nut"), reps=1)
    yield Case(name="starts after an hour", make=_shifted(Fraction(3600), "mp4"), reps=1)
    yield Case(name="starts after a year", make=_shifted(Fraction(365 * 24 * 3600), "mkv"), reps=1)
    yield Case(name="edit list that skips the start", make=_shifted(Fraction(-1, 2), "mp4"), codes=(OK,))
    yield Case(name="a time base of nanoseconds", make=_fine_time_base, reps=1)


def _few(count: int) -> Callable[[Path, Images], Path]:
    return lambda folder, images: write(folder / "a.mp4", images[:count])


def _thinned(every: int, fps: int) -> Callable[[Path, Images], Path]:
    return lambda folder, images: write(folder / "a.mp4", images[::every], Form(fps=fps))


def _repeated(times: int, fps: int) -> Callable[[Path, Images], Path]:
    return lambda folder, images: write(
        folder / "a.mp4", (image for image in images for _ in range(times)), Form(fps=fps)
    )


def _timed(times_of: Callable[[int], list[int]]) -> Callable[[Path, Images], Path]:
    def make(folder: Path, images: Images) -> Path:
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


def _retimed(retime: Callable[[int, int], int]) -> Callable[[Path, Images], Path]:
    def make(folder: Path, images: Images) -> Path:
        # Without B-frames every packet states one time only.
        form = Form(options={"bf": "0"}, container_options={"muxdelay": "0"})
        return with_stated_times(write(folder / "a.ts", images, form), retime)

    return make


def _backward(number: int, ticks: int) -> int:
    return ticks - TS_TICKS_PER_S // 6 if number % 10 == 9 else ticks


def _stopped(_number: int, _ticks: int) -> int:
    return TS_TICKS_PER_S


def _shifted(shift: Fraction, container: str) -> Callable[[Path, Images], Path]:
    def retime(packet: Any) -> Any:
        ticks = round(shift / packet.time_base)
        packet.pts += ticks
        packet.dts += ticks
        return packet

    def make(folder: Path, images: Images) -> Path:
        plain = write(folder / "plain.mp4", images)
        return with_retimed_packets(plain, folder / f"a.{container}", retime)

    return make


def _restarts(folder: Path, images: Images) -> Path:
    part = write(folder / "part.ts", images)
    path = folder / "a.ts"
    path.write_bytes(part.read_bytes() * 2)
    return path


def _fine_time_base(folder: Path, images: Images) -> Path:
    times = [round(i * 1_000_000_000 / FPS) for i in range(len(images))]
    return write(folder / "a.nut", images, Form(time_base=Fraction(1, 1_000_000_000), times=times, codec="ffv1"))


# --------------------------------------------------------------------------------------------------------- scenes


def odd_scenes() -> Iterator[Case]:
    """Yield clips that show nobody, several people or an unusual image."""
    yield Case(name="all black", make=_painted(np.zeros_like), codes=(NOBODY,))
    yield Case(name="noise", make=_painted(_noise), codes=(NOBODY,))
    yield Case(name="every frame the same", make=_painted(None), codes=(OK,), reps=0)
    yield Case(name="the lifter leaves", make=_leaving, codes=(OK,))
    yield Case(name="nobody at first", make=_coming, codes=(OK,))
    yield Case(name="two people", make=_crowd(2), codes=(OK,))
    yield Case(name="five people", make=_crowd(5), codes=(OK,))
    yield Case(name="a mirror", make=_mirrored, codes=(OK,))
    yield Case(name="split screen", make=_split, codes=(OK,))
    yield Case(name="upside down", make=_upside_down, codes=(OK, NOBODY))


def _noise(image: Image) -> Image:
    return np.random.default_rng(int(image[0, 0, 0])).integers(0, 256, image.shape, np.uint8)


def _painted(paint: Callable[[Image], Any] | None) -> Callable[[Path, Images], Path]:
    def make(folder: Path, images: Images) -> Path:
        return write(folder / "a.mp4", (images[0] if paint is None else paint(image) for image in images))

    return make


def _empty_room(images: Images) -> Image:
    return np.full_like(images[0], 110)


def _leaving(folder: Path, images: Images) -> Path:
    return write(folder / "a.mp4", [*images[: len(images) // 2], *[_empty_room(images)] * 60])


def _coming(folder: Path, images: Images) -> Path:
    return write(folder / "a.mp4", [*[_empty_room(images)] * 60, *images])


def _crowd(people: int) -> Callable[[Path, Images], Path]:
    def make(folder: Path, images: Images) -> Path:
        return write(folder / "a.mp4", (np.hstack([image[:, ::2]] * people)[:, : 2 * (640 // 2)] for image in images))

    return make


def _mirrored(folder: Path, images: Images) -> Path:
    return write(folder / "a.mp4", (np.hstack([image[:, ::2], image[:, ::-2]]) for image in images))


def _split(folder: Path, images: Images) -> Path:
    later = [*images[len(images) // 2 :], *images[: len(images) // 2]]
    return write(folder / "a.mp4", (np.vstack([a[::2], b[::2]]) for a, b in zip(images, later, strict=True)))


def _upside_down(folder: Path, images: Images) -> Path:
    return write(folder / "a.mp4", (np.ascontiguousarray(image[::-1]) for image in images))
