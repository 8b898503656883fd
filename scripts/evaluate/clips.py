"""The clips, what a manifest says of them, and the part of the set that each belongs to."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any, Literal

from hipform.exercises import EXERCISES

Data = Mapping[str, Any]
"""Truth of a rendered clip, as its JSON file has it."""

NOTHING = "none"
"""Exercise of a clip in which nothing may be counted, whichever exercise is asked for."""

KNOWN_TODAY = {"none_backext.mp4": {"exercise": "back-extension", "reps_min": "1", "reps_max": "1"}}
"""What clips show that a manifest calls `NOTHING`, because hipform did not know their exercise when it was written."""

SEVERAL = "_then_"
"""A name with this in it, as in ``glute_bridge_then_single_leg.mp4``, shows more than the manifest's exercise."""

SIDE_VIEW_DEG = 30.0
"""Up to here off the side view no count may be off by more than one."""

AZIMUTH_EDGES_DEG = (10.0, 20.0, 30.0, 45.0, 60.0)

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
    azimuth_deg, azimuth, occlusion
        A rendered clip's camera angle off the side view, its interval, and ``plates`` or ``none``; 0 and empty for a
        real one.
    side_view
        Whether the camera is less than `SIDE_VIEW_DEG` off the side view, or the manifest calls it ``side``.
    """

    path: Path
    exercise: str
    reps: range
    lockout: str
    truth_json: Path | None = None
    seed: int | None = None
    azimuth_deg: float = 0.0
    azimuth: str = ""
    occlusion: str = ""
    side_view: bool = False

    @property
    def source(self) -> str:
        """``rendered`` or ``real``."""
        return "rendered" if self.truth_json else "real"

    @property
    def analysed_as(self) -> tuple[str, ...]:
        """Exercises to run the clip as."""
        return tuple(EXERCISES) if self.exercise == NOTHING else (self.exercise,)

    @property
    def shows_several(self) -> bool:
        """Whether the clip shows other exercises besides the manifest's."""
        return SEVERAL in self.path.stem

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
    """Return the clips of ``folder/manifest.csv``.

    Columns beyond those that are needed are ignored; a manifest of rendered clips has ``reps`` instead of ``reps_min``
    and ``reps_max``.
    """
    return [_entry(folder / row["file"], row) for row in manifest_rows(folder)]


def manifest_rows(folder: Path) -> list[dict[str, str]]:
    """Return the rows of ``folder/manifest.csv``, with what is `KNOWN_TODAY`."""
    with (folder / "manifest.csv").open(encoding="utf-8", newline="") as file:
        return [row | KNOWN_TODAY.get(row["file"], {}) for row in csv.DictReader(file)]


def _entry(path: Path, row: Mapping[str, str]) -> Entry:
    truth_json = path.with_suffix(".json")
    entry = Entry(
        path=path,
        exercise=row["exercise"],
        reps=range(int(row.get("reps_min") or row["reps"]), int(row.get("reps_max") or row["reps"]) + 1),
        lockout=row.get("lockout", ""),
        side_view=row.get("view") == "side",
    )
    return _rendered(entry, truth_json) if truth_json.exists() else entry


def _rendered(entry: Entry, truth_json: Path) -> Entry:
    """Return the entry with what the truth of a rendered clip says."""
    data = json.loads(truth_json.read_text(encoding="utf-8"))
    spec = data["spec"]
    azimuth_deg = abs(float(spec["camera"]["azimuth_deg"]))
    return replace(
        entry,
        lockout=_lockout(data),
        truth_json=truth_json,
        seed=int(spec["seed"]),
        azimuth_deg=azimuth_deg,
        azimuth=azimuth_band(azimuth_deg),
        occlusion="none" if spec["scene"]["plates"] == "none" else "plates",
        side_view=azimuth_deg < SIDE_VIEW_DEG,
    )


def azimuth_band(azimuth_deg: float) -> str:
    """Return the interval that a camera's angle off the side view falls in, such as ``10-20``."""
    low = 0.0
    for high in AZIMUTH_EDGES_DEG:
        if azimuth_deg < high:
            return f"{low:.0f}-{high:.0f}"
        low = high
    return f"{low:.0f}+"


def _lockout(data: Data) -> str:
    """Return what every repetition of a rendered clip is, if they are alike and no other fault blurs the answer."""
    faults = {tuple(sorted(fault["fault"] for fault in rep["faults"])) for rep in data["reps"]}
    return {frozenset({()}): "full", frozenset({("incomplete-lockout",)}): "short"}.get(frozenset(faults), "")


def in_part(entry: Entry, part: Part) -> bool:
    """Return whether a clip belongs to a part: even seeds are for tuning, odd ones for reporting.

    Real clips have no seed and belong to ``all`` only.
    """
    if part == "all":
        return True
    return entry.seed is not None and entry.seed % 2 == (0 if part == "tune" else 1)


def select(folders: list[Path], part: Part) -> Iterator[Entry]:
    """Yield the clips of all folders that belong to a part."""
    for folder in folders:
        yield from (entry for entry in read_manifest(folder) if in_part(entry, part))
