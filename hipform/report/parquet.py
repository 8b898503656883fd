"""Tables as Parquet, which pandas, R, DuckDB and others read with column types."""

from __future__ import annotations

import csv
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from hipform import __version__
from hipform.errors import InputError, missing_package
from hipform.files import write_whole
from hipform.folder_handle import open_inside
from hipform.report.rep_columns import REP_COLUMNS

_NUMBERS = ("_s", "_deg", "_ratio", "_kg", " measured")
"""Suffixes of columns that contain measured numbers."""
_YES_OR_NO = ("tracked", *(column.name for column in REP_COLUMNS if column.kind is bool))
"""Columns that CSV stores as 0 and 1."""
_COUNTS = ("rep_count", "partial_count", *(column.name for column in REP_COLUMNS if column.kind is int))
"""Columns of integers."""
_NOTHING = [""]
"""The only text for a missing value; other words that pyarrow treats as missing may be somebody's name."""
_MAX_HEADER_BYTES = 100_000
_MAX_REASON_CHARS = 150


def is_number(column: str) -> bool:
    """Return, by name, whether a column of a table of repetitions or frames contains numbers or booleans."""
    return column.endswith(_NUMBERS) or column in _YES_OR_NO or column in _COUNTS


def write_parquet(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    """Write rows with the same columns; unseen values are null, never NaN.

    Raises
    ------
    OutputError
        If the file cannot be written, or pyarrow is not installed.
    """
    pa = _pyarrow(path)
    names = list(rows[0]) if rows else []
    _write(path, pa.table({name: pa.array([row[name] for row in rows]) for name in names}))


def csv_to_parquet(source: Path, path: Path) -> None:
    """Write a CSV table of an analysis or a batch as Parquet, with column types inferred from the column names.

    Raises
    ------
    InputError
        If *source* is missing or not such a table.
    OutputError
        If the file cannot be written, or pyarrow is not installed.
    """
    pa = _pyarrow(path)
    try:
        _write(path, _read_csv(pa, source))
    except FileNotFoundError as error:
        raise InputError(f"{source} is missing.", "Give a results folder of `hipform analyze`.") from error
    except (OSError, ValueError, csv.Error, pa.ArrowException) as error:
        reason = str(error).partition("\n")[0][:_MAX_REASON_CHARS]
        raise InputError(
            f"{source} cannot be read as a hipform table ({reason}).", "Analyse the clip again."
        ) from error


def _read_csv(pa: Any, source: Path) -> Any:
    """Return the table in *source*; raise ValueError or ArrowException if a cell does not fit its column's type."""
    from pyarrow import compute  # noqa: PLC0415
    from pyarrow import csv as arrow_csv  # noqa: PLC0415

    with open_inside(source) as file:
        header = file.readline(_MAX_HEADER_BYTES)
    names = next(csv.reader([header.decode()], strict=True))
    if len(set(names)) != len(names):
        raise ValueError("two columns have the same name")
    types = {name: _type_of(pa, name) for name in names}
    options = arrow_csv.ConvertOptions(
        column_types=types, strings_can_be_null=True, null_values=_NOTHING, true_values=["1"], false_values=["0"]
    )
    with open_inside(source) as file:
        table = arrow_csv.read_csv(file, convert_options=options)
    for name in names:
        if types[name] == pa.float64() and not compute.all(compute.is_finite(table[name]), min_count=0).as_py():
            raise ValueError(f"{name} has a value that is not finite")
    return table


def _type_of(pa: Any, column: str) -> Any:
    if column in _YES_OR_NO:
        return pa.bool_()
    if column in _COUNTS:
        return pa.int64()
    return pa.float64() if column.endswith(_NUMBERS) else pa.string()


def _pyarrow(path: Path) -> Any:
    try:
        import pyarrow as pa  # noqa: PLC0415 - an optional extra
    except ImportError as error:
        raise missing_package(path, "Parquet", "pyarrow", "parquet") from error
    return pa


def _write(path: Path, table: Any) -> None:
    """Write a pyarrow table; measured numbers are floats even if all are integers or none was seen."""
    pa = _pyarrow(path)
    from pyarrow import parquet  # noqa: PLC0415

    for number, field in enumerate(table.schema):
        if field.name.endswith(_NUMBERS):
            table = table.set_column(number, field.name, table[field.name].cast(pa.float64()))
        elif pa.types.is_null(field.type):
            table = table.set_column(number, field.name, table[field.name].cast(pa.string()))
    sink = pa.BufferOutputStream()
    parquet.write_table(table.replace_schema_metadata({"hipform": __version__}), sink)
    write_whole(path, sink.getvalue().to_pybytes())
