"""Who is in a clip: a picture with numbers, and a line about each person."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

from hipform.app.judge_recording import nobody_in
from hipform.app.landmarks import look_for_people
from hipform.errors import OutputError
from hipform.estimation.people import Person, Sighting, people_in
from hipform.files import is_same_file, write_whole
from hipform.render import draw_people, encode_jpeg, stacked
from hipform.types import Image
from hipform.video.video_file import VideoFile


def show_people(path: str | Path, out: str | Path, *, jobs: int | None = None) -> list[str]:
    """Write a picture of the people in a clip, one frame for each shot with a number at each person.

    Parameters
    ----------
    path
        The clip.
    out
        The picture to write, a JPEG.
    jobs
        See `analyze`.

    Returns
    -------
    list of str
        One line for each person in each shot.

    Raises
    ------
    NoPersonError
        If nobody is found.
    HipformError
        If the clip cannot be read or the picture cannot be written.
    """
    path, out = Path(path), Path(out)
    if out.suffix.lower() not in (".jpg", ".jpeg"):
        raise OutputError(f"Cannot write {out}: the picture is a JPEG file.", "Choose a name that ends in .jpg.")
    if is_same_file(path, out):
        raise OutputError(f"{out} is the clip itself.", "Choose another file with --out.")
    sightings = look_for_people(path, jobs)
    shots = [people for people in people_in(sightings) if people]
    if not shots:
        with VideoFile(path) as video:
            raise nobody_in(video.info)
    write_whole(out, encode_jpeg(stacked(_pictures(path, shots))))
    return [
        _line(one, sightings.shots[one.shot], len(sightings.shots), sightings.size_px)
        for people in shots
        for one in people
    ]


def _line(one: Person, shot: tuple[float, int], n_shots: int, size_px: tuple[int, int]) -> str:
    start_s, looks = shot
    where = f" in the shot from {start_s:.1f} s on" if n_shots > 1 else ""
    size = one.size_px / max(size_px)
    return (
        f"Person {one.number}{where}: {size:.0%} of the frame, seen in {len(one.seen)} of {looks} looks, "
        f"the hip moves {one.hip_range_deg:.0f}°."
    )


def _pictures(path: Path, shots: Sequence[Sequence[Person]]) -> list[Image]:
    """Return for each shot the frame in which most of its people were seen, with their numbers."""
    moments_s = [_best_moment_s(people) for people in shots]
    pictures: list[Image] = []
    with VideoFile(path) as video:
        for frame in video:
            if len(pictures) < len(shots) and frame.t_s >= moments_s[len(pictures)]:
                seen = [_nearest(one, frame.t_s) for one in shots[len(pictures)]]
                pictures.append(draw_people(frame.image, [one.box_px for one in seen]))
    return pictures


def _best_moment_s(people: Sequence[Person]) -> float:
    times_s = [one.t_s for person in people for one in person.seen]
    return max(times_s, key=times_s.count)


def _nearest(person: Person, t_s: float) -> Sighting:
    return min(person.seen, key=lambda one: abs(one.t_s - t_s))
