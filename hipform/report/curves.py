"""Curves from frames.csv for display, read row by row so that memory use does not grow with the clip."""

from __future__ import annotations

import csv
import math
from collections import deque
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, field
from io import TextIOWrapper
from pathlib import Path
from typing import TextIO

import numpy as np

from hipform.analysis.judged_reps import Rep
from hipform.errors import InputError
from hipform.folder_handle import open_inside
from hipform.kinematics.uncertainty import u95_name
from hipform.types import FloatArray
from hipform.validation import MAX_TIME_S

HIP, LOW_BACK, KNEE = "trunk_thigh_flexion_deg", "lumbar_extension_deg", "knee_flexion_deg"
_DRAWN = (HIP, LOW_BACK, KNEE)
_LOAD = ("load_x_px", "load_y_px")

PHASES = 101
"""Points of a repetition's curve, at 0 to 100 % of its time."""
_MOST_POINTS = 3000
_PER_STRETCH = 2
"""Points drawn for each section of the clip: the lowest and the highest value in it."""
_BRIDGED_S = 0.5
"""Frames that are further apart than this are not connected by a line."""
_MOST_LINE_CHARS = 20_000
_MOST_ABS = 1e4
_LEAST_REP_S = 1e-3
_AGAIN = "Analyse the clip again, or remove the file to make the page without curves."

Point = tuple[float, float, float]
"""Time, value and half-width of its 95 % interval; NaN if unseen."""
_Frame = tuple[float, FloatArray]
"""Time and values of one frame."""


@dataclass(slots=True)
class Curves:
    """The curves of one clip from frames.csv.

    Attributes
    ----------
    tracks
        Points over time by measure; measures that were never seen are absent.
    thinned
        Whether the tracks omit frames; each section keeps its lowest and its highest value.
    phases
        Trunk-thigh flexion at 0 to 100 % of each repetition's time, degrees, in the order of the requested
        repetitions; NaN where unseen, ``None`` for one whose start or end is not in the clip.
    bar_paths
        Where the centre of the load was during the lift of each repetition, pixels, n points; empty where it was not
        seen.
    """

    tracks: dict[str, list[Point]]
    thinned: bool
    phases: list[FloatArray | None]
    bar_paths: list[list[tuple[float, float]]]


def read_curves(path: Path, start_s: float, end_s: float, reps: Sequence[Rep]) -> Curves:
    """Read the curves of a clip that lasts from *start_s* to *end_s*.

    Raises
    ------
    InputError
        If the file cannot be read or is not a table of frames.
    """
    stretch_s = max((end_s - start_s) / (_MOST_POINTS / _PER_STRETCH), 1e-6)
    thinners = {name: _Thinner(start_s, stretch_s) for name in _DRAWN}
    followers = [phases_of(rep) for rep in reps]
    paths = [_BarPath(rep) for rep in reps]

    def frames(file: TextIO) -> Iterator[_Frame]:
        for t_s, points, load_px in _rows(file):
            for bar_path in paths:
                bar_path.add(t_s, load_px)
            for name, (value, u95) in points.items():
                thinners[name].add((t_s, value, u95))
            yield t_s, np.array([points[HIP][0] if HIP in points else math.nan])

    try:
        with TextIOWrapper(open_inside(path), encoding="utf-8", newline="") as file:
            deque(follow_phases([follower for follower in followers if follower], frames(file)), maxlen=0)
    except (OSError, ValueError, csv.Error) as error:
        reason = error.strerror if isinstance(error, OSError) else error
        raise InputError(f"{path} cannot be read as a table of frames ({reason}).", _AGAIN) from error
    tracks = {name: list(thinner.points()) for name, thinner in thinners.items()}
    return Curves(
        tracks={name: points for name, points in tracks.items() if any(math.isfinite(p[1]) for p in points)},
        thinned=any(thinner.thinned for thinner in thinners.values()),
        phases=[None if follower is None else follower.values[:, 0] for follower in followers],
        bar_paths=[bar_path.points for bar_path in paths],
    )


def phases_of(rep: Rep, width: int = 1) -> Phases | None:
    """Return a collector for *rep*'s values; ``None`` if its start or end is not in the clip."""
    return (
        None
        if rep.timing.start_s is None or rep.timing.end_s is None
        else Phases(rep.timing.start_s, rep.timing.end_s, width)
    )


class _BarPath:
    """Where the load was during the lift of a repetition."""

    def __init__(self, rep: Rep) -> None:
        self._start_s = rep.timing.top_s if rep.timing.lift_start_s is None else rep.timing.lift_start_s
        self._end_s = rep.timing.top_s
        self._last_s = -math.inf
        self.points: list[tuple[float, float]] = []

    def add(self, t_s: float, load_px: tuple[float, float]) -> None:
        """Add a frame; frames close to the last one are skipped, so that a path has no more than `PHASES` points."""
        step_s = (self._end_s - self._start_s) / (PHASES - 1)
        if self._start_s <= t_s <= self._end_s and t_s - self._last_s >= step_s and math.isfinite(sum(load_px)):
            self._last_s = t_s
            self.points.append(load_px)


def _rows(file: TextIO) -> Iterator[tuple[float, dict[str, tuple[float, float]], tuple[float, float]]]:
    """Yield the time, the drawn measures and the place of the load in every frame."""
    reader = csv.reader(_lines(file))
    header = next(reader, [])
    if "time_s" not in header:
        raise ValueError("there is no column time_s")
    time_at = header.index("time_s")
    at = {
        name: (header.index(name), header.index(u95_name(name)))
        for name in _DRAWN
        if name in header and u95_name(name) in header
    }
    load_at = [header.index(name) for name in _LOAD if name in header]
    last_s = -math.inf
    for row in reader:
        if len(row) != len(header):
            raise ValueError(f"line {reader.line_num} has {len(row)} columns instead of {len(header)}")
        t_s = float(row[time_at])
        if not (abs(t_s) <= MAX_TIME_S and t_s > last_s):
            raise ValueError(f"line {reader.line_num}: times must increase")
        last_s = t_s
        x_px, y_px = [_number(row[column]) for column in load_at] if len(load_at) == len(_LOAD) else (math.nan,) * 2
        yield t_s, {name: (_number(row[value]), _number(row[u95])) for name, (value, u95) in at.items()}, (x_px, y_px)


def _lines(file: TextIO) -> Iterator[str]:
    while line := file.readline(_MOST_LINE_CHARS):
        if len(line) == _MOST_LINE_CHARS:
            raise ValueError("a line is too long")
        yield line


def _number(cell: str) -> float:
    value = float(cell) if cell else math.nan
    return value if abs(value) <= _MOST_ABS else math.nan


@dataclass(slots=True)
class _Thinner:
    """Keeps the lowest and the highest point of every section of time, and whether a frame in it has no value."""

    start_s: float
    stretch_s: float
    thinned: bool = False
    _kept: dict[int, list[Point]] = field(default_factory=dict)

    def add(self, point: Point) -> None:
        stretch = min(int(max(point[0] - self.start_s, 0.0) / self.stretch_s), _MOST_POINTS)
        kept = self._kept.setdefault(stretch, [])
        if not math.isfinite(point[1]):
            if not any(math.isnan(other[1]) for other in kept):
                kept.append((point[0], math.nan, math.nan))
            return
        unseen = [other for other in kept if math.isnan(other[1])]
        seen = sorted([*(other for other in kept if not math.isnan(other[1])), point], key=lambda other: other[1])
        self.thinned = self.thinned or len(seen) > _PER_STRETCH
        self._kept[stretch] = [*unseen, seen[0], *seen[1:][-1:]]

    def points(self) -> Iterator[Point]:
        for _, kept in sorted(self._kept.items()):
            yield from sorted(kept)


class Phases:
    """Values of one repetition over its normalised time, by linear interpolation between consecutive frames.

    Parameters
    ----------
    start_s, end_s
        Start and end of the repetition.
    width
        Number of values per frame.

    Attributes
    ----------
    values
        Shape (101, width), at 0 to 100 % of the time; NaN where unseen.
    """

    def __init__(self, start_s: float, end_s: float, width: int = 1) -> None:
        self.start_s = start_s
        self.end_s = end_s
        self.values: FloatArray = np.full((PHASES, width), np.nan)

    def add(self, before: _Frame, now: _Frame) -> None:
        """Add two consecutive frames; frames that are more than half a second apart are not connected."""
        (before_s, first), (now_s, last) = before, now
        if not 0 < now_s - before_s <= _BRIDGED_S or self.end_s - self.start_s < _LEAST_REP_S:
            return
        begin, end = ((t_s - self.start_s) / (self.end_s - self.start_s) * (PHASES - 1) for t_s in (before_s, now_s))
        points = np.arange(max(math.ceil(begin - 1e-9), 0), min(math.floor(end + 1e-9), PHASES - 1) + 1)
        share = ((points - begin) / (end - begin))[:, np.newaxis]
        values = first + share * (last - first)
        # A frame may end one section and start the next: a value seen on either side is kept.
        self.values[points] = np.where(np.isfinite(values), values, self.values[points])


def follow_phases(reps: Iterable[Phases], frames: Iterable[_Frame]) -> Iterator[_Frame]:
    """Yield *frames* unchanged, in time order, and add each to the repetitions in progress at that time."""
    waiting = sorted(reps, key=lambda rep: rep.start_s, reverse=True)
    under_way: list[Phases] = []
    before: _Frame | None = None
    for now in frames:
        while waiting and waiting[-1].start_s <= now[0]:
            under_way.append(waiting.pop())
        for rep in under_way:
            if before:
                rep.add(before, now)
        under_way = [rep for rep in under_way if rep.end_s > now[0]]
        before = now
        yield now


def typical(curves: Sequence[FloatArray | None]) -> int | None:
    """Return the index of the curve closest to the median of all; ``None`` if no curve is complete."""
    whole = [(at, curve) for at, curve in enumerate(curves) if curve is not None and np.isfinite(curve).all()]
    if not whole:
        return None
    middle = np.median([curve for _, curve in whole], axis=0)
    return min(whole, key=lambda pair: float(np.abs(pair[1] - middle).mean()))[0]
