"""The table of movements that the classifier is trained on: numbers only, no picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from hipform.analysis.movement_classifier import NONE
from hipform.analysis.recognition import movements_of
from hipform.exercises import EXERCISES
from hipform.pose.recording import Recording
from hipform.types import FloatArray
from scripts.evaluate.clips import manifest_rows
from scripts.evaluate.runs import landmarks_of, sha256_of
from scripts.recognition.kinematic_clips import KinematicClip, exercise_clips
from scripts.recognition.other_movements import OTHERS, other_clip

TABLE_FILE = Path(__file__).with_name("movements.npz")
KINEMATIC = "kinematic"
"""Source of all kinematic lifters; real clips have the id of the person or studio."""
VIEWS = 4
OTHER_ROUNDS = 2
LEAST_RANGE_RATIO = 0.6
"""Movements of an exercise clip that are smaller than this share of the usual one may be anything, and are left out."""


@dataclass(frozen=True, eq=False)
class MovementTable:
    """Movements, n of them.

    Attributes
    ----------
    numbers
        What `hipform.analysis.movement_classifier.movement_numbers` returned, shape (n, m).
    shows, source, clip
        Slug of the exercise or `NONE`, the person or `KINEMATIC`, and the name of the clip.
    """

    numbers: FloatArray
    shows: NDArray[np.str_]
    source: NDArray[np.str_]
    clip: NDArray[np.str_]

    def part(self, rows: NDArray[np.bool_]) -> Self:
        """Return some rows."""
        return type(self)(self.numbers[rows], self.shows[rows], self.source[rows], self.clip[rows])

    def save(self, path: Path) -> None:
        """Write the table."""
        columns = {name: getattr(self, name) for name in ("shows", "source", "clip")}
        np.savez_compressed(path, numbers=self.numbers.astype(np.float32), **columns)

    @staticmethod
    def load(path: Path = TABLE_FILE) -> MovementTable:
        """Read the table."""
        with np.load(path) as data:
            return MovementTable(data["numbers"].astype(float), data["shows"], data["source"], data["clip"])


def collect(clips: Path, cache: Path) -> MovementTable:
    """Return the movements of the real clips of *clips* and of kinematic lifters."""
    rows: list[tuple[FloatArray, str, str, str]] = []
    for shows, source, clip, movements in (*_real(clips, cache), *_kinematic()):
        rows += [(numbers, shows, source, clip) for numbers in movements]
    numbers, *texts = zip(*rows, strict=True)
    shows_all, sources, names = (np.array(column) for column in texts)
    return MovementTable(np.array(numbers), shows_all, sources, names)


def _real(clips: Path, cache: Path) -> Iterator[tuple[str, str, str, list[FloatArray]]]:
    for entry in manifest_rows(clips):
        path = clips / entry["file"]
        with Recording(landmarks_of(path, sha256_of(path), "heavy", cache)) as recording:
            found = list(movements_of(recording.info, recording))
        is_none = entry["exercise"] == "none"
        shows = NONE if is_none else entry["exercise"]
        yield shows, entry["source"], path.stem, [one for one, _ in (found if is_none else _usual(found))]


def _usual(found: Sequence[tuple[FloatArray, float]]) -> list[tuple[FloatArray, float]]:
    """Return the movements whose range is about that of the larger half."""
    ranges_deg = sorted(range_deg for _, range_deg in found)
    usual_deg = float(np.median(ranges_deg[len(ranges_deg) // 2 :])) if ranges_deg else 0.0
    return [one for one in found if one[1] >= LEAST_RANGE_RATIO * usual_deg]


def _kinematic() -> Iterator[tuple[str, str, str, list[FloatArray]]]:
    for clip in _kinematic_clips():
        movements = [numbers for numbers, _ in movements_of(clip.info, clip.poses)]
        yield ("" if clip.exercise == "none" else clip.exercise), KINEMATIC, clip.info.name, movements


def _kinematic_clips() -> Iterable[KinematicClip]:
    for seed, slug in enumerate(EXERCISES):
        yield from exercise_clips(100 + seed, slug, VIEWS)
    for seed in range(OTHER_ROUNDS):
        for name in OTHERS:
            yield other_clip(100 + seed, name)
