"""Landmarks and angles in OpenSim's text formats: .trc for markers, .mot for coordinates over time.

OpenSim's ground frame has Y up; X points to the right of the image and Z out of it, toward the camera. The body does
not translate, because the pose model's landmarks are relative to the middle of the hips. Their depth, Z, is the pose
model's estimate from one camera.
"""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from hipform import __version__
from hipform.errors import InputError
from hipform.files import text_written_whole
from hipform.pose.poses import Landmark, Pose
from hipform.types import Side

_MARKERS = tuple(landmark.name.lower() for landmark in Landmark)
_COORDINATES = {"trunk_thigh_flexion": "trunk_thigh_flexion_deg", "knee_angle": "knee_flexion_deg"}
"""OpenSim's coordinates and the corresponding measures; flexion is positive in both."""

_OTHER_COORDINATES = {name: f"other_{measure}" for name, measure in _COORDINATES.items()}
"""The same for the leg away from the camera."""

_MAX_CELL = 1e9
"""Upper limit of times in seconds and angles in degrees."""

_EXPLANATION = f"""Measured by hipform {__version__} on one video.
trunk_thigh_flexion: angle between trunk and thigh, flexion is positive; it includes the motion of the low back.
knee_angle: flexion is positive, as in the model of Rajagopal (2016); gait2392 has the opposite sign.
Frames in which hip or knee was not seen are omitted."""


def write_trc(path: Path, poses: Iterable[Pose], *, count: int, fps: float) -> None:
    """Write the landmarks of *count* poses as markers in millimetres, NaN if no person was found.

    Times are those of the frames. The header contains the nominal rate *fps*. OpenSim reads and writes the word NaN; it
    rejects a row that ends with an empty cell.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    rate = f"{fps:.6f}"
    with text_written_whole(path) as file:
        file.write(f"PathFileType\t4\t(X/Y/Z)\t{path.name}\n")
        file.write(
            "DataRate\tCameraRate\tNumFrames\tNumMarkers\tUnits\tOrigDataRate\tOrigDataStartFrame\tOrigNumFrames\n"
        )
        file.write("\t".join([rate, rate, str(count), str(len(_MARKERS)), "mm", rate, "1", str(count)]) + "\n")
        file.write("Frame#\tTime\t" + "\t\t\t".join(_MARKERS) + "\t\t\n")
        axes = (f"{axis}{number}" for number in range(1, len(_MARKERS) + 1) for axis in "XYZ")
        file.write("\t\t" + "\t".join(axes) + "\n\n")
        for number, pose in enumerate(poses, 1):
            file.write("\t".join([str(number), f"{pose.t_s:.6f}", *_marker_cells(pose)]) + "\n")


def _marker_cells(pose: Pose) -> list[str]:
    # The landmarks' axes are x right, y down, z away: a rotation of 180 degrees about x gives OpenSim's axes.
    return [f"{1000 * value:.2f}" for x, y, z in pose.world_m.tolist() for value in (x, -y, -z)]


def measured_sides(frames: Iterable[Mapping[str, str]]) -> list[Side]:
    """Return the sides of the body on which any row of frames.csv has measured hip and knee."""
    seen = {row["side"] for row in frames if _is_measured(row)}
    return [side for side in Side if side.value in seen]


def write_mot_of_both(path: Path, frames: Iterable[Mapping[str, str]]) -> bool:
    """Write hip and knee of both legs, from the rows of frames.csv in which all four were measured.

    Returns
    -------
    bool
        Whether there was such a row; without one, no file is written.

    Raises
    ------
    InputError, OutputError
        As `write_mot`.
    """
    rows = [row for row in frames if _is_measured(row) and all(row[name] for name in _OTHER_COORDINATES.values())]
    if not rows:
        return False
    cells = [[row["time_s"], *_legs(row)] for row in rows]
    names = ["time", *(f"{name}_{side.value[0]}" for side in Side for name in _COORDINATES)]
    _write(path, names, cells, "Both legs are measured; the leg away from the camera is less certain.")
    return True


def _legs(row: Mapping[str, str]) -> list[str]:
    """Return the cells of the left leg, then of the right one."""
    near, other = ([row[name] for name in names.values()] for names in (_COORDINATES, _OTHER_COORDINATES))
    return [*near, *other] if row["side"] == Side.LEFT.value else [*other, *near]


def write_mot(path: Path, frames: Iterable[Mapping[str, str]], side: Side) -> None:
    """Write hip and knee of one leg in degrees, from the rows of frames.csv in which they were measured.

    Other rows are omitted, because OpenSim's older reader takes NaN for the end of the file.

    Raises
    ------
    InputError
        If a cell is not a number.
    OutputError
        If the file cannot be written.
    """
    rows = [row for row in frames if row["side"] == side.value and _is_measured(row)]
    names = ["time", *(f"{name}_{side.value[0]}" for name in _COORDINATES)]
    cells = [[row[name] for name in ("time_s", *_COORDINATES.values())] for row in rows]
    _write(path, names, cells, "One leg at a time: frames in which the other leg was measured are omitted.")


def _write(path: Path, names: Sequence[str], rows: Sequence[Sequence[str]], which: str) -> None:
    with text_written_whole(path) as file:
        file.write(f"Coordinates\nversion=1\nnRows={len(rows)}\nnColumns={len(names)}\ninDegrees=yes\n")
        file.write(f"{_EXPLANATION}\n{which}\nendheader\n")
        file.write("\t".join(names) + "\n")
        for row in rows:
            file.write("\t".join(map(_number, row)) + "\n")


def _is_measured(row: Mapping[str, str]) -> bool:
    return row["tracked"] == "1" and all(row[measure] for measure in _COORDINATES.values())


def _number(cell: str) -> str:
    try:
        value = float(cell)
    except ValueError:
        value = math.inf
    # NaN is out of range too.
    if not abs(value) <= _MAX_CELL:
        raise InputError(f"frames.csv is damaged: {cell[:40]!r} is not a valid number.", "Analyse the clip again.")
    return f"{value:.6f}"
