"""DeepLabCut: its table of one or several individuals, as CSV or HDF5.

The HDF5 file is a pandas table. pandas reads it by unpickling its content, so the author of the file could run any
program. Here the column names are unpickled without access to classes or functions, and h5py reads the numbers.
"""

from __future__ import annotations

import csv
import io
import pickle
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path
from typing import Any

import numpy as np

from hipform.pose.readers.hdf5 import is_hdf5, open_hdf5, rows_of
from hipform.pose.readers.keypoint_file import TWO_D, TWO_D_NOISE, KeypointFile, KeypointFrame, Person, PoseFormat
from hipform.types import FloatArray

_COORDINATES = ("x", "y", "likelihood")
_MAX_NAMES_BYTES = 1_000_000
_MOST_COLUMNS = 10_000


@dataclass(frozen=True, slots=True)
class _Columns:
    """Meaning of the columns: for each individual, the columns of x, y and likelihood, shape (k, 3)."""

    names: Sequence[str]
    of_individual: Sequence[FloatArray]

    def people(self, row: FloatArray) -> Sequence[Person]:
        return [Person(values[:, :2], values[:, 2]) for values in (row[columns] for columns in self.of_individual)]


def _columns(headers: Sequence[Sequence[str]]) -> _Columns:
    """Return the meaning of the columns; each of *headers* is individual ("" if only one), body part and coordinate."""
    place = {tuple(header): column for column, header in enumerate(headers)}
    if len(place) != len(headers) or {header[2] for header in headers} != set(_COORDINATES):
        raise ValueError("its columns are not x, y and likelihood of each body part")
    individuals = list(dict.fromkeys(header[0] for header in headers))
    names = list(dict.fromkeys(header[1] for header in headers))
    # Body parts that only some individuals have, such as the corners of the arena, belong to no person.
    names = [name for name in names if all((one, name, "x") in place for one in individuals)] or names
    whole = [one for one in individuals if all((one, name, axis) in place for name in names for axis in _COORDINATES)]
    if not whole:
        raise ValueError("its columns are not x, y and likelihood of each body part")
    return _Columns(
        names, [np.array([[place[one, name, axis] for axis in _COORDINATES] for name in names]) for one in whole]
    )


def _open(path: Path) -> KeypointFile:
    return _open_hdf5(path) if is_hdf5(path) else _open_csv(path)


# ------------------------------------------------------------------------------------------------------------------ CSV


def _open_csv(path: Path) -> KeypointFile:
    with path.open(encoding="utf-8-sig", newline="") as file:
        headers = list(islice(csv.reader(file), 4))
    if not headers:
        raise ValueError("it is empty")
    titles = [row[0].strip().lower() if row else "" for row in headers]
    if titles[:3] == ["scorer", "bodyparts", "coords"]:
        levels = [[""] * len(headers[1]), headers[1], headers[2]]
    elif titles == ["scorer", "individuals", "bodyparts", "coords"]:
        levels = headers[1:]
    else:
        raise ValueError("its first lines are not DeepLabCut's: scorer, (individuals,) bodyparts, coords")
    if len({len(level) for level in levels}) > 1:
        raise ValueError("its first lines differ in length")
    columns = _columns(list(zip(*(level[1:] for level in levels), strict=True)))
    skipped = 4 if titles[1] == "individuals" else 3

    def frames() -> Iterator[KeypointFrame]:
        with path.open(encoding="utf-8-sig", newline="") as file:
            yield from _csv_frames(islice(csv.reader(file), skipped, None), columns, len(levels[1]))

    return KeypointFile(names=columns.names, frames=frames)


def _csv_frames(rows: Iterable[Sequence[str]], columns: _Columns, width: int) -> Iterator[KeypointFrame]:
    for place, row in enumerate(rows):
        if len(row) != width:
            raise ValueError(f"row {place + 1} has {len(row)} cells, but the header has {width}")
        values = np.array([float(cell) if cell.strip() else np.nan for cell in row[1:]])
        yield KeypointFrame(_index(row[0], place), columns.people(values))


def _index(cell: str, place: int) -> int:
    """Return the frame number; the index of the row if the first cell is the name of an image."""
    return int(cell) if cell.isdecimal() and len(cell) < 12 else place


# ----------------------------------------------------------------------------------------------------------------- HDF5


class _OnlyData(pickle.Unpickler):
    """Unpickles lists, tuples and strings; rejects references to classes and functions."""

    def find_class(self, module: str, name: str) -> Any:
        raise pickle.UnpicklingError(f"{module}.{name} is not allowed")


def _open_hdf5(path: Path) -> KeypointFile:
    with open_hdf5(path) as file:
        tables = [group["table"] for group in file.values() if "table" in group]
        if len(tables) != 1 or "values_block_0" not in (tables[0].dtype.names or ()):
            raise ValueError("it holds no DeepLabCut table; use the CSV file beside it")
        table_name = tables[0].name
        headers = _unpickled_headers(tables[0].attrs.get("non_index_axes", b""))
    columns = _columns(headers)

    def frames() -> Iterator[KeypointFrame]:
        with open_hdf5(path) as file:
            for place, row in enumerate(rows_of(file[table_name])):
                values = np.asarray(row["values_block_0"], dtype=np.float64)
                if values.shape != (len(headers),):
                    raise ValueError("the number of columns in its table differs from the number of names")
                yield KeypointFrame(int(row["index"]) if "index" in row.dtype.names else place, columns.people(values))

    return KeypointFile(names=columns.names, frames=frames)


def _unpickled_headers(stored: Any) -> list[tuple[str, str, str]]:
    """Return individual, body part and coordinate of each column from what pandas stored."""
    text = bytes(stored)
    if not 0 < len(text) <= _MAX_NAMES_BYTES:
        raise ValueError("its columns have no names")
    try:
        ((_, names),) = _OnlyData(io.BytesIO(text)).load()
        headers = [tuple(str(part) for part in name) for name in names]
    except (pickle.UnpicklingError, ValueError, TypeError, EOFError, IndexError, KeyError, AttributeError) as error:
        raise ValueError("the names of its columns cannot be read; use the CSV file beside it") from error
    if len(headers) > _MOST_COLUMNS or {len(header) for header in headers} not in ({3}, {4}):
        raise ValueError("its columns are not those of DeepLabCut")
    return [("" if len(header) == 3 else header[1], header[-2], header[-1]) for header in headers]


FORMAT = PoseFormat(
    name="deeplabcut",
    schema=TWO_D,
    noise=TWO_D_NOISE,
    title="DeepLabCut's table, .csv or .h5",
    open=_open,
    endings=frozenset({".csv", ".h5"}),
)
