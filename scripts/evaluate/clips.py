"""Which clips there are, what a manifest says of them, and which part of the set they belong to."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Literal

from hipform.exercises import EXERCISES

NOTHING = "none"
"""Exercise of a clip in which nothing may be counted, whichever exercise is asked for."""

STAND_IN = "hip-thrust"
"""What clips of exercises that hipform does not judge are analysed as: measures do not depend on the exercise."""

LOOSEST_COUNT = 10
"""A manifest that allows more different numbers of repetitions than this does not ask for a count."""

Part = Literal["tune", "report", "all"]


@dataclass(frozen=True, slots=True)
class Entry:
    """One clip and what is known of it.

    Attributes
    ----------
    path
        The video.
    exercise
        Slug, or `NOTHING`.
    reps
        Numbers of repetitions that are right.
    lockout
        ``full``, ``short``, or empty when nobody knows or repetitions differ.
    truth_json
        Truth of a rendered clip; ``None`` for a real one.
    seed
        Seed of a rendered clip; ``None`` for a real one.
    """

    path: Path
    exercise: str
    reps: range
    lockout: str
    truth_json: Path | None = None
    seed: int | None = None

    @property
    def judged(self) -> bool:
        """Whether hipform counts and judges this exercise."""
        return self.exercise in EXERCISES

    @property
    def analysed_as(self) -> tuple[str, ...]:
        """Exercises to run the clip as."""
        if self.exercise == NOTHING:
            return tuple(EXERCISES)
        return (self.exercise if self.judged else STAND_IN,)

    @property
    def any_number(self) -> bool:
        """Whether so many numbers are right that a count cannot be wrong."""
        return len(self.reps) > LOOSEST_COUNT

    @property
    def expected(self) -> str:
        """The right numbers of repetitions, for people."""
        low, high = self.reps[0], self.reps[-1]
        return str(low) if low == high else f"{low}-{high}"


def read_manifest(folder: Path) -> list[Entry]:
    """Return the clips of ``folder/manifest.csv`` of which something can be learned.

    Clips of exercises that hipform does not judge are kept when their true angles are known. Columns beyond those that
    are needed are ignored; a manifest of rendered clips has ``reps`` instead of ``reps_min`` and ``reps_max``.
    """
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        entries = [_entry(folder / row["file"], row) for row in csv.DictReader(file)]
    return [entry for entry in entries if entry.judged or entry.exercise == NOTHING or entry.truth_json]


def _entry(path: Path, row: Mapping[str, str]) -> Entry:
    low, high = row.get("reps_min") or row["reps"], row.get("reps_max") or row["reps"]
    found, data = _truth_of(path)
    return Entry(
        path=path,
        exercise=row["exercise"],
        reps=range(int(low), int(high) + 1),
        lockout=_lockout(data) if data else row.get("lockout", ""),
        truth_json=found,
        seed=int(data["spec"]["seed"]) if data else None,
    )


def _truth_of(path: Path) -> tuple[Path | None, dict[str, dict[str, int]]]:
    truth = path.with_suffix(".json")
    if not truth.exists():
        return None, {}
    return truth, json.loads(truth.read_text(encoding="utf-8"))


def _lockout(data: Mapping[str, object]) -> str:
    """Return what every repetition of a rendered clip is, if they are alike and no other fault blurs the answer."""
    reps = data["reps"]
    assert isinstance(reps, list)
    faults = {tuple(sorted(fault["fault"] for fault in rep["faults"])) for rep in reps}
    return {frozenset({()}): "full", frozenset({("incomplete-lockout",)}): "short"}.get(frozenset(faults), "")


def in_part(entry: Entry, part: Part) -> bool:
    """Tell whether a clip belongs to a part: even seeds are for tuning, odd ones for reporting.

    Real clips have no seed and belong to ``all`` only.
    """
    if part == "all":
        return True
    return entry.seed is not None and entry.seed % 2 == (0 if part == "tune" else 1)


def select(folders: list[Path], part: Part) -> Iterator[Entry]:
    """Yield the clips of all folders that belong to a part."""
    for folder in folders:
        yield from (entry for entry in read_manifest(folder) if in_part(entry, part))
