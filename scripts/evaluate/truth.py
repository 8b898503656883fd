"""The truth of a rendered clip, in hipform's own measures and signs (docs/rendered_truth.md, docs/how_it_works.md)."""

from __future__ import annotations

import csv
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from hipform.exercises import EXERCISES
from hipform.exercises.declaration import WorkingSide
from hipform.segmentation.traced_movement import margin_deg
from hipform.segmentation.turning_points import StartsAt
from hipform.types import FloatArray

TOP_BAND_DEG = 5.0
"""A top is the time within this of the most extended angle, as hipform has it (`reps.top_band_deg`)."""

FLAT_DEG = 1.0
"""In a hold every moment within this of the most extended angle is as good a top as any other."""

ASYMMETRY = "asymmetry"
"""Fault that is there on one side only: the left of a lifter who is not mirrored."""

_MEASURE_COLUMNS = {
    "trunk_thigh_flexion_deg": "trunk_thigh_flexion_deg",
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
        All of it: from the bottom to the bottom, or where it starts at the top from there to the next one.
    top_start_s, top_end_s
        First and last moment within `TOP_BAND_DEG` of the most extended angle.
    flat_start_s, flat_end_s
        First and last moment within `FLAT_DEG` of it.
    top_hip_deg
        The most extended trunk-thigh angle.
    moments
        Times and tempo by hipform's name, as far as hipform gives them the same meaning.
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
    moments: Mapping[str, float]
    faults: tuple[TrueFault, ...] = ()


@dataclass(frozen=True, slots=True, eq=False)
class Truth:
    """A rendered clip as it was.

    Attributes
    ----------
    t_s
        Times of the frames.
    sides
        Side of the body that the angles belong to, a name a frame.
    angles
        Angle by hipform's measure name, a value a frame, degrees.
    reps
        The repetitions, in time order.
    """

    t_s: FloatArray
    sides: NDArray[np.str_]
    angles: Mapping[str, FloatArray]
    reps: tuple[TrueRep, ...]


def read_truth(truth_json: Path) -> Truth:
    """Read NAME.json and NAME.csv of a rendered clip.

    The angles are the planar sagittal ones of one side: the side nearer to the camera, or the working leg where
    hipform measures that. The trunk is taken from the joints of that side, as hipform takes it, because the clip's own
    trunk angle lies in the middle of the body.
    """
    data = json.loads(truth_json.read_text(encoding="utf-8"))
    rows = read_rows(truth_json.with_suffix(".csv"))
    exercise = EXERCISES[data["spec"]["exercise"]]
    near = exercise.working_side is WorkingSide.NEAR
    sides = np.array([data["near_side"] if near else row["working_side"] for row in rows])
    t_s = numbers(rows, "time_s")
    angles = {
        name: _on_sides(sides, {side: numbers(rows, f"{side}_{column}") for side in set(sides)})
        for name, column in _MEASURE_COLUMNS.items()
    }
    angles["trunk_incline_deg"] = _on_sides(sides, {side: _trunk_incline_deg(data, side) for side in set(sides)})
    hips_deg = [numbers(rows, f"{rep['side']}_trunk_thigh_flexion_deg") for rep in data["reps"]]
    short_side = "right" if data["spec"]["camera"]["mirrored"] else "left"
    return Truth(
        t_s=t_s,
        sides=sides,
        angles=angles,
        reps=tuple(
            replace(true_rep(rep, t_s, hip_deg, exercise.starts_at), faults=true_faults(rep, short_side))
            for rep, hip_deg in zip(data["reps"], hips_deg, strict=True)
        ),
    )


def _on_sides(sides: NDArray[np.str_], values: Mapping[str, FloatArray]) -> FloatArray:
    """Return in each frame the value of the side of that frame."""
    return np.select([sides == side for side in values], list(values.values()), np.nan)


def true_faults(record: Mapping[str, Any], short_side: str) -> tuple[TrueFault, ...]:
    """Return the faults of a repetition's record; *short_side* is the one that `ASYMMETRY` concerns."""
    faults = [TrueFault(f["fault"], f["rule"], float(f["amount"]), f["unit"]) for f in record["faults"]]
    return tuple(fault for fault in faults if fault.id != ASYMMETRY or record["side"] == short_side)


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


def true_rep(record: Mapping[str, Any], t_s: FloatArray, hip_deg: FloatArray, starts_at: StartsAt) -> TrueRep:
    """Turn a repetition's record and the working hip's angle into a `TrueRep` without faults."""
    ascent_s, end_s = float(record["ascent_s"]), float(record["end_s"])
    lift = np.flatnonzero((t_s >= ascent_s) & (t_s <= end_s))
    top = int(lift[np.argmin(hip_deg[lift])])
    top_first, top_last = _stretch(hip_deg <= hip_deg[top] + TOP_BAND_DEG, top)
    flat_first, flat_last = _stretch(hip_deg <= hip_deg[top] + FLAT_DEG, top)
    return TrueRep(
        start_s=float(record["start_s"]),
        top_start_s=float(t_s[top_first]),
        flat_start_s=float(t_s[flat_first]),
        flat_end_s=float(t_s[flat_last]),
        top_end_s=float(t_s[top_last]),
        end_s=end_s,
        top_hip_deg=float(hip_deg[top]),
        moments=_moments(record, t_s, hip_deg, (top_first, top, top_last), starts_at),
    )


def _moments(
    record: Mapping[str, Any],
    t_s: FloatArray,
    hip_deg: FloatArray,
    tops: tuple[int, int, int],
    starts_at: StartsAt,
) -> dict[str, float]:
    """Return the times of a repetition that mean the same in the truth and in hipform.

    A movement begins where the hip leaves its end position by `hipform.segmentation.traced_movement.margin_deg`, and
    ends where it comes that close to the next one: the first and last moments of a lift are too slow to be seen.
    *tops* are the first frame of the top, its most extended frame, and its last frame.

    Where a repetition starts at the top, hipform ends it, and its hold, as soon as it is up. A swing is recorded from
    the top, but hipform measures it from the bottom: of its end and lowering nothing can be said.
    """
    top_first, top, top_last = tops
    ascent = int(np.searchsorted(t_s, float(record["ascent_s"])))
    lift_start = _leaves(hip_deg, ascent, top)
    times = {"top_start_s": t_s[top_first], "lift_s": t_s[top_first] - t_s[lift_start]}
    if starts_at is StartsAt.TOP:
        begin = int(np.searchsorted(t_s, float(record["start_s"])))
        bottom = int(np.searchsorted(t_s, float(record["bottom_s"])))
        first, last = _leaves(hip_deg, begin, bottom), _reaches(hip_deg, begin, bottom)
        times |= {"start_s": t_s[first], "lower_s": t_s[last] - t_s[first]}
    else:
        times |= {"start_s": t_s[lift_start], "top_end_s": t_s[top_last], "hold_s": t_s[top_last] - t_s[top_first]}
        if float(record["descent_s"]) >= float(record["ascent_s"]):
            end = min(int(np.searchsorted(t_s, float(record["end_s"]))), len(t_s) - 1)
            last = _reaches(hip_deg, top_last, end)
            times |= {"end_s": t_s[last], "lower_s": t_s[last] - t_s[top_last]}
    return {name: float(value) for name, value in times.items()}


def _leaves(hip_deg: FloatArray, begin: int, end: int) -> int:
    """Return the last frame of a movement in which the hip is still close to where it began."""
    path_deg = np.abs(hip_deg[begin : end + 1] - hip_deg[begin])
    return begin + int(np.flatnonzero(path_deg <= margin_deg(path_deg[-1]))[-1])


def _reaches(hip_deg: FloatArray, begin: int, end: int) -> int:
    """Return the first frame of a movement in which the hip is close to where it ends."""
    left_deg = np.abs(hip_deg[begin : end + 1] - hip_deg[end])
    return begin + int(np.argmax(left_deg <= margin_deg(left_deg[0])))


def _stretch(inside: NDArray[np.bool_], at: int) -> tuple[int, int]:
    """Return the first and last position of the unbroken stretch of `inside` around a position."""
    outside = np.flatnonzero(~inside)
    before, after = outside[outside < at], outside[outside > at]
    return (int(before[-1]) + 1 if len(before) else 0), (int(after[0]) if len(after) else len(inside)) - 1
