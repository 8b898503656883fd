"""Who is in a clip: people are looked for twice a second, followed through each shot and numbered from the left.

The pose model follows one body, the first that it finds, and finds none that is small in the frame. So where several
people are in a clip, or one is far away, it gets only the part of the frame around the one to follow.
"""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator, Sequence
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

import numpy as np

from hipform.errors import ConfigError
from hipform.kinematics.measures import SideView, trunk_thigh_flexion_deg
from hipform.pose.mediapipe_pose import PeopleFinder
from hipform.pose.poses import Pose
from hipform.stages import prefetch
from hipform.types import FloatArray, Image, Side
from hipform.video.video_file import VideoFile

LOOK_EVERY_S = 0.5
"""Time between two looks at a clip; a repetition takes several."""
TILE_RATIO = 0.5
"""Side of the parts that are searched where the whole frame shows nobody, relative to the shorter side of the frame."""
TILES_EVERY_LOOKS = 4
"""Parts are searched at one of so many looks that show nobody, because they take twenty times as long."""
SAME_PERSON_SIZES = 0.5
"""A body whose centre moved by less than this, in body sizes, since it was last seen is the same person."""
SHARED_RATIO = 0.5
"""Two bodies that share more than this part of the smaller one's place, and are never seen together, are one."""
LEAST_LOOKS_RATIO = 0.2
"""Somebody seen in fewer of the looks at a shot is not counted: a passer-by, or no person at all."""
_LEAST_LOOKS = 2
STEADY_RATIO = 0.4
"""Somebody seen in fewer looks than this, relative to the one seen most, is followed only if asked for."""
ALIKE_RATIO = 0.7
"""People whose hips move at least this much of the widest range move alike."""
MARGIN_RATIO = 0.3
"""Margin around the places where a person was seen, relative to their extent: looks miss the ends of movements."""
LARGE_RATIO = 0.35
"""A body at least this large, relative to the longer side of the frame, is found in the whole frame."""
LEAST_SIZE_RATIO = 0.04
"""A body smaller than this, relative to the longer side of the frame, has no angles that could be measured."""
AUTO, LEFT, RIGHT, NEAREST = "auto", "left", "right", "nearest"
_NUMBER = re.compile(r"[1-9][0-9]{0,8}")
_MAX_SHOWN_CHARS = 100


@dataclass(frozen=True, slots=True, eq=False)
class Sighting:
    """One person in one look; the landmarks in pixels of the whole frame, shape (33, 2)."""

    t_s: float
    shot: int
    image_px: FloatArray

    @property
    def box_px(self) -> FloatArray:
        """Left, top, right and bottom of the body, shape (4,)."""
        return np.concatenate([self.image_px.min(axis=0), self.image_px.max(axis=0)])

    @property
    def size_px(self) -> float:
        """The longer side of the box."""
        left, top, right, bottom = self.box_px
        return float(max(right - left, bottom - top))

    @property
    def hip_deg(self) -> float:
        """Mean trunk-thigh angle of both sides in the image."""
        unknown = np.full((len(self.image_px), 3), np.nan)
        pose = Pose(self.t_s, self.image_px, unknown, np.ones(len(self.image_px)))
        return float(np.mean([abs(trunk_thigh_flexion_deg(SideView.of(pose, side, 1))) for side in Side]))


@dataclass(frozen=True, slots=True, kw_only=True)
class Sightings:
    """What `find_people` saw.

    Attributes
    ----------
    seen
        In order of time.
    shots
        For each shot the time of its first frame, seconds, and the number of looks at it.
    size_px
        Width and height of the frame.
    """

    seen: tuple[Sighting, ...]
    shots: tuple[tuple[float, int], ...]
    size_px: tuple[int, int]


@dataclass(slots=True)
class Person:
    """Somebody in one shot.

    Attributes
    ----------
    shot
        The shot.
    seen
        The looks in which the person was found, in order of time.
    number
        Position from the left in this shot, from 1.
    """

    shot: int
    seen: list[Sighting] = field(default_factory=list)
    number: int = 0

    @property
    def box_px(self) -> FloatArray:
        """Left, top, right and bottom of all places where the person was seen, shape (4,)."""
        boxes = np.stack([one.box_px for one in self.seen])
        return np.concatenate([boxes[:, :2].min(axis=0), boxes[:, 2:].max(axis=0)])

    @property
    def centre_px(self) -> FloatArray:
        """Usual centre of the body, shape (2,)."""
        return np.asarray(np.median([(one.box_px[:2] + one.box_px[2:]) / 2 for one in self.seen], axis=0))

    @property
    def size_px(self) -> float:
        """Usual size of the body."""
        return float(np.median([one.size_px for one in self.seen]))

    @property
    def hip_range_deg(self) -> float:
        """How far the hip moves, without the extreme tenth of the looks at either end."""
        low_deg, high_deg = np.percentile([one.hip_deg for one in self.seen], (10, 90))
        return float(high_deg - low_deg)


@dataclass(frozen=True, slots=True, kw_only=True)
class Area:
    """The part of the frames that the pose model gets from a time on: left, top, right and bottom in pixels."""

    start_s: float
    box_px: tuple[int, int, int, int]


def find_people(report: Callable[[float], None], path: Path) -> Sightings:
    """Look for people in a clip, in a process that runs nothing else.

    Parameters
    ----------
    report
        Receives the time of each look.
    path
        The clip.

    Raises
    ------
    HipformError
        If the clip cannot be read or the model cannot be loaded.
    """
    seen: list[Sighting] = []
    starts_s: list[float] = []
    looks: list[int] = []
    next_s = 0.0
    with VideoFile(path) as video, PeopleFinder() as finder, closing(prefetch(video)) as frames:
        search = _Search(finder)
        for frame in frames:
            if frame.shot == len(starts_s):
                starts_s.append(frame.t_s)
                looks.append(0)
                next_s = frame.t_s
            if frame.t_s >= next_s:
                next_s = frame.t_s + LOOK_EVERY_S
                looks[frame.shot] += 1
                seen += [Sighting(frame.t_s, frame.shot, points) for points in search.look(frame.image)]
                report(frame.t_s)
        size_px = video.info.width_px, video.info.height_px
    return Sightings(seen=tuple(seen), shots=tuple(zip(starts_s, looks, strict=True)), size_px=size_px)


class _Search:
    """Looks at whole frames, and at their parts now and then while the whole ones show nobody."""

    def __init__(self, finder: PeopleFinder) -> None:
        self._finder = finder
        self._empty_looks = TILES_EVERY_LOOKS - 1

    def look(self, image: Image) -> list[FloatArray]:
        """Return the landmarks of all people who are found, in pixels of the frame."""
        found = list(self._finder.find(image))
        if found:
            return _distinct(found, image)
        self._empty_looks += 1
        if self._empty_looks < TILES_EVERY_LOOKS:
            return []
        for left, top, side in _tiles(image):
            tile = np.ascontiguousarray(image[top : top + side, left : left + side])
            found += [points + np.array([left, top]) for points in self._finder.find(tile)]
        # Where the parts show somebody, the next look takes them again.
        self._empty_looks = TILES_EVERY_LOOKS - 1 if found else 0
        return _distinct(found, image)


def _distinct(found: Sequence[FloatArray], image: Image) -> list[FloatArray]:
    """Return each body once, without tiny ones."""
    least_px = LEAST_SIZE_RATIO * max(image.shape[:2])
    distinct: list[FloatArray] = []
    for points in sorted(found, key=_extent_px, reverse=True):
        middle = points.mean(axis=0)
        near = (float(np.linalg.norm(middle - one.mean(axis=0))) for one in distinct)
        if _extent_px(points) >= least_px and all(one > SAME_PERSON_SIZES * _extent_px(points) for one in near):
            distinct.append(points)
    return distinct


def _extent_px(points: FloatArray) -> float:
    return float(np.ptp(points, axis=0).max())


def _tiles(image: Image) -> Iterator[tuple[int, int, int]]:
    """Yield left, top and side of squares that cover the frame and overlap by half."""
    height, width = image.shape[:2]
    side = max(1, round(TILE_RATIO * min(height, width)))
    for top in _starts(height, side):
        for left in _starts(width, side):
            yield left, top, side


def _starts(length: int, side: int) -> Sequence[int]:
    count = max(1, -(-2 * (length - side) // side) + 1)
    return [round((length - side) * number / max(1, count - 1)) for number in range(count)]


def people_in(sightings: Sightings) -> list[list[Person]]:
    """Return the people in each shot, from left to right."""
    return [_people_in_shot(sightings, shot) for shot in range(len(sightings.shots))]


def _people_in_shot(sightings: Sightings, shot: int) -> list[Person]:
    people: list[Person] = []
    for seen in (one for one in sightings.seen if one.shot == shot):
        same = [one for one in people if one.seen[-1].t_s < seen.t_s and _is_near(one.seen[-1], seen)]
        person = min(same, key=lambda one: _distance_px(one.seen[-1], seen), default=None)
        if person is None:
            person = Person(shot)
            people.append(person)
        person.seen.append(seen)
    least = max(_LEAST_LOOKS, LEAST_LOOKS_RATIO * sightings.shots[shot][1])
    kept = [one for one in _merged(people) if len(one.seen) >= least]
    kept.sort(key=lambda one: float(one.centre_px[0]))
    for number, one in enumerate(kept, 1):
        one.number = number
    return kept


def _merged(people: Sequence[Person]) -> list[Person]:
    """Return *people* with those joined that were never seen together, at the same place: one body, seen badly."""
    joined: list[Person] = []
    for person in sorted(people, key=lambda one: -len(one.seen)):
        same = next((one for one in joined if _are_same(one, person)), None)
        if same is None:
            joined.append(person)
        else:
            same.seen = sorted([*same.seen, *person.seen], key=lambda one: one.t_s)
    return joined


def _are_same(one: Person, other: Person) -> bool:
    if {seen.t_s for seen in one.seen} & {seen.t_s for seen in other.seen}:
        return False
    low = np.maximum(one.box_px[:2], other.box_px[:2])
    high = np.minimum(one.box_px[2:], other.box_px[2:])
    shared = float(np.prod(np.maximum(high - low, 0.0)))
    smaller = min(float(np.prod(box[2:] - box[:2])) for box in (one.box_px, other.box_px))
    return shared > SHARED_RATIO * smaller


def _distance_px(before: Sighting, after: Sighting) -> float:
    return float(np.linalg.norm(before.image_px.mean(axis=0) - after.image_px.mean(axis=0)))


def _is_near(before: Sighting, after: Sighting) -> bool:
    sizes = before.size_px, after.size_px
    return _distance_px(before, after) < SAME_PERSON_SIZES * max(sizes) and max(sizes) < 2.5 * min(sizes)


def check_choice(choice: str) -> None:
    """Raise if *choice* names nobody.

    Raises
    ------
    ConfigError
        If it is neither a number from 1 on nor one of the words.
    """
    if choice not in (AUTO, LEFT, RIGHT, NEAREST) and not _NUMBER.fullmatch(choice):
        raise ConfigError(
            f"{choice[:_MAX_SHOWN_CHARS]!r} is no person.",
            f"Use {LEFT}, {RIGHT}, {NEAREST}, or a number that `hipform people` shows.",
        )


def check_seen(sightings: Sightings, choice: str) -> None:
    """Raise if *choice* is a number that nobody has in any shot of a clip in which people were seen.

    Raises
    ------
    ConfigError
        If there are fewer people.
    """
    most = max((len(people) for people in people_in(sightings)), default=0)
    if most and choice.isdigit() and int(choice) > most:
        raise ConfigError(
            "There is no person {n} in the clip: its people are numbered up to {of}.",
            "Use {left}, {right}, {nearest}, or a number that `hipform people` shows.",
            n=choice,
            of=most,
            left=LEFT,
            right=RIGHT,
            nearest=NEAREST,
        )


def choose(people: Sequence[Person], choice: str) -> Person | None:
    """Return the person of a shot to follow; ``None`` if nobody is in it.

    Parameters
    ----------
    people
        The people in the shot, from left to right.
    choice
        ``left``, ``right``, ``nearest`` or a number; in a shot with fewer people a number means the nearest one.
        ``auto`` means the one whose hip moves most; of several who move alike, as in a mirror, the nearest.
    """
    if not people:
        return None
    if choice == LEFT:
        return people[0]
    if choice == RIGHT:
        return people[-1]
    if choice == AUTO:
        return _most_likely_lifter(people)
    if choice.isdigit() and int(choice) <= len(people):
        return people[int(choice) - 1]
    return max(people, key=lambda one: one.size_px)


def _most_likely_lifter(people: Sequence[Person]) -> Person:
    most_looks = max(len(one.seen) for one in people)
    steady = [one for one in people if len(one.seen) >= STEADY_RATIO * most_looks]
    widest_deg = max(one.hip_range_deg for one in steady)
    moving = [one for one in steady if one.hip_range_deg >= ALIKE_RATIO * widest_deg]
    return max(moving, key=lambda one: one.size_px)


def areas_of(sightings: Sightings, choice: str) -> tuple[Area, ...]:
    """Return the part of the frame around the person to follow in each shot.

    It is the whole frame where nobody was seen, or only somebody large, whom the pose model finds by itself.
    """
    areas = []
    for (start_s, _), people in zip(sightings.shots, people_in(sightings), strict=True):
        person = choose(people, choice)
        box = (0, 0, *sightings.size_px)
        if person and (len(people) > 1 or person.size_px < LARGE_RATIO * max(sightings.size_px)):
            box = _area_around(person, people, sightings.size_px)
        areas.append(Area(start_s=start_s, box_px=box))
    return tuple(areas)


def _area_around(person: Person, people: Sequence[Person], size_px: tuple[int, int]) -> tuple[int, int, int, int]:
    """Return the places of a person with a margin, which ends half-way to a neighbour."""
    left, top, right, bottom = person.box_px
    margin = MARGIN_RATIO * max(right - left, bottom - top)
    first, last = left - margin, right + margin
    for other in people:
        if other.box_px[0] > right:
            last = min(last, (right + other.box_px[0]) / 2)
        if other.box_px[2] < left:
            first = max(first, (left + other.box_px[2]) / 2)
    width, height = size_px
    return (
        max(0, int(first)),
        max(0, int(top - margin)),
        min(width, int(np.ceil(last))),
        min(height, int(np.ceil(bottom + margin))),
    )
