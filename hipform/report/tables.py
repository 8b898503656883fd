"""reps.csv and frames.csv: units in the column names, empty where unseen, whole or not there."""

from __future__ import annotations

import csv
import io
import math
from pathlib import Path
from types import TracebackType
from typing import Self, TextIO

from hipform.files import create_beside, output_error, remove, write_whole
from hipform.kinematics.measures import MEASURES
from hipform.report.result import AnalysisResult, rep_rows
from hipform.types import Observation

_FRAME_COLUMNS = ("time_s", "exercise", "set", "tracked", "side", "phase", "rep_count", "partial_count", "view_off_deg")


def write_reps(path: Path, result: AnalysisResult) -> None:
    """Write one row per repetition.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    rows = list(rep_rows(result))
    text = io.StringIO(newline="")
    if rows:
        writer = csv.DictWriter(text, fieldnames=list(rows[0]), lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)
    write_whole(path, text.getvalue().encode())


class FrameTable:
    """Context manager that writes frames.csv row by row; deleted when the block ends with an exception.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._temporary = create_beside(path)
        self._file: TextIO = self._temporary.open("w", encoding="utf-8", newline="")
        self._writer = csv.writer(self._file, lineterminator="\n")
        measures = [column for name in MEASURES for column in (name, u95_name(name))]
        self._put([*_FRAME_COLUMNS, *measures])

    def write(self, observation: Observation) -> None:
        """Append one frame."""
        values = [value for name in MEASURES for value in (observation.values[name], observation.u95[name])]
        self._put(
            [
                f"{observation.t_s:.6f}",
                observation.exercise,
                observation.set_number,
                int(observation.tracked),
                observation.side.value,
                observation.phase.value,
                observation.rep_count,
                observation.partial_count,
                *map(_cell, [observation.view_off_deg, *values]),
            ]
        )

    def _put(self, row: list[object]) -> None:
        try:
            self._writer.writerow(row)
        except OSError as error:
            raise output_error(self._path, error) from error

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        try:
            self._file.close()
            if kind is None:
                self._temporary.replace(self._path)
        except OSError as failure:
            if kind is None:
                raise output_error(self._path, failure) from failure
        finally:
            remove(self._temporary)


def u95_name(name: str) -> str:
    """Return the column of a measure's uncertainty: ``hip_flexion_deg`` -> ``hip_flexion_u95_deg``."""
    stem, unit = name.rsplit("_", 1)
    return f"{stem}_u95_{unit}"


def _cell(value: object) -> object:
    """Return *value* for a CSV cell: numbers rounded to what they mean, nothing for unseen, booleans as 0 and 1."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.4g}" if abs(value) < 1 else f"{value:.3f}"
    return "" if value is None else value
