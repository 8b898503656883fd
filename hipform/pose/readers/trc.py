"""TRC, the marker format of OpenSim: OpenCap and Pose2Sim write it in 3-D, Sports2D in 2-D."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

import numpy as np

from hipform.pose.landmark_schema import LandmarkSchema
from hipform.pose.readers.keypoint_file import (
    THREE_D_NOISE,
    KeypointFile,
    KeypointFrame,
    Person,
    PoseFormat,
    Space,
    unknown_scores,
)
from hipform.pose.readers.keypoint_names import BODY_AND_FEET

_METRES = {"mm": 0.001, "cm": 0.01, "m": 1.0}
_MAX_LINE = 1_000_000
_HEADER_LINES = 5


@dataclass(frozen=True, slots=True)
class _Header:
    names: Sequence[str]
    fps: float
    metres: float


def _open(path: Path) -> KeypointFile:
    with path.open(encoding="utf-8-sig", errors="strict") as file:
        header = _header([line[:_MAX_LINE].rstrip("\r\n").split("\t") for line in islice(file, _HEADER_LINES)])

    def frames() -> Iterator[KeypointFrame]:
        with path.open(encoding="utf-8-sig") as file:
            for line in islice(file, _HEADER_LINES, None):
                if line.strip():
                    yield _frame(line.rstrip("\r\n").split("\t"), header)

    return KeypointFile(names=header.names, frames=frames, space=Space.METRES, fps=header.fps)


def _header(lines: Sequence[Sequence[str]]) -> _Header:
    if not lines:
        raise ValueError("it is empty")
    if lines[0][0].strip() != "PathFileType" or len(lines) < _HEADER_LINES:
        raise ValueError("its first lines are not those of a TRC file")
    stated = dict(zip(map(str.strip, lines[1]), map(str.strip, lines[2]), strict=False))
    units = stated.get("Units", "")
    if units not in _METRES:
        raise ValueError(f"its units are {units or 'not stated'}; known units: {', '.join(_METRES)}")
    names = [name.strip() for name in lines[3][2:] if name.strip()]
    try:
        fps = float(stated["DataRate"])
    except (KeyError, ValueError) as error:
        raise ValueError("it states no DataRate") from error
    return _Header(names, fps, _METRES[units])


def _frame(cells: Sequence[str], header: _Header) -> KeypointFrame:
    count = 3 * len(header.names)
    coordinates = [*cells[2 : 2 + count], *[""] * (2 + count - len(cells))]
    if any(cell.strip() for cell in cells[2 + count :]):
        raise ValueError(f"frame {cells[0]} has more coordinates than markers")
    values = np.array([float(cell) if cell.strip() else np.nan for cell in coordinates])
    points = header.metres * values.reshape(-1, 3)
    # Several tools write zeros for a marker that was not seen.
    points[(points == 0).all(axis=1)] = np.nan
    return KeypointFrame(int(float(cells[0])), [Person(points, unknown_scores(len(points)))], float(cells[1]))


FORMAT = PoseFormat(
    name="trc",
    schema=LandmarkSchema(keypoints=BODY_AND_FEET, has_world=True, has_visibility=False, has_contour=False),
    noise=THREE_D_NOISE,
    title="a TRC marker file in metres or millimetres",
    open=_open,
    endings=frozenset({".trc"}),
)
