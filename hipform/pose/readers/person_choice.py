"""Choice of the lifter among several people in a file: the one who is seen longest and largest."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hipform.types import FloatArray

REACH_BODIES = 0.75
"""The centre of a body moves less than this between two frames, in lengths of the body."""
REACH_BODIES_PER_S = 1.5
"""Additional distance for the time in which the body was not found."""
_MOST_REACH_BODIES = 3.0
MOST_PEOPLE = 200
"""More detections in one frame are not people."""


@dataclass(slots=True)
class _Track:
    """One person over time."""

    middle: FloatArray
    size: float
    t_s: float
    score: float = 0.0


class PersonLinker:
    """Link people from frame to frame, whatever their order in the file.

    Every person belongs to the track whose last position is nearest; the number of a track identifies the person.
    """

    def __init__(self) -> None:
        self._tracks: list[_Track] = []

    def push(self, t_s: float, people: Sequence[FloatArray]) -> list[int]:
        """Return the track of each of *people*, whose points have the shape (k, 2), NaN where unseen.

        Raises
        ------
        ValueError
            If there are more than `MOST_PEOPLE`.
        """
        if len(people) > MOST_PEOPLE:
            raise ValueError(f"it has more than {MOST_PEOPLE} people in one frame")
        found = [_place(points) for points in people]
        track_of = self._linked(t_s, found)
        # A new track's number must not depend on the order in the file.
        for place in sorted(range(len(found)), key=lambda place: tuple(found[place][0])):
            middle, size = found[place]
            if place not in track_of:
                track_of[place] = len(self._tracks)
                self._tracks.append(_Track(middle, size, t_s))
            track = self._tracks[track_of[place]]
            track.middle, track.size, track.t_s = middle, size, t_s
            track.score += size * float(np.isfinite(people[place][:, 0]).mean())
        return [track_of[place] for place in range(len(found))]

    def lifter(self) -> int:
        """Return the track of the person who was seen longest, largest and most completely."""
        return max(range(len(self._tracks)), key=lambda number: self._tracks[number].score)

    def _linked(self, t_s: float, found: Sequence[tuple[FloatArray, float]]) -> dict[int, int]:
        """Return the track of each person who continues one, by the person's index."""
        if not (found and self._tracks):
            return {}
        costs = np.array([[_distance_bodies(track, *one) for track in self._tracks] for one in found])
        reach = np.array(
            [min(REACH_BODIES + REACH_BODIES_PER_S * (t_s - track.t_s), _MOST_REACH_BODIES) for track in self._tracks]
        )
        costs = np.where(costs <= reach, costs, 1e3)
        # Here, because it takes longer to import than a clip to open.
        from scipy.optimize import linear_sum_assignment  # noqa: PLC0415

        places, tracks = linear_sum_assignment(costs)
        return {
            int(place): int(track) for place, track in zip(places, tracks, strict=True) if costs[place, track] < 1e3
        }


def _place(points: FloatArray) -> tuple[FloatArray, float]:
    """Return the centre of the box around the seen points, and its diagonal."""
    seen = points[np.isfinite(points[:, 0])]
    if not len(seen):
        return np.full(2, math.inf), 0.0
    low, high = seen.min(axis=0), seen.max(axis=0)
    return (low + high) / 2, math.hypot(*(high - low))


def _distance_bodies(track: _Track, middle: FloatArray, size: float) -> float:
    if not (np.isfinite(middle).all() and np.isfinite(track.middle).all()):
        return math.inf
    return math.hypot(*(middle - track.middle)) / max(size, track.size, 1e-6)
