"""Files of the ground truth: a CSV table of the frames and a JSON file of everything else."""

from __future__ import annotations

import csv
import json
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

from scripts.render_samples.contacts import ContactReport
from scripts.render_samples.faults import FAULTS
from scripts.render_samples.geometry import (
    Array,
)
from scripts.render_samples.lifting_set import LiftingSet
from scripts.render_samples.rep_measures import measure_rep
from scripts.render_samples.skeleton import SIDE_NAME
from scripts.render_samples.spec import ClipSpec, to_dict
from scripts.render_samples.truth import FrameTruth, swap_sides

SCHEMA_VERSION = 1
LICENCE = "CC0-1.0"


# -- files -----------------------------------------------------------------------------------------------------


def angle_names(frames: list[FrameTruth]) -> list[str]:
    """Return the angle columns of the CSV file."""
    return sorted(frames[0].angles)


def write_csv(path: Path, frames: list[FrameTruth]) -> None:
    """Write time, phase and angles of every frame."""
    names = angle_names(frames)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file, lineterminator="\n")
        writer.writerow(["frame", "time_s", "rep", "phase", "working_side", *names])
        for frame in frames:
            moment = frame.moment
            values = [f"{frame.angles[name]:.2f}" for name in names]
            row = [frame.index, f"{moment.time_s:.5f}", moment.rep, moment.phase.value, frame.side]
            writer.writerow([*row, *values])


def rep_faults(spec: ClipSpec, rep: int) -> list[dict[str, Any]]:
    """Return the faults of a repetition."""
    return [
        {
            "fault": request.fault,
            "rule": FAULTS[request.fault].rule,
            "amount": request.amount,
            "unit": FAULTS[request.fault].unit,
            "measure": FAULTS[request.fault].measure.value,
        }
        for request in spec.faults
        if request.concerns(rep)
    ]


def rep_records(spec: ClipSpec, lifting_set: LiftingSet) -> Iterator[dict[str, Any]]:
    """Yield times, measures and faults of each repetition."""
    for times in lifting_set.timeline.reps:
        side = SIDE_NAME[times.side]
        record = asdict(times) | {"side": swap_sides(f"{side}_")[:-1] if spec.camera.mirrored else side}
        yield _rounded(record) | {
            "measures": _rounded(asdict(measure_rep(lifting_set, times))),
            "faults": rep_faults(spec, times.rep),
        }


def _rounded(record: dict[str, Any]) -> dict[str, Any]:
    return {name: round(value, 4) if isinstance(value, float) else value for name, value in record.items()}


def write_json(
    path: Path, spec: ClipSpec, lifting_set: LiftingSet, frames: list[FrameTruth], contacts: ContactReport
) -> None:
    """Write the clip's specification, reps, camera and joints."""
    names = list(frames[0].points)
    still = spec.camera.sway_m == 0.0
    matrices = [frame.matrix for frame in (frames[:1] if still else frames)]
    data = {
        "schema_version": SCHEMA_VERSION,
        "licence": LICENCE,
        "spec": to_dict(spec),
        "near_side": "left" if spec.camera.mirrored else "right",
        "reps": list(rep_records(spec, lifting_set)),
        "contacts": _rounded(asdict(contacts)),
        "camera": {
            "width_px": spec.camera.width_px,
            "height_px": spec.camera.height_px,
            "fps": spec.camera.fps,
            "matrices": [[round(float(x), 5) for x in matrix.ravel()] for matrix in matrices],
        },
        "landmarks": names,
        "frames": {
            "time_s": [round(frame.moment.time_s, 5) for frame in frames],
            "landmarks_m": [[_round_all(frame.points[name], 4) for name in names] for frame in frames],
            "landmarks_px": [[_round_all(frame.pixels[name], 1) for name in names] for frame in frames],
        },
    }
    path.write_text(json.dumps(data, separators=(",", ":")), encoding="utf-8")


def _round_all(values: Array, digits: int) -> list[float]:
    return [round(float(value), digits) for value in values]
