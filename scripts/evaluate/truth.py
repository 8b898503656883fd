"""The truth of a rendered clip, in hipform's own measures and signs (docs/rendered_truth.md, docs/how_it_works.md)."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hipform.types import FloatArray

TOP_BAND_DEG = 5.0
"""A top is the time within this of the most extended angle, as hipform has it (`reps.top_band_deg`)."""

FLAT_DEG = 1.0
"""In a hold every moment within this of the most extended angle is as good a top as any other."""

PLANTED_LEG_EXERCISES = ("single-leg-glute-bridge",)
"""Exercises in which hipform says that it measures the leg that works, whichever is nearer."""

_MEASURE_COLUMNS = {
    "hip_flexion_deg": "hip_flexion_deg",
    "knee_flexion_deg": "knee_flexion_deg",
    "shin_lean_deg": "shin_lean_deg",
}


@dataclass(frozen=True, slots=True)
class TrueFault:
    """A fault of a repetition: its id, the rule that shall find it, how much of it there is and in what."""

    id: str
    rule: str
    amount: float
    unit: str


@dataclass(frozen=True, slots=True)
class TrueRep:
    """One repetition as it was; the top is what hipform calls top. Seconds of the clip, degrees.

    Attributes
    ----------
    start_s, end_s
        Begin of the lift, end of the lowering.
    top_start_s, top_end_s
        First and last moment within `TOP_BAND_DEG` of the most extended angle.
    flat_start_s, flat_end_s
        First and last moment within `FLAT_DEG` of it.
    top_hip_deg
        The most extended trunk-thigh angle.
    faults
        What is wrong with it.
    """

    start_s: float
    top_start_s: float
    flat_start_s: float
    flat_end_s: float
    top_end_s: float
    end_s: float
    top_hip_deg: float
    faults: tuple[TrueFault, ...] = ()

    @property
    def lift_s(self) -> float:
        """Time from the begin to the top."""
        return self.top_start_s - self.start_s

    @property
    def hold_s(self) -> float:
        """Time at the top."""
        return self.top_end_s - self.top_start_s

    @property
    def lower_s(self) -> float:
        """Time from the top to the end."""
        return self.end_s - self.top_end_s


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """A rendered clip as it was.

    Attributes
    ----------
    azimuth_deg
        Angle between the camera and the true side view, without its sign.
    plates
        Whether plates may hide the body.
    side
        Side of the body the angles belong to.
    t_s
        Times of the frames.
    angles
        Angle by hipform's measure name, a value a frame, degrees.
    reps
        The repetitions, in time order.
    """

    azimuth_deg: float
    plates: bool
    side: str
    t_s: FloatArray
    angles: Mapping[str, FloatArray]
    reps: tuple[TrueRep, ...]


def read_truth(truth_json: Path) -> Truth:
    """Read NAME.json and NAME.csv of a rendered clip.

    The angles are the planar sagittal ones of one side: the side nearer to the camera, or the planted leg where
    hipform measures that. The trunk is taken from the joints of that side, as hipform takes it, because the clip's own
    trunk angle lies in the middle of the body.
    """
    data = json.loads(truth_json.read_text(encoding="utf-8"))
    rows = read_rows(truth_json.with_suffix(".csv"))
    spec = data["spec"]
    side = data["reps"][0]["side"] if spec["exercise"] in PLANTED_LEG_EXERCISES else data["near_side"]
    t_s = numbers(rows, "time_s")
    angles = {name: numbers(rows, f"{side}_{column}") for name, column in _MEASURE_COLUMNS.items()}
    angles["trunk_incline_deg"] = _trunk_incline_deg(data, side)
    return Truth(
        azimuth_deg=abs(float(spec["camera"]["azimuth_deg"])),
        plates=spec["scene"]["plates"] != "none",
        side=side,
        t_s=t_s,
        angles=angles,
        reps=tuple(true_rep(rep, t_s, numbers(rows, f"{rep['side']}_hip_flexion_deg")) for rep in data["reps"]),
    )


def read_rows(path: Path) -> list[dict[str, str]]:
    """Return the rows of a CSV file."""
    with path.open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


def numbers(rows: list[dict[str, str]], column: str) -> FloatArray:
    """Return a column as numbers; empty cells are NaN."""
    return np.array([float(row[column] or "nan") for row in rows])


def _trunk_incline_deg(data: Mapping[str, Any], side: str) -> FloatArray:
    names = data["landmarks"]
    joints_m = np.array(data["frames"]["landmarks_m"], dtype=float)
    trunk_m = joints_m[:, names.index(f"{side}_shoulder")] - joints_m[:, names.index(f"{side}_hip")]
    incline_deg: FloatArray = np.degrees(np.arctan2(trunk_m[:, 2], np.abs(trunk_m[:, 0])))
    return incline_deg


def true_rep(record: Mapping[str, Any], t_s: FloatArray, hip_deg: FloatArray) -> TrueRep:
    """Turn a repetition's record and the working hip's angle into a `TrueRep`."""
    start_s, end_s = float(record["start_s"]), float(record["end_s"])
    within = np.flatnonzero((t_s >= start_s) & (t_s <= end_s))
    top = int(within[np.argmin(hip_deg[within])])
    top_first, top_last = _stretch(hip_deg <= hip_deg[top] + TOP_BAND_DEG, top)
    flat_first, flat_last = _stretch(hip_deg <= hip_deg[top] + FLAT_DEG, top)
    return TrueRep(
        start_s=start_s,
        top_start_s=float(t_s[top_first]),
        flat_start_s=float(t_s[flat_first]),
        flat_end_s=float(t_s[flat_last]),
        top_end_s=float(t_s[top_last]),
        end_s=end_s,
        top_hip_deg=float(hip_deg[top]),
        faults=tuple(TrueFault(f["fault"], f["rule"], float(f["amount"]), f["unit"]) for f in record["faults"]),
    )


def _stretch(inside: NDArray[np.bool_], at: int) -> tuple[int, int]:
    """Return the first and last position of the unbroken stretch of `inside` around a position."""
    outside = np.flatnonzero(~inside)
    before, after = outside[outside < at], outside[outside > at]
    return (int(before[-1]) + 1 if len(before) else 0), (int(after[0]) if len(after) else len(inside)) - 1
