"""reps.csv and frames.csv: units in the column names, empty cells for unseen values, written atomically."""

from __future__ import annotations

import csv
import math
import re
from collections.abc import Iterable, Mapping, Sequence
from io import TextIOWrapper
from pathlib import Path
from types import TracebackType
from typing import Self

from hipform.analysis.judged_reps import Observation
from hipform.errors import InputError, one_line
from hipform.files import NewFile, as_text, output_error, text_written_whole
from hipform.folder_handle import open_inside
from hipform.kinematics.measures import MEASURES
from hipform.kinematics.uncertainty import u95_name
from hipform.report.result import AnalysisResult, rep_columns, rep_rows

_LUMBAR = "lumbar_extension_deg"
_LOAD_COLUMNS = ("load_x_px", "load_y_px", "load_radius_px", "load_confidence")
_FRAME_COLUMNS = ("time_s", "exercise", "set", "tracked", "side", "phase", "rep_count", "partial_count", "view_off_deg")
_FORMULA = re.compile(r'(^|;)(?=[\s"]*[=+\-@\uff1d\uff0b\uff0d\uff20\ufe66\ufe62\ufe63\ufe6b])')
"""Characters with which a spreadsheet may start a formula, full-width ones included. In locales with a decimal comma, a
semicolon starts another cell."""


def write_reps(path: Path, result: AnalysisResult) -> None:
    """Write one row per repetition; without repetitions, only the header is written.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    write_rows(path, rep_columns(result), rep_rows(result))


def write_rows(path: Path, columns: Sequence[str], rows: Iterable[Mapping[str, object]]) -> None:
    """Write a header and rows.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """
    with text_written_whole(path) as file:
        writer = csv.DictWriter(file, columns, lineterminator="\n")
        writer.writeheader()
        writer.writerows({name: _cell(value) for name, value in row.items()} for row in rows)


class FrameTable:
    """Context manager that writes frames.csv row by row; an exception in the block deletes the file.

    Raises
    ------
    OutputError
        If the file cannot be written.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._new = NewFile(path)
        self._file = as_text(self._new.file)
        self._writer = csv.writer(self._file, lineterminator="\n")
        measures = [column for name in MEASURES for column in (name, u95_name(name))]
        self._put([*_FRAME_COLUMNS, *measures, _LUMBAR, u95_name(_LUMBAR), *_LOAD_COLUMNS])

    def write(self, observation: Observation) -> None:
        """Append one frame."""
        values = [value for name in MEASURES for value in (observation.values[name], observation.u95[name])]
        lumbar = observation.lumbar_extension_deg
        values += (lumbar.value, lumbar.u95) if lumbar else (math.nan, math.nan)
        load = observation.load
        # The vertical radius: an oblique view shortens the horizontal one only.
        values += (*load.center_px.tolist(), float(load.radius_px[1]), load.confidence) if load else [math.nan] * 4
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
        except OSError as failure:
            self._new.discard()
            if kind is None:
                raise output_error(self._path, failure) from failure
            return
        self._new.__exit__(kind, error, trace)


def read_frames(path: Path) -> list[dict[str, str]]:
    """Return the rows of a frames.csv, with each cell as text.

    Raises
    ------
    InputError
        If the file is missing or not such a table.
    """
    try:
        with TextIOWrapper(open_inside(path), encoding="utf-8", newline="") as file:
            rows = list(csv.DictReader(file, restkey="", restval="", strict=True))
    except FileNotFoundError as error:
        raise InputError(f"{path} is missing.", "Give a results folder of `hipform analyze`.") from error
    except (OSError, ValueError, csv.Error) as error:
        raise InputError(f"{path} cannot be read as a hipform table.", "Analyse the clip again.") from error
    if not rows or not {*_FRAME_COLUMNS, *MEASURES} <= set(rows[0]):
        raise InputError(f"{path} does not have the columns of a frames.csv.", "Analyse the clip again.")
    return rows


def _cell(value: object) -> object:
    """Return *value* for a CSV cell: rounded numbers, an empty cell for unseen values, booleans as 0 and 1."""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, float):
        return "" if math.isnan(value) else f"{value:.4g}" if abs(value) < 1 else f"{value:.3f}"
    return "" if value is None else _inert(value) if isinstance(value, str) else value


def _inert(text: str) -> str:
    """Return *text* in one line, with an apostrophe before anything that a spreadsheet may take for a formula."""
    return one_line(_FORMULA.sub(r"\1'", text))
