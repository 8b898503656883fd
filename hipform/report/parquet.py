"""Rows as Parquet, which pandas, R, DuckDB and others read with their types."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from pathlib import Path

from hipform import __version__
from hipform.errors import OutputError
from hipform.files import write_whole

_NUMBERS = ("_s", "_deg", "_ratio", "_kg", " measured")
"""Endings of the columns that hold measured numbers, also where none was measured."""


def write_parquet(path: Path, rows: Sequence[Mapping[str, object]]) -> None:
    """Write rows of the same columns; what was not seen is null, never NaN.

    Raises
    ------
    OutputError
        If the file cannot be written, or pyarrow is not installed.
    """
    try:
        import pyarrow as pa  # noqa: PLC0415 - an optional extra
        from pyarrow import parquet  # noqa: PLC0415
    except ImportError as error:
        hint = "Install it with: pip install 'hipform[parquet]'"
        raise OutputError(f"Cannot write {path}: Parquet needs the package pyarrow.", hint) from error
    names = list(rows[0]) if rows else []
    columns = {name: pa.array([row[name] for row in rows]) for name in names}
    for name, column in columns.items():
        if pa.types.is_null(column.type):
            columns[name] = column.cast(pa.float64() if name.endswith(_NUMBERS) else pa.string())
    table = pa.table(columns).replace_schema_metadata({"hipform": __version__})
    sink = pa.BufferOutputStream()
    parquet.write_table(table, sink)
    write_whole(path, sink.getvalue().to_pybytes())
