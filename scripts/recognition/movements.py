"""The table of movements that the classifier is trained on: numbers only, no picture."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Self

import numpy as np
from numpy.typing import NDArray

from hipform.analysis.movement_classifier import NONE, Plate
from hipform.analysis.recognition import movements_of
from hipform.app.judge_recording import poses_with_load
from hipform.exercises import EXERCISES
from hipform.kinematics.load import find_load
from hipform.pose.recording import Recording
from hipform.types import FloatArray
from scripts.evaluate.clips import NOTHING, manifest_rows
from scripts.evaluate.runs import landmarks_of, sha256_of
from scripts.recognition.kinematic_clips import KinematicClip, exercise_clips
from scripts.recognition.other_movements import OTHERS, other_clip

_Found = tuple[FloatArray, Plate, float]
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
    plate
        The `hipform.analysis.movement_classifier.Plate` of each, shape (n,).
    shows, source, clip
        Slug of the exercise or `NONE`, the person or `KINEMATIC`, and the name of the clip.
    """

    numbers: FloatArray
    plate: NDArray[np.int8]
    shows: NDArray[np.str_]
    source: NDArray[np.str_]
    clip: NDArray[np.str_]

    def part(self, rows: NDArray[np.bool_]) -> Self:
        """Return some rows."""
        return type(self)(self.numbers[rows], self.plate[rows], self.shows[rows], self.source[rows], self.clip[rows])

    def save(self, path: Path) -> None:
        """Write the table."""
        columns = {name: getattr(self, name) for name in ("plate", "shows", "source", "clip")}
        np.savez_compressed(path, numbers=self.numbers.astype(np.float32), **columns)

    @staticmethod
    def load(path: Path = TABLE_FILE) -> MovementTable:
        """Read the table."""
        with np.load(path) as data:
            texts = (data[name] for name in ("shows", "source", "clip"))
            return MovementTable(data["numbers"].astype(float), data["plate"], *texts)


def collect(clips: Path, cache: Path) -> MovementTable:
    """Return the movements of the real clips of *clips* and of kinematic lifters."""
    rows: list[tuple[FloatArray, Plate, str, str, str]] = []
    for shows, source, clip, movements in (*_real(clips, cache), *_kinematic()):
        rows += [(numbers, plate, shows, source, clip) for numbers, plate, _ in movements]
    numbers, plates, *texts = zip(*rows, strict=True)
    return MovementTable(np.array(numbers), np.array(plates, dtype=np.int8), *map(np.array, texts))


def recording_of(clip: Path, cache: Path) -> Path:
    """Return the landmarks of a real clip that the classifier is trained and measured on."""
    return landmarks_of(clip, sha256_of(clip), "heavy", cache)


def _real(clips: Path, cache: Path) -> Iterator[tuple[str, str, str, Sequence[_Found]]]:
    for entry in manifest_rows(clips):
        path = clips / entry["file"]
        with Recording(recording_of(path, cache)) as recording:
            found = list(movements_of(recording.info, poses_with_load(recording, find_load(recording))))
        is_none = entry["exercise"] == NOTHING
        yield NONE if is_none else entry["exercise"], entry["source"], path.stem, found if is_none else _usual(found)


def _usual(found: Sequence[_Found]) -> list[_Found]:
    """Return the movements whose range is about that of the larger half."""
    ranges_deg = sorted(range_deg for *_, range_deg in found)
    usual_deg = float(np.median(ranges_deg[len(ranges_deg) // 2 :])) if ranges_deg else 0.0
    return [one for one in found if one[-1] >= LEAST_RANGE_RATIO * usual_deg]


def _kinematic() -> Iterator[tuple[str, str, str, Sequence[_Found]]]:
    for clip in _kinematic_clips():
        movements = list(movements_of(clip.info, clip.poses))
        yield NONE if clip.exercise == NOTHING else clip.exercise, KINEMATIC, clip.info.name, movements


def _kinematic_clips() -> Iterable[KinematicClip]:
    for seed, slug in enumerate(EXERCISES):
        yield from exercise_clips(100 + seed, slug, VIEWS)
    for seed in range(OTHER_ROUNDS):
        for name in OTHERS:
            yield other_clip(100 + seed, name)
